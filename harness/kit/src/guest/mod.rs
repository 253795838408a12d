//! Logging in to a server, to look at what only its inside shows.
//!
//! [`Probe`] says what can be known before there is a server: whether guests are worth a try, and at which of their
//! addresses. [`Endpoint`] is a server as seen from here, and [`Endpoint::log_in`] gives a [`Session`] in which commands run. All
//! of it is bounded, in time and in bytes: whatever answers at an address may be half dead, or not what it seems.

mod answers;
mod key;
mod login;
mod probe;
mod probing;
mod session;
mod stream;
mod users;

pub use answers::{disks, host_name, processors};
pub use key::Key;
pub use login::Endpoint;
pub use probe::Probe;
pub use session::{Answer, GuestError, Patience, Session};
pub(crate) use users::users;

use assay_record::Lack;

use crate::outcome::Stop;

/// Skips a test that needs a guest: it is missing, for this reason.
#[must_use]
pub fn absent(reason: &str) -> Stop {
    Stop::skip(Lack::guest(), format!("needs to log in to a server: {reason}"))
}

/// Which of a server's addresses is tried from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// An address of its own network.
    Fixed,
    /// A floating IP.
    Floating,
}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Fixed => "fixed",
            Self::Floating => "floating",
        })
    }
}

/// What the user says of the guests (`--guest`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Override {
    /// They answer at this address: a guest that does not fails its tests.
    Way(Way),
    /// Nobody is to log in to any.
    None,
}
