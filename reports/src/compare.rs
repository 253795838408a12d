//! Products × guidelines: who may carry which mark, what stands in the way, and what would change.
//!
//! Runs are added one after the other and only what the table shows is kept of each, so that memory grows with the
//! table and not with the records.

mod findings;
pub mod what_if;

use std::cmp::Reverse;
use std::collections::HashSet;

use assay_guidelines::Guideline;
use assay_guidelines::model::{State, Status};
use assay_guidelines::query::TargetError;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::{Run, TestRecord};
use crate::report::{CapabilityTally, Obstacle, Outcome, Report, Tally, TargetVerdict};
use crate::score::{Context, score};
use crate::vouch::{self, Doubt};
use findings::Seen;
use what_if::WhatIf;

/// The value of `schema` in a comparison of this version.
pub const SCHEMA: &str = "assay.comparison/1";

/// The most obstacles that are listed before a product's next mark.
const MAX_OBSTACLES: usize = 100;

/// Products × guidelines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The version of the format: `assay.comparison/1`.
    pub schema: String,
    /// The day on which flags were judged.
    pub date: NaiveDate,
    /// Whether a deviation in a required test counted as a fail.
    pub strict: bool,
    /// What was supposed, such as `lift-flag=TEST`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub what_if: Vec<String>,
    /// The targets of guidelines, in the order in which they were asked for.
    pub columns: Vec<ColumnShown>,
    /// The products, in the order in which they were named.
    pub products: Vec<ProductShown>,
    /// What the results say about the guidelines.
    pub findings: Vec<Finding>,
}

/// A target of a guideline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnShown {
    /// The guideline's id.
    pub guideline: String,
    /// The guideline's title.
    pub title: String,
    /// Where the guideline stands in its life.
    pub status: Status,
    /// The day from which it is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<NaiveDate>,
    /// The target's name.
    pub target: String,
    /// The target's title.
    pub target_title: String,
    /// How many capabilities are required.
    pub capabilities: usize,
    /// How many tests these have, each once.
    pub tests: usize,
    /// How many of them are excused.
    pub flagged: usize,
    /// What was supposed that changes this column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub what_if: Vec<String>,
}

/// A product and its results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductShown {
    /// The product's name; that of the deployment or of the results, where no product is named.
    pub name: String,
    /// Who makes or runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether it is Assay's own reference deployment, which is no product.
    #[serde(default)]
    pub reference: bool,
    /// The run's name.
    pub run: String,
    /// The form of the results, where another tool made them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What nobody can vouch for in the folder of the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
    /// One for each column.
    pub cells: Vec<Cell>,
    /// The mark that is nearest of those that it may not carry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextMark>,
}

/// A product under a target of a guideline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// Whether it conforms.
    pub verdict: TargetVerdict,
    /// Whether it conforms, and nobody can vouch for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unvouched: bool,
    /// Whether it conforms to the guideline as it is, where what was supposed changes that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<TargetVerdict>,
    /// How many required tests came to what.
    pub tests: Tally,
    /// How many required capabilities came to what.
    pub capabilities: CapabilityTally,
    /// How many tests stand in the way, each once, and capabilities without a test.
    pub obstacles: usize,
    /// The required capabilities that are not met, with how many of their tests stand in the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
}

/// A required capability that is not met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// Its name.
    pub capability: String,
    /// How many of its tests stand in the way; none, where it has no test.
    pub tests: usize,
}

/// What stands between a product and a mark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NextMark {
    /// The number of the column, from 0.
    pub column: usize,
    /// How many tests stand in the way, each once, and capabilities without a test.
    pub obstacles: usize,
    /// The first of them.
    pub first: Vec<NextObstacle>,
}

/// A test, or a capability without tests, that stands between a product and a mark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NextObstacle {
    /// The capability.
    pub capability: String,
    /// The test's published name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<String>,
    /// What came of it.
    pub verdict: Outcome,
}

