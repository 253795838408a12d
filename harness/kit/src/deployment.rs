//! The deployment under test: its accounts, and the services found behind them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::{OnceCell, OwnedSemaphorePermit};

use crate::choices::{self, Choices, Wishes};
use crate::context::Cx;
use crate::guest::{self, Outlook};
use crate::http::client::{Client, Token, join};
use crate::http::{RawRequest, RawResponse, TransportError};
use crate::limit::{Limit, Limits};
use crate::metal::{self, Borrowed, Machines, Metal, Redfish, RedfishService};
use crate::need::{Need, Service};
use crate::outcome::{Outcome, Stop};
use crate::quotas;
use crate::recorder::{Recorder, TestLog};
use crate::registry::ConformanceTest;
use crate::session::{Cloud, LoginError, Role, Session};
use crate::shared::{self, Claim, Shared, Unshared};

/// How long a service may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(15);

/// What was found of a service at the start of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is there.
    Ready {
        /// Where its list of versions is.
        root: String,
        /// The versioned API.
        api: String,
        /// The newest version that it offers, such as `v2.16`; empty where the API tells none.
        version: String,
        /// The least and the greatest microversion, where the service has any.
        microversions: Option<(String, String)>,
    },
    /// The catalog does not have it, or it lacks the API's version: tests that need it are skipped.
    Absent(String),
    /// The catalog has it and it does not answer: tests that need it are errors.
    Unreachable(String),
}

/// The deployment under test.
#[derive(Debug)]
pub struct Deployment {
    run_id: String,
    sessions: BTreeMap<Role, Arc<Session>>,
    services: HashMap<Service, Found>,
    stores: HashMap<Role, String>,
    projects: HashMap<Role, String>,
    features: Option<Value>,
    extensions: Option<BTreeSet<String>>,
    machines: Machines,
    redfish: Vec<RedfishService>,
    wishes: Wishes,
    choices: OnceCell<Outcome<Choices>>,
    outlook: OnceCell<Outcome<Outlook>>,
    guests: OnceLock<String>,
    limits: Limits,
    shared: Shared,
    number: AtomicU32,
}

impl Deployment {
    /// Logs every account in and looks for every service. The member comes first among the accounts.
    ///
    /// # Errors
    ///
    /// An account cannot log in. A service that does not answer is no error here: see [`Deployment::service`].
    pub async fn connect(
        run_id: &str,
        clouds: Vec<(Role, Cloud)>,
        metal: Metal,
        recorder: &Arc<Recorder>,
    ) -> Result<Self, LoginError> {
        Self::connect_unless(run_id, clouds, metal, recorder, |_, _| false).await
    }

    /// The same, to sweep up after a run: it is no error when the spare account's login is refused, because the run may
    /// have been killed while a test had changed its password.
    ///
    /// # Errors
    ///
    /// Another account cannot log in.
    pub async fn connect_to_sweep(
        run_id: &str,
        clouds: Vec<(Role, Cloud)>,
        metal: Metal,
        recorder: &Arc<Recorder>,
    ) -> Result<Self, LoginError> {
        let excused =
            |role: Role, error: &LoginError| role == Role::Spare && matches!(error, LoginError::Refused { .. });
        Self::connect_unless(run_id, clouds, metal, recorder, excused).await
    }

    async fn connect_unless(
        run_id: &str,
        clouds: Vec<(Role, Cloud)>,
        metal: Metal,
        recorder: &Arc<Recorder>,
        excused: fn(Role, &LoginError) -> bool,
    ) -> Result<Self, LoginError> {
        let log = recorder.log("start");
        let mut sessions = BTreeMap::new();
        for (role, cloud) in clouds {
            sessions.insert(role, Session::new(role, cloud)?);
        }
        let logins = sessions.values().map(|session| async {
            match session.login(&log).await {
                Err(error) if !excused(session.role(), &error) => Err(error),
                _ => Ok(()),
            }
        });
        futures::future::try_join_all(logins).await?;
        let mut deployment = Self {
            run_id: run_id.to_owned(),
            sessions,
            services: HashMap::new(),
            stores: HashMap::new(),
            projects: HashMap::new(),
            features: None,
            extensions: None,
            machines: Machines::default(),
            redfish: Vec::new(),
            wishes: Wishes::default(),
            choices: OnceCell::new(),
            outlook: OnceCell::new(),
            guests: OnceLock::new(),
            limits: Limits::default(),
            shared: Shared::default(),
            number: AtomicU32::new(0),
        };
        let (unfinished, ironic, log) = (&deployment, metal.ironic, &log);
        let look = |service| async move {
            match service {
                Service::BareMetal if !ironic => Found::Absent(metal::NO_OPERATOR.to_owned()),
                _ => unfinished.look(service, log).await,
            }
        };
        let found = futures::future::join_all(Service::ALL.map(look)).await;
        deployment.services = Service::ALL.into_iter().zip(found).collect();
        deployment.stores = deployment.stores().await;
        deployment.redfish = deployment.look_for_redfish(metal.redfish, log).await?;
        deployment.machines = deployment.look_for_machines(metal.machines, log).await?;
        for (role, session) in &deployment.sessions {
            let project = session.known_login().await.and_then(|login| login.project_id.clone());
            deployment.projects.extend(project.map(|project| (*role, project)));
        }
        let (features, extensions, quotas) = futures::join!(
            deployment.look_for_features(log),
            deployment.look_for_extensions(log),
            quotas::read(&deployment, log),
        );
        (deployment.features, deployment.extensions, deployment.limits) = (features, extensions, Limits::new(&quotas));
        Ok(deployment)
    }

