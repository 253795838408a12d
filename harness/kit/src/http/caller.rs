//! A service as one account asks it. By itself it can only read, which needs no leave.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::address::join;
use super::message::{RawRequest, RawResponse};
use super::redirect::{HOPS, leads_to, leads_to_the_same};
use super::response::Response;
use crate::budget::hurried;
use crate::guard::Permit;
use crate::need::Service;
use crate::outcome::{Outcome, Stop};
use crate::recorder::TestLog;
use crate::session::{AUTHORIZATION, Role, Session, TOKEN};

/// How much of a refusal is looked through for its reason, in bytes.
const LOOKED_AT: usize = 64 * 1024;
/// How often clean-up asks again after an answer that tells of a service's own fault.
const AGAIN: u32 = 2;
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

/// A header that proves who asks.
pub(crate) type Proof = (&'static str, String);

/// A service as one account asks it, for one test.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub session: Arc<Session>,
    pub log: Arc<TestLog>,
    pub root: String,
    pub api: String,
    pub token: Token,
    /// Sent with every request.
    pub headers: Vec<(String, String)>,
}

impl Caller {
    /// Whose credentials it uses.
    pub fn role(&self) -> Role {
        self.session.role()
    }

    /// The same account at an API, with its own token and nothing else that a test chose.
    pub fn at(&self, api: String) -> Self {
        Self { api, token: Token::Session, headers: Vec::new(), ..self.clone() }
    }

    /// The same service at this microversion (<https://specs.openstack.org/openstack/api-sig/guidelines/microversion_specification.html>).
    pub fn microversion(&self, service: Service, version: &str) -> Self {
        let mut caller = self.clone();
        if service == Service::BareMetal {
            // The only header that Bare Metal understands; a later one stands for an earlier one.
            caller.headers.retain(|(name, _)| name != BARE_METAL_VERSION);
            caller.headers.push((BARE_METAL_VERSION.to_owned(), version.to_owned()));
            return caller;
        }
        let kind = if service == Service::BlockStorage { "volume" } else { service.types()[0] };
        caller.headers.push(("OpenStack-API-Version".to_owned(), format!("{kind} {version}")));
        // What Compute understood before the header above, up to 2.26.
        if service == Service::Compute {
            caller.headers.push(("X-OpenStack-Nova-API-Version".to_owned(), version.to_owned()));
        }
        caller
    }

    /// Reads a path under the API: with `GET` or `HEAD`.
    pub async fn read(&self, method: &'static str, path: &str) -> Outcome<Response> {
        self.read_at(method, join(&self.api, path)).await
    }

    /// The same, of a whole address.
    pub async fn read_at(&self, method: &'static str, url: String) -> Outcome<Response> {
        let Some(permit) = Permit::harmless(method, &url) else {
            return Err(Stop::Error(format!("a defect of Assay: {method} does not only read")));
        };
        let proof = self.proof(&url).await?;
        // What a cloud has under an id proves whose that is; what stands at another path does not.
        let follow = if matches!(self.role(), Role::Redfish(_)) { leads_to } else { leads_to_the_same };
        let (mut url, mut hops) = (url, 0);
        loop {
            let raw = self.send(method, &url, &self.headers, &Bytes::new(), proof.clone(), permit).await?;
            match follow(method, raw.status, &raw.headers, &url).filter(|_| hops < HOPS) {
                Some(to) => (url, hops) = (to, hops + 1),
                None => return Ok(self.response(raw, method.to_owned(), &url)),
            }
        }
    }

    /// The answer to a request to this address.
    pub fn response(&self, raw: RawResponse, method: String, url: &str) -> Response {
        let response = Response::new(raw, method, self.log.redactor().url(url), self.log.clone());
        if matches!(self.role(), Role::Redfish(_)) { response.with_mark() } else { response }
    }

    /// What proves to the service at this address who asks. The user or the catalog must name its host; any
    /// other is refused.
    pub async fn proof(&self, url: &str) -> Outcome<Option<Proof>> {
        let proof = match &self.token {
            Token::Session => self.session.proof_header(url, &self.log).await?,
            Token::Given(token) => Some((TOKEN, token.clone())),
            Token::Basic(user) => Some((AUTHORIZATION, user.clone())),
            Token::Absent => None,
        };
        self.session.permits(url)?;
        Ok(proof)
    }

    /// Whether an answer says that the token is invalid. Some controllers say so with 403, which otherwise says that an account
    /// may not do what it asks for.
    fn is_over(&self, answer: &RawResponse) -> bool {
        let told =
            || String::from_utf8_lossy(&answer.body[..answer.body.len().min(LOOKED_AT)]).contains("NoValidSession");
        answer.status == 401 || (answer.status == 403 && matches!(self.role(), Role::Redfish(_)) && told())
    }

    /// Sends a request that there is leave for.
    pub async fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        body: &Bytes,
        mut proof: Option<Proof>,
        permit: Permit,
    ) -> Outcome<RawResponse> {
        let (mut renewed, mut again) = (false, 0);
        loop {
            let mut headers = headers.to_vec();
            if let Some((name, value)) = &proof {
                headers.push(((*name).to_owned(), value.clone()));
            }
            let account = proof.is_some().then(|| self.role());
            let (method, url, body) = (method.to_owned(), url.to_owned(), body.clone());
            let raw = RawRequest { method, url, headers, body, account, permit };
            let answer = self.session.transport().send(&self.log, &raw).await?;
            // A token may expire, or be revoked by somebody, in mid-run: that says nothing about the deployment.
            if let (true, false, Token::Session, Some((TOKEN, token))) =
                (self.is_over(&answer), renewed, &self.token, &proof)
            {
                renewed = true;
                let new = self.session.renew(&self.log, Some(token)).await?;
                proof = Some((TOKEN, new));
                continue;
            }
            // In clean-up, which must not end at the first thing that goes wrong, what can be asked twice is.
            if answer.status >= 500
                && again < AGAIN
                && hurried()
                && matches!(raw.method.as_str(), "GET" | "HEAD" | "DELETE")
            {
                again += 1;
                tokio::time::sleep(Duration::from_millis(100) * again).await;
                continue;
            }
            return Ok(answer);
        }
    }
}
