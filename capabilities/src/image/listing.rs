//! Images: list.
//!
//! The tests share five images that differ in what they are filtered by, so that a filter which does nothing, or the wrong
//! thing, shows. All have one tag: with it, a list should have exactly those of the five that the filter fits.

use std::sync::Arc;
use std::time::Duration;

use assay_kit::Request;
use assay_kit::prelude::*;

use super::fixture::{Formats, Made, told};

/// How long an image with data is given to become active.
const PATIENCE: Duration = Duration::from_secs(60);

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
    require!(cx, missing.is_empty(), "the list must have every image that was made; it lacks {}", missing.join(", "));
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
    listing.require_filtered(cx, "container_format", &listing.container).await
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
/// It should have the one that lies between, and those whose size is a bound.
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
    let [least, greatest] = [medium.saturating_sub(500), medium.saturating_add(500)];
    let between = |least: u64, greatest: u64| image.get("images").query("size_min", least).query("size_max", greatest);
    for listed in between(least, greatest).require(200).await?.json()?.get("images")?.elements()? {
        let size = listed.get("size")?;
        let within = size.value().as_u64().is_some_and(|size| (least..=greatest).contains(&size));
        require!(
            size,
            within,
            "the list of images between {least} and {greatest} bytes must have no image of {} bytes",
            size.value()
        );
    }
    for [least, greatest] in [[least, greatest], [small, medium]] {
        let fits = |made: &Value| made["size"].as_u64().is_some_and(|size| (least..=greatest).contains(&size));
        listing.expect_exactly(between(least, greatest), "size_min and size_max", fits).await?;
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
/// Its `next` should lead to the rest, one by one, each once.
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
    let mut answer = image.get("images").query("limit", 1).query("tag", &listing.tag).send().await?;
    // One page more than there are images: the last may be empty.
    for _ in 0..=listing.images.len() {
        let ids = answer.json().and_then(|page| ids(&page)).unwrap_or_default();
        expect!(answer, ids.len() <= 1, "a page has no more images than the limit says");
        found.extend(ids);
        let page = told(&answer);
        let Some(next) = page["next"].as_str() else { break };
        answer = image.get(&format!("images?{}", query(next))).send().await?;
    }
    let mut wanted: Vec<_> = listing.images.iter().map(|made| made.id.clone()).collect();
    found.sort();
    wanted.sort();
    expect_eq!(answer, found, wanted, "the pages lead through all images of the test, each once");
    Ok(())
}

/// The sizes of the images that have data, in bytes.
const SIZES: [usize; 3] = [1024, 2048, 4096];

/// The images that the tests share.
struct Listing {
    tag: String,
    images: Vec<Listed>,
    disk: Value,
    /// A container format that not all of them have, where another one can be had.
    container: Value,
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
            let made = match Made::new(cx, &members).await {
                // Images without data are there to be kept out by filters. One whose format is refused is not needed.
                Err(Stop::Fail(_)) if size.is_none() => continue,
                made => made?,
            };
            let mut shown = made.json.clone();
            if let Some(size) = size {
                let data = formats.content(vec![b'.'; size]);
                made.upload(&image, &data).await?;
                // Whether it becomes active is for the test of active images to say.
                let is_active = |shown: &Json| shown.value()["status"] == "active";
                shown = cx.settled(PATIENCE, || made.show(&image), is_active).await?;
            }
            images.push(Listed { id: made.id, value: shown.value().clone() });
        }
        let is_made = images.iter().any(|made| made.value["container_format"] == other_container);
        let container = if is_made { other_container } else { json!(formats.containers[0]) };
        Ok(Self { tag, images, disk: json!(formats.disks[0]), container })
    }

    /// The size of an image that has data, as it is shown.
    async fn size(&self, cx: &Cx, at: usize) -> Outcome<u64> {
        let image = cx.image()?.get(&format!("images/{}", self.images[at].id)).require(200).await?.json()?;
        let size = image.get("size")?;
        size.value().as_u64().ok_or_else(|| {
            size.fail(
                "an image with data must have a size".into(),
                Some(SIZES[at].to_string()),
                Some(size.value().to_string()),
            )
        })
    }

    /// Ends the test as failed unless the list with this filter has images, and only such as it fits.
    async fn require_filtered(&self, cx: &Cx, key: &str, value: &Value) -> Outcome {
        let image = cx.image()?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let list = image.get("images").query(key, &text).require(200).await?.json()?.get("images")?;
        let found = list.elements()?;
        require!(list, !found.is_empty(), "the list with `{key}={text}` must have images");
        for listed in found {
            let given = listed.get(key)?;
            require_eq!(
                given,
                given.value(),
                value,
                "the list with `{key}={text}` must have no image of another `{key}`"
            );
        }
        self.expect_exactly(image.get("images").query(key, &text), key, |made| made[key] == *value).await
    }

    /// Records a deviation unless this list, filtered by the tag too, has exactly those of the images that fit.
    async fn expect_exactly(&self, list: Request, filter: &str, fits: impl Fn(&Value) -> bool) -> Outcome {
        let fitting = self.images.iter().filter(|made| fits(&made.value));
        let mut wanted: Vec<_> = fitting.map(|made| made.id.clone()).collect();
        wanted.sort();
        let answer = list.query("tag", &self.tag).send().await?;
        let mut found = answer.json().and_then(|page| ids(&page)).ok();
        if let Some(found) = &mut found {
            found.sort();
        }
        let promise = "has every image of the test that fits, and no other";
        expect_eq!(answer, found, Some(wanted), "the list filtered by {filter} and a tag {promise}");
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
