//! Standard images ([scs-0104](https://docs.scs.community/standards/scs-0104-v1-standard-images)): where they come from, and
//! those that must be there. A specification (`--image-spec`) may say otherwise of an image than what is published.

use std::collections::BTreeMap;

use assay_kit::image_spec::{ImageSpec, StandardImage};
use assay_kit::prelude::*;

use super::images::{Images, name, text};
use super::told::{expect_none, listed, require_none};

/// What is asked of the images that a test case knows by this key.
fn standard(cx: &Cx, key: &str) -> Outcome<StandardImage> {
    ImageSpec::standard(cx.image_spec(), key).ok_or_else(|| Stop::Error(format!("no image is known by `{key}`")))
}

/// What the source of an image is and must not be; none where it is right.
fn wrong_source(standard: &StandardImage, image: &Value) -> Option<String> {
    let source = text(image, "image_source");
    let right = standard.source.iter().any(|beginning| source.starts_with(beginning));
    (!right).then(|| format!("image `{}`: its `image_source` is `{source}`", name(image)))
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
        ("scs-0104-source-capi-1", "f297f727-34f0-5a9d-8b70-537c26a7fe9a", "`ubuntu-capi-image v…`", "ubuntu-capi-image-1"),
        ("scs-0104-source-capi-2", "4bf2cf63-c539-53cf-a019-40df4146585b", "`ubuntu-capi-image-v…`", "ubuntu-capi-image-2"),
        ("scs-0104-source-ubuntu-2404", "7ee8eadf-4afe-5a17-a703-0e6f5a598ed1", "`Ubuntu 24.04`", "Ubuntu 24.04"),
        ("scs-0104-source-ubuntu-2204", "b7c66996-b8b6-5ee1-bbcd-7c7c71c7cd43", "`Ubuntu 22.04`", "Ubuntu 22.04"),
        ("scs-0104-source-ubuntu-2004", "86585230-2662-595f-83df-061cc11d72ea", "`Ubuntu 20.04`", "Ubuntu 20.04"),
        ("scs-0104-source-debian-13", "26f0012c-a2ac-5bd4-a317-a1f366fe0648", "`Debian 13`", "Debian 13"),
        ("scs-0104-source-debian-12", "dbca5b1f-d71d-527c-91fb-7ccaa9630d1c", "`Debian 12`", "Debian 12"),
        ("scs-0104-source-debian-11", "7a200cdc-9840-5540-96f9-31efd46c03da", "`Debian 11`", "Debian 11"),
    ],
)]
async fn source(cx: &Cx, names: &str, key: &str) -> Outcome {
    let (standard, images) = (standard(cx, key)?, Images::shared(cx).await?);
    let fitting: Vec<&Value> = images.all.iter().filter(|image| standard.fits(name(image))).collect();
    // The test case knows one image of a name, the last in the list.
    let last: BTreeMap<&str, &Value> = fitting.iter().map(|image| (name(image), *image)).collect();
    let wrong: Vec<String> = last.values().filter_map(|image| wrong_source(&standard, image)).collect();
    let beginnings = standard.source.join(", ");
    let requirement = format!("the `image_source` of an image called {names} must begin with one of {beginnings}");
    require_none(&images.page, &requirement, &wrong)?;
    let others: Vec<String> = fitting.iter().filter_map(|image| wrong_source(&standard, image)).collect();
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
        ("scs-0104-image-capi-2", "5cc860ee-c5a0-5bbf-8957-df38e214ce20", "`ubuntu-capi-image-v…`", "ubuntu-capi-image-2"),
        ("scs-0104-image-capi-1", "16308cd3-16b7-5ca6-a4a0-40e5d78e4660", "`ubuntu-capi-image v…`", "ubuntu-capi-image-1"),
        ("scs-0104-image-ubuntu-2404", "ae167482-2cfa-56d8-80a8-6e0c36d33571", "`Ubuntu 24.04`", "Ubuntu 24.04"),
        ("scs-0104-image-ubuntu-2204", "f0b54bf6-8fac-578b-ae63-f44cbe2bd5f3", "`Ubuntu 22.04`", "Ubuntu 22.04"),
        ("scs-0104-image-debian-13", "446b9ecb-8e16-5753-9a04-227fa0b4cc66", "`Debian 13`", "Debian 13"),
        ("scs-0104-image-debian-12", "0633d505-49fa-5323-99fa-2d4afad1d7fe", "`Debian 12`", "Debian 12"),
    ],
)]
async fn presence(cx: &Cx, names: &str, key: &str) -> Outcome {
    let (standard, images) = (standard(cx, key)?, Images::shared(cx).await?);
    if images.all.iter().any(|image| standard.fits(name(image))) {
        return Ok(());
    }
    let there: Vec<String> = images.all.iter().map(|image| format!("`{}`", name(image))).collect();
    let requirement = format!("an image for everybody that is called {names} must be there");
    let expected = format!("{}, from {}", standard.names(), standard.source.join(" or "));
    let seen = if there.is_empty() { "no image for everybody".to_owned() } else { listed(&there) };
    Err(images.page.fail(requirement, Some(expected), Some(seen)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_begins_as_one_of_the_addresses() {
        let standard = ImageSpec::standard(None, "Debian 12").unwrap();
        let wrong = |source: &str| wrong_source(&standard, &json!({"name": "Debian 12", "image_source": source}));
        assert_eq!(wrong("https://cloud.debian.org/images/cloud/bookworm/latest/debian-12.qcow2"), None);
        assert_eq!(wrong("https://cdimage.debian.org/cdimage/cloud/bookworm/20260801/debian-12.qcow2"), None);
        let said = wrong("https://cloud.debian.org/images/cloud/trixie/").unwrap();
        assert_eq!(said, "image `Debian 12`: its `image_source` is `https://cloud.debian.org/images/cloud/trixie/`");
        assert!(wrong_source(&standard, &json!({"name": "Debian 12"})).unwrap().contains("is ``"));
    }
}
