//! Judging the records of a run under a target of a guideline.
//!
//! A test that is required and not flagged must pass, unless the guideline's rule is that none may fail: then a skip does
//! not count against its capability. A flag excuses its test whatever the test did, until it expires. What was skipped
//! or not run never counts as passed; and where nothing was determined, neither is the answer.

mod judge;
mod lookup;
mod next;
mod summary;
mod waive;

use std::collections::{BTreeSet, HashSet};

use assay_guidelines::Guideline;
use assay_guidelines::query::{CapabilityOf, TargetError};
use chrono::NaiveDate;

use crate::record::{Run, TestRecord, UNKNOWN_TIME};
use crate::report::{OtherTest, Report, RunShown, SCHEMA, Scores};
use crate::waiver::Waiver;

use judge::Judge;
use lookup::Lookup;
pub(crate) use lookup::class_set_up;

/// What a score depends on beside the guideline and the records.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The run that made the records.
    pub run: &'a Run,
    /// The day on which flags and waivers are judged.
    pub today: NaiveDate,
    /// The vendor's waivers.
    pub waivers: &'a [Waiver],
    /// Whether a deviation in a required test counts as a fail.
    pub strict: bool,
    /// The UUIDs or published names of the tests that Assay implements, when its own tests were run.
    pub native: Option<&'a BTreeSet<String>>,
    /// What was noticed while the run's folder was read.
    pub warnings: &'a [crate::Warning],
}

impl<'a> Context<'a> {
    /// No waivers, not strict, and nothing known of native tests.
    #[must_use]
    pub fn new(run: &'a Run, today: NaiveDate) -> Self {
        Self { run, today, waivers: &[], strict: false, native: None, warnings: &[] }
    }
}

/// Judges the records of a run under a target of a guideline.
pub fn score(
    guideline: &Guideline,
    target: &str,
    records: &[TestRecord],
    context: &Context<'_>,
) -> Result<Report, TargetError> {
    let mut selected = guideline.capabilities_of(guideline.target(target)?)?;
    selected.sort_by_key(|listed| listed.state);
    let lookup = Lookup::new(guideline, records);
    let judge = Judge::new(&lookup, guideline.rule, context);
    let capabilities: Vec<_> = selected.iter().map(|chosen| judge.capability(chosen)).collect();
    let waivers = waive::report(context.waivers, &capabilities, context.today);
    let obstacles = next::obstacles(&capabilities, &waivers, guideline, target, context.run);
    let verdict = judge::target(&capabilities);
    let tallies = summary::Tallies::of(&capabilities);
    let run = context.run;
    Ok(Report {
        schema: SCHEMA.to_owned(),
        guideline: guideline.id.clone(),
        target: target.to_owned(),
        deployment: run.deployment.name.clone(),
        verdict,
        summary: summary::summary(guideline, target, verdict, &tallies, &capabilities, context),
        counts: tallies.states,
        others: others(&capabilities, &lookup, records),
        capabilities,
        rule: guideline.rule,
        product: run.product.clone(),
        run: RunShown {
            id: run.id.clone(),
            started: Some(run.started).filter(|time| *time != UNKNOWN_TIME),
            finished: run.finished,
            assay: run.assay.clone(),
            source: run.source.clone(),
            deployment: run.deployment.clone(),
            accounts: run.accounts.clone(),
            guideline: run.guideline.clone(),
            target: run.target.clone(),
            argv: run.argv.clone(),
        },
        obstacles,
        waivers,
        scores: scores(guideline, &selected),
    })
}

fn others(
    capabilities: &[crate::report::CapabilityReport],
    lookup: &Lookup<'_>,
    records: &[TestRecord],
) -> Vec<OtherTest> {
    let used: HashSet<&str> = capabilities
        .iter()
        .flat_map(|capability| &capability.tests)
        .flat_map(|test| lookup.all(&test.name))
        .map(|record| record.id.as_str())
        .collect();
    records
        .iter()
        .filter(|record| !used.contains(record.id.as_str()))
        .map(|record| OtherTest { id: record.id.clone(), uuid: record.uuid.clone(), verdict: record.verdict })
        .collect()
}

fn scores(guideline: &Guideline, selected: &[CapabilityOf<'_>]) -> Option<Scores> {
    let scoring = guideline.scoring.as_ref()?;
    let weight = |name: &String| scoring.criteria.get(name).map_or(0, |found| found.weight);
    Some(Scores {
        cutoff: scoring.cutoff,
        of: scoring.criteria.keys().map(weight).sum(),
        capabilities: selected
            .iter()
            .map(|chosen| {
                let score = chosen.capability.achievements.iter().map(weight).sum();
                (chosen.name.to_owned(), score)
            })
            .collect(),
    })
}
