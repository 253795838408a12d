//! Proof before every change: the one place that decides whether a request may change something.
//!
//! A deployment may be broken in the very way that a test looks for: its filters do not filter, its ids are those of other
//! things, its lists show what is others'. Beside what tests make stand things that somebody lives from. So no request that
//! changes something is sent without a [`Permit`], and only this module gives one: for something new, or once it has read
//! the very thing by its id and found in it the run's own name to the last character, the account's own project, and no
//! time of creation before the run's. What a list or the answer to a creation says is a hint where to look, and no more.
//!
//! Reading changes nothing and needs no proof.

mod aim;
mod bodies;
mod course;
mod domains;
mod evidence;
mod machines;
mod own_login;
mod path;
mod permit;
mod proved;
mod settings;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use assay_record::naming;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

pub use course::MARK;
pub(crate) use own_login::OwnLogin;
pub(crate) use path::is_id;
pub(crate) use permit::Permit;
pub(crate) use proved::Proved;

use crate::http::Caller;
use crate::need::Service;
use crate::outcome::{Outcome, Stop};
use crate::resources::Kind;
use crate::session::Role;
use aim::Aim;
use machines::TakenNode;
use path::{Path, below};
use permit::is_safe;

/// A request that is about to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub method: &'a str,
    pub url: &'a str,
    pub headers: &'a [(String, String)],
    pub body: &'a Bytes,
    /// Whether it names, on purpose, something that does not exist.
    pub nobody: bool,
}

/// What a run may change, and what was proved so far.
#[derive(Debug)]
pub struct Guard {
    run: String,
    places: OnceLock<Places>,
    known: Mutex<Known>,
}

/// Where the deployment's services are, and whose what is.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// The versioned API of each service; for object storage, the account of each role.
    pub apis: Vec<(Role, Service, String)>,
    /// The project of each account.
    pub projects: HashMap<Role, String>,
    /// The domain of each account whose token is for one.
    pub domains: HashMap<Role, String>,
    /// The user of each account.
    pub users: HashMap<Role, String>,
}

#[derive(Debug, Default)]
struct Known {
    /// When the run began, by the deployment's clock.
    start: Option<DateTime<Utc>>,
    /// Of a run that is swept up after: whether what was done with a machine since then may be undone.
    since: Option<Since>,
    proved: HashSet<(Role, Kind, String)>,
    /// What was proved once and was gone when it was last looked at.
    gone: HashSet<(Role, Kind, String)>,
    /// Ports of the bare-metal service and the like, which belong to what was proved.
    parts: HashSet<(&'static str, String)>,
    /// Users that logged in later than the others.
    users: HashMap<Role, String>,
    /// Whether what is said of the run may come from a stranger.
    unsure: bool,
    /// Names that the run gave, or is about to give.
    announced: HashSet<(Kind, String)>,
    /// Ids that were made here to be nobody's.
    nobodys: HashSet<String>,
    /// Default security groups that hold nothing of anybody's.
    idle_groups: HashSet<String>,
    /// Objects that the run wrote: container and object.
    objects: HashSet<(String, String)>,
    /// Nodes of the bare-metal service that the user lists, by UUID.
    nodes: HashSet<String>,
    /// Those of them that a test has for itself now.
    taken: HashMap<String, TakenNode>,
    /// When the run first asked a Redfish service for a session or the like, by the service's clock.
    logins: HashMap<Role, DateTime<Utc>>,
    /// What belongs to the systems of Redfish services that the user lists, by path.
    lent: HashMap<Role, HashSet<String>>,
    /// Systems of Redfish services that the user does not list, by path.
    foreign: HashMap<Role, HashSet<String>>,
    /// Redfish services that list a system without its path.
    unknown: HashSet<Role>,
    /// What was asked of what belongs to these systems, by path, and when last: it may still be to come.
    asked: HashMap<(Role, String), (Instant, Value)>,
}

impl Known {
    /// Takes nothing for proved any more of something.
    fn forget(&mut self, thing: (Role, Kind, String)) {
        if self.proved.remove(&thing) {
            self.gone.insert(thing);
        }
    }
}

/// How a sweep may put machines back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Since {
    /// When the run's journal was written last, by this machine's clock; unknown where a stranger may have written it.
    pub last: Option<DateTime<Utc>>,
    /// Whether the user agrees that whatever was done since is undone.
    pub agreed: bool,
}

impl Guard {
    /// That of the run of this name.
    pub(crate) fn new(run: &str) -> Self {
        Self { run: run.to_owned(), places: OnceLock::new(), known: Mutex::default() }
    }

    /// The name of the run.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// Notes where the services are; the first time counts.
    pub(crate) fn settle(&self, places: Places) {
        let _ = self.places.set(places);
    }

    /// Notes when the run began, by the deployment's clock.
    pub(crate) fn began(&self, start: DateTime<Utc>) {
        self.known().start = Some(start);
    }

