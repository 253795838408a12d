//! Judging the records of a run under a target of a guideline.
//!
//! A test that is required and not flagged must pass, unless the guideline's rule is that none may fail: then a skip does
//! not count against its capability. A flag excuses its test whatever the test did, until it expires. What was skipped
//! or not run never counts as passed; and where nothing was determined, neither is the answer.

mod context;
mod judge;
mod lookup;
mod next;
mod summary;
mod waive;

use std::collections::HashSet;

use assay_guidelines::Guideline;
use assay_guidelines::query::{CapabilityOf, TargetError};

use crate::record::{TestRecord, UNKNOWN_TIME};
use crate::report::{OtherTest, Report, RunShown, SCHEMA, Scores, TargetVerdict};
use crate::vouch::{self, Weight};

use judge::Judge;
use lookup::Lookup;

pub use context::Context;
pub(crate) use lookup::class_set_up;

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
    let judged = judge::target(&capabilities);
    // What is not shown to be so is told where it would be believed.
    let doubt = vouch::about(&capabilities, context.doubts).filter(|_| judged == TargetVerdict::Conformant);
    let verdict = match doubt.map(|doubt| doubt.weight) {
        Some(Weight::Contradiction) => TargetVerdict::Unknown,
        _ => judged,
    };
    let tallies = summary::Tallies::of(&capabilities);
    let run = context.run;
    Ok(Report {
        schema: SCHEMA.to_owned(),
        guideline: guideline.id.clone(),
        target: target.to_owned(),
        deployment: run.deployment.name.clone(),
        verdict,
        summary: summary::summary(guideline, target, (verdict, doubt), &tallies, &capabilities, context),
        counts: tallies.states,
        others: others(&capabilities, &lookup, records),
        capabilities,
        rule: guideline.rule,
        product: run.product.clone(),
        scope: context.scope.cloned(),
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
        doubts: context.doubts.to_vec(),
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
