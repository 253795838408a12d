//! Specifications of standard images, as [scs-0104](https://docs.scs.community/standards/scs-0104-v1-standard-images) has
//! them: what images are called, and where they come from. `--image-spec` names a published one or a file:
//!
//! ```yaml
//! images:
//!   - name: Ubuntu 26.04
//!     source: [https://cloud-images.ubuntu.com/releases/resolute/]
//!   - name: our-capi-image
//!     name_scheme: our-capi-image-v[0-9]+
//!     source: [https://images.example.org/capi/]
//!     status: recommended
//! ```

use std::path::Path;
use std::sync::LazyLock;

use assay_text::written::problem::{Code, Collector};
use assay_text::written::{Errors, Kind, Node, read, schema::schema};
use regex_lite::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

/// A specification of standard images.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageSpec {
    /// The images.
    #[schemars(length(min = 1))]
    pub images: Vec<StandardImage>,
}

/// Images of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StandardImage {
    /// Their name, or what the specification calls them where they have several.
    #[schemars(length(min = 1))]
    pub name: String,
    /// A regular expression that their names begin with, where they have several.
    #[serde(default)]
    pub name_scheme: Option<String>,
    /// What the address that they come from begins with: one of these.
    #[schemars(length(min = 1))]
    pub source: Vec<String>,
    /// Whether there must be one. What a test case asks for is its guideline's matter.
    #[serde(default)]
    pub status: Option<Status>,
}

/// Whether an image must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It must.
    Mandatory,
    /// It should.
    Recommended,
    /// It may.
    Optional,
}

/// An image that a test case asks for.
struct Known {
    key: &'static str,
    name: &'static str,
    scheme: Option<&'static str>,
    source: &'static [&'static str],
}

/// Where images for nodes of Kubernetes are built.
const NODES: &[&str] = &[
    "https://nbg1.your-objectstorage.com/osism/openstack-k8s-capi-images/",
    "https://swift.services.a.regiocloud.tech/swift/v1/AUTH_b182637428444b9aa302bb8d5a5a418c/openstack-k8s-capi-images/ubuntu-2404-kube",
    "https://swift.services.a.regiocloud.tech/swift/v1/AUTH_b182637428444b9aa302bb8d5a5a418c/openstack-k8s-capi-images/ubuntu-2204-kube",
];

const fn plain(name: &'static str, source: &'static [&'static str]) -> Known {
    Known { key: name, name, scheme: None, source }
}

/// The images that the test cases of scs-0104 know, by the key that they know each by.
static KNOWN: [Known; 9] = [
    Known {
        key: "ubuntu-capi-image-1",
        name: "ubuntu-capi-image",
        scheme: Some(r"ubuntu-capi-image v[0-9]\.[0-9]+(\.[0-9]+)?"),
        source: NODES,
    },
    Known {
        key: "ubuntu-capi-image-2",
        name: "ubuntu-capi-image",
        scheme: Some(r"ubuntu-capi-image-v[0-9]\.[0-9]+(\.[0-9]+)?"),
        source: NODES,
    },
    plain(
        "Ubuntu 24.04",
        &["https://cloud-images.ubuntu.com/releases/noble/", "https://cloud-images.ubuntu.com/noble/"],
    ),
    plain(
        "Ubuntu 22.04",
        &["https://cloud-images.ubuntu.com/releases/jammy/", "https://cloud-images.ubuntu.com/jammy/"],
    ),
    plain(
        "Ubuntu 20.04",
        &["https://cloud-images.ubuntu.com/releases/focal/", "https://cloud-images.ubuntu.com/focal/"],
    ),
    plain(
        "Debian 13",
        &["https://cloud.debian.org/images/cloud/trixie/", "https://cdimage.debian.org/cdimage/cloud/trixie/"],
    ),
    plain(
        "Debian 12",
        &["https://cloud.debian.org/images/cloud/bookworm/", "https://cdimage.debian.org/cdimage/cloud/bookworm/"],
    ),
    plain(
        "Debian 11",
        &["https://cloud.debian.org/images/cloud/bullseye/", "https://cdimage.debian.org/cdimage/cloud/bullseye/"],
    ),
    plain(
        "Debian 10",
        &["https://cloud.debian.org/images/cloud/buster/", "https://cdimage.debian.org/cdimage/cloud/buster/"],
    ),
];

/// The published specifications: that of v4 of the scope, and that of v5 and later.
const PUBLISHED: [(&str, &[&str]); 2] = [
    (
        "scs-0104-v1-images",
        &["Ubuntu 22.04", "ubuntu-capi-image-1", "Ubuntu 20.04", "Debian 12", "Debian 11", "Debian 10"],
    ),
    (
        "scs-0104-v1-images-v5",
        &["Ubuntu 24.04", "Debian 12", "ubuntu-capi-image-2", "Ubuntu 22.04", "Ubuntu 20.04", "Debian 11", "Debian 10"],
    ),
];

impl Known {
    fn image(&self) -> StandardImage {
        let source = self.source.iter().map(|beginning| (*beginning).to_owned()).collect();
        StandardImage { name: self.name.to_owned(), name_scheme: self.scheme.map(str::to_owned), source, status: None }
    }
}

impl ImageSpec {
    /// A published specification by its name, with or without `.yaml`; none of that name otherwise.
    #[must_use]
    pub fn published(name: &str) -> Option<Self> {
        let name = name.strip_suffix(".yaml").unwrap_or(name);
        let (_, keys) = PUBLISHED.iter().find(|(published, _)| *published == name)?;
        let images = keys.iter().filter_map(|key| known(key)).map(Known::image).collect();
        Some(Self { images })
    }

    /// The published specification of a name, or else the one in the file of that name.
    pub fn read(name: &Path) -> Result<Self, Errors> {
        if let Some(published) = name.to_str().and_then(Self::published) {
            return Ok(published);
        }
        Self::parse(&name.display().to_string(), &read::text_of(&KIND, name)?)
    }

    /// Reads the text of a file; `name` is what errors call it.
    pub fn parse(name: &str, text: &str) -> Result<Self, Errors> {
        read::parse_as(&KIND, name, text, check)
    }

    /// What the test case that knows an image by `key` asks of it: what this says of it, or what is published of it.
    #[must_use]
    pub fn standard(spec: Option<&Self>, key: &str) -> Option<StandardImage> {
        let known = known(key)?;
        let given = spec.and_then(|spec| spec.images.iter().find(|image| image.name == known.name));
        Some(given.cloned().unwrap_or_else(|| known.image()))
    }

    /// The names of images that no test case asks for.
    #[must_use]
    pub fn unasked(&self) -> Vec<&str> {
        let names = self.images.iter().map(|image| image.name.as_str());
        names.filter(|name| KNOWN.iter().all(|known| known.name != *name)).collect()
    }
}

fn known(key: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.key == key)
}

