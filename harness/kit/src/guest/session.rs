//! A login over SSH (RFC 4251 to 4254), and the commands that run in it.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use assay_record::Exchange;
use chrono::{DateTime, Utc};
use russh::keys::{HashAlg, PublicKeyOrCertificate};
use russh::{ChannelMsg, Disconnect, client};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::key::Key;
use super::stream::Bounded;
use crate::outcome::{Evidence, Stop};
use crate::recorder::TestLog;

/// How long the other side may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Until a connection is there.
    pub connection: Duration,
    /// Until it has proved itself and judged the key.
    pub greeting: Duration,
    /// For a command.
    pub command: Duration,
    /// For all of a session: then its connection ends, whatever the other side does.
    pub session: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connection: Duration::from_secs(3),
            greeting: Duration::from_secs(10),
            command: Duration::from_secs(20),
            session: Duration::from_secs(120),
        }
    }
}

/// How many bytes a command may print.
const OUTPUT: usize = 64 << 10;
/// How many bytes the other side may send in a session.
const TRAFFIC: usize = 1 << 20;

/// Why a guest did not do as it was told.
#[derive(Debug, thiserror::Error)]
pub enum GuestError {
    /// Nothing answers there.
    #[error("{address} does not answer: {source}")]
    Connect {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The other side did not finish in time.
    #[error("{address} accepted a connection, but {step} took more than {} s", within.as_secs_f32())]
    Slow {
        /// The address.
        address: SocketAddr,
        /// What was waited for.
        step: String,
        /// How long.
        within: Duration,
    },
    /// The other side does not speak SSH, or broke it off.
    #[error("{address} does not speak SSH as it should: {source}")]
    Protocol {
        /// The address.
        address: SocketAddr,
        /// What the library says.
        source: russh::Error,
    },
    /// The key is not let in.
    #[error("{address} refuses the key that the server was created with, for user `{user}`")]
    Refused {
        /// The address.
        address: SocketAddr,
        /// Who tried.
        user: String,
    },
    /// A command printed too much.
    #[error("`{command}` at {address} printed more than {OUTPUT} bytes")]
    Flood {
        /// The address.
        address: SocketAddr,
        /// The command.
        command: String,
    },
    /// A command ended without a status.
    #[error("the session at {address} ended before `{command}` gave an exit status")]
    BrokenOff {
        /// The address.
        address: SocketAddr,
        /// The command.
        command: String,
    },
}

/// A login.
pub struct Session {
    address: SocketAddr,
    user: String,
    host_key: String,
    handle: client::Handle<Host>,
    patience: Patience,
    log: Arc<TestLog>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({}@{})", self.user, self.address)
    }
}

/// What a command came to.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What it printed on standard output.
    pub stdout: String,
    /// What it printed on standard error.
    pub stderr: String,
    /// Its exit status.
    pub status: u32,
    log: Arc<TestLog>,
    exchange: u32,
}

impl Evidence for Answer {
    fn log(&self) -> &TestLog {
        &self.log
    }
    fn exchange(&self) -> Option<u32> {
        Some(self.exchange)
    }
}

/// The other side's key: nobody knows what it should be, so it is noted and not judged.
struct Host(Arc<OnceLock<String>>);

impl client::Handler for Host {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let fingerprint = match key {
            PublicKeyOrCertificate::PublicKey { key, .. } => key.fingerprint(HashAlg::Sha256),
            PublicKeyOrCertificate::Certificate(certificate) => certificate.public_key().fingerprint(HashAlg::Sha256),
        };
        // A later key exchange does not replace it.
        let _ = self.0.set(fingerprint.to_string());
        Ok(true)
    }
}

impl Session {
    /// Logs in.
    pub async fn open(
        address: SocketAddr,
        user: &str,
        key: &Key,
        patience: Patience,
        log: &Arc<TestLog>,
    ) -> Result<Self, GuestError> {
        let (started, begun) = (Utc::now(), Instant::now());
        let connected = timeout(patience.connection, TcpStream::connect(address)).await;
        let connected = connected.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
        let stream = connected.map_err(|source| GuestError::Connect { address, source })?;
        let host_key = Arc::new(OnceLock::new());
        let greeting = greet(stream, user, key, Host(host_key.clone()), patience);
        let (handle, accepted) = timeout(patience.greeting, greeting)
            .await
            .map_err(|_| GuestError::Slow { address, step: "the login".into(), within: patience.greeting })?
            .map_err(|source| GuestError::Protocol { address, source })?;
        if !accepted {
            return Err(GuestError::Refused { address, user: user.to_owned() });
        }
        let host_key = host_key.get().cloned().unwrap_or_default();
        let session = Self { address, user: user.to_owned(), host_key, handle, patience, log: log.clone() };
        session.record(started, begun, None, "the key is accepted".to_owned(), None);
        Ok(session)
    }

