//! The lists of a report: what stands in the way, what is excused, skipped or waived, and what deviates.

use std::collections::HashMap;

use assay_guidelines::model::State;
use serde::Serialize;

use super::super::escape::cut;
use super::finding::{FindingView, MAX_FINDING, finding};
use super::words::{anchor, class, state};
use crate::record::Finding;
use crate::report::{CapabilityReport, Obstacle, Outcome, Report, TestReport, WaiverStatus};

/// How many of the tests with one cause a terminal shows.
const FIRST: usize = 10;

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

/// What a person states of a test that no program decides.
#[derive(Debug, Serialize)]
pub struct StatedView {
    pub test: String,
    pub anchor: String,
    pub verdict: &'static str,
    pub class: &'static str,
    pub author: String,
    pub date: String,
    pub link: String,
    pub expiry: String,
}

#[derive(Debug, Serialize)]
pub struct DeviationView {
    pub finding: FindingView,
    pub tests: Vec<TestLink>,
    pub many: bool,
    /// How many tests are left out where only the first [`FIRST`] are shown.
    pub more: usize,
}

/// The places where tests stand, by published name; the first one, for a test of several capabilities.
pub struct Anchors<'a>(HashMap<&'a str, String>);

impl<'a> Anchors<'a> {
    /// Numbers the tests of a report.
    pub fn new(report: &'a Report) -> Self {
        let mut anchors = HashMap::new();
        let tests = report.capabilities.iter().flat_map(|capability| &capability.tests);
        for (index, test) in tests.enumerate() {
            anchors.entry(test.name.as_str()).or_insert_with(|| anchor(index + 1));
        }
        Self(anchors)
    }

    /// The place of the test of this name.
    pub fn of(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_default()
    }
}

pub fn obstacles(report: &Report, anchors: &Anchors<'_>) -> Vec<ObstacleView> {
    let order = |outcome: Outcome| match outcome {
        Outcome::Fail => 0,
        Outcome::Skip => 1,
        Outcome::Error => 2,
        Outcome::Timeout => 3,
        Outcome::Interrupted => 4,
        Outcome::Missing | Outcome::Manual => 5,
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

pub fn tests(report: &Report) -> impl Iterator<Item = (&CapabilityReport, &TestReport)> {
    report.capabilities.iter().flat_map(|capability| capability.tests.iter().map(move |test| (capability, test)))
}

/// The required tests that were skipped and stand in no way, by their reasons.
pub fn skipped(report: &Report, anchors: &Anchors<'_>) -> Vec<SkippedView> {
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

pub fn excused(report: &Report, anchors: &Anchors<'_>) -> Vec<ExcusedView> {
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

pub fn waivers(report: &Report) -> Vec<WaiverView> {
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

/// The statements that decide a test.
pub fn stated(report: &Report, anchors: &Anchors<'_>) -> Vec<StatedView> {
    tests(report)
        .filter_map(|(_, test)| {
            let stated = test.stated.as_ref()?;
            Some(StatedView {
                test: test.name.clone(),
                anchor: anchors.of(&test.name),
                verdict: test.verdict.label(),
                class: class(test.verdict),
                author: stated.author.clone(),
                date: stated.date.to_string(),
                link: web_address(Some(&stated.link)),
                expiry: stated.expiry.map(|day| day.to_string()).unwrap_or_default(),
            })
        })
        .collect()
}

/// The deviations, each once with the tests that saw it.
pub fn deviations(report: &Report, anchors: &Anchors<'_>) -> Vec<DeviationView> {
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

/// An address that is safe to make a link of; nothing if it is unsafe, such as `javascript:…`.
fn web_address(link: Option<&str>) -> String {
    let link = link.unwrap_or_default();
    let web = link.starts_with("https://") || link.starts_with("http://");
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(c);
    if web && link.chars().all(plain) { link.to_owned() } else { String::new() }
}
