//! What the templates are filled with: a report, put in the order in which a reader asks.
//!
//! Every field is there in every view, because a template that names one that is not there is an error.

use std::collections::HashMap;

use assay_guidelines::model::{Rule, State};
use serde::Serialize;

use super::engine::duration;
use super::escape::cut;
use crate::record::Finding;
use crate::report::{CapabilityVerdict, Obstacle, Outcome, Report, Tally, TargetVerdict, TestReport, WaiverStatus};

/// The most characters of what is required, expected or was seen that are shown.
const MAX_FINDING: usize = 2_000;

/// How many of the tests with one cause a terminal shows.
const FIRST: usize = 10;

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
pub struct Fact {
    pub label: &'static str,
    pub value: String,
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
pub struct ObstacleView {
    pub verdict: &'static str,
    pub class: &'static str,
    pub heading: String,
    pub reason: String,
    pub next: String,
    pub command: String,
    pub finding: Option<FindingView>,
    pub tests: Vec<TestLink>,
    pub many: bool,
    /// How many tests are left out where only the first [`FIRST`] are shown.
    pub more: usize,
}

#[derive(Debug, Serialize)]
pub struct TestLink {
    pub id: String,
    pub name: String,
    pub capability: String,
    pub anchor: String,
    pub waived: bool,
}

/// Tests that were skipped for one reason, which the guideline's rule allows.
#[derive(Debug, Serialize)]
pub struct SkippedView {
    pub reason: String,
    pub tests: Vec<TestLink>,
    /// How many tests are left out where only the first [`FIRST`] are shown.
    pub more: usize,
}

#[derive(Debug, Serialize)]
pub struct ExcusedView {
    pub name: String,
    pub anchor: String,
    pub capability: String,
    pub state: &'static str,
    pub verdict: &'static str,
    pub class: &'static str,
    pub code: String,
    pub date: String,
    pub reason: String,
    pub action: String,
    pub link: String,
    pub expires: String,
}

#[derive(Debug, Serialize)]
pub struct WaiverView {
    pub test: String,
    pub reason: String,
    pub link: String,
    pub expiry: String,
    pub status: &'static str,
    pub class: &'static str,
}

#[derive(Debug, Serialize)]
pub struct DeviationView {
    pub finding: FindingView,
    pub tests: Vec<TestLink>,
    pub many: bool,
    /// How many tests are left out where only the first [`FIRST`] are shown.
    pub more: usize,
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
        let skipped = skipped(report, &anchors);
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
            obstacles: obstacles(report, &anchors),
            again: summary.again.clone(),
            obstacle_count: report.obstacles.len(),
            excused_count: tests(report).filter(|(_, test)| test.excused).count(),
            deviation_count: tests(report).map(|(_, test)| test.deviations.len()).sum(),
            capability_total: capabilities.total,
            capabilities_met: capabilities.met + capabilities.met_with_flags + capabilities.met_with_skips,
            test_count: tests(report).count(),
            skipped_count: skipped.iter().map(|group| group.tests.len()).sum(),
            skipped,
            excused: excused(report, &anchors),
            waivers: waivers(report),
            deviations: deviations(report, &anchors),
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

/// What was judged, by whom and when.
fn foot(report: &Report) -> String {
    let run = &report.run;
    let of = run.started.map(|time| format!(" of {}", time.format("%Y-%m-%d %H:%M UTC"))).unwrap_or_default();
    let what = match &run.source {
        None => format!("Run {}{of} with Assay {}", run.id, run.assay),
        Some(source) => format!("Results {}{of} ({source}), read by Assay {}", run.id, run.assay),
    };
    format!("{what}, judged on {}{}", report.summary.date, if report.summary.strict { ", strictly" } else { "" })
}

/// The name of the place where the test of this number stands, counted over all capabilities from 1.
pub fn anchor(number: usize) -> String {
    format!("test-{number}")
}

/// The places where tests stand, by published name; the first one, for a test of several capabilities.
struct Anchors<'a>(HashMap<&'a str, String>);

impl<'a> Anchors<'a> {
    /// Numbers the tests of a report.
    fn new(report: &'a Report) -> Self {
        let mut anchors = HashMap::new();
        let tests = report.capabilities.iter().flat_map(|capability| &capability.tests);
        for (index, test) in tests.enumerate() {
            anchors.entry(test.name.as_str()).or_insert_with(|| anchor(index + 1));
        }
        Self(anchors)
    }

