//! Volumes and snapshots as the tests make them.

use std::time::Duration;

use assay_kit::http::address::encode;
use assay_kit::pages::{link, query_of};
use assay_kit::prelude::*;
use assay_kit::shape::Shape;
use assay_kit::{Planned, Request, Walk};

use super::shapes;
use super::volume_type::volume_type;
use crate::refusal::require_refused;

/// How long a volume, a snapshot or an image of one may take to change its state.
pub(super) const PATIENCE: Duration = Duration::from_secs(300);

/// A volume or a snapshot that a test made.
#[derive(Debug)]
pub(crate) struct Made {
    pub name: String,
    pub id: String,
    /// Where it is.
    pub path: String,
    /// What the answer to its creation said of it.
    pub json: Json,
    what: &'static What,
    planned: Planned,
}

/// What is made.
#[derive(Debug)]
struct What {
    kind: Kind,
    /// What a body calls one of them, and a name begins with.
    one: &'static str,
    /// The path of all of them.
    all: &'static str,
    created: fn() -> Shape,
    shown: fn() -> Shape,
}

const VOLUME: What =
    What { kind: Kind::Volume, one: "volume", all: "volumes", created: shapes::volume_changed, shown: shapes::volume };

const SNAPSHOT: What = What {
    kind: Kind::Snapshot,
    one: "snapshot",
    all: "snapshots",
    created: shapes::snapshot_changed,
    shown: shapes::snapshot,
};

/// The members of a request for a volume, with the type that volumes have here; one that is made of another has that one's.
async fn typed(cx: &Cx, mut members: Value) -> Outcome<Value> {
    let of_another = ["volume_type", "source_volid", "snapshot_id"].iter().any(|key| members.get(key).is_some());
    if !of_another && let Some(name) = volume_type(cx).await? {
        members["volume_type"] = json!(name);
    }
    Ok(members)
}

impl Made {
    /// Asks for a volume of one gibibyte with a new name, and with these members besides.
    pub(crate) async fn volume(cx: &Cx, members: &Value) -> Outcome<Self> {
        Self::of_any_type(cx, &typed(cx, members.clone()).await?).await
    }

    /// The same, of the type that is among the members, or of the deployment's own choice.
    pub(super) async fn of_any_type(cx: &Cx, members: &Value) -> Outcome<Self> {
        let name = cx.name("volume");
        Self::new(cx, &VOLUME, &name, json!({"name": name, "size": 1}), members).await
    }

    /// Asks for a volume of one gibibyte without a name, in an availability zone, whose description has special
    /// characters and ends with a new name, by which it can be found.
    pub(super) async fn nameless_volume(cx: &Cx, zone: &Value) -> Outcome<Self> {
        let name = cx.name("volume");
        let body = json!({"description": format!("@#$%^* {name}"), "availability_zone": zone, "size": 1});
        Self::new(cx, &VOLUME, &name, typed(cx, body).await?, &json!({})).await
    }

    /// Makes a snapshot of a volume with a new name, and with these members besides.
    pub(super) async fn snapshot(cx: &Cx, volume: &str, members: &Value) -> Outcome<Self> {
        Self::snapshot_named(cx, volume, &cx.name("snapshot"), members).await
    }

    /// Makes a snapshot of a volume with this name, and with these members besides.
    pub(super) async fn snapshot_named(cx: &Cx, volume: &str, name: &str, members: &Value) -> Outcome<Self> {
        let body = json!({"name": name, "volume_id": volume});
        let made = Self::new(cx, &SNAPSHOT, name, body, members).await?;
        made.available(cx).await?;
        Ok(made)
    }

    async fn new(cx: &Cx, what: &'static What, name: &str, mut body: Value, members: &Value) -> Outcome<Self> {
        for (key, value) in members.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        let planned = cx.will_create(Resource::new(what.kind, name))?;
        let answer = cx.block_storage()?.post(what.all).json(&json!({what.one: body})).require(202).await?.json()?;
        let json = answer.get(what.one)?;
        let id = json.get("id")?.text()?.to_owned();
        planned.created(&id);
        (what.created)().require(&answer)?;
        Ok(Self { name: name.to_owned(), path: format!("{}/{}", what.all, encode(&id)), id, json, what, planned })
    }

    /// What the service says of it now.
    pub(crate) async fn show(&self, cx: &Cx) -> Outcome<Json> {
        let answer = cx.block_storage()?.get(&self.path).require(200).await?.json()?;
        self.require_shown(&answer)
    }

    /// What an answer shows of it; ends the test as failed unless that has the right shape.
    fn require_shown(&self, answer: &Json) -> Outcome<Json> {
        (self.what.shown)().require(answer)?;
        let shown = answer.get(self.what.one)?;
        shapes::require_host(&shown)?;
        Ok(shown)
    }

    /// Waits until it is available; gives what the service says of it then.
    pub(crate) async fn available(&self, cx: &Cx) -> Outcome<Json> {
        let one = self.what.one;
        cx.wait_until(&format!("the {one} must become available"), PATIENCE, || async {
            let shown = self.show(cx).await?;
            let status = shown.get("status")?;
            let broken = status.text()?.starts_with("error");
            require!(status, !broken, "the {one} must become available, and must not get the status of an error");
            Ok((status.value() == "available").then_some(shown))
        })
        .await
    }

