//! Logins end to end: what is sent to whom, and that nothing secret of it is written.

use std::sync::Arc;

use assay_hostile::{Answer, Front, Request, Turn};
use serde_json::{Value, json};

use crate::Recorder;
use crate::http::redact::Redactor;
use crate::session::clouds::Clouds;
use crate::session::{LoginError, Role, Session};

/// What the identity service and the provider give: secrets.
const TOKEN: &str = "gAAAAA-token-of-the-identity-service";
const UNSCOPED: &str = "gAAAAA-token-of-no-scope";
const ACCESS: &str = "access-token-of-the-provider";
const ID_TOKEN: &str = "id-token-of-the-provider";
const REFRESH: &str = "refresh-token-of-the-provider";

/// An identity service at `/v3`, and a provider at `/provider`.
fn answer(request: &Request, provider: &str) -> Answer {
    match request.path.as_str() {
        "/v3/auth/tokens" => {
            let user = json!({"id": "3d4e5f", "name": "u", "domain": {"id": "default"}});
            Answer::json(201, json!({"token": {"user": user, "catalog": []}}).to_string())
                .with("x-subject-token", TOKEN)
        }
        path if path.starts_with("/v3/OS-FEDERATION/") => {
            Answer::json(201, json!({"token": {}}).to_string()).with("x-subject-token", UNSCOPED)
        }
        "/provider/discovery" => Answer::json(200, json!({"token_endpoint": provider}).to_string()),
        "/provider/token" => {
            let both =
                json!({"access_token": ACCESS, "id_token": ID_TOKEN, "refresh_token": REFRESH, "token_type": "Bearer"});
            Answer::json(200, both.to_string())
        }
        _ => Answer::status(404),
    }
}

/// What came of a login: what was asked, and everything that was written.
struct Logged {
    ended: Result<Arc<crate::session::Login>, LoginError>,
    asked: Vec<Request>,
    written: String,
}

impl Logged {
    fn body(&self, at: usize) -> Value {
        serde_json::from_slice(&self.asked[at].body).unwrap()
    }

    fn targets(&self) -> Vec<String> {
        self.asked.iter().map(|request| format!("{} {}", request.method, request.target())).collect()
    }

    /// That none of these texts was written, in the ways that a login sends them.
    fn hides(&self, secrets: &[&str]) {
        assert!(self.written.contains("/v3/"), "a transcript: {}", self.written);
        let said = self.ended.as_ref().err().map(ToString::to_string).unwrap_or_default();
        for secret in secrets.iter().chain(&[TOKEN, UNSCOPED, ACCESS, ID_TOKEN, REFRESH]) {
            for form in [(*secret).to_owned(), crate::http::address::encode(secret)] {
                assert!(!self.written.contains(&form), "{form} was written: {}", self.written);
                assert!(!said.contains(&form), "{form} was said: {said}");
            }
        }
    }
}

/// Logs in with this entry, whose `URL` is the address of both services. The provider says that it gives tokens at `PROVIDER`.
async fn log_in(entry: &str, provider: &str) -> Logged {
    let front = Front::start("http://127.0.0.1:9").await.unwrap();
    let url = front.url().to_owned();
    let provider = provider.replace("URL", &url);
    front.before(move |request| Turn::Answer(answer(request, &provider)));
    let text = format!("clouds: {{a: {{{}}}}}", entry.replace("URL", &url));
    let cloud = Clouds::from_text("clouds.yaml", &text).unwrap().get("a").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let recorder = Recorder::new(Some(folder.path()), Redactor::default()).unwrap();
    let session = Session::new(Role::Member, cloud).unwrap();
    let ended = session.login(&recorder.log("login")).await;
    let files = std::fs::read_dir(folder.path().join("transcripts")).unwrap();
    let written = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    Logged { ended, asked: front.seen().into_iter().map(|seen| seen.request).collect(), written }
}

