//! Metadata of snapshots.

use assay_kit::prelude::*;

use super::fixture::require_holds;
use super::shapes;
use super::shared::InTurn;

/// Items of metadata are added to a snapshot, replaced all at once, and one of them is deleted; each time, what is shown
/// is what was asked for.
///
/// A deleted item is promised not to be found.
#[conformance(
    id = "block-storage.snapshot-metadata.create-show-update-delete",
    spec = "block-storage-v3#create-a-snapshot-s-metadata",
    covers = "a2f20f99-e363-4584-be97-bc33afb1a56c",
    needs = [BlockStorage],
    shares = ["block-storage.snapshot-in-turn", "block-storage.volumes"],
    seconds = 3,
)]
async fn create_show_update_delete(cx: &Cx) -> Outcome {
    let (snapshot, client) = (InTurn::snapshot(cx).await?, cx.block_storage()?);
    let _turn = snapshot.turn.lock().await;
    let path = format!("{}/metadata", snapshot.made.path);
    let answer = read(client.post(&path).json(&json!({"metadata": first()})), "metadata").await?;
    require_holds(&answer, &first(), "the answer to the creation of metadata")?;
    let shown = read(client.get(&path), "metadata").await?;
    require_holds(&shown, &first(), "new metadata")?;
    replace(&client, &path).await?;

    client.delete(&format!("{path}/key3")).require(200).await?;
    let shown = read(client.get(&path), "metadata").await?;
    require_holds(&shown, &json!({"key4": "value4"}), "metadata without a deleted item")?;
    require!(shown, shown.find("key3").is_none(), "a deleted item of metadata is gone");
    let gone = client.get(&format!("{path}/key3")).send().await?;
    expect_eq!(gone, gone.status(), 404, "a deleted item of metadata is not found");
    Ok(())
}

/// The metadata of a snapshot is replaced all at once, and shown so.
#[conformance(
    id = "block-storage.snapshot-metadata.update",
    spec = "block-storage-v3#update-a-snapshot-s-metadata",
    covers = "bd2363bc-de92-48a4-bc98-28943c6e4be1",
    needs = [BlockStorage],
    shares = ["block-storage.snapshot-in-turn", "block-storage.volumes"],
    seconds = 3,
)]
async fn update(cx: &Cx) -> Outcome {
    let (snapshot, client) = (InTurn::snapshot(cx).await?, cx.block_storage()?);
    let _turn = snapshot.turn.lock().await;
    let path = format!("{}/metadata", snapshot.made.path);
    read(client.post(&path).json(&json!({"metadata": first()})), "metadata").await?;
    let shown = read(client.get(&path), "metadata").await?;
    require_holds(&shown, &first(), "new metadata")?;
    replace(&client, &path).await
}

/// An item of a snapshot's metadata is replaced, shown on its own, and leaves the others as they were.
#[conformance(
    id = "block-storage.snapshot-metadata.update-and-show-item",
    spec = "block-storage-v3#update-a-snapshot-s-metadata-for-a-specific-key",
    covers = "e8ff85c5-8f97-477f-806a-3ac364a949ed",
    needs = [BlockStorage],
    shares = ["block-storage.snapshot-in-turn", "block-storage.volumes"],
    seconds = 3,
)]
async fn update_and_show_item(cx: &Cx) -> Outcome {
    let (snapshot, client) = (InTurn::snapshot(cx).await?, cx.block_storage()?);
    let _turn = snapshot.turn.lock().await;
    let path = format!("{}/metadata", snapshot.made.path);
    read(client.post(&path).json(&json!({"metadata": first()})), "metadata").await?;
    let shown = read(client.get(&path), "metadata").await?;
    require_holds(&shown, &first(), "new metadata")?;

    let (item, new) = (format!("{path}/key3"), json!({"key3": "value3_update"}));
    let answer = read(client.put(&item).json(&json!({"meta": new})), "meta").await?;
    require_eq!(answer, answer.value(), &new, "the answer to the update of an item is the new item");
    let shown = read(client.get(&item), "meta").await?;
    require_eq!(shown, shown.value(), &new, "an item is shown on its own");
    let shown = read(client.get(&path), "metadata").await?;
    let all = json!({"key1": "value1", "key2": "value2", "key3": "value3_update"});
    require_holds(&shown, &all, "metadata with an updated item")
}

fn first() -> Value {
    json!({"key1": "value1", "key2": "value2", "key3": "value3"})
}

/// Replaces all metadata.
async fn replace(client: &Client, path: &str) -> Outcome {
    let second = json!({"key3": "value3_update", "key4": "value4"});
    let answer = read(client.put(path).json(&json!({"metadata": second})), "metadata").await?;
    require_eq!(answer, answer.value(), &second, "the answer to an update has exactly the new metadata");
    let shown = read(client.get(path), "metadata").await?;
    require_eq!(shown, shown.value(), &second, "an update replaces all metadata");
    Ok(())
}

/// What an answer has under that name.
async fn read(request: assay_kit::Request, name: &'static str) -> Outcome<Json> {
    let answer = request.require(200).await?.json()?;
    shapes::snapshot_metadata(name).require(&answer)?;
    answer.get(name)
}
