//! Images: list.
//!
//! The tests share five images that differ in what they are filtered by, so that a filter which does nothing, or the wrong
//! thing, shows. All have one tag: with it, a list is promised to have exactly those of the five that the filter fits.

use std::sync::Arc;

use assay_kit::prelude::*;

use super::fixture::{Formats, Made, PATIENCE};

/// The list of images, read to its last page, has every image that was made.
#[conformance(
    id = "image.images.list",
    spec = "image-v2#list-images",
    covers = "1e341d7a-90a9-494c-b143-2cdf2aeb6aee",
    needs = [Image],
    seconds = 4,
)]
async fn list(cx: &Cx) -> Outcome {
    let (listing, image) = (Listing::shared(cx).await?, cx.image()?);
    let mut missing: Vec<&str> = listing.images.iter().map(|made| made.id.as_str()).collect();
    let mut pages = Pages::new(&image, "images");
    while let Some(page) = pages.next().await? {
        let ids = ids(&page)?;
        missing.retain(|id| !ids.iter().any(|found| found == id));
        if missing.is_empty() {
            break;
        }
    }
    require!(cx, missing.is_empty(), "the list has every image that was made; it lacks {}", missing.join(", "));
    Ok(())
}

/// The list of images of a container format has some, and no image of another.
#[conformance(
    id = "image.images.list-by-container-format",
    spec = "image-v2#list-images",
    covers = "9959ca1d-1aa7-4b7a-a1ea-0fff0499b37e",
    needs = [Image],
    seconds = 4,
)]
async fn list_by_container_format(cx: &Cx) -> Outcome {
    let listing = Listing::shared(cx).await?;
    listing.require_filtered(cx, "container_format", &listing.other_container).await
}

/// The list of images of a disk format has some, and no image of another.
#[conformance(
    id = "image.images.list-by-disk-format",
    spec = "image-v2#list-images",
    covers = "4a4735a7-f22f-49b6-b0d9-66e1ef7453eb",
    needs = [Image],
    seconds = 4,
)]
async fn list_by_disk_format(cx: &Cx) -> Outcome {
    let listing = Listing::shared(cx).await?;
    listing.require_filtered(cx, "disk_format", &listing.disk).await
}

/// The list of private images has some, and no image that others may see.
#[conformance(
    id = "image.images.list-by-visibility",
    spec = "image-v2#list-images",
    covers = "7a95bb92-d99e-4b12-9718-7bc6ab73e6d2",
    needs = [Image],
    seconds = 4,
)]
async fn list_by_visibility(cx: &Cx) -> Outcome {
    Listing::shared(cx).await?.require_filtered(cx, "visibility", &json!("private")).await
}

/// The list of images of a size has some, and no image of another.
#[conformance(
    id = "image.images.list-by-size",
    spec = "image-v2#list-images",
    covers = "cf1b9a48-8340-480e-af7b-fe7e17690876",
    needs = [Image],
    seconds = 4,
)]
async fn list_by_size(cx: &Cx) -> Outcome {
    let listing = Listing::shared(cx).await?;
    let size = listing.size(cx, 0).await?;
    listing.require_filtered(cx, "size", &json!(size)).await
}

/// The list of images between a least and a greatest size has no image that is smaller or larger, or has no size.
///
/// It is promised to have the one that lies between, and those whose size is a bound.
#[conformance(
    id = "image.images.list-by-least-and-greatest-size",
    spec = "image-v2#list-images",
    covers = "4ad8c157-971a-4ba8-aa84-ed61154b1e7f",
    needs = [Image],
    seconds = 4,
)]
async fn list_by_least_and_greatest_size(cx: &Cx) -> Outcome {
    let (listing, image) = (Listing::shared(cx).await?, cx.image()?);
    let [small, medium] = [listing.size(cx, 0).await?, listing.size(cx, 1).await?];
    for bounds in [[medium.saturating_sub(500), medium + 500], [small, medium]] {
        let [least, greatest] = bounds;
        let filtered = || image.get("images").query("size_min", least).query("size_max", greatest);
        let page = filtered().require(200).await?.json()?;
        for listed in page.get("images")?.elements()? {
            let size = listed.get("size")?;
            let within = size.value().as_u64().is_some_and(|size| (least..=greatest).contains(&size));
            require!(
                size,
                within,
                "an image between {least} and {greatest} bytes has such a size, not {}",
                size.value()
            );
        }
        let page = filtered().query("tag", &listing.tag).require(200).await?.json()?;
        let wanted = |made: &Value| made["size"].as_u64().is_some_and(|size| (least..=greatest).contains(&size));
        listing.expect_exactly(&page, "size_min and size_max", wanted)?;
    }
    Ok(())
}

/// The list of active images has some, and no image of another status, such as one without data.
#[conformance(
    id = "image.images.list-by-status",
    spec = "image-v2#list-images",
    covers = "7fc9e369-0f58-4d05-9aa5-0969e2d59d15",
    needs = [Image],
    seconds = 4,
)]
async fn list_by_status(cx: &Cx) -> Outcome {
    Listing::shared(cx).await?.require_filtered(cx, "status", &json!("active")).await
}