#[tokio::test]
async fn each_method_sends_what_identity_v3_asks_for() {
    let user = json!({"name": "u", "domain": {"id": "default"}});
    let with = |key: &str, value: &str| {
        let mut user = user.clone();
        user[key] = json!(value);
        json!({"user": user})
    };
    let project = json!({"project": {"name": "x", "domain": {"name": "Default"}}});
    let password = json!({"methods": ["password"], "password": with("password", "hush-hush")});
    let both = json!({
        "methods": ["password", "totp"],
        "password": with("password", "hush-hush"),
        "totp": with("passcode", "123456789"),
    });
    let by_name = json!({
        "methods": ["application_credential"],
        "application_credential": {"name": "n", "secret": "hush-hush", "user": user},
    });
    let by_id =
        json!({"methods": ["application_credential"], "application_credential": {"id": "i", "secret": "hush-hush"}});
    let token = json!({"methods": ["token"], "token": {"id": "hush-hush"}});
    let scopes = "project_name: x, project_domain_name: Default";
    for (entry, identity, scope) in [
        (format!("auth: {{username: u, password: hush-hush, {scopes}}}"), password.clone(), Some(project.clone())),
        ("auth_type: v3password, auth: {username: u, password: hush-hush}".into(), password.clone(), None),
        (
            "auth: {username: u, password: hush-hush, domain_id: d, user_domain_id: default}".into(),
            password.clone(),
            Some(json!({"domain": {"id": "d"}})),
        ),
        (
            "auth: {username: u, password: hush-hush, domain_name: d, user_domain_id: default}".into(),
            password.clone(),
            Some(json!({"domain": {"name": "d"}})),
        ),
        (
            "auth: {username: u, password: hush-hush, trust_id: t}".into(),
            password.clone(),
            Some(json!({"OS-TRUST:trust": {"id": "t"}})),
        ),
        (
            "auth: {username: u, password: hush-hush, system_scope: all}".into(),
            password,
            Some(json!({"system": {"all": true}})),
        ),
        (
            format!("auth_type: v3totp, auth: {{username: u, passcode: 123456789, {scopes}}}"),
            json!({"methods": ["totp"], "totp": with("passcode", "123456789")}),
            Some(project.clone()),
        ),
        (
            format!(
                "auth_type: v3multifactor, auth_methods: [v3password, v3totp], auth: {{username: u, password: hush-hush, \
                 passcode: 123456789, {scopes}}}"
            ),
            both,
            Some(project.clone()),
        ),
        (
            format!(
                "auth_type: v3applicationcredential, auth: {{application_credential_id: i, application_credential_secret: \
                 hush-hush, {scopes}}}"
            ),
            by_id,
            None,
        ),
        (
            "auth_type: v3applicationcredential, auth: {username: u, application_credential_name: n, \
             application_credential_secret: hush-hush}"
                .into(),
            by_name,
            None,
        ),
        (format!("auth_type: v3token, auth: {{token: hush-hush, {scopes}}}"), token.clone(), Some(project.clone())),
        ("auth_type: token, auth: {token: hush-hush}".into(), token, None),
    ] {
        let entry = entry.replace("auth: {", "auth: {auth_url: 'URL/v3', ");
        let logged = log_in(&entry, "").await;
        assert_eq!(logged.targets(), ["POST /v3/auth/tokens"], "{entry}");
        assert_eq!(logged.ended.as_ref().unwrap().token, TOKEN, "{entry}");
        let mut expected = json!({"auth": {"identity": identity}});
        if let Some(scope) = scope {
            expected["auth"]["scope"] = scope;
        }
        assert_eq!(logged.body(0), expected, "{entry}");
        assert_eq!(logged.asked[0].header("x-auth-token"), None, "{entry}");
        logged.hides(&["hush-hush", "123456789"]);
    }
}

