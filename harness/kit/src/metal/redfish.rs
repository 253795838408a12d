//! Redfish services: what was found of each, and how a test goes from link to link.
//!
//! DSP0266: <https://www.dmtf.org/dsp/DSP0266>.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use assay_record::Lack;
use serde_json::Value;
use url::Url;

use super::RedfishSettings;
use super::etag::{ETag, READ_AGAIN, Refused, Tried, refuses_tag};
use super::links::{self, make_paths};
use super::patience::{Sign, until_free};
use crate::found::Found;
use crate::http::client::{Client, Request};
use crate::http::response::Response;
use crate::json::Json;
use crate::need::{Need, Service};
use crate::outcome::{Evidence, Outcome, Stop, shown};
use crate::session::{ROOT, Role};

/// The states of the power (`Resource`, `PowerState`).
const POWER_STATES: [&str; 5] = ["On", "Off", "PoweringOn", "PoweringOff", "Paused"];
/// How many pages a collection may have, and how many members: a service that links in a circle has more.
const PAGES: usize = 200;
const MEMBERS: usize = 10_000;
/// How many members of a collection are looked at, each with a request of its own.
const LOOKED_AT: usize = 200;

/// A Redfish service under test.
#[derive(Debug, Clone)]
pub struct RedfishService {
    /// Its account.
    pub role: Role,
    /// What the user says of it.
    pub settings: RedfishSettings,
    /// What was found of it at the start.
    pub found: Found,
}

impl RedfishService {
    pub(crate) fn open(&self, client: Client) -> Redfish {
        Redfish { settings: self.settings.clone(), ..Redfish::of(client) }
    }

    /// Why a test that needs this cannot run on this service.
    pub(crate) fn lacks(&self, need: Need) -> Option<Stop> {
        match &self.found {
            Found::Absent(reason) => Some(Stop::skip(Lack::service(Service::Redfish), reason)),
            Found::Unreachable(reason) => Some(Stop::Error(reason.clone())),
            Found::Ready { .. } => {
                let none = self.settings.machines.is_empty() && !self.settings.sole;
                (none && need == Need::RedfishMachine).then(|| no_machine(&self.settings.name))
            }
        }
    }
}

/// A Redfish service, for one test.
#[derive(Debug, Clone)]
pub struct Redfish {
    client: Client,
    settings: RedfishSettings,
    /// What was read on the way: no link is followed twice.
    seen: Arc<Mutex<HashMap<String, Json>>>,
}

impl Redfish {
    /// The service that a client is of, whatever the user says of it.
    pub(crate) fn of(client: Client) -> Self {
        Self { client, settings: RedfishSettings::default(), seen: Arc::default() }
    }

    /// What the user calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Requests to it; paths are those of `@odata.id`, such as `/redfish/v1/Systems`.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What the user says of it.
    #[must_use]
    pub fn settings(&self) -> &RedfishSettings {
        &self.settings
    }

    /// The user and the password of the deployment file; none where nobody is asked for them.
    #[must_use]
    pub fn credentials(&self) -> Option<(&str, &str)> {
        self.client.caller.session.cloud().credentials.user()
    }

    /// `GET` of a path such as that of an `@odata.id`, as it is now.
    pub fn get(&self, path: &str) -> Request {
        self.client.get(path)
    }

    /// What is at a path, as it is now.
    pub async fn show(&self, path: &str) -> Outcome<Json> {
        self.read(&self.get(path).require(200).await?)
    }

    /// What an answer holds, its links as paths of the service and its power state as its schema writes it. What is written
    /// otherwise is told once.
    pub fn read(&self, answer: &Response) -> Outcome<Json> {
        let json = answer.json()?;
        let Ok(from) = Url::parse(answer.url()) else { return Ok(json) };
        let mut value = json.value().clone();
        if let Some(written) = make_paths(&mut value, &from) {
            let (promise, form) = ("a link should be a path of this service", "a path that begins with /redfish/");
            json.deviate_once(promise.into(), Some(form.into()), Some(shown(&written)));
        }
        let power = value["PowerState"].as_str().unwrap_or_default();
        let known = POWER_STATES.into_iter().find(|state| state.eq_ignore_ascii_case(power) && *state != power);
        if let Some(known) = known {
            let promise = "`PowerState` should be written as its schema writes it";
            json.deviate_once(promise.into(), Some(known.into()), Some(shown(power)));
            value["PowerState"] = known.into();
        }
        Ok(json.with(value))
    }

