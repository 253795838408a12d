//! What a test has in hand.

use std::collections::HashSet;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use assay_record::{Lack, naming};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::clock::here;
use crate::deployment::Deployment;
use crate::http::client::Client;
use crate::journal::State;
use crate::limit::Limit;
use crate::metal::Redfish;
use crate::need::Service;
use crate::outcome::{Evidence, Outcome, Stop};
use crate::recorder::TestLog;
use crate::resources::{Kind, Resource};
use crate::session::{Cloud, Login, Role};
use crate::undo::{Planned, UndoList};

/// What a test has in hand: the deployment, and its own log.
#[derive(Debug, Clone)]
pub struct Cx {
    deployment: Arc<Deployment>,
    log: Arc<TestLog>,
    undo: UndoList,
    /// The UUIDs of the nodes of the bare-metal service that it has had.
    tried: Arc<Mutex<HashSet<String>>>,
}

impl Evidence for Cx {
    fn log(&self) -> &TestLog {
        &self.log
    }
    fn exchange(&self) -> Option<u32> {
        None
    }
}

impl Cx {
    /// The context of a test, or of another part of a run, under this log.
    #[must_use]
    pub fn new(deployment: Arc<Deployment>, log: Arc<TestLog>) -> Self {
        Self { deployment, log, undo: UndoList::default(), tried: Arc::default() }
    }

    /// A context on the same deployment with a log and undo list of its own.
    pub(crate) fn apart(&self, id: &str) -> Self {
        Self::new(self.deployment.clone(), self.log.recorder().log(id))
    }

    /// Its log, to be kept.
    #[must_use]
    pub fn log_handle(&self) -> Arc<TestLog> {
        self.log.clone()
    }

    /// The deployment under test.
    #[must_use]
    pub fn deployment(&self) -> &Arc<Deployment> {
        &self.deployment
    }

    /// What has to be undone after the test.
    #[must_use]
    pub fn undo(&self) -> &UndoList {
        &self.undo
    }

    /// The UUIDs of the nodes of the bare-metal service that it has had.
    pub(crate) fn tried(&self) -> &Mutex<HashSet<String>> {
        &self.tried
    }

    /// A service, as one of the accounts sees it.
    pub fn client(&self, role: Role, service: Service) -> Outcome<Client> {
        self.deployment.client(role, service, &self.log)
    }

    /// The identity service, as the member sees it.
    pub fn identity(&self) -> Outcome<Client> {
        self.client(Role::Member, Service::Identity)
    }

    /// The image service, as the member sees it.
    pub fn image(&self) -> Outcome<Client> {
        self.client(Role::Member, Service::Image)
    }

    /// The object-storage service, as the member sees it: paths are relative to the member's account.
    pub fn object_storage(&self) -> Outcome<Client> {
        self.client(Role::Member, Service::ObjectStorage)
    }

    /// The compute service, as the member sees it, at its least microversion.
    pub fn compute(&self) -> Outcome<Client> {
        self.client(Role::Member, Service::Compute)
    }

    /// The networking service, as the member sees it.
    pub fn network(&self) -> Outcome<Client> {
        self.client(Role::Member, Service::Network)
    }

    /// The block-storage service, as the member sees it, at its least microversion: paths are relative to the member's
    /// project.
    pub fn block_storage(&self) -> Outcome<Client> {
        self.client(Role::Member, Service::BlockStorage)
    }

    /// The key manager, as the member sees it.
    pub fn key_manager(&self) -> Outcome<Client> {
        self.client(Role::Member, Service::KeyManager)
    }

    /// The bare-metal service, as the member sees it, at its least microversion.
    pub fn bare_metal(&self) -> Outcome<Client> {
        self.client(Role::Member, Service::BareMetal)
    }

    /// Each Redfish service under test, or why there is none. A test with a second parameter, `redfish: &Redfish`, is called
    /// for each of them.
    #[must_use]
    pub fn redfish(&self) -> Vec<Outcome<Redfish>> {
        self.deployment.redfish(&self.log)
    }

    /// Takes one of what the project's quotas allow, waiting for it a while, until what this context created is undone. For
    /// what only turns out to be needed while a test runs; what is known before it names in `holds` and [`crate::share!`].
    pub async fn hold(&self, limit: Limit, patience: Duration) -> Outcome {
        self.undo.keep(self.deployment.take(limit, patience).await?);
        Ok(())
    }

