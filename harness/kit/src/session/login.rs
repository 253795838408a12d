//! Login with Identity v3: password, application credential or token.
//!
//! <https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management>

use std::time::Instant;

use bytes::Bytes;
use chrono::DateTime;
use serde_json::{Value, json};

use super::catalog::Catalog;
use super::cloud::{Cloud, Scope};
use super::credentials::Credentials;
use super::principal::Principal;
use super::role::Role;
use super::token::{Login, LoginError};
use crate::clock;
use crate::guard::Permit;
use crate::http::address::join;
use crate::http::redact::Redactor;
use crate::http::{RawRequest, Transport, TransportError};
use crate::recorder::TestLog;

/// How much of what the identity service says is shown, in bytes.
const MESSAGE: usize = 2000;

pub(super) async fn login(
    cloud: &Cloud,
    transport: &Transport,
    role: Role,
    log: &TestLog,
) -> Result<Login, LoginError> {
    for secret in cloud.credentials.secrets() {
        log.redactor().learn(secret);
    }
    if cloud.credentials.standalone() {
        return Ok(alone(cloud));
    }
    let url = join(&versioned(cloud, transport, log).await?, "auth/tokens");
    let request = RawRequest {
        method: "POST".into(),
        url: url.clone(),
        headers: vec![("Content-Type".into(), "application/json".into()), ("Accept".into(), "application/json".into())],
        body: Bytes::from(body(cloud).to_string()),
        account: Some(role),
        permit: permit("POST", &url)?,
    };
    let answer = transport.send(log, &request).await?;
    let json = serde_json::from_slice::<Value>(&answer.body);
    if answer.status != 201 {
        let message = json.ok().and_then(|json| Some(json["error"]["message"].as_str()?.to_owned()));
        let Some(message) = message else {
            return Err(no_identity(cloud, &url, format!("it answered {} without an Identity error", answer.status)));
        };
        return Err(LoginError::Refused {
            cloud: cloud.name.clone(),
            url,
            status: answer.status,
            message: log.redactor().beginning(&message, MESSAGE).0,
            check: cloud.credentials.check(),
        });
    }
    let json =
        json.map_err(|error| no_identity(cloud, &url, format!("its 201 has a body that is no JSON ({error})")))?;
    let header = |wanted: &str| answer.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    let token = header("x-subject-token")
        .ok_or_else(|| no_identity(cloud, &url, "its 201 has no X-Subject-Token".to_owned()))?;
    log.redactor().learn(&token);
    let own = Redactor::default();
    cloud.credentials.secrets().into_iter().chain([token.as_str()]).for_each(|secret| own.learn(secret));
    let body = &json["token"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    for place in ["/user/id", "/project/id"] {
        // Ids become parts of addresses.
        let Some(id) = body.pointer(place).and_then(Value::as_str) else { continue };
        let what = place[1..].replace('/', "'s ");
        if !is_id(id) {
            return Err(no_identity(cloud, &url, format!("its token has a {what} that is no id")));
        }
        // They are written down, to be compared by a sweep: nothing can be left out of them.
        if own.knows(id) {
            return Err(no_identity(cloud, &url, format!("its token has a {what} that holds a secret of the login")));
        }
    }
    let time = |value: &Value| Some(DateTime::parse_from_rfc3339(value.as_str()?).ok()?.to_utc());
    let (expires, served) = (time(&body["expires_at"]), clock::date(&answer.headers));
    // By the service's own clock, whatever ours says. One that expired before it was issued is one that says nothing.
    let begins = time(&body["issued_at"]).or(served).unwrap_or_else(clock::here);
    let lifetime = expires.and_then(|expires| (expires - begins).to_std().ok()).filter(|lifetime| !lifetime.is_zero());
    Ok(Login {
        token,
        expires,
        lifetime,
        at: Instant::now(),
        issued: clock::here(),
        served,
        user_id: text(&body["user"]["id"])
            .ok_or_else(|| no_identity(cloud, &url, "its token names no user".to_owned()))?,
        user_name: text(&body["user"]["name"]).unwrap_or_default(),
        user_domain_id: text(&body["user"]["domain"]["id"]).unwrap_or_default(),
        project_id: text(&body["project"]["id"]),
        project_name: text(&body["project"]["name"]),
        roles: body["roles"].as_array().into_iter().flatten().filter_map(|role| text(&role["name"])).collect(),
        catalog: Catalog::new(&body["catalog"]),
    })
}

/// Whether a text can be an id: no sign of it has a meaning in an address.
fn is_id(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b':' | b'@');
    (1..=255).contains(&text.len()) && text.bytes().all(is_part) && !matches!(text, "." | "..")
}

