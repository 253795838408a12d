//! Actions on volumes.

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::fixture::{Made, PATIENCE};
use super::shared::InTurn;

/// A volume that is marked as bootable, and then as not bootable, is shown so.
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
        act(cx, &volume.made, &action, 200).await?;
        let shown = volume.made.show(cx).await?.get("bootable")?;
        require_eq!(
            shown,
            shown.value(),
            &bootable.to_string(),
            "a volume is shown as bootable or not, as it was marked"
        );
    }
    Ok(())
}

/// A volume that is set to be read-only, and then not to be, is shown so in its metadata.
#[conformance(
    id = "block-storage.volume-actions.set-readonly",
    spec = "block-storage-v3#updates-volume-read-only-access-mode-flag",
    covers = "fff74e1e-5bd3-4b33-9ea9-24c103bc3f59",
    needs = [BlockStorage],
    shares = ["block-storage.volume-in-turn"],
    seconds = 4,
)]
async fn set_readonly(cx: &Cx) -> Outcome {
    let volume = InTurn::volume(cx).await?;
    let _turn = volume.turn.lock().await;
    for (readonly, text) in [(true, "True"), (false, "False")] {
        let action = json!({"os-update_readonly_flag": {"readonly": readonly}});
        act(cx, &volume.made, &action, 202).await?;
        let shown = volume.made.show(cx).await?.at(["metadata", "readonly"])?;
        require_eq!(shown, shown.value(), text, "a volume is shown as read-only or not, as it was set");
    }
    Ok(())
}

/// A volume is uploaded as an image, which becomes active with the name and the disk format that were asked for, and the
/// volume is available again.
///
/// The image is promised to have data.
#[conformance(
    id = "block-storage.volume-actions.upload-to-image",
    spec = "block-storage-v3#upload-volume-to-image",
    covers = "d8f1ca95-3d5b-44a3-b8ca-909691c9532d",
    needs = [BlockStorage, Image],
    holds = [Volumes],
    seconds = 6,
    timeout = 900,
)]
async fn upload_to_image(cx: &Cx) -> Outcome {
    const FORMAT: &str = "raw";
    let image = cx.image()?;
    let volume = Made::volume(cx, &json!({})).await?;
    volume.available(cx).await?;
    let name = cx.name("image");
    let planned = cx.will_create(Resource::new(Kind::Image, &name))?;
    let action = json!({"os-volume_upload_image": {"image_name": name, "disk_format": FORMAT}});
    let answer = act(cx, &volume, &action, 202).await?.json()?.get("os-volume_upload_image")?;
    let id = answer.get("image_id")?.text()?.to_owned();
    planned.created(&id);
    expect_eq!(answer, answer.value()["id"], json!(volume.id), "the answer tells the volume");
    expect_eq!(answer, answer.value()["image_name"], json!(name), "the answer tells the name of the image");
    expect_eq!(answer, answer.value()["disk_format"], FORMAT, "the answer tells the disk format of the image");

    let path = format!("images/{}", encode(&id));
    let active = cx
        .wait_until("the image of a volume is active", PATIENCE, || async {
            let shown = image.get(&path).require(200).await?.json()?;
            let status = shown.get("status")?;
            let broken = matches!(status.text()?, "killed" | "deleted" | "pending_delete");
            require!(status, !broken, "the image of a volume becomes active");
            Ok((status.value() == "active").then_some(shown))
        })
        .await?;
    volume.available(cx).await?;
    require_eq!(active, active.get("name")?.value(), &name, "the image has the name that was asked for");
    require_eq!(active, active.get("disk_format")?.value(), FORMAT, "it has the disk format that was asked for");
    expect!(active, active.value()["size"].as_u64().is_some_and(|size| size > 0), "the image has data");
    Ok(())
}

async fn act(cx: &Cx, volume: &Made, action: &Value, status: u16) -> Outcome<Response> {
    cx.block_storage()?.post(&format!("{}/action", volume.path)).json(action).require(status).await
}
