//! An account of the deployment: its credentials, its token, and the catalog that it sees.

mod address;
mod audience;
pub mod catalog;
mod cloud;
mod cloud_error;
pub mod clouds;
mod controller;
mod credentials;
mod entry;
mod login;
mod openid;
mod principal;
mod regions;
mod role;
mod services;
#[cfg(test)]
mod tests;
mod token;
pub(crate) mod versions;
mod yaml;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use tokio::sync::Mutex;

pub(crate) use address::leaves;
pub use address::{endpoint, shown};
pub(crate) use audience::{Audience, elsewhere};
pub use catalog::Catalog;
pub use cloud::{Cloud, Scope, Source};
pub use cloud_error::CloudError;
pub(crate) use controller::ROOT;
pub use credentials::{Credentials, Factors, Grant, OpenId};
pub use principal::{Domain, Principal};
pub use role::Role;
pub use services::ServiceSettings;
use token::OFTEN;
pub use token::{Login, LoginError};
pub use yaml::is_run;

use crate::http::{Transport, TransportError};
use crate::outcome::Stop;
use crate::recorder::TestLog;

/// An account of the deployment, logged in when it is first used.
#[derive(Debug)]
pub struct Session {
    role: Role,
    cloud: Cloud,
    audience: Audience,
    transport: Transport,
    login: Mutex<Option<Arc<Login>>>,
    logins: Logins,
    controller: controller::Sessions,
    steps: AtomicU32,
}

impl Session {
    /// An account that is not logged in yet.
    ///
    /// # Errors
    ///
    /// The cloud's certificate files cannot be used.
    pub fn new(role: Role, cloud: Cloud) -> Result<Arc<Self>, TransportError> {
        let mut transport = Transport::new(&cloud.tls, cloud.silence)?;
        if matches!(role, Role::Redfish(_)) {
            transport = transport.taking_turns();
        }
        let audience = Audience::of(&cloud);
        let has_session = matches!(cloud.credentials, Credentials::Session { .. });
        Ok(Arc::new(Self {
            role,
            cloud,
            audience,
            transport,
            login: Mutex::default(),
            logins: Logins::default(),
            controller: controller::Sessions::of(has_session),
            steps: AtomicU32::new(0),
        }))
    }

    /// Which account it is.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Its entry of clouds.yaml.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// Its password, when it logs in with one: a secret.
    #[must_use]
    pub fn password(&self) -> Option<&str> {
        match &self.cloud.credentials {
            Credentials::Password { password, .. } => Some(password),
            _ => None,
        }
    }

    /// The `identity` of a request for a token, made of its credentials; the secret in it is one that the redactor knows.
    #[must_use]
    pub fn proof(&self) -> Value {
        login::proof(&self.cloud.credentials)
    }

    /// The same with another password; none when the account has no password.
    #[must_use]
    pub fn proof_with(&self, password: &str) -> Option<Value> {
        match &self.cloud.credentials {
            Credentials::Password { user, .. } => Some(login::password_proof(user, password)),
            _ => None,
        }
    }

    /// A secret that only someone with the account's credentials can make again: HMAC-SHA-256 of a label under the
    /// account's own secret.
    pub fn derived_secret(&self, label: &str) -> Result<String, Stop> {
        let secret = self.cloud.credentials.secrets().concat();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
            .map_err(|error| Stop::Error(format!("no secret can be derived: {error}")))?;
        mac.update(label.as_bytes());
        let code = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        // Each class of characters that a password policy may ask for.
        Ok(format!("Aa1-{}", &code[..32]))
    }

