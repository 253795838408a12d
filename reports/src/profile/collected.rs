//! What was read of a Redfish service.

use assay_guidelines::profile::Version;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The value of `schema` in a file of collected resources of this version.
pub const COLLECTED_SCHEMA: &str = "assay.redfish-resources/1";

/// The address of the service root.
pub(super) const ROOT: &str = "/redfish/v1/";

/// What was read of one Redfish service: a file in a run's folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Collected {
    /// The version of the format: `assay.redfish-resources/1`.
    pub schema: String,
    /// The service.
    pub service: ServiceDescription,
    /// Whether every link of the service was followed to its end.
    pub complete: bool,
    /// What was noticed on the way.
    pub notes: Vec<Note>,
    /// The resources, by address, in the order in which they were read.
    pub resources: IndexMap<String, Resource>,
}

/// What a service is called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceDescription {
    /// Its name in the deployment file.
    pub name: String,
    /// Its address.
    pub endpoint: String,
}

/// Something that was noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Its kind.
    pub kind: NoteKind,
    /// The resource that it was noticed in.
    pub uri: String,
    /// What it is.
    pub message: String,
}

/// The kinds of what may be noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// A link leads out of the service and was not followed.
    OffService,
    /// A link is no address of a resource and was not followed.
    BadLink,
    /// The pages of a collection lead back to one that was read.
    PageLoop,
    /// A bound was reached, and the rest was not read.
    Bound,
    /// Of members that are all alike, only the first were read.
    FirstMembers,
    /// The reading was stopped.
    Stopped,
}

/// One resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// The status that came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The value of the header `Allow`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<String>,
    /// The body, if it is JSON; redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// Why there is no body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The resource whose link led here; of the service root, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What it is for.
    pub role: Role,
}

/// What a resource is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It is a resource of its own.
    Resource,
    /// It takes the settings of another resource, or describes what may be created.
    Settings,
    /// It continues a collection.
    Page,
}

impl Collected {
    /// The resource at an address, as links write it.
    pub(super) fn at(&self, uri: &str) -> Option<&Resource> {
        self.resources.get(uri)
    }

    /// The body at an address, if a resource was read there.
    pub(super) fn object(&self, uri: &str) -> Option<&Map<String, Value>> {
        let resource = self.at(uri)?;
        resource.json.as_ref().filter(|_| resource.status == Some(200))?.as_object()
    }

    /// The type of the resource at an address, without its version.
    pub(super) fn type_of(&self, uri: &str) -> Option<&str> {
        type_name(self.object(uri)?).map(|(name, _)| name)
    }

    /// The addresses from the service root to a resource, by the links that were followed.
    pub(super) fn way_to(&self, uri: &str) -> Vec<String> {
        let mut way = vec![uri.to_owned()];
        while let Some(from) = way.last().and_then(|uri| self.at(uri)).and_then(|resource| resource.from.clone()) {
            if way.contains(&from) || way.len() > 100 {
                break;
            }
            way.push(from);
        }
        way.reverse();
        way
    }
}

/// The name and version in `@odata.type`.
pub(super) fn type_name(object: &Map<String, Value>) -> Option<(&str, Option<Version>)> {
    let whole = object.get("@odata.type")?.as_str()?;
    let (_, name) = whole.rsplit_once('.')?;
    (!name.is_empty()).then(|| (name, Version::within(whole)))
}
