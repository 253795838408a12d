//! Who logs in, and how.

use std::fmt;

use serde_yaml::Value;

use super::cloud_error::CloudError;
use super::principal::Principal;
use super::yaml::{Node, address, method};

/// A user who proves who they are in several ways at once, or with a passcode.
#[derive(Clone)]
pub struct Factors {
    /// The user.
    pub user: Principal,
    /// The password: a secret.
    pub password: Option<String>,
    /// The passcode of the moment (TOTP): a secret.
    pub passcode: Option<String>,
}

/// A user of an identity provider that speaks OpenID Connect.
#[derive(Clone)]
pub struct OpenId {
    /// What the identity service calls the provider.
    pub provider: String,
    /// What the identity service calls the protocol.
    pub protocol: String,
    /// How an access token is had.
    pub grant: Grant,
}

/// How an access token of OpenID Connect is had.
#[derive(Clone)]
pub enum Grant {
    /// It is at hand: a secret.
    Token(String),
    /// It is asked for, with the password of a user or as a client alone.
    Ask {
        /// The address that gives it; found through the discovery document unless it is named.
        endpoint: Option<String>,
        /// The address of the discovery document.
        discovery: Option<String>,
        /// The client's id.
        client: String,
        /// The client's secret, where it has one.
        client_secret: Option<String>,
        /// The user and the password, where a user logs in; the password is a secret.
        user: Option<(String, String)>,
        /// What is asked for.
        scope: String,
        /// Under which name the answer has it: `access_token`, or `id_token`.
        kind: String,
    },
}

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
    /// A user with a passcode, or with a password and a passcode.
    Factors(Factors),
    /// A user of an identity provider.
    OpenId(OpenId),
    /// A user with a password, at the service itself (RFC 7617): there is no identity service.
    HttpBasic {
        /// The user.
        username: String,
        /// The password: a secret.
        password: String,
    },
    /// A user with a password, who gets a session of the service itself (DSP0266, "Redfish session login authentication").
    Session {
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
            Self::Factors(Factors { password: None, .. }) => "TOTP",
            Self::Factors(_) => "password and TOTP",
            Self::OpenId(_) => "OpenID Connect",
            Self::HttpBasic { .. } => "HTTP Basic",
            Self::Session { .. } => "session",
            Self::Nobody => "none",
        }
    }

    /// What must never be written.
    #[must_use]
    pub fn secrets(&self) -> Vec<&str> {
        match self {
            Self::Password { password, .. } | Self::HttpBasic { password, .. } | Self::Session { password, .. } => {
                vec![password]
            }
            Self::ApplicationCredential { secret, .. } => vec![secret],
            Self::Token(token) | Self::OpenId(OpenId { grant: Grant::Token(token), .. }) => vec![token],
            Self::Factors(factors) => factors.password.iter().chain(&factors.passcode).map(String::as_str).collect(),
            Self::OpenId(OpenId { grant: Grant::Ask { client_secret, user, .. }, .. }) => {
                client_secret.iter().chain(user.as_ref().map(|(_, password)| password)).map(String::as_str).collect()
            }
            Self::Nobody => Vec::new(),
        }
    }

    /// Whether they are for a service that stands by itself, without an identity service and its catalog.
    #[must_use]
    pub fn standalone(&self) -> bool {
        matches!(self, Self::HttpBasic { .. } | Self::Session { .. } | Self::Nobody)
    }

    /// The user and the password of a service that stands by itself; none where nobody is asked for them.
    #[must_use]
    pub fn user(&self) -> Option<(&str, &str)> {
        match self {
            Self::HttpBasic { username, password } | Self::Session { username, password } => Some((username, password)),
            _ => None,
        }
    }

    /// What to look at when they are refused.
    pub(crate) fn check(&self) -> &'static str {
        match self {
            Self::Password { .. } => "username, password, project and their domains in clouds.yaml",
            Self::ApplicationCredential { .. } => {
                "the application credential's id and secret, and whether it has expired"
            }
            Self::Token(_) => "whether the token has expired",
            Self::Factors(_) => "username, domain and password, and whether the passcode is that of this minute",
            Self::OpenId(_) => "identity_provider and protocol, and whether the user may log in through them",
            Self::HttpBasic { .. } | Self::Session { .. } => "the username and the password",
            Self::Nobody => "whether the service wants a user: name one with `auth`",
        }
    }
}

