//! Snapshots: create, show, update, delete, and make volumes of them.

use assay_kit::prelude::*;

use super::fixture::{Made, expect_unlisted, read_list, require_holds};
use super::shapes;
use super::shared::Volumes;
use crate::refusal::Refusal as _;

/// A snapshot becomes available, is shown with its volume, the size of that and its metadata, is listed with its name,
/// gets a new name and description, and is deleted.
///
/// An update should leave everything else alone. What was deleted should not be listed.
#[conformance(
    id = "block-storage.snapshots.create-show-list-update-delete",
    spec = "block-storage-v3#create-a-snapshot",
    covers = "2a8abbe4-d871-46db-b049-c41f5af8216e",
    needs = [BlockStorage],
    holds = [Snapshots],
    shares = ["block-storage.volumes"],
    seconds = 3,
)]
async fn create_show_list_update_delete(cx: &Cx) -> Outcome {
    let volumes = Volumes::shared(cx).await?;
    let volume = &volumes.shown[1];
    let metadata = json!({"snap-meta1": "value1", "snap-meta2": "value2", "snap-meta3": "value3"});
    let made = Made::snapshot(cx, &volumes.made[1].id, &json!({"metadata": metadata})).await?;
    let shown = made.show(cx).await?;
    require_eq!(
        shown,
        shown.get("volume_id")?.value(),
        volume.get("id")?.value(),
        "a snapshot must be shown with the id of its volume"
    );
    require_eq!(
        shown,
        shown.get("size")?.value(),
        volume.get("size")?.value(),
        "a snapshot must be shown with the size of its volume"
    );
    require_holds(&shown.get("metadata")?, &metadata, "the metadata of a new snapshot")?;
    expect_eq!(shown, shown.value()["name"], json!(made.name), "a snapshot should be shown with its name");

    let list = read_list(cx, "snapshots", &[], |page| shapes::snapshots().require(page), &[&made.id]).await?;
    let listed = |snapshot: &Json| snapshot.value()["id"] == *made.id && snapshot.value()["name"] == *made.name;
    require!(list.last, list.entries.iter().any(listed), "the list must have the new snapshot, with its name");

    let (name, description) = (cx.name("snapshot-renamed"), "a new description");
    let answer = made.update(cx, &json!({"name": name, "description": description})).await?;
    let updated = made.show(cx).await?;
    for seen in [&answer, &updated] {
        require_eq!(seen, seen.get("name")?.value(), &name, "an updated snapshot must have the new name");
        let seen = seen.get("description")?;
        require_eq!(seen, seen.value(), description, "an updated snapshot must have the new description");
    }
    for key in ["id", "volume_id", "size", "metadata", "created_at", "status"] {
        expect_eq!(
            updated,
            updated.value()[key],
            shown.value()[key],
            "an update of the name should not change `{key}`"
        );
    }
    made.remove(cx).await?;
    expect_unlisted(cx, "snapshots", &name).await
}

/// A volume of a snapshot, larger than the volume that the snapshot is of, must become available with its own size, and
/// must tell the snapshot. All three are deleted, and must be gone.
///
/// The volume should not be listed any more.
#[conformance(
    id = "block-storage.snapshots.create-volume",
    spec = "block-storage-v3#create-a-volume",
    covers = "677863d1-3142-456d-b6ac-9924f667a7f4",
    needs = [BlockStorage],
    holds = [Volumes, Volumes, Snapshots],
    seconds = 9,
)]
async fn create_volume(cx: &Cx) -> Outcome {
    let origin = Made::volume(cx, &json!({})).await?;
    origin.available(cx).await?;
    let snapshot = Made::snapshot(cx, &origin.id, &json!({})).await?;
    let volume = Made::volume(cx, &json!({"snapshot_id": snapshot.id, "size": 2})).await?;
    let shown = volume.available(cx).await?;
    let of = shown.get("snapshot_id")?;
    require_eq!(of, of.value(), &snapshot.id, "a volume of a snapshot must be shown with the id of the snapshot");
    let size = shown.get("size")?;
    require_eq!(size, *size.value(), json!(2), "a volume of a snapshot must be shown with the size that was asked for");
    for made in [&volume, &snapshot, &origin] {
        made.remove(cx).await?;
    }
    volume.expect_unlisted(cx).await
}

/// A snapshot of a volume that does not exist must be refused with 404, and should not be created.
#[conformance(
    id = "block-storage.snapshots.create-of-unknown-volume",
    spec = "block-storage-v3#create-a-snapshot",
    covers = "e3e466af-70ab-4f4b-a967-ab04e3532ea7",
    needs = [BlockStorage],
)]
async fn create_of_unknown_volume(cx: &Cx) -> Outcome {
    create_refused(cx, json!(cx.unused_uuid())).await
}

/// A snapshot of no volume must be refused with 404, and should not be created.
#[conformance(
    id = "block-storage.snapshots.create-without-volume",
    spec = "block-storage-v3#create-a-snapshot",
    covers = "bb9da53e-d335-4309-9c15-7e76fd5e4d6d",
    needs = [BlockStorage],
)]
async fn create_without_volume(cx: &Cx) -> Outcome {
    create_refused(cx, Value::Null).await
}

async fn create_refused(cx: &Cx, volume: Value) -> Outcome {
    let name = cx.name("snapshot");
    cx.will_create(Resource::new(Kind::Snapshot, &name))?;
    let body = json!({"snapshot": {"volume_id": volume, "display_name": name}});
    cx.block_storage()?.post("snapshots").json(&body).require_refusal(404).await?;
    expect_unlisted(cx, "snapshots", &name).await
}
