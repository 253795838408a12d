//! Logs in, and puts together what was found.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use assay_record::state::State;
use tokio::sync::OnceCell;

use super::{CLEANUP, Deployment};
use crate::budget::Budget;
use crate::choices::{Chosen, Overrides};
use crate::elsewhere::{self, Elsewhere, Held};
use crate::found::Found;
use crate::guard::{Guard, Places};
use crate::limit::{Limit, Limits};
use crate::metal::{self, Machines, Metal};
use crate::need::Service;
use crate::recorder::{Recorder, TestLog};
use crate::session::{Cloud, Credentials, LoginError, Role, Session};
use crate::shared::Shared;

/// How long the end of sessions may take.
const LOGGING_OUT: Duration = Duration::from_secs(15);

impl Deployment {
    /// Logs every account in and looks for every service. The member comes first among the accounts. Other runs on this machine
    /// may use the same accounts: they take turns by the state folder, where one is given.
    ///
    /// # Errors
    ///
    /// An account cannot log in. A service that does not answer is no error here: see [`Deployment::service`].
    pub async fn connect(
        run_id: &str,
        clouds: Vec<(Role, Cloud)>,
        metal: Metal,
        recorder: &Arc<Recorder>,
        state: Option<State>,
    ) -> Result<Self, LoginError> {
        Box::pin(Self::connect_unless(run_id, clouds, metal, recorder, state, |_, _| false)).await
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
        state: Option<State>,
    ) -> Result<Self, LoginError> {
        let excused =
            |role: Role, error: &LoginError| role == Role::Spare && matches!(error, LoginError::Refused { .. });
        Box::pin(Self::connect_unless(run_id, clouds, metal, recorder, state, excused)).await
    }

    async fn connect_unless(
        run_id: &str,
        clouds: Vec<(Role, Cloud)>,
        metal: Metal,
        recorder: &Arc<Recorder>,
        state: Option<State>,
        excused: fn(Role, &LoginError) -> bool,
    ) -> Result<Self, LoginError> {
        let log = recorder.log("start");
        let mut elsewhere = Elsewhere::new(state);
        for (_, cloud) in clouds.iter().filter(|(role, _)| *role == Role::Spare) {
            if let Some(who) = elsewhere::principal(cloud) {
                elsewhere.is_about(Limit::SpareAccount, who);
            }
        }
        let mut sessions = BTreeMap::new();
        for (role, cloud) in clouds {
            sessions.insert(role, Session::new(role, cloud)?);
        }
        // Services are found as the member sees them, and every account uses them.
        for (role, session) in &sessions {
            for (other, named) in sessions.iter().filter(|(other, _)| *other != role) {
                if !matches!((role, other), (Role::Redfish(_), _) | (_, Role::Redfish(_))) {
                    session.meets(named.cloud());
                }
            }
        }
        let logins = sessions.values().map(|session| async {
            // Another run may have given the spare account another password just now.
            let held = match session.role() {
                Role::Spare => elsewhere.take(&[Limit::SpareAccount], elsewhere::PATIENCE).await,
                _ => Ok(Held::default()),
            };
            let _held = held
                .map_err(|stop| LoginError::InUse { cloud: session.cloud().name.clone(), reason: stop.to_string() })?;
            match session.login(&log).await {
                Err(error) if !excused(session.role(), &error) => Err(error),
                _ => Ok(()),
            }
        });
        futures::future::try_join_all(logins).await?;
        let all: Vec<Arc<Session>> = sessions.values().cloned().collect();
        let connected = Box::pin(Self::look_around(run_id, sessions, metal, elsewhere, &log)).await;
        if connected.is_err() {
            log_out(&all, &log).await;
        }
        connected
    }