/// A list of one image at most has one image.
///
/// Its `next` is promised to lead to the rest, one by one, each once.
#[conformance(
    id = "image.images.list-with-limit",
    spec = "image-v2#list-images",
    covers = "e914a891-3cc8-4b40-ad32-e0a39ffbddbb",
    needs = [Image],
    seconds = 4,
)]
async fn list_with_limit(cx: &Cx) -> Outcome {
    let (listing, image) = (Listing::shared(cx).await?, cx.image()?);
    let page = image.get("images").query("limit", 1).require(200).await?.json()?;
    let first = page.get("images")?;
    require_eq!(first, first.elements()?.len(), 1, "a list of one image at most has one image");
    expect!(page, page.find("next").is_some(), "a list that goes on has `next`");

    let mut found = Vec::new();
    let mut page = image.get("images").query("limit", 1).query("tag", &listing.tag).require(200).await?.json()?;
    // One page more than there are images: the last may be empty.
    for _ in 0..=listing.images.len() {
        let ids = ids(&page)?;
        expect!(page, ids.len() <= 1, "a page has no more images than the limit says");
        found.extend(ids);
        let Some(next) = page.find("next") else { break };
        page = image.get(&format!("images?{}", query(next.text()?))).require(200).await?.json()?;
    }
    let mut wanted: Vec<_> = listing.images.iter().map(|made| made.id.clone()).collect();
    found.sort();
    wanted.sort();
    expect_eq!(page, found, wanted, "the pages lead through all images, each once");
    Ok(())
}

/// The sizes of the images that have data, in bytes.
const SIZES: [u64; 3] = [1024, 2048, 4096];

/// The images that the tests share.
struct Listing {
    tag: String,
    images: Vec<Listed>,
    disk: Value,
    other_container: Value,
}

/// An image as it was shown when it was made.
struct Listed {
    id: String,
    value: Value,
}

impl Listing {
    async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared("image.listing", |cx| async move { Self::make(&cx).await }).await
    }

    async fn make(cx: &Cx) -> Outcome<Self> {
        let (image, formats, tag) = (cx.image()?, Formats::find(cx).await?, cx.name("tag"));
        let other = |formats: &[String]| json!(formats.get(1).unwrap_or(&formats[0]));
        let (other_container, other_disk) = (other(&formats.containers), other(&formats.disks));
        let mut images = Vec::new();
        for (members, size) in [
            (json!({}), Some(SIZES[0])),
            // What is said of nobody is `shared` since version 2.5 of the API.
            (json!({"visibility": null}), Some(SIZES[1])),
            (json!({}), Some(SIZES[2])),
            (json!({"container_format": other_container}), None),
            (json!({"disk_format": other_disk}), None),
        ] {
            let mut members = members;
            members["tags"] = json!([tag]);
            let made = Made::new(cx, &members).await?;
            let mut shown = made.json.clone();
            if let Some(size) = size {
                let data = vec![b'.'; usize::try_from(size).unwrap_or_default()];
                made.upload(&image, &data).await?;
                shown = cx
                    .wait_until("an image with data is active", PATIENCE, || async {
                        let shown = made.show(&image).await?;
                        Ok((shown.value()["status"] == "active").then_some(shown))
                    })
                    .await?;
            }
            images.push(Listed { id: made.id, value: shown.value().clone() });
        }
        Ok(Self { tag, images, disk: json!(formats.disks[0]), other_container })
    }

    /// The size of an image that has data, as it is shown.
    async fn size(&self, cx: &Cx, at: usize) -> Outcome<u64> {
        let image = cx.image()?.get(&format!("images/{}", self.images[at].id)).require(200).await?.json()?;
        let size = image.get("size")?;
        size.value().as_u64().ok_or_else(|| {
            size.fail(
                "an image with data has a size".into(),
                Some(SIZES[at].to_string()),
                Some(size.value().to_string()),
            )
        })
    }

    /// Ends the test as failed unless the list with this filter has images, and only such as it fits.
    async fn require_filtered(&self, cx: &Cx, key: &str, value: &Value) -> Outcome {
        let image = cx.image()?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let filtered = || image.get("images").query(key, &text);
        let list = filtered().require(200).await?.json()?.get("images")?;
        let found = list.elements()?;
        require!(list, !found.is_empty(), "the list with `{key}={text}` has images");
        for listed in found {
            require_eq!(listed, listed.get(key)?.value(), value, "the list with `{key}={text}` has no other images");
        }
        let page = filtered().query("tag", &self.tag).require(200).await?.json()?;
        self.expect_exactly(&page, key, |made| made[key] == *value)
    }

    /// Records a deviation unless a page has exactly those of the images that are wanted.
    fn expect_exactly(&self, page: &Json, filter: &str, wanted: impl Fn(&Value) -> bool) -> Outcome {
        let mut found = ids(page)?;
        let mut wanted: Vec<_> =
            self.images.iter().filter(|made| wanted(&made.value)).map(|made| made.id.clone()).collect();
        found.sort();
        wanted.sort();
        expect_eq!(
            page,
            found,
            wanted,
            "the list filtered by {filter} has every image of the test that fits, and no other"
        );
        Ok(())
    }
}

/// The ids of the images of a page.
fn ids(page: &Json) -> Outcome<Vec<String>> {
    page.get("images")?.elements()?.iter().map(|image| Ok(image.get("id")?.text()?.to_owned())).collect()
}

/// What stands behind the `?` of an address.
fn query(address: &str) -> &str {
    address.split_once('?').map_or("", |(_, query)| query)
}
