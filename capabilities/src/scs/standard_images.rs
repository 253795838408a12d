//! Standard images ([scs-0104](https://docs.scs.community/standards/scs-0104-v1-standard-images)): where they come from, and
//! those that must be there.

use std::collections::BTreeMap;

use assay_kit::prelude::*;

use super::images::{Images, name, text};
use super::told::{expect_none, listed, require_none};

/// How images of one kind are known.
#[derive(Debug, Clone, Copy)]
enum Names {
    /// By this name.
    Is(&'static str),
    /// By a name that begins with this and a version behind it, of two numbers or more.
    BeginsWithVersion(&'static str),
}

/// What the specification says of images of one kind.
#[derive(Debug, Clone, Copy)]
struct Standard {
    names: Names,
    /// What the address of their source begins with, one of these.
    sources: &'static [&'static str],
}

/// Where images for nodes of Kubernetes are built.
const NODES: [&str; 3] = [
    "https://nbg1.your-objectstorage.com/osism/openstack-k8s-capi-images/",
    "https://swift.services.a.regiocloud.tech/swift/v1/AUTH_b182637428444b9aa302bb8d5a5a418c/openstack-k8s-capi-images/ubuntu-2404-kube",
    "https://swift.services.a.regiocloud.tech/swift/v1/AUTH_b182637428444b9aa302bb8d5a5a418c/openstack-k8s-capi-images/ubuntu-2204-kube",
];

/// In the specification for v4 of the scope.
const CAPI_1: Standard = Standard { names: Names::BeginsWithVersion("ubuntu-capi-image v"), sources: &NODES };
/// In the specification for v5 and later.
const CAPI_2: Standard = Standard { names: Names::BeginsWithVersion("ubuntu-capi-image-v"), sources: &NODES };
const UBUNTU_2404: Standard = Standard {
    names: Names::Is("Ubuntu 24.04"),
    sources: &["https://cloud-images.ubuntu.com/releases/noble/", "https://cloud-images.ubuntu.com/noble/"],
};
const UBUNTU_2204: Standard = Standard {
    names: Names::Is("Ubuntu 22.04"),
    sources: &["https://cloud-images.ubuntu.com/releases/jammy/", "https://cloud-images.ubuntu.com/jammy/"],
};
const UBUNTU_2004: Standard = Standard {
    names: Names::Is("Ubuntu 20.04"),
    sources: &["https://cloud-images.ubuntu.com/releases/focal/", "https://cloud-images.ubuntu.com/focal/"],
};
/// In neither specification; the test cases know it.
const DEBIAN_13: Standard = Standard {
    names: Names::Is("Debian 13"),
    sources: &["https://cloud.debian.org/images/cloud/trixie/", "https://cdimage.debian.org/cdimage/cloud/trixie/"],
};
const DEBIAN_12: Standard = Standard {
    names: Names::Is("Debian 12"),
    sources: &["https://cloud.debian.org/images/cloud/bookworm/", "https://cdimage.debian.org/cdimage/cloud/bookworm/"],
};
const DEBIAN_11: Standard = Standard {
    names: Names::Is("Debian 11"),
    sources: &["https://cloud.debian.org/images/cloud/bullseye/", "https://cdimage.debian.org/cdimage/cloud/bullseye/"],
};

impl Names {
    /// Whether an image of this name is meant.
    fn fit(self, name: &str) -> bool {
        match self {
            Self::Is(wanted) => name == wanted,
            Self::BeginsWithVersion(beginning) => name.strip_prefix(beginning).is_some_and(|rest| {
                let digit = |letter: Option<u8>| letter.is_some_and(|letter| letter.is_ascii_digit());
                let mut letters = rest.bytes();
                digit(letters.next()) && letters.next() == Some(b'.') && digit(letters.next())
            }),
        }
    }

