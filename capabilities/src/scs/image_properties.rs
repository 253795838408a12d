//! Properties of images for everybody ([scs-0102](https://docs.scs.community/standards/scs-0102-v2-image-metadata), versions 1
//! and 2).

use std::collections::BTreeMap;

use assay_kit::prelude::*;
use chrono::{DateTime, Utc};

use super::images::{Images, day, name, text, time};
use super::told::{expect_none, require_none};

/// A GiB, in bytes.
const GIB: u64 = 1 << 30;

/// What a property must be, and should be.
#[derive(Clone, Copy)]
enum Right {
    /// One of these.
    OneOf(&'static [&'static str]),
    /// One of these, where it is there.
    NoneOrOneOf(&'static [&'static str]),
    /// Any text.
    There,
    /// What this finds wrong with it is wrong.
    If(fn(&Value, DateTime<Utc>) -> Option<String>),
}

impl Right {
    /// What is wrong with the property of an image; none where it is right.
    fn wrong(self, image: &Value, property: &str, now: DateTime<Utc>) -> Option<String> {
        let value = &image[property];
        let told = value.as_str().unwrap_or_default();
        let seen = if value.is_null() { "is missing".to_owned() } else { format!("is {value}") };
        match self {
            Self::OneOf(values) => (!values.contains(&told)).then_some(seen),
            Self::NoneOrOneOf(values) => (!value.is_null() && !values.contains(&told)).then_some(seen),
            Self::There => told.is_empty().then_some(seen),
            Self::If(wrong) => wrong(image, now),
        }
    }
}

/// What the standard says of a property beyond what must be: a promise, and what breaks it.
type Advice = (&'static str, fn(&Value) -> bool);

/// The advice on a property; none on most.
fn advice(property: &str) -> Option<Advice> {
    let advice: Advice = match property {
        "min_ram" => ("should be 64 MiB or more", |image| image["min_ram"].as_u64().is_some_and(|ram| ram >= 64)),
        "os_version" => ("should be a number where the distribution has numbers", |image| {
            !NUMBERED.contains(&text(image, "os_distro"))
                || text(image, "os_version").starts_with(|it: char| it.is_ascii_digit())
        }),
        "os_distro" => ("should be in lower case, as OpenStack lists it", |image| {
            !text(image, "os_distro").contains(|letter: char| letter.is_uppercase())
        }),
        "hw_disk_bus" => ("should be there, and with `scsi` there should be `hw_scsi_model`", |image| {
            let bus = text(image, "hw_disk_bus");
            !bus.is_empty() && (bus != "scsi" || !text(image, "hw_scsi_model").is_empty())
        }),
        "image_build_date" => ("should be written `YYYY-MM-DD` or `YYYY-MM-DD hh:mm[:ss]`", |image| {
            let told = text(image, "image_build_date");
            matches!(told.len(), 10 | 16 | 19) && !told.contains('T')
        }),
        "provided_until" => ("should be a day (`YYYY-MM-DD`), `none` or `notice`", |image| {
            let told = text(image, "provided_until");
            matches!(told, "none" | "notice") || day(told).is_some()
        }),
        "uuid_validity" => ("should be there", |image| !text(image, "uuid_validity").is_empty()),
        _ => return None,
    };
    Some(advice)
}

/// Distributions whose versions are numbers, as OpenStack calls them.
const NUMBERED: [&str; 12] = [
    "ubuntu",
    "debian",
    "centos",
    "fedora",
    "rhel",
    "rocky",
    "almalinux",
    "opensuse",
    "sled",
    "sles",
    "freebsd",
    "openbsd",
];

/// Each image for everybody must have a right value of `{property}`: {words}.
///
/// Where the standard says more of the property, it should be so.
#[conformance(
    spec = "scs-0102-v2#technical-requirements-and-features",
    needs = [Image],
    shares = ["scs.images"],
    cases = [
        (
            "scs-0102-prop-architecture",
            "be418028-fec7-5785-98b3-bb10ae81f903",
            "architecture",
            "`x86_64`, `aarch64` or `risc-v`",
            Right::OneOf(&["x86_64", "aarch64", "risc-v"]),
        ),
        (
            "scs-0102-prop-min_disk",
            "e9167106-4400-573a-8386-e6380569b67b",
            "min_disk",
            "the GiB of disk that its data needs, 1 or more",
            Right::If(wrong_disk),
        ),
        (
            "scs-0102-prop-min_ram",
            "4ccd86b5-a118-5753-9e17-9b1f8d93b761",
            "min_ram",
            "the MiB of memory that it needs, 1 or more",
            Right::If(wrong_ram),
        ),
        (
            "scs-0102-prop-os_version",
            "e7380e93-2091-5d99-8cc8-da339c556d42",
            "os_version",
            "the version of the distribution",
            Right::There,
        ),
        (
            "scs-0102-prop-os_distro",
            "2186e1a6-bbcd-5262-a2ea-e5ab517aa456",
            "os_distro",
            "the distribution, as OpenStack calls it",
            Right::There,
        ),
        (
            "scs-0102-prop-os_purpose",
            "54d2c739-f225-5ea1-a461-0767d1604247",
            "os_purpose",
            "`generic`, `oldgeneric`, `minimal`, `k8snode`, `gpu`, `network` or `custom`",
            Right::OneOf(&["generic", "oldgeneric", "minimal", "k8snode", "gpu", "network", "custom"]),
        ),
        (
            "scs-0102-prop-hw_disk_bus",
            "5d8c79a0-bc59-5962-b220-bc7bc10cfce4",
            "hw_disk_bus",
            "`virtio` or `scsi`, or none at all",
            Right::NoneOrOneOf(&["virtio", "scsi"]),
        ),
        (
            "scs-0102-prop-hypervisor_type",
            "427440b9-6e0b-5d36-a9dc-a2414132c2bc",
            "hypervisor_type",
            "`qemu`, `kvm`, `xen`, `hyper-v` or `esxi`, or none at all",
            Right::NoneOrOneOf(&["qemu", "kvm", "xen", "hyper-v", "esxi"]),
        ),
        (
            "scs-0102-prop-hw_rng_model",
            "1a9685d6-3f90-55a9-a466-c3022d60cedf",
            "hw_rng_model",
            "`virtio`, or none at all",
            Right::NoneOrOneOf(&["virtio"]),
        ),
    ],
)]
async fn technical_property(cx: &Cx, property: &str, words: &str, right: Right) -> Outcome {
    check(cx, property, words, right).await
}