/// The form that a request sends, in its order.
fn form(request: &Request) -> Vec<(String, String)> {
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

const PROVIDED: &str = "auth_url: 'URL/v3', identity_provider: my idp, protocol: openid, project_id: x";
const FEDERATION: &str = "POST /v3/OS-FEDERATION/identity_providers/my%20idp/protocols/openid/auth";

#[tokio::test]
async fn an_access_token_is_exchanged_for_a_token() {
    let entry = format!("auth_type: v3oidcaccesstoken, auth: {{{PROVIDED}, access_token: hush-hush}}");
    let logged = log_in(&entry, "").await;
    assert_eq!(logged.targets(), [FEDERATION, "POST /v3/auth/tokens"]);
    assert_eq!(logged.asked[0].header("authorization"), Some("Bearer hush-hush"));
    assert_eq!(logged.asked[0].text(), "");
    let token = json!({"methods": ["token"], "token": {"id": UNSCOPED}});
    assert_eq!(logged.body(1), json!({"auth": {"identity": token, "scope": {"project": {"id": "x"}}}}));
    assert_eq!(logged.asked[1].header("authorization"), None);
    logged.hides(&["hush-hush"]);
}

#[tokio::test]
async fn an_access_token_is_asked_for_with_a_password_or_as_a_client() {
    // What a form and an address write otherwise.
    let (password, secret) = ("p&ss w=rd/é", "s+cret:%41");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let client = "client_id: c, client_secret: 's+cret:%41'";
    let basic = crate::session::basic("c", secret);
    let user = "username: u, password: 'p&ss w=rd/é'";
    for (entry, expected, authorization, bearer, asks_first) in [
        (
            format!(
                "auth_type: v3oidcpassword, auth: {{{PROVIDED}, {client}, {user}, access_token_endpoint: 'URL/provider/token'}}"
            ),
            vec![
                pair("grant_type", "password"),
                pair("password", password),
                pair("scope", "openid profile"),
                pair("username", "u"),
            ],
            Some(basic.as_str()),
            ACCESS,
            false,
        ),
        (
            format!(
                "auth_type: v3oidcpassword, auth: {{{PROVIDED}, client_id: c, {user}, openid_scope: openid, discovery_endpoint: \
                 'URL/provider/discovery'}}"
            ),
            vec![
                pair("client_id", "c"),
                pair("grant_type", "password"),
                pair("password", password),
                pair("scope", "openid"),
                pair("username", "u"),
            ],
            None,
            ACCESS,
            true,
        ),
        (
            format!(
                "auth_type: v3oidcclientcredentials, auth: {{{PROVIDED}, {client}, access_token_type: id_token, \
                 access_token_endpoint: 'URL/provider/token', discovery_endpoint: 'URL/provider/discovery'}}"
            ),
            vec![pair("grant_type", "client_credentials"), pair("scope", "openid profile")],
            Some(basic.as_str()),
            ID_TOKEN,
            false,
        ),
    ] {
        let logged = log_in(&entry, "URL/provider/token").await;
        assert_eq!(logged.ended.as_ref().unwrap().token, TOKEN, "{entry}");
        let first: &[&str] = if asks_first { &["GET /provider/discovery"] } else { &[] };
        let targets = [first, &["POST /provider/token", FEDERATION, "POST /v3/auth/tokens"]].concat();
        assert_eq!(logged.targets(), targets, "{entry}");
        let asked = &logged.asked[first.len()];
        let mut sent = form(asked);
        sent.sort();
        assert_eq!(sent, expected, "{entry}");
        assert_eq!(asked.header("authorization"), authorization, "{entry}");
        let bearer = format!("Bearer {bearer}");
        assert_eq!(logged.asked[first.len() + 1].header("authorization"), Some(bearer.as_str()), "{entry}");
        let encoded: String = url::form_urlencoded::byte_serialize(password.as_bytes()).collect();
        logged.hides(&[password, secret, &encoded, basic.trim_start_matches("Basic ")]);
    }
}

#[tokio::test]
async fn no_secret_goes_where_a_provider_s_document_leads() {
    let other = Front::start("http://127.0.0.1:9").await.unwrap();
    let entry = format!(
        "auth_type: v3oidcpassword, auth: {{{PROVIDED}, client_id: c, client_secret: client-hush, username: u, password: \
         user-hush, discovery_endpoint: 'URL/provider/discovery'}}"
    );
    for elsewhere in [format!("{}/token", other.url()), "http://u:p@127.0.0.1/".into(), "no address".into()] {
        let logged = log_in(&entry, &elsewhere).await;
        assert_eq!(logged.targets(), ["GET /provider/discovery"]);
        let said = logged.ended.unwrap_err().to_string();
        assert!(said.contains("token_endpoint") && !said.contains("hush"), "{said}");
    }
    assert_eq!(other.seen().len(), 0);
}
