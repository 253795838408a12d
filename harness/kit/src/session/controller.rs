//! Sessions of controllers: a user and a password are given once for a token (DSP0266, "Redfish session login
//! authentication"), and the session is ended when it is not needed any more. Controllers keep few of them.

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use url::Url;

use super::cloud::Cloud;
use super::role::Role;
use super::token::LoginError;
use crate::guard::{OwnLogin, Permit};
use crate::http::address::join;
use crate::http::redirect::{HOPS, leads_to};
use crate::http::response::without_mark;
use crate::http::{RawRequest, RawResponse, Transport, TransportError};
use crate::journal::State;
use crate::recorder::TestLog;
use crate::resources::{Kind, Resource};

/// Where a service's root is.
pub(crate) const ROOT: &str = "/redfish/v1/";
/// Where sessions are made unless the service root says otherwise (DSP0266, "Redfish-defined URIs").
const SESSIONS: &str = "/redfish/v1/SessionService/Sessions";
/// How much of what a controller says is shown, in bytes.
const MESSAGE: usize = 200;

/// The sessions that an account has at a controller.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    /// Whether requests carry the token of a session, and not a user and a password.
    wanted: AtomicBool,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The token of the present session.
    token: Option<String>,
    /// All that were made, as far as they can be ended.
    made: Vec<OwnLogin>,
}

/// Whose sessions they are, and how the controller is reached.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    pub cloud: &'a Cloud,
    pub transport: &'a Transport,
    pub role: Role,
    pub log: &'a TestLog,
}

impl Sessions {
    pub(super) fn of(wanted: bool) -> Self {
        Self { wanted: AtomicBool::new(wanted), kept: Mutex::default() }
    }

    pub(super) fn are_wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed)
    }

    pub(super) fn want(&self, wanted: bool) {
        self.wanted.store(wanted, Ordering::Relaxed);
    }

    /// The token of the present session; there is a new one where there is none yet, if `room` says that there may be.
    pub(super) async fn token(&self, at: At<'_>, room: impl FnOnce() -> bool) -> Result<String, LoginError> {
        let mut kept = self.kept.lock().await;
        if let Some(token) = &kept.token {
            return Ok(token.clone());
        }
        if !room() {
            return Err(LoginError::Often { cloud: at.cloud.name.clone(), last: "was refused".into() });
        }
        // Who has a turn may wait for this very token.
        let (token, made) = at.transport.beside(Box::pin(at.open())).await?;
        kept.made.extend(made);
        kept.token = Some(token.clone());
        Ok(token)
    }

    /// Gives up the present session if its token is this one, which was refused.
    pub(super) async fn give_up(&self, refused: Option<&str>) {
        let mut kept = self.kept.lock().await;
        if kept.token.as_deref() == refused {
            kept.token = None;
        }
    }

    /// Ends all sessions; says which could not be ended, and why.
    pub(super) async fn end(&self, at: At<'_>) -> Vec<String> {
        let mut kept = self.kept.lock().await;
        let (token, made) = (kept.token.take(), std::mem::take(&mut kept.made));
        let mut left = Vec::new();
        let Some(token) = token else { return left };
        // The present one comes last: its token ends with it.
        for session in made {
            match at.transport.beside(Box::pin(at.close(&session, &token))).await {
                Ok(()) => at.note(&session, State::Removed, None),
                Err(why) => {
                    at.note(&session, State::Left, Some(&why));
                    left.push(format!(
                        "the session {} of `{}` was not ended ({why}): it ends by itself",
                        session.path(),
                        at.cloud.name
                    ));
                }
            }
        }
        left
    }
}

