//! JUnit XML, for continuous integration servers.
//!
//! The file fails exactly when the verdict is not conformant. So what blocks is a failure or an error, a skip too where
//! the guideline's rule does not allow it, and a test without an implementation too; and what decides nothing (flagged,
//! advisory, deprecated, removed, or a skip that is allowed) and did not pass is skipped, with its reason.

use std::time::Duration;

use assay_guidelines::model::State;
use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::RenderError;
use super::escape::{cut, visible};
use super::view;
use crate::report::{CapabilityReport, Outcome, Report, TargetVerdict, TestReport};

/// The most characters of one message.
const MAX_MESSAGE: usize = 8_000;

pub fn render(report: &Report) -> Result<String, RenderError> {
    let mut name = format!("{} {} on {}", report.guideline, report.target, report.deployment);
    if report.run.deployment.reference {
        name.push_str(" (reference deployment, no product)");
    }
    let mut junit = Junit::new(visible(&name));
    if let Some(started) = report.run.started {
        junit.set_timestamp(started);
        if let Some(finished) = report.run.finished {
            junit.set_time((finished - started).to_std().unwrap_or_default());
        }
    }
    for capability in &report.capabilities {
        let mut suite = TestSuite::new(visible(&capability.name));
        suite.add_property(("state", view::state(capability.status)));
        suite.add_property(("rule", report.rule.name()));
        suite.add_property(("verdict", view::capability_verdict(capability.verdict).0));
        if report.run.deployment.reference {
            suite.add_property(("deployment", "reference deployment, no product"));
        }
        for doubt in report.doubts.iter().map(view::doubt) {
            let what = format!("{}: {}", doubt.label, doubt.what);
            suite.add_property(("not vouched for", visible(&what).as_str()));
        }
        for test in &capability.tests {
            suite.add_test_case(test_case(capability, test));
        }
        junit.add_test_suite(suite);
    }
    if report.verdict != TargetVerdict::Conformant && report.obstacles.iter().all(|o| o.test.is_none()) {
        junit.add_test_suite(no_proof(report));
    }
    junit.to_string().map_err(RenderError::Junit)
}

/// A failing case for a verdict that no test shows, such as that of an empty run.
fn no_proof(report: &Report) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("unknown");
    status.set_message(message(&report.summary.answer));
    let mut case = TestCase::new("verdict", status);
    case.set_classname("assay");
    let mut suite = TestSuite::new("assay");
    suite.add_test_case(case);
    suite
}

fn test_case(capability: &CapabilityReport, test: &TestReport) -> TestCase {
    let mut case = TestCase::new(visible(&test.id), status(capability, test));
    case.set_classname(visible(&capability.name));
    case.set_time(Duration::from_millis(test.duration_ms));
    case.add_property(("uuid", visible(&test.uuid).as_str()));
    case.add_property(("name", visible(&test.name).as_str()));
    case.add_property(("outcome", test.verdict.label()));
    if let Some(stated) = &test.stated {
        case.add_property((
            "stated by",
            visible(&format!("{}, {}: {}", stated.author, stated.date, stated.link)).as_str(),
        ));
    }
    if !test.deviations.is_empty() {
        let deviations: Vec<_> =
            test.deviations.iter().map(|deviation| format!("deviation: {}", deviation.requirement)).collect();
        case.set_system_out(message(&deviations.join("\n")));
    }
    case
}

fn status(capability: &CapabilityReport, test: &TestReport) -> TestCaseStatus {
    if test.verdict == Outcome::Pass {
        return TestCaseStatus::success();
    }
    let reason = test
        .reason
        .clone()
        .unwrap_or_else(|| test.failure.as_ref().map_or_else(String::new, |failure| failure.requirement.clone()));
    let outcome = test.verdict.label();
    if !test.blocks {
        let why = match test.flag.as_ref().filter(|_| test.excused) {
            Some(flag) => format!(
                "flagged{}: {}",
                flag.code.as_ref().map(|code| format!(" {code}")).unwrap_or_default(),
                flag.reason
            ),
            None if capability.status == State::Required => "required, and the guideline allows skips".to_owned(),
            None => format!("{}, decides nothing", view::state(capability.status)),
        };
        let mut status = TestCaseStatus::skipped();
        status.set_type(outcome);
        status.set_message(message(&format!("{why} ({outcome}: {reason})")));
        return status;
    }
    let kind = match test.verdict {
        Outcome::Fail | Outcome::Skip => NonSuccessKind::Failure,
        _ => NonSuccessKind::Error,
    };
    debug_assert_eq!(capability.status, State::Required);
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(outcome);
    status.set_message(message(&reason));
    if let Some(failure) = &test.failure {
        let finding = view::finding(failure);
        let lines = [
            ("requires", &finding.requirement),
            ("expected", &finding.expected),
            ("actual", &finding.actual),
            ("request id", &finding.request_id),
            ("repeat", &finding.curl),
        ];
        let shown: Vec<_> = lines
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(label, text)| format!("{label}: {text}"))
            .collect();
        status.set_description(message(&shown.join("\n")));
    }
    status
}

fn message(text: &str) -> String {
    cut(&visible(text), MAX_MESSAGE)
}
