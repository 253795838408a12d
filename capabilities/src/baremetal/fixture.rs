//! Node records as the tests make them, and what the tests have in common.

use std::time::Duration;

use assay_kit::deployment::Found;
use assay_kit::http::address::encode;
use assay_kit::prelude::*;
use assay_kit::{Planned, Request};

use crate::refusal::require_refused;

/// How long a conductor may keep a node to itself before a test changes it.
pub(super) const LOCK: Duration = Duration::from_secs(30);

/// The bare-metal service, as the member sees it, at this microversion.
pub(super) fn at(cx: &Cx, version: &str) -> Outcome<Client> {
    Ok(cx.bare_metal()?.microversion(Service::BareMetal, version))
}

/// The least and the greatest microversion, as numbers behind the `1.`.
pub(super) fn range(cx: &Cx) -> Outcome<(u32, u32)> {
    let Found::Ready { microversions, .. } = cx.deployment().found(Role::Member, Service::BareMetal) else {
        return Err(cx.skip(Lack::service(Service::BareMetal), "there is no bare-metal service"));
    };
    let ends = microversions.as_ref().and_then(|(least, most)| Some((minor(least)?, minor(most)?)));
    ends.ok_or_else(|| {
        cx.skip(Lack::feature(Service::BareMetal, "microversions"), "the baremetal service has no microversions")
    })
}

/// Whether the service has a microversion `1.<minor>`.
pub(super) fn offers(cx: &Cx, minor: u32) -> Outcome<bool> {
    let (least, most) = range(cx)?;
    Ok((least..=most).contains(&minor))
}

/// The number behind the `1.` of a microversion.
pub(super) fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("1.")?.parse().ok()
}

/// A node record that a test made: no machine is behind it.
#[derive(Debug)]
pub(super) struct Node {
    pub name: String,
    pub id: String,
    /// Where it is.
    pub path: String,
    /// What the answer to its creation said of it.
    pub json: Json,
    pub planned: Planned,
}

impl Node {
    /// Enrols one of a new name with these members, of the first driver that takes them. It stays in `enroll`.
    pub(super) async fn enrol(cx: &Cx, ironic: &Client, members: &Value) -> Outcome<Self> {
        let name = cx.name("node");
        let planned = cx.will_create(Resource::new(Kind::Node, &name))?;
        let mut refused = None;
        for driver in drivers(ironic).await? {
            let mut body = json!({"name": name, "driver": driver});
            merge(&mut body, members);
            let answer = patiently(cx, ironic.post("nodes").json(&body)).await?;
            answer.require_status([201, 400])?;
            if answer.status() == 201 {
                let json = answer.json()?;
                let id = json.get("uuid")?.text()?.to_owned();
                planned.created(&id);
                return Ok(Self { path: path("nodes", &id), name, id, json, planned });
            }
            refused = Some(answer);
        }
        Err(match refused {
            Some(answer) => answer
                .require_status(201)
                .err()
                .unwrap_or_else(|| cx.skip(Lack::feature(Service::BareMetal, "driver"), "no driver")),
            None => cx.fail("the service has a driver".into(), Some("one at least".into()), Some("none".into())),
        })
    }

    /// What the service says of it now.
    pub(super) async fn show(&self, ironic: &Client) -> Outcome<Json> {
        show(ironic, &self.path).await
    }
}

/// The names of the drivers. The one that needs no machine comes first.
pub(super) async fn drivers(ironic: &Client) -> Outcome<Vec<String>> {
    let list = ironic.get("drivers").require(200).await?.json()?.get("drivers")?;
    let names = list.elements()?.into_iter().map(|driver| Ok(driver.get("name")?.text()?.to_owned()));
    let mut names: Vec<String> = names.collect::<Outcome<_>>()?;
    names.sort_by_key(|name| name != "fake-hardware");
    Ok(names)
}

/// A path of two segments.
pub(super) fn path(collection: &str, ident: &str) -> String {
    format!("{collection}/{}", encode(ident))
}

/// What the service says of something.
pub(super) async fn show(ironic: &Client, path: &str) -> Outcome<Json> {
    ironic.get(path).require(200).await?.json()
}

