//! Logging in to a guest, again and again until it lets in: a system takes a while to start, and a while more to
//! learn its keys.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Way;
use super::key::Key;
use super::session::{GuestError, Patience, Session};
use crate::recorder::TestLog;

/// A server as seen from here.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Which of its addresses it is.
    pub way: Way,
    /// The address.
    pub address: SocketAddr,
    /// Who may be let in, the likeliest first; at least one.
    pub users: Vec<String>,
    /// The key that the server was created with.
    pub key: Key,
}

impl Endpoint {
    /// Logs in as the first user that is let in, without waiting for the system to start.
    pub async fn try_once(&self, log: &Arc<TestLog>) -> Result<Session, GuestError> {
        let mut refused = GuestError::Refused { address: self.address, user: String::new() };
        for user in &self.users {
            match Session::open(self.address, user, &self.key, Patience::default(), log).await {
                // Another user needs another connection: RFC 4252 lets a server insist on the first.
                Err(error @ GuestError::Refused { .. }) => refused = error,
                other => return other,
            }
        }
        Err(refused)
    }

    /// Tries again and again, at growing intervals, until it is let in or the time is up; gives the last error then.
    pub async fn log_in(&self, log: &Arc<TestLog>, within: Duration) -> Result<Session, GuestError> {
        let begun = Instant::now();
        let mut pause = Duration::from_millis(500);
        loop {
            let error = match self.try_once(log).await {
                Ok(session) => return Ok(session),
                Err(error) => error,
            };
            let left = within.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Err(error);
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 3 / 2).min(Duration::from_secs(5));
        }
    }
}
