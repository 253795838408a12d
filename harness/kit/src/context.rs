//! What a test has in hand.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::choices::Choices;
use crate::deployment::Deployment;
use crate::http::client::Client;
use crate::limit::Limit;
use crate::metal::Redfish;
use crate::need::Service;
use crate::outcome::{Evidence, Outcome, Stop};
use crate::recorder::TestLog;
use crate::resources::{Machine, Planned, Resource, SparePasswords, UndoList, machine, temp_url_key};
use crate::session::{Cloud, Login, Role};

/// What a test has in hand: the deployment, and its own log.
#[derive(Debug, Clone)]
pub struct Cx {
    deployment: Arc<Deployment>,
    log: Arc<TestLog>,
    undo: UndoList,
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
        Self { deployment, log, undo: UndoList::default() }
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

    /// The bare-metal service, as the member sees it, at its least microversion.
    pub fn bare_metal(&self) -> Outcome<Client> {
        self.client(Role::Member, Service::BareMetal)
    }

    /// A node of the bare-metal service that tests may change, for this test alone. It is put back into the state that it is
    /// in now, however the test ends. The test names `Machine` in `needs` and `Machines` in `holds`.
    pub async fn machine(&self) -> Outcome<Machine> {
        let borrowed = self.deployment.borrow_machine()?;
        let (name, id) = (borrowed.name().to_owned(), borrowed.id().to_owned());
        self.undo.keep(borrowed);
        machine::announce(self, &name, &id).await
    }

    /// Like [`Cx::machine`], one whose node, as the newest microversion describes it, is as it should be; none where no listed
    /// one is. It is waited for while another test has it.
    pub async fn machine_that(&self, fits: impl Fn(&Value) -> bool) -> Outcome<Option<Machine>> {
        let fit = machine::those(self, fits).await?;
        if fit.is_empty() {
            return Ok(None);
        }
        let look = || async { Ok(self.deployment.borrow_machine_of(&fit)) };
        // The time of the test ends this.
        let borrowed = self.settled(Duration::from_secs(86_400), look, Option::is_some).await?;
        let Some(borrowed) = borrowed else { return Ok(None) };
        let (name, id) = (borrowed.name().to_owned(), borrowed.id().to_owned());
        self.undo.keep(borrowed);
        machine::announce(self, &name, &id).await.map(Some)
    }

    /// Each Redfish service under test. A test with a second parameter, `redfish: &Redfish`, is called for each of them.
    pub fn redfish(&self) -> Outcome<Vec<Redfish>> {
        self.deployment.redfish(&self.log)
    }

    /// The image, flavors and networks that tests use: the user's choice, or what the deployment offers.
    pub async fn choices(&self) -> Outcome<&Choices> {
        self.deployment.choices(self).await
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
            self.skip(format!("needs a user with a password: cloud `{name}` logs in with {}", credentials.method()))
        })
    }

    /// The `identity` of a request for a token, made of the credentials of an account; see [`Cx::password`].
    pub fn proof(&self, role: Role) -> Outcome<Value> {
        Ok(self.deployment.session(role)?.proof())
    }

    /// The spare account, whose password may be changed from now on: it is put back however the test ends.
    pub fn spare_passwords(&self) -> Outcome<SparePasswords> {
        SparePasswords::announce(self)
    }

    /// A key for temporary URLs that the member's account is about to get: a secret, taken away again at the end. The
    /// account must have none.
    pub fn new_temp_url_key(&self) -> Outcome<String> {
        temp_url_key::announce(self)
    }

    /// A new name for something of this kind. It begins with the run's name, has lower-case letters, digits and `-` only,
    /// and fits in 64 characters.
    #[must_use]
    pub fn name(&self, kind: &str) -> String {
        format!("{}-{kind}-{}", self.deployment.run_id(), self.deployment.next_number())
    }

    /// A UUID that nothing has.
    #[must_use]
    pub fn unused_uuid(&self) -> String {
        uuid::Uuid::new_v4().to_string()
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
            pause = (pause * 3 / 2).min(Duration::from_secs(2));
        }
    }

    /// Ends the test as skipped.
    #[must_use]
    pub fn skip(&self, reason: impl Into<String>) -> Stop {
        Stop::Skip(reason.into())
    }
}