    /// When the run began, by the deployment's clock.
    pub(crate) fn start(&self) -> Option<DateTime<Utc>> {
        self.known().start
    }

    /// Notes that the run is over, and is swept up after.
    pub(crate) fn sweeps(&self, since: Since) {
        self.known().since = Some(since);
    }

    /// How a sweep may put machines back; none while the run itself does.
    pub(crate) fn since(&self) -> Option<Since> {
        self.known().since
    }

    /// Notes that what is said of the run may come from a stranger.
    pub(crate) fn doubts(&self) {
        self.known().unsure = true;
    }

    /// Whether what is said of the run may come from a stranger.
    pub(crate) fn is_unsure(&self) -> bool {
        self.known().unsure
    }

    /// Notes a default security group that holds nothing of anybody's.
    pub(crate) fn lets_go(&self, group: &str) {
        self.known().idle_groups.insert(group.to_owned());
    }

    /// Notes a name that something is about to get.
    pub(crate) fn announce(&self, kind: Kind, name: &str) {
        self.known().announced.insert((kind, name.to_owned()));
    }

    /// Notes an id that is nobody's.
    pub(crate) fn nobodys(&self, id: &str) {
        self.known().nobodys.insert(id.to_owned());
    }

    /// Notes the user of an account that could not log in at the start.
    pub(crate) fn is_user(&self, role: Role, user: &str) {
        self.known().users.entry(role).or_insert_with(|| user.to_owned());
    }

    /// Notes an object that the run is about to write.
    pub(crate) fn wrote(&self, container: &str, object: &str) {
        self.known().objects.insert((container.to_owned(), object.to_owned()));
    }

    /// Notes how a request was answered: what is there by the service's own account of it when it was read by its id, and that
    /// nothing is known any more of what is gone, deleted or somebody else's. Ids may come again.
    pub(crate) fn notice(&self, caller: &Caller, method: &str, url: &str, status: u16, answer: &[u8]) {
        if !matches!(method, "GET" | "DELETE") {
            return;
        }
        let Some((role, service, path)) = self.place(caller, url) else { return };
        let Some(Aim::Thing(kind, id)) = self.aim(role, service, method, &path).filter(|_| role == caller.role())
        else {
            return;
        };
        if !path.is_of(kind, service) {
            return;
        }
        let there = match (method, status) {
            ("GET", 200) => serde_json::from_slice::<Value>(answer)
                .is_ok_and(|description| self.judge(caller, kind, &id, &description).is_ok()),
            ("GET", 404 | 410) | ("DELETE", 200..300 | 404 | 410) => false,
            _ => return,
        };
        let mut known = self.known();
        if there {
            known.proved.insert((role, kind, id));
        } else {
            if method == "DELETE" && status < 300 {
                // Whoever deleted it, it is gone for its owner too.
                owners(role, kind).for_each(|owner| known.forget((owner, kind, id.clone())));
            }
            known.forget((role, kind, id));
        }
    }

    /// Gives leave to a request, once it is shown that it can change only what is the run's.
    ///
    /// # Errors
    ///
    /// Something else could be changed, or nobody can tell.
    pub(crate) async fn permit(&self, caller: &Caller, wanted: &Wanted<'_>) -> Outcome<Permit> {
        if is_safe(wanted.method) {
            return Ok(Permit::given());
        }
        let Some((role, service, path)) = self.place(caller, wanted.url) else {
            return Err(refuse(caller, wanted, "it is below no endpoint"));
        };
        if service == Service::Redfish {
            return self.controller(caller, wanted, &path).await;
        }
        let aim = self.aim(role, service, wanted.method, &path).unwrap_or(Aim::Unknown);
        self.weigh(caller, wanted, role, service, aim).await?;
        self.weigh_body(caller, service, &path, wanted).await?;
        Ok(Permit::given())
    }

