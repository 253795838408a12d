//! Users, projects and domains, as they are named.

use serde_json::json;

/// A user or project, by id, or by name and domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// By id.
    Id(String),
    /// By name, within a domain.
    Name {
        /// Its name.
        name: String,
        /// Its domain.
        domain: Domain,
    },
}

/// A domain, by id or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Domain {
    /// By id.
    Id(String),
    /// By name.
    Name(String),
}

impl Principal {
    pub(crate) fn json(&self) -> serde_json::Value {
        match self {
            Self::Id(id) => json!({"id": id}),
            Self::Name { name, domain: Domain::Id(id) } => json!({"name": name, "domain": {"id": id}}),
            Self::Name { name, domain: Domain::Name(domain) } => json!({"name": name, "domain": {"name": domain}}),
        }
    }
}
