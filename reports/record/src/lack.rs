//! What a skipped test needs and does not find.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a skipped test needs and does not find.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Lack {
    /// Of what kind it is.
    pub kind: LackKind,
    /// The type of the service that it belongs to, such as `compute`; absent where it belongs to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Its name: see the kinds. Absent for a service, a machine and a guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Of what kind it is that a skipped test lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LackKind {
    /// An account. Its name is that of the option that gives it, such as `alt-cloud`.
    Account,
    /// A service.
    Service,
    /// An extension of a service, by its alias.
    Extension,
    /// A microversion of a service.
    Microversion,
    /// A machine that tests may change.
    Machine,
    /// A feature of a service or of a machine.
    Feature,
    /// Something that the deployment offers for use, such as an external network or a second flavor.
    Resource,
    /// Something that the user has to say. Its name is the key in the file that says it.
    Setting,
    /// A server that can be logged in to.
    Guest,
    /// Something that this version of Assay does not know.
    #[serde(other)]
    Other,
}

impl Lack {
    fn new(kind: LackKind, service: Option<String>, name: Option<String>) -> Self {
        Self { kind, service, name }
    }

    /// An account, by the option that gives it (`alt-cloud`).
    #[must_use]
    pub fn account(option: &str) -> Self {
        Self::new(LackKind::Account, None, Some(option.trim_start_matches('-').to_owned()))
    }

    /// A service.
    pub fn service(service: impl fmt::Display) -> Self {
        Self::new(LackKind::Service, Some(service.to_string()), None)
    }

    /// An extension of a service.
    pub fn extension(service: impl fmt::Display, alias: &str) -> Self {
        Self::new(LackKind::Extension, Some(service.to_string()), Some(alias.to_owned()))
    }

    /// A microversion of a service.
    pub fn microversion(service: impl fmt::Display, version: &str) -> Self {
        Self::new(LackKind::Microversion, Some(service.to_string()), Some(version.to_owned()))
    }

    /// A machine of a service that tests may change.
    pub fn machine(service: impl fmt::Display) -> Self {
        Self::new(LackKind::Machine, Some(service.to_string()), None)
    }

    /// A feature of a service, or of a machine that the service manages.
    pub fn feature(service: impl fmt::Display, name: &str) -> Self {
        Self::new(LackKind::Feature, Some(service.to_string()), Some(name.to_owned()))
    }

    /// Something that a service offers for use.
    pub fn resource(service: impl fmt::Display, name: &str) -> Self {
        Self::new(LackKind::Resource, Some(service.to_string()), Some(name.to_owned()))
    }

    /// Something that the user has to say, by its key.
    #[must_use]
    pub fn setting(key: &str) -> Self {
        Self::new(LackKind::Setting, None, Some(key.to_owned()))
    }

    /// A server that can be logged in to.
    #[must_use]
    pub fn guest() -> Self {
        Self::new(LackKind::Guest, Some("compute".to_owned()), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_a_later_version_is_read() {
        let lack: Lack = serde_json::from_str(r#"{"kind": "region", "name": "two", "since": 3}"#).unwrap();
        assert_eq!(lack, Lack::new(LackKind::Other, None, Some("two".into())));
    }

    #[test]
    fn an_account_goes_by_its_option_without_dashes() {
        assert_eq!(
            serde_json::to_value(Lack::account("--alt-cloud")).unwrap(),
            serde_json::json!({"kind": "account", "name": "alt-cloud"})
        );
    }
}