    /// Who an account is, as the identity service said at its login.
    pub async fn login(&self, role: Role) -> Outcome<Arc<Login>> {
        Ok(self.deployment.session(role)?.login(&self.log).await?)
    }

    /// The password of an account: a secret, which the redactor knows. Skips the test when the account logs in otherwise.
    pub fn password(&self, role: Role) -> Outcome<String> {
        let session = self.deployment.session(role)?;
        session.password().map(str::to_owned).ok_or_else(|| {
            let Cloud { name, credentials, .. } = session.cloud();
            self.skip(
                Lack::account(role.option()),
                format!("needs a user with a password: cloud `{name}` logs in with {}", credentials.method()),
            )
        })
    }

    /// The `identity` of a request for a token, made of the credentials of an account; see [`Cx::password`].
    pub fn proof(&self, role: Role) -> Outcome<Value> {
        Ok(self.deployment.session(role)?.proof())
    }

    /// What time it is by the deployment's clock: that of its identity service, as far as its answers told.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let session = self.deployment().session(Role::Member);
        session.map_or_else(|_| here(), |session| session.transport().clocks().now(&session.cloud().auth_url))
    }

    /// A new name for something of this kind, which has lower-case letters, digits and dashes only. It begins with the run's
    /// name and fits in 64 characters. Nothing but the run has such names: see [`assay_record::naming`].
    #[must_use]
    pub fn name(&self, kind: &str) -> String {
        naming::generated(self.deployment.run_id(), kind, self.deployment.next_number())
    }

    /// A UUID that nothing has. Requests that name it need no proof of whose it is.
    #[must_use]
    pub fn unused_uuid(&self) -> String {
        let id = uuid::Uuid::new_v4().to_string();
        self.deployment.guard().nobodys(&id);
        id
    }

    /// Notes objects that a request brings which does not name them in its address: an archive.
    pub fn will_write(&self, container: &str, object: &str) -> Outcome {
        let written = Resource { id: Some(object.to_owned()), ..Resource::new(Kind::Object, container) };
        self.deployment.guard().wrote(container, object);
        let journal = self.log.recorder().journal();
        journal.write(self.log.id(), &written, State::Planned, None).map_err(Stop::Error)
    }

    /// Announces what is about to be created or changed: it is undone however the test ends.
    pub fn will_create(&self, resource: Resource) -> Outcome<Planned> {
        self.undo.plan(self, resource)
    }

    /// What several tests only read: made by the first that asks, shared by all, undone at the end of the run.
    pub async fn shared<T, F, M>(&self, key: &'static str, make: M) -> Outcome<Arc<T>>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Outcome<T>> + Send + 'static,
        M: FnOnce(Self) -> F + Send + 'static,
    {
        self.deployment.shared().get(self, key, make).await
    }

    /// Looks again and again, at growing intervals, until the probe gives something; fails when the time is up.
    pub async fn wait_until<T, F, P>(&self, what: &str, within: Duration, probe: P) -> Outcome<T>
    where
        F: Future<Output = Outcome<Option<T>>>,
        P: FnMut() -> F,
    {
        let found = self.settled(within, probe, Option::is_some).await?;
        found.ok_or_else(|| {
            let expected = Some(format!("within {} s", within.as_secs_f32()));
            self.fail(what.to_owned(), expected, Some("not until then".into()))
        })
    }

    /// Looks again and again, at growing intervals, until what is seen is as it should be or the time is up. Gives what was
    /// seen last, for a check to judge.
    pub async fn settled<T, F, P, S>(&self, within: Duration, mut look: P, settled: S) -> Outcome<T>
    where
        F: Future<Output = Outcome<T>>,
        P: FnMut() -> F,
        S: Fn(&T) -> bool,
    {
        let begun = Instant::now();
        // Sooner would burden the deployment more than it would save: what is waited for takes a second or so on a real one.
        let mut pause = Duration::from_millis(200);
        loop {
            let seen = look().await?;
            let left = within.saturating_sub(begun.elapsed());
            if left.is_zero() || settled(&seen) {
                return Ok(seen);
            }
            tokio::time::sleep(pause.min(left)).await;
            // As often as Tempest looks: more seldom, what takes ten seconds would be seen two seconds late.
            pause = (pause * 3 / 2).min(Duration::from_secs(1));
        }
    }

    /// Ends the test as skipped: it lacks this, for this reason.
    #[must_use]
    pub fn skip(&self, lacks: Lack, reason: impl Into<String>) -> Stop {
        Stop::skip(lacks, reason)
    }
}
