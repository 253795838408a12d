//! The connections to a deployment: every request is bounded, recorded, and redacted before it is recorded.

use std::collections::HashSet;
use std::error::Error as _;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use super::busy;
use super::error::{TransportError, causes};
use super::message::{Answer, RawRequest, RawResponse};
use super::packed;
use super::tls::{self, Tls};
use super::transcript::{self, Attempt};
use super::values::{VALUES, Values};
use crate::budget::hurried;
use crate::clock::{Clocks, here};
use crate::recorder::TestLog;
use crate::session::leaves;

/// How long a connection may take to be made, unless [`SILENCE`] was made shorter.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a server may send nothing while an answer is awaited, unless the user says otherwise.
pub const SILENCE: Duration = Duration::from_secs(60);
/// How many times as long a whole answer may take: a server that sends a byte now and then is never silent.
const WHOLE: u32 = 5;
/// How many bytes of a body are read before it is refused.
const BODY: usize = 64 * 1024 * 1024;
/// How often a request is sent when its transport fails.
const ATTEMPTS: u32 = 3;

/// The connections to a deployment.
#[derive(Debug, Clone)]
pub struct Transport {
    client: reqwest::Client,
    connect: Duration,
    silence: Duration,
    /// The longest wait before a request is sent again to a service that has too much to do.
    busy: Duration,
    /// What went on being answered with 503 until patience ended: nobody waits for it again until it has been served. While
    /// things are cleaned up, the same holds for whatever says that it is busy.
    down: Arc<Mutex<HashSet<Url>>>,
    /// How far the clocks of services are ahead.
    clocks: Clocks,
    /// Where requests that change something take turns.
    turns: Option<Arc<RwLock<()>>>,
    /// What stayed busy with changes until patience ended, by path: nobody waits for it again until it has taken one.
    stuck: Arc<Mutex<HashSet<String>>>,
}

/// A request's turn; others may go on once it is dropped.
#[derive(Debug, Clone)]
enum Turn {
    Free,
    Read { _with_others: Arc<OwnedRwLockReadGuard<()>> },
    Change { _alone: Arc<OwnedRwLockWriteGuard<()>> },
}

tokio::task_local! {
    /// The turn that all requests of a piece of work have together.
    static TURN: Turn;
}

