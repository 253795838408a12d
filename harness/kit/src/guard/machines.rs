//! Machines: only what the deployment file of this command lists, and what belongs to it.
//!
//! Redfish names everything by links, which the service gives. A link that leads to another machine is not followed by a
//! change, whatever it is called.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use assay_text::excerpt;
use chrono::{TimeDelta, Utc};
use serde_json::Value;

use super::course::Course;
use super::path::{is_within, plain};
use super::{Guard, Path, Proved, Wanted, refuse};
use crate::clock::{APART, time};
use crate::http::Caller;
use crate::http::address::encode;
use crate::http::response::without_mark;
use crate::journal::State;
use crate::need::Service;
use crate::outcome::{Outcome, Stop};
use crate::resources::facts::Proof;
use crate::resources::{Kind, Resource};
use crate::session::Role;

/// Where what is recorded of users stands (DSP0266, "URIs"): such services are nobody's machine.
const SERVICES: [&str; 3] = ["SessionService", "AccountService", "EventService"];

/// A node that a test has for itself: what it was is journalled.
#[derive(Debug)]
pub(super) struct TakenNode {
    test: String,
    resource: Resource,
    course: Course,
}

impl Guard {
    /// Notes that a test, or a sweep, has a listed node for itself, until it is put back.
    pub(crate) fn takes(&self, test: &str, resource: &Resource) {
        if let Some(id) = &resource.id {
            let taken = TakenNode { test: test.to_owned(), resource: resource.clone(), course: Course::of(resource) };
            self.known().taken.insert(id.clone(), taken);
        }
    }

    /// Notes that a node is as it was again: no test has it.
    pub(crate) fn gives_back(&self, id: &str) {
        self.known().taken.remove(id);
    }

    /// Why a listed node is not to be changed, as it is now: somebody else has taken it since the run found it.
    pub(crate) async fn strays(&self, caller: &Caller, resource: &Resource) -> Outcome<Option<String>> {
        let Some(id) = &resource.id else { return Ok(None) };
        let course = self.known().taken.get(id).map(|taken| taken.course.clone());
        let course = course.unwrap_or_else(|| Course::of(resource));
        self.departs(caller, id, &course).await
    }

    async fn departs(&self, caller: &Caller, id: &str, course: &Course) -> Outcome<Option<String>> {
        let Some(api) = self.api(caller.role(), Service::BareMetal) else {
            return Ok(Some("there is no bare-metal service to read it from".into()));
        };
        let owner = caller.at(api).microversion(Service::BareMetal, "latest");
        let path = format!("nodes/{}", encode(id));
        let shown = Box::pin(async move { owner.read("GET", &path).await }).await?;
        if shown.status() != 200 {
            return Ok(Some(format!("{shown} answered {}", shown.status())));
        }
        let node: Value = serde_json::from_slice(shown.bytes()).unwrap_or_default();
        if node["uuid"] != id {
            return Ok(Some(format!("{shown} describes another machine")));
        }
        if let Some(instance) = course.new_instance(&node)
            && self.prove(caller, Kind::Allocation, instance).await? != Proved::Yes
        {
            return Ok(Some(format!("it belongs to the instance `{}`, which the run did not make", excerpt(instance))));
        }
        Ok(course.departs(self.run(), &node))
    }

    /// Ends the test unless a listed node may be changed so: it is the test's own for now, it is where the run has led it, and it
    /// stays enrolled. It is read right before each change, for others may take it at any time.
    pub(super) async fn weigh_node(&self, caller: &Caller, wanted: &Wanted<'_>, id: &str) -> Outcome {
        let place = self.place(caller, wanted.url).map(|(_, _, path)| path.segments).unwrap_or_default();
        let segments: Vec<&str> = place.iter().map(String::as_str).collect();
        let refused =
            |why: &str| Err(refuse(caller, wanted, &format!("the deployment file lists the machine {id}: {why}")));
        match segments.as_slice() {
            ["nodes", _] if wanted.method == "DELETE" => return refused("it stays enrolled"),
            ["nodes" | "allocations", ..] => {}
            _ => return refused("its ports and what else belongs to it stay as they are"),
        }
        let own = |taken: &&TakenNode| taken.test == caller.log.id();
        let course = self.known().taken.get(id).filter(own).map(|taken| taken.course.clone());
        let course = match course {
            Some(course) => course,
            // Parts of a node are put back without it.
            None if self.since().is_some() => Course::default(),
            None => return refused("this test has not taken it"),
        };
        if let Some(why) = self.departs(caller, id, &course).await? {
            return refused(&why);
        }
        if let ["nodes", _, "states", "provision"] = segments.as_slice() {
            let body: Value = serde_json::from_slice(wanted.body).unwrap_or_default();
            if let Some(verb) = body["target"].as_str() {
                return self.will_ask(caller, id, verb);
            }
        }
        Ok(())
    }

