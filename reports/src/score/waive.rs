//! What came of the vendor's waivers.

use chrono::NaiveDate;

use super::judge::is_named;
use crate::report::{CapabilityReport, Outcome, TestReport, WaiverReport, WaiverStatus};
use crate::waiver::Waiver;

/// Says of each waiver what its test did.
pub fn report(waivers: &[Waiver], capabilities: &[CapabilityReport], today: NaiveDate) -> Vec<WaiverReport> {
    waivers
        .iter()
        .map(|waiver| {
            let tests: Vec<_> = capabilities
                .iter()
                .flat_map(|capability| &capability.tests)
                .filter(|test| is_named(test, &waiver.test))
                .collect();
            // A UUID may name several tests: the waiver is wanted as long as one of them does not pass.
            let test = tests.iter().find(|test| test.verdict != Outcome::Pass).or(tests.first());
            let status = match test {
                None => WaiverStatus::NoSuchTest,
                Some(test) if test.verdict == Outcome::Pass => WaiverStatus::UnexpectedPass,
                Some(_) if waiver.expiry.is_some_and(|last| last < today) => WaiverStatus::Expired,
                Some(_) => WaiverStatus::Expected,
            };
            WaiverReport {
                test: waiver.test.clone(),
                reason: waiver.reason.clone(),
                link: waiver.link.clone(),
                expiry: waiver.expiry,
                status,
                verdict: test.map(|test| test.verdict),
            }
        })
        .collect()
}

/// Whether a waiver that still holds names a test.
pub fn covers(waivers: &[WaiverReport], test: &TestReport) -> bool {
    waivers.iter().any(|waiver| waiver.status == WaiverStatus::Expected && is_named(test, &waiver.test))
}
