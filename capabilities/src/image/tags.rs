//! Image tags.

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::fixture::{Made, told};
use crate::refusal::Refusal as _;

/// A tag that is added to an image must be shown with it, and must not be shown any more once it is deleted. The
/// deleted image must not be found.
///
/// The tag should be the only one, also when it is added twice.
#[conformance(
    id = "image.tags.add-and-delete",
    spec = "image-v2#add-image-tag",
    covers = "10407036-6059-4f95-a2cd-cbbbee7ed329",
    needs = [Image],
    seconds = 2,
)]
async fn add_and_delete(cx: &Cx) -> Outcome {
    let (image, tag) = (cx.image()?, cx.name("tag"));
    let made = Made::new(cx, &json!({})).await?;
    let path = format!("{}/tags/{}", made.path, encode(&tag));

    image.put(&path).require(204).await?;
    let tags = tags(&made, &image).await?;
    require!(tags, contains(&tags, &tag)?, "an added tag is shown with the image");
    expect_eq!(tags, tags.value(), &json!([tag]), "the image has the added tag and no other");

    image.delete(&path).require(204).await?;
    let tags = self::tags(&made, &image).await?;
    require!(tags, !contains(&tags, &tag)?, "a deleted tag is not shown with the image");
    expect_eq!(tags, tags.value(), &json!([]), "the image has no tag left");

    for time in ["first", "second"] {
        let added = image.put(&path).send().await?;
        expect_eq!(added, added.status(), 204, "a tag can be added twice; this is the {time} time");
    }
    let shown = image.get(&made.path).send().await?;
    expect_eq!(shown, told(&shown)["tags"], json!([tag]), "a tag that is added twice is shown once");
    made.delete(cx).await
}

/// A tag of an image that does not exist is not found.
#[conformance(
    id = "image.tags.add-to-unknown-image",
    spec = "image-v2#add-image-tag",
    covers = "8cd30f82-6f9a-4c6e-8034-c1b51fba43d9",
    needs = [Image],
)]
async fn add_to_unknown_image(cx: &Cx) -> Outcome {
    let path = format!("images/{}/tags/{}", cx.unused_uuid(), encode(&cx.name("tag")));
    cx.image()?.put(&path).require_refusal(404).await.map(drop)
}

/// Deleting a tag that an image does not have must answer 404. The deleted image must not be found.
///
/// Beside another tag it should answer 404 too, and the other tag should stay.
#[conformance(
    id = "image.tags.delete-unknown",
    spec = "image-v2#delete-image-tag",
    covers = "39c023a2-325a-433a-9eea-649bf1414b19",
    needs = [Image],
    seconds = 2,
)]
async fn delete_unknown(cx: &Cx) -> Outcome {
    let (image, tag) = (cx.image()?, cx.name("tag"));
    let made = Made::new(cx, &json!({})).await?;
    let unknown = format!("{}/tags/{}", made.path, encode(&cx.name("tag")));
    image.delete(&unknown).require_refusal(404).await?;

    let added = image.put(&format!("{}/tags/{}", made.path, encode(&tag))).send().await?;
    expect_eq!(added, added.status(), 204, "a tag can be added to an image");
    let again = image.delete(&unknown).send().await?;
    expect_eq!(again, again.status(), 404, "a tag that an image does not have is not found beside another one either");
    let shown = image.get(&made.path).send().await?;
    expect_eq!(shown, told(&shown)["tags"], json!([tag]), "the tag that the image has stays");
    made.delete(cx).await
}

async fn tags(made: &Made, image: &Client) -> Outcome<Json> {
    made.show(image).await?.get("tags")
}

fn contains(tags: &Json, tag: &str) -> Outcome<bool> {
    Ok(tags.elements()?.iter().any(|found| found.value() == tag))
}
