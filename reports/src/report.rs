//! The score of a run under a guideline: `report.json`.
//!
//! The first seven keys of [`Report`] are a promise to other programs; the others serve the renderings.

use assay_guidelines::model::{Flag, Origin, Rule, State};
use chrono::{DateTime, NaiveDate, Utc};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::product::Product;
use crate::record::{Deployment, Finding, GuidelineUsed, Lack, Verdict};
use crate::statement::Statement;
use crate::vouch::Doubt;

/// The value of `schema` in a `report.json` of this version.
pub const SCHEMA: &str = "assay.report/1";

/// What a run means under one target of one guideline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The version of the format: `assay.report/1`.
    pub schema: String,
    /// The guideline's id, `family/version`.
    pub guideline: String,
    /// The target's name, as `--target` takes it.
    pub target: String,
    /// The name of the deployment that was tested.
    pub deployment: String,
    /// The answer.
    pub verdict: TargetVerdict,
    /// How many tests came to what, by the state of their capability.
    pub counts: Counts,
    /// Every capability of the target, with its tests.
    pub capabilities: Vec<CapabilityReport>,
    /// The guideline's rule, by which the capabilities were judged.
    #[serde(default)]
    pub rule: Rule,
    /// What the vendor says was tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Product>,
    /// The scope of the Sovereign Cloud Stack that the guideline is a version of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeShown>,
    /// The run that was scored.
    pub run: RunShown,
    /// What nobody can vouch for in the folder of the run, what weighs most first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
    /// What stands between the deployment and conformance, one entry for each blocking test.
    pub obstacles: Vec<Obstacle>,
    /// The vendor's own waivers; they decide nothing.
    pub waivers: Vec<WaiverReport>,
    /// What a reader wants to know first.
    pub summary: Summary,
    /// The committee's score of each capability, where the guideline has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scores: Option<Scores>,
    /// Tests that were recorded and that this target does not ask for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherTest>,
}

/// Whether a deployment conforms to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TargetVerdict {
    /// Every required capability is met.
    Conformant,
    /// A required capability is not met.
    NotConformant,
    /// Nothing was found wrong, but something required was not determined, or the results contradict their evidence.
    Unknown,
}

impl TargetVerdict {
    /// The name that `report.json` uses, such as `not-conformant`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Conformant => "conformant",
            Self::NotConformant => "not-conformant",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether a deployment has a capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CapabilityVerdict {
    /// Every test passed.
    Met,
    /// Every test that is not flagged passed, and some are flagged.
    MetWithFlags,
    /// No test that is not flagged did worse than be skipped, which the guideline's rule allows, and some were.
    MetWithSkips,
    /// A test that is not flagged failed, or was skipped where the guideline's rule does not allow it.
    Unmet,
    /// None failed, and one that is not flagged was not determined.
    Unknown,
}

/// What came of one published test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every requirement held.
    Pass,
    /// The deployment broke a requirement.
    Fail,
    /// The tool, or the path to the deployment, is wrong.
    Error,
    /// Not run, for want of a service, extension, microversion or account.
    Skip,
    /// Not finished in the time allowed.
    Timeout,
    /// Stopped by the user.
    Interrupted,
    /// The run has no record of it.
    NotRun,
    /// Assay has no native implementation of it, and the run has no record of it.
    Missing,
    /// No program decides it, and no person has stated anything of it that counts.
    Manual,
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Fail => Self::Fail,
            Verdict::Error => Self::Error,
            Verdict::Skip => Self::Skip,
            Verdict::Timeout => Self::Timeout,
            Verdict::Interrupted => Self::Interrupted,
        }
    }
}

impl Outcome {
    /// The name that reports print.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Error => "error",
            Self::Skip => "skip",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::NotRun => "not run",
            Self::Missing => "missing",
            Self::Manual => "manual",
        }
    }
}

/// Tallies by the state of the capability.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Of required capabilities.
    pub required: Tally,
    /// Of advisory capabilities.
    pub advisory: Tally,
    /// Of deprecated capabilities.
    pub deprecated: Tally,
    /// Of removed capabilities.
    pub removed: Tally,
}

/// How many tests came to what; the parts add up to the total.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// All of them, each test once.
    pub total: usize,
    /// Passed, and not flagged.
    pub pass: usize,
    /// Excused, whatever they did.
    pub flagged: usize,
    /// Failed, and not flagged.
    pub fail: usize,
    /// Skipped, and not flagged.
    pub skip: usize,
    /// Error, timeout or interrupted, and not flagged.
    pub error: usize,
    /// Not run, without a native implementation or without a statement, and not flagged.
    pub missing: usize,
}

/// A scope of the Sovereign Cloud Stack, and who is certified under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeShown {
    /// Its UUID.
    pub uuid: String,
    /// Its name.
    pub name: String,
    /// Where its file is published.
    pub link: String,
    /// The name under which the compliance monitor knows the deployment.
    pub subject: String,
}

