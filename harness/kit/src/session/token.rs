//! A login: its token, or why it failed.

use std::fmt;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::catalog::Catalog;
use crate::http::TransportError;
use crate::outcome::Stop;

/// How often an account logs in within a minute at most.
pub(super) const OFTEN: usize = 60;

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
    /// Another run has it.
    #[error("cloud `{cloud}`: {reason}")]
    InUse {
        /// The cloud's name in clouds.yaml.
        cloud: String,
        /// What it has.
        reason: String,
    },
    /// It says yes, and each token is of no use soon after.
    #[error(
        "cloud `{cloud}`: logged in {OFTEN} times within a minute, and the last token {last}; no login is tried until the \
         minute is over"
    )]
    Often {
        /// The cloud's name in clouds.yaml.
        cloud: String,
        /// What became of the last token.
        last: String,
    },
    /// The way by an identity provider ended before the identity service.
    #[error("cloud `{cloud}`: {url} gave no token for a login by OpenID Connect: {reason}")]
    Provider {
        /// The cloud's name in clouds.yaml.
        cloud: String,
        /// The address that was asked.
        url: String,
        /// What is wrong.
        reason: String,
    },
    /// It went on saying that it is busy, or not available.
    #[error(
        "cloud `{cloud}`: {url} still answered {status} when it was asked again: the identity service is busy or not available; try again later"
    )]
    Busy {
        /// The cloud's name in clouds.yaml.
        cloud: String,
        /// The address that was asked.
        url: String,
        /// What it answered.
        status: u16,
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
    /// The versioned address that gave it; that of the service itself where it stands alone.
    pub identity: String,
    /// The token: a secret.
    pub token: String,
    /// When it expires; never, when the service did not say.
    pub expires: Option<DateTime<Utc>>,
    /// The same, as the service wrote it; empty when it did not say.
    pub expires_at: String,
    /// How long it is valid, by the service's own clock; for ever, as far as it says.
    pub lifetime: Option<Duration>,
    /// When it came, by a clock that nobody sets.
    pub at: Instant,
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
    /// The domain's id, when the token is scoped to one.
    pub domain_id: Option<String>,
    /// The domain's name.
    pub domain_name: Option<String>,
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