    /// Notes, in the journal too, that the run is about to ask for a change of a node's provision state: what somebody else has
    /// asked for is theirs.
    fn will_ask(&self, caller: &Caller, id: &str, verb: &str) -> Outcome {
        let resource = {
            let mut known = self.known();
            let Some(taken) = known.taken.get_mut(id) else { return Ok(()) };
            let Some(previous) = taken.course.asks(verb) else { return Ok(()) };
            taken.resource.previous = Some(previous);
            taken.resource.clone()
        };
        let journal = caller.log.recorder().journal();
        journal.write(caller.log.id(), &resource, State::Created, None).map_err(Stop::Error)
    }

    /// Notes a node of the bare-metal service that the user lists.
    pub(crate) fn lend_node(&self, id: &str) {
        self.known().nodes.insert(id.to_owned());
    }

    /// Whether the user lists a node of the bare-metal service.
    pub(crate) fn is_lent_node(&self, id: &str) -> bool {
        self.known().nodes.contains(id)
    }

    /// Whether something belongs to a system of a Redfish service that the user lists.
    pub(crate) fn is_lent(&self, role: Role, path: &str) -> bool {
        let known = self.known();
        let within = |of: &HashMap<Role, HashSet<String>>| {
            of.get(&role).into_iter().flatten().any(|owner| is_within(path, owner))
        };
        plain(path).is_some() && within(&known.lent) && !within(&known.foreign)
    }

    /// Notes what belongs to a system of a Redfish service that the user lists: its own path, or that of what it links to.
    pub(crate) fn lend(&self, role: Role, path: &str) {
        if let Some(path) = plain(path) {
            self.known().lent.entry(role).or_default().insert(path);
        }
    }

    /// Notes a drive for virtual media of such a system: one of its own, or of its manager.
    pub(crate) fn lend_slot(&self, role: Role, path: &str) {
        if path.split('/').any(|part| part.eq_ignore_ascii_case("VirtualMedia")) {
            self.lend(role, path);
        }
    }

    /// Notes a system of a Redfish service that the user does not list.
    pub(crate) fn bar(&self, role: Role, path: &str) {
        if let Some(path) = plain(path) {
            self.known().foreign.entry(role).or_default().insert(path);
        }
    }

    /// Notes that a Redfish service has a system whose path nobody knows. It cannot be barred by name, and it is nobody's to change.
    pub(crate) fn bar_unknown(&self, role: Role) {
        self.known().unknown.insert(role);
    }

    /// Whether a Redfish service has systems that the user does not list.
    pub(crate) fn has_neighbours(&self, role: Role) -> bool {
        let known = self.known();
        known.unknown.contains(&role) || known.foreign.get(&role).is_some_and(|foreign| !foreign.is_empty())
    }

    /// Notes properties that something was asked to have, and that it took.
    pub(crate) fn note_asked(&self, role: Role, path: &str, properties: &Value) {
        let mut known = self.known();
        let (at, asked) = known.asked.entry((role, path.to_owned())).or_insert_with(|| (Instant::now(), Value::Null));
        *at = Instant::now();
        merge(asked, properties);
    }

    /// The properties that something was asked to have, all of them, if it was asked for any of them within this time.
    pub(crate) fn asked_within(&self, role: Role, path: &str, time: Duration) -> Value {
        let known = self.known();
        let asked = known.asked.get(&(role, path.to_owned())).filter(|(at, _)| at.elapsed() < time);
        asked.map(|(_, asked)| asked.clone()).unwrap_or_default()
    }