/// Adds members to an object.
pub(super) fn merge(object: &mut Value, members: &Value) {
    for (key, value) in members.as_object().into_iter().flatten() {
        object[key] = value.clone();
    }
}

/// The members of a list, over all its pages.
pub(super) async fn all(ironic: &Client, path: &str, query: &[(&str, &str)], key: &str) -> Outcome<Vec<Json>> {
    query.iter().fold(Pages::new(ironic, path).key(key), |pages, (name, value)| pages.query(name, value)).all().await
}

/// The UUIDs of what a list has.
pub(super) fn uuids(list: &[Json]) -> Outcome<Vec<String>> {
    list.iter().map(|one| Ok(one.get("uuid")?.text()?.to_owned())).collect()
}

/// A new hardware address that nobody administers but its user.
pub(super) fn mac(cx: &Cx) -> String {
    let digits = cx.unused_uuid().replace('-', "");
    let pair = |at: usize| &digits[at..at + 2];
    format!("{}2:{}:{}:{}:{}:{}", &digits[..1], pair(2), pair(4), pair(6), pair(8), pair(10))
}

/// Sends a request that changes something, again for a while where a conductor has the node for itself, or where another request
/// is in its way in the service's database: that one is a defect, but it says nothing of what a test is about.
pub(super) async fn patiently(cx: &Cx, request: Request) -> Outcome<Response> {
    let first = request.clone().send().await?;
    if !busy(&first) {
        return Ok(first);
    }
    if contended(&fault(&first)) {
        expect!(first, first.status() < 500, "requests at the same time do not get into each other's way");
    }
    cx.settled(LOCK, || request.clone().send(), |answer| !busy(answer)).await
}

fn busy(answer: &Response) -> bool {
    let locked = answer.status() == 409 && fault(answer).to_ascii_lowercase().contains("locked");
    locked || (answer.status() == 500 && contended(&fault(answer)))
}

/// Whether an error says that another request is in the way in the service's database, as either of two databases says it.
pub(super) fn contended(error: &str) -> bool {
    error.contains("database is locked") || error.contains("Deadlock found")
}

/// What an error says. It is JSON in JSON, or plain JSON.
pub(super) fn fault(answer: &Response) -> String {
    let body: Value = serde_json::from_slice(answer.bytes()).unwrap_or_default();
    let message = &body["error_message"];
    let inner: Value = message.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let told = [&inner["faultstring"], &message["faultstring"], message];
    told.into_iter().find_map(Value::as_str).unwrap_or_default().to_owned()
}

/// Requires that a request is refused with one of these statuses; 409 for a node that is merely busy is asked again. It is
/// promised that the error names what is wrong.
pub(super) async fn refused(
    cx: &Cx,
    request: Request,
    statuses: impl assay_kit::Statuses,
    names: &str,
) -> Outcome<Response> {
    let answer = patiently(cx, request).await?;
    require_refused(&answer, statuses)?;
    let told = fault(&answer);
    if !names.is_empty() {
        let named = told.to_ascii_lowercase().contains(&names.to_ascii_lowercase());
        expect!(answer, named, "the refusal names what is wrong, `{names}`, but it says: {told}");
    }
    Ok(answer)
}

/// Requires that something has these members.
pub(super) fn require_holds(object: &Json, members: &Value, what: &str) -> Outcome {
    for (key, value) in members.as_object().into_iter().flatten() {
        require_eq!(object, object.value().get(key), Some(value), "the `{key}` of {what} reads as it was sent");
    }
    Ok(())
}

/// Requires that these members of a node are what they were.
pub(super) fn require_unchanged(before: &Json, after: &Json, keys: &[&str]) -> Outcome {
    for key in keys {
        require_eq!(after, after.value()[*key], before.value()[*key], "a refused request leaves `{key}` as it was");
    }
    Ok(())
}

/// Requires that there is no node of this name.
pub(super) async fn require_no_node(ironic: &Client, name: &str) -> Outcome {
    let answer = ironic.get(&path("nodes", name)).send().await?;
    require_eq!(answer, answer.status(), 404, "a refused request makes no node");
    Ok(())
}