/// One capability of the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapabilityReport {
    /// Its name in the guideline.
    pub name: String,
    /// Its state in the target; the strongest, where several components list it.
    pub status: State,
    /// The target that its tests were published under, where its state does not tell: `preview`, for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_as: Option<String>,
    /// Whether the deployment has it.
    pub verdict: CapabilityVerdict,
    /// Its tests, in the guideline's order.
    pub tests: Vec<TestReport>,
    /// The project whose API it belongs to.
    pub project: String,
    /// What it is, in one line.
    pub summary: String,
    /// Whether it was published or reconstructed.
    pub origin: Origin,
    /// The clauses that it comes from, where the guideline says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
}

/// One published test and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestReport {
    /// The id of the record that decided it; the published name without such a record.
    pub id: String,
    /// Its published UUID; empty where none was published.
    pub uuid: String,
    /// Its published name.
    pub name: String,
    /// Its own outcome, flagged or not.
    pub verdict: Outcome,
    /// What the documentation promises and the deployment did not keep.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<Finding>,
    /// Why the guideline excuses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Flag>,
    /// Why the outcome is no pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it needs and did not find, when it was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacks: Option<Lack>,
    /// What a person states of it, where that decides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<Statement>,
    /// Whether it has a flag that still holds.
    pub excused: bool,
    /// Whether it stands between the deployment and conformance.
    pub blocks: bool,
    /// What it does and requires, in one line.
    #[serde(default)]
    pub title: String,
    /// The section of the API's documentation it tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// The requirement that was broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Finding>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// How many requests it made.
    pub requests: u32,
    /// What could not be removed after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_behind: Vec<String>,
}

/// The run that was scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunShown {
    /// The run's name.
    pub id: String,
    /// When it began; absent where another tool's results do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<DateTime<Utc>>,
    /// When it ended; absent when it was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<DateTime<Utc>>,
    /// The version of Assay that ran, or that read another tool's results.
    pub assay: String,
    /// The form of the results, where another tool made them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What was tested.
    pub deployment: Deployment,
    /// Which further accounts were given, by the name of the option.
    #[serde(default)]
    pub accounts: IndexMap<String, bool>,
    /// The guideline that selected the tests, when one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guideline: Option<GuidelineUsed>,
    /// The target whose tests were selected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The command line, redacted.
    #[serde(default)]
    pub argv: Vec<String>,
}

/// A test, or a capability without tests, that stands between the deployment and conformance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Obstacle {
    /// The capability that is not met because of it.
    pub capability: String,
    /// The test's published name; absent when the capability has no test at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<String>,
    /// The id of the record that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What came of the test.
    pub verdict: Outcome,
    /// What is required, expected and was seen, where the run says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Finding>,
    /// Why the outcome is no pass.
    pub reason: String,
    /// What to do about it.
    pub next: String,
    /// The command to give then, where one helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Whether a waiver of the vendor's that still holds names it; it blocks all the same.
    pub waived: bool,
}

/// One of the vendor's waivers, and what came of its test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiverReport {
    /// The test, as the waiver names it.
    pub test: String,
    /// Why the vendor expects it not to pass.
    pub reason: String,
    /// Where it is tracked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The last day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<NaiveDate>,
    /// What came of it.
    pub status: WaiverStatus,
    /// What the test did, where the target has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Outcome>,
}

/// What came of a waiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WaiverStatus {
    /// The test did not pass, as the waiver says.
    Expected,
    /// The test passed: the waiver can go.
    UnexpectedPass,
    /// The waiver's last day is over.
    Expired,
    /// The target has no test of that name.
    NoSuchTest,
}

/// What a reader wants to know first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// The answer, in one sentence.
    pub answer: String,
    /// The guideline's title.
    pub guideline_title: String,
    /// The target's title.
    pub target_title: String,
    /// The day on which flags and waivers were judged.
    pub date: NaiveDate,
    /// Whether a deviation in a required test counted as a fail.
    pub strict: bool,
    /// How many required capabilities came to what.
    pub capabilities: CapabilityTally,
    /// The tests of all states, by project.
    pub projects: IndexMap<String, Tally>,
    /// The command that repeats the run under this guideline and target.
    pub again: String,
    /// What makes the answer weaker than it looks.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// How many required capabilities came to what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapabilityTally {
    /// All of them.
    pub total: usize,
    /// Met without a flag.
    pub met: usize,
    /// Met, with flags.
    pub met_with_flags: usize,
    /// Met, with skips that the guideline's rule allows, and possibly with flags.
    #[serde(default)]
    pub met_with_skips: usize,
    /// Not met.
    pub unmet: usize,
    /// Not determined.
    pub unknown: usize,
}

/// The committee's scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    /// The score from which a capability may be required, if the guideline has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<u32>,
    /// The highest score possible.
    pub of: u32,
    /// The score of each capability of the target: the weights of the criteria that it meets.
    pub capabilities: IndexMap<String, u32>,
}

/// A test that was recorded and that the target does not ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherTest {
    /// The id of its record.
    pub id: String,
    /// The UUID of its record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// What happened.
    pub verdict: Verdict,
}