    /// Updates it; gives what the answer says of it.
    pub(super) async fn update(&self, cx: &Cx, members: &Value) -> Outcome<Json> {
        let one = self.what.one;
        let answer = cx.block_storage()?.put(&self.path).json(&json!({one: members})).require(200).await?.json()?;
        (self.what.created)().require(&answer)?;
        answer.get(one)
    }

    /// Asks for its deletion.
    pub(super) async fn delete(&self, cx: &Cx) -> Outcome {
        done(cx.block_storage()?.delete(&self.path), 202).await
    }

    /// Deletes it, and waits until it is gone: a deletion that is accepted and does nothing ends the test as failed.
    pub(super) async fn remove(&self, cx: &Cx) -> Outcome {
        self.delete(cx).await?;
        self.gone(cx).await
    }

    /// Waits until it is gone, whose deletion was asked for.
    pub(super) async fn gone(&self, cx: &Cx) -> Outcome {
        let (client, one) = (cx.block_storage()?, self.what.one);
        cx.wait_until(&format!("a deleted {one} must not be found any more"), PATIENCE, || async {
            let answer = client.get(&self.path).require([200, 404]).await?;
            if answer.status() == 404 {
                require_refused(&answer, 404)?;
                return Ok(Some(()));
            }
            let status = self.require_shown(&answer.json()?)?.get("status")?;
            let broken = status.value() == "error_deleting";
            require!(status, !broken, "a deleted {one} must go, and must not get the status `error_deleting`");
            Ok(None)
        })
        .await?;
        self.planned.removed();
        Ok(())
    }

    /// Records a deviation unless none has its name.
    pub(super) async fn expect_unlisted(&self, cx: &Cx) -> Outcome {
        expect_unlisted(cx, self.what.all, &self.name).await
    }
}

/// Sends a request that must be answered with this status and without a body.
pub(super) async fn done(request: Request, status: u16) -> Outcome {
    let answer = request.require(status).await?;
    require!(answer, answer.bytes().is_empty(), "{answer} must answer without a body");
    Ok(())
}

/// A list, as far as it was read.
#[derive(Debug)]
pub(super) struct Listed {
    /// What the last page has that was read.
    pub last: Json,
    /// What all pages have that were read.
    pub entries: Vec<Json>,
    /// Whether there are more pages.
    pub goes_on: bool,
}

impl Listed {
    /// The ids of the entries, in their order.
    pub(super) fn ids(&self) -> Outcome<Vec<String>> {
        self.entries.iter().map(|listed| Ok(listed.get("id")?.text()?.to_owned())).collect()
    }
}

/// Reads the list at this path with these parameters, and checks each page: the first one, and the next ones as long as
/// one of these ids is missing, since others in the project may take up any number of pages.
pub(super) async fn read_list(
    cx: &Cx,
    path: &str,
    parameters: &[(&str, &str)],
    check: impl Fn(&Json) -> Outcome,
    ids: &[&str],
) -> Outcome<Listed> {
    let (client, key) = (cx.block_storage()?, path.split('/').next().unwrap_or(path));
    let mut request = parameters.iter().fold(client.get(path), |request, (name, value)| request.query(name, value));
    let (mut walk, mut entries) = (Walk::default(), Vec::<Json>::new());
    loop {
        let answer = request.require(200).await?;
        let page = answer.json()?;
        check(&page)?;
        let last = page.get(key)?;
        entries.extend(last.elements()?);
        let next = link(page.value(), key);
        let complete = ids.iter().all(|id| entries.iter().any(|listed| listed.value()["id"] == **id));
        let Some(next) = next.filter(|_| !complete) else {
            return Ok(Listed { last, entries, goes_on: next.is_some() });
        };
        let query = query_of(next);
        let walked = walk.read(last.length()?, answer.bytes().len()).and_then(|()| walk.go(query));
        walked.map_err(|endless| {
            let requirement = "the pages of a list must come to an end".to_owned();
            last.fail(requirement, None, Some(endless.to_string()))
        })?;
        request = client.get(&format!("{path}?{query}"));
    }
}

/// Records a deviation when a volume or a snapshot of this name is listed by it.
pub(super) async fn expect_unlisted(cx: &Cx, collection: &str, name: &str) -> Outcome {
    let look = async || {
        let list = cx.block_storage()?.get(collection).query("name", name).require(200).await?.json()?;
        let listed = list.get(collection)?.elements()?.iter().any(|listed| listed.value()["name"] == name);
        expect!(list, !listed, "the list of {collection} should have none with the name {name}");
        Ok(())
    };
    beyond(cx, look().await).map(drop)
}

/// What was seen beyond what the published test looks at: a requirement that does not hold there is a deviation only.
pub(super) fn beyond<T>(cx: &Cx, seen: Outcome<T>) -> Outcome<Option<T>> {
    match seen {
        Err(Stop::Fail(finding)) => {
            cx.deviate(finding.requirement, finding.expected, finding.actual);
            Ok(None)
        }
        other => other.map(Some),
    }
}

/// The ids of a list, in its order.
pub(super) fn ids(list: &Json) -> Outcome<Vec<String>> {
    list.elements()?.iter().map(|listed| Ok(listed.get("id")?.text()?.to_owned())).collect()
}

/// Ends the test as failed unless the object has these members.
pub(super) fn require_holds(object: &Json, members: &Value, what: &str) -> Outcome {
    for (key, value) in members.as_object().into_iter().flatten() {
        require_eq!(object, object.value().get(key), Some(value), "{what} must have the item `{key}`, as it was given");
    }
    Ok(())
}
