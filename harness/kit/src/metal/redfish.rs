//! Redfish services: what was found of each, and how a test goes from link to link.
//!
//! DSP0266: <https://www.dmtf.org/dsp/DSP0266>.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use assay_record::Lack;
use serde_json::Value;
use url::Url;

use super::RedfishSettings;
use crate::found::Found;
use crate::http::client::{Client, Request};
use crate::http::response::Response;
use crate::json::Json;
use crate::need::{Need, Service};
use crate::outcome::{Evidence, Outcome, Stop, shown};
use crate::session::{Credentials, Role};

/// Where a service's root is.
pub(crate) const ROOT: &str = "/redfish/v1/";
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
        match &self.client.caller.session.cloud().credentials {
            Credentials::HttpBasic { username, password } => Some((username, password)),
            _ => None,
        }
    }

    /// `GET` of a path such as that of an `@odata.id`, as it is now.
    pub fn get(&self, path: &str) -> Request {
        self.client.get(path)
    }

    /// What is at a path, as it is now.
    pub async fn show(&self, path: &str) -> Outcome<Json> {
        self.get(path).require(200).await?.json()
    }

    /// `PATCH` of what is at a path, whatever is answered; with `If-Match` where the service gives an `ETag` (DSP0266,
    /// "`ETags`").
    pub async fn patch(&self, path: &str, changes: &Value) -> Outcome<Response> {
        let patch = || self.client.patch(path).json(changes);
        let now = self.get(path).send().await?;
        let Some(tag) = now.header("etag").map(str::to_owned) else { return patch().send().await };
        let answer = patch().header("If-Match", &tag).send().await?;
        match tag.strip_prefix("W/") {
            // Some services compare as strong what they gave as weak.
            Some(strong) if answer.status() == 412 => patch().header("If-Match", strong).send().await,
            _ => Ok(answer),
        }
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

    /// What each link of an array leads to; nothing where the array is missing.
    pub async fn follow_all(&self, json: &Json, name: &str) -> Outcome<Vec<Json>> {
        let mut found = Vec::new();
        let Some(links) = json.find(name).filter(|links| !links.value().is_null()) else { return Ok(found) };
        for link in links.elements()?.iter().take(LOOKED_AT) {
            found.push(self.visit(&path(link)?).await?);
        }
        Ok(found)
    }

    /// The members of a collection, each with its own resource, following `Members@odata.nextLink`; of a large one the first
    /// 200.
    pub async fn members(&self, collection: &Json) -> Outcome<Vec<Json>> {
        let mut members = Vec::new();
        for path in self.member_paths(collection).await?.iter().take(LOOKED_AT) {
            members.push(self.visit(path).await?);
        }
        Ok(members)
    }

    /// The paths of a collection's members, following `Members@odata.nextLink`.
    pub async fn member_paths(&self, collection: &Json) -> Outcome<Vec<String>> {
        let (mut paths, mut seen) = (Vec::new(), HashSet::new());
        let mut page = collection.clone();
        for _ in 0..PAGES {
            for member in page.get("Members")?.elements()? {
                paths.push(path(&member)?);
            }
            let Some(next) = page.find("Members@odata.nextLink") else { return Ok(paths) };
            let next = match next.value() {
                Value::String(_) => local(&next)?,
                // What services of old send.
                _ => path(&next)?,
            };
            if paths.len() > MEMBERS || !seen.insert(next.clone()) {
                let seen = format!("{} members so far, then {next} again", paths.len());
                return Err(page.fail("the pages of a collection come to an end".into(), None, Some(seen)));
            }
            page = self.show(&next).await?;
        }
        Err(page.fail("the pages of a collection come to an end".into(), None, Some(format!("more than {PAGES}"))))
    }

    /// The path that the header `Location` of an answer names: an address of this service, or a path of it.
    pub fn location(&self, answer: &Response) -> Outcome<String> {
        let location = answer.require_header("location")?;
        let base = Url::parse(&self.client.url("")).ok();
        let inside = base.and_then(|base| {
            let url = base.join(location).ok()?;
            (url.origin() == base.origin()).then(|| url[url::Position::BeforePath..].to_owned())
        });
        inside.ok_or_else(|| {
            let requirement = "the header Location names something of this service".to_owned();
            answer.fail(requirement, None, Some(location.to_owned()))
        })
    }

    /// The systems under test: those that the user names, or all.
    pub async fn systems(&self) -> Outcome<Vec<Json>> {
        let (paths, named) = (self.system_paths().await?, &self.settings.systems);
        let mut found = Vec::new();
        if named.is_empty() {
            for path in paths.iter().take(LOOKED_AT) {
                found.push(self.visit(path).await?);
            }
        }
        for name in named {
            found.extend(self.system(&paths, name).await?.map(|(_, system)| system));
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
        let paths = self.system_paths().await?;
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
            found.push((only.clone(), self.visit(only).await?));
        }
        for name in &self.settings.machines {
            found.push(self.system(&paths, name).await?.ok_or_else(|| {
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

    /// The system that is called so; where several are, the one whose path ends so.
    async fn system(&self, paths: &[String], name: &str) -> Outcome<Option<(String, Json)>> {
        let ends = |path: &str| path.trim_end_matches('/').rsplit('/').next() == Some(name);
        let mut found = Vec::new();
        for path in paths {
            let system = self.visit(path).await?;
            if named(&system, name) {
                found.push((path.clone(), system));
            }
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

    async fn system_paths(&self) -> Outcome<Vec<String>> {
        let root = self.root().await?;
        let Some(collection) = self.follow(&root, "Systems").await? else {
            let reason = format!("Redfish service `{}` offers no systems", self.name());
            return Err(Stop::skip(Lack::feature(Service::Redfish, "Systems"), reason));
        };
        self.member_paths(&collection).await
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
