//! What a service answered.

use std::ops::RangeInclusive;
use std::sync::Arc;

use bytes::Bytes;

use super::{RawResponse, busy, packed};
use crate::json::Json;
use crate::outcome::{Evidence, Outcome, Stop};
use crate::recorder::TestLog;

/// How much of an unexpected body a finding quotes, in characters.
const QUOTED: usize = 600;
/// How much of a body is looked through for a word that says why it was refused, in bytes.
const LOOKED_AT: usize = 64 * 1024;
/// A byte order mark in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A body without the byte order mark before it, if there is one.
pub(crate) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(MARK).unwrap_or(body)
}

/// What a service answered.
#[derive(Debug, Clone)]
pub struct Response {
    raw: RawResponse,
    method: String,
    url: String,
    log: Arc<TestLog>,
    /// Whether a byte order mark before JSON is a deviation alone.
    takes_mark: bool,
}

impl Evidence for Response {
    fn log(&self) -> &TestLog {
        &self.log
    }
    fn exchange(&self) -> Option<u32> {
        Some(self.raw.exchange)
    }
}

impl Response {
    pub(crate) fn new(raw: RawResponse, method: String, url: String, log: Arc<TestLog>) -> Self {
        Self { raw, method, url, log, takes_mark: false }
    }

    /// The same, of a service of which a byte order mark before JSON is passed over. Who writes one must not (RFC 8259, section
    /// 8.1), and who reads it may.
    pub(crate) fn with_mark(self) -> Self {
        Self { takes_mark: true, ..self }
    }

    /// The address that gave it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The method of the request that it answers.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Its status code.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.raw.status
    }

    /// The value of a header, the first when there are several; the name's case does not matter.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.raw.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// All headers, their names in lower case.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.raw.headers
    }

    /// The value of a header that must be there.
    pub fn require_header(&self, name: &str) -> Outcome<&str> {
        self.header(name).ok_or_else(|| {
            let names = self.raw.headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            self.fail(format!("{self} answers with the header {name}"), Some(name.to_owned()), Some(names))
        })
    }

    /// Its body.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.raw.body
    }

    /// Its body as text; bytes that are no UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.raw.body).into_owned()
    }

    /// The lines of its body, the last line break left out.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.text().lines().map(str::to_owned).collect()
    }

    /// Its body as the JSON it must be.
    pub fn json(&self) -> Outcome<Json> {
        let bare = if self.takes_mark { without_mark(&self.raw.body) } else { &self.raw.body };
        if bare.len() < self.raw.body.len() {
            self.deviate_once("JSON should have no byte order mark before it".into(), None, Some(self.to_string()));
        }
        match serde_json::from_slice(bare) {
            Ok(value) => Ok(Json::new(value, self.raw.exchange, self.log.clone())),
            Err(error) => {
                let actual = match packed::unread(&self.raw.headers) {
                    Some(coding) => {
                        format!("a body that is packed with `{coding}`, although none that is packed was asked for")
                    }
                    None => format!("{error}: {}", self.quoted()),
                };
                Err(self.fail(format!("{self} answers with JSON"), Some("JSON".into()), Some(actual)))
            }
        }
    }

    /// Ends the test as failed unless the status is one of these.
    pub fn require_status(&self, statuses: impl Statuses) -> Outcome {
        if statuses.contains(self.status()) {
            return Ok(());
        }
        if self.wants_room(&statuses) {
            let what = if self.is_of_addresses() {
                "a network has no address left"
            } else {
                "the project's quota is exhausted"
            };
            let reason = format!("{self}: {what}: {}; raise it or free some", self.quoted());
            return Err(Stop::Error(reason));
        }
        if busy::is_still_busy(self.status(), &self.raw.headers, &self.raw.body) {
            return Err(Stop::Error(format!(
                "{self}: still answered with {} when it was sent again: the service limits how many requests it takes, or has too \
                 much to do; run fewer tests at a time with --test-threads, or raise the limit",
                self.status()
            )));
        }
        let expected = statuses.shown();
        let actual = match self.quoted() {
            body if body.is_empty() => self.status().to_string(),
            body => format!("{}: {body}", self.status()),
        };
        Err(self.fail(format!("{self} answers {expected}"), Some(expected), Some(actual)))
    }

    /// Whether it says that the project has no more room, where that is not what a test is about.
    pub(crate) fn wants_room(&self, statuses: &impl Statuses) -> bool {
        ![403, 409, 413].iter().any(|status| statuses.contains(*status)) && self.is_over_quota()
    }

    /// Whether it says that the project has no more room: Compute with 403 (once 413), Networking with 409, Block Storage
    /// and Object Storage with 413.
    fn is_over_quota(&self) -> bool {
        // A deletion needs no room, and a limit of rates differs from a quota.
        if self.method == "DELETE" || busy::is_limited(self.status(), &self.raw.headers, &self.raw.body) {
            return false;
        }
        let text = || self.beginning(LOOKED_AT).to_ascii_lowercase();
        match self.status() {
            403 => text().contains("quota exceeded"),
            409 => text().contains("overquota") || text().contains("quota exceeded") || self.is_of_addresses(),
            413 => {
                let text = text();
                // Object Storage, and Ceph's gateway.
                let is_of_objects = text.contains("exceeds quota") || text.contains("quotaexceeded");
                is_of_objects || text.contains("overlimit") || text.contains("exceeds allowed")
            }
            _ => false,
        }
    }

    /// Whether it says that a network has no address left. The operator decides how many a network has.
    fn is_of_addresses(&self) -> bool {
        let text = self.beginning(LOOKED_AT).to_ascii_lowercase();
        text.contains("ipaddressgenerationfailure") || text.contains("no more ip addresses")
    }

    fn beginning(&self, length: usize) -> String {
        String::from_utf8_lossy(&self.raw.body[..self.raw.body.len().min(length)]).into_owned()
    }

    fn quoted(&self) -> String {
        // Of a large body no more is looked at than may be quoted.
        let (text, _) = self.log.redactor().beginning(&self.beginning(LOOKED_AT), 4 * QUOTED);
        match text.char_indices().nth(QUOTED) {
            Some((at, _)) => format!("{}…", &text[..at]),
            None => text,
        }
    }
}

/// The request that it answers.
impl std::fmt::Display for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

/// Status codes that are right.
pub trait Statuses {
    /// Whether this one is.
    fn contains(&self, status: u16) -> bool;
    /// All of them, as a finding says it.
    fn shown(&self) -> String;
}

impl<S: Statuses> Statuses for &S {
    fn contains(&self, status: u16) -> bool {
        S::contains(self, status)
    }

    fn shown(&self) -> String {
        S::shown(self)
    }
}

impl Statuses for u16 {
    fn contains(&self, status: u16) -> bool {
        *self == status
    }
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl<const N: usize> Statuses for [u16; N] {
    fn contains(&self, status: u16) -> bool {
        self.as_slice().contains(&status)
    }
    fn shown(&self) -> String {
        self.map(|status| status.to_string()).join(" or ")
    }
}

impl Statuses for RangeInclusive<u16> {
    fn contains(&self, status: u16) -> bool {
        RangeInclusive::contains(self, &status)
    }
    fn shown(&self) -> String {
        format!("{} to {}", self.start(), self.end())
    }
}
