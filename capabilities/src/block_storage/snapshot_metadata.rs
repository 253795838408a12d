//! Metadata of snapshots.

use assay_kit::Request;
use assay_kit::prelude::*;

use super::fixture::{beyond, done, require_holds};
use super::shapes;
use super::shared::InTurn;

/// Items of metadata are added to a snapshot, replaced all at once, and one of them is deleted; each time, what is shown
/// must be what was asked for. A request to take all metadata away must be accepted.
///
/// A deleted item should not be found.
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

    let answer = read(client.put(&path).json(&json!({"metadata": second()})), "metadata").await?;
    require_eq!(answer, answer.value(), &second(), "the answer to an update must have exactly the new metadata");
    let shown = read(client.get(&path), "metadata").await?;
    require_eq!(shown, shown.value(), &second(), "an update must replace all metadata");

    done(client.delete(&format!("{path}/key3")), 200).await?;
    let shown = read(client.get(&path), "metadata").await?;
    require_holds(&shown, &json!({"key4": "value4"}), "metadata without a deleted item")?;
    require!(shown, shown.find("key3").is_none(), "a deleted item of metadata must be gone");
    let gone = client.get(&format!("{path}/key3")).send().await?;
    expect_eq!(gone, gone.status(), 404, "a deleted item of metadata should not be found");
    empty(&client, &path).await
}

/// The metadata of a snapshot is replaced all at once, and must be shown so. A request to take all metadata away must be
/// accepted.
///
/// The answer to the change should be the new metadata. Each answer should have metadata of texts and nothing else.
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
    read_loosely(cx, client.post(&path).json(&json!({"metadata": first()}))).await?;
    let shown = read_loosely(cx, client.get(&path)).await?;
    require_holds(&shown, &first(), "new metadata")?;
    let answer = read_loosely(cx, client.put(&path).json(&json!({"metadata": second()}))).await?;
    expect_eq!(answer, answer.value(), &second(), "the answer to an update should have exactly the new metadata");
    let shown = read_loosely(cx, client.get(&path)).await?;
    require_eq!(shown, shown.value(), &second(), "an update must replace all metadata");
    read_loosely(cx, client.put(&path).json(&json!({"metadata": {}}))).await.map(drop)
}

/// The metadata of an answer, whose shape the published test does not look at: it is older than the check of shapes.
async fn read_loosely(cx: &Cx, request: Request) -> Outcome<Json> {
    let answer = request.require(200).await?.json()?;
    beyond(cx, shapes::snapshot_metadata("metadata").require(&answer))?;
    answer.get("metadata")
}

/// An item of a snapshot's metadata is replaced; it must be shown on its own, and the others must be as they were. A
/// request to take all metadata away must be accepted.
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
    require_eq!(answer, answer.value(), &new, "the answer to the update of an item must be the new item");
    let shown = read(client.get(&item), "meta").await?;
    require_eq!(shown, shown.value(), &new, "an item must be shown on its own");
    let shown = read(client.get(&path), "metadata").await?;
    let all = json!({"key1": "value1", "key2": "value2", "key3": "value3_update"});
    require_holds(&shown, &all, "metadata with an updated item")?;
    empty(&client, &path).await
}

fn first() -> Value {
    json!({"key1": "value1", "key2": "value2", "key3": "value3"})
}

fn second() -> Value {
    json!({"key3": "value3_update", "key4": "value4"})
}

/// Takes all metadata away.
async fn empty(client: &Client, path: &str) -> Outcome {
    read(client.put(path).json(&json!({"metadata": {}})), "metadata").await.map(drop)
}

/// What an answer has under that name.
async fn read(request: Request, name: &'static str) -> Outcome<Json> {
    let answer = request.require(200).await?.json()?;
    shapes::snapshot_metadata(name).require(&answer)?;
    answer.get(name)
}
