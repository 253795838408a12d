//! A profile as its file states it.

use indexmap::IndexMap;
use serde_json::Value;

use super::version::Version;
use super::words::{Comparison, Demand, Read, Write};

/// A Redfish interoperability profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// What errors and reports call its file.
    pub file: String,
    /// The SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The version of the format, such as `RedfishInteroperabilityProfile.v1_8_0`.
    pub schema_definition: Option<String>,
    /// What it is for.
    pub purpose: Option<String>,
    /// Who made it.
    pub owner: Option<String>,
    /// What it asks of the protocol.
    pub protocol: Protocol,
    /// The profiles whose requirements are part of it, by name.
    pub required: IndexMap<String, Required>,
    /// What it asks of resources, by type; a type without use cases has one without a title.
    pub resources: IndexMap<String, Vec<UseCase>>,
    /// What it asks of message registries, by name.
    pub registries: IndexMap<String, Registry>,
    /// What its file has and the specification does not define, or what Assay does not evaluate.
    pub unknown: Vec<Unknown>,
}

/// Something in a profile that is not evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The keys that lead to it.
    pub path: String,
    /// What is the matter, and what to do.
    pub message: String,
}

/// A profile that another one requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Required {
    /// The least version of it.
    pub min_version: Version,
    /// The line that asks for it.
    pub line: usize,
    /// Its column.
    pub column: usize,
}

/// What a profile asks of the protocol.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Protocol {
    /// The least version of the Redfish specification that the service supports.
    pub min_version: Option<(Version, usize)>,
    /// The features, by the name that the profile gives them, such as `ExpandQuery`.
    pub features: IndexMap<String, Feature>,
}

/// A feature of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// Whether it is required.
    pub demand: Demand,
    /// The line that says so.
    pub line: usize,
}

/// What a profile asks of the resources of a type, or of some of them.
#[derive(Debug, Clone, PartialEq)]
pub struct UseCase {
    /// The title of the use case; a type without use cases has none.
    pub title: Option<String>,
    /// Which resources of the type it is about, beside `uris`.
    pub applies: Applies,
    /// The addresses of the resources it is about; any, if there are none.
    pub uris: Vec<String>,
    /// The least version of the resource's schema.
    pub min_version: Option<Version>,
    /// Whether such a resource must be there.
    pub read: Read,
    /// Members can be created.
    pub create: bool,
    /// Members can be deleted.
    pub delete: bool,
    /// Members can be changed.
    pub update: bool,
    /// What it is for.
    pub purpose: Option<String>,
    /// Under which conditions more is required.
    pub conditions: Vec<Condition>,
    /// What it asks of properties.
    pub properties: IndexMap<String, Property>,
    /// What it asks of actions.
    pub actions: IndexMap<String, Action>,
    /// The line it stands in.
    pub line: usize,
}

/// Which resources of a type a use case is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Applies {
    /// All.
    Always,
    /// Those whose `Status` says that they are absent.
    Absent,
    /// Those of which a property compares well.
    Key {
        /// The property, from the root of the resource.
        property: String,
        /// The comparison.
        check: Check,
    },
    /// Those below a resource of which a property compares well.
    Below {
        /// The type of that resource.
        resource: &'static str,
        /// Its property.
        property: &'static str,
        /// The comparison.
        check: Check,
    },
}

/// A comparison with values.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// How they are compared.
    pub comparison: Comparison,
    /// The values.
    pub values: Vec<Value>,
}

/// A condition under which more is required.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Whether it must then be there.
    pub read: Read,
    /// Whether it must then be writable; as without the condition, if it says nothing.
    pub write: Option<Write>,
    /// What it is for.
    pub purpose: Option<String>,
    /// The addresses of the resources it is about; any, if there are none.
    pub uris: Vec<String>,
    /// The types of the resources above, from the topmost; any, if there are none.
    pub subordinate_to: Vec<String>,
    /// The property that is compared, and how.
    pub compare: Option<(String, Check)>,
    /// The values that the property must then have.
    pub check: Option<Check>,
    /// The line it stands in.
    pub line: usize,
}

/// What a profile asks of a property.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Whether it must be there.
    pub read: Read,
    /// Whether it must be writable.
    pub write: Write,
    /// What it is for.
    pub purpose: Option<String>,
    /// The least number of items of an array.
    pub min_count: Option<u64>,
    /// The values that can be written at least.
    pub min_support_values: Vec<String>,
    /// The values that it must have.
    pub check: Option<Check>,
    /// Under which conditions more is required.
    pub conditions: Vec<Condition>,
    /// An older property that may stand for it.
    pub replaces: Option<String>,
    /// A newer property; where it is there, this one is not asked for.
    pub replaced_by: Option<String>,
    /// What it asks of the properties within.
    pub properties: IndexMap<String, Property>,
    /// The line it stands in.
    pub line: usize,
}

/// What a profile asks of an action.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Whether it must be there.
    pub read: Read,
    /// What it is for.
    pub purpose: Option<String>,
    /// Whether a resource must describe its parameters.
    pub action_info: Demand,
    /// What it asks of parameters.
    pub parameters: IndexMap<String, Parameter>,
    /// The line it stands in.
    pub line: usize,
}

/// What a profile asks of a parameter of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Whether it must be supported.
    pub read: Read,
    /// The values that must be supported.
    pub values: Vec<String>,
    /// The values that should be.
    pub recommended: Vec<String>,
    /// The line it stands in.
    pub line: usize,
}

/// What a profile asks of a message registry.
#[derive(Debug, Clone, PartialEq)]
pub struct Registry {
    /// Whether it must be supported.
    pub read: Read,
    /// The least version of it.
    pub min_version: Option<Version>,
    /// What it is for.
    pub purpose: Option<String>,
    /// The messages.
    pub messages: IndexMap<String, (Read, usize)>,
    /// The line it stands in.
    pub line: usize,
}
