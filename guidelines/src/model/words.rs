//! The words of guideline files: states, rules and kinds, each one of a few.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a guideline stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Being written.
    Draft,
    /// Being reviewed before a vote.
    Review,
    /// In force.
    Approved,
    /// Replaced by a newer one and no longer usable.
    Superseded,
}

impl Status {
    /// The name that guideline files use, such as `approved`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Review => "review",
            Self::Approved => "approved",
            Self::Superseded => "superseded",
        }
    }
}

/// What the tests of a required capability must do for it to be met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Every test that is not flagged must pass; one that is skipped counts as one that failed.
    #[default]
    AllRequiredPass,
    /// No test that is not flagged may fail; one that is skipped does not count against its capability.
    NoFailures,
    /// Every test that is not flagged must pass; one that was skipped, that ended in an error or was not finished in time
    /// counts as one that failed. Only one that was not run leaves it open.
    AbortedFails,
}

impl Rule {
    /// Whether it is the rule of a guideline that states none.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a skipped test leaves its capability met.
    #[must_use]
    pub fn allows_skips(self) -> bool {
        self == Self::NoFailures
    }

    /// Whether a test that ended in an error or was not finished in time counts as one that failed.
    #[must_use]
    pub fn fails_on_errors(self) -> bool {
        self == Self::AbortedFails
    }

    /// The name that guideline files use, such as `no-failures`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AllRequiredPass => "all-required-pass",
            Self::NoFailures => "no-failures",
            Self::AbortedFails => "aborted-fails",
        }
    }
}

/// A programme of its own, or an add-on to one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// Stands on its own.
    #[default]
    Program,
    /// Adds to a programme.
    AddOn,
}

/// The state of a capability within a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum State {
    /// A product must have it.
    Required,
    /// Expected to be required next.
    Advisory,
    /// Expected to be removed next.
    Deprecated,
    /// No longer asked for.
    Removed,
}

impl State {
    /// The name that guideline files use, such as `required`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Advisory => "advisory",
            Self::Deprecated => "deprecated",
            Self::Removed => "removed",
        }
    }
}

/// What a test of bare metal talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Interface {
    /// The API of OpenStack's bare-metal service.
    Ironic,
    /// The Redfish service of a machine, or of many.
    Redfish,
}

impl Interface {
    /// The name that guideline files use, such as `redfish`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ironic => "ironic",
            Self::Redfish => "redfish",
        }
    }
}

/// Names, sorted by state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ByState {
    /// A product must have these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    /// Expected to be required next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advisory: Vec<String>,
    /// Expected to be removed next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deprecated: Vec<String>,
    /// No longer asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
}

impl ByState {
    /// The lists, strongest state first.
    #[must_use]
    pub fn lists(&self) -> [(State, &[String]); 4] {
        [
            (State::Required, &self.required),
            (State::Advisory, &self.advisory),
            (State::Deprecated, &self.deprecated),
            (State::Removed, &self.removed),
        ]
    }

    /// Whether no list has a name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lists().iter().all(|(_, names)| names.is_empty())
    }
}

/// Whether a fact was published or reconstructed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Stands in a published file.
    #[default]
    Published,
    /// Made by Assay, from test lists.
    Reconstructed,
}

impl Origin {
    /// Whether it is [`Origin::Published`].
    #[must_use]
    pub fn is_published(&self) -> bool {
        *self == Self::Published
    }
}

/// The state of a project's designated sections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DesignationState {
    /// A product must contain them.
    #[default]
    Required,
    /// Expected to be required next.
    Advisory,
    /// Expected to be removed next.
    Deprecated,
    /// No longer asked for.
    Removed,
    /// Named for information only.
    Informational,
}

impl DesignationState {
    /// All states, strongest first.
    pub const ALL: [Self; 5] = [Self::Required, Self::Advisory, Self::Deprecated, Self::Removed, Self::Informational];

    /// The name that guideline files use, such as `required`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Advisory => "advisory",
            Self::Deprecated => "deprecated",
            Self::Removed => "removed",
            Self::Informational => "informational",
        }
    }
}
