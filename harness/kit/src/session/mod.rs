//! An account of the deployment: its credentials, its token, and the catalog that it sees.

pub mod catalog;
pub mod clouds;
mod credentials;
mod login;
mod role;
mod yaml;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use chrono::{DateTime, Duration, Utc};
use hmac::{Hmac, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use tokio::sync::Mutex;

pub use catalog::Catalog;
pub use clouds::{Cloud, CloudError};
pub use credentials::Credentials;
pub use role::Role;

use crate::http::{Transport, TransportError};
use crate::outcome::Stop;
use crate::recorder::TestLog;

/// No token could be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoginError {
    /// The identity service could not be reached.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The identity service said no.
    #[error("cloud `{cloud}`: {url} refused the login with {status}: {message}; check {check}")]
    Refused {
        /// The cloud's name in clouds.yaml.
        cloud: String,
        /// The address that was asked.
        url: String,
        /// What it answered.
        status: u16,
        /// What it said.
        message: String,
        /// What to look at.
        check: &'static str,
    },
    /// The identity service answered with something that is no token.
    #[error("cloud `{cloud}`: {url} is no Identity v3 service: {reason}; check `auth_url` in clouds.yaml")]
    NoIdentity {
        /// The cloud's name in clouds.yaml.
        cloud: String,
        /// The address that was asked.
        url: String,
        /// What is wrong with the answer.
        reason: String,
    },
}

impl From<LoginError> for Stop {
    fn from(error: LoginError) -> Self {
        Self::Error(error.to_string())
    }
}

/// A token and what the identity service said with it.
#[derive(Clone)]
pub struct Login {
    /// The token: a secret.
    pub token: String,
    /// When it expires; never, when the service did not say.
    pub expires: Option<DateTime<Utc>>,
    /// When it was issued, by our clock.
    pub issued: DateTime<Utc>,
    /// The clock of the identity service, when its answer had a `Date`.
    pub served: Option<DateTime<Utc>>,
    /// The user's id.
    pub user_id: String,
    /// The user's name.
    pub user_name: String,
    /// The user's domain's id.
    pub user_domain_id: String,
    /// The project's id, when the token is scoped to one.
    pub project_id: Option<String>,
    /// The project's name.
    pub project_name: Option<String>,
    /// The names of the roles held there.
    pub roles: Vec<String>,
    /// The endpoints that this account sees.
    pub catalog: Catalog,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("user_id", &self.user_id)
            .field("project_id", &self.project_id)
            .finish_non_exhaustive()
    }
}

/// An account of the deployment, logged in when it is first used.
#[derive(Debug)]
pub struct Session {
    role: Role,
    cloud: Cloud,
    transport: Transport,
    login: Mutex<Option<Arc<Login>>>,
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
        Ok(Arc::new(Self { role, cloud, transport, login: Mutex::default(), steps: AtomicU32::new(0) }))
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
        let new = Arc::new(login::login(&self.cloud, &self.transport, self.role, log).await?);
        *login = Some(new.clone());
        Ok(new)
    }

    /// What the last login gave, when there was one.
    pub(crate) async fn known_login(&self) -> Option<Arc<Login>> {
        self.login.lock().await.clone()
    }

    /// The header that proves who asks, and its value; none where nobody has to.
    pub(crate) async fn proof_header(&self, log: &TestLog) -> Result<Option<(&'static str, String)>, LoginError> {
        Ok(match &self.cloud.credentials {
            Credentials::HttpBasic { username, password } => Some((AUTHORIZATION, basic(username, password))),
            Credentials::Nobody => None,
            _ => Some((TOKEN, self.token(log).await?)),
        })
    }

    /// A token that is not about to expire.
    async fn token(&self, log: &TestLog) -> Result<String, LoginError> {
        Ok(self.login(log).await?.token.clone())
    }

    /// A token other than this one, which was refused.
    pub(crate) async fn renew(&self, log: &TestLog, refused: Option<&str>) -> Result<String, LoginError> {
        let mut login = self.login.lock().await;
        if login.as_ref().is_some_and(|login| Some(login.token.as_str()) == refused) {
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
    login.expires.is_some_and(|expires| {
        let margin = Duration::minutes(1).min((expires - login.issued) / 10);
        Utc::now() + margin >= expires
    })
}