    /// The next of the steps in which the account's password is changed; above `taken`.
    pub(crate) fn next_step(&self, taken: u32) -> u32 {
        self.steps.fetch_max(taken, Ordering::Relaxed);
        self.steps.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// What the last login gave; logs in when there was none or its token is about to expire.
    pub async fn login(&self, log: &TestLog) -> Result<Arc<Login>, LoginError> {
        let mut login = self.login.lock().await;
        if let Some(login) = login.as_ref().filter(|login| !expires_soon(login)) {
            return Ok(login.clone());
        }
        if !self.logins.one_more() {
            let valid = login.as_ref().and_then(|login| login.lifetime);
            let last =
                valid.map_or_else(|| "was refused".into(), |valid| format!("is valid for {} s", valid.as_secs_f32()));
            return Err(LoginError::Often { cloud: self.cloud.name.clone(), last });
        }
        let new = Arc::new(Box::pin(login::login(&self.cloud, &self.transport, self.role, log)).await?);
        self.audience.hear(&new.identity, &new.catalog, &self.cloud);
        *login = Some(new.clone());
        Ok(new)
    }

    /// What the last login gave, when there was one.
    pub(crate) async fn known_login(&self) -> Option<Arc<Login>> {
        self.login.lock().await.clone()
    }

    /// Whom its secrets are for.
    pub(crate) fn audience(&self) -> &Audience {
        &self.audience
    }

    /// Lets the services that the user names in another account's entry be asked as well.
    pub(crate) fn meets(&self, other: &Cloud) {
        self.audience.extend(other);
    }

    /// Refuses an address that is nobody's whom this account speaks to. Every request passes here.
    pub(crate) fn permits(&self, url: &str) -> Result<(), TransportError> {
        self.audience.permits(url)
    }

    /// The header that proves to the service at this address who asks, and its value; none where nobody has to.
    pub(crate) async fn proof_header(
        &self,
        url: &str,
        log: &TestLog,
    ) -> Result<Option<(&'static str, String)>, LoginError> {
        let proof = self.proof_of(log).await?;
        // The login has told by now whom the catalog names.
        self.permits(url)?;
        Ok(proof)
    }

    async fn proof_of(&self, log: &TestLog) -> Result<Option<(&'static str, String)>, LoginError> {
        Ok(match (&self.cloud.credentials, self.cloud.credentials.user()) {
            (_, Some(_)) if self.has_session() => Some((TOKEN, self.token(log).await?)),
            (_, Some((username, password))) => Some((AUTHORIZATION, basic(username, password))),
            (Credentials::Nobody, None) => None,
            _ => Some((TOKEN, self.token(log).await?)),
        })
    }

    /// Whether it has a session at a controller, and gives no password with each request.
    #[must_use]
    pub fn has_session(&self) -> bool {
        self.controller.are_wanted()
    }

    /// How it proves who asks: as it was told to, or by a session where a controller takes nothing else.
    #[must_use]
    pub fn method(&self) -> &'static str {
        if self.has_session() { "session" } else { self.cloud.credentials.method() }
    }

    /// Tries a session at a controller that has refused the user and the password in a request: from now on where there is one.
    pub(crate) async fn try_session(&self, log: &TestLog) -> bool {
        if self.has_session() || self.cloud.credentials.user().is_none() {
            return false;
        }
        self.controller.want(true);
        let is_open = self.token(log).await.is_ok();
        self.controller.want(is_open);
        is_open
    }

    /// Ends the sessions that it has at a controller; says which could not be ended.
    pub(crate) async fn log_out(&self, log: &TestLog) -> Vec<String> {
        self.controller.end(self.at_controller(log)).await
    }

    fn at_controller<'a>(&'a self, log: &'a TestLog) -> controller::At<'a> {
        controller::At { cloud: &self.cloud, transport: &self.transport, role: self.role, log }
    }

    /// A token that is not about to expire.
    async fn token(&self, log: &TestLog) -> Result<String, LoginError> {
        if self.has_session() {
            return self.controller.token(self.at_controller(log), || self.logins.one_more()).await;
        }
        Ok(self.login(log).await?.token.clone())
    }

    /// A token other than this one, which was refused.
    pub(crate) async fn renew(&self, log: &TestLog, refused: Option<&str>) -> Result<String, LoginError> {
        if self.has_session() {
            if self.logins.has_room() {
                self.controller.give_up(refused).await;
            }
            return self.token(log).await;
        }
        let mut login = self.login.lock().await;
        // One that refuses every token would be logged in to without end: what it refuses is its answer then.
        if login.as_ref().is_some_and(|login| Some(login.token.as_str()) == refused) && self.logins.has_room() {
            *login = None;
        }
        drop(login);
        self.token(log).await
    }
}

/// The header of a token.
pub(crate) const TOKEN: &str = "X-Auth-Token";
/// The header of a user with a password.
pub(crate) const AUTHORIZATION: &str = "Authorization";

/// The value of `Authorization` for a user with a password (RFC 7617).
pub(crate) fn basic(username: &str, password: &str) -> String {
    let both = base64::engine::general_purpose::STANDARD.encode(format!("{username}:{password}"));
    format!("Basic {both}")
}

/// Whether a token has less than a minute left, or a tenth of its life where that is shorter.
fn expires_soon(login: &Login) -> bool {
    login.lifetime.is_some_and(|lifetime| {
        let margin = Duration::from_secs(60).min(lifetime / 10);
        login.at.elapsed() + margin >= lifetime
    })
}

/// When an account logged in within the last minute.
#[derive(Debug, Default)]
struct Logins(std::sync::Mutex<VecDeque<Instant>>);

impl Logins {
    fn recent(&self) -> std::sync::MutexGuard<'_, VecDeque<Instant>> {
        let mut recent = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        while recent.front().is_some_and(|first| first.elapsed() >= Duration::from_secs(60)) {
            recent.pop_front();
        }
        recent
    }

    /// Whether there may be one more.
    fn has_room(&self) -> bool {
        self.recent().len() < OFTEN
    }

    /// Notes one more, if there may be one.
    fn one_more(&self) -> bool {
        let mut recent = self.recent();
        let room = recent.len() < OFTEN;
        if room {
            recent.push_back(Instant::now());
        }
        room
    }
}
