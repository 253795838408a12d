//! What is required, expected and was seen.

use serde::Serialize;

use super::super::escape::cut;
use crate::record::Finding;

/// The most characters of what is required, expected or was seen that are shown.
pub const MAX_FINDING: usize = 2_000;

/// A finding, cut to size.
#[derive(Debug, Serialize)]
pub struct FindingView {
    pub requirement: String,
    pub expected: String,
    pub actual: String,
    pub exchange: String,
    pub request_id: String,
    pub curl: String,
}

/// The view of a finding.
pub fn finding(finding: &Finding) -> FindingView {
    let short = |text: &Option<String>| cut(text.as_deref().unwrap_or_default(), MAX_FINDING);
    FindingView {
        requirement: cut(&finding.requirement, MAX_FINDING),
        expected: short(&finding.expected),
        actual: short(&finding.actual),
        exchange: finding.exchange.map(|number| number.to_string()).unwrap_or_default(),
        request_id: short(&finding.request_id),
        // A command that is cut is worse than a long one.
        curl: finding.curl.clone().unwrap_or_default(),
    }
}