    /// Looks for what there is.
    async fn look_around(
        run_id: &str,
        sessions: BTreeMap<Role, Arc<Session>>,
        metal: Metal,
        mut elsewhere: Elsewhere,
        log: &Arc<TestLog>,
    ) -> Result<Self, LoginError> {
        let mut deployment = Self {
            guard: Arc::new(Guard::new(run_id)),
            sessions,
            services: HashMap::new(),
            stores: HashMap::new(),
            projects: HashMap::new(),
            features: None,
            extensions: None,
            machines: Machines::default(),
            redfish: Vec::new(),
            overrides: Overrides::default(),
            choices: Chosen::default(),
            probe: OnceCell::new(),
            guests: OnceLock::new(),
            limits: Limits::default(),
            elsewhere: Elsewhere::default(),
            cleanup: Budget::new(CLEANUP),
            shared: Shared::default(),
            number: AtomicU32::new(0),
        };
        let (unfinished, ironic) = (&deployment, metal.ironic);
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
        deployment.settle_guard(log).await;
        if let Some(session) = deployment.sessions.get(&Role::Spare)
            && let Some(login) = session.known_login().await
        {
            elsewhere.is_about(Limit::SpareAccount, format!("{} at {}", login.user_id, session.cloud().auth_url));
        }
        if let Some(Ok(store)) = deployment.stores.get(&Role::Member) {
            elsewhere.is_about(Limit::AccountMetadata, store.clone());
        }
        for id in deployment.machines().filter_map(|(_, id)| id.ok()) {
            elsewhere.is_about(Limit::Machines, id.to_owned());
        }
        for service in &deployment.redfish {
            let Some(session) = deployment.sessions.get(&service.role) else { continue };
            let url = &session.cloud().auth_url;
            let all =
                service.settings.sole.then(String::new).into_iter().chain(service.settings.machines.iter().cloned());
            all.for_each(|machine| elsewhere.is_about(Limit::RedfishMachines, format!("{url} {machine}")));
        }
        deployment.elsewhere = elsewhere;
        let (features, extensions, quotas) = futures::join!(
            deployment.look_for_features(log),
            deployment.look_for_extensions(log),
            deployment.quotas(log),
        );
        (deployment.features, deployment.extensions, deployment.limits) = (features, extensions, Limits::new(&quotas));
        Ok(deployment)
    }

    /// Ends the sessions at controllers, which keep few of them; says which could not be ended.
    pub async fn log_out(&self, recorder: &Arc<Recorder>) -> Vec<String> {
        let all: Vec<Arc<Session>> = self.sessions.values().cloned().collect();
        log_out(&all, &recorder.log("end")).await
    }

    /// The Redfish services that refuse a password with each request, and gave a session for it.
    pub fn refusing_basic(&self) -> impl Iterator<Item = &str> {
        let all = self.sessions.values().filter(|session| session.has_session());
        let told = all.filter(|session| !matches!(session.cloud().credentials, Credentials::Session { .. }));
        told.map(|session| session.cloud().name.as_str())
    }

    /// Tells the guard where the services are, whose what is, and when the run begins by the deployment's clock.
    async fn settle_guard(&self, log: &Arc<TestLog>) {
        let (mut apis, mut domains, mut users) = (Vec::new(), HashMap::new(), HashMap::new());
        for (role, session) in &self.sessions {
            let services = match role {
                Role::Redfish(_) => [Service::Redfish].as_slice(),
                _ => Service::ALL.as_slice(),
            };
            for service in services {
                if let Ok(client) = self.client(*role, *service, log) {
                    apis.push((*role, *service, client.caller.api.clone()));
                }
            }
            let Some(login) = session.known_login().await else { continue };
            users.insert(*role, login.user_id.clone());
            domains.extend(login.domain_id.clone().map(|domain| (*role, domain)));
            if *role == Role::Member {
                // A service that stands alone has no login; its answers so far told its clock.
                let clock = || session.transport().clocks().now(&session.cloud().auth_url);
                self.guard.began(login.served.unwrap_or_else(clock));
            }
        }
        self.guard.settle(Places { apis, projects: self.projects.clone(), domains, users });
    }
}

async fn log_out(sessions: &[Arc<Session>], log: &Arc<TestLog>) -> Vec<String> {
    let left = futures::future::join_all(sessions.iter().map(|session| async {
        let ended = tokio::time::timeout(LOGGING_OUT, session.log_out(log)).await;
        ended.unwrap_or_else(|_| {
            let seconds = LOGGING_OUT.as_secs();
            vec![format!(
                "the session at `{}` was not ended within {seconds} s: it ends by itself",
                session.cloud().name
            )]
        })
    }));
    let left = left.await;
    left.into_iter().flatten().collect()
}
