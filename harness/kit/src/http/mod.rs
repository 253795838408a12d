//! The one place where HTTP happens: every request is bounded, recorded, and redacted before it is recorded.

pub mod certificate;
pub mod client;
pub mod redact;
pub mod response;
mod transcript;
mod trust;

use std::collections::HashSet;
use std::error::Error as _;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use chrono::Utc;
use futures::StreamExt as _;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use crate::recorder::TestLog;
use crate::session::Role;

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

/// How often a request is sent when the service says that it has too much to do.
const ATTEMPTS_IF_BUSY: u32 = 5;
/// The longest wait before such a request is sent again, whatever the service asks for.
const BUSY: Duration = Duration::from_secs(30);

/// The path between the tool and the deployment failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransportError {
    /// The address or a header of the request is none.
    #[error("{method} {url} cannot be sent: {reason}")]
    Malformed {
        /// Its method.
        method: String,
        /// Its address, redacted.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing, or not all of an answer, came back.
    #[error("{method} {url}: {reason}")]
    Failed {
        /// Its method.
        method: String,
        /// Its address, redacted.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The settings of TLS cannot be used.
    #[error("{path}: {reason}")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No HTTP client can be made.
    #[error("cannot prepare HTTP: {0}")]
    Setup(String),
}

/// How a deployment's certificates are handled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// A file of certificates to trust beside the system's.
    pub ca: Option<PathBuf>,
    /// The same in PEM, where they stand in no file.
    pub authority: Option<String>,
    /// The file of the user's own certificate.
    pub certificate: Option<PathBuf>,
    /// The file of that certificate's key, when it stands apart.
    pub key: Option<PathBuf>,
    /// Whether any certificate is taken.
    pub insecure: bool,
}

/// A request as it is sent.
#[derive(Debug, Clone)]
pub(crate) struct RawRequest {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    pub account: Option<Role>,
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub(crate) struct RawResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    pub exchange: u32,
}

/// The connections to a deployment.
#[derive(Debug, Clone)]
pub struct Transport {
    client: reqwest::Client,
    connect: Duration,
    silence: Duration,
    /// The longest wait before a request is sent again to a service that has too much to do.
    busy: Duration,
    /// What went on being answered with 503 until patience ended: nobody waits for it again until it has been served.
    down: Arc<Mutex<HashSet<Url>>>,
    /// Where requests that change something take turns.
    turns: Option<Arc<RwLock<()>>>,
}