    /// `PATCH` of what is at a path, whatever is answered; with `If-Match` where the service gives an `ETag` (DSP0266,
    /// "`ETags`").
    ///
    /// What services make of their own tags differs: while one says that the tag is wrong, or that it wants one, it is asked in
    /// another way. Such an answer says that nothing was changed. It is a deviation that it takes another tag than it gave, and
    /// so is one that takes none.
    async fn patch(&self, path: &str, body: &str) -> Outcome<Response> {
        let mut last = match self.patch_as_read(path, body, None).await? {
            Tried::Taken(answer) => return Ok(answer),
            Tried::Refused(last) => last,
        };
        // Somebody may have changed it in the meantime, or the service gives another tag at each look.
        for _ in 0..READ_AGAIN {
            let again = self.patch_as_read(path, body, Some(&last.tag));
            let tried = self.client.caller.session.transport().alone(again).await?;
            match tried {
                Tried::Taken(answer) => return Ok(answer),
                Tried::Refused(again) if again.tag == last.tag => break,
                Tried::Refused(again) => last = again,
            }
        }
        // Whatever the tag is; and without one, for nobody can know what it wants.
        for tag in [Some("*"), None] {
            if !last.is_tried(tag) {
                let answer = self.send_patch(&last.path, body, tag).await?;
                if !refuses_tag(&answer) {
                    last.tell(&answer, tag.unwrap_or("no If-Match"));
                    return Ok(answer);
                }
                last.answer = answer;
            }
        }
        last.tell(&last.answer, "refused in each form");
        Ok(last.answer)
    }

    /// Reads what is at a path, and asks for a change with the tag that was given, in the forms that services take it in; unless
    /// it is this one, which was refused before.
    async fn patch_as_read(&self, path: &str, body: &str, known: Option<&Option<ETag>>) -> Outcome<Tried> {
        let now = self.get(path).send().await?;
        // It is changed where it was read: who leads reads elsewhere may refuse to be asked for changes here.
        let led = self.path_of(now.url()).filter(|_| now.status() == 200);
        let path = led.unwrap_or_else(|| path.to_owned());
        let tag = ETag::of(&now);
        let forms = match &tag {
            _ if known == Some(&tag) => Vec::new(),
            Some(tag) => tag.forms().into_iter().map(Some).collect(),
            None => vec![None],
        };
        let mut last = Refused { answer: now, tag, path };
        for (at, form) in forms.iter().enumerate() {
            let answer = self.send_patch(&last.path, body, form.as_deref()).await?;
            if !refuses_tag(&answer) {
                // Where it is not in the header, it is taken from the body.
                let as_given = at == 0 && last.tag.as_ref().is_none_or(|tag| tag.in_header);
                if !as_given {
                    last.tell(&answer, form.as_deref().unwrap_or("no If-Match"));
                }
                return Ok(Tried::Taken(answer));
            }
            last.answer = answer;
        }
        Ok(Tried::Refused(last))
    }

    async fn send_patch(&self, path: &str, body: &str, tag: Option<&str>) -> Outcome<Response> {
        let patch = self.client.patch(path).body("application/json", body.to_owned());
        match tag {
            Some(tag) => patch.header("If-Match", tag).send().await,
            None => patch.send().await,
        }
    }

    /// `PATCH`, asked again while the service is busy with what is changed.
    pub async fn change(&self, path: &str, changes: &Value) -> Outcome<Response> {
        let body = changes.to_string();
        let answer = self.free(path, Sign::Conflict, || self.patch(path, &body)).await?;
        if (200..300).contains(&answer.status()) {
            self.client.guard.note_asked(self.client.role(), path, changes);
        }
        Ok(answer)
    }

    /// `PATCH` with what must be refused: it is asked again only while the service says that it is busy.
    pub async fn attempt(&self, path: &str, changes: &Value) -> Outcome<Response> {
        self.attempt_text(path, &changes.to_string()).await
    }