    async fn weigh(&self, caller: &Caller, wanted: &Wanted<'_>, role: Role, service: Service, aim: Aim) -> Outcome {
        match aim {
            // Of an archive, too: what it holds was made here.
            Aim::Creation | Aim::Login | Aim::Archive => Ok(()),
            Aim::Nothing if wanted.nobody => Ok(()),
            Aim::Thing(kind, id) => {
                self.require(caller, wanted, kind, &id).await?;
                // What is not there gets no name.
                if owners(caller.role(), kind).any(|owner| self.is_proved(owner, kind, &id)) {
                    self.keeps_its_name(caller, wanted, kind)
                } else {
                    Ok(())
                }
            }
            Aim::Relation(things) => {
                for (kind, id) in things {
                    self.require(caller, wanted, kind, &id).await?;
                }
                Ok(())
            }
            Aim::Part(collection, id) => self.require_part(caller, wanted, service, collection, &id).await,
            Aim::Token => self.weigh_token(caller, wanted).await,
            Aim::Password(user) => {
                let spare = self.user(Role::Spare).is_some_and(|spare| spare == user);
                if spare && caller.role() == Role::Spare {
                    Ok(())
                } else {
                    Err(refuse(caller, wanted, "only the spare account's password may be changed"))
                }
            }
            Aim::Account => self.weigh_account(caller, wanted, role),
            Aim::Container(name) => self.weigh_container(caller, wanted, &name),
            Aim::Object(container, _) | Aim::Copy(container) => {
                self.weigh_container(caller, wanted, &container)?;
                self.weigh_destination(caller, wanted)
            }
            Aim::ContainerGone(name) => match self.container(caller, role, &name).await? {
                Proved::Yes | Proved::Gone => Ok(()),
                Proved::No(why) => Err(refuse(caller, wanted, &why)),
            },
            Aim::ObjectGone(container, object) => self.weigh_object(caller, wanted, &container, &object),
            Aim::Bulk => self.weigh_bulk(caller, wanted),
            Aim::Nothing | Aim::Unknown => Err(refuse(caller, wanted, "no test may change that")),
        }
    }

    /// What a path of a service is about to change.
    fn aim(&self, role: Role, service: Service, method: &str, path: &Path) -> Option<Aim> {
        let segments: Option<Vec<Cow<'_, str>>> =
            path.segments.iter().map(|segment| percent_decode_str(segment).decode_utf8().ok()).collect();
        let segments = segments?;
        if service == Service::Identity && role.manages() {
            return Some(domains::aim(method, &segments));
        }
        let aim = aim::aim(service, method, &segments, &path.query);
        // The owner of credentials stands in their path; of one that is made without a user there, in the body.
        let foreign = service == Service::Identity
            && matches!(aim, Aim::Thing(..) | Aim::Creation)
            && path.segments.first().is_none_or(|first| first != "credentials")
            && path.segments.get(1).is_none_or(|user| self.user(Role::Member).as_ref() != Some(user));
        (!foreign).then_some(aim)
    }

    /// The account, the service and the path of an address, when it is below an endpoint.
    fn place(&self, caller: &Caller, url: &str) -> Option<(Role, Service, Path)> {
        let url = Url::parse(url).ok()?;
        let places = self.places.get()?;
        let mut best: Option<(usize, Role, Service, Path)> = None;
        // The caller's own account comes first among equals.
        let own = places.apis.iter().filter(|(role, ..)| *role == caller.role());
        let others = places.apis.iter().filter(|(role, service, _)| {
            *role != caller.role() && *service == Service::ObjectStorage && !matches!(caller.role(), Role::Redfish(_))
        });
        for (role, service, api) in own.chain(others) {
            let Some(path) = below(api, &url) else { continue };
            if best.as_ref().is_none_or(|(length, ..)| *length < api.len()) {
                best = Some((api.len(), *role, *service, path));
            }
        }
        best.map(|(_, role, service, path)| (role, service, path))
    }

    fn project(&self, role: Role) -> Option<&str> {
        self.places.get()?.projects.get(&role).map(String::as_str)
    }

    /// The project of an account, or, of what belongs to a domain, its domain.
    fn owner(&self, role: Role, kind: Kind) -> Option<&str> {
        if kind.is_of_domain() {
            return self.places.get()?.domains.get(&role).map(String::as_str);
        }
        self.project(role)
    }

    fn user(&self, role: Role) -> Option<String> {
        let known = || self.known().users.get(&role).cloned();
        self.places.get()?.users.get(&role).cloned().or_else(known)
    }

    fn is_proved(&self, role: Role, kind: Kind, id: &str) -> bool {
        self.known().proved.contains(&(role, kind, id.to_owned()))
    }

    fn is_nobodys(&self, id: &str) -> bool {
        self.known().nobodys.contains(id)
    }

    /// Whether this name is the run's own: a generated one, or one that was announced whole.
    pub(crate) fn is_ours(&self, kind: Kind, name: &str) -> bool {
        naming::is_generated(name, &self.run)
            || naming::is_announceable(name, &self.run) && self.known().announced.contains(&(kind, name.to_owned()))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // What a test that panicked has proved holds all the same.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The accounts one of which something belongs to that this one asks to change: its own, and for what belongs to a domain each
/// manager's. What one of them has made, the other is let try to change, to see that it is refused.
fn owners(role: Role, kind: Kind) -> impl Iterator<Item = Role> {
    let others =
        Role::MANAGERS.into_iter().filter(move |other| *other != role && role.manages() && kind.is_of_domain());
    std::iter::once(role).chain(others)
}

/// Why a request is not sent.
fn refuse(caller: &Caller, wanted: &Wanted<'_>, why: &str) -> Stop {
    let url = caller.log.redactor().url(wanted.url);
    Stop::Error(format!("{} {url} was not sent: {why}", wanted.method))
}
