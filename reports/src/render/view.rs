//! What the templates are filled with: a report, put in the order in which a reader asks.
//!
//! Every field is there in every view, because a template that names one that is not there is an error.

mod facts;
mod lists;

use assay_guidelines::model::{Rule, State};
use serde::Serialize;

use super::escape::cut;
use crate::record::Finding;
use crate::report::{CapabilityVerdict, Outcome, Report, Tally, TargetVerdict};
use facts::{Fact, facts, foot, product_line};
use lists::{Anchors, DeviationView, ExcusedView, ObstacleView, SkippedView, WaiverView, tests};

/// The most characters of what is required, expected or was seen that are shown.
const MAX_FINDING: usize = 2_000;

/// A report in reading order.
#[derive(Debug, Serialize)]
pub struct View {
    pub verdict: &'static str,
    pub verdict_class: &'static str,
    pub answer: String,
    pub target_title: String,
    pub guideline_title: String,
    pub guideline: String,
    pub target: String,
    pub rule: &'static str,
    pub deployment: String,
    pub reference: bool,
    pub insecure: bool,
    pub product: String,
    pub facts: Vec<Fact>,
    pub warnings: Vec<String>,
    pub tests: Tally,
    pub tests_line: String,
    pub capabilities_line: String,
    pub obstacles: Vec<ObstacleView>,
    pub again: String,
    pub obstacle_count: usize,
    pub excused_count: usize,
    pub deviation_count: usize,
    pub capability_total: usize,
    pub capabilities_met: usize,
    pub test_count: usize,
    pub skipped: Vec<SkippedView>,
    pub skipped_count: usize,
    pub excused: Vec<ExcusedView>,
    pub waivers: Vec<WaiverView>,
    pub deviations: Vec<DeviationView>,
    pub states: Vec<Row>,
    pub projects: Vec<Row>,
    pub others: Vec<OtherView>,
    pub capabilities: Vec<CapabilityRow>,
    pub foot: String,
}

#[derive(Debug, Serialize)]
pub struct FindingView {
    pub requirement: String,
    pub expected: String,
    pub actual: String,
    pub exchange: String,
    pub request_id: String,
    pub curl: String,
}

#[derive(Debug, Serialize)]
pub struct Row {
    pub label: String,
    pub tally: Tally,
}

#[derive(Debug, Serialize)]
pub struct OtherView {
    pub id: String,
    pub verdict: &'static str,
    pub class: &'static str,
}

#[derive(Debug, Serialize)]
pub struct CapabilityRow {
    pub name: String,
    pub state: &'static str,
    pub project: String,
    pub verdict: &'static str,
    pub class: &'static str,
    pub passed: usize,
    pub total: usize,
}

impl View {
    /// The view of a report.
    pub fn new(report: &Report) -> Self {
        let anchors = Anchors::new(report);
        let summary = &report.summary;
        let (verdict, verdict_class) = match report.verdict {
            TargetVerdict::Conformant => ("Conformant", "yes"),
            TargetVerdict::NotConformant => ("Not conformant", "no"),
            TargetVerdict::Unknown => ("Unknown", "open"),
        };
        let required = &report.counts.required;
        let capabilities = &summary.capabilities;
        let skipped = lists::skipped(report, &anchors);
        Self {
            verdict,
            verdict_class,
            answer: summary.answer.clone(),
            target_title: summary.target_title.clone(),
            guideline_title: summary.guideline_title.clone(),
            guideline: report.guideline.clone(),
            target: report.target.clone(),
            rule: rule(report.rule),
            deployment: report.deployment.clone(),
            reference: report.run.deployment.reference,
            insecure: !report.run.deployment.tls_verified && report.run.source.is_none(),
            product: product_line(report),
            facts: facts(report),
            warnings: summary.warnings.clone(),
            tests: required.clone(),
            tests_line: tally_line(required),
            capabilities_line: parts(&[
                (capabilities.met, "met"),
                (capabilities.met_with_flags, "met with flags"),
                (capabilities.met_with_skips, "met with skips"),
                (capabilities.unmet, "unmet"),
                (capabilities.unknown, "unknown"),
            ]),
            obstacles: lists::obstacles(report, &anchors),
            again: summary.again.clone(),
            obstacle_count: report.obstacles.len(),
            excused_count: tests(report).filter(|(_, test)| test.excused).count(),
            deviation_count: tests(report).map(|(_, test)| test.deviations.len()).sum(),
            capability_total: capabilities.total,
            capabilities_met: capabilities.met + capabilities.met_with_flags + capabilities.met_with_skips,
            test_count: tests(report).count(),
            skipped_count: skipped.iter().map(|group| group.tests.len()).sum(),
            skipped,
            excused: lists::excused(report, &anchors),
            waivers: lists::waivers(report),
            deviations: lists::deviations(report, &anchors),
            states: states(report),
            projects: summary
                .projects
                .iter()
                .map(|(name, tally)| Row { label: name.clone(), tally: tally.clone() })
                .collect(),
            others: report
                .others
                .iter()
                .map(|other| OtherView {
                    id: other.id.clone(),
                    verdict: Outcome::from(other.verdict).label(),
                    class: class(other.verdict.into()),
                })
                .collect(),
            capabilities: capability_rows(report),
            foot: foot(report),
        }
    }
}

