//! Login with Identity v3: password, passcode, application credential, token, or by way of an identity provider.
//!
//! <https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management>

use std::time::Instant;

use bytes::Bytes;
use chrono::DateTime;
use serde_json::{Value, json};
use url::Url;

use super::address::{endpoint, shown};
use super::catalog::Catalog;
use super::cloud::{Cloud, Scope};
use super::credentials::{Credentials, Factors};
use super::openid::{self, Refused};
use super::principal::{Domain, Principal};
use super::role::Role;
use super::token::{Login, LoginError};
use super::versions::versions_in;
use crate::clock;
use crate::guard::Permit;
use crate::http::address::join;
use crate::http::busy::{is_busy, is_limited};
use crate::http::redact::Redactor;
use crate::http::{RawRequest, RawResponse, Transport};
use crate::recorder::TestLog;

/// How many redirections of a login are followed.
const HOPS: usize = 5;
/// Where tokens are, below the address of Identity.
const TOKENS: &str = "auth/tokens";
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
    let identity = versioned(cloud, transport, log).await?;
    let proof = match &cloud.credentials {
        Credentials::OpenId(user) => {
            let token = openid::unscoped(user, &identity, transport, log).await;
            proof(&Credentials::Token(token.map_err(|Refused { url, reason }| LoginError::Provider {
                cloud: cloud.name.clone(),
                url: if url.is_empty() { identity.clone() } else { url },
                reason,
            })?))
        }
        credentials => proof(credentials),
    };
    let asked = Asked { method: "POST", body: Bytes::from(body(cloud, proof).to_string()), account: Some(role) };
    let (mut identity, mut known) = (identity, false);
    let (answer, url) = loop {
        let (answer, url) = asked.follow(cloud, transport, log, join(&identity, TOKENS)).await?;
        // `auth_url` named the version, and Identity is elsewhere: its list of versions says where.
        let is_elsewhere = matches!(answer.status, 300 | 404 | 405) && message(&answer).is_none();
        if !known
            && is_elsewhere
            && let Some(other) = linked(cloud, transport, log, &identity).await?
        {
            (identity, known) = (other, true);
            continue;
        }
        break (answer, url);
    };
    let json = serde_json::from_slice::<Value>(&answer.body);
    if answer.status != 201 {
        if is_busy(answer.status) || is_limited(answer.status, &answer.headers, &answer.body) {
            return Err(busy(cloud, &url, answer.status));
        }
        let Some(message) = message(&answer) else {
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
    for place in ["/user/id", "/project/id", "/domain/id"] {
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
        identity: above(&url).map_or(identity, str::to_owned),
        token,
        expires_at: text(&body["expires_at"]).unwrap_or_default(),
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
        domain_id: text(&body["domain"]["id"]),
        domain_name: text(&body["domain"]["name"]),
        roles: body["roles"].as_array().into_iter().flatten().filter_map(|role| text(&role["name"])).collect(),
        catalog: Catalog::new(&body["catalog"]),
    })
}

/// The message of an error of Identity; `None` where the answer has none.
fn message(answer: &RawResponse) -> Option<String> {
    let json: Value = serde_json::from_slice(&answer.body).ok()?;
    Some(json["error"]["message"].as_str()?.to_owned())
}

/// The address of Identity, from that of its tokens.
fn above(tokens: &str) -> Option<&str> {
    tokens.trim_end_matches('/').strip_suffix(TOKENS)?.strip_suffix('/')
}

/// Whether a text can be an id: no sign of it has a meaning in an address.
fn is_id(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b':' | b'@');
    (1..=255).contains(&text.len()) && text.bytes().all(is_part) && !matches!(text, "." | "..")
}

/// The account of a service that stands alone: there is no token, and the first request shows whether it is let in.
fn alone(cloud: &Cloud) -> Login {
    let user_name = cloud.credentials.user().map(|(user, _)| user.to_owned()).unwrap_or_default();
    Login {
        identity: cloud.auth_url.clone(),
        token: String::new(),
        expires_at: String::new(),
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
        domain_id: None,
        domain_name: None,
        roles: Vec::new(),
        catalog: Catalog::default(),
    }
}

/// A request of a login.
struct Asked {
    method: &'static str,
    body: Bytes,
    account: Option<Role>,
}

