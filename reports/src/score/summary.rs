//! Tallies, and what a reader wants to know first.

use std::collections::HashSet;

use assay_guidelines::Guideline;
use assay_guidelines::model::{State, Status};
use indexmap::IndexMap;

use super::context::Context;
use super::judge::is_named;
use crate::report::{
    CapabilityReport, CapabilityTally, CapabilityVerdict, Counts, Outcome, Summary, Tally, TargetVerdict, TestReport,
};
use crate::vouch::Doubt;

/// The tests counted by state and by project, each test once in each.
pub struct Tallies {
    pub states: Counts,
    pub projects: IndexMap<String, Tally>,
}

impl Tallies {
    /// Counts the tests of these capabilities.
    pub fn of(capabilities: &[CapabilityReport]) -> Self {
        let mut tallies = Self { states: Counts::default(), projects: IndexMap::new() };
        let mut seen = HashSet::new();
        for capability in capabilities {
            let state = match capability.status {
                State::Required => &mut tallies.states.required,
                State::Advisory => &mut tallies.states.advisory,
                State::Deprecated => &mut tallies.states.deprecated,
                State::Removed => &mut tallies.states.removed,
            };
            let project = tallies.projects.entry(capability.project.clone()).or_default();
            for test in &capability.tests {
                if seen.insert((Some(capability.status), test.name.as_str())) {
                    state.add(test);
                }
                if seen.insert((None, test.name.as_str())) {
                    project.add(test);
                }
            }
        }
        tallies
    }
}

impl Tally {
    fn add(&mut self, test: &TestReport) {
        self.total += 1;
        let part = if test.excused {
            &mut self.flagged
        } else {
            match test.verdict {
                Outcome::Pass => &mut self.pass,
                Outcome::Fail => &mut self.fail,
                Outcome::Skip => &mut self.skip,
                Outcome::Error | Outcome::Timeout | Outcome::Interrupted => &mut self.error,
                Outcome::NotRun | Outcome::Missing | Outcome::Manual => &mut self.missing,
            }
        };
        *part += 1;
    }
}

/// The summary of a report.
pub fn summary(
    guideline: &Guideline,
    target: &str,
    verdict: (TargetVerdict, Option<&Doubt>),
    tallies: &Tallies,
    capabilities: &[CapabilityReport],
    context: &Context<'_>,
) -> Summary {
    let target_title = guideline.targets.get(target).map_or_else(|| target.to_owned(), |target| target.title.clone());
    let counted = count(capabilities);
    Summary {
        answer: answer(verdict, &target_title, guideline, &tallies.states.required, &counted),
        guideline_title: guideline.title.clone(),
        target_title,
        date: context.today,
        strict: context.strict,
        capabilities: counted,
        projects: tallies.projects.clone(),
        again: super::next::again(guideline, target, context.run),
        warnings: warnings(guideline, capabilities, context),
    }
}

fn count(capabilities: &[CapabilityReport]) -> CapabilityTally {
    let mut tally = CapabilityTally::default();
    for capability in capabilities {
        if capability.status != State::Required {
            continue;
        }
        tally.total += 1;
        *match capability.verdict {
            CapabilityVerdict::Met => &mut tally.met,
            CapabilityVerdict::MetWithFlags => &mut tally.met_with_flags,
            CapabilityVerdict::MetWithSkips => &mut tally.met_with_skips,
            CapabilityVerdict::Unmet => &mut tally.unmet,
            CapabilityVerdict::Unknown => &mut tally.unknown,
        } += 1;
    }
    tally
}

fn answer(
    (verdict, doubt): (TargetVerdict, Option<&Doubt>),
    target: &str,
    guideline: &Guideline,
    tests: &Tally,
    capabilities: &CapabilityTally,
) -> String {
    let to = format!("{target} under {}", guideline.title);
    match verdict {
        TargetVerdict::Conformant => {
            let mut rest = Vec::new();
            if tests.flagged > 0 {
                rest.push(format!("{} {} excused by a flag", tests.flagged, are(tests.flagged)));
            }
            // Under the other rule no deployment with a skip is conformant.
            if tests.skip > 0 {
                rest.push(format!("{} {} skipped, which the guideline allows", tests.skip, are(tests.skip)));
            }
            let rest = match rest.as_slice() {
                [] => String::new(),
                rest => format!("; of {} tests, {}", tests.total, rest.join(", and ")),
            };
            let all = format!("all {} required capabilities are met{rest}", capabilities.total);
            match doubt {
                None => format!("Conformant to {to}: {all}."),
                Some(doubt) => format!("Conformant to {to}, but not vouched for: {}; {all}.", doubt.what),
            }
        }
        TargetVerdict::NotConformant => {
            let rest = match capabilities.unknown {
                0 => String::new(),
                unknown => format!(", and {unknown} {} not determined", are(unknown)),
            };
            format!(
                "Not conformant to {to}: of {} required capabilities, {} {} not met{rest}.",
                capabilities.total,
                capabilities.unmet,
                are(capabilities.unmet)
            )
        }
        TargetVerdict::Unknown if doubt.is_some() => {
            let what = doubt.map(|doubt| doubt.what.as_str()).unwrap_or_default();
            format!("Not shown to be conformant to {to}: what the run's folder holds contradicts itself: {what}.")
        }
        TargetVerdict::Unknown if capabilities.total == 0 => {
            format!("Unknown: {to} requires no capability, so nothing can be shown.")
        }
        TargetVerdict::Unknown if capabilities.unknown == 0 => {
            let alone = if guideline.rule.allows_skips() { "flags and skips" } else { "flags" };
            format!("Unknown: no required test of {to} passed; {alone} alone prove nothing.")
        }
        TargetVerdict::Unknown => format!(
            "Unknown whether conformant to {to}: of {} required capabilities, {} {} not determined.",
            capabilities.total,
            capabilities.unknown,
            are(capabilities.unknown)
        ),
    }
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn warnings(guideline: &Guideline, capabilities: &[CapabilityReport], context: &Context<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    let run = context.run;
    // Other tools' results need not have times. Their tests without an end have a warning of their own.
    if run.finished.is_none() && run.source.is_none() {
        warnings.push("the run did not come to its end".to_owned());
    }
    match guideline.status {
        Status::Approved | Status::Superseded => {}
        Status::Draft => warnings.push(format!("{} is a draft", guideline.id)),
        Status::Review => warnings.push(format!("{} is under review", guideline.id)),
    }
    for test in capabilities.iter().flat_map(|capability| &capability.tests) {
        if let Some(flag) = test.flag.as_ref().filter(|_| !test.excused)
            && let Some(expires) = flag.expires
        {
            warnings.push(format!("the flag of {} expired on {expires} and no longer excuses it", test.name));
        }
        if !test.left_behind.is_empty() {
            warnings.push(format!(
                "{} left behind: {}; remove it with `assay sweep`",
                test.id,
                test.left_behind.join(", ")
            ));
        }
    }
    for statement in context.statements {
        let mut tests = capabilities.iter().flat_map(|capability| &capability.tests);
        let (author, name) = (&statement.author, &statement.test);
        match tests.find(|test| is_named(test, name)) {
            None => warnings.push(format!("what {author} states does not count: the target has no test {name}")),
            Some(test) if test.stated.is_none() && test.verdict != Outcome::Manual => {
                warnings.push(format!("what {author} states of {name} does not count: a program decides this test"));
            }
            Some(_) => {}
        }
    }
    warnings.extend(context.warnings.iter().map(ToString::to_string));
    warnings
}
