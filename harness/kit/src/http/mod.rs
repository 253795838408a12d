//! The one place where HTTP happens.

pub mod address;
pub(crate) mod busy;
mod caller;
pub mod certificate;
pub mod client;
mod error;
mod message;
mod packed;
pub mod redact;
pub(crate) mod redirect;
pub mod response;
mod tls;
mod transcript;
mod transport;
mod trust;
mod values;

pub(crate) use caller::{Caller, Token};
pub use error::TransportError;
pub(crate) use message::{RawRequest, RawResponse};
pub use tls::Tls;
pub(crate) use tls::check_authority;
pub(crate) use transcript::curl;
pub use transport::{SILENCE, Transport};
