//! What a run leaves in its folder, as files that anyone can read again.
//!
//! `run.json` holds a [`Run`]; `results.jsonl` holds one [`TestRecord`] a line; `transcripts/<test id>.jsonl` holds one
//! [`Exchange`] a line. Nothing in them is secret: what is redacted is replaced before it is written.

pub mod folder;
mod lack;
pub mod manifest;
pub mod naming;
pub mod plain;
pub mod product;
pub mod state;
pub mod writing;

pub use folder::{RunFolder, RunFolderError};
pub use lack::{Lack, LackKind};

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The value of `schema` in a `run.json` of this version.
pub const SCHEMA: &str = "assay.run/1";

/// The time at which nothing began: it stands where results do not say when they were made.
pub const UNKNOWN_TIME: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// What was tested, with what and how: `run.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The version of the format: `assay.run/1`.
    pub schema: String,
    /// The run's name; everything it creates has a name that begins with it.
    pub id: String,
    /// When it began; [`UNKNOWN_TIME`] where another tool's results do not say.
    pub started: DateTime<Utc>,
    /// When it ended; absent while it runs, and for ever when it was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<DateTime<Utc>>,
    /// The version of Assay that ran, or that read another tool's results.
    pub assay: String,
    /// The form of the results, such as `subunit v2`, where another tool made them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The guideline that selected the tests, when one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guideline: Option<GuidelineUsed>,
    /// The target whose tests were selected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What was tested.
    pub deployment: Deployment,
    /// The vendor's own description of the product, from `--product`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<crate::product::Product>,
    /// Which further accounts were given, by the name of the option (`alt-cloud`, `reseller-cloud`, `spare-cloud`).
    #[serde(default)]
    pub accounts: IndexMap<String, bool>,
    /// The settings in force, redacted.
    #[serde(default)]
    pub configuration: IndexMap<String, serde_json::Value>,
    /// The command line, redacted.
    pub argv: Vec<String>,
    /// The ids of the tests that were selected to run.
    pub selected: Vec<String>,
}

/// A guideline as a run used it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GuidelineUsed {
    /// Its id, `family/version`.
    pub id: String,
    /// The SHA-256 of its file, in hexadecimal.
    pub sha256: String,
}

/// What was tested.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deployment {
    /// The name of the cloud in clouds.yaml, or `reference`.
    pub name: String,
    /// Whether it is Assay's own reference deployment, which is no product.
    #[serde(default)]
    pub reference: bool,
    /// The identity service's address.
    pub auth_url: String,
    /// The region, when one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The endpoints that were used, by service type.
    #[serde(default)]
    pub endpoints: IndexMap<String, String>,
    /// The API versions that were found, by service type.
    #[serde(default)]
    pub versions: IndexMap<String, String>,
    /// Whether certificates were verified, and no token or password went in clear text.
    pub tls_verified: bool,
    /// When the run began, by the deployment's own clock, where it told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<DateTime<Utc>>,
    /// The id of the project of each account: `member`, `alt` and so on.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub projects: IndexMap<String, String>,
    /// The hosts other than the identity service's to which tokens were sent, as origins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_hosts: Vec<String>,
    /// The services to which tokens or passwords went in clear text: on another machine, or although the identity service has TLS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cleartext: Vec<String>,
}

/// The outcome of one test: a line of `results.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestRecord {
    /// The native id (`identity.tokens.create-with-password`), or the published name in another tool's results.
    pub id: String,
    /// The UUID of the published test that it covers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// What it does and requires, in one line.
    #[serde(default)]
    pub title: String,
    /// The section of the API's documentation it tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// What happened.
    pub verdict: Verdict,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<DateTime<Utc>>,
    /// How long it took, clean-up included, in milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
    /// Why the verdict is no pass, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the test needs and does not find, when the verdict is `skip`; absent in another tool's results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacks: Option<Lack>,
    /// The requirement that was broken, when the verdict is `fail`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Finding>,
    /// What the documentation promises and the deployment did not keep, beside a pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<Finding>,
    /// What could not be removed after the test.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_behind: Vec<String>,
    /// How many requests the test made, retries included.
    #[serde(default)]
    pub requests: u32,
}

/// What happened in one test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
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
}

/// Something required or expected that did not hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What is required, as a sentence.
    pub requirement: String,
    /// What should have been seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// The number of the exchange in the test's transcript that shows it, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<u32>,
    /// The service's own id of that request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// A `curl` line that repeats that request; its token stands as `$OS_TOKEN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curl: Option<String>,
}

/// One request and what came back: a line of a transcript.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exchange {
    /// Its number within the test, from 1.
    pub number: u32,
    /// When it was sent.
    pub started: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Which attempt it is, from 1; only transport errors are tried again.
    pub attempt: u32,
    /// Whose credentials it used: `member`, `alt`, `reseller`, `spare`, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Its method.
    pub method: String,
    /// Its address.
    pub url: String,
    /// Its headers, redacted.
    pub request_headers: Vec<(String, String)>,
    /// Its body, redacted and cut to size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_body: Option<String>,
    /// The status that came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The headers that came back, redacted.
    #[serde(default)]
    pub response_headers: Vec<(String, String)>,
    /// The body that came back, redacted and cut to size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_body: Option<String>,
    /// Why nothing came back, when nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