/// The name of the place where the test of this number stands, counted over all capabilities from 1.
pub fn anchor(number: usize) -> String {
    format!("test-{number}")
}

/// The name that colours an outcome.
pub fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::Skip => "skip",
        Outcome::Error | Outcome::Timeout | Outcome::Interrupted => "error",
        Outcome::NotRun | Outcome::Missing => "missing",
    }
}

/// The name and the colour of a capability's verdict.
pub fn capability_verdict(verdict: CapabilityVerdict) -> (&'static str, &'static str) {
    match verdict {
        CapabilityVerdict::Met => ("met", "pass"),
        CapabilityVerdict::MetWithFlags => ("met with flags", "flagged"),
        CapabilityVerdict::MetWithSkips => ("met with skips", "skip"),
        CapabilityVerdict::Unmet => ("unmet", "fail"),
        CapabilityVerdict::Unknown => ("unknown", "missing"),
    }
}

/// The name of a state.
pub fn state(state: State) -> &'static str {
    match state {
        State::Required => "required",
        State::Advisory => "advisory",
        State::Deprecated => "deprecated",
        State::Removed => "removed",
    }
}

/// What a rule asks for, in one line.
pub fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::AllRequiredPass => "every required test passes, unless flagged; a skip counts as not met",
        Rule::NoFailures => "no required test fails, unless flagged; a skip does not count against a capability",
    }
}

/// A finding, cut to size.
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

/// The parts that are not nothing.
fn parts(parts: &[(usize, &str)]) -> String {
    let shown: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
    if shown.is_empty() { "none".to_owned() } else { shown.join(" · ") }
}

fn tally_line(tally: &Tally) -> String {
    parts(&[
        (tally.pass, "pass"),
        (tally.flagged, "flagged"),
        (tally.fail, "fail"),
        (tally.skip, "skip"),
        (tally.error, "error"),
        (tally.missing, "missing"),
    ])
}

fn states(report: &Report) -> Vec<Row> {
    let counts = &report.counts;
    [
        ("required", &counts.required),
        ("advisory", &counts.advisory),
        ("deprecated", &counts.deprecated),
        ("removed", &counts.removed),
    ]
    .into_iter()
    .filter(|(_, tally)| tally.total > 0)
    .map(|(label, tally)| Row { label: label.to_owned(), tally: tally.clone() })
    .collect()
}

fn capability_rows(report: &Report) -> Vec<CapabilityRow> {
    report
        .capabilities
        .iter()
        .map(|capability| {
            let (verdict, class) = capability_verdict(capability.verdict);
            CapabilityRow {
                name: capability.name.clone(),
                state: state(capability.status),
                project: capability.project.clone(),
                verdict,
                class,
                passed: capability.tests.iter().filter(|test| test.verdict == Outcome::Pass).count(),
                total: capability.tests.len(),
            }
        })
        .collect()
}