impl Asked {
    /// Sends it, and follows where it leads as keystoneauth does: with the same method and body. Gives the answer, and the address
    /// that gave it.
    async fn follow(
        &self,
        cloud: &Cloud,
        transport: &Transport,
        log: &TestLog,
        mut url: String,
    ) -> Result<(RawResponse, String), LoginError> {
        let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        if !self.body.is_empty() {
            headers.push(("Content-Type".into(), "application/json".into()));
        }
        for _ in 0..=HOPS {
            let request = RawRequest {
                method: self.method.into(),
                url: url.clone(),
                headers: headers.clone(),
                body: self.body.clone(),
                account: self.account,
                permit: Permit::for_login(),
            };
            let answer = transport.send(log, &request).await?;
            match leads_to(&answer, &url) {
                Ok(None) => return Ok((answer, url)),
                Ok(Some(other)) => url = other,
                Err(reason) => return Err(no_identity(cloud, &url, reason)),
            }
        }
        Err(no_identity(
            cloud,
            &url,
            format!("more than {HOPS} redirections (301, 302, 303, 307, 308) lead from one to the next"),
        ))
    }
}

/// Where an answer leads; none when it is no redirection. A login never goes on in clear text, and never to another host.
fn leads_to(answer: &RawResponse, from: &str) -> Result<Option<String>, String> {
    let location = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location"));
    let (301 | 302 | 303 | 307 | 308, Some((_, location))) = (answer.status, location) else { return Ok(None) };
    let says = format!("it answered {} and leads", answer.status);
    let parsed = Url::parse(from).and_then(|from| Ok((from.join(location)?, from)));
    let (to, from) = parsed.map_err(|_| format!("{says} to what is no address"))?;
    let to_shown = shown(to.as_str());
    if to.host() != from.host() {
        return Err(format!("{says} to another host, {to_shown}: if that is right, name it"));
    }
    if from.scheme() == "https" && to.scheme() != "https" {
        return Err(format!("{says} from https to {to_shown}, in clear text"));
    }
    endpoint(to.as_str()).map_err(|reason| format!("{says} to an address that cannot be used: {reason}"))?;
    Ok(Some(to.into()))
}

fn busy(cloud: &Cloud, url: &str, status: u16) -> LoginError {
    LoginError::Busy { cloud: cloud.name.clone(), url: url.to_owned(), status }
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
    let asked = Asked { method: "GET", body: Bytes::new(), account: None };
    let (answer, url) = asked.follow(cloud, transport, log, format!("{root}/")).await?;
    let root = url.trim_end_matches('/');
    if root.ends_with("/v3") {
        return Ok(root.to_owned());
    }
    let Some(entry) = version_3(&answer.body) else {
        if is_busy(answer.status) {
            return Err(busy(cloud, root, answer.status));
        }
        let reason = format!("it answered {} and lists no version 3", answer.status);
        return Err(no_identity(cloud, root, reason));
    };
    let beside = join(root, "v3");
    match link(&entry, &url).filter(|link| *link != beside) {
        // Behind a front with a path of its own, services link to where they think they are.
        Some(link) if is_version_3(cloud, transport, log, &link).await => Ok(link),
        _ => Ok(beside),
    }
}

/// Where the list of versions at an address, or beside it, says that version 3 is; none where that is the address itself.
async fn linked(
    cloud: &Cloud,
    transport: &Transport,
    log: &TestLog,
    identity: &str,
) -> Result<Option<String>, LoginError> {
    let root = identity.strip_suffix("/v3").unwrap_or(identity);
    for place in [identity, root] {
        let asked = Asked { method: "GET", body: Bytes::new(), account: None };
        let (answer, url) = asked.follow(cloud, transport, log, format!("{place}/")).await?;
        let link = version_3(&answer.body).and_then(|entry| link(&entry, &url));
        if let Some(link) = link.filter(|link| link != identity) {
            return Ok(Some(link));
        }
    }
    Ok(None)
}

/// Whether an address tells of version 3.
async fn is_version_3(cloud: &Cloud, transport: &Transport, log: &TestLog, url: &str) -> bool {
    let asked = Asked { method: "GET", body: Bytes::new(), account: None };
    let answer = asked.follow(cloud, transport, log, format!("{url}/")).await;
    answer.is_ok_and(|(answer, _)| answer.status == 200 && version_3(&answer.body).is_some())
}

/// The entry of version 3, of a list of versions or the document of one.
fn version_3(body: &[u8]) -> Option<Value> {
    versions_in(body).into_iter().find(|entry| entry["id"].as_str().is_some_and(|id| id.starts_with("v3")))
}

