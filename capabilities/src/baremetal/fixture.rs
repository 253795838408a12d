//! Node records as the tests make them, and what the tests have in common.

use std::time::Duration;

use assay_kit::deployment::Found;
use assay_kit::http::address::encode;
use assay_kit::prelude::*;
use assay_kit::{Planned, Request, Statuses};

/// How long a conductor may keep a node to itself before a test changes it.
pub(super) const LOCK: Duration = Duration::from_secs(30);
/// What says that a request is wrong, where the reference names no status for it.
pub(super) const WRONG: [u16; 3] = [400, 409, 422];

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
        let mut body = json!({"name": name});
        merge(&mut body, members);
        let (_, answer) = enrolled(cx, ironic, &body).await?;
        let json = answer.json()?;
        let id = json.get("uuid")?.text()?.to_owned();
        planned.created(&id);
        Ok(Self { path: path("nodes", &id), name, id, json, planned })
    }

    /// What the service says of it now.
    pub(super) async fn show(&self, ironic: &Client) -> Outcome<Json> {
        show(ironic, &self.path).await
    }
}

/// Asks for a node record with these members, of one driver after the other; gives the first that takes it, and the answer.
pub(super) async fn enrolled(cx: &Cx, ironic: &Client, members: &Value) -> Outcome<(String, Response)> {
    let mut refusal = None;
    for driver in drivers(ironic).await? {
        let mut body = members.clone();
        body["driver"] = json!(driver);
        let answer = patiently(cx, ironic.post("nodes").json(&body)).await?;
        answer.require_status([201, 400])?;
        if answer.status() == 201 {
            return Ok((driver, answer));
        }
        refusal = Some(answer);
    }
    let Some(refusal) = refusal else {
        return Err(cx.fail("the service must have a driver".into(), Some("one at least".into()), Some("none".into())));
    };
    let told = fault(&refusal);
    if told.contains("conductor group") {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "conductor without a group"),
            format!("no conductor takes a node that names no conductor group: {told}"),
        ));
    }
    let actual = format!("{}: {told}", refusal.status());
    Err(refusal.fail("one driver at least must take a new node".into(), Some("201".into()), Some(actual)))
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
        expect!(first, first.status() < 500, "requests at the same time should not get into each other's way");
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

/// A request that must be refused.
pub(super) trait Refusal {
    /// Sends it, and requires that it is refused with one of these statuses.
    async fn require_refusal(self, statuses: impl Statuses) -> Outcome<Response>;
}

impl Refusal for Request {
    async fn require_refusal(self, statuses: impl Statuses) -> Outcome<Response> {
        let answer = self.send().await?;
        require_refused(&answer, statuses)?;
        Ok(answer)
    }
}

/// Requires that this is a refusal with one of these statuses. It should be JSON or text.
pub(super) fn require_refused(answer: &Response, statuses: impl Statuses) -> Outcome {
    answer.require_status(statuses)?;
    let given = answer.header("content-type").unwrap_or_default();
    let kind = given.to_ascii_lowercase();
    let is_read = kind.is_empty() || kind.starts_with("application/json") || kind.starts_with("text/");
    expect!(answer, is_read, "a refusal should be JSON or text, but this one is {given}");
    Ok(())
}

/// Requires that a request is refused with one of these statuses; 409 for a node that is merely busy is asked again. The error
/// should name what is wrong.
pub(super) async fn refused(cx: &Cx, request: Request, statuses: impl Statuses, names: &str) -> Outcome<Response> {
    let answer = patiently(cx, request).await?;
    require!(answer, !busy(&answer), "a node must not be locked for {} seconds", LOCK.as_secs());
    require_refused(&answer, statuses)?;
    let told = fault(&answer);
    if !names.is_empty() {
        let named = told.to_ascii_lowercase().contains(&names.to_ascii_lowercase());
        expect!(answer, named, "the refusal should name what is wrong, `{names}`, but it says: {told}");
    }
    Ok(answer)
}

/// The same where the reference names no status: what services answer should be this one.
pub(super) async fn refused_usually(cx: &Cx, request: Request, usual: u16, names: &str) -> Outcome<Response> {
    let answer = refused(cx, request, WRONG, names).await?;
    expect_eq!(answer, answer.status(), usual, "the request should be refused with {usual}");
    Ok(answer)
}

/// Records a deviation unless a request to make something is refused; what was made all the same is removed.
pub(super) async fn expect_refused(cx: &Cx, ironic: &Client, collection: &str, body: &Value, what: &str) -> Outcome {
    let answer = patiently(cx, ironic.post(collection).json(body)).await?;
    expect_eq!(answer, answer.status(), 400, "{what} should be refused");
    if answer.status() == 201 {
        let made = path(collection, answer.json()?.get("uuid")?.text()?);
        patiently(cx, ironic.delete(&made)).await?.require_status(204)?;
    }
    Ok(())
}

/// Requires that something has these members.
pub(super) fn require_holds(object: &Json, members: &Value, what: &str) -> Outcome {
    for (key, value) in members.as_object().into_iter().flatten() {
        require_eq!(object, object.value().get(key), Some(value), "the `{key}` of {what} must be this");
    }
    Ok(())
}

/// Requires that these members of a node are what they were. An error that was there before may be forgotten: the service does
/// so when it looks at the power.
pub(super) fn require_unchanged(before: &Json, after: &Json, keys: &[&str]) -> Outcome {
    for key in keys {
        if *key == "last_error" && after.value()["last_error"].is_null() {
            continue;
        }
        require_eq!(after, after.value()[*key], before.value()[*key], "a refused request must leave `{key}` as it was");
    }
    Ok(())
}

/// The same of a node as it is once no conductor works on it.
pub(super) async fn require_untouched(cx: &Cx, ironic: &Client, path: &str, before: &Json, keys: &[&str]) -> Outcome {
    let rests = |node: &Json| node.value()["reservation"].is_null();
    let after = cx.settled(LOCK, || show(ironic, path), rests).await?;
    require_unchanged(before, &after, keys)
}

/// Requires that there is no node of this name.
pub(super) async fn require_no_node(ironic: &Client, name: &str) -> Outcome {
    let answer = ironic.get(&path("nodes", name)).send().await?;
    require_eq!(answer, answer.status(), 404, "a refused request must make no node");
    Ok(())
}
