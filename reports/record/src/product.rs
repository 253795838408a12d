//! What the vendor says of the product under test.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was certified, in the vendor's own words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Who makes or runs it.
    pub vendor: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What sort of product it is.
    #[serde(rename = "type")]
    pub kind: ProductKind,
    /// Whom to write to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// What it runs on and how it was set up, in the vendor's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The projects whose designated sections the vendor attests to be contained unaltered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub designated_sections: Vec<String>,
}

/// What sort of product it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProductKind {
    /// Software that others install.
    Distribution,
    /// A cloud that is offered to the public.
    PublicCloud,
    /// A cloud that is operated for one customer.
    HostedPrivateCloud,
    /// Hardware with the software on it.
    Appliance,
}

impl ProductKind {
    /// The name that reports print.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Distribution => "distribution",
            Self::PublicCloud => "public cloud",
            Self::HostedPrivateCloud => "hosted private cloud",
            Self::Appliance => "appliance",
        }
    }
}