/// The address that an entry of a list of versions names for itself, where that is of the same origin as the list.
fn link(entry: &Value, from: &str) -> Option<String> {
    let own = entry["links"].as_array()?.iter().find(|link| link["rel"] == "self")?;
    let (from, to) = (Url::parse(from).ok()?, own["href"].as_str()?);
    let to = from.join(to).ok()?;
    let stays = to.origin() == from.origin() && endpoint(to.as_str()).is_ok();
    stays.then(|| to.as_str().trim_end_matches('/').to_owned())
}

fn body(cloud: &Cloud, proof: Value) -> Value {
    let mut auth = json!({"identity": proof});
    // An application credential brings its own scope; naming one is refused.
    if !matches!(cloud.credentials, Credentials::ApplicationCredential { .. }) {
        match &cloud.scope {
            Scope::Project(project) => auth["scope"] = json!({"project": project.json()}),
            Scope::Domain(Domain::Id(id)) => auth["scope"] = json!({"domain": {"id": id}}),
            Scope::Domain(Domain::Name(name)) => auth["scope"] = json!({"domain": {"name": name}}),
            Scope::Trust(id) => auth["scope"] = json!({"OS-TRUST:trust": {"id": id}}),
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
        Credentials::Factors(Factors { user, password, passcode }) => {
            let mut proof = json!({"methods": []});
            for (method, key, secret) in [("password", "password", password), ("totp", "passcode", passcode)] {
                let Some(secret) = secret else { continue };
                let mut user = user.json();
                user[key] = json!(secret);
                proof[method] = json!({"user": user});
                if let Some(methods) = proof["methods"].as_array_mut() {
                    methods.push(json!(method));
                }
            }
            proof
        }
        // They prove nothing to an identity service.
        Credentials::OpenId(_) | Credentials::HttpBasic { .. } | Credentials::Session { .. } | Credentials::Nobody => {
            json!({"methods": []})
        }
    }
}

pub(super) fn password_proof(user: &Principal, password: &str) -> Value {
    let mut user = user.json();
    user["password"] = json!(password);
    json!({"methods": ["password"], "password": {"user": user}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_is_above_its_tokens_with_or_without_a_slash() {
        assert_eq!(above("https://h/identity/v3/auth/tokens"), Some("https://h/identity/v3"));
        assert_eq!(above("https://h/identity/v3/auth/tokens/"), Some("https://h/identity/v3"));
        assert_eq!(above("https://h/login"), None);
    }

    #[test]
    fn the_link_of_version_3_counts_where_it_stays_at_the_origin_of_the_list() {
        let of = |list: Value| link(&version_3(list.to_string().as_bytes())?, "https://h/");
        let entry = |href: &str| json!({"id": "v3.14", "links": [{"rel": "self", "href": href}]});
        let there = Some("https://h/keystone/v3".to_owned());
        assert_eq!(of(json!({"versions": {"values": [{"id": "v2.0"}, entry("https://h/keystone/v3/")]}})), there);
        assert_eq!(of(json!({"versions": [entry("/keystone/v3/")]})), there);
        assert_eq!(of(json!({"version": entry("https://h:443/keystone/v3")})), there);
        for other in ["http://h/keystone/v3", "https://inner:5000/v3", "https://u:p@h/v3", "https://h/v3?x=1"] {
            assert_eq!(of(json!({"version": entry(other)})), None, "{other}");
        }
        assert_eq!(of(json!({"versions": {"values": [{"id": "v2.0"}]}})), None);
    }

    #[test]
    fn a_login_is_led_to_its_own_host_only_and_never_into_clear_text() {
        let leads = |from: &str, status: u16, location: &str| {
            let headers = vec![("Location".to_owned(), location.to_owned())];
            leads_to(&RawResponse { status, headers, body: Bytes::new(), exchange: 1 }, from)
        };
        let secure = Ok(Some("https://h/v3/auth/tokens".to_owned()));
        assert_eq!(leads("http://h:5000/v3/auth/tokens", 301, "https://h/v3/auth/tokens"), secure);
        assert_eq!(leads("https://h/identity/", 308, "/v3/auth/tokens"), secure);
        assert_eq!(leads("https://h/", 300, "https://h/v3"), Ok(None), "a list of versions");
        for (from, location) in [
            ("https://h/", "http://h/"),
            ("https://h/", "https://other/"),
            ("https://h/", "//other/"),
            ("https://h/", "https://user:hush@h/"),
            ("https://h/", "https://h/?token=1"),
        ] {
            let refused = leads(from, 302, location).unwrap_err();
            assert!(!refused.contains("hush"), "{refused}");
        }
    }
}
