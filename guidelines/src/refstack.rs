//! How the OpenStack interoperability programme and RefStack name things, which import and export share.

use chrono::NaiveDate;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::model::{Interface, OperationList, Origin, Published, Requirement, Rule, State};

/// The versions of the format that are read.
pub(crate) const SCHEMAS: [&str; 6] = ["1.2", "1.3", "1.4", "1.5", "1.6", "2.0"];

/// Where the format of 2.0 is described.
pub(crate) const REFERENCE: &str = "https://opendev.org/openstack/interop/raw/branch/master/doc/source/schema/2.0.json";

/// The key under which an exported file says what its format has no place for. Other readers pass it over.
pub(crate) const OURS: &str = "assay";

/// The families' names begin with this.
const FAMILY: &str = "openstack-";
/// The family whose ids have no name in them.
const POWERED: &str = "powered";

/// The id here of a published one: `2020.06` is `openstack-powered/2020.06`, `dns.2020.06` is `openstack-dns/2020.06`.
pub(crate) fn id_of(published: &str) -> Option<String> {
    let (name, version) = match published.split_once('.') {
        Some((name, version)) if name.starts_with(|letter: char| letter.is_ascii_lowercase()) => (name, version),
        _ => (POWERED, published),
    };
    let is_name = name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    let is_version = version.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && version.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter));
    (is_name && is_version && version != "latest").then(|| format!("{FAMILY}{name}/{version}"))
}

/// The published id of one here.
pub(crate) fn published_id(id: &str) -> String {
    let (family, version) = id.split_once('/').unwrap_or((POWERED, id));
    let name = family.strip_prefix(FAMILY).unwrap_or(family);
    if name == POWERED { version.to_owned() } else { format!("{name}.{version}") }
}

/// Whether the name of a file can be meant as a published id: a version by year and month, or `next`.
pub(crate) fn is_published_id(text: &str) -> bool {
    let version = match text.split_once('.') {
        Some((name, version)) if name.chars().all(|letter| letter.is_ascii_lowercase()) && !name.is_empty() => version,
        _ => text,
    };
    version == "next" || month(version).is_some_and(|(_, rest)| rest.is_empty())
}

/// The first day of the month that a text begins with, such as `2018.02` or `2018-02`, and what follows it.
pub(crate) fn month(text: &str) -> Option<(NaiveDate, &str)> {
    let (year, rest) = (text.get(..4)?, text.get(4..)?);
    let rest = rest.strip_prefix(['.', '-'])?;
    let (month, rest) = (rest.get(..2)?, rest.get(2..)?);
    let is_number = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number(year) || !is_number(month) {
        return None;
    }
    Some((NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)?, rest))
}

/// The component of another guideline that a published name and address mean.
pub(crate) fn requirement(name: &str, source: &str) -> Option<Requirement> {
    let file = source.rsplit('/').next()?.strip_suffix(".json")?;
    let guideline = id_of(file)?;
    let component = older_name(&guideline, name).unwrap_or(name);
    Some(Requirement {
        component: component.to_owned(),
        published_as: (component != name).then(|| name.to_owned()),
        guideline,
        source: Some(source.to_owned()),
    })
}

/// What a component was called in a guideline of before 2018.02, where the names of today came up.
fn older_name(guideline: &str, component: &str) -> Option<&'static str> {
    let version = guideline.strip_prefix(FAMILY)?.strip_prefix(POWERED)?.strip_prefix('/')?;
    if month(version)?.0 >= month("2018.02")?.0 {
        return None;
    }
    match component {
        "os_powered_compute" => Some("compute"),
        "os_powered_storage" => Some("object"),
        _ => None,
    }
}

/// The name that `--target` takes for a published programme: `OpenStack Powered NFV Platform` is `nfv-platform`.
pub(crate) fn target_of(title: &str) -> String {
    let short = title.strip_prefix("OpenStack Powered ").unwrap_or(title).to_lowercase();
    let words = short.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// The programmes that existed before files named them, by the components of their time: the name that `--target`
/// takes, the title, and what they cover.
pub(crate) const PROGRAMMES: [(&str, &str, &str, &str); 2] = [
    (
        "compute",
        "compute",
        "OpenStack Powered Compute",
        "Servers with the identity, image, network and block storage services they need.",
    ),
    (
        "object",
        "storage",
        "OpenStack Powered Storage",
        "Object storage, with the part of identity that a client logs in with.",
    ),
];

/// The programme of all of them together.
pub(crate) const PLATFORM: (&str, &str, &str) = (
    "platform",
    "OpenStack Powered Platform",
    "Identity, compute, image, network, block storage and object storage together.",
);

/// What an exported file says of the guideline itself.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfGuideline {
    pub id: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    #[serde(default, skip_serializing_if = "Rule::is_default")]
    pub rule: Rule,
}

/// What an exported file says of a target.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfTarget {
    pub target: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// What an exported file says of a component.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfComponent {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<Interface>,
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub parameters: IndexMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
}

/// What an exported file says of a component that stands in another guideline.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfRequirement {
    pub guideline: String,
    pub component: String,
    #[serde(default)]
    pub published_source: bool,
}

/// What an exported file says of a capability.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfCapability {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_as: Option<String>,
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub misspelt: IndexMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guidelines: Vec<String>,
    #[serde(default, skip_serializing_if = "Origin::is_published")]
    pub origin: Origin,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlisted: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untested: Option<String>,
    #[serde(default, skip_serializing_if = "OperationList::is_empty")]
    pub operations: OperationList,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
}

/// What an exported file says of a test.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfTest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface: Option<Interface>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub manual: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
}

/// What an exported file says of a flag.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfFlag {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_as: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<NaiveDate>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_go_both_ways() {
        for (published, id) in [
            ("2020.06", "openstack-powered/2020.06"),
            ("next", "openstack-powered/next"),
            ("dns.2018.02", "openstack-dns/2018.02"),
            ("nfv.next", "openstack-nfv/next"),
        ] {
            assert_eq!(id_of(published).as_deref(), Some(id));
            assert_eq!(published_id(id), published);
            assert!(is_published_id(published), "{published}");
        }
        assert_eq!(id_of("a b"), None);
        assert_eq!(id_of(""), None);
        for name in ["schema", "2020", "2020.06.1", "my-file"] {
            assert!(!is_published_id(name), "{name}");
        }
    }

    #[test]
    fn a_component_of_before_2018_02_has_the_name_of_its_time() {
        let of = |name, version| requirement(name, &format!("http://opendev.org/openstack/interop/{version}.json"));
        let older = of("os_powered_compute", "2017.09").unwrap();
        assert_eq!((older.component.as_str(), older.published_as.as_deref()), ("compute", Some("os_powered_compute")));
        let newer = of("os_powered_compute", "2018.02").unwrap();
        assert_eq!((newer.component.as_str(), newer.published_as), ("os_powered_compute", None));
        assert_eq!(newer.guideline, "openstack-powered/2018.02");
        assert_eq!(requirement("a", "http://opendev.org/"), None);
    }
}
