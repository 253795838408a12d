//! Redfish services: what was found of each, and how a test goes from link to link.
//!
//! DSP0266: <https://www.dmtf.org/dsp/DSP0266>.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use url::Url;

use super::RedfishWish;
use crate::context::Cx;
use crate::deployment::{Deployment, Found};
use crate::http::client::{Client, Request, join};
use crate::http::response::Response;
use crate::json::Json;
use crate::outcome::{Evidence, Outcome, Stop, shown};
use crate::recorder::TestLog;
use crate::resources::{RedfishMachine, redfish_system};
use crate::session::{Credentials, LoginError, Role};

/// Where a service's root is.
const ROOT: &str = "/redfish/v1/";
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
    pub wish: RedfishWish,
    /// What was found of it at the start.
    pub found: Found,
}

impl RedfishService {
    pub(crate) fn open(&self, client: Client) -> Redfish {
        Redfish { wish: self.wish.clone(), ..Redfish::of(client) }
    }
}

/// A Redfish service, for one test.
#[derive(Debug, Clone)]
pub struct Redfish {
    client: Client,
    wish: RedfishWish,
    /// What was read on the way: no link is followed twice.
    seen: Arc<Mutex<HashMap<String, Json>>>,
}

impl Redfish {
    /// The service that a client is of, whatever the user says of it.
    pub(crate) fn of(client: Client) -> Self {
        Self { client, wish: RedfishWish::default(), seen: Arc::default() }
    }

    /// What the user calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.wish.name
    }

    /// Requests to it; paths are those of `@odata.id`, such as `/redfish/v1/Systems`.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What the user says of it.
    #[must_use]
    pub fn wish(&self) -> &RedfishWish {
        &self.wish
    }

    /// The user and the password of the deployment file; none where nobody is asked for them.
    #[must_use]
    pub fn credentials(&self) -> Option<(&str, &str)> {
        match &self.client.session.cloud().credentials {
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
        let (paths, wished) = (self.system_paths().await?, &self.wish.systems);
        let mut found = Vec::new();
        if wished.is_empty() {
            for path in paths.iter().take(LOOKED_AT) {
                found.push(self.visit(path).await?);
            }
        }
        for name in wished {
            found.extend(self.system(&paths, name).await?);
        }
        if found.is_empty() {
            let reason =
                if wished.is_empty() { "it has none".to_owned() } else { format!("none is {}", wished.join(" or ")) };
            return Err(Stop::Error(format!("Redfish service `{}` has no system to be tested: {reason}", self.name())));
        }
        Ok(found)
    }

    /// The systems that tests may change.
    pub async fn machines(&self) -> Outcome<Vec<Json>> {
        let paths = self.system_paths().await?;
        if self.wish.sole {
            return match paths.as_slice() {
                [only] => Ok(vec![self.visit(only).await?]),
                _ => Err(Stop::Error(format!(
                    "Redfish service `{}` has {} systems, and an inventory names none of them: name the service and its \
                     machines under `redfish` in the deployment file",
                    self.name(),
                    paths.len()
                ))),
            };
        }
        let mut found = Vec::new();
        for name in &self.wish.machines {
            found.push(self.system(&paths, name).await?.ok_or_else(|| {
                Stop::Error(format!(
                    "Redfish service `{}` has no system `{name}`: correct its `machines` in the deployment file",
                    self.name()
                ))
            })?);
        }
        if found.is_empty() {
            return Err(Stop::Skip(format!("no system of `{}` may be changed by tests", self.name())));
        }
        Ok(found)
    }

    /// The system that is called so; the one whose path ends so is looked at first.
    async fn system(&self, paths: &[String], name: &str) -> Outcome<Option<Json>> {
        let ends = |path: &&String| path.rsplit('/').next() == Some(name);
        for path in paths.iter().filter(ends).chain(paths) {
            let system = self.visit(path).await?;
            if named(&system, name) {
                return Ok(Some(system));
            }
        }
        Ok(None)
    }

    async fn system_paths(&self) -> Outcome<Vec<String>> {
        let root = self.root().await?;
        let Some(collection) = self.follow(&root, "Systems").await? else {
            return Err(Stop::Skip(format!("Redfish service `{}` offers no systems", self.name())));
        };
        self.member_paths(&collection).await
    }

    /// The systems that tests may change, announced: each is put back into the state that it is in now, however the test ends.
    /// The test names `RedfishMachine` in `needs` and `RedfishMachines` in `holds`.
    pub async fn machines_to_change(&self, cx: &Cx) -> Outcome<Vec<RedfishMachine>> {
        let mut machines = Vec::new();
        for system in self.machines().await? {
            machines.push(redfish_system::announce(cx, self, &system).await?);
        }
        Ok(machines)
    }
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

/// Whether a system has this as its `Id`, `Name`, `UUID` or path.
fn named(system: &Json, name: &str) -> bool {
    ["Id", "Name", "UUID", "@odata.id"].iter().any(|key| system.value()[*key] == name)
}

impl Deployment {
    /// Looks for each Redfish service.
    pub(crate) async fn look_for_redfish(
        &self,
        wishes: Vec<RedfishWish>,
        log: &Arc<TestLog>,
    ) -> Result<Vec<RedfishService>, LoginError> {
        let services = wishes.into_iter().enumerate().map(|(at, wish)| async move {
            let role = Role::Redfish(u16::try_from(at).unwrap_or(u16::MAX));
            let found = self.look_at_redfish(role, &wish.name, log).await?;
            Ok(RedfishService { role, wish, found })
        });
        futures::future::try_join_all(services).await
    }

    async fn look_at_redfish(&self, role: Role, name: &str, log: &Arc<TestLog>) -> Result<Found, LoginError> {
        let Ok(session) = self.session(role) else {
            return Ok(Found::Absent(format!("Redfish service `{name}` has no account")));
        };
        let endpoint = session.cloud().auth_url.clone();
        let url = join(&endpoint, ROOT);
        let unreachable = |reason: String| Ok(Found::Unreachable(format!("Redfish service `{name}`: {reason}")));
        let answer = match self.ask_as(role, "GET", &url, false, log).await {
            Ok(answer) => answer,
            Err(error) => return unreachable(error.to_string()),
        };
        let root: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status != 200 || !root.is_object() {
            return unreachable(format!("{url} is no service root: it answered {}", answer.status));
        }
        // The root is open to all (DSP0266, "Authentication requirements"); the systems are not.
        if let Some(systems) = root["Systems"]["@odata.id"].as_str() {
            self.let_in(role, &join(&endpoint, systems), log).await?;
        }
        let version = root["RedfishVersion"].as_str().unwrap_or_default().to_owned();
        Ok(Found::Ready { root: endpoint.clone(), api: endpoint, version, microversions: None })
    }
}