/// The account of a service that stands alone: there is no token, and the first request shows whether it is let in.
fn alone(cloud: &Cloud) -> Login {
    let user_name = match &cloud.credentials {
        Credentials::HttpBasic { username, .. } => username.clone(),
        _ => String::new(),
    };
    Login {
        token: String::new(),
        expires: None,
        lifetime: None,
        at: Instant::now(),
        issued: clock::here(),
        served: None,
        user_id: user_name.clone(),
        user_name,
        user_domain_id: String::new(),
        project_id: None,
        project_name: None,
        roles: Vec::new(),
        catalog: Catalog::default(),
    }
}

/// Leave to ask for a token, or what a login needs to know before.
fn permit(method: &str, url: &str) -> Result<Permit, TransportError> {
    Permit::harmless(method, url)
        .ok_or_else(|| TransportError::Setup(format!("a defect of Assay: {method} is no login")))
}

fn no_identity(cloud: &Cloud, url: &str, reason: String) -> LoginError {
    LoginError::NoIdentity { cloud: cloud.name.clone(), url: url.to_owned(), reason }
}

/// The address of Identity v3: `auth_url` itself when it ends in `/v3`, or what its list of versions has.
pub(super) async fn versioned(cloud: &Cloud, transport: &Transport, log: &TestLog) -> Result<String, LoginError> {
    let url = cloud.auth_url.trim_end_matches('/');
    if url.ends_with("/v3") {
        return Ok(url.to_owned());
    }
    // clouds.yaml files of the time of v2.0 name that version; v3 stands beside it.
    let root = url.strip_suffix("/v2.0").unwrap_or(url);
    let request = RawRequest {
        method: "GET".into(),
        url: format!("{root}/"),
        headers: vec![("Accept".into(), "application/json".into())],
        body: Bytes::new(),
        account: None,
        permit: permit("GET", root)?,
    };
    let answer = transport.send(log, &request).await?;
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let single = json["version"]["id"].as_str().is_some_and(|id| id.starts_with("v3"));
    let values = json["versions"]["values"].as_array().or_else(|| json["versions"].as_array());
    let listed =
        values.into_iter().flatten().any(|version| version["id"].as_str().is_some_and(|id| id.starts_with("v3")));
    if single || listed {
        Ok(join(root, "v3"))
    } else {
        let reason = format!("it answered {} and lists no version 3", answer.status);
        Err(no_identity(cloud, root, reason))
    }
}

fn body(cloud: &Cloud) -> Value {
    let mut auth = json!({"identity": proof(&cloud.credentials)});
    // An application credential brings its own scope; naming one is refused.
    if !matches!(cloud.credentials, Credentials::ApplicationCredential { .. }) {
        match &cloud.scope {
            Scope::Project(project) => auth["scope"] = json!({"project": project.json()}),
            Scope::System => auth["scope"] = json!({"system": {"all": true}}),
            Scope::Unscoped => {}
        }
    }
    json!({"auth": auth})
}

/// The `identity` of a request for a token: the methods, and what proves each.
pub(super) fn proof(credentials: &Credentials) -> Value {
    match credentials {
        Credentials::Password { user, password } => password_proof(user, password),
        Credentials::ApplicationCredential { id: Some(id), secret, .. } => {
            json!({"methods": ["application_credential"], "application_credential": {"id": id, "secret": secret}})
        }
        Credentials::ApplicationCredential { name, user, secret, .. } => json!({
            "methods": ["application_credential"],
            "application_credential": {
                "name": name, "secret": secret, "user": user.as_ref().map(Principal::json),
            },
        }),
        Credentials::Token(token) => json!({"methods": ["token"], "token": {"id": token}}),
        // They prove nothing to an identity service.
        Credentials::HttpBasic { .. } | Credentials::Nobody => json!({"methods": []}),
    }
}

pub(super) fn password_proof(user: &Principal, password: &str) -> Value {
    let mut user = user.json();
    user["password"] = json!(password);
    json!({"methods": ["password"], "password": {"user": user}})
}
