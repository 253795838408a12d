//! A scope of the Sovereign Cloud Stack, as far as it is more than its guidelines say: its test cases with the scripts that
//! run them there, its modules, and the order of all that.
//!
//! What a version asks for stands in its guideline, and only there: [`crate::scope::export`] takes it from there.

pub(super) mod rules;

use chrono::NaiveDate;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{ID_PATTERN, UUID_PATTERN};

/// The pattern of the word that names a scope.
pub const WORD_PATTERN: &str = "^[a-z0-9][a-z0-9-]*$";

/// A scope: what a family publishes as one file with versions, modules and test cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// The word that stands, after the family, for the version that is effective on a day: `iaas` in `scs/iaas`.
    #[schemars(extend("pattern" = WORD_PATTERN))]
    pub name: String,
    /// The UUID by which it is known.
    #[schemars(extend("pattern" = UUID_PATTERN))]
    pub uuid: String,
    /// Where its file is published.
    #[schemars(length(min = 1))]
    pub link: String,
    /// What whoever runs its scripts has to say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// The programs that run its test cases there, with all test cases; those of no program are for a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scripts: Vec<Script>,
    /// Its modules: standards with the test cases that each asks for.
    #[schemars(extend("minProperties" = 1))]
    pub modules: IndexMap<String, Module>,
    /// Its versions, in the order of its file.
    #[schemars(extend("minProperties" = 1))]
    pub versions: IndexMap<String, Version>,
}

/// Something that whoever runs a script has to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Its name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// What holds where nobody says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// A program that runs test cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Its path; without it, its test cases are for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub executable: Option<String>,
    /// Its arguments, with variables and parameters in braces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub arguments: Option<String>,
    /// The variables of its environment.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub environment: IndexMap<String, String>,
    /// Its test cases, by their ids.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tests: IndexMap<String, Case>,
}

/// What is said of a test case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub summary: Option<String>,
    /// Where more is said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub link: Option<String>,
    /// How long a result of it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Lifetime>,
    /// The part of a run that it belongs to, such as `heavy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub section: Option<String>,
}

/// How long a result holds: to the end of the day, week and so on after the one it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lifetime {
    /// A day.
    Day,
    /// A week, as where nothing is said.
    Week,
    /// A month.
    Month,
    /// A quarter of a year.
    Quarter,
    /// A year and a month.
    Year,
}

/// What is said of a module.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub title: Option<String>,
    /// Where its standard stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub link: Option<String>,
    /// What it has to be told, and what each means.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub parameters: IndexMap<String, String>,
    /// Its test cases by target, where no guideline says it; without any, it was published without targets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targets: Option<IndexMap<String, Vec<String>>>,
}

/// A version: its guideline, or what was published of one that has none here.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The id of its guideline, which says what it asks for and since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = ID_PATTERN))]
    pub guideline: Option<String>,
    /// The day from which it does not change any more, where it has no guideline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<NaiveDate>,
    /// The modules that it names, where it has no guideline; without it, nothing is known of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include: Option<Vec<Include>>,
}

/// A module that a version names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Include {
    /// Its id.
    #[schemars(length(min = 1))]
    pub module: String,
    /// The values of its parameters.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub parameters: IndexMap<String, String>,
}

impl Scope {
    /// The scripts' test cases, each with its script.
    pub fn cases(&self) -> impl Iterator<Item = (&str, &Script, &Case)> {
        self.scripts.iter().flat_map(|script| script.tests.iter().map(move |(id, case)| (id.as_str(), script, case)))
    }
}
