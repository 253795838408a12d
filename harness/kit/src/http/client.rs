//! A service as one account sees it, and the requests made to it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::RawRequest;
use super::response::{Response, Statuses};
use crate::need::Service;
use crate::outcome::Outcome;
use crate::recorder::TestLog;
use crate::session::{AUTHORIZATION, Role, Session, TOKEN, basic};

/// A service as one account sees it, for one test. Paths are relative to the versioned API (`images`, not `/v2/images`).
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) session: Arc<Session>,
    pub(crate) log: Arc<TestLog>,
    pub(crate) root: String,
    pub(crate) api: String,
    pub(crate) token: Token,
    /// Sent with every request.
    pub(crate) headers: Vec<(String, String)>,
}

/// The header of Bare Metal's microversions.
const BARE_METAL_VERSION: &str = "X-OpenStack-Ironic-API-Version";

/// Which token a request carries.
#[derive(Debug, Clone)]
pub(crate) enum Token {
    /// The account's own, renewed when it has expired.
    Session,
    /// This one, whatever comes back.
    Given(String),
    /// This value of `Authorization`, whatever comes back.
    Basic(String),
    /// None.
    Absent,
}

impl Client {
    /// The address of a path under the versioned API; of the API itself for an empty path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        join(&self.api, path)
    }

    /// The same service, addressed from its root, where the list of versions is.
    #[must_use]
    pub fn at_root(&self) -> Self {
        Self { api: self.root.clone(), ..self.clone() }
    }

    /// The same service without a token.
    #[must_use]
    pub fn without_token(&self) -> Self {
        Self { token: Token::Absent, ..self.clone() }
    }

    /// The same service with another token, which is a secret from now on.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        self.log.redactor().learn(token);
        Self { token: Token::Given(token.to_owned()), ..self.clone() }
    }

    /// The same service, asked by this user (HTTP Basic), whose password is a secret from now on.
    #[must_use]
    pub fn with_basic(&self, username: &str, password: &str) -> Self {
        self.log.redactor().learn(password);
        Self { token: Token::Basic(basic(username, password)), ..self.clone() }
    }

    /// The same service at this microversion (<https://specs.openstack.org/openstack/api-sig/guidelines/microversion_specification.html>).
    #[must_use]
    pub fn microversion(&self, service: Service, version: &str) -> Self {
        let mut client = self.clone();
        if service == Service::BareMetal {
            // The only header that Bare Metal understands; a later one stands for an earlier one.
            client.headers.retain(|(name, _)| name != BARE_METAL_VERSION);
            client.headers.push((BARE_METAL_VERSION.to_owned(), version.to_owned()));
            return client;
        }
        let kind = if service == Service::BlockStorage { "volume" } else { service.types()[0] };
        client.headers.push(("OpenStack-API-Version".to_owned(), format!("{kind} {version}")));
        // What Compute understood before the header above, up to 2.26.
        if service == Service::Compute {
            client.headers.push(("X-OpenStack-Nova-API-Version".to_owned(), version.to_owned()));
        }
        client
    }

    /// A request of any method.
    pub fn request(&self, method: &str, path: &str) -> Request {
        self.request_to(method, self.url(path))
    }

    /// A request to a whole address, such as one that a response named. It carries a token: use it for addresses of the
    /// service only.
    pub fn request_to(&self, method: &str, url: String) -> Request {
        Request {
            client: self.clone(),
            method: method.to_owned(),
            url,
            query: Vec::new(),
            headers: self.headers.clone(),
            body: Bytes::new(),
        }
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    /// `HEAD`.
    pub fn head(&self, path: &str) -> Request {
        self.request("HEAD", path)
    }

    /// `POST`.
    pub fn post(&self, path: &str) -> Request {
        self.request("POST", path)
    }

    /// `PUT`.
    pub fn put(&self, path: &str) -> Request {
        self.request("PUT", path)
    }

    /// `PATCH`.
    pub fn patch(&self, path: &str) -> Request {
        self.request("PATCH", path)
    }

    /// `DELETE`.
    pub fn delete(&self, path: &str) -> Request {
        self.request("DELETE", path)
    }

    /// Whose credentials it uses.
    #[must_use]
    pub fn role(&self) -> Role {
        self.session.role()
    }
}

/// A request that is being put together.
#[derive(Debug, Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    client: Client,
    method: String,
    url: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Request {
    /// Adds a parameter to the address.
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    /// Sends a JSON body, as `application/json` unless a `Content-Type` was given before.
    pub fn json(mut self, body: &Value) -> Self {
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            self = self.header("Content-Type", "application/json");
        }
        self.body = body.to_string().into();
        self
    }

    /// Sends bytes of some type.
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header("Content-Type", content_type)
    }

    /// Sends bytes without naming their type.
    pub fn bytes(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it, whatever status comes back.
    pub async fn send(self) -> Outcome<Response> {
        let Self { client, method, url, query, headers, body } = self;
        let mut proof = match &client.token {
            Token::Session => client.session.proof_header(&client.log).await?,
            Token::Given(token) => Some((TOKEN, token.clone())),
            Token::Basic(user) => Some((AUTHORIZATION, user.clone())),
            Token::Absent => None,
        };
        let url = if query.is_empty() {
            url
        } else {
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
            format!("{url}{}{query}", if url.contains('?') { '&' } else { '?' })
        };
        let mut renewed = false;
        loop {
            let mut headers = headers.clone();
            if let Some((name, value)) = &proof {
                headers.push(((*name).to_owned(), value.clone()));
            }
            let account = proof.is_some().then(|| client.session.role());
            let raw = RawRequest { method: method.clone(), url: url.clone(), headers, body: body.clone(), account };
            let answer = client.session.transport().send(&client.log, &raw).await?;
            // A token may expire, or be revoked by somebody, in mid-run: that says nothing about the deployment.
            if let (401, false, Token::Session, Some((TOKEN, token))) = (answer.status, renewed, &client.token, &proof)
            {
                renewed = true;
                let new = client.session.renew(&client.log, Some(token)).await?;
                proof = Some((TOKEN, new));
                continue;
            }
            return Ok(Response::new(answer, method, client.log.redactor().url(&url), client.log.clone()));
        }
    }

    /// Sends it, and ends the test as failed unless the status is one of these.
    ///
    /// When it is refused for want of quota it is sent again a few times: services count what was removed with a delay.
    pub async fn require(self, statuses: impl Statuses) -> Outcome<Response> {
        const PAUSES: [Duration; 3] = [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];
        let mut pauses = PAUSES.into_iter();
        loop {
            let response = self.clone().send().await?;
            match pauses.next() {
                Some(pause) if response.wants_room(&statuses) => tokio::time::sleep(pause).await,
                _ => {
                    response.require_status(&statuses)?;
                    return Ok(response);
                }
            }
        }
    }
}

/// A path under an address, with one slash between them.
#[must_use]
pub fn join(base: &str, path: &str) -> String {
    let base = base.trim_end_matches('/');
    match path {
        "" => base.to_owned(),
        _ if path.starts_with('?') => format!("{base}{path}"),
        _ => format!("{base}/{}", path.trim_start_matches('/')),
    }
}

/// A name as one segment of a path: everything but unreserved characters is percent-encoded (RFC 3986, section 2.3).
#[must_use]
pub fn encode(name: &str) -> String {
    use std::fmt::Write as _;
    name.bytes().fold(String::with_capacity(name.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(byte as char);
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