impl Transport {
    /// Connections that handle certificates as told, and wait for a silent server as long as told ([`SILENCE`]).
    ///
    /// # Errors
    ///
    /// A certificate file that cannot be read or holds none.
    pub fn new(tls: &Tls, silence: Option<Duration>) -> Result<Self, TransportError> {
        static PROVIDER: Once = Once::new();
        let silence = silence.unwrap_or(SILENCE);
        let connect = CONNECT.min(silence);
        PROVIDER.call_once(|| {
            // An error means that one is installed already, which serves as well.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("assay/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            // A redirection is an answer to be judged, and a token must not follow one to another host.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(connect)
            .read_timeout(silence);
        builder = tls::prepare(builder, tls)?;
        let client = builder.build().map_err(|error| TransportError::Setup(causes(&error)))?;
        Ok(Self {
            client,
            connect,
            silence,
            busy: Duration::MAX,
            down: Arc::default(),
            clocks: Clocks::default(),
            turns: None,
            stuck: Arc::default(),
        })
    }

    /// The same connections, for a first look: an answer is awaited no longer than this, and a service that has too much to
    /// do no longer than twice that.
    #[must_use]
    pub fn impatient(&self, silence: Duration) -> Self {
        Self { silence: self.silence.min(silence), busy: silence, ..self.clone() }
    }

    /// The same connections, to a small computer such as the controller of a machine: a request that changes something is made
    /// while no other is under way. Some lose a change that comes while they are being read.
    #[must_use]
    pub fn taking_turns(self) -> Self {
        Self { turns: Some(Arc::default()), ..self }
    }

    /// How far the clocks of services are ahead, as their answers told.
    pub(crate) fn clocks(&self) -> &Clocks {
        &self.clocks
    }

    async fn turn(&self, method: &Method) -> Turn {
        if let Ok(turn) = TURN.try_with(Turn::clone) {
            return turn;
        }
        match &self.turns {
            None => Turn::Free,
            Some(turns) if method.is_safe() => Turn::Read { _with_others: turns.clone().read_owned().await.into() },
            Some(turns) => Turn::Change { _alone: turns.clone().write_owned().await.into() },
        }
    }

    /// Does a piece of work whose requests are made while no others are under way, where these take turns.
    pub(crate) async fn alone<T>(&self, work: impl Future<Output = T>) -> T {
        let turn = match &self.turns {
            Some(turns) if TURN.try_with(|_| ()).is_err() => {
                Turn::Change { _alone: turns.clone().write_owned().await.into() }
            }
            _ => return work.await,
        };
        TURN.scope(turn, work).await
    }

    /// Does a piece of work whose requests wait for no turn: others may have theirs, and wait for what it holds.
    pub(crate) async fn beside<T>(&self, work: impl Future<Output = T>) -> T {
        TURN.scope(Turn::Free, work).await
    }

    /// Whether a path stayed busy with changes until patience ended.
    pub(crate) fn is_stuck(&self, path: &str) -> bool {
        self.stuck.lock().unwrap_or_else(PoisonError::into_inner).contains(path)
    }

    /// Notes whether a path stayed busy with changes until patience ended, or has taken one.
    pub(crate) fn note_stuck(&self, path: &str, is_stuck: bool) {
        let mut stuck = self.stuck.lock().unwrap_or_else(PoisonError::into_inner);
        if is_stuck {
            stuck.insert(path.to_owned());
        } else {
            stuck.remove(path);
        }
    }

    /// Sends a request and reads its whole answer; every attempt is recorded.
    ///
    /// Only a failed transport is tried again: one that never connected, or one of a request that changes nothing.
    pub(crate) async fn send(&self, log: &TestLog, request: &RawRequest) -> Result<RawResponse, TransportError> {
        // Whoever asked for this had leave to: a request without it cannot be made.
        request.permit.spend();
        let redactor = log.redactor();
        let malformed = |reason: String| TransportError::Malformed {
            method: request.method.clone(),
            url: redactor.url(&request.url),
            reason,
        };
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|error| malformed(error.to_string()))?;
        let url = Url::parse(&request.url).map_err(|error| malformed(error.to_string()))?;
        // What is sent must be what the address says: the parser would resolve the one, and make a header of the other.
        if leaves(&request.url) {
            return Err(malformed("its path has `.` or `..`".into()));
        }
        if request.url.contains(['\t', '\r', '\n']) {
            return Err(malformed("it holds a line break or a tab".into()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(malformed("it holds a user".into()));
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| malformed(error.to_string()))?;
            let value = HeaderValue::from_bytes(value.as_bytes())
                .map_err(|_| malformed(format!("the value of the header {name} cannot be sent")))?;
            headers.append(name, value);
        }

        let (mut attempt, begun) = (1, Instant::now());
        let mut patience = busy::Patience::new(self.busy);
        loop {
            let turn = self.turn(&method).await;
            let (started, clock) = (here(), Instant::now());
            let sent = self.apart(log, turn, method.clone(), url.clone(), headers.clone(), request.body.clone()).await;
            let took = clock.elapsed();
            let outcome = sent.as_ref().map(Clone::clone).map_err(|failure| failure.reason.clone());
            let request_sent = request.clone();
            let tried = Attempt { request: request_sent, outcome, started, took, number: attempt };
            let exchange = log.exchange(transcript::exchange(redactor, tried).await);
            let failure = match sent {
                Ok((status, headers, body)) => {
                    self.clocks.note(&url, &headers, started, took);
                    // Nobody waits for what is down, and no request goes on for ever.
                    let waited = (status == 503 || hurried()) && self.is_down(&url);
                    let asks = !waited && begun.elapsed() < self.whole();
                    let pause = if asks { patience.wait(status, &headers, &body, attempt) } else { None };
                    if let Some(pause) = pause {
                        tokio::time::sleep(pause).await;
                        attempt += 1;
                        continue;
                    }
                    self.note(&url, status);
                    return Ok(RawResponse { status, headers, body, exchange });
                }
                Err(failure) => failure,
            };
            let harmless = matches!(method, Method::GET | Method::HEAD) && failure.again;
            let again = (harmless || failure.unsent) && begun.elapsed() < self.whole();
            if attempt >= ATTEMPTS || !again {
                return Err(TransportError::Failed {
                    method: request.method.clone(),
                    url: redactor.url(&request.url),
                    reason: redactor.text(&failure.reason),
                });
            }
            tokio::time::sleep(Duration::from_millis(200) * attempt).await;
            attempt += 1;
        }
    }

    /// How long a whole answer may take; a request that took so long is not sent again.
    fn whole(&self) -> Duration {
        self.silence * WHOLE
    }

    fn is_down(&self, url: &Url) -> bool {
        self.down.lock().unwrap_or_else(PoisonError::into_inner).contains(url)
    }

    /// Notes how the last attempt at a request was answered.
    fn note(&self, url: &Url, status: u16) {
        let mut down = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        if status == 503 || (hurried() && busy::is_busy(status)) {
            down.insert(url.clone());
        } else {
            down.remove(url);
        }
    }

    /// Sends a request in a task of its own: when the test is broken off, the request still comes to its end, and what it
    /// creates can be found and removed.
    async fn apart(
        &self,
        log: &TestLog,
        turn: Turn,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let (transport, flight) = (self.clone(), log.takes_off());
        let sent = tokio::spawn(async move {
            let sent = transport.once(method, url, headers, body).await;
            drop((flight, turn));
            sent
        });
        sent.await.unwrap_or_else(|error| Err(Failure { reason: error.to_string(), unsent: false, again: false }))
    }

    async fn once(&self, method: Method, url: Url, headers: HeaderMap, body: Bytes) -> Result<Answer, Failure> {
        let whole = self.whole();
        let answer = tokio::time::timeout(whole, self.answer(method, url, headers, body)).await;
        answer.unwrap_or_else(|_| {
            let reason = format!("the answer was not complete after {} s; the rest is not read", whole.as_secs());
            Err(Failure { reason, unsent: false, again: false })
        })
    }

    async fn answer(&self, method: Method, url: Url, headers: HeaderMap, body: Bytes) -> Result<Answer, Failure> {
        let has_coding = headers.contains_key(ACCEPT_ENCODING);
        let silent = || Failure {
            reason: format!("nothing came for {} s", self.silence.as_secs()),
            unsent: false,
            again: false,
        };
        let mut request = self.client.request(method.clone(), url).headers(headers);
        if !has_coding {
            request = request.header(ACCEPT_ENCODING, "identity");
        }
        if !body.is_empty() {
            request = request.body(body);
        } else if matches!(method, Method::PUT | Method::POST | Method::PATCH) {
            // A body of no bytes still has a length, which some services insist on, and which no layer below sends.
            request = request.header(CONTENT_LENGTH, 0);
        }
        let answer = tokio::time::timeout(self.silence, request.send()).await.map_err(|_| silent())?;
        let answer = answer.map_err(|error| self.failure(&error))?;
        let status = answer.status().as_u16();
        let headers: Vec<(String, String)> = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let (mut body, mut values) = (BytesMut::new(), Values::default());
        let mut stream = answer.bytes_stream();
        let refused = |why| Failure { reason: format!("{why}; the rest is not read"), unsent: false, again: false };
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| self.failure(&error))?;
            if values.read(&chunk) > VALUES {
                return Err(refused(format!("the answer's body has more than {VALUES} JSON values")));
            }
            body.extend_from_slice(&chunk);
            if body.len() > BODY {
                return Err(refused(format!("the answer's body is longer than {} MiB", BODY >> 20)));
            }
        }
        let longer = || refused(format!("the answer's body is longer than {} MiB when it is unpacked", BODY >> 20));
        let came = body.freeze();
        let body = packed::unpacked(&headers, came.clone(), BODY).ok_or_else(longer)?;
        if body != came && Values::default().read(&body) > VALUES {
            return Err(refused(format!("the answer's body has more than {VALUES} JSON values")));
        }
        Ok((status, headers, body))
    }