    /// The same with a text, which need not be JSON.
    pub async fn attempt_text(&self, path: &str, body: &str) -> Outcome<Response> {
        self.free(path, Sign::Words, || self.patch(path, body)).await
    }

    /// `POST` to the target of an action, asked again while the service is busy with what it acts on.
    pub async fn act(&self, target: &str, parameters: &Value) -> Outcome<Response> {
        self.free(target, Sign::Conflict, || self.client.post(target).json(parameters).send()).await
    }

    /// The same with what may be refused for good: it is asked again only while the service says that it is busy.
    pub async fn ask(&self, target: &str, parameters: &Value) -> Outcome<Response> {
        self.free(target, Sign::Words, || self.client.post(target).json(parameters).send()).await
    }

    async fn free<F>(&self, path: &str, sign: Sign, ask: impl Fn() -> F) -> Outcome<Response>
    where
        F: Future<Output = Outcome<Response>>,
    {
        Box::pin(until_free(self.client.caller.session.transport(), path, sign, ask)).await
    }

    /// The service root.
    pub async fn root(&self) -> Outcome<Json> {
        self.visit(ROOT).await
    }

    /// What is at a path, as it was when it was read first.
    async fn visit(&self, path: &str) -> Outcome<Json> {
        let known = self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let found = self.show(path).await?;
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), found.clone());
        Ok(found)
    }

    /// The path of the link of that name; none where the service does not offer it.
    pub fn path(&self, json: &Json, name: &str) -> Outcome<Option<String>> {
        let Some(link) = json.find(name).filter(|link| !link.value().is_null()) else { return Ok(None) };
        path(&link).map(Some)
    }

    /// What the link of that name leads to; none where the service does not offer it. A link that leads nowhere is a breach:
    /// it was offered.
    pub async fn follow(&self, json: &Json, name: &str) -> Outcome<Option<Json>> {
        match self.path(json, name)? {
            Some(path) => self.visit(&path).await.map(Some),
            None => Ok(None),
        }
    }

    /// What each link of an array leads to; nothing where the array is missing. A link that leads nowhere is passed over.
    pub async fn follow_all(&self, json: &Json, name: &str) -> Outcome<Vec<Json>> {
        match json.find(name).map(|links| links.elements()) {
            Some(Ok(links)) => self.reached(&links).await,
            _ => Ok(Vec::new()),
        }
    }

    /// The members of a collection, each with its own resource, following `Members@odata.nextLink`; of a large one the first
    /// 200. One that cannot be read is passed over.
    pub async fn members(&self, collection: &Json) -> Outcome<Vec<Json>> {
        self.reached(&self.listed(collection).await?).await
    }

    /// What these links lead to. One that leads nowhere is passed over: one test tells of it, and the others go on with the
    /// rest.
    async fn reached(&self, links: &[Json]) -> Outcome<Vec<Json>> {
        let mut found = Vec::new();
        for link in links.iter().take(LOOKED_AT) {
            let read = match path(link) {
                Ok(path) => self.visit(&path).await,
                Err(stop) => Err(stop),
            };
            match read {
                Ok(json) => found.push(json),
                Err(Stop::Fail(_)) => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(found)
    }

    /// The paths of a collection's members, following `Members@odata.nextLink`. An invalid member is passed over.
    pub async fn member_paths(&self, collection: &Json) -> Outcome<Vec<String>> {
        Ok(self.member_links(collection).await?.into_iter().filter_map(Result::ok).collect())
    }

    /// The path of each member of a collection, following `Members@odata.nextLink`, or what is wrong with it.
    pub async fn member_links(&self, collection: &Json) -> Outcome<Vec<Outcome<String>>> {
        Ok(self.listed(collection).await?.iter().map(path).collect())
    }

    /// The members of a collection as its pages list them.
    async fn listed(&self, collection: &Json) -> Outcome<Vec<Json>> {
        let (mut members, mut seen) = (Vec::new(), HashSet::new());
        let mut page = collection.clone();
        for _ in 0..PAGES {
            members.extend(page.get("Members")?.elements()?);
            let Some(next) = page.find("Members@odata.nextLink") else { return Ok(members) };
            let next = match next.value() {
                Value::String(_) => local(&next)?,
                // What services of old send.
                _ => path(&next)?,
            };
            if members.len() > MEMBERS || !seen.insert(next.clone()) {
                let seen = format!("{} members so far, then {next} again", members.len());
                return Err(page.fail("the pages of a collection come to an end".into(), None, Some(seen)));
            }
            page = self.show(&next).await?;
        }
        Err(page.fail("the pages of a collection come to an end".into(), None, Some(format!("more than {PAGES}"))))
    }

    /// The path that the header `Location` of an answer names: an address of this service, or a path of it.
    pub fn location(&self, answer: &Response) -> Outcome<String> {
        let location = answer.require_header("location")?;
        // It may be relative to what was asked (RFC 9110, section 10.2.2).
        let from = Url::parse(answer.url()).ok();
        let relative = from.and_then(|from| links::path(location, &from));
        relative.or_else(|| self.path_of(location)).ok_or_else(|| {
            let requirement = "the header Location names something of this service".to_owned();
            answer.fail(requirement, None, Some(location.to_owned()))
        })
    }

    /// The path of an address of this service. A service may know itself by another name than the user does; it is asked
    /// under the name that the user gives.
    #[must_use]
    pub fn path_of(&self, address: &str) -> Option<String> {
        let base = Url::parse(&self.client.url("")).ok()?;
        let url = base.join(address).ok()?;
        let own = url.origin() == base.origin() || url.path().starts_with(ROOT);
        own.then(|| url[url::Position::BeforePath..].to_owned())
    }

    /// The systems under test: those that the user names, or all.
    pub async fn systems(&self) -> Outcome<Vec<Json>> {
        let (listed, named) = (self.listed_systems().await?, &self.settings.systems);
        let paths: Vec<_> = listed.iter().map(path).collect();
        // One that leads nowhere keeps no other from being tested.
        let all_broken = paths.iter().all(Result::is_err);
        let paths = paths.into_iter().filter(|path| all_broken || path.is_ok()).collect::<Outcome<Vec<_>>>()?;
        let (mut found, mut broken) = (Vec::new(), None);
        if named.is_empty() {
            for path in paths.iter().take(LOOKED_AT) {
                match self.visit(path).await {
                    Ok(system) => found.push(system),
                    Err(stop @ Stop::Fail(_)) => broken = broken.or(Some(stop)),
                    Err(stop) => return Err(stop),
                }
            }
        }
        for name in named {
            found.extend(self.system(&paths, name, None).await?.map(|(_, system)| system));
        }
        if let Some(broken) = broken.filter(|_| found.is_empty()) {
            return Err(broken);
        }
        if found.is_empty() {
            let reason =
                if named.is_empty() { "it has none".to_owned() } else { format!("none is {}", named.join(" or ")) };
            return Err(Stop::Error(format!("Redfish service `{}` has no system to be tested: {reason}", self.name())));
        }
        Ok(found)
    }

    /// The systems that a test reads: those that tests may change, or those that the user names, or the first.
    pub async fn systems_to_read(&self) -> Outcome<Vec<Json>> {
        if !self.settings.machines.is_empty() {
            return self.machines().await;
        }
        let mut systems = self.systems().await?;
        if self.settings.systems.is_empty() {
            systems.truncate(1);
        }
        Ok(systems)
    }

    /// The systems that tests may change. Every other one is barred from changes from now on, whatever links to it.
    pub async fn machines(&self) -> Outcome<Vec<Json>> {
        // Each that is changed is known by its path.
        let (mut paths, mut broken) = (Vec::new(), None);
        for link in &self.listed_systems().await? {
            match path(link) {
                Ok(path) => paths.push(path),
                Err(stop) => broken = Some(stop),
            }
        }
        let mut found = Vec::new();
        if self.settings.sole {
            let [only] = paths.as_slice() else {
                return Err(Stop::Error(format!(
                    "Redfish service `{}` has {} systems, and an inventory names none of them: name the service and its \
                     machines under `redfish` in the deployment file",
                    self.name(),
                    paths.len()
                )));
            };
            if let Some(broken) = broken.clone() {
                return Err(broken);
            }
            found.push((only.clone(), self.visit(only).await?));
        }
        for name in &self.settings.machines {
            found.push(self.system(&paths, name, broken.clone()).await?.ok_or_else(|| {
                Stop::Error(format!(
                    "Redfish service `{}` has no system `{name}`: correct its `machines` in the deployment file",
                    self.name()
                ))
            })?);
        }
        let role = self.client.role();
        for path in paths.iter().filter(|path| !found.iter().any(|(listed, _)| same(listed, path))) {
            self.client.guard.bar(role, path);
        }
        if broken.is_some() {
            self.client.guard.bar_unknown(role);
        }
        for (path, system) in &found {
            let told = system.value()["@odata.id"].as_str().unwrap_or_default();
            if !same(told, path) {
                return Err(system.fail(
                    "a system tells its own path".into(),
                    Some(path.clone()),
                    Some(shown(&system.value()["@odata.id"])),
                ));
            }
            self.client.guard.lend(role, path);
        }
        if found.is_empty() {
            return Err(no_machine(self.name()));
        }
        Ok(found.into_iter().map(|(_, system)| system).collect())
    }

    /// The system that is called so; where several are, the one whose path ends so. Beside these paths there may be one that
    /// cannot be read.
    async fn system(&self, paths: &[String], name: &str, mut broken: Option<Stop>) -> Outcome<Option<(String, Json)>> {
        let ends = |path: &str| path.trim_end_matches('/').rsplit('/').next() == Some(name);
        let mut found = Vec::new();
        for path in paths {
            match self.visit(path).await {
                Ok(system) if named(&system, name) => found.push((path.clone(), system)),
                Ok(_) => {}
                Err(stop @ Stop::Fail(_)) => broken = broken.or(Some(stop)),
                Err(stop) => return Err(stop),
            }
        }
        // One that cannot be read may be the one that is meant, unless that is told by more than a name.
        let certain = |(path, system): &(String, Json)| ends(path) || system.value()["Name"] != name;
        if let Some(broken) = broken.filter(|_| !found.iter().any(certain)) {
            return Err(broken);
        }
        // Names need not be unique; the id at the end of a path is.
        if let Some(at) = found.iter().position(|(path, _)| ends(path)) {
            return Ok(Some(found.swap_remove(at)));
        }
        if found.len() > 1 {
            let paths: Vec<_> = found.iter().map(|(path, _)| path.as_str()).collect();
            return Err(Stop::Error(format!(
                "Redfish service `{}` has several systems called `{name}` ({}): list the one that is meant by its `Id` or \
                 `UUID` in the deployment file",
                self.name(),
                paths.join(", ")
            )));
        }
        Ok(found.pop())
    }

    /// The systems as they are listed.
    async fn listed_systems(&self) -> Outcome<Vec<Json>> {
        let root = self.root().await?;
        let Some(collection) = self.follow(&root, "Systems").await? else {
            let reason = format!("Redfish service `{}` offers no systems", self.name());
            return Err(Stop::skip(Lack::feature(Service::Redfish, "Systems"), reason));
        };
        self.listed(&collection).await
    }
}

fn no_machine(service: &str) -> Stop {
    let reason = format!(
        "needs a system that tests may change: list one under `machines` of `{service}` in the deployment file"
    );
    Stop::skip(Lack::machine(Service::Redfish), reason)
}

/// Where a link leads: a path of the service that gave it.
fn path(link: &Json) -> Outcome<String> {
    local(&link.get("@odata.id")?)
}

/// A text that is a path of the service that gave it: credentials must not go elsewhere.
fn local(json: &Json) -> Outcome<String> {
    let text = json.value().as_str().unwrap_or_default();
    if !text.starts_with('/') || text.starts_with("//") {
        return Err(json.fail(
            format!("{} is a path of this service", json.place()),
            Some("a path that begins with /redfish/".into()),
            Some(shown(json.value())),
        ));
    }
    Ok(text.to_owned())
}

/// Whether two paths are the same: a slash at the end and the case of letters make no difference.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}

/// Whether a system has this as its `Id`, `Name`, `UUID` or path.
fn named(system: &Json, name: &str) -> bool {
    ["Id", "Name", "UUID", "@odata.id"].iter().any(|key| system.value()[*key] == name)
}