    /// The place of the test of this name.
    fn of(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_default()
    }
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

/// An address that is safe to make a link of; nothing, where it is none, such as `javascript:…`.
fn web_address(link: Option<&str>) -> String {
    let link = link.unwrap_or_default();
    let web = link.starts_with("https://") || link.starts_with("http://");
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(c);
    if web && link.chars().all(plain) { link.to_owned() } else { String::new() }
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

fn product_line(report: &Report) -> String {
    if report.run.deployment.reference {
        return "Assay's reference deployment — no product".to_owned();
    }
    match &report.product {
        Some(product) => format!("{} {} by {}", product.name, product.version, product.vendor),
        None if report.run.source.is_some() => format!("Results “{}”, no product named", report.deployment),
        None => format!("Cloud “{}”, no product named", report.deployment),
    }
}

fn facts(report: &Report) -> Vec<Fact> {
    let run = &report.run;
    let mut facts = Vec::new();
    let mut add = |label, value: Option<String>| {
        if let Some(value) = value {
            facts.push(Fact { label, value });
        }
    };
    if let Some(product) = &report.product {
        add("Vendor", Some(product.vendor.clone()));
        add("Product", Some(format!("{} {}", product.name, product.version)));
        add("Type", Some(product.kind.label().to_owned()));
        add("Contact", product.contact.clone());
        add("System", product.system.clone());
        add(
            "Designated sections",
            (!product.designated_sections.is_empty())
                .then(|| format!("attested for {}", product.designated_sections.join(", "))),
        );
    }
    add("Deployment", Some(run.deployment.name.clone()));
    add("Results", run.source.as_ref().map(|source| format!("made by another tool, read as {source}")));
    // Another tool's results do not say where the deployment is.
    add("Identity service", Some(run.deployment.auth_url.clone()).filter(|address| !address.is_empty()));
    add("Region", run.deployment.region.clone());
    let versions: Vec<_> =
        run.deployment.versions.iter().map(|(service, version)| format!("{service} {version}")).collect();
    add("API versions", (!versions.is_empty()).then(|| versions.join(", ")));
    let accounts: Vec<_> = run
        .accounts
        .iter()
        .map(|(name, given)| format!("{name} {}", if *given { "given" } else { "not given" }))
        .collect();
    add("Further accounts", (!accounts.is_empty()).then(|| accounts.join(", ")));
    add(
        "Took",
        run.started.zip(run.finished).map(|(started, finished)| {
            let took = (finished - started).num_milliseconds();
            duration(u64::try_from(took).unwrap_or(0))
        }),
    );
    facts
}

fn obstacles(report: &Report, anchors: &Anchors<'_>) -> Vec<ObstacleView> {
    let order = |outcome: Outcome| match outcome {
        Outcome::Fail => 0,
        Outcome::Skip => 1,
        Outcome::Error => 2,
        Outcome::Timeout => 3,
        Outcome::Interrupted => 4,
        Outcome::Missing => 5,
        Outcome::NotRun | Outcome::Pass => 6,
    };
    let mut sorted: Vec<_> = report.obstacles.iter().collect();
    sorted.sort_by_key(|obstacle| order(obstacle.verdict));
    let mut views: Vec<(&Obstacle, ObstacleView)> = Vec::new();
    for obstacle in sorted {
        let link = TestLink {
            id: obstacle.id.clone().unwrap_or_default(),
            name: obstacle.test.clone().unwrap_or_default(),
            capability: obstacle.capability.clone(),
            anchor: obstacle.test.as_ref().map(|name| anchors.of(name)).unwrap_or_default(),
            waived: obstacle.waived,
        };
        // What has the same cause and the same remedy is one thing to do.
        let same = views.iter_mut().find(|(first, _)| {
            first.verdict == obstacle.verdict
                && first.reason == obstacle.reason
                && first.next == obstacle.next
                && first.finding.is_none()
                && obstacle.finding.is_none()
        });
        if let Some((_, view)) = same {
            view.tests.push(link);
            view.many = true;
            view.more = view.tests.len().saturating_sub(FIRST);
            view.heading = format!("{} tests", view.tests.len());
            continue;
        }
        let view = ObstacleView {
            verdict: obstacle.verdict.label(),
            class: class(obstacle.verdict),
            heading: if link.id.is_empty() { link.capability.clone() } else { link.id.clone() },
            reason: cut(&obstacle.reason, MAX_FINDING),
            next: cut(&obstacle.next, 2 * MAX_FINDING),
            // The command to run again stands once, at the end.
            command: obstacle.command.clone().filter(|command| *command != report.summary.again).unwrap_or_default(),
            more: 0,
            finding: obstacle.finding.as_ref().map(finding),
            tests: vec![link],
            many: false,
        };
        views.push((obstacle, view));
    }
    views.into_iter().map(|(_, view)| view).collect()
}

fn tests(report: &Report) -> impl Iterator<Item = (&crate::report::CapabilityReport, &TestReport)> {
    report.capabilities.iter().flat_map(|capability| capability.tests.iter().map(move |test| (capability, test)))
}

/// The required tests that were skipped and stand in no way, by their reasons.
fn skipped(report: &Report, anchors: &Anchors<'_>) -> Vec<SkippedView> {
    let mut views: Vec<SkippedView> = Vec::new();
    let allowed = tests(report).filter(|(capability, test)| {
        capability.status == State::Required && test.verdict == Outcome::Skip && !test.blocks && !test.excused
    });
    for (capability, test) in allowed {
        let link = TestLink {
            id: test.id.clone(),
            name: test.name.clone(),
            capability: capability.name.clone(),
            anchor: anchors.of(&test.name),
            waived: false,
        };
        let reason = cut(test.reason.as_deref().unwrap_or("the run gives no reason"), MAX_FINDING);
        if let Some(view) = views.iter_mut().find(|view| view.reason == reason) {
            view.tests.push(link);
            view.more = view.tests.len().saturating_sub(FIRST);
        } else {
            views.push(SkippedView { reason, tests: vec![link], more: 0 });
        }
    }
    views
}

fn excused(report: &Report, anchors: &Anchors<'_>) -> Vec<ExcusedView> {
    tests(report)
        .filter(|(_, test)| test.excused)
        .filter_map(|(capability, test)| {
            let flag = test.flag.as_ref()?;
            Some(ExcusedView {
                name: test.name.clone(),
                anchor: anchors.of(&test.name),
                capability: capability.name.clone(),
                state: state(capability.status),
                verdict: test.verdict.label(),
                class: class(test.verdict),
                code: flag.code.clone().unwrap_or_default(),
                date: flag.date.map(|day| day.to_string()).unwrap_or_default(),
                reason: flag.reason.clone(),
                action: flag.action.clone(),
                link: web_address(flag.link.as_deref()),
                expires: flag.expires.map(|day| day.to_string()).unwrap_or_default(),
            })
        })
        .collect()
}

fn waivers(report: &Report) -> Vec<WaiverView> {
    report
        .waivers
        .iter()
        .map(|waiver| {
            let (status, class) = match waiver.status {
                WaiverStatus::Expected => ("does not pass, as expected", "flagged"),
                WaiverStatus::UnexpectedPass => ("passes: remove this waiver", "skip"),
                WaiverStatus::Expired => ("expired", "fail"),
                WaiverStatus::NoSuchTest => ("the target has no such test", "missing"),
            };
            WaiverView {
                test: waiver.test.clone(),
                reason: waiver.reason.clone(),
                link: web_address(waiver.link.as_deref()),
                expiry: waiver.expiry.map(|day| day.to_string()).unwrap_or_default(),
                status,
                class,
            }
        })
        .collect()
}

/// The deviations, each once with the tests that saw it.
fn deviations(report: &Report, anchors: &Anchors<'_>) -> Vec<DeviationView> {
    let mut views: Vec<(&Finding, DeviationView)> = Vec::new();
    for (capability, test) in tests(report) {
        for deviation in &test.deviations {
            let link = TestLink {
                id: test.id.clone(),
                name: test.name.clone(),
                capability: capability.name.clone(),
                anchor: anchors.of(&test.name),
                waived: false,
            };
            let same = views.iter_mut().find(|(first, _)| {
                first.requirement == deviation.requirement
                    && first.expected == deviation.expected
                    && first.actual == deviation.actual
            });
            if let Some((_, view)) = same {
                view.tests.push(link);
                view.many = true;
                view.more = view.tests.len().saturating_sub(FIRST);
                continue;
            }
            let view = DeviationView { finding: finding(deviation), tests: vec![link], many: false, more: 0 };
            views.push((deviation, view));
        }
    }
    views.into_iter().map(|(_, view)| view).collect()
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
