//! Requests as they are sent, and answers as they came.

use bytes::Bytes;

use crate::guard::Permit;
use crate::session::Role;

/// A request as it is sent.
#[derive(Debug, Clone)]
pub(crate) struct RawRequest {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    pub account: Option<Role>,
    /// Leave to send it.
    pub permit: Permit,
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub(crate) struct RawResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    pub exchange: u32,
}

/// A status, headers and a whole body.
pub(super) type Answer = (u16, Vec<(String, String)>, Bytes);
