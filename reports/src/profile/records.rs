//! The requirements of profiles as records of a run, so that a guideline can be scored by them.

use assay_guidelines::profile::Level;
use chrono::{DateTime, Utc};

use super::report::{Place, ProfileReport, RequirementReport, Verdict};
use crate::record::{Finding, TestRecord, Verdict as Outcome};

/// A record for each requirement that asks for something, in the order of the profiles.
///
/// A warning is a pass with a deviation. What is skipped or not tested is a skip with its reason.
#[must_use]
pub fn records(report: &ProfileReport, started: Option<DateTime<Utc>>) -> Vec<TestRecord> {
    let asked = report.requirements.iter().filter(|requirement| requirement.level != Level::None);
    asked.map(|requirement| record(report, requirement, started)).collect()
}

fn record(report: &ProfileReport, requirement: &RequirementReport, started: Option<DateTime<Utc>>) -> TestRecord {
    let places = |wanted: Verdict| {
        report.places.iter().filter(move |place| place.requirement == requirement.id && place.verdict == wanted)
    };
    let finding = |place: &Place| Finding {
        requirement: requirement.required.clone(),
        expected: None,
        actual: Some(format!("{}: {}", at(place), place.seen)),
        exchange: None,
        request_id: None,
        curl: None,
    };
    let file = report.profiles.iter().find(|profile| profile.name == requirement.profile);
    let spec = file.map(|profile| format!("{} {}, line {}", profile.name, profile.version, requirement.line));
    let reason = format!("{}: {}", requirement.required, requirement.seen);
    let verdict = match requirement.verdict {
        Verdict::Pass | Verdict::Warn => Outcome::Pass,
        Verdict::Fail => Outcome::Fail,
        Verdict::Skipped | Verdict::NotTested => Outcome::Skip,
    };
    TestRecord {
        id: requirement.id.clone(),
        uuid: Some(requirement.uuid.clone()),
        title: requirement.required.clone(),
        spec,
        verdict,
        started,
        duration_ms: 0,
        reason: (verdict != Outcome::Pass).then_some(reason),
        lacks: None,
        failure: places(Verdict::Fail).next().map(finding),
        deviations: places(Verdict::Warn).map(finding).collect(),
        left_behind: Vec::new(),
        requests: 0,
    }
}

/// Where something was found.
pub(super) fn at(place: &Place) -> String {
    match (place.uri.as_str(), place.path.as_str()) {
        ("", "") => format!("service {}", place.service),
        (uri, "") => format!("{} {uri}", place.service),
        (uri, path) => format!("{} {uri} at {path}", place.service),
    }
}
