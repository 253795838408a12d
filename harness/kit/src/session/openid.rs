//! Login by way of an identity provider that speaks OpenID Connect: its access token is exchanged for a token of no scope.
//!
//! <https://docs.openstack.org/api-ref/identity/v3-ext/#request-an-unscoped-os-federation-token> and
//! <https://docs.openstack.org/keystoneauth/latest/plugin-options.html#v3oidcpassword>.

use base64::Engine as _;
use bytes::Bytes;
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::address::{endpoint, shown};
use super::credentials::{Grant, OpenId};
use crate::guard::Permit;
use crate::http::address::{encode, join};
use crate::http::{RawRequest, RawResponse, Transport, TransportError};
use crate::recorder::TestLog;

/// Why there is no token: the address that was asked, and what is wrong.
pub(super) struct Refused {
    pub url: String,
    pub reason: String,
}

impl From<TransportError> for Refused {
    fn from(error: TransportError) -> Self {
        Self { url: String::new(), reason: error.to_string() }
    }
}

/// A token of no scope, from the identity service at this versioned address.
pub(super) async fn unscoped(
    user: &OpenId,
    identity: &str,
    transport: &Transport,
    log: &TestLog,
) -> Result<String, Refused> {
    let access = match &user.grant {
        Grant::Token(token) => token.clone(),
        Grant::Ask { .. } => access_token(&user.grant, transport, log).await?,
    };
    log.redactor().learn(&access);
    let path = format!(
        "OS-FEDERATION/identity_providers/{}/protocols/{}/auth",
        encode(&user.provider),
        encode(&user.protocol)
    );
    let url = join(identity, &path);
    let bearer = vec![("Authorization".to_owned(), format!("Bearer {access}"))];
    let answer = post(&url, bearer, Bytes::new(), transport, log).await?;
    let token = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-subject-token"));
    match token {
        Some((_, token)) if matches!(answer.status, 200 | 201) => {
            log.redactor().learn(token);
            Ok(token.clone())
        }
        _ => Err(Refused { reason: format!("it answered {} without a token", answer.status), url }),
    }
}

async fn access_token(grant: &Grant, transport: &Transport, log: &TestLog) -> Result<String, Refused> {
    let Grant::Ask { endpoint: named, discovery, client, client_secret, user, scope, kind } = grant else {
        return Err(Refused {
            url: String::new(),
            reason: "a defect of Assay: the access token is at hand".to_owned(),
        });
    };
    let url = match (named, discovery) {
        (Some(url), _) => url.clone(),
        (None, Some(document)) => discovered(document, transport, log).await?,
        (None, None) => return Err(Refused { url: String::new(), reason: "nobody is named who gives it".to_owned() }),
    };
    let (headers, form) = request(client, client_secret.as_deref(), user.as_ref(), scope);
    let answer = post(&url, headers, form.into(), transport, log).await?;
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let token = json[kind].as_str().map(str::to_owned);
    token.ok_or_else(|| Refused { reason: format!("it answered {} without an `{kind}`", answer.status), url })
}

/// The headers and the form that ask for an access token.
fn request(
    client: &str,
    secret: Option<&str>,
    user: Option<&(String, String)>,
    scope: &str,
) -> (Vec<(String, String)>, String) {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("scope", scope);
    match user {
        Some((name, password)) => {
            form.append_pair("grant_type", "password").append_pair("username", name).append_pair("password", password);
        }
        None => {
            form.append_pair("grant_type", "client_credentials");
        }
    }
    let mut headers = vec![("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    if let Some(secret) = secret {
        let both = base64::engine::general_purpose::STANDARD.encode(format!("{client}:{secret}"));
        headers.push(("Authorization".to_owned(), format!("Basic {both}")));
    } else {
        form.append_pair("client_id", client);
    }
    (headers, form.finish())
}

/// The address that gives access tokens, by the provider's own document. It must be on the host that the user named.
async fn discovered(document: &str, transport: &Transport, log: &TestLog) -> Result<String, Refused> {
    let wrong = |reason: String| Refused { url: document.to_owned(), reason };
    let request = RawRequest {
        method: "GET".into(),
        url: document.to_owned(),
        headers: vec![("Accept".into(), "application/json".into())],
        body: Bytes::new(),
        account: None,
        permit: Permit::for_login(),
    };
    let answer = transport.send(log, &request).await?;
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let Some(found) = json["token_endpoint"].as_str() else {
        return Err(wrong(format!("it answered {} without a `token_endpoint`", answer.status)));
    };
    let url = endpoint(found).map_err(|reason| wrong(format!("its `token_endpoint` cannot be used: {reason}")))?;
    let named = Url::parse(document).map_err(|error| wrong(error.to_string()))?;
    if url.origin() != named.origin() {
        return Err(wrong(format!(
            "its `token_endpoint` is on another host, {}: if that is right, name it with `access_token_endpoint`",
            shown(found)
        )));
    }
    Ok(found.to_owned())
}

async fn post(
    url: &str,
    mut headers: Vec<(String, String)>,
    body: Bytes,
    transport: &Transport,
    log: &TestLog,
) -> Result<RawResponse, TransportError> {
    headers.push(("Accept".into(), "application/json".into()));
    let request = RawRequest {
        method: "POST".into(),
        url: url.to_owned(),
        headers,
        body,
        account: None,
        permit: Permit::for_login(),
    };
    transport.send(log, &request).await
}
