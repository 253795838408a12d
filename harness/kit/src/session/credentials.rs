//! Who logs in, and how.

use std::fmt;

use super::principal::Principal;

/// Who logs in, and how.
#[derive(Clone)]
pub enum Credentials {
    /// A user with a password, at the identity service.
    Password {
        /// The user.
        user: Principal,
        /// The password: a secret.
        password: String,
    },
    /// An application credential, by id, or by name and user.
    ApplicationCredential {
        /// Its id.
        id: Option<String>,
        /// Its name.
        name: Option<String>,
        /// Its user.
        user: Option<Principal>,
        /// Its secret.
        secret: String,
    },
    /// A token: a secret.
    Token(String),
    /// A user with a password, at the service itself (RFC 7617): there is no identity service.
    HttpBasic {
        /// The user.
        username: String,
        /// The password: a secret.
        password: String,
    },
    /// Nobody: a service that asks for no proof.
    Nobody,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method())
    }
}

impl Credentials {
    /// The name of the method of authentication.
    #[must_use]
    pub fn method(&self) -> &'static str {
        match self {
            Self::Password { .. } => "password",
            Self::ApplicationCredential { .. } => "application credential",
            Self::Token(_) => "token",
            Self::HttpBasic { .. } => "HTTP Basic",
            Self::Nobody => "none",
        }
    }

    /// What must never be written.
    #[must_use]
    pub fn secrets(&self) -> Vec<&str> {
        match self {
            Self::Password { password, .. } | Self::HttpBasic { password, .. } => vec![password],
            Self::ApplicationCredential { secret, .. } => vec![secret],
            Self::Token(token) => vec![token],
            Self::Nobody => Vec::new(),
        }
    }

    /// Whether they are for a service that stands by itself, without an identity service and its catalog.
    #[must_use]
    pub fn standalone(&self) -> bool {
        matches!(self, Self::HttpBasic { .. } | Self::Nobody)
    }

    /// What to look at when they are refused.
    pub(crate) fn check(&self) -> &'static str {
        match self {
            Self::Password { .. } => "username, password, project and their domains in clouds.yaml",
            Self::ApplicationCredential { .. } => {
                "the application credential's id and secret, and whether it has expired"
            }
            Self::Token(_) => "whether the token has expired",
            Self::HttpBasic { .. } => "the username and the password",
            Self::Nobody => "whether the service wants a user: name one with `auth`",
        }
    }
}
