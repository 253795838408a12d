//! What changed from one run of a product to a later one, test by test.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::{Run, TestRecord, Verdict};

/// The value of `schema` in what is printed.
pub const SCHEMA: &str = "assay.changes/1";

/// What changed from one run to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// The version of the format: `assay.changes/1`.
    pub schema: String,
    /// The earlier run.
    pub before: Side,
    /// The later run.
    pub after: Side,
    /// The tests that changed, the worst changes first.
    pub changes: Vec<Change>,
    /// How many tests did not change.
    pub same: usize,
}

/// One of the two runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// The run's id.
    pub run: String,
    /// When it began.
    pub started: DateTime<Utc>,
    /// The name of the deployment.
    pub deployment: String,
    /// The id of the guideline that selected its tests, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guideline: Option<String>,
    /// How many tests have a result.
    pub tests: usize,
}

/// How a test changed. The order is that in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// It passed, and does not now.
    Worse,
    /// It did not pass either time, and for different reasons.
    Other,
    /// It passed both times, with other deviations now.
    Deviations,
    /// It did not pass, and does now.
    Better,
    /// Only the later run has it.
    New,
    /// Only the earlier run has it.
    Gone,
}

impl Way {
    /// Every way, in the order in which they are shown.
    pub const ALL: [Self; 6] = [Self::Worse, Self::Other, Self::Deviations, Self::Better, Self::New, Self::Gone];
}

/// A test that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The id of the test in the later run, or in the earlier one where it is gone.
    pub test: String,
    /// How it changed.
    pub way: Way,
    /// What it came to before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Seen>,
    /// What it comes to now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Seen>,
}

/// What a test came to in one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Seen {
    /// Its verdict.
    pub verdict: Verdict,
    /// Why the verdict is not a pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The requirements that it deviates from, beside a pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<String>,
}

impl Seen {
    fn of(record: &TestRecord) -> Self {
        let deviations = record.deviations.iter().map(|deviation| deviation.requirement.clone());
        Self { verdict: record.verdict, reason: record.reason.clone(), deviations: deviations.collect() }
    }

    fn passes(&self) -> bool {
        self.verdict == Verdict::Pass
    }

    /// How this became that; none where nothing changed that is told.
    fn became(&self, after: &Self) -> Option<Way> {
        match (self.passes(), after.passes()) {
            (true, false) => Some(Way::Worse),
            (false, true) => Some(Way::Better),
            // A reason may name the run's own resources: it alone changes nothing.
            (false, false) => (self.verdict != after.verdict).then_some(Way::Other),
            (true, true) => (self.deviations != after.deviations).then_some(Way::Deviations),
        }
    }
}

impl Changes {
    /// What changed between two runs with these results. A test is the same where its UUID is, or else its id.
    #[must_use]
    pub fn between(before: (&Run, &[TestRecord]), after: (&Run, &[TestRecord])) -> Self {
        let (old, new) = (by_name(before.1), by_name(after.1));
        let names = old.keys().chain(new.keys()).collect::<std::collections::BTreeSet<_>>();
        let (mut changes, mut same) = (Vec::new(), 0);
        for name in names {
            let (old, new) = (old.get(name), new.get(name));
            let (before, after) = (old.map(|record| Seen::of(record)), new.map(|record| Seen::of(record)));
            let way = match (&before, &after) {
                (Some(before), Some(after)) => before.became(after),
                (None, _) => Some(Way::New),
                (_, None) => Some(Way::Gone),
            };
            match (way, new.or(old)) {
                (Some(way), Some(record)) => changes.push(Change { test: record.id.clone(), way, before, after }),
                _ => same += 1,
            }
        }
        changes.sort_by(|a, b| (a.way, &a.test).cmp(&(b.way, &b.test)));
        Self { schema: SCHEMA.to_owned(), before: side(before), after: side(after), changes, same }
    }

    /// The changes of one way.
    pub fn of(&self, way: Way) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.way == way)
    }

    /// Whether a test that passed does not pass now, or has no result any more.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        let lost = |change: &Change| change.before.as_ref().is_some_and(Seen::passes);
        self.of(Way::Worse).next().is_some() || self.of(Way::Gone).any(lost)
    }
}

fn side((run, records): (&Run, &[TestRecord])) -> Side {
    let name = run.product.as_ref().map_or(&run.deployment.name, |product| &product.name);
    let guideline = run.guideline.as_ref().map(|guideline| guideline.id.clone());
    Side { run: run.id.clone(), started: run.started, deployment: name.clone(), guideline, tests: records.len() }
}

fn by_name(records: &[TestRecord]) -> BTreeMap<&str, &TestRecord> {
    records.iter().map(|record| (record.uuid.as_deref().unwrap_or(&record.id), record)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Run {
        let run = serde_json::json!({
            "schema": "assay.run/1", "id": "assay-0a1b2c3d", "started": "2026-11-01T00:00:00Z", "assay": "1", "argv": [],
            "selected": [], "deployment": {"name": "cloud", "auth_url": "http://127.0.0.1:1", "tls_verified": true},
        });
        serde_json::from_value(run).unwrap()
    }

    fn record(id: &str, verdict: &str, deviations: &[&str]) -> TestRecord {
        let deviations: Vec<_> = deviations.iter().map(|it| serde_json::json!({"requirement": it})).collect();
        serde_json::from_value(serde_json::json!({"id": id, "verdict": verdict, "deviations": deviations})).unwrap()
    }

    #[test]
    fn each_way_to_change_is_told_and_the_worst_comes_first() {
        let before = [
            record("same", "pass", &[]),
            record("mended", "fail", &[]),
            record("broken", "pass", &[]),
            record("skipped", "skip", &[]),
            record("still-failing", "fail", &[]),
            record("deviating", "pass", &["a"]),
            record("gone", "skip", &[]),
        ];
        let mut named = record("renamed", "pass", &[]);
        named.uuid = Some("u".to_owned());
        let mut other_name = record("published", "pass", &[]);
        other_name.uuid = Some("u".to_owned());
        let before = [&before[..], &[named]].concat();
        let after = [
            record("same", "pass", &[]),
            record("mended", "pass", &[]),
            record("broken", "timeout", &[]),
            record("skipped", "fail", &[]),
            record("still-failing", "fail", &[]),
            record("deviating", "pass", &[]),
            record("new", "fail", &[]),
            other_name,
        ];
        let changes = Changes::between((&run(), &before), (&run(), &after));
        let told: Vec<_> = changes.changes.iter().map(|change| (change.test.as_str(), change.way)).collect();
        assert_eq!(
            told,
            [
                ("broken", Way::Worse),
                ("skipped", Way::Other),
                ("deviating", Way::Deviations),
                ("mended", Way::Better),
                ("new", Way::New),
                ("gone", Way::Gone),
            ]
        );
        assert_eq!((changes.same, changes.is_worse()), (3, true));
    }

    #[test]
    fn a_pass_that_is_gone_is_worse_and_a_skip_that_is_gone_is_not() {
        let gone = |verdict: &str| Changes::between((&run(), &[record("a", verdict, &[])]), (&run(), &[])).is_worse();
        assert!(gone("pass"));
        assert!(!gone("skip"));
    }
}