/// A request's turn; others may go on once it is dropped.
#[derive(Debug)]
enum Turn {
    Free,
    Read { _with_others: OwnedRwLockReadGuard<()> },
    Change { _alone: OwnedRwLockWriteGuard<()> },
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
            .read_timeout(silence)
            .tls_danger_accept_invalid_certs(tls.insecure);
        let mut own = None;
        if let Some(path) = &tls.certificate {
            let mut pem = read(path)?;
            if let Some(key) = &tls.key {
                pem.push(b'\n');
                pem.extend(read(key)?);
            }
            let identity = reqwest::Identity::from_pem(&pem)
                .map_err(|error| TransportError::Certificate { path: path.clone(), reason: causes(&error) })?;
            builder = builder.identity(identity);
            own = Some(pem);
        }
        let named = match (&tls.ca, &tls.authority) {
            (Some(path), _) => Some((path.clone(), read(path)?)),
            (None, Some(pem)) => Some((PathBuf::from("the authority's certificate"), pem.clone().into_bytes())),
            (None, None) => None,
        };
        if let Some((path, pem)) = named {
            let wrong = |reason: String| TransportError::Certificate { path: path.clone(), reason };
            let named = trust::certificates(&pem).map_err(wrong)?;
            if !tls.insecure {
                let config = trust::config(named, own.as_deref()).map_err(wrong)?;
                builder = builder.tls_backend_preconfigured(config);
            }
        }
        let client = builder.build().map_err(|error| TransportError::Setup(causes(&error)))?;
        Ok(Self { client, connect, silence, busy: BUSY, down: Arc::default(), turns: None })
    }

    /// The same connections, for a first look: an answer is awaited no longer than this, and a service that has too much to
    /// do not much longer.
    #[must_use]
    pub fn impatient(&self, silence: Duration) -> Self {
        Self { silence: self.silence.min(silence), busy: silence / ATTEMPTS_IF_BUSY, ..self.clone() }
    }

    /// The same connections, to a small computer such as the controller of a machine: a request that changes something is made
    /// while no other is under way. Some lose a change that comes while they are being read.
    #[must_use]
    pub fn taking_turns(self) -> Self {
        Self { turns: Some(Arc::default()), ..self }
    }

    async fn turn(&self, method: &Method) -> Turn {
        match &self.turns {
            None => Turn::Free,
            Some(turns) if method.is_safe() => Turn::Read { _with_others: turns.clone().read_owned().await },
            Some(turns) => Turn::Change { _alone: turns.clone().write_owned().await },
        }
    }

    /// Sends a request and reads its whole answer; every attempt is recorded.
    ///
    /// Only a failed transport is tried again: one that never connected, or one of a request that changes nothing.
    pub(crate) async fn send(&self, log: &TestLog, request: &RawRequest) -> Result<RawResponse, TransportError> {
        let redactor = log.redactor();
        let malformed = |reason: String| TransportError::Malformed {
            method: request.method.clone(),
            url: redactor.url(&request.url),
            reason,
        };
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|error| malformed(error.to_string()))?;
        let url = Url::parse(&request.url).map_err(|error| malformed(error.to_string()))?;
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| malformed(error.to_string()))?;
            let value = HeaderValue::from_bytes(value.as_bytes())
                .map_err(|_| malformed(format!("the value of the header {name} cannot be sent")))?;
            headers.append(name, value);
        }

        let mut attempt = 1;
        loop {
            let turn = self.turn(&method).await;
            let (started, clock) = (Utc::now(), Instant::now());
            let sent = self.apart(log, turn, method.clone(), url.clone(), headers.clone(), request.body.clone()).await;
            let outcome = sent.as_ref().map_err(|failure| redactor.text(&failure.reason));
            let exchange = log.exchange(transcript::exchange(redactor, request, outcome, started, clock, attempt));
            let failure = match sent {
                // It says that it did nothing, and to come again: any request can be sent again.
                Ok((status @ (429 | 503), headers, _))
                    if attempt < ATTEMPTS_IF_BUSY && !(status == 503 && self.is_down(&url)) =>
                {
                    tokio::time::sleep(busy(&headers, attempt).min(self.busy)).await;
                    attempt += 1;
                    continue;
                }
                Ok((status, headers, body)) => {
                    self.note(&url, status);
                    return Ok(RawResponse { status, headers, body, exchange });
                }
                Err(failure) => failure,
            };
            let harmless = matches!(method, Method::GET | Method::HEAD) && failure.again;
            if attempt >= ATTEMPTS || !(harmless || failure.unsent) {
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

    fn is_down(&self, url: &Url) -> bool {
        self.down.lock().unwrap_or_else(PoisonError::into_inner).contains(url)
    }

    /// Notes how the last attempt at a request was answered.
    fn note(&self, url: &Url, status: u16) {
        let mut down = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        if status == 503 {
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
        let whole = self.silence * WHOLE;
        let answer = tokio::time::timeout(whole, self.answer(method, url, headers, body)).await;
        answer.unwrap_or_else(|_| {
            let reason = format!("the answer was not complete after {} s; the rest is not read", whole.as_secs());
            Err(Failure { reason, unsent: false, again: false })
        })
    }

    async fn answer(&self, method: Method, url: Url, headers: HeaderMap, body: Bytes) -> Result<Answer, Failure> {
        let silent = || Failure {
            reason: format!("nothing came for {} s", self.silence.as_secs()),
            unsent: false,
            again: false,
        };
        let mut request = self.client.request(method.clone(), url).headers(headers);
        if !body.is_empty() {
            request = request.body(body);
        } else if matches!(method, Method::PUT | Method::POST | Method::PATCH) {
            // A body of no bytes still has a length, which some services insist on, and which no layer below sends.
            request = request.header(CONTENT_LENGTH, 0);
        }
        let answer = tokio::time::timeout(self.silence, request.send()).await.map_err(|_| silent())?;
        let answer = answer.map_err(|error| self.failure(&error))?;
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let mut body = BytesMut::new();
        let mut stream = answer.bytes_stream();
        while let Some(chunk) = stream.next().await {
            body.extend_from_slice(&chunk.map_err(|error| self.failure(&error))?);
            if body.len() > BODY {
                let reason = format!("the answer's body is longer than {} MiB; the rest is not read", BODY >> 20);
                return Err(Failure { reason, unsent: false, again: false });
            }
        }
        Ok((status, headers, body.freeze()))
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

/// A status, headers and a whole body.
type Answer = (u16, Vec<(String, String)>, Bytes);

/// Why a request got no whole answer.
struct Failure {
    reason: String,
    /// It never left: no connection was made.
    unsent: bool,
    /// It may go better the next time.
    again: bool,
}

/// How long to wait before a busy service is asked again: as long as it says (`Retry-After`, RFC 9110, section 10.2.3), or
/// twice as long each time.
fn busy(headers: &[(String, String)], attempt: u32) -> Duration {
    let asked = headers.iter().find(|(name, _)| name == "retry-after").and_then(|(_, seconds)| seconds.parse().ok());
    asked.map_or(Duration::from_millis(250) * 2_u32.pow(attempt), Duration::from_secs)
}

fn read(path: &Path) -> Result<Vec<u8>, TransportError> {
    std::fs::read(path)
        .map_err(|error| TransportError::Certificate { path: path.to_owned(), reason: error.to_string() })
}

/// An error with its causes, on one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut line = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !line.ends_with(&text) {
            if !line.is_empty() {
                line.push_str(": ");
            }
            let _ = write!(line, "{text}");
        }
        next = error.source();
    }
    line
}

pub(crate) use transcript::curl;
