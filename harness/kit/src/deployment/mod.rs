//! The deployment under test: its accounts, and the services found behind them.

mod claims;
mod connecting;
mod hosts;
mod lacks;
mod machines;
mod quotas;
mod redfish;
mod services;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use assay_record::Lack;
use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::{OnceCell, OwnedSemaphorePermit};

use crate::budget::Budget;
use crate::choices::{Chosen, Overrides};
use crate::elsewhere::{self, Elsewhere, Held};
pub use crate::found::Found;
use crate::guard::{Guard, Since};
use crate::guest::Probe;
use crate::http::address::{encode, join};
use crate::http::client::Client;
use crate::http::{Caller, Token};
use crate::limit::{Limit, Limits};
use crate::metal::{Borrowed, Machines, Redfish, RedfishService};
use crate::need::Service;
use crate::outcome::{Outcome, Stop};
use crate::recorder::TestLog;
use crate::resources::{Kind, Resource};
use crate::session::{Role, Session};
use crate::shared::{Shared, Unshared};

/// How much time there is for all of clean-up, unless the user says otherwise.
pub const CLEANUP: Duration = Duration::from_secs(300);
/// The same where there are machines: one that is cleaned takes its time.
pub const CLEANUP_OF_MACHINES: Duration = Duration::from_secs(3600);

/// The deployment under test.
#[derive(Debug)]
pub struct Deployment {
    guard: Arc<Guard>,
    sessions: BTreeMap<Role, Arc<Session>>,
    services: HashMap<Service, Found>,
    /// The object-storage account of each account, or why it cannot be used.
    stores: HashMap<Role, Result<String, String>>,
    projects: HashMap<Role, String>,
    features: Option<Value>,
    extensions: Option<BTreeSet<String>>,
    machines: Machines,
    redfish: Vec<RedfishService>,
    overrides: Overrides,
    choices: Chosen,
    probe: OnceCell<Outcome<Probe>>,
    guests: OnceLock<String>,
    limits: Limits,
    elsewhere: Elsewhere,
    cleanup: Budget,
    shared: Shared,
    number: AtomicU32,
}

impl Deployment {
    /// Notes when the run that is swept up after began, by the deployment's clock.
    pub fn began(&self, start: DateTime<Utc>) {
        self.guard.began(start);
    }

    /// Notes that the run is over, when it wrote its last line, and whether the user agrees that what was done with its machines
    /// since is undone.
    pub fn sweeps(&self, last: Option<DateTime<Utc>>, agreed: bool) {
        self.guard.sweeps(Since { last, agreed });
    }

    /// When the run began, by the deployment's clock.
    #[must_use]
    pub fn start(&self) -> Option<DateTime<Utc>> {
        self.guard.start()
    }

    /// Notes what the run that is swept up after had announced: names, and, where that is sure, the objects that it wrote and
    /// its sessions. These have no name that would prove whose they are.
    pub fn announced(&self, resources: &[Resource], sure: bool) {
        if !sure {
            self.guard.doubts();
        }
        for Resource { kind, name, id, .. } in resources {
            match (kind, id) {
                (Kind::Object, Some(object)) if sure => self.guard.wrote(name, object),
                (Kind::RedfishSession, Some(path)) if sure => self.guard.announce(*kind, path),
                (Kind::RedfishSession | Kind::Object, _) => {}
                _ => self.guard.announce(*kind, name),
            }
        }
    }

    /// What decides whether something may be changed.
    pub(crate) fn guard(&self) -> &Arc<Guard> {
        &self.guard
    }

    /// The same deployment, with the user's choice of image, flavor and network.
    #[must_use]
    pub fn overriding(self, overrides: Overrides) -> Self {
        Self { overrides, ..self }
    }

    /// The same deployment, with so much time for all of clean-up.
    #[must_use]
    pub fn cleaning_within(self, time: Duration) -> Self {
        Self { cleanup: Budget::new(time), ..self }
    }

    /// The time for all of clean-up.
    #[must_use]
    pub fn cleanup(&self) -> &Budget {
        &self.cleanup
    }

    /// What the user wants to be used.
    pub(crate) fn overrides(&self) -> &Overrides {
        &self.overrides
    }

    /// What tests use, as far as it was discovered.
    pub(crate) fn choices(&self) -> &Chosen {
        &self.choices
    }

    /// Whether guests are worth a try, once it was looked at.
    pub(crate) fn probe(&self) -> &OnceCell<Outcome<Probe>> {
        &self.probe
    }

    /// How servers were logged in to in this run, or why not; none as long as no test has asked.
    #[must_use]
    pub fn guests(&self) -> Option<&str> {
        self.guests.get().map(String::as_str)
    }

    /// Notes how servers are logged in to, or why not. What was noted first counts.
    pub fn note_guests(&self, how: &str) {
        let _ = self.guests.set(how.to_owned());
    }

    /// The id of an account's project.
    #[must_use]
    pub fn project(&self, role: Role) -> Option<&str> {
        self.projects.get(&role).map(String::as_str)
    }

    /// The extensions that the networking service lists, by alias; none when it does not tell.
    #[must_use]
    pub fn network_extensions(&self) -> Option<&BTreeSet<String>> {
        self.extensions.as_ref()
    }

    /// Takes what these limits are about for this run alone, among those on this machine, until what this gives is dropped.
    pub async fn hold_alone(&self, limits: &[Limit]) -> Outcome<Held> {
        self.elsewhere.take(limits, elsewhere::PATIENCE).await
    }

    /// Waits until something that tests share was made since the last time, so that others may start.
    pub async fn shared_news(&self) {
        self.shared.news().await;
    }

