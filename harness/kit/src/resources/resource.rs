//! Something that a test creates or changes, as data.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::kind::Kind;
use crate::guard;
use crate::session::Role;

/// Something that a test creates, or a setting that it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// What it is.
    pub kind: Kind,
    /// Its generated name.
    pub name: String,
    /// Whose it is.
    pub role: Role,
    /// Its id, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The value that a changed setting had before; no secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
}

impl Resource {
    /// A resource of the member's, not created yet.
    #[must_use]
    pub fn new(kind: Kind, name: &str) -> Self {
        Self { kind, name: name.to_owned(), role: Role::Member, id: None, previous: None }
    }

    /// The same, of another account.
    #[must_use]
    pub fn of(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// Whether both are about the same thing.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        (self.kind, &self.name, self.role) == (other.kind, &other.name, other.role)
    }

    /// Takes from it what only the run itself can be believed: of a setting that it changed, all but the power and the state
    /// of a machine goes.
    pub fn distrust(&mut self) {
        let allowed = |value: &Value, wanted: &[&str]| value.as_str().is_some_and(|value| wanted.contains(&value));
        let Some(previous) = self.previous.take() else { return };
        let before: Value = serde_json::from_str(&previous).unwrap_or_default();
        let mut kept = serde_json::Map::new();
        let fields: &[(&str, &[&str])] = match self.kind {
            Kind::Machine => {
                &[("provision_state", &["available", "manageable"]), ("power_state", &["power on", "power off"])]
            }
            Kind::RedfishSystem => &[("power", &["On", "Off"])],
            _ => return,
        };
        for (field, values) in fields {
            if allowed(&before[*field], values) {
                kept.insert((*field).to_owned(), before[*field].clone());
            }
        }
        self.previous = Some(Value::Object(kept).to_string());
    }

    /// What is wrong with it, where it comes from a file: an id that its kind cannot have, or a name that leads elsewhere.
    pub fn check(&self) -> Result<(), String> {
        let sound = match (self.kind, &self.id) {
            (_, None) => true,
            // Their id is a path, a number, or the name of an object.
            (
                Kind::RedfishSession | Kind::RedfishAccount | Kind::RedfishSubscription | Kind::RedfishSystem,
                Some(path),
            ) => path.starts_with('/') && path.split('/').skip(1).all(|part| part.is_empty() || guard::is_id(part)),
            (Kind::Object, Some(name)) => !name.is_empty() && name.len() <= 1024,
            (_, Some(id)) => guard::is_id(id),
        };
        let named = !self.name.is_empty() && self.name.len() <= 255 && !self.name.chars().any(char::is_control);
        match (named, sound) {
            (false, _) => Err(format!("the name of the {} is invalid", self.kind.name())),
            (_, false) => Err(format!("the id of the {} is invalid", self.kind.name())),
            _ => Ok(()),
        }
    }
}

impl std::fmt::Display for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} `{}`", self.kind.name(), self.name)?;
        if let Some(id) = &self.id {
            write!(f, " ({id})")?;
        }
        if self.role == Role::Member { Ok(()) } else { write!(f, " of the {} account", self.role) }
    }
}