impl StandardImage {
    /// Whether an image of this name is meant.
    #[must_use]
    pub fn fits(&self, name: &str) -> bool {
        match &self.name_scheme {
            Some(scheme) => beginning(scheme).is_ok_and(|scheme| scheme.is_match(name)),
            None => self.name == name,
        }
    }

    /// The names in words.
    #[must_use]
    pub fn names(&self) -> String {
        match &self.name_scheme {
            Some(scheme) => format!("a name that begins as `{scheme}` says"),
            None => format!("`{}`", self.name),
        }
    }
}

/// The expression for names that begin so.
fn beginning(scheme: &str) -> Result<Regex, regex_lite::Error> {
    Regex::new(&format!("^(?:{scheme})"))
}

static KIND: Kind = Kind {
    noun: "specification of images",
    version: "",
    schema: LazyLock::new(schema::<ImageSpec>),
    file: None,
    help: "`assay schema image-spec`",
    explain: |_, _| None,
    has_anchors: true,
    is_secret: false,
};

fn check(root: &Node, found: &mut Collector) {
    for image in root.get("images").into_iter().flat_map(Node::items) {
        if let Some(scheme) = image.get("name_scheme")
            && let Some(Err(error)) = scheme.text().map(beginning)
        {
            let message = format!("invalid regular expression: {error}");
            found.add(Code::BadValue, &scheme.span, message, "correct it, or remove it to mean one name".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(key: &str, name: &str) -> bool {
        ImageSpec::standard(None, key).unwrap().fits(name)
    }

    #[test]
    fn images_are_known_by_their_names() {
        for (key, name, right) in [
            ("Ubuntu 24.04", "Ubuntu 24.04", true),
            ("Ubuntu 24.04", "Ubuntu 24.04 20260801", false),
            ("ubuntu-capi-image-1", "ubuntu-capi-image v1.33", true),
            ("ubuntu-capi-image-1", "ubuntu-capi-image v1.33.4", true),
            ("ubuntu-capi-image-1", "ubuntu-capi-image-v1.33", false),
            ("ubuntu-capi-image-2", "ubuntu-capi-image-v1.33", true),
            // Only the beginning counts.
            ("ubuntu-capi-image-2", "ubuntu-capi-image-v1.33 old", true),
            ("ubuntu-capi-image-2", "ubuntu-capi-image-v1", false),
            ("ubuntu-capi-image-2", "ubuntu-capi-image-v10.1", false),
            ("ubuntu-capi-image-2", "my ubuntu-capi-image-v1.33", false),
        ] {
            assert_eq!(fits(key, name), right, "{key}: {name}");
        }
    }

    #[test]
    fn a_specification_says_what_is_asked_of_its_images_and_leaves_the_others() {
        let text =
            "images:\n- {name: Debian 12, source: [https://mirror.example.org/]}\n- {name: Rocky 10, source: [a]}\n";
        let spec = ImageSpec::parse("it.yaml", text).unwrap();
        let source = |key: &str| ImageSpec::standard(Some(&spec), key).unwrap().source;
        assert_eq!(source("Debian 12"), ["https://mirror.example.org/"]);
        assert_eq!(source("Debian 11"), ImageSpec::standard(None, "Debian 11").unwrap().source);
        assert_eq!(spec.unasked(), ["Rocky 10"]);
    }

    #[test]
    fn published_specifications_are_known_by_their_names() {
        let v4 = ImageSpec::read(Path::new("scs-0104-v1-images")).unwrap();
        let v5 = ImageSpec::published("scs-0104-v1-images-v5.yaml").unwrap();
        assert_eq!((v4.images.len(), v5.images.len()), (6, 7));
        let scheme = |spec: &ImageSpec| ImageSpec::standard(Some(spec), "ubuntu-capi-image-2").unwrap().name_scheme;
        assert!(scheme(&v4).unwrap().contains("image v["));
        assert!(scheme(&v5).unwrap().contains("image-v["));
        assert_eq!(ImageSpec::published("scs-0104-v1-images-v9"), None);
    }

    #[test]
    fn what_is_missing_or_invalid_is_shown_where_it_stands() {
        for (text, says) in [
            ("images: []\n", "it.yaml:1:"),
            ("images:\n- {name: Debian 12}\n", "source"),
            ("images:\n- {name: Debian 12, sources: [a]}\n", "did you mean `source`?"),
            ("images:\n- {name: Debian 12, source: [a], status: needed}\n", "`mandatory`"),
            ("images:\n- {name: capi, source: [a], name_scheme: 'v[0-9'}\n", "it.yaml:2:"),
        ] {
            let error = ImageSpec::parse("it.yaml", text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
