//! Refusals: what a service answers when it does not do what it was asked.

use assay_kit::prelude::*;
use assay_kit::{Outcome, Statuses};

/// The types that the body of a refusal may have, whatever spaces and cases they are written with.
const TYPES: [&str; 6] = [
    "application/json",
    "application/json;charset=utf-8",
    "text/plain",
    "text/plain;charset=utf-8",
    "text/html",
    "text/html;charset=utf-8",
];

/// A request that must be refused, and the checks on how it is.
pub(crate) trait Refusal {
    /// Sends it, and ends the test as failed unless it is refused with one of these statuses, in JSON or plain or HTML
    /// text: the published tests read no other.
    async fn require_refusal(self, statuses: impl Statuses) -> Outcome<Response>;
}

impl Refusal for assay_kit::Request {
    async fn require_refusal(self, statuses: impl Statuses) -> Outcome<Response> {
        let response = self.send().await?;
        require_refused(&response, statuses)?;
        Ok(response)
    }
}

/// Ends the test as failed unless this is a refusal with one of these statuses, in JSON or plain or HTML text.
pub(crate) fn require_refused(response: &Response, statuses: impl Statuses) -> Outcome {
    response.require_status(statuses)?;
    if let Some(given) = response.header("content-type") {
        let plain = given.to_ascii_lowercase().replace(' ', "");
        require!(response, TYPES.contains(&plain.as_str()), "a refusal is JSON or text, but this one is {given}");
    }
    Ok(())
}
