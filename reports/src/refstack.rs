//! What RefStack gave: its lists of tests, and the numbers of its report page.
//!
//! RefStack was retired in September 2025. What it did is taken from its source,
//! <https://opendev.org/openstack/refstack>: the lists from `refstack/api/guidelines.py`, the numbers from
//! `refstack-ui/app/components/results-report/resultsReportController.js`.

use std::collections::HashSet;

use assay_guidelines::Guideline;
use assay_guidelines::model::{State, Test};
use assay_guidelines::query::{CapabilityOf, TargetError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::{TestRecord, Verdict};

/// The value of `schema` in a score of this version.
pub const SCHEMA: &str = "assay.refstack-score/1";

/// What a list has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListOptions<'a> {
    /// The states whose capabilities' tests are listed; all of them, where none is named.
    pub states: &'a [State],
    /// Whether a test's aliases are listed too.
    pub aliases: bool,
    /// Whether tests that are flagged are listed too.
    pub flagged: bool,
}

/// The list of tests that RefStack's `/v1/guidelines/{version}/tests` gave, one on each line.
///
/// A test is its name with its UUID in brackets, and so is each of its aliases; a test of several capabilities stands
/// there once for each. A test without a UUID has empty brackets; in guidelines of the oldest format, 1.2, no test has
/// any. The lines are sorted by their bytes. RefStack itself sent no end of the last line, and what
/// clients kept of it has one.
pub fn list(guideline: &Guideline, target: &str, options: &ListOptions<'_>) -> Result<String, TargetError> {
    let mut lines = Vec::new();
    let oldest = guideline.published.as_ref().is_some_and(|published| published.schema == "1.2");
    for listed in own_capabilities(guideline, target_name(guideline, target))? {
        if !options.states.is_empty() && !options.states.contains(&listed.state) {
            continue;
        }
        for test in listed.tests.iter().filter(|test| options.flagged || test.flag.is_none()) {
            let aliases = test.aliases.iter().filter(|_| options.aliases);
            let attributes = match &test.uuid {
                // Files of the oldest format name their tests, and nothing else.
                _ if oldest => String::new(),
                Some(uuid) => format!("[id-{uuid}]"),
                None => "[]".to_owned(),
            };
            lines.extend(std::iter::once(&test.name).chain(aliases).map(|name| format!("{name}{attributes}\n")));
        }
    }
    lines.sort();
    Ok(lines.concat())
}

/// The capabilities of a target without those that it requires of other guidelines: RefStack did not look there.
fn own_capabilities<'a>(guideline: &'a Guideline, target: &str) -> Result<Vec<CapabilityOf<'a>>, TargetError> {
    let mut listed = guideline.capabilities_of(guideline.target(target)?)?;
    listed.retain(|listed| std::ptr::eq(listed.guideline, guideline));
    Ok(listed)
}

/// The name of a target that RefStack called by another: what is `storage` here was `object` there.
#[must_use]
pub fn target_name<'a>(guideline: &Guideline, target: &'a str) -> &'a str {
    if target == "object" && !guideline.targets.contains_key(target) { "storage" } else { target }
}

/// The numbers that RefStack's report page shows for one guideline and target.
///
/// A test counts once for each capability that has it. It passed if a result that passed has its name or one of its
/// aliases: UUIDs decide nothing. A flag counts until it is taken out of the guideline, whenever it expires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefstackScore {
    /// The version of the format: `assay.refstack-score/1`.
    pub schema: String,
    /// The guideline's id, `family/version`.
    pub guideline: String,
    /// The target's name.
    pub target: String,
    /// Whether every required test that is not flagged passed: RefStack's “Compliance”.
    pub compliant: bool,
    /// The share of the required tests that passed, in per cent; nothing if no test is required.
    pub required_passed_percent: Option<f64>,
    /// The share of the required tests without a flag that passed, in per cent; nothing if no test is required.
    pub unflagged_passed_percent: Option<f64>,
    /// How many required tests have no flag.
    pub unflagged: usize,
    /// How many of these passed.
    pub unflagged_passed: usize,
    /// Of required capabilities.
    pub required: RefstackTally,
    /// Of advisory capabilities.
    pub advisory: RefstackTally,
    /// Of deprecated capabilities.
    pub deprecated: RefstackTally,
    /// Of removed capabilities.
    pub removed: RefstackTally,
}