/// Each image for everybody must have a right value of `{property}`: {words}.
///
/// Where the standard says more of the property, it should be so.
#[conformance(
    spec = "scs-0102-v2#image-handling",
    needs = [Image],
    shares = ["scs.images"],
    cases = [
        (
            "scs-0102-prop-hash_algo",
            "eb362f63-221c-5702-a205-c78200385e7b",
            "os_hash_algo",
            "`sha256` or `sha512`",
            Right::OneOf(&["sha256", "sha512"]),
        ),
        (
            "scs-0102-prop-image_build_date",
            "adc98559-7f94-58ad-9336-c03759d6add0",
            "image_build_date",
            "a day, or a time, before it was uploaded",
            Right::If(wrong_build_date),
        ),
        (
            "scs-0102-prop-image_original_user",
            "831d0864-1957-505a-a769-c13ef082363f",
            "image_original_user",
            "the user to log in as, or `none`",
            Right::There,
        ),
        (
            "scs-0102-prop-image_source",
            "5affe0d4-5fe9-573e-a970-88402cd66063",
            "image_source",
            "an address that begins with `http://`, `https://`, `ftp://` or `ftps://`, or `private`",
            Right::If(wrong_source),
        ),
        (
            "scs-0102-prop-image_description",
            "9a2cd83a-666c-5acd-9775-3ae45a8fd3de",
            "image_description",
            "an address or a text that describes it",
            Right::There,
        ),
        (
            "scs-0102-prop-replace_frequency",
            "30ff3f15-2787-5f10-bd46-dfb2d6e3f877",
            "replace_frequency",
            "`yearly`, `quarterly`, `monthly`, `weekly`, `daily`, `critical_bug` or `never`",
            Right::OneOf(&["yearly", "quarterly", "monthly", "weekly", "daily", "critical_bug", "never"]),
        ),
        (
            "scs-0102-prop-provided_until",
            "27b1b209-4705-5e15-8f55-4539607735b4",
            "provided_until",
            "until when it is provided",
            Right::There,
        ),
        (
            "scs-0102-prop-uuid_validity",
            "079e0b88-080a-59c1-8ab5-388cd14c6fb5",
            "uuid_validity",
            "`none`, `last-N`, a day, `notice` or `forever`, or none at all",
            Right::If(wrong_validity),
        ),
        (
            "scs-0102-prop-hotfix_hours",
            "0ffcc604-e73c-5451-afb4-851105a0c4c2",
            "hotfix_hours",
            "a whole number of hours, or none at all",
            Right::If(wrong_hours),
        ),
    ],
)]
async fn handling_property(cx: &Cx, property: &str, words: &str, right: Right) -> Outcome {
    check(cx, property, words, right).await
}

