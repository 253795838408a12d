//! Something that cannot be vouched for, and how much it weighs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that cannot be vouched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Doubt {
    /// How much it weighs.
    pub weight: Weight,
    /// What it is, in one sentence.
    pub what: String,
    /// Whether it is about the tests of these ids; otherwise it is about the folder.
    #[serde(default)]
    pub of_tests: bool,
    /// The ids of the tests, or the names of the files, that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
}

/// How much a doubt weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// It is as usual, and worth knowing.
    Note,
    /// Evidence is not there.
    LeftOut,
    /// What is there contradicts itself.
    Contradiction,
}

impl Doubt {
    pub(super) fn of_folder(weight: Weight, what: impl Into<String>, subjects: Vec<String>) -> Self {
        Self { weight, what: what.into(), of_tests: false, subjects }
    }

    /// Another guideline judges, under the same id, than the one that selected the tests; whoever judges named it.
    #[must_use]
    pub fn other_guideline(id: &str) -> Self {
        let what = format!("the file of {id} that judges is not the one that the run used: their SHA-256 differ");
        Self::of_folder(Weight::Note, what, Vec::new())
    }
}
