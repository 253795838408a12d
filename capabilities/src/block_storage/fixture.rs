//! Volumes and snapshots as the tests make them.

use std::time::Duration;

use assay_kit::Planned;
use assay_kit::http::address::encode;
use assay_kit::prelude::*;
use assay_kit::shape::Shape;

use super::shapes;

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

impl Made {
    /// Asks for a volume of one gibibyte with a new name, and with these members besides.
    pub(crate) async fn volume(cx: &Cx, members: &Value) -> Outcome<Self> {
        let name = cx.name("volume");
        Self::new(cx, &VOLUME, &name, json!({"name": name, "size": 1}), members).await
    }

    /// Asks for a volume of one gibibyte without a name, in an availability zone, whose description has special
    /// characters and ends with a new name, by which it can be found.
    pub(super) async fn nameless_volume(cx: &Cx, zone: &Value) -> Outcome<Self> {
        let name = cx.name("volume");
        let body = json!({"description": format!("@#$%^* {name}"), "availability_zone": zone, "size": 1});
        Self::new(cx, &VOLUME, &name, body, &json!({})).await
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
        (self.what.shown)().require(&answer)?;
        answer.get(self.what.one)
    }

    /// Waits until it is available; gives what the service says of it then.
    pub(crate) async fn available(&self, cx: &Cx) -> Outcome<Json> {
        let one = self.what.one;
        cx.wait_until(&format!("the {one} is available"), PATIENCE, || async {
            let shown = self.show(cx).await?;
            let status = shown.get("status")?;
            require!(status, !status.text()?.starts_with("error"), "the {one} does not come to an error");
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
        cx.block_storage()?.delete(&self.path).require(202).await.map(drop)
    }

    /// Waits until it is gone, whose deletion was asked for.
    pub(super) async fn gone(&self, cx: &Cx) -> Outcome {
        let (client, one) = (cx.block_storage()?, self.what.one);
        cx.wait_until(&format!("a deleted {one} is not found any more"), PATIENCE, || async {
            let answer = client.get(&self.path).require([200, 404]).await?;
            if answer.status() == 404 {
                return Ok(Some(()));
            }
            let status = answer.json()?.at([one, "status"])?;
            require!(status, status.value() != "error_deleting", "the deletion of the {one} does not come to an error");
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

/// Records a deviation when a volume or a snapshot of this name is listed by it.
pub(super) async fn expect_unlisted(cx: &Cx, collection: &str, name: &str) -> Outcome {
    let look = async || {
        let list = cx.block_storage()?.get(collection).query("name", name).require(200).await?.json()?;
        let listed = list.get(collection)?.elements()?.iter().any(|listed| listed.value()["name"] == name);
        expect!(list, !listed, "none of the {collection} that are listed is called {name}");
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
        require_eq!(object, object.value().get(key), Some(value), "{what} has the item `{key}`");
    }
    Ok(())
}