    /// Who is logged in.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Where.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The SHA-256 fingerprint of the other side's key.
    #[must_use]
    pub fn host_key(&self) -> &str {
        &self.host_key
    }

    /// Runs a command.
    pub async fn run(&self, command: &str) -> Result<Answer, GuestError> {
        let (started, begun) = (Utc::now(), Instant::now());
        let (address, within) = (self.address, self.patience.command);
        let ended = timeout(within, self.execute(command)).await;
        let ended = ended.unwrap_or_else(|_| Err(GuestError::Slow { address, step: format!("`{command}`"), within }));
        match ended {
            Ok((status, stdout, stderr)) => {
                let said = if stderr.is_empty() { stdout.clone() } else { format!("{stdout}\n(stderr) {stderr}") };
                let exchange = self.record(started, begun, Some(command), said, Some(status));
                Ok(Answer { stdout, stderr, status, log: self.log.clone(), exchange })
            }
            Err(error) => {
                self.record(started, begun, Some(command), error.to_string(), None);
                Err(error)
            }
        }
    }

    async fn execute(&self, command: &str) -> Result<(u32, String, String), GuestError> {
        let address = self.address;
        let protocol = |source| GuestError::Protocol { address, source };
        let mut channel = self.handle.channel_open_session().await.map_err(protocol)?;
        channel.exec(true, command).await.map_err(protocol)?;
        let (mut out, mut err, mut status) = (Vec::new(), Vec::new(), None);
        while let Some(message) = channel.wait().await {
            match message {
                ChannelMsg::Data { data } => out.extend_from_slice(&data),
                ChannelMsg::ExtendedData { data, .. } => err.extend_from_slice(&data),
                ChannelMsg::ExitStatus { exit_status } => status = Some(exit_status),
                ChannelMsg::Failure | ChannelMsg::Close => break,
                _ => {}
            }
            if out.len() + err.len() > OUTPUT {
                // Nothing more of it is wanted.
                let _ = self.handle.disconnect(Disconnect::ByApplication, "", "").await;
                return Err(GuestError::Flood { address, command: command.to_owned() });
            }
        }
        let status = status.ok_or_else(|| GuestError::BrokenOff { address, command: command.to_owned() })?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok((status, text(out), text(err)))
    }

    /// Ends it.
    pub async fn close(self) {
        // Who does not listen any more has ended it already.
        let _ = timeout(self.patience.connection, self.handle.disconnect(Disconnect::ByApplication, "", "")).await;
    }

    /// Writes what happened into the transcript; gives its number.
    fn record(
        &self,
        started: DateTime<Utc>,
        begun: Instant,
        command: Option<&str>,
        said: String,
        status: Option<u32>,
    ) -> u32 {
        let redact = |text: &str| self.log.redactor().text(text);
        let mut headers = vec![("host-key".to_owned(), self.host_key.clone())];
        headers.extend(status.map(|status| ("exit-status".to_owned(), status.to_string())));
        self.log.exchange(Exchange {
            number: 0,
            started,
            duration_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            attempt: 1,
            account: None,
            method: "SSH".to_owned(),
            url: format!("ssh://{}@{}", self.user, self.address),
            request_headers: Vec::new(),
            request_body: command.map(redact),
            status: None,
            response_headers: headers,
            response_body: Some(redact(&said)),
            error: None,
        })
    }
}

/// Shakes hands and shows the key; gives whether it is let in.
async fn greet(
    stream: TcpStream,
    user: &str,
    key: &Key,
    host: Host,
    patience: Patience,
) -> Result<(client::Handle<Host>, bool), russh::Error> {
    let config = client::Config {
        inactivity_timeout: Some(patience.command + patience.greeting),
        window_size: 2 * u32::try_from(OUTPUT).unwrap_or(u32::MAX),
        channel_buffer_size: 8,
        nodelay: true,
        ..client::Config::default()
    };
    let mut handle =
        client::connect_stream(Arc::new(config), Bounded::new(stream, TRAFFIC, patience.session), host).await?;
    let judged = handle.authenticate_publickey(user, key.to_log_in()).await?;
    Ok((handle, judged.success()))
}

/// A guest that does not do as it was told, as the end of a test.
impl From<GuestError> for Stop {
    fn from(error: GuestError) -> Self {
        Self::Error(error.to_string())
    }
}
