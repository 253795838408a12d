//! A family of guidelines in order of date: how much it required, and one capability, test or flag through all of it.

mod follow;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, Error};
use crate::census::Census;
use crate::model::{Guideline, State, Status};
use crate::nearest::quoted;

pub use follow::NotFound;

/// The value of `schema` in the history of a family of this version.
pub const FAMILY_SCHEMA: &str = "assay.family-history/1";
/// The value of `schema` in the history of one thing of this version.
pub const SCHEMA: &str = "assay.guideline-history/1";

/// How much a family required, guideline by guideline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FamilyHistory {
    /// The version of the format: `assay.family-history/1`.
    #[schemars(extend("const" = FAMILY_SCHEMA))]
    pub schema: String,
    /// The family.
    pub family: String,
    /// Its guidelines in order of date; those without one, which are drafts, come last.
    pub guidelines: Vec<Census>,
}

/// One capability, test or flag through all guidelines of a family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The version of the format: `assay.guideline-history/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The family.
    pub family: String,
    /// What kind of thing is followed.
    pub kind: Subject,
    /// What was asked for.
    pub subject: String,
    /// The day up to which a flag that still holds is counted.
    pub date: NaiveDate,
    /// What each guideline says of it, in order of date; drafts come last.
    pub guidelines: Vec<Entry>,
    /// Since when it had which state, drafts left out.
    pub states: Vec<StateSpan>,
    /// How long it was flagged, drafts left out; of a capability, how long any of its tests was.
    pub flagged: Vec<FlagSpan>,
}

/// What is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// A capability, by its name.
    Capability,
    /// A test, by its name, an alias or its UUID.
    Test,
    /// The flags with one code.
    Flag,
}

/// What one guideline says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The guideline's id.
    pub guideline: String,
    /// Where it stands in its life.
    pub status: Status,
    /// The day from which it is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<NaiveDate>,
    /// The strongest state of what was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Whether the guideline has it.
    pub present: bool,
    /// The tests: the one followed under the name it has there, those of the capability, or those with the flag.
    pub tests: Vec<String>,
    /// The capabilities that these tests prove; of a capability, itself.
    pub capabilities: Vec<String>,
    /// The flags among these tests.
    pub flags: Vec<FlagSeen>,
    /// The score of a capability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u32>,
}

/// A flag as a guideline states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagSeen {
    /// The flagged test.
    pub test: String,
    /// The reason's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The day it was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

/// Guidelines in a row in which it had one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateSpan {
    /// The state; absent where the guidelines had it without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// The first guideline.
    pub since: String,
    /// The last one.
    pub last: String,
    /// The guideline that ended it; absent where it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Guidelines in a row in which it was flagged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagSpan {
    /// The first guideline.
    pub since: String,
    /// The last one.
    pub last: String,
    /// The guideline that lifted it; absent where it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The earliest day on which a flag of these was set; the first guideline's own where none says it.
    pub set: NaiveDate,
    /// How many days passed from then to the guideline that lifted it, or to the day asked.
    pub days: i64,
}

/// Why there is no history.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// No guideline is of this family.
    #[error("no family of guidelines is called {}{}; there are {}", quoted(.family), .near.as_deref().map(|near| format!(" (did you mean {}?)", quoted(near))).unwrap_or_default(), crate::nearest::list(.families.iter().map(String::as_str)))]
    UnknownFamily {
        /// What was asked for.
        family: String,
        /// The family that may have been meant.
        near: Option<String>,
        /// All families.
        families: Vec<String>,
    },
    /// A guideline of the family cannot be read.
    #[error(transparent)]
    Catalogue(#[from] Error),
}

/// The guidelines of a family, in order of date.
#[derive(Debug, Clone)]
pub struct Series {
    family: String,
    guidelines: Vec<Guideline>,
}