/// Reads who logs in, and how: as `auth_type` says, or as what is given suggests.
pub(super) fn read(
    entry: &Node,
    user: Option<Principal>,
    text: &dyn Fn(&str) -> Result<Option<String>, CloudError>,
    missing: &dyn Fn(&str, &str) -> CloudError,
) -> Result<Credentials, CloudError> {
    /// What is said of a secret that is missing.
    const SECRET: &str = ": in clouds.yaml or, better, in secure.yaml";
    let needed = |key: &str, help: &str| text(key)?.ok_or_else(|| missing(key, help));
    let who = |user: Option<Principal>| user.ok_or_else(|| missing("username", " (or `user_id`)"));
    let secret = text("application_credential_secret")?;
    let token = text("token")?.or(text("auth_token")?);
    let method = match method(entry)? {
        Some(method) => method,
        None if secret.is_some() => "v3applicationcredential".into(),
        None if token.is_some() && text("password")?.is_none() => "token".into(),
        None => "password".into(),
    };
    Ok(match method.as_str() {
        "password" | "v3password" => Credentials::Password { user: who(user)?, password: needed("password", SECRET)? },
        "v3applicationcredential" => {
            let (id, name) = (text("application_credential_id")?, text("application_credential_name")?);
            if id.is_none() && (name.is_none() || user.is_none()) {
                return Err(missing("application_credential_id", " (or `application_credential_name` with a user)"));
            }
            let secret = secret.ok_or_else(|| missing("application_credential_secret", ""))?;
            Credentials::ApplicationCredential { id, name, user, secret }
        }
        "token" | "v3token" => Credentials::Token(token.ok_or_else(|| missing("token", ""))?),
        "v3totp" => Credentials::Factors(Factors {
            user: who(user)?,
            password: None,
            passcode: Some(needed("passcode", ": the code of the moment, as in OS_PASSCODE")?),
        }),
        "v3multifactor" => {
            let methods = methods(entry)?;
            let has =
                |name: &str| methods.iter().any(|method| method == name || method.strip_prefix("v3") == Some(name));
            let password = if has("password") { Some(needed("password", SECRET)?) } else { None };
            let passcode = if has("totp") { Some(needed("passcode", ": the code of the moment")?) } else { None };
            Credentials::Factors(Factors { user: who(user)?, password, passcode })
        }
        "v3oidcaccesstoken" => open_id(text, missing, Grant::Token(needed("access_token", "")?))?,
        "v3oidcpassword" | "v3oidcclientcredentials" => {
            let (endpoint, discovery) = (text("access_token_endpoint")?, text("discovery_endpoint")?);
            if endpoint.is_none() && discovery.is_none() {
                return Err(missing("discovery_endpoint", " (or `access_token_endpoint`)"));
            }
            for (key, url) in [("access_token_endpoint", &endpoint), ("discovery_endpoint", &discovery)] {
                url.iter().try_for_each(|url| address(entry.file, &format!("{}.auth.{key}", entry.place), url))?;
            }
            let user = match method.as_str() {
                "v3oidcpassword" => Some((needed("username", "")?, needed("password", SECRET)?)),
                _ => None,
            };
            let scope = text("openid_scope")?.unwrap_or_else(|| "openid profile".to_owned());
            let (client, client_secret) = (needed("client_id", "")?, text("client_secret")?);
            let kind = text("access_token_type")?.unwrap_or_else(|| "access_token".to_owned());
            if !matches!(kind.as_str(), "access_token" | "id_token") {
                return Err(CloudError::Unusable {
                    file: entry.file.to_owned(),
                    place: format!("{}.auth.access_token_type", entry.place),
                    value: format!("`{kind}`"),
                    help: "write access_token or id_token".to_owned(),
                });
            }
            open_id(text, missing, Grant::Ask { endpoint, discovery, client, client_secret, user, scope, kind })?
        }
        "http_basic" => {
            Credentials::HttpBasic { username: needed("username", "")?, password: needed("password", SECRET)? }
        }
        "none" => Credentials::Nobody,
        other => {
            let help = "password, v3password, v3applicationcredential, token, v3token, v3totp, v3multifactor, v3oidcpassword, \
                        v3oidcclientcredentials, v3oidcaccesstoken, http_basic and none can be used";
            return Err(CloudError::Unusable {
                file: entry.file.to_owned(),
                place: format!("{}.auth_type", entry.place),
                value: format!("`{other}`"),
                help: help.to_owned(),
            });
        }
    })
}

fn open_id(
    text: &dyn Fn(&str) -> Result<Option<String>, CloudError>,
    missing: &dyn Fn(&str, &str) -> CloudError,
    grant: Grant,
) -> Result<Credentials, CloudError> {
    let needed = |key: &str| text(key)?.ok_or_else(|| missing(key, ": as the identity service calls it"));
    Ok(Credentials::OpenId(OpenId { provider: needed("identity_provider")?, protocol: needed("protocol")?, grant }))
}

/// The methods of `auth_methods`, of which each must be one that can be combined.
fn methods(entry: &Node) -> Result<Vec<String>, CloudError> {
    let unusable = |value: String| CloudError::Unusable {
        file: entry.file.to_owned(),
        place: format!("{}.auth_methods", entry.place),
        value,
        help: "v3password and v3totp can be combined: `auth_methods: [v3password, v3totp]`".into(),
    };
    let list = entry.find("auth_methods").or_else(|| entry.find("auth")?.find("auth_methods"));
    let Some(list) = list else { return Err(unusable("not there".into())) };
    let methods: Vec<String> = match list.value {
        Value::String(text) => text.split(',').map(|method| method.trim().to_owned()).collect(),
        Value::Sequence(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => return Err(list.wrong("a list of methods")),
    };
    let known = |method: &String| matches!(method.as_str(), "v3password" | "v3totp" | "password" | "totp");
    match methods.iter().find(|method| !known(method)) {
        Some(method) => Err(unusable(format!("`{method}`"))),
        None if methods.is_empty() => Err(unusable("an empty list".into())),
        None => Ok(methods),
    }
}