/// What the results say about a guideline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What was found.
    pub kind: FindingKind,
    /// The number of the column, from 0.
    pub column: usize,
    /// The test or the capability.
    pub subject: String,
    /// How many products pass the test, or meet the capability.
    pub products: usize,
    /// Of how many: those that have a result of a required test of the column.
    pub of: usize,
    /// Which product it is, where it is one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// A test is excused, and every product passes it.
    FlagNotNeeded,
    /// A capability is advisory, and every product has it.
    AdvisoryMetByAll,
    /// A capability is required, and no product or one alone has it.
    RequiredMetByFew,
}

impl FindingKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::FlagNotNeeded, Self::AdvisoryMetByAll, Self::RequiredMetByFew];

    /// The heading that people read.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::FlagNotNeeded => "Flags that no product needs any more",
            Self::AdvisoryMetByAll => "Advisory capabilities that every product has",
            Self::RequiredMetByFew => "Required capabilities that nobody, or one product alone, has",
        }
    }
}

/// A target of a guideline to compare under.
#[derive(Debug, Clone)]
pub struct Column {
    guideline: Guideline,
    /// The guideline as it is supposed to be, where that is another.
    supposed: Option<Guideline>,
    target: String,
    applied: Vec<String>,
}

impl Column {
    /// A target of a guideline, as it would be if all of `suppositions` held that have a meaning for it.
    pub fn new(guideline: Guideline, target: &str, suppositions: &[WhatIf]) -> Result<Self, TargetError> {
        guideline.capabilities_of(guideline.target(target)?)?;
        let (supposed, applied) = what_if::apply(&guideline, target, suppositions);
        let applied: Vec<String> = applied.iter().map(ToString::to_string).collect();
        let supposed = (!applied.is_empty()).then_some(supposed);
        Ok(Self { guideline, supposed, target: target.to_owned(), applied })
    }

    /// Those suppositions that change it.
    #[must_use]
    pub fn applied(&self) -> &[String] {
        &self.applied
    }
}

/// How near a mark is: whether its guideline was superseded, how much stands in the way, and how new it is.
type Rank = (bool, usize, Reverse<Option<NaiveDate>>);

/// Compares runs as they come.
#[derive(Debug)]
pub struct Comparer {
    columns: Vec<Column>,
    seen: Vec<Seen>,
    comparison: Comparison,
}

impl Comparer {
    /// A comparison under these columns, without a product yet.
    #[must_use]
    pub fn new(columns: Vec<Column>, what_if: &[WhatIf], date: NaiveDate, strict: bool) -> Self {
        let comparison = Comparison {
            schema: SCHEMA.to_owned(),
            date,
            strict,
            what_if: what_if.iter().map(ToString::to_string).collect(),
            columns: columns.iter().map(shown).collect(),
            products: Vec::new(),
            findings: Vec::new(),
        };
        Self { seen: columns.iter().map(|_| Seen::default()).collect(), columns, comparison }
    }

    /// Adds a product with the records of its run.
    pub fn add(&mut self, run: &Run, records: &[TestRecord]) -> Result<(), TargetError> {
        self.add_doubted(run, records, &[])
    }

