//! A service as one account sees it, and the requests made to it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::address::join;
use super::caller::{Caller, Token};
use super::redirect::{HOPS, leads_to};
use super::response::{Response, Statuses};
use crate::clock::here;
use crate::guard::{Guard, Wanted};
use crate::need::Service;
use crate::outcome::{Evidence as _, Outcome, Stop};
use crate::session::{Role, basic};

/// A service as one account sees it, for one test. Paths are relative to the versioned API (`images`, not `/v2/images`).
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) caller: Caller,
    pub(crate) guard: Arc<Guard>,
}

impl Client {
    /// The address of a path under the versioned API; of the API itself for an empty path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        join(&self.caller.api, path)
    }

    /// The same service, addressed from its root, where the list of versions is.
    #[must_use]
    pub fn at_root(&self) -> Self {
        self.by(Caller { api: self.caller.root.clone(), ..self.caller.clone() })
    }

    /// The same service without a token.
    #[must_use]
    pub fn without_token(&self) -> Self {
        self.by(Caller { token: Token::Absent, ..self.caller.clone() })
    }

    /// The same service with another token, which is a secret from now on.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        self.caller.log.redactor().learn(token);
        self.by(Caller { token: Token::Given(token.to_owned()), ..self.caller.clone() })
    }

    /// The same service, asked by this user (HTTP Basic), whose password is a secret from now on.
    #[must_use]
    pub fn with_basic(&self, username: &str, password: &str) -> Self {
        self.caller.log.redactor().learn(password);
        self.by(Caller { token: Token::Basic(basic(username, password)), ..self.caller.clone() })
    }

    /// The same service at this microversion (<https://specs.openstack.org/openstack/api-sig/guidelines/microversion_specification.html>).
    #[must_use]
    pub fn microversion(&self, service: Service, version: &str) -> Self {
        self.by(self.caller.microversion(service, version))
    }

    fn by(&self, caller: Caller) -> Self {
        Self { caller, guard: self.guard.clone() }
    }

    /// What time it is by the service's clock, as far as its answers told.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.caller.session.transport().clocks().now(&self.caller.api)
    }

    /// The same, for what ours must agree on: whether something holds now by either clock.
    ///
    /// # Errors
    ///
    /// It holds by one of the clocks and not by the other: nobody can tell which of them is right.
    pub fn certain_now(&self, holds: impl Fn(DateTime<Utc>) -> bool) -> Outcome<DateTime<Utc>> {
        let (there, here) = (self.now(), here());
        if holds(there) == holds(here) {
            return Ok(there);
        }
        let apart = (there - here).num_seconds().abs();
        Err(Stop::Error(format!(
            "the clocks of this machine and of the service are {apart} s apart: set the wrong one"
        )))
    }

    /// A request of any method.
    pub fn request(&self, method: &str, path: &str) -> Request {
        self.request_to(method, self.url(path))
    }

    /// A request to a whole address, such as one that a response named. The user or the catalog must name
    /// its host; any other is refused.
    pub fn request_to(&self, method: &str, url: String) -> Request {
        Request {
            client: self.clone(),
            method: method.to_owned(),
            url,
            query: Vec::new(),
            headers: self.caller.headers.clone(),
            body: Bytes::new(),
            nobody: false,
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
        self.caller.role()
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
    nobody: bool,
}

impl Request {
    /// Says that the address names, on purpose, something that does not exist: no id at all, or one that is nobody's. It is
    /// sent only when reading that address finds nothing.
    pub fn of_nobody(self) -> Self {
        Self { nobody: true, ..self }
    }

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
        let Self { client, method, url, query, headers, body, nobody } = self;
        let proof = client.caller.proof(&url).await?;
        let url = if query.is_empty() {
            url
        } else {
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
            format!("{url}{}{query}", if url.contains('?') { '&' } else { '?' })
        };
        let (mut url, mut hops, mut loosely, caller) = (url, 0, None, &client.caller);
        loop {
            let wanted = Wanted { method: &method, url: &url, headers: &headers, body: &body, nobody };
            // What leads elsewhere needs leave of its own.
            let permit = client.guard.permit(caller, &wanted).await?;
            let answer = caller.send(&method, &url, &headers, &body, proof.clone(), permit).await?;
            client.guard.notice(caller, &method, &url, answer.status, &answer.body);
            if let Some(to) = leads_to(&method, answer.status, &answer.headers, &url).filter(|_| hops < HOPS) {
                let keeps_the_method = matches!(answer.status, 307 | 308) || matches!(method.as_str(), "GET" | "HEAD");
                loosely = loosely.or((!keeps_the_method).then_some(answer.status));
                (url, hops) = (to, hops + 1);
                continue;
            }
            let answer = caller.response(answer, method, &url);
            if hops > 0 && !matches!(caller.role(), Role::Redfish(_)) {
                let promise = "a request below the address in the catalog should be answered there, and not be led on";
                answer.deviate_once(promise.to_owned(), None, Some(format!("an answer that leads to {url}")));
            }
            if let Some(status) = loosely {
                let promise = "a change should be led elsewhere with 307 or 308, which keep its method";
                answer.deviate_once(promise.to_owned(), Some("307 or 308".to_owned()), Some(status.to_string()));
            }
            return Ok(answer);
        }
    }

    /// Sends it, and ends the test as failed unless the status is one of these.
    ///
    /// When it is refused for want of quota it is sent again for half a minute: services count what was removed with a delay.
    pub async fn require(self, statuses: impl Statuses) -> Outcome<Response> {
        // Another run may have what is used up, and is about to give it back.
        const PAUSES: [u64; 6] = [500, 1000, 2000, 4000, 8000, 12_000];
        let mut pauses = PAUSES.into_iter().map(Duration::from_millis);
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