/// Each image for everybody must have the property `hw_rng_model` with the value `virtio`.
///
/// No version of scs-0101 asks for it any more.
#[conformance(
    id = "scs-0101-image-property",
    spec = "scs-0101-v1#version-history",
    covers = "3628b06e-36a5-51d3-bab7-3a729f250d55",
    needs = [Image],
    shares = ["scs.images"],
)]
async fn random_numbers(cx: &Cx) -> Outcome {
    check(cx, "hw_rng_model", "`virtio`", Right::OneOf(&["virtio"])).await
}

/// Holds a property of each image against what it must be, and against what the standard advises beyond that.
async fn check(cx: &Cx, property: &str, words: &str, right: Right) -> Outcome {
    let images = Images::shared(cx).await?;
    let wrong =
        |image: &Value| Some(format!("image `{}`: it {}", name(image), right.wrong(image, property, images.now)?));
    let wrong: Vec<String> = images.all.iter().filter_map(wrong).collect();
    require_none(&images.page, &format!("each image for everybody must have a right `{property}`: {words}"), &wrong)?;
    if let Some((promise, holds)) = advice(property) {
        let broken = images.all.iter().filter(|image| !holds(image));
        let seen = |image: &Value| format!("image `{}`: it is {}", name(image), image[property]);
        expect_none(cx, &format!("`{property}` of an image {promise}"), &broken.map(seen).collect::<Vec<_>>());
    }
    Ok(())
}

fn wrong_disk(image: &Value, _: DateTime<Utc>) -> Option<String> {
    let (disk, size) = (image["min_disk"].as_u64().unwrap_or(0), image["size"].as_u64().unwrap_or(0));
    match disk {
        0 => Some("is 0 or missing".to_owned()),
        _ if disk.saturating_mul(GIB) < size => {
            Some(format!("is {disk} GiB, less than the {size} bytes of its data: {} would do", size.div_ceil(GIB)))
        }
        _ => None,
    }
}

fn wrong_ram(image: &Value, _: DateTime<Utc>) -> Option<String> {
    (image["min_ram"].as_u64().unwrap_or(0) == 0).then(|| "is 0 or missing".to_owned())
}

fn wrong_build_date(image: &Value, now: DateTime<Utc>) -> Option<String> {
    let told = text(image, "image_build_date");
    let Some(built) = time(told) else {
        return Some(format!("is `{told}`, which is an invalid time; right is `2026-08-21` or `2026-08-21 14:30`"));
    };
    let uploaded = time(text(image, "created_at"));
    match uploaded {
        Some(uploaded) if built > uploaded => Some(format!("is `{told}`, after the upload at {}", uploaded.and_utc())),
        _ if built > now.naive_utc() => Some(format!("is `{told}`, in the future")),
        _ => None,
    }
}

fn wrong_source(image: &Value, _: DateTime<Utc>) -> Option<String> {
    let told = text(image, "image_source");
    let scheme = told.split_once("://").map_or("", |(scheme, _)| scheme);
    let right = told == "private" || matches!(scheme, "http" | "https" | "ftp" | "ftps");
    (!right).then(|| format!("is `{told}`"))
}