    fn failure(&self, error: &reqwest::Error) -> Failure {
        // reqwest's own line repeats the address, which is said beside it; what it says beyond that is in its sources.
        let mut reason = causes(error.source().unwrap_or(error));
        let certificate = reason.contains("certificate");
        // One that is out of date, or another host's, is not put right by trusting somebody.
        let wrong = ["expired", "not valid yet", "not valid for name", "NotValidForName"];
        if certificate && wrong.iter().any(|word| reason.contains(word)) {
            reason.push_str(" (give the service a certificate that holds, or accept any with --insecure)");
        } else if certificate {
            reason.push_str(
                " (name the authority's certificate with `cacert:` in clouds.yaml or `tls: {ca: FILE}` in a deployment file, or accept \
                 any with --insecure)",
            );
        }
        let timeout = error.is_timeout();
        if timeout {
            reason = if error.is_connect() {
                format!("no connection within {} s", self.connect.as_secs())
            } else {
                format!("nothing came for {} s", self.silence.as_secs())
            };
        }
        Failure { reason, unsent: error.is_connect() && !certificate && !timeout, again: !certificate && !timeout }
    }
}

/// Why a request got no whole answer.
struct Failure {
    reason: String,
    /// It never left: no connection was made.
    unsent: bool,
    /// It may go better the next time.
    again: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::redact::Redactor;
    use crate::recorder::Recorder;

    /// The parser would resolve it, or make a header of it: what is sent must be what the address says.
    #[tokio::test]
    async fn a_request_goes_where_its_address_says() {
        let transport = Transport::new(&Tls::default(), None).unwrap();
        let log = Recorder::new(None, Redactor::default()).unwrap().log("test");
        for path in ["a/../b", "a/%2e%2E/b", "a/./b", "a\\..\\b", "a/.\t./b", "..", "."] {
            let url = format!("http://127.0.0.1:1/v1/{path}");
            let permit = crate::guard::Permit::harmless("GET", &url).unwrap();
            let (headers, body) = (Vec::new(), bytes::Bytes::new());
            let request = RawRequest { method: "GET".into(), url, headers, body, account: None, permit };
            let refused = transport.send(&log, &request).await.unwrap_err();
            assert!(matches!(refused, TransportError::Malformed { .. }), "{path}: {refused}");
        }
    }
}
