//! Images: create, show, update, delete.

use assay_kit::prelude::*;

use super::fixture::{Formats, Made, count, told};
use crate::refusal::Refusal as _;

/// An image of a container format that does not exist must be refused with 400.
///
/// Everything else in the request is right. The image should not be created.
#[conformance(
    id = "image.images.create-with-unknown-container-format",
    spec = "image-v2#create-image",
    covers = "292bd310-369b-41c7-a7a3-10276ef76753",
    needs = [Image],
)]
async fn create_with_unknown_container_format(cx: &Cx) -> Outcome {
    create_refused(cx, "container_format").await
}

/// An image of a disk format that does not exist must be refused with 400.
///
/// Everything else in the request is right. The image should not be created.
#[conformance(
    id = "image.images.create-with-unknown-disk-format",
    spec = "image-v2#create-image",
    covers = "70c6040c-5a97-4111-9e13-e73665264ce1",
    needs = [Image],
)]
async fn create_with_unknown_disk_format(cx: &Cx) -> Outcome {
    create_refused(cx, "disk_format").await
}

async fn create_refused(cx: &Cx, wrong: &str) -> Outcome {
    let (image, name) = (cx.image()?, cx.name("image"));
    let mut body = Formats::find(cx).await?.request(&name);
    body[wrong] = json!("wrong");
    cx.will_create(Resource::new(Kind::Image, &name))?;
    let refused = image.post("images").json(&body).require_refusal(400).await?;
    expect_eq!(refused, count(&image, &name).await?, Some(0), "a refused image is not created");
    Ok(())
}

/// Showing an unknown image must answer 404.
#[conformance(
    id = "image.images.show-unknown",
    spec = "image-v2#show-image",
    covers = "668743d5-08ad-4480-b2b8-15da34f81d9f",
    needs = [Image],
)]
async fn show_unknown(cx: &Cx) -> Outcome {
    cx.image()?.get(&format!("images/{}", cx.unused_uuid())).require_refusal(404).await.map(drop)
}

/// Showing an image without an id must answer 404: `GET images/`, with nothing behind the slash, must not list images.
#[conformance(
    id = "image.images.show-without-id",
    spec = "image-v2#show-image",
    covers = "ef45000d-0a72-4781-866d-4cb7bf2562ad",
    needs = [Image],
)]
async fn show_without_id(cx: &Cx) -> Outcome {
    cx.image()?.get("images/").require_refusal(404).await.map(drop)
}

/// A deleted image is not found, neither to be shown nor to be deleted again.
///
/// It should not be listed by its name.
#[conformance(
    id = "image.images.show-and-delete-deleted",
    spec = "image-v2#show-image",
    covers = "e57fc127-7ba0-4693-92d7-1d8a05ebcba9",
    needs = [Image],
    seconds = 2,
)]
async fn show_and_delete_deleted(cx: &Cx) -> Outcome {
    let image = cx.image()?;
    // The published test leaves the visibility to the service.
    let made = Made::new(cx, &json!({"visibility": null})).await?;
    made.delete(cx).await?;
    image.get(&made.path).require_refusal(404).await?;
    let again = image.delete(&made.path).require_refusal(404).await?;
    let listed = count(&image, &made.name).await?;
    expect_eq!(again, listed, Some(0), "a deleted image is not listed by its name");
    Ok(())
}