fn wrong_validity(image: &Value, _: DateTime<Utc>) -> Option<String> {
    let value = &image["uuid_validity"];
    let told = value.as_str().unwrap_or_default();
    let last = |text: &str| text.strip_prefix("last-").is_some_and(is_whole);
    let right = value.is_null() || matches!(told, "none" | "notice" | "forever") || last(told) || time(told).is_some();
    (!right).then(|| format!("is {value}"))
}

fn wrong_hours(image: &Value, _: DateTime<Utc>) -> Option<String> {
    let told = text(image, "hotfix_hours");
    (!told.is_empty() && !is_whole(told)).then(|| format!("is `{told}`"))
}

fn is_whole(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// No two public images that are not hidden must have the purpose `generic` and the same architecture, distribution and
/// version.
#[conformance(
    id = "scs-0102-os_purpose-uniqueness",
    spec = "scs-0102-v2#technical-requirements-and-features",
    covers = "2c687caf-60d2-50ee-83b9-8ece2fb35d49",
    needs = [Image],
    shares = ["scs.images"],
)]
async fn purpose_uniqueness(cx: &Cx) -> Outcome {
    let images = Images::shared(cx).await?;
    let wrong = not_unique(images.all.iter());
    require_none(&images.page, "there must be one `generic` image of an architecture, distribution and version", &wrong)
}