impl At<'_> {
    /// Logs in: gives the token, and the session where the controller names it.
    async fn open(&self) -> Result<(String, Option<OwnLogin>), LoginError> {
        let Some((user, password)) = self.cloud.credentials.user() else {
            return Err(self.refused(&self.cloud.auth_url, 401, "the deployment file names no user"));
        };
        self.log.redactor().learn(password);
        let (collection, asked) = (self.collection().await?, self.now());
        let body = json!({"UserName": user, "Password": password}).to_string();
        let (answer, url) = self.send("POST", collection, &[], Bytes::from(body), Permit::for_login()).await?;
        let token = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(super::TOKEN));
        let Some((_, token)) = token.filter(|(_, token)| (200..300).contains(&answer.status) && !token.is_empty())
        else {
            let text = String::from_utf8_lossy(&answer.body[..answer.body.len().min(64 * 1024)]).into_owned();
            let (message, _) = self.log.redactor().beginning(&text, MESSAGE);
            return Err(self.refused(&url, answer.status, &message));
        };
        self.log.redactor().learn(token);
        let made =
            OwnLogin::named_by(&url, &answer, user, asked).filter(|made| !self.log.redactor().knows(made.path()));
        if let Some(made) = &made {
            // A sweep ends what this process cannot any more.
            self.note(made, State::Created, None);
        }
        Ok((token.clone(), made))
    }

    /// Where sessions are made: what the service root links, on the controller itself.
    async fn collection(&self) -> Result<String, LoginError> {
        let url = join(&self.cloud.auth_url, ROOT);
        let permit = harmless(&url)?;
        let (answer, from) = self.send("GET", url, &[], Bytes::new(), permit).await?;
        let root: Value = serde_json::from_slice(without_mark(&answer.body)).unwrap_or_default();
        let link = root["Links"]["Sessions"]["@odata.id"].as_str().unwrap_or(SESSIONS);
        let joined = Url::parse(&from).and_then(|from| Ok((from.join(link)?, from)));
        match joined {
            Ok((to, from)) if to.origin() == from.origin() => Ok(to.into()),
            // Passwords go to the address that the user gave.
            _ => Ok(join(&self.cloud.auth_url, SESSIONS)),
        }
    }

    /// Ends a session, once it is shown to be the one that was made.
    async fn close(&self, session: &OwnLogin, token: &str) -> Result<(), String> {
        let proof = [(super::TOKEN.to_owned(), token.to_owned())];
        let permit = harmless(session.url()).map_err(|error| error.to_string())?;
        let shown = self.once("GET", session.url(), &proof, Bytes::new(), permit).await;
        let shown = shown.map_err(|error| error.to_string())?;
        match shown.status {
            200 => {}
            // It has ended before.
            401 | 404 | 410 => return Ok(()),
            status => return Err(format!("reading it was answered with {status}")),
        }
        let permit = session.leave(without_mark(&shown.body))?;
        let ended = self.once("DELETE", session.url(), &proof, Bytes::new(), permit).await;
        match ended.map_err(|error| error.to_string())?.status {
            200..300 | 401 | 404 | 410 => Ok(()),
            status => Err(format!("ending it was answered with {status}")),
        }
    }

    /// Sends a request, and follows where it leads within the controller; gives the address that answered as well.
    async fn send(
        &self,
        method: &str,
        mut url: String,
        headers: &[(String, String)],
        body: Bytes,
        permit: Permit,
    ) -> Result<(RawResponse, String), LoginError> {
        let mut hops = 0;
        loop {
            let answer = self.once(method, &url, headers, body.clone(), permit).await?;
            match leads_to(method, answer.status, &answer.headers, &url).filter(|_| hops < HOPS) {
                Some(to) => (url, hops) = (to, hops + 1),
                None => return Ok((answer, url)),
            }
        }
    }

    async fn once(
        &self,
        method: &str,
        url: &str,
        more: &[(String, String)],
        body: Bytes,
        permit: Permit,
    ) -> Result<RawResponse, TransportError> {
        let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        if !body.is_empty() {
            headers.push(("Content-Type".into(), "application/json".into()));
        }
        headers.extend_from_slice(more);
        let account = Some(self.role);
        let request = RawRequest { method: method.into(), url: url.into(), headers, body, account, permit };
        self.transport.send(self.log, &request).await
    }

    /// What time it is by the controller's clock.
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.transport.clocks().now(&self.cloud.auth_url)
    }

    /// Notes in the run's journal what became of a session; without that line, it ends by itself.
    fn note(&self, session: &OwnLogin, state: State, why: Option<&str>) {
        let path = session.path();
        let resource =
            Resource { id: Some(path.to_owned()), ..Resource::new(Kind::RedfishSession, path).of(self.role) };
        if resource.check().is_ok() {
            let _ = self.log.recorder().journal().write(self.log.id(), &resource, state, why);
        }
    }

    fn refused(&self, url: &str, status: u16, message: &str) -> LoginError {
        LoginError::Refused {
            cloud: self.cloud.name.clone(),
            url: url.to_owned(),
            status,
            message: message.to_owned(),
            check: self.cloud.credentials.check(),
        }
    }
}

fn harmless(url: &str) -> Result<Permit, TransportError> {
    Permit::harmless("GET", url).ok_or_else(|| TransportError::Setup("a defect of Assay: GET is no look".into()))
}