/// An image gets a new name by a JSON patch. The new image must be queued. The patch must answer 200, and the image
/// must be shown with its id and the new name. The deleted image must not be found.
///
/// Everything else should stay as it was. The newer form of patch should be taken, to replace and to add. A patch that
/// is called plain JSON should be refused with 415 and change nothing.
#[conformance(
    id = "image.images.update",
    spec = "image-v2#update-image",
    covers = "f66891a7-a35c-41a8-b590-a065c2a1caa6",
    needs = [Image],
    seconds = 2,
)]
async fn update(cx: &Cx) -> Outcome {
    let image = cx.image()?;
    let made = Made::new(cx, &json!({})).await?;
    require_eq!(made.json, made.json.get("status")?.value(), "queued", "an image without data is queued");

    let patch = |version: &str, patch: &Value| {
        let media_type = format!("application/openstack-images-v{version}-json-patch");
        image.patch(&made.path).header("Content-Type", media_type).json(patch)
    };
    let new = cx.name("image-renamed");
    // It may have either name when the test is stopped.
    let renamed = cx.will_create(Resource::new(Kind::Image, &new))?;
    renamed.created(&made.id);
    let answer = patch("2.0", &json!([{"replace": "/name", "value": new}])).require(200).await?.json()?;
    let shown = made.show(&image).await?;
    require_eq!(shown, shown.get("id")?.value(), &made.id, "an updated image keeps its id");
    require_eq!(shown, shown.get("name")?.value(), &new, "an updated image has the new name");
    expect_eq!(answer, answer.value(), shown.value(), "the answer to an update is the image as it is shown then");
    let (before, after) = (made.json.value(), shown.value());
    for (key, value) in before.as_object().into_iter().flatten().filter(|(key, _)| !is_changed_by_update(key)) {
        expect_eq!(shown, after[key], *value, "`{key}` is not changed by an update of the name");
    }
    let updated = |image: &Json| image.get("updated_at").and_then(|time| time.time()).ok();
    expect!(shown, updated(&shown) >= updated(&made.json), "`updated_at` is no earlier than before the update");

    let newer = json!([
        {"op": "replace", "path": "/min_ram", "value": 7},
        {"op": "add", "path": "/assay_property", "value": "added"},
    ]);
    let answer = patch("2.1", &newer).send().await?;
    expect_eq!(answer, answer.status(), 200, "the newer form of patch is taken");
    let shown = image.get(&made.path).send().await?;
    let now = told(&shown);
    expect_eq!(shown, now["min_ram"], json!(7), "a base property is replaced");
    expect_eq!(shown, now["assay_property"], json!("added"), "a property is added");
    let plain =
        image.patch(&made.path).json(&json!([{"op": "replace", "path": "/min_ram", "value": 8}])).send().await?;
    expect_eq!(plain, plain.status(), 415, "a patch that is called plain JSON is refused");
    let shown = image.get(&made.path).send().await?;
    expect_eq!(shown, told(&shown)["min_ram"], json!(7), "a refused patch changes nothing");
    made.delete(cx).await?;
    renamed.removed();
    Ok(())
}

fn is_changed_by_update(key: &str) -> bool {
    matches!(key, "name" | "updated_at")
}

/// A deleted image is not found any more and is not in the list of images.
///
/// It should not be listed by its name either, and an image beside it should still be.
#[conformance(
    id = "image.images.delete",
    spec = "image-v2#delete-image",
    covers = "f848bb94-1c6e-45a4-8726-39e3a5b23535",
    needs = [Image],
    seconds = 2,
)]
async fn delete(cx: &Cx) -> Outcome {
    let image = cx.image()?;
    let made = Made::new(cx, &json!({})).await?;
    // Whether there can be another one is for other tests to say.
    let kept = Made::new(cx, &json!({})).await.ok();
    made.delete(cx).await?;
    let list = image.get("images").require(200).await?.json()?.get("images")?;
    let mut ids = Vec::new();
    for listed in list.elements()? {
        ids.push(listed.get("id")?.value().clone());
    }
    require!(list, !ids.contains(&json!(made.id)), "a deleted image is not in the list of images");
    expect_eq!(list, count(&image, &made.name).await?, Some(0), "a deleted image is not listed by its name");
    if let Some(kept) = kept {
        let beside = count(&image, &kept.name).await?;
        expect_eq!(list, beside, Some(1), "an image beside the deleted one is still listed by its name");
    }
    Ok(())
}

/// Deleting an unknown image must answer 404.
#[conformance(
    id = "image.images.delete-unknown",
    spec = "image-v2#delete-image",
    covers = "6fe40f1c-57bd-4918-89cc-8500f850f3de",
    needs = [Image],
)]
async fn delete_unknown(cx: &Cx) -> Outcome {
    cx.image()?.delete(&format!("images/{}", cx.unused_uuid())).require_refusal(404).await.map(drop)
}

/// Deleting an image without an id must answer 404: `DELETE images/`, with nothing behind the slash.
///
/// It should delete nothing.
#[conformance(
    id = "image.images.delete-without-id",
    spec = "image-v2#delete-image",
    covers = "32248db1-ab88-4821-9604-c7c369f1f88c",
    needs = [Image],
)]
async fn delete_without_id(cx: &Cx) -> Outcome {
    let image = cx.image()?;
    // Whether an image can be made is for other tests to say.
    let made = Made::new(cx, &json!({})).await;
    image.delete("images/").of_nobody().require_refusal(404).await?;
    if let Ok(made) = made {
        let shown = image.get(&made.path).send().await?;
        expect_eq!(shown, shown.status(), 200, "an image is still there after a request to delete one without an id");
    }
    Ok(())
}