/// Which images have one triple and the purpose `generic`, in words.
fn not_unique<'a>(images: impl Iterator<Item = &'a Value>) -> Vec<String> {
    let mut named: BTreeMap<[&str; 3], Vec<&str>> = BTreeMap::new();
    for image in images {
        let text = |key: &str| image[key].as_str().unwrap_or_default();
        let triple = ["architecture", "os_distro", "os_version"].map(text);
        let counts = text("visibility") == "public" && image["os_hidden"] != true && text("os_purpose") == "generic";
        if counts && !triple[1].is_empty() && !triple[2].is_empty() {
            named.entry(triple).or_default().push(text("name"));
        }
    }
    let several = named.into_iter().filter(|(_, names)| names.len() > 1);
    several
        .map(|([architecture, distro, version], names)| {
            format!("{distro} {version} for {architecture}: `{}`", names.join("`, `"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-08-21T12:00:00Z").unwrap().to_utc()
    }

    /// What is said of a property of an image that has it with this value.
    fn said(right: Right, property: &str, value: Value) -> Option<String> {
        let mut image = json!({"name": "Debian 12", "created_at": "2026-08-01T10:00:00Z", "size": 3_u64 << 30});
        image[property] = value;
        right.wrong(&image, property, now())
    }

    #[test]
    fn a_property_is_right_or_it_is_said_what_is_there() {
        let one = Right::OneOf(&["x86_64", "aarch64"]);
        assert_eq!(said(one, "architecture", json!("aarch64")), None);
        assert_eq!(said(one, "architecture", json!("i686")).unwrap(), "is \"i686\"");
        assert_eq!(said(one, "architecture", Value::Null).unwrap(), "is missing");
        let none = Right::NoneOrOneOf(&["virtio", "scsi"]);
        assert_eq!(said(none, "hw_disk_bus", Value::Null), None);
        assert_eq!(said(none, "hw_disk_bus", json!("ide")).unwrap(), "is \"ide\"");
        assert_eq!(said(Right::There, "os_distro", json!("debian")), None);
        assert_eq!(said(Right::There, "os_distro", json!("")).unwrap(), "is \"\"");
    }

    #[test]
    fn each_rule_of_its_own_says_what_is_wrong() {
        for (wrong, property, value, says) in [
            (wrong_disk as fn(&Value, DateTime<Utc>) -> Option<String>, "min_disk", json!(3), None),
            (wrong_disk, "min_disk", json!(0), Some("0 or missing")),
            (wrong_disk, "min_disk", json!(2), Some("3 would do")),
            (wrong_ram, "min_ram", json!(1), None),
            (wrong_ram, "min_ram", Value::Null, Some("0 or missing")),
            (wrong_build_date, "image_build_date", json!("2026-08-01"), None),
            (wrong_build_date, "image_build_date", json!("2026-08-01 09:00"), None),
            (wrong_build_date, "image_build_date", json!("2026-08-02"), Some("after the upload")),
            (wrong_build_date, "image_build_date", json!("yesterday"), Some("`yesterday`, which is an invalid time")),
            (wrong_build_date, "image_build_date", Value::Null, Some("invalid time")),
            (wrong_source, "image_source", json!("https://cloud.debian.org/images"), None),
            (wrong_source, "image_source", json!("private"), None),
            (wrong_source, "image_source", json!("file:///tmp"), Some("`file:///tmp`")),
            (wrong_source, "image_source", Value::Null, Some("``")),
            (wrong_validity, "uuid_validity", Value::Null, None),
            (wrong_validity, "uuid_validity", json!("last-3"), None),
            (wrong_validity, "uuid_validity", json!("2027-01-01"), None),
            (wrong_validity, "uuid_validity", json!("forever"), None),
            (wrong_validity, "uuid_validity", json!("last-"), Some("last-")),
            (wrong_validity, "uuid_validity", json!(""), Some("is")),
            (wrong_hours, "hotfix_hours", Value::Null, None),
            (wrong_hours, "hotfix_hours", json!("48"), None),
            (wrong_hours, "hotfix_hours", json!("soon"), Some("soon")),
        ] {
            let seen = said(Right::If(wrong), property, value.clone());
            match says {
                None => assert_eq!(seen, None, "{property} {value}"),
                Some(says) => assert!(seen.is_some_and(|seen| seen.contains(says)), "{property} {value}"),
            }
        }
    }

    #[test]
    fn advice_is_given_where_the_standard_has_some() {
        for (property, image, holds) in [
            ("min_ram", json!({"min_ram": 32}), false),
            ("min_ram", json!({"min_ram": 64}), true),
            ("os_version", json!({"os_distro": "debian", "os_version": "bookworm"}), false),
            ("os_version", json!({"os_distro": "debian", "os_version": "12"}), true),
            ("os_version", json!({"os_distro": "arch", "os_version": "rolling"}), true),
            ("os_distro", json!({"os_distro": "Debian"}), false),
            ("hw_disk_bus", json!({}), false),
            ("hw_disk_bus", json!({"hw_disk_bus": "scsi"}), false),
            ("hw_disk_bus", json!({"hw_disk_bus": "scsi", "hw_scsi_model": "virtio-scsi"}), true),
            ("image_build_date", json!({"image_build_date": "2026-08-01T10:00:00Z"}), false),
            ("provided_until", json!({"provided_until": "some day"}), false),
            ("provided_until", json!({"provided_until": "notice"}), true),
            ("uuid_validity", json!({}), false),
        ] {
            let (promise, check) = advice(property).unwrap();
            assert_eq!(check(&image), holds, "{property} {promise}: {image}");
        }
        assert!(advice("architecture").is_none());
    }

    #[test]
    fn generic_images_are_told_apart_by_three_properties() {
        let image = |name: &str, members: &Value| {
            let mut image = json!({
                "name": name, "visibility": "public", "os_hidden": false, "os_purpose": "generic",
                "architecture": "x86_64", "os_distro": "debian", "os_version": "12",
            });
            for (key, value) in members.as_object().into_iter().flatten() {
                image[key] = value.clone();
            }
            image
        };
        let first = image("Debian 12", &json!({}));
        for other in [
            json!({"architecture": "aarch64"}),
            json!({"os_version": "13"}),
            json!({"os_purpose": "oldgeneric"}),
            json!({"os_hidden": true}),
            json!({"visibility": "community"}),
        ] {
            assert_eq!(not_unique([&first, &image("other", &other)].into_iter()), Vec::<String>::new(), "{other}");
        }
        let second = image("Debian 12 again", &json!({}));
        assert_eq!(not_unique([&first, &second].into_iter()), ["debian 12 for x86_64: `Debian 12`, `Debian 12 again`"]);
    }
}