    pub(crate) async fn take(&self, limit: Limit, patience: Duration) -> Outcome<OwnedSemaphorePermit> {
        self.limits.take(limit, patience).await
    }

    /// Looks at the project's quotas again; gives whether there is more room than was known.
    pub async fn look_for_room(&self, log: &Arc<TestLog>) -> bool {
        self.limits.refresh(&self.quotas(log).await)
    }

    /// The name of the run, with which everything it creates begins.
    #[must_use]
    pub fn run_id(&self) -> &str {
        self.guard.run()
    }

    pub(crate) fn next_number(&self) -> u32 {
        self.number.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Makes no shared things any more; gives what is still to be undone, in order.
    #[must_use]
    pub fn end_shared(&self) -> Vec<Unshared> {
        self.shared.end()
    }

    /// The accounts that were given.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        self.sessions.keys().copied()
    }

    /// An account.
    pub fn session(&self, role: Role) -> Outcome<&Arc<Session>> {
        self.sessions.get(&role).ok_or_else(|| no_account(role))
    }

    /// What was found of a service at the start.
    #[must_use]
    pub fn service(&self, service: Service) -> &Found {
        self.services.get(&service).unwrap_or(&NOTHING)
    }

    /// The features that the object-storage service lists in `/info`; none when it does not tell.
    #[must_use]
    pub fn object_storage_features(&self) -> Option<&Value> {
        self.features.as_ref()
    }

    /// What was found at the start of a service as one of the accounts uses it.
    #[must_use]
    pub fn found(&self, role: Role, service: Service) -> &Found {
        match (role, service) {
            (Role::Redfish(at), Service::Redfish) => {
                self.redfish.get(usize::from(at)).map_or(&NOTHING, |service| &service.found)
            }
            (_, Service::Redfish) | (Role::Redfish(_), _) => &NOTHING,
            _ => self.service(service),
        }
    }

    /// The Redfish services under test.
    #[must_use]
    pub fn redfish_services(&self) -> &[RedfishService] {
        &self.redfish
    }

    /// Each Redfish service under test, for one test; or why there is none.
    pub fn redfish(&self, log: &Arc<TestLog>) -> Vec<Outcome<Redfish>> {
        self.redfish.iter().map(|service| Ok(service.open(self.client(service.role, Service::Redfish, log)?))).collect()
    }

    /// The nodes of the bare-metal service that tests may change: the name that was listed, and the id or why there is none.
    pub fn machines(&self) -> impl Iterator<Item = (&str, Result<&str, &str>)> {
        self.machines.all()
    }

    /// The UUIDs of the nodes that tests may change.
    pub(crate) fn machine_ids(&self) -> impl Iterator<Item = &str> {
        self.machines.ids()
    }

    /// Takes one of these nodes, where no test has it.
    pub(crate) fn borrow_machine_of(&self, ids: &[String]) -> Option<Borrowed> {
        self.machines.borrow_one_of(ids)
    }

    /// A service, as one of the accounts sees it.
    pub fn client(&self, role: Role, service: Service, log: &Arc<TestLog>) -> Outcome<Client> {
        let session = self.session(role)?.clone();
        let (root, api) = match self.found(role, service) {
            Found::Ready { root, api, .. } => (root.clone(), api.clone()),
            Found::Absent(reason) => return Err(Stop::skip(Lack::service(service), reason)),
            Found::Unreachable(reason) => return Err(Stop::Error(reason.clone())),
        };
        let api = match service {
            Service::ObjectStorage => self
                .stores
                .get(&role)
                .cloned()
                .ok_or_else(|| {
                    let reason = format!("the catalog of the {role} account has no object storage");
                    Stop::skip(Lack::service(service), reason)
                })?
                .map_err(Stop::Error)?,
            _ => match (self.below_project(&api), self.project(role)) {
                (Some(above), Some(project)) => format!("{above}/{}", encode(project)),
                // A project in the path is what every release of the service understands.
                (None, Some(project)) if service == Service::BlockStorage => join(&api, &encode(project)),
                (None, None) if service == Service::BlockStorage => {
                    return Err(Stop::Error(format!("the token of the {role} account has no project")));
                }
                _ => api,
            },
        };
        let (guard, log) = (self.guard.clone(), log.clone());
        let caller = Caller { session, log, root, api, token: Token::Session, headers: Vec::new() };
        Ok(Client { caller, guard })
    }

    /// What of an address stands before the member's project, where the catalog has the project at its end: each account has its
    /// own there.
    fn below_project<'a>(&self, api: &'a str) -> Option<&'a str> {
        let project = encode(self.project(Role::Member)?);
        api.strip_suffix(project.as_str())?.strip_suffix('/')
    }

    /// A secret that only someone with the account's credentials can make again, so that `assay sweep` can, and nothing
    /// secret has to be written down: HMAC-SHA-256 of the run's name and a label under the account's own secret.
    pub fn derived_secret(&self, role: Role, label: &str) -> Outcome<String> {
        self.session(role)?.derived_secret(&format!("{}/{label}", self.run_id()))
    }
}

static NOTHING: Found = Found::Absent(String::new());

fn no_account(role: Role) -> Stop {
    let who = match role {
        Role::Member => "a member",
        Role::Alt => "a second member, of another project",
        Role::Reseller => "a reseller administrator, who may set account quotas",
        Role::Spare => "a spare account, whose password the tests may change and which they may lock",
        Role::DomainManager => "the manager of a domain",
        Role::AltDomainManager => "the manager of another domain",
        Role::Redfish(_) => "a Redfish service",
    };
    Stop::skip(Lack::account(role.option()), format!("needs {who}: name its cloud with {}", role.option()))
}
