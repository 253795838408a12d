//! Actions on volumes.

use assay_kit::Request;
use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::fixture::{Made, PATIENCE, done};
use super::shared::InTurn;

/// A volume that is marked as bootable, and then as not bootable, must be shown so.
#[conformance(
    id = "block-storage.volume-actions.set-bootable",
    spec = "block-storage-v3#update-a-volume-s-bootable-status",
    covers = "63e21b4c-0a0c-41f6-bfc3-7c2816815599",
    needs = [BlockStorage],
    shares = ["block-storage.volume-in-turn"],
    seconds = 4,
)]
async fn set_bootable(cx: &Cx) -> Outcome {
    let volume = InTurn::volume(cx).await?;
    let _turn = volume.turn.lock().await;
    for bootable in [true, false] {
        let action = json!({"os-set_bootable": {"bootable": bootable}});
        done(act(cx, &volume.made, &action)?, 200).await?;
        let shown = volume.made.show(cx).await?.get("bootable")?;
        require_eq!(
            shown,
            shown.value(),
            &bootable.to_string(),
            "a volume must be shown as bootable or not, as it was marked"
        );
    }
    Ok(())
}

/// A volume that is set to be read-only, and then not to be, must be shown so in its metadata. It is deleted, and must be
/// gone.
#[conformance(
    id = "block-storage.volume-actions.set-readonly",
    spec = "block-storage-v3#updates-volume-read-only-access-mode-flag",
    covers = "fff74e1e-5bd3-4b33-9ea9-24c103bc3f59",
    needs = [BlockStorage],
    holds = [Volumes],
    seconds = 4,
)]
async fn set_readonly(cx: &Cx) -> Outcome {
    // Not the shared one: where the flag is kept among the metadata, the tests of metadata would find it there.
    let volume = Made::volume(cx, &json!({})).await?;
    volume.available(cx).await?;
    for (readonly, text) in [(true, "True"), (false, "False")] {
        let action = json!({"os-update_readonly_flag": {"readonly": readonly}});
        done(act(cx, &volume, &action)?, 202).await?;
        let shown = volume.show(cx).await?.at(["metadata", "readonly"])?;
        require_eq!(shown, shown.value(), text, "a volume must be shown as read-only or not, as it was set");
    }
    volume.remove(cx).await
}

/// A volume is uploaded as an image, which must become active with the name and the disk format that were asked for; the
/// volume must be available again. The image and the volume are deleted, and the volume must be gone.
///
/// The answer should tell the volume, and the name and the disk format of the image. The image should have data.
#[conformance(
    id = "block-storage.volume-actions.upload-to-image",
    spec = "block-storage-v3#upload-volume-to-image",
    covers = "d8f1ca95-3d5b-44a3-b8ca-909691c9532d",
    needs = [BlockStorage, Image],
    holds = [Volumes],
    seconds = 6,
)]
async fn upload_to_image(cx: &Cx) -> Outcome {
    const FORMAT: &str = "raw";
    let image = cx.image()?;
    let volume = Made::volume(cx, &json!({})).await?;
    volume.available(cx).await?;
    let name = cx.name("image");
    let planned = cx.will_create(Resource::new(Kind::Image, &name))?;
    let action = json!({"os-volume_upload_image": {"image_name": name, "disk_format": FORMAT}});
    let answer = act(cx, &volume, &action)?.require(202).await?.json()?.get("os-volume_upload_image")?;
    let id = answer.get("image_id")?.text()?.to_owned();
    planned.created(&id);
    expect_eq!(answer, answer.value()["id"], json!(volume.id), "the answer should tell the id of the volume");
    expect_eq!(answer, answer.value()["image_name"], json!(name), "the answer should tell the name of the image");
    expect_eq!(answer, answer.value()["disk_format"], FORMAT, "the answer should tell the disk format of the image");

    let path = format!("images/{}", encode(&id));
    let active = cx
        .wait_until("the image of a volume must become active", PATIENCE, || async {
            let shown = image.get(&path).require(200).await?.json()?;
            let status = shown.get("status")?;
            let broken = matches!(status.text()?, "killed" | "deleted" | "pending_delete");
            require!(status, !broken, "the image of a volume must become active");
            Ok((status.value() == "active").then_some(shown))
        })
        .await?;
    volume.available(cx).await?;
    require_eq!(active, active.get("name")?.value(), &name, "the image must have the name that was asked for");
    require_eq!(active, active.get("disk_format")?.value(), FORMAT, "the image must have the disk format asked for");
    expect!(active, active.value()["size"].as_u64().is_some_and(|size| size > 0), "the image should have data");
    image.delete(&path).require([204, 404]).await?;
    volume.remove(cx).await
}

fn act(cx: &Cx, volume: &Made, action: &Value) -> Outcome<Request> {
    Ok(cx.block_storage()?.post(&format!("{}/action", volume.path)).json(action))
}
