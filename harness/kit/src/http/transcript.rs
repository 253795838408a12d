//! An exchange as it is recorded: redacted, and cut to a size that a person reads.

use std::fmt::Write as _;
use std::time::Duration;

use assay_record::Exchange;
use base16ct::lower::encode_string;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::message::{Answer, RawRequest};
use super::redact::{self, Redactor};

/// How many bytes of a body are kept.
const KEPT: usize = 32 * 1024;

/// An attempt at a request, and what came of it.
#[derive(Clone)]
pub(super) struct Attempt {
    pub request: RawRequest,
    /// The answer, or why there is none.
    pub outcome: Result<Answer, String>,
    pub started: DateTime<Utc>,
    pub took: Duration,
    pub number: u32,
}

/// An attempt as it is recorded. What is much to look through is looked through in a thread of its own, which nobody waits
/// for at the end: neither the tests that run beside it nor ctrl-C.
pub(super) async fn exchange(redactor: &Redactor, attempt: Attempt) -> Exchange {
    let answered = attempt.outcome.as_ref().map_or(0, |(_, headers, body)| {
        body.len() + headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
    });
    if !Redactor::is_much(attempt.request.body.len() + answered) {
        return recorded(redactor, &attempt);
    }
    let (apart, known) = (attempt.clone(), redactor.clone());
    let looked = redact::apart(move || recorded(&known, &apart)).await;
    // Where no thread can be had, or it panicked, nothing of a body is written.
    looked.unwrap_or_else(|| recorded(&Redactor::default(), &attempt.without_bodies()))
}

impl Attempt {
    fn without_bodies(mut self) -> Self {
        self.request.body = Bytes::new();
        self.request.headers.clear();
        self.outcome = self.outcome.map(|(status, ..)| (status, Vec::new(), Bytes::new()));
        self
    }
}

fn recorded(redactor: &Redactor, attempt: &Attempt) -> Exchange {
    let request = &attempt.request;
    // The headers first: a secret among them is learnt before any body is written.
    let headers = |headers: &[(String, String)]| {
        headers.iter().map(|(name, value)| (redactor.header_name(name), redactor.header(name, value))).collect()
    };
    let request_headers = headers(&request.headers);
    let (status, response_headers, response_body, error) = match &attempt.outcome {
        Ok((status, fields, body)) => (Some(*status), headers(fields), text(redactor, body), None),
        Err(reason) => (None, Vec::new(), None, Some(redactor.text(reason))),
    };
    Exchange {
        number: 0,
        started: attempt.started,
        duration_ms: u64::try_from(attempt.took.as_millis()).unwrap_or(u64::MAX),
        attempt: attempt.number,
        account: request.account.map(|role| role.to_string()),
        method: request.method.clone(),
        url: redactor.url(&request.url),
        request_headers,
        request_body: text(redactor, &request.body),
        status,
        response_headers,
        response_body,
        error,
    }
}

fn text(redactor: &Redactor, body: &Bytes) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    let Ok(text) = std::str::from_utf8(body) else {
        return Some(format!("({} bytes, SHA-256 {})", body.len(), encode_string(&Sha256::digest(body))));
    };
    let (mut kept, whole) = redactor.beginning(text, KEPT);
    if !whole {
        // Writing to a string cannot fail.
        let _ = write!(kept, "… (cut; {} bytes, SHA-256 {})", body.len(), encode_string(&Sha256::digest(body)));
    }
    Some(kept)
}

/// A `curl` line, or `ssh` where it was no request, that repeats an exchange; what was redacted stands as
/// `$OS_TOKEN`, as `$USERNAME:$PASSWORD`, or must be filled in.
pub(crate) fn curl(exchange: &Exchange) -> String {
    if exchange.method == "SSH" {
        let command = exchange.request_body.as_deref().map_or_else(String::new, |body| format!(" {}", quoted(body)));
        return format!("ssh -i \"$KEY\" {}{command}", quoted(&exchange.url));
    }
    let mut line = String::from("curl -i");
    match exchange.method.as_str() {
        "GET" => {}
        "HEAD" => line.push_str(" --head"),
        method => {
            line.push_str(" -X ");
            line.push_str(method);
        }
    }
    for (name, value) in &exchange.request_headers {
        if name.eq_ignore_ascii_case("x-auth-token") {
            line.push_str(" -H \"X-Auth-Token: $OS_TOKEN\"");
        } else if name.eq_ignore_ascii_case("authorization") {
            line.push_str(" -u \"$USERNAME:$PASSWORD\"");
        } else {
            line.push_str(" -H ");
            line.push_str(&quoted(&format!("{name}: {value}")));
        }
    }
    match &exchange.request_body {
        Some(body) if body.len() <= 2000 && !body.starts_with('(') => {
            line.push_str(" --data-raw ");
            line.push_str(&quoted(body));
        }
        Some(_) => line.push_str(" --data-binary @BODY"),
        None => {}
    }
    line.push(' ');
    line + &quoted(&exchange.url)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