    /// The names in words.
    fn words(self) -> String {
        match self {
            Self::Is(name) => format!("`{name}`"),
            Self::BeginsWithVersion(beginning) => format!("`{beginning}` with a version such as `1.33`"),
        }
    }
}

impl Standard {
    /// What the source of an image is and must not be; none where it is right.
    fn wrong_source(&self, image: &Value) -> Option<String> {
        let source = text(image, "image_source");
        let right = self.sources.iter().any(|beginning| source.starts_with(beginning));
        (!right).then(|| format!("image `{}`: its `image_source` is `{source}`", name(image)))
    }
}

/// An image for everybody that is called {names} must have an `image_source` that begins as scs-0104 says. Of several with one
/// name, that holds for the last in the list. There need not be one.
///
/// It should hold for all of them.
#[conformance(
    spec = "scs-0104-v1#standard-images-yaml",
    needs = [Image],
    shares = ["scs.images"],
    cases = [
        ("scs-0104-source-capi-1", "f297f727-34f0-5a9d-8b70-537c26a7fe9a", "`ubuntu-capi-image v…`", &CAPI_1),
        ("scs-0104-source-capi-2", "4bf2cf63-c539-53cf-a019-40df4146585b", "`ubuntu-capi-image-v…`", &CAPI_2),
        ("scs-0104-source-ubuntu-2404", "7ee8eadf-4afe-5a17-a703-0e6f5a598ed1", "`Ubuntu 24.04`", &UBUNTU_2404),
        ("scs-0104-source-ubuntu-2204", "b7c66996-b8b6-5ee1-bbcd-7c7c71c7cd43", "`Ubuntu 22.04`", &UBUNTU_2204),
        ("scs-0104-source-ubuntu-2004", "86585230-2662-595f-83df-061cc11d72ea", "`Ubuntu 20.04`", &UBUNTU_2004),
        ("scs-0104-source-debian-13", "26f0012c-a2ac-5bd4-a317-a1f366fe0648", "`Debian 13`", &DEBIAN_13),
        ("scs-0104-source-debian-12", "dbca5b1f-d71d-527c-91fb-7ccaa9630d1c", "`Debian 12`", &DEBIAN_12),
        ("scs-0104-source-debian-11", "7a200cdc-9840-5540-96f9-31efd46c03da", "`Debian 11`", &DEBIAN_11),
    ],
)]
async fn source(cx: &Cx, names: &str, standard: &Standard) -> Outcome {
    let images = Images::shared(cx).await?;
    let fitting: Vec<&Value> = images.all.iter().filter(|image| standard.names.fit(name(image))).collect();
    // The test case knows one image of a name, the last in the list.
    let last: BTreeMap<&str, &Value> = fitting.iter().map(|image| (name(image), *image)).collect();
    let wrong: Vec<String> = last.values().filter_map(|image| standard.wrong_source(image)).collect();
    let beginnings = standard.sources.join(", ");
    let requirement = format!("the `image_source` of an image called {names} must begin with one of {beginnings}");
    require_none(&images.page, &requirement, &wrong)?;
    let others: Vec<String> = fitting.iter().filter_map(|image| standard.wrong_source(image)).collect();
    expect_none(
        cx,
        &format!("the `image_source` of each image called {names} should begin with one of {beginnings}"),
        &others,
    );
    Ok(())
}

/// An image for everybody that is called {names} must be there.
#[conformance(
    spec = "scs-0104-v1#standard-images-yaml",
    needs = [Image],
    shares = ["scs.images"],
    cases = [
        ("scs-0104-image-capi-2", "5cc860ee-c5a0-5bbf-8957-df38e214ce20", "`ubuntu-capi-image-v…`", &CAPI_2),
        ("scs-0104-image-capi-1", "16308cd3-16b7-5ca6-a4a0-40e5d78e4660", "`ubuntu-capi-image v…`", &CAPI_1),
        ("scs-0104-image-ubuntu-2404", "ae167482-2cfa-56d8-80a8-6e0c36d33571", "`Ubuntu 24.04`", &UBUNTU_2404),
        ("scs-0104-image-ubuntu-2204", "f0b54bf6-8fac-578b-ae63-f44cbe2bd5f3", "`Ubuntu 22.04`", &UBUNTU_2204),
        ("scs-0104-image-debian-13", "446b9ecb-8e16-5753-9a04-227fa0b4cc66", "`Debian 13`", &DEBIAN_13),
        ("scs-0104-image-debian-12", "0633d505-49fa-5323-99fa-2d4afad1d7fe", "`Debian 12`", &DEBIAN_12),
    ],
)]
async fn presence(cx: &Cx, names: &str, standard: &Standard) -> Outcome {
    let images = Images::shared(cx).await?;
    if images.all.iter().any(|image| standard.names.fit(name(image))) {
        return Ok(());
    }
    let there: Vec<String> = images.all.iter().map(|image| format!("`{}`", name(image))).collect();
    let requirement = format!("an image for everybody that is called {names} must be there");
    let expected = format!("{}, from {}", standard.names.words(), standard.sources.join(" or "));
    let seen = if there.is_empty() { "no image for everybody".to_owned() } else { listed(&there) };
    Err(images.page.fail(requirement, Some(expected), Some(seen)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_known_by_their_names() {
        for (standard, name, fits) in [
            (UBUNTU_2404, "Ubuntu 24.04", true),
            (UBUNTU_2404, "Ubuntu 24.04 20260801", false),
            (CAPI_1, "ubuntu-capi-image v1.33", true),
            (CAPI_1, "ubuntu-capi-image v1.33.4", true),
            (CAPI_1, "ubuntu-capi-image-v1.33", false),
            (CAPI_2, "ubuntu-capi-image-v1.33", true),
            // Only the beginning counts.
            (CAPI_2, "ubuntu-capi-image-v1.33 old", true),
            (CAPI_2, "ubuntu-capi-image-v1", false),
            (CAPI_2, "ubuntu-capi-image-v10.1", false),
            (CAPI_2, "my ubuntu-capi-image-v1.33", false),
        ] {
            assert_eq!(standard.names.fit(name), fits, "{name}");
        }
    }

    #[test]
    fn a_source_begins_as_one_of_the_addresses() {
        let wrong = |source: &str| DEBIAN_12.wrong_source(&json!({"name": "Debian 12", "image_source": source}));
        assert_eq!(wrong("https://cloud.debian.org/images/cloud/bookworm/latest/debian-12.qcow2"), None);
        assert_eq!(wrong("https://cdimage.debian.org/cdimage/cloud/bookworm/20260801/debian-12.qcow2"), None);
        let said = wrong("https://cloud.debian.org/images/cloud/trixie/").unwrap();
        assert_eq!(said, "image `Debian 12`: its `image_source` is `https://cloud.debian.org/images/cloud/trixie/`");
        assert!(DEBIAN_12.wrong_source(&json!({"name": "Debian 12"})).unwrap().contains("is ``"));
    }
}
