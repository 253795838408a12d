//! What `assay doctor` finds of a deployment, as `--json` prints it.

use std::collections::BTreeMap;

use assay_kit::Role;
use assay_kit::deployment::Found;
use assay_kit::http::redact::Redactor;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The value of `schema` in findings of this version.
pub const SCHEMA: &str = "assay.doctor/1";

/// All that was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Findings {
    /// The version of the format: `assay.doctor/1`.
    pub schema: &'static str,
    pub accounts: Vec<Account>,
    pub services: Vec<Service>,
    pub machines: Vec<Machine>,
    /// What tests use of what the deployment offers.
    pub choices: Vec<Choice>,
    /// Whether servers can be logged in to, where a test asks for it.
    pub guests: Option<String>,
    pub warnings: Vec<String>,
    /// The hosts beside the identity service's to which tokens are sent.
    pub other_hosts: Vec<String>,
    pub proxies: Vec<Proxy>,
    pub tests: Tests,
    /// The tests that would not run, by the reason.
    pub not_run: BTreeMap<String, Vec<&'static str>>,
}

/// How much of what a deployment says is shown, in bytes.
const SAID: usize = 4 * 1024;

impl Findings {
    /// The same without secrets, whatever a deployment said. All texts pass here but our own words.
    pub fn redacted(mut self, redactor: &Redactor) -> Self {
        let redact = |text: &mut String| {
            let (said, whole) = redactor.beginning(text, SAID);
            *text = if whole { said } else { said + "…" };
        };
        for account in &mut self.accounts {
            account
                .roles
                .iter_mut()
                .chain(&mut account.project)
                .chain(&mut account.domain)
                .chain([&mut account.user])
                .for_each(redact);
        }
        for service in &mut self.services {
            match &mut service.state {
                State::Ready { url, version } => [url, version].into_iter().for_each(redact),
                State::Absent { reason } | State::Unreachable { reason } => redact(reason),
            }
        }
        for machine in &mut self.machines {
            redact_value(&mut machine.name, &redact);
            match &mut machine.id {
                Id::Id(id) => redact_value(id, &redact),
                Id::Reason(reason) => redact(reason),
            }
        }
        for choice in &mut self.choices {
            choice.name.iter_mut().chain(&mut choice.id).chain([&mut choice.why]).for_each(redact);
        }
        self.guests.iter_mut().chain(&mut self.warnings).chain(&mut self.other_hosts).for_each(redact);
        let reasons = std::mem::take(&mut self.not_run);
        for (mut reason, tests) in reasons {
            redact(&mut reason);
            self.not_run.entry(reason).or_default().extend(tests);
        }
        self
    }
}

/// Redacts a value. A list or an object is redacted as its text.
fn redact_value(value: &mut Value, redact: &dyn Fn(&mut String)) {
    match value {
        Value::String(text) => redact(text),
        Value::Null | Value::Bool(_) => {}
        Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            let mut text = value.to_string();
            redact(&mut text);
            *value = Value::String(text);
        }
    }
}

/// An account that was logged in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Account {
    #[schemars(with = "String")]
    pub role: Role,
    pub cloud: String,
    pub method: &'static str,
    pub user: String,
    pub project: Option<String>,
    /// The domain that the token is for, of the manager of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    pub roles: Vec<String>,
    pub expires: Option<DateTime<Utc>>,
    /// By how many seconds this machine's clock is before the deployment's.
    pub clock_seconds: Option<i64>,
    pub certificates_verified: bool,
}

/// A service.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Service {
    #[serde(rename = "service")]
    pub name: String,
    #[serde(flatten)]
    pub state: State,
}

/// Whether a service can be tested.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum State {
    Ready { url: String, version: String },
    Absent { reason: String },
    Unreachable { reason: String },
}

/// A machine that tests may change.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Machine {
    pub service: String,
    /// Its name, as the deployment file or the service says it.
    #[serde(rename = "machine")]
    pub name: Value,
    #[serde(flatten)]
    pub id: Id,
}

/// What a service calls a machine, or why it is not found.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Id {
    Id(Value),
    Reason(String),
}

/// What tests use, such as an image or a network.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Choice {
    /// What it is, such as `flavor`.
    #[serde(rename = "choice")]
    pub what: &'static str,
    /// Its name; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its id; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why it is this one, or why there is none and what follows.
    pub why: String,
}

/// A proxy that the environment names.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Proxy {
    pub variable: String,
    pub url: String,
}

/// How many tests there are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tests {
    pub selected: usize,
    pub can_run: usize,
    /// The published tests without a native implementation.
    pub missing: Vec<String>,
}

impl From<&Found> for State {
    fn from(found: &Found) -> Self {
        match found {
            Found::Ready { api, version, .. } => Self::Ready { url: api.clone(), version: version.clone() },
            Found::Absent(reason) => Self::Absent { reason: reason.clone() },
            Found::Unreachable(reason) => Self::Unreachable { reason: reason.clone() },
        }
    }
}
