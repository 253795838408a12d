//! What holds for all guidelines of a family: its `family.yaml`, which stands beside them.

mod read;
pub mod scope;

use chrono::NaiveDate;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use scope::Scope;

/// The value of `schema` in the file of a family.
pub const SCHEMA: &str = "assay.family/1";

/// The name of the file, in the folder of the family.
pub const FILE: &str = "family.yaml";

/// What holds for all guidelines of a family: its `family.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// The version of the file format: `assay.family/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The name of the programme.
    #[schemars(length(min = 1))]
    pub title: String,
    /// How many of the guidelines that were approved last can be certified against; at least one.
    #[serde(default = "two")]
    #[schemars(range(min = 1, max = 1000))]
    pub usable: u32,
    /// How long a mark lasts, in months.
    #[serde(default = "twelve")]
    #[schemars(range(min = 1, max = 1200))]
    pub licence_months: u32,
    /// The states of the versions, where the family publishes them: each entry holds from its day to the next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<Period>,
    /// What the family publishes as one file, where that is more than its guidelines say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
}

fn two() -> u32 {
    2
}

fn twelve() -> u32 {
    12
}

/// The states of versions from a day on; a version that an earlier entry names and this one does not is deprecated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first day.
    pub date: NaiveDate,
    /// The state of each version.
    pub versions: IndexMap<String, Validity>,
}

/// Whether a guideline can be certified against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Validity {
    /// Not yet.
    Draft,
    /// It can.
    Effective,
    /// It can, and not for long.
    Warn,
    /// No longer.
    Deprecated,
}

impl Validity {
    /// Whether a product can certify against it.
    #[must_use]
    pub fn is_usable(self) -> bool {
        matches!(self, Self::Effective | Self::Warn)
    }

    /// Its name, such as `effective`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Effective => "effective",
            Self::Warn => "warn",
            Self::Deprecated => "deprecated",
        }
    }
}

impl Family {
    /// A family without a file of its own.
    #[must_use]
    pub fn named(title: &str) -> Self {
        let (usable, licence_months) = (two(), twelve());
        Self {
            schema: SCHEMA.to_owned(),
            title: title.to_owned(),
            usable,
            licence_months,
            timeline: Vec::new(),
            scope: None,
        }
    }
}