    /// The same deployment, with the user's choice of image, flavor and network.
    #[must_use]
    pub fn wishing(self, wishes: Wishes) -> Self {
        Self { wishes, ..self }
    }

    pub(crate) async fn choices(&self, cx: &Cx) -> Outcome<&Choices> {
        let own = cx.apart("start");
        let choices = self.choices.get_or_init(|| async { choices::discover(&own, &self.wishes).await }).await;
        choices.as_ref().map_err(Clone::clone)
    }

    /// Whether guests are worth a try, as far as it is known without a server.
    pub async fn outlook(&self, cx: &Cx) -> Outcome<&Outlook> {
        let own = cx.apart("start");
        let outlook = self.outlook.get_or_init(|| async { guest::outlook(&own, self.wishes.guest).await }).await;
        outlook.as_ref().map_err(Clone::clone)
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

    /// Notes which tests will share what, so that it can be removed after the last of them.
    pub fn expect_sharing(&self, tests: &[&ConformanceTest]) {
        self.shared.expect(tests.iter().flat_map(|test| test.shares).copied());
    }

    /// Notes that a test has ended; gives what nobody shares any more, to be undone.
    #[must_use]
    pub fn release_shared(&self, test: &ConformanceTest) -> Vec<Unshared> {
        self.shared.release(test)
    }

    /// Takes what a test needs of the limits, with what it will make for others to share; nothing when it cannot start
    /// now.
    #[must_use]
    pub fn claim(&self, test: &ConformanceTest) -> Option<Claim> {
        self.shared.claim(&self.limits, test)
    }

    /// Waits until something that tests share was made since the last time, so that others may start.
    pub async fn shared_news(&self) {
        self.shared.news().await;
    }

    /// Why a test cannot start although no other runs: the quotas that what tests share has used up.
    #[must_use]
    pub fn no_room(&self, test: &ConformanceTest) -> String {
        let taken = self.limits.taken(&shared::all_holds(test)).join(", ");
        format!("the project's quotas have no room for it beside what other tests share ({taken}): raise them")
    }

    pub(crate) async fn take(&self, limit: Limit, patience: Duration) -> Outcome<OwnedSemaphorePermit> {
        self.limits.take(limit, patience).await
    }

    /// Why a test can never run within the project's quotas, when it cannot.
    #[must_use]
    pub fn never(&self, test: &ConformanceTest) -> Option<String> {
        self.limits.never(&shared::all_holds(test))
    }

    /// The name of the run, with which everything it creates begins.
    #[must_use]
    pub fn run_id(&self) -> &str {
        &self.run_id
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
        self.sessions.get(&role).ok_or_else(|| Stop::Skip(no_account(role)))
    }

    /// What was found of a service at the start.
    #[must_use]
    pub fn service(&self, service: Service) -> &Found {
        self.services.get(&service).unwrap_or(&NOTHING)
    }

    /// Why nothing can be tested, when none of the services that there should be answers.
    #[must_use]
    pub fn unreachable(&self) -> Option<String> {
        let mut reasons = Vec::new();
        for found in self.services.values().chain(self.redfish.iter().map(|service| &service.found)) {
            match found {
                Found::Ready { .. } => return None,
                Found::Absent(_) => {}
                Found::Unreachable(reason) => reasons.push(reason.as_str()),
            }
        }
        reasons.sort_unstable();
        (!reasons.is_empty()).then(|| reasons.join("; "))
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

    /// Each Redfish service under test, for one test.
    pub fn redfish(&self, log: &Arc<TestLog>) -> Outcome<Vec<Redfish>> {
        self.redfish.iter().map(|service| Ok(service.open(self.client(service.role, Service::Redfish, log)?))).collect()
    }

    /// The nodes of the bare-metal service that tests may change: the name that was listed, and the id or why there is none.
    pub fn machines(&self) -> impl Iterator<Item = (&str, Result<&str, &str>)> {
        self.machines.all()
    }

    /// Takes one of these nodes, where no test has it.
    pub(crate) fn borrow_machine_of(&self, ids: &[String]) -> Option<Borrowed> {
        self.machines.borrow_one_of(ids)
    }

    /// Takes one of the nodes that tests may change, until what this gives is dropped.
    pub(crate) fn borrow_machine(&self) -> Outcome<Borrowed> {
        self.machines.borrow()
    }

    /// Why a test that needs this cannot run: a [`Stop::Skip`] or [`Stop::Error`].
    #[must_use]
    pub fn lacks(&self, need: Need) -> Option<Stop> {
        if let Some(role) = need.role() {
            return (!self.sessions.contains_key(&role)).then(|| Stop::Skip(no_account(role)));
        }
        if need.service()? == Service::Redfish {
            return metal::lacks_redfish(&self.redfish, need);
        }
        match self.service(need.service()?) {
            Found::Absent(reason) => return Some(Stop::Skip(reason.clone())),
            Found::Unreachable(reason) => return Some(Stop::Error(reason.clone())),
            Found::Ready { .. } => {}
        }
        match need {
            Need::Machine => self.machines.lack(),
            Need::BareMetalMicroversion(version) => self.lacks_microversion(Service::BareMetal, version),
            Need::ObjectStorageFeature(feature) => self.lacks_feature(feature),
            Need::NetworkExtension(extension) => {
                let lacks = self.extensions.as_ref().is_some_and(|extensions| !extensions.contains(extension));
                lacks.then(|| Stop::Skip(format!("the networking service does not list the extension `{extension}`")))
            }
            Need::Guest => match self.outlook.get() {
                Some(Ok(Outlook::None(reason))) => Some(guest::absent(reason)),
                None if self.wishes.guest == Some(guest::Wish::None) => Some(guest::absent("--guest none")),
                _ => None,
            },
            Need::ComputeMicroversion(version) => self.lacks_microversion(Service::Compute, version),
            Need::BlockStorageMicroversion(version) => self.lacks_microversion(Service::BlockStorage, version),
            _ => None,
        }
    }

    fn lacks_feature(&self, feature: &str) -> Option<Stop> {
        let features = self.features.as_ref()?;
        features.get(feature).is_none().then(|| {
            let has: Vec<_> = features.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
            Stop::Skip(format!(
                "the object-storage service does not list `{feature}` in /info; it lists {}",
                has.join(", ")
            ))
        })
    }

    fn lacks_microversion(&self, service: Service, version: &str) -> Option<Stop> {
        let Found::Ready { microversions, .. } = self.service(service) else { return None };
        match microversions {
            Some((least, most)) if number(least) <= number(version) && number(version) <= number(most) => None,
            Some((least, most)) => Some(Stop::Skip(format!(
                "the {service} service has no microversion {version}; it has {least} to {most}"
            ))),
            None => Some(Stop::Skip(format!("the {service} service has no microversions; {version} is needed"))),
        }
    }

    /// A service, as one of the accounts sees it.
    pub fn client(&self, role: Role, service: Service, log: &Arc<TestLog>) -> Outcome<Client> {
        let session = self.session(role)?.clone();
        let (root, api) = match self.found(role, service) {
            Found::Ready { root, api, .. } => (root.clone(), api.clone()),
            Found::Absent(reason) => return Err(Stop::Skip(reason.clone())),
            Found::Unreachable(reason) => return Err(Stop::Error(reason.clone())),
        };
        let api = match service {
            Service::ObjectStorage => self
                .stores
                .get(&role)
                .cloned()
                .ok_or_else(|| Stop::Skip(format!("the catalog of the {role} account has no object storage")))?,
            // A project in the path is what every release of the service understands.
            Service::BlockStorage => match self.project(role) {
                Some(project) => join(&api, project),
                None => return Err(Stop::Error(format!("the token of the {role} account has no project"))),
            },
            _ => api,
        };
        Ok(Client { session, log: log.clone(), root, api, token: Token::Session, headers: Vec::new() })
    }

    /// A secret that only someone with the account's credentials can make again, so that `assay sweep` can, and nothing
    /// secret has to be written down: HMAC-SHA-256 of the run's name and a label under the account's own secret.
    pub fn derived_secret(&self, role: Role, label: &str) -> Outcome<String> {
        self.session(role)?.derived_secret(&format!("{}/{label}", self.run_id))
    }

    async fn look(&self, service: Service, log: &Arc<TestLog>) -> Found {
        let Some(session) = self.sessions.get(&Role::Member) else {
            return Found::Absent(format!("the deployment file names no {service} service"));
        };
        let cloud = session.cloud();
        let Ok(login) = session.login(log).await else { return NOTHING.clone() };
        let overriding = service.types().iter().find_map(|name| cloud.overrides.get(*name));
        let url = match overriding {
            Some(url) => url.clone(),
            // The address that gave the token is the one that is known to work.
            None if cloud.credentials.standalone() => {
                return Found::Absent(format!("`{}` is a bare-metal service alone, without {service}", cloud.name));
            }
            None if service == Service::Identity => cloud.auth_url.clone(),
            None => match login.catalog.find(service, &cloud.interface, cloud.region.as_deref()) {
                Ok(endpoint) => endpoint.url.clone(),
                Err(reason) => return Found::Absent(reason),
            },
        };
        match service.version() {
            None => self.look_at_store(&url, log).await,
            Some(version) => self.look_at_versions(service, &url, version, log).await,
        }
    }

    async fn look_at_versions(&self, service: Service, url: &str, version: &str, log: &Arc<TestLog>) -> Found {
        let root = unversioned(url);
        let answer = match self.ask("GET", &format!("{root}/"), false, log).await {
            Ok(answer) => answer,
            Err(error) => return Found::Unreachable(format!("{service}: {error}")),
        };
        if answer.status >= 500 {
            return Found::Unreachable(format!("{service}: {root}/ answered {}", answer.status));
        }
        let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let single = json.get("version").cloned().into_iter().collect();
        let listed = json["versions"]["values"].as_array().or_else(|| json["versions"].as_array()).cloned();
        let major = version.split('.').next().unwrap_or(version);
        let entries: Vec<Value> = listed.unwrap_or(single);
        let microversions =
            entries.iter().find(|entry| entry["id"] == version || entry["id"] == format!("{version}.0"));
        let microversions = microversions.and_then(|entry| {
            // Both are empty where the version has none.
            let (least, most) = (entry["min_version"].as_str()?, entry["version"].as_str()?);
            (!most.is_empty()).then(|| (least.to_owned(), most.to_owned()))
        });
        let ids: Vec<String> = entries.iter().filter_map(|entry| Some(entry["id"].as_str()?.to_owned())).collect();
        let newest = ids.iter().filter(|id| id.split('.').next() == Some(major)).max_by_key(|id| minor(id));
        // Where the endpoint itself is versioned, the catalog has said that this version is there: a service may keep its
        // list of versions from clients.
        let named = url.trim_end_matches('/') != root;
        match newest {
            None if ids.is_empty() && !named => {
                Found::Unreachable(format!("{service}: {root}/ answered {} without a list of versions", answer.status))
            }
            None if !ids.is_empty() => {
                Found::Absent(format!("the {service} service offers no {version}; it offers {}", ids.join(", ")))
            }
            newest => Found::Ready {
                api: join(&root, version),
                root,
                version: microversions
                    .as_ref()
                    .map_or_else(|| newest.cloned().unwrap_or_default(), |(_, most)| format!("v{most}")),
                microversions,
            },
        }
    }

    async fn look_at_store(&self, url: &str, log: &Arc<TestLog>) -> Found {
        let root = match url.rfind("/v1") {
            Some(at) => url[..at].to_owned(),
            None => url.trim_end_matches('/').to_owned(),
        };
        match self.ask("HEAD", url.trim_end_matches('/'), true, log).await {
            Ok(answer) if !is_store(&answer) => Found::Unreachable(format!(
                "object-store: {url} is no Object Storage v1: it answered {} without {COUNT}",
                answer.status
            )),
            Ok(_) => Found::Ready {
                root,
                api: url.trim_end_matches('/').to_owned(),
                version: String::new(),
                microversions: None,
            },
            Err(error) => Found::Unreachable(format!("object-store: {error}")),
        }
    }

    async fn look_for_features(&self, log: &Arc<TestLog>) -> Option<Value> {
        let Found::Ready { root, .. } = self.service(Service::ObjectStorage) else { return None };
        let answer = self.ask("GET", &join(root, "info"), false, log).await.ok()?;
        let features: Value = serde_json::from_slice(&answer.body).ok()?;
        (answer.status == 200 && features.is_object()).then_some(features)
    }

    async fn look_for_extensions(&self, log: &Arc<TestLog>) -> Option<BTreeSet<String>> {
        let client = self.client(Role::Member, Service::Network, log).ok()?;
        let answer = client.get("extensions").send().await.ok()?;
        let json: Value = serde_json::from_slice(answer.bytes()).ok()?;
        let aliases = json["extensions"].as_array()?.iter();
        Some(aliases.filter_map(|extension| Some(extension["alias"].as_str()?.to_owned())).collect())
    }

    /// The object-storage account of each account given.
    async fn stores(&self) -> HashMap<Role, String> {
        let mut stores = HashMap::new();
        for (role, session) in &self.sessions {
            let cloud = session.cloud();
            let Some(login) = session.known_login().await else { continue };
            let found = login.catalog.find(Service::ObjectStorage, &cloud.interface, cloud.region.as_deref());
            let url = cloud.overrides.get("object-store").cloned().or_else(|| Some(found.ok()?.url.clone()));
            stores.extend(url.map(|url| (*role, url.trim_end_matches('/').to_owned())));
        }
        stores
    }

    async fn ask(
        &self,
        method: &str,
        url: &str,
        authenticated: bool,
        log: &Arc<TestLog>,
    ) -> Result<RawResponse, TransportError> {
        self.ask_as(Role::Member, method, url, authenticated, log).await
    }

    /// A first look at a service: an answer is not awaited for long.
    pub(crate) async fn ask_as(
        &self,
        role: Role,
        method: &str,
        url: &str,
        authenticated: bool,
        log: &Arc<TestLog>,
    ) -> Result<RawResponse, TransportError> {
        let Some(session) = self.sessions.get(&role) else {
            return Err(TransportError::Setup(format!("there is no {role} account")));
        };
        let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        if authenticated && let Ok(Some((name, value))) = session.proof_header(log).await {
            headers.push((name.to_owned(), value));
        }
        let request = RawRequest {
            method: method.into(),
            url: url.into(),
            headers,
            body: Bytes::new(),
            account: authenticated.then_some(role),
        };
        session.transport().impatient(PATIENCE).send(log, &request).await
    }
}

/// A header of every account (Object Storage v1, "Show account metadata").
const COUNT: &str = "X-Account-Container-Count";

/// Whether an object-storage service answers so when it is asked for an account.
///
/// An account that is not there yet, or may not be seen, is one of its answers as well.
fn is_store(answer: &RawResponse) -> bool {
    match answer.status {
        200..300 => answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(COUNT)),
        status => (400..500).contains(&status),
    }
}

static NOTHING: Found = Found::Absent(String::new());

fn no_account(role: Role) -> String {
    let who = match role {
        Role::Member => "a member",
        Role::Alt => "a second member, of another project",
        Role::Reseller => "a reseller administrator, who may set account quotas",
        Role::Spare => "a spare account, whose password the tests may change and which they may lock",
        Role::Redfish(_) => "a Redfish service",
    };
    format!("needs {who}: name its cloud with {}", role.option())
}

/// An address without the version at its end (`/v2`, `/v2.1`, `/v3/<project>`).
fn unversioned(url: &str) -> String {
    let url = url.trim_end_matches('/');
    let is_version = |segment: &str| {
        segment
            .strip_prefix('v')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
    };
    let mut at = url.len();
    while let Some(slash) = url[..at].rfind('/') {
        if is_version(&url[slash + 1..at]) {
            return url[..slash].to_owned();
        }
        at = slash;
    }
    url.to_owned()
}

/// A microversion such as `2.90`, to be compared.
fn number(microversion: &str) -> (u32, u32) {
    let (major, minor) = microversion.split_once('.').unwrap_or((microversion, "0"));
    (major.parse().unwrap_or(0), minor.parse().unwrap_or(0))
}

/// The number after the dot of a version such as `v2.16`.
fn minor(id: &str) -> u32 {
    id.split_once('.').and_then(|(_, minor)| minor.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_at_the_end_of_an_endpoint_is_cut_off() {
        assert_eq!(unversioned("http://h:9292"), "http://h:9292");
        assert_eq!(unversioned("http://h/image/v2/"), "http://h/image");
        assert_eq!(unversioned("http://h/v3/0123abcd"), "http://h");
        assert_eq!(unversioned("http://vault/identity"), "http://vault/identity");
    }
}
