//! The outcome of evaluating profiles: `profile.json`.

use assay_guidelines::profile::{Aspect, Level};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::collected::Note;

/// The value of `schema` in a profile report of this version.
pub const PROFILE_SCHEMA: &str = "assay.profile-report/1";

/// What services have of what profiles ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileReport {
    /// The version of the format: `assay.profile-report/1`.
    pub schema: String,
    /// The version of Assay that evaluated it.
    pub assay: String,
    /// Whether the services fulfil the profiles.
    pub verdict: ProfileVerdict,
    /// The profiles; the first is the one that was asked for, the others are those it requires.
    pub profiles: Vec<ProfileUsed>,
    /// How many requirements came to what, by their weight.
    pub counts: IndexMap<Level, Counts>,
    /// The services.
    pub services: Vec<ServiceReport>,
    /// Every requirement of the profiles, with the worst of what was found anywhere.
    pub requirements: Vec<RequirementReport>,
    /// What was found, place by place.
    pub places: Vec<Place>,
    /// What the profiles say and nothing evaluates.
    pub unevaluated: Vec<Unevaluated>,
}

/// Whether profiles are fulfilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProfileVerdict {
    /// Nothing that is mandatory failed, and something passed.
    Fulfilled,
    /// Something that is mandatory failed.
    Broken,
    /// Nothing failed, and nothing passed.
    Unknown,
}

/// A profile as it was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileUsed {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The name of its file.
    pub file: String,
    /// The SHA-256 of its file, in hexadecimal.
    pub sha256: String,
    /// What it is for, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}

/// How many requirements, or places, came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Counts {
    /// Those that hold.
    pub pass: usize,
    /// Those that hold, with something to look at.
    pub warn: usize,
    /// Those that are broken.
    pub fail: usize,
    /// Those that ask for nothing here, or only recommend what is not there.
    pub skipped: usize,
    /// Those that nothing could be found out about.
    pub not_tested: usize,
}

impl Counts {
    pub(super) fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Pass => self.pass += 1,
            Verdict::Warn => self.warn += 1,
            Verdict::Fail => self.fail += 1,
            Verdict::Skipped => self.skipped += 1,
            Verdict::NotTested => self.not_tested += 1,
        }
    }
}

/// What a service is, and what was found of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceReport {
    /// Its name in the deployment file.
    pub name: String,
    /// Its address.
    pub endpoint: String,
    /// The version of Redfish that it says it implements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redfish_version: Option<String>,
    /// The product that it says it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// How many resources were read.
    pub resources: usize,
    /// Whether every link was followed to its end.
    pub complete: bool,
    /// How many places came to what.
    pub counts: Counts,
    /// What was noticed while it was read.
    pub notes: Vec<Note>,
    /// The addresses that are linked and could not be read.
    pub unread: Vec<Unread>,
}

/// An address that is linked and could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unread {
    /// The address.
    pub uri: String,
    /// The status that came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What is wrong.
    pub reason: String,
    /// The resource that links to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// What a requirement, or one place of it, came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It holds, with something to look at.
    Warn,
    /// It is broken.
    Fail,
    /// It asks for nothing here, or only recommends what is not there.
    Skipped,
    /// Nothing could be found out.
    NotTested,
}

impl Verdict {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
            Self::NotTested => "not tested",
        }
    }
}

/// Why a verdict is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// What is asked for is there.
    Kept,
    /// What is asked for is not there.
    Missing,
    /// It is there, and not as it is asked for.
    Wrong,
    /// Nothing is asked for here: no condition holds, or a newer property stands for this one.
    NotApplicable,
    /// The service does not say.
    NotSaid,
    /// What would show it was not read.
    NotRead,
}

/// A requirement of a profile, with the worst of what was found anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequirementReport {
    /// Its name, which stays the same from version to version of the profile.
    pub id: String,
    /// The UUID of its name.
    pub uuid: String,
    /// The profile that has it.
    pub profile: String,
    /// The line of the profile's file.
    pub line: usize,
    /// The type of the resource, or the name of the registry; of the protocol, nothing.
    pub resource: String,
    /// The title of the use case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_case: Option<String>,
    /// The names of properties that lead to what it is about.
    pub path: String,
    /// What it is about.
    pub aspect: Aspect,
    /// How much it weighs.
    pub level: Level,
    /// What is required.
    pub required: String,
    /// What it is for, in the profile's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// What it came to.
    pub verdict: Verdict,
    /// Why.
    pub cause: Cause,
    /// What was seen at the worst place.
    pub seen: String,
    /// How many places came to what.
    pub counts: Counts,
}

/// What one requirement came to at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The name of the requirement.
    pub requirement: String,
    /// The service.
    pub service: String,
    /// The resource; of the service as a whole, nothing.
    pub uri: String,
    /// The property in it, with the numbers of items of arrays.
    pub path: String,
    /// What it came to.
    pub verdict: Verdict,
    /// Why.
    pub cause: Cause,
    /// What was seen.
    pub seen: String,
    /// The line of the condition that applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<usize>,
    /// The addresses from the service root to the resource, where the verdict is no pass and no skip.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub way: Vec<String>,
}

/// Something that a profile says and nothing evaluates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unevaluated {
    /// The profile.
    pub profile: String,
    /// The line of its file.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// The keys that lead to it.
    pub path: String,
    /// What is the matter.
    pub message: String,
}
