//! A scope file as it is published.

use chrono::NaiveDate;
use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::family::Validity;
use crate::family::scope::Lifetime;
use crate::model::{NAME_PATTERN, UUID_PATTERN};

/// The pattern of the name of a version, which becomes a part of an id.
pub(crate) const VERSION_PATTERN: &str = "^[A-Za-z0-9][A-Za-z0-9._-]*$";

/// A scope file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScopeFile {
    /// The name of the scope, such as `SCS-compatible IaaS`.
    #[schemars(length(min = 1))]
    pub name: String,
    /// The UUID of the scope.
    #[schemars(extend("pattern" = UUID_PATTERN))]
    pub uuid: String,
    /// Where the file is published.
    #[schemars(length(min = 1))]
    pub url: String,
    /// What whoever runs the scripts has to say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub variables: Vec<VariableItem>,
    /// The scripts, with all test cases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub scripts: Vec<Script>,
    /// The modules.
    #[schemars(length(min = 1))]
    pub modules: Vec<Module>,
    /// The states of the versions: each entry holds from its day to the next.
    #[schemars(length(min = 1))]
    pub timeline: Vec<TimelineEntry>,
    /// The versions.
    #[schemars(length(min = 1))]
    pub versions: Vec<Version>,
}

/// A script.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    /// Its path; without it, the test cases are for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub executable: Option<String>,
    /// The variables of its environment.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("minProperties" = 1))]
    pub env: IndexMap<String, String>,
    /// Its arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub args: Option<String>,
    /// Its test cases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub testcases: Vec<TestCase>,
}

/// A test case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestCase {
    /// Its id.
    #[schemars(extend("pattern" = NAME_PATTERN))]
    pub id: String,
    /// How long a result of it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Lifetime>,
    /// The part of a run that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub section: Option<String>,
    /// What it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub description: Option<String>,
    /// Where more is said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub url: Option<String>,
}

/// A module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Module {
    /// Its id.
    #[schemars(length(min = 1))]
    pub id: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub name: Option<String>,
    /// Where its standard stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub url: Option<String>,
    /// What it has to be told, and what each means.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("minProperties" = 1))]
    pub parameters: IndexMap<String, String>,
    /// Its test cases by target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targets: Option<IndexMap<String, Vec<String>>>,
}

/// The states of versions from a day on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimelineEntry {
    /// The first day.
    pub date: NaiveDate,
    /// The state of each version.
    pub versions: IndexMap<String, Validity>,
}

/// A version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Version {
    /// Its name.
    #[serde(rename = "version")]
    #[schemars(extend("pattern" = VERSION_PATTERN))]
    pub name: String,
    /// The day from which it does not change any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stabilized_at: Option<NaiveDate>,
    /// The modules that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include: Option<Vec<IncludeItem>>,
}

/// A variable: its name, or its name with what holds where nobody says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum VariableItem {
    /// Its name.
    Name(String),
    /// Its name and what holds; one pair.
    Default(IndexMap<String, String>),
}

/// A module that a version names: its id, or its id with values of its parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum IncludeItem {
    /// Its id.
    Id(String),
    /// Its id, with values.
    Reference(Reference),
}

/// A module with values of its parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reference {
    /// The id of the module.
    #[serde(rename = "ref")]
    #[schemars(length(min = 1))]
    pub module: String,
    /// The values; a module without any is named by its id alone.
    #[schemars(extend("minProperties" = 1))]
    pub parameters: IndexMap<String, String>,
}

impl IncludeItem {
    /// The id of the module.
    pub fn module(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Reference(reference) => &reference.module,
        }
    }

    /// The values of its parameters.
    pub fn parameters(&self) -> IndexMap<String, String> {
        match self {
            Self::Id(_) => IndexMap::new(),
            Self::Reference(reference) => reference.parameters.clone(),
        }
    }

    /// A module with these values.
    pub fn new(module: String, parameters: IndexMap<String, String>) -> Self {
        if parameters.is_empty() { Self::Id(module) } else { Self::Reference(Reference { module, parameters }) }
    }
}

/// What has one of two forms is held against the one that is written: the schema leaves it open.
macro_rules! either {
    ($type:ty, $name:literal, $what:literal) => {
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"description": $what})
            }
        }
    };
}

either!(VariableItem, "VariableItem", "A name, or a name and what holds where nobody says it.");
either!(IncludeItem, "IncludeItem", "The id of a module, or `ref:` with it and `parameters:`.");
