//! What can be known of guests before there is a server.

use super::Way;

/// Whether guests are worth a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// They may answer.
    Open {
        /// At which addresses, the one to use first.
        ways: Vec<Way>,
        /// The network of floating IPs.
        external: Option<String>,
        /// Whether the user says so: then a guest that does not answer fails its tests.
        demanded: bool,
    },
    /// Nobody logs in to any, for this reason.
    None(String),
}

impl std::fmt::Display for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open { ways, demanded, .. } => {
                let ways: Vec<_> = ways.iter().map(Way::to_string).collect();
                let how = if *demanded { "as --guest says" } else { "tried as soon as a run has a server" };
                write!(f, "{}, {how}", ways.join(" or "))
            }
            Self::None(reason) => write!(f, "none: {reason}"),
        }
    }
}