    /// The same, with what nobody can vouch for in the folder of the run.
    pub fn add_doubted(&mut self, run: &Run, records: &[TestRecord], doubts: &[Doubt]) -> Result<(), TargetError> {
        let mut context = Context::new(run, self.comparison.date);
        context.doubts = doubts;
        context.strict = self.comparison.strict;
        let product = run.product.as_ref();
        let name = product.map_or_else(|| run.deployment.name.clone(), |product| product.name.clone());
        let mut cells = Vec::with_capacity(self.columns.len());
        let mut nearest: Option<(Rank, NextMark)> = None;
        for (at, column) in self.columns.iter().enumerate() {
            let guideline = column.supposed.as_ref().unwrap_or(&column.guideline);
            let report = score(guideline, &column.target, records, &context)?;
            let before = match &column.supposed {
                Some(_) => Some(score(&column.guideline, &column.target, records, &context)?.verdict),
                None => None,
            };
            self.seen[at].add(&report, &name);
            if report.verdict != TargetVerdict::Conformant {
                let next = next_mark(at, &report);
                // Nobody can get a mark of a guideline that was superseded; of equally near ones, the newest is meant.
                let superseded = guideline.status == Status::Superseded;
                let rank = (superseded, next.obstacles, Reverse(guideline.approved));
                if nearest.as_ref().is_none_or(|(known, _)| rank < *known) {
                    nearest = Some((rank, next));
                }
            }
            let before = before.filter(|before| *before != report.verdict);
            cells.push(cell(report, before));
        }
        self.comparison.products.push(ProductShown {
            name,
            vendor: product.map(|product| product.vendor.clone()),
            version: product.map(|product| product.version.clone()),
            reference: run.deployment.reference,
            run: run.id.clone(),
            source: run.source.clone(),
            doubts: doubts.to_vec(),
            cells,
            next: nearest.map(|(_, next)| next),
        });
        Ok(())
    }

    /// The comparison of the products that were added.
    #[must_use]
    pub fn finish(mut self) -> Comparison {
        for kind in FindingKind::ALL {
            for (at, seen) in self.seen.iter().enumerate() {
                seen.findings(kind, at, &mut self.comparison.findings);
            }
        }
        self.comparison
    }
}

fn shown(column: &Column) -> ColumnShown {
    let guideline = column.supposed.as_ref().unwrap_or(&column.guideline);
    let target = guideline.targets.get(&column.target);
    // That the target can be had was seen when the column was made.
    let listed = target.and_then(|target| guideline.capabilities_of(target).ok()).unwrap_or_default();
    let tests = target.and_then(|target| guideline.tests_of(target).ok()).unwrap_or_default();
    let required = || tests.iter().filter(|test| test.state == State::Required);
    ColumnShown {
        guideline: guideline.id.clone(),
        title: guideline.title.clone(),
        status: guideline.status,
        approved: guideline.approved,
        target: column.target.clone(),
        target_title: target.map(|target| target.title.clone()).unwrap_or_default(),
        capabilities: listed.iter().filter(|listed| listed.state == State::Required).count(),
        tests: required().count(),
        flagged: required().filter(|test| test.flag.is_some()).count(),
        what_if: column.applied.clone(),
    }
}

fn cell(report: Report, before: Option<TargetVerdict>) -> Cell {
    let gaps = report
        .capabilities
        .iter()
        .filter(|capability| capability.status == State::Required)
        .filter(|capability| capability.tests.is_empty() || capability.tests.iter().any(|test| test.blocks))
        .map(|capability| Gap {
            capability: capability.name.clone(),
            tests: capability.tests.iter().filter(|test| test.blocks).count(),
        })
        .collect();
    Cell {
        obstacles: obstacles(&report).count(),
        unvouched: report.verdict == TargetVerdict::Conformant
            && vouch::about(&report.capabilities, &report.doubts).is_some(),
        verdict: report.verdict,
        before,
        tests: report.counts.required,
        capabilities: report.summary.capabilities,
        gaps,
    }
}

fn next_mark(column: usize, report: &Report) -> NextMark {
    let first = obstacles(report).take(MAX_OBSTACLES).map(|obstacle| NextObstacle {
        capability: obstacle.capability.clone(),
        test: obstacle.test.clone(),
        verdict: obstacle.verdict,
    });
    NextMark { column, obstacles: obstacles(report).count(), first: first.collect() }
}

/// What stands in the way; a test of several capabilities once.
fn obstacles(report: &Report) -> impl Iterator<Item = &Obstacle> {
    let mut seen = HashSet::new();
    report.obstacles.iter().filter(move |obstacle| obstacle.test.as_ref().is_none_or(|test| seen.insert(test.as_str())))
}
