//! Why there is no answer.

use std::fmt::Write as _;
use std::path::PathBuf;

/// The path between the tool and the deployment failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransportError {
    /// The address or a header of the request is invalid.
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
    /// The address is nobody's that the account's secrets are for.
    #[error("not sent: {reason}")]
    Foreign {
        /// Which address, redacted, and what to do.
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

/// An error with its causes, on one line.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
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
