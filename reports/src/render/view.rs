//! What the templates are filled with: a report, put in the order in which a reader asks.
//!
//! Every field is there in every view, because a template that names one that is not there is an error.

mod facts;
mod finding;
mod lists;
mod words;

use serde::Serialize;

use super::escape::cut;
use crate::report::{Outcome, Report, Tally, TargetVerdict};
use crate::vouch::{self, Doubt, Weight};
use facts::{Fact, facts, foot, product_line};
use lists::{Anchors, DeviationView, ExcusedView, ObstacleView, SkippedView, StatedView, WaiverView, tests};
use words::rule;

pub use finding::{FindingView, finding};
pub use words::{anchor, capability_verdict, class, state};

/// The most tests or files of a doubt that are shown, and the most characters of each.
const MAX_SUBJECTS: usize = 10;
const MAX_SUBJECT: usize = 200;

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
    /// The services to which tokens went in clear text.
    pub cleartext: String,
    /// The hosts beside the identity service's to which tokens went.
    pub other_hosts: String,
    pub product: String,
    pub facts: Vec<Fact>,
    /// What weighs most of what cannot be vouched for, in a few words; empty where that is nothing or a note.
    pub doubted: &'static str,
    pub doubts: Vec<DoubtView>,
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
    pub stated: Vec<StatedView>,
    pub deviations: Vec<DeviationView>,
    pub states: Vec<Row>,
    pub projects: Vec<Row>,
    pub others: Vec<OtherView>,
    pub capabilities: Vec<CapabilityRow>,
    pub foot: String,
}

/// Something that nobody can vouch for.
#[derive(Debug, Serialize)]
pub struct DoubtView {
    pub label: &'static str,
    pub class: &'static str,
    pub what: String,
    pub subjects: Vec<String>,
    pub more: usize,
}

/// A doubt, with a few of what it is about.
pub fn doubt(doubt: &Doubt) -> DoubtView {
    let (label, class) = match doubt.weight {
        Weight::Note => ("Note", "note"),
        Weight::LeftOut => ("Left out", "left-out"),
        Weight::Contradiction => ("Contradiction", "contradiction"),
    };
    let number = doubt.subjects.len();
    let counted =
        if doubt.of_tests && number > 1 { format!("{number} tests: {}", doubt.what) } else { doubt.what.clone() };
    DoubtView {
        label,
        class,
        what: counted,
        subjects: doubt.subjects.iter().take(MAX_SUBJECTS).map(|subject| cut(subject, MAX_SUBJECT)).collect(),
        more: number.saturating_sub(MAX_SUBJECTS),
    }
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
    pub published_as: String,
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
            TargetVerdict::Conformant if vouch::about(&report.capabilities, &report.doubts).is_some() => {
                ("Conformant, but not vouched for", "open")
            }
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
            insecure: !report.run.deployment.tls_verified
                && report.run.deployment.cleartext.is_empty()
                && report.run.source.is_none(),
            cleartext: report.run.deployment.cleartext.join(", "),
            other_hosts: report.run.deployment.other_hosts.join(", "),
            product: product_line(report),
            facts: facts(report),
            doubted: match report.doubts.iter().map(|doubt| doubt.weight).max() {
                None | Some(Weight::Note) => "",
                Some(Weight::LeftOut) => "Not vouched for: evidence is not in the run's folder.",
                Some(Weight::Contradiction) => "Not vouched for: the run's folder contradicts itself.",
            },
            doubts: report.doubts.iter().map(doubt).collect(),
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
            stated: lists::stated(report, &anchors),
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
                published_as: capability.published_as.clone().unwrap_or_default(),
                project: capability.project.clone(),
                verdict,
                class,
                passed: capability.tests.iter().filter(|test| test.verdict == Outcome::Pass).count(),
                total: capability.tests.len(),
            }
        })
        .collect()
}
