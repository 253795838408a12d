//! An exchange as it is recorded: redacted, and cut to a size that a person reads.

use std::fmt::Write as _;
use std::time::Instant;

use assay_record::Exchange;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::redact::Redactor;
use super::{Answer, RawRequest};

/// How many bytes of a body are kept.
const KEPT: usize = 32 * 1024;

pub(super) fn exchange(
    redactor: &Redactor,
    request: &RawRequest,
    outcome: Result<&Answer, String>,
    started: DateTime<Utc>,
    clock: Instant,
    attempt: u32,
) -> Exchange {
    // The headers first: a secret among them is learnt before any body is written.
    let headers = |headers: &[(String, String)]| {
        headers.iter().map(|(name, value)| (name.clone(), redactor.header(name, value))).collect()
    };
    let request_headers = headers(&request.headers);
    let (status, response_headers, response_body, error) = match outcome {
        Ok((status, fields, body)) => (Some(*status), headers(fields), text(redactor, body), None),
        Err(reason) => (None, Vec::new(), None, Some(reason)),
    };
    Exchange {
        number: 0,
        started,
        duration_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
        attempt,
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
    let Ok(whole) = std::str::from_utf8(body) else {
        return Some(format!("({} bytes, SHA-256 {})", body.len(), hex(&Sha256::digest(body))));
    };
    // Redacted before it is cut: a secret across the cut would not be recognised.
    let mut kept = redactor.body(whole);
    if kept.len() > KEPT {
        let end = (0..=KEPT).rev().find(|at| kept.is_char_boundary(*at)).unwrap_or(0);
        kept.truncate(end);
        // Writing to a string cannot fail.
        let _ = write!(kept, "… (cut; {} bytes, SHA-256 {})", body.len(), hex(&Sha256::digest(body)));
    }
    Some(kept)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
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