impl Series {
    /// The guidelines of a family that a catalogue has.
    pub fn of(catalogue: &Catalogue, family: &str, day: NaiveDate) -> Result<Self, HistoryError> {
        let split = |id: &'_ str| id.split_once('/').map(|(family, _)| family.to_owned());
        let ids: Vec<&str> = catalogue.ids().filter(|id| split(id).as_deref() == Some(family)).collect();
        if ids.is_empty() {
            let families: Vec<String> =
                catalogue.ids().filter_map(split).collect::<std::collections::BTreeSet<_>>().into_iter().collect();
            let near = crate::nearest::nearest(family, families.iter().map(String::as_str)).map(str::to_owned);
            return Err(HistoryError::UnknownFamily { family: family.to_owned(), near, families });
        }
        let guidelines: Result<Vec<_>, _> =
            ids.into_iter().map(|id| catalogue.get(id, day).map(|loaded| loaded.guideline)).collect();
        Ok(Self::new(family, guidelines?))
    }

    /// These guidelines of a family.
    #[must_use]
    pub fn new(family: &str, mut guidelines: Vec<Guideline>) -> Self {
        guidelines.sort_by(|a, b| {
            let key = |guideline: &Guideline| (guideline.approved.is_none(), guideline.approved);
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        });
        Self { family: family.to_owned(), guidelines }
    }

    /// How much each of them requires.
    #[must_use]
    pub fn census(&self) -> FamilyHistory {
        FamilyHistory {
            schema: FAMILY_SCHEMA.to_owned(),
            family: self.family.clone(),
            guidelines: self.guidelines.iter().map(Census::of).collect(),
        }
    }

    /// Follows a capability, a test or a flag's code through all of them; `date` ends what still holds.
    pub fn follow(&self, subject: &str, date: NaiveDate) -> Result<History, NotFound> {
        let (kind, guidelines) = follow::entries(&self.family, &self.guidelines, subject)?;
        let dated: Vec<&Entry> = guidelines.iter().filter(|entry| entry.approved.is_some()).collect();
        let (states, flagged) = (states(&dated), flagged(&dated, date));
        let (schema, family, subject) = (SCHEMA.to_owned(), self.family.clone(), subject.to_owned());
        Ok(History { schema, family, kind, subject, date, guidelines, states, flagged })
    }
}

fn states(entries: &[&Entry]) -> Vec<StateSpan> {
    let key = |entry: &&Entry| entry.present.then_some(entry.state);
    let runs = runs(entries, key);
    let span = |(state, since, last, until): (Option<State>, &Entry, &Entry, Option<&Entry>)| StateSpan {
        state,
        since: since.guideline.clone(),
        last: last.guideline.clone(),
        until: until.map(|entry| entry.guideline.clone()),
    };
    runs.into_iter().map(|(state, run, until)| span((state, run[0], run[run.len() - 1], until))).collect()
}

fn flagged(entries: &[&Entry], date: NaiveDate) -> Vec<FlagSpan> {
    let runs = runs(entries, |entry| (!entry.flags.is_empty()).then_some(()));
    let spans = runs.into_iter().filter_map(|((), run, until)| {
        let days = run.iter().flat_map(|entry| &entry.flags).filter_map(|flag| flag.date);
        let set = days.min().or(run[0].approved)?;
        let end = until.and_then(|entry| entry.approved).unwrap_or(date);
        Some(FlagSpan {
            since: run[0].guideline.clone(),
            last: run[run.len() - 1].guideline.clone(),
            until: until.map(|entry| entry.guideline.clone()),
            set,
            days: (end - set).num_days().max(0),
        })
    });
    spans.collect()
}

/// The entries in a row that have the same key, with the entry that follows; those without a key belong to none.
fn runs<'a, 'b, K: PartialEq>(
    entries: &'b [&'a Entry],
    key: impl Fn(&&'a Entry) -> Option<K>,
) -> Vec<(K, &'b [&'a Entry], Option<&'a Entry>)> {
    let mut runs = Vec::new();
    let mut at = 0;
    for run in entries.chunk_by(|a, b| key(a) == key(b)) {
        at += run.len();
        if let Some(key) = key(&run[0]) {
            runs.push((key, run, entries.get(at).copied()));
        }
    }
    runs
}