    /// Gives leave to a change of a Redfish service.
    pub(super) async fn controller(&self, caller: &Caller, wanted: &Wanted<'_>, path: &Path) -> Outcome<super::Permit> {
        let role = caller.role();
        let text = format!("/{}", path.segments.join("/"));
        let Some(text) = plain(&text).filter(|_| path.query.is_empty()) else {
            return Err(refuse(caller, wanted, "its path is invalid"));
        };
        // The root is asked to be deleted by a test of refusals; there is nothing behind it that could go.
        let is = |wanted: &str| text.eq_ignore_ascii_case(wanted);
        if self.is_lent(role, &text) || (wanted.method == "DELETE" && is("/redfish/v1")) {
            return Ok(super::Permit::given());
        }
        // An update that names no image is to be refused, and could bring none.
        let update = is("/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate");
        if update && wanted.method == "POST" && wanted.body.as_ref() == b"{}" {
            return Ok(super::Permit::given());
        }
        // The case of letters makes no difference to many.
        let has = |name: &str| path.segments.iter().any(|part| part.eq_ignore_ascii_case(name));
        let recorded = SERVICES.iter().any(|service| has(service)) || is_within(&text, "/redfish/v1/Sessions");
        if !recorded || has("Actions") {
            return Err(refuse(caller, wanted, "the deployment file lists no machine that it belongs to"));
        }
        if wanted.method == "POST" {
            let now = caller.session.transport().clocks().now(&caller.api);
            self.known().logins.entry(role).or_insert(now);
            return Ok(super::Permit::given());
        }
        // It is read by its path, as the user that the deployment file names.
        let owner = caller.at(caller.api.clone());
        let url = wanted.url.to_owned();
        let shown = Box::pin(async move { owner.read_at("GET", url).await }).await?;
        if matches!(shown.status(), 404 | 410) {
            return Ok(super::Permit::given());
        }
        if shown.status() != 200 {
            return Err(refuse(caller, wanted, &format!("{shown} answered {}", shown.status())));
        }
        self.member(caller, &text, shown.bytes()).map_err(|why| refuse(caller, wanted, &why))?;
        Ok(super::Permit::given())
    }

    /// Why a machine is not put back by a sweep: nobody can tell what was done with it since the run.
    pub(crate) fn is_old(&self) -> Option<String> {
        let since = self.since().filter(|since| !since.agreed)?;
        let after = "what was done with the machine since would be undone; --yes puts it back";
        let Some(last) = since.last else { return Some(format!("nobody can tell how old the run is: {after}")) };
        let age = Utc::now() - last;
        (age > FRESH).then(|| format!("the run's last line is {} minutes old: {after}", age.num_minutes()))
    }

    /// Whether a session, an account or a subscription that reads so is the run's; why not, if it is not.
    pub(crate) fn member(&self, caller: &Caller, path: &str, description: &[u8]) -> Result<(), String> {
        let it: Value = serde_json::from_slice(without_mark(description)).unwrap_or_default();
        let text = |key: &str| it[key].as_str().filter(|text| !text.is_empty());
        let is_ours = |kind: Kind| {
            let Proof::Member(key) = kind.facts().proof else { return false };
            text(key).is_some_and(|name| self.is_ours(kind, name))
        };
        if is_ours(Kind::RedfishAccount) || is_ours(Kind::RedfishSubscription) {
            return Ok(());
        }
        // A session has no name. It is the run's when the run asked for it, and it is its own user's.
        let user = caller.session.cloud().credentials.user().map(|(user, _)| user);
        let asked = self.known().announced.iter().any(|(kind, announced)| {
            let same = |own: String| plain(path).is_some_and(|path| path.eq_ignore_ascii_case(&own));
            *kind == Kind::RedfishSession && plain(announced).is_some_and(same)
        });
        if asked && user.is_some() && text("UserName") == user {
            let first =
                self.known().logins.get(&caller.role()).copied().or_else(|| self.start_by(caller, Service::Redfish));
            return match (text("CreatedTime"), first) {
                (None, _) | (_, None) => Ok(()),
                (Some(told), Some(first)) => match time(told) {
                    Some(created) if first.checked_sub_signed(APART).is_none_or(|earliest| created >= earliest) => {
                        Ok(())
                    }
                    _ => Err(format!(
                        "the session at {path} was created at `{}`, before the run asked for one",
                        excerpt(told)
                    )),
                },
            };
        }
        Err(format!("what is found at {path} is not the run's"))
    }
}

/// Adds the members of an object to another, as a change does (RFC 7396, without taking any away).
fn merge(into: &mut Value, more: &Value) {
    match more {
        Value::Object(members) => {
            if !into.is_object() {
                *into = Value::Object(serde_json::Map::new());
            }
            for (name, value) in members {
                merge(&mut into[name.as_str()], value);
            }
        }
        _ => *into = more.clone(),
    }
}

/// For how long after its last line a run's changes of a machine are put back without a question.
const FRESH: TimeDelta = TimeDelta::minutes(15);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neighbour_is_not_within() {
        assert!(is_within("/redfish/v1/Systems/1/Bios", "/redfish/v1/Systems/1"));
        assert!(!is_within("/redfish/v1/Systems/10", "/redfish/v1/Systems/1"));
    }

    #[test]
    fn paths_lead_nowhere_else() {
        assert_eq!(plain("/redfish/v1/Systems/1/").as_deref(), Some("/redfish/v1/Systems/1"));
        for path in ["/redfish/v1/../x", "/a//b", "/a/%2e%2e/b", "a/b", "/a?b", "/a#b", "/a\\b", "/a/./b"] {
            assert_eq!(plain(path), None, "{path}");
        }
    }
}