/// How many tests of one state came to what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefstackTally {
    /// How many capabilities there are.
    pub capabilities: usize,
    /// How many tests there are, each once for each of its capabilities.
    pub tests: usize,
    /// How many of them passed.
    pub passed: usize,
    /// How many of those that passed are flagged.
    pub flagged_passed: usize,
    /// How many of those that did not pass are flagged.
    pub flagged_not_passed: usize,
}

/// Counts as RefStack did: `native` are the records of Assay's own tests, which stand for the published tests whose
/// UUID they have, and `published` those under published names.
pub fn score(
    guideline: &Guideline,
    target: &str,
    native: &[TestRecord],
    published: &[TestRecord],
) -> Result<RefstackScore, TargetError> {
    let target = target_name(guideline, target);
    let pass = |record: &&TestRecord| record.verdict == Verdict::Pass;
    let passed = Passed {
        names: published.iter().filter(pass).map(|record| record.id.as_str()).collect(),
        uuids: native.iter().filter(pass).filter_map(|record| record.uuid.as_deref()).collect(),
    };
    let listed = own_capabilities(guideline, target)?;
    let tally = |state| RefstackTally::of(listed.iter().filter(|listed| listed.state == state), &passed);
    let required = tally(State::Required);
    let unflagged = required.tests - required.flagged_passed - required.flagged_not_passed;
    let unflagged_passed = required.passed - required.flagged_passed;
    Ok(RefstackScore {
        schema: SCHEMA.to_owned(),
        guideline: guideline.id.clone(),
        target: target.to_owned(),
        compliant: unflagged_passed == unflagged,
        required_passed_percent: percent(required.passed, required.tests),
        unflagged_passed_percent: percent(unflagged_passed, unflagged),
        unflagged,
        unflagged_passed,
        required,
        advisory: tally(State::Advisory),
        deprecated: tally(State::Deprecated),
        removed: tally(State::Removed),
    })
}

impl RefstackTally {
    fn of<'a>(listed: impl Iterator<Item = &'a CapabilityOf<'a>>, passed: &Passed<'_>) -> Self {
        let mut tally = Self::default();
        for listed in listed {
            tally.capabilities += 1;
            for test in &listed.tests {
                let pass = passed.has(test);
                tally.tests += 1;
                tally.passed += usize::from(pass);
                if test.flag.is_some() {
                    *if pass { &mut tally.flagged_passed } else { &mut tally.flagged_not_passed } += 1;
                }
            }
        }
        tally
    }
}

/// What passed.
struct Passed<'a> {
    names: HashSet<&'a str>,
    uuids: HashSet<&'a str>,
}

impl Passed<'_> {
    fn has(&self, test: &Test) -> bool {
        test.uuid.as_deref().is_some_and(|uuid| self.uuids.contains(uuid))
            || std::iter::once(&test.name).chain(&test.aliases).any(|name| self.names.contains(name.as_str()))
    }
}

fn percent(part: usize, of: usize) -> Option<f64> {
    // No guideline has more tests than a float counts exactly.
    #[expect(clippy::cast_precision_loss, reason = "counts of tests are small")]
    let percent = |part: usize, of: usize| part as f64 * 100.0 / of as f64;
    (of > 0).then(|| percent(part, of))
}

impl RefstackScore {
    /// The sentences of RefStack's page, in words of our own.
    #[must_use]
    pub fn text(&self) -> String {
        let share =
            |percent: Option<f64>| percent.map_or_else(|| "n/a".to_owned(), |percent| format!("{percent:.1} %"));
        let tallies = [
            ("required", &self.required),
            ("advisory", &self.advisory),
            ("deprecated", &self.deprecated),
            ("removed", &self.removed),
        ];
        let mut text = format!(
            "RefStack's numbers for {} under {}\n\ncompliant   {}\nrequired    {} ({} of {} tests)\nunflagged   {} ({} of {} tests)\n\n",
            self.target,
            self.guideline,
            if self.compliant { "YES" } else { "NO" },
            share(self.required_passed_percent),
            self.required.passed,
            self.required.tests,
            share(self.unflagged_passed_percent),
            self.unflagged_passed,
            self.unflagged,
        );
        text.push_str("            capabilities  tests  passed  flagged, passed  flagged, not passed\n");
        for (name, tally) in tallies {
            text.push_str(&format!(
                "{name:<10}  {:>12}  {:>5}  {:>6}  {:>15}  {:>19}\n",
                tally.capabilities, tally.tests, tally.passed, tally.flagged_passed, tally.flagged_not_passed
            ));
        }
        text
    }
}
