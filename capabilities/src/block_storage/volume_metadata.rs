//! Metadata of volumes.

use assay_kit::prelude::*;

use super::fixture::{beyond, done, require_holds};
use super::shapes;
use super::shared::InTurn;

/// Items of metadata are added to a volume, replaced all at once, and one of them is deleted; each time, what is shown
/// must be what was asked for. A request to take all metadata away must be accepted.
///
/// Items should be added to those that are there. A deleted one should not be found.
#[conformance(
    id = "block-storage.volume-metadata.create-show-update-delete",
    spec = "block-storage-v3#create-metadata-for-volume",
    covers = "6f5b125b-f664-44bf-910f-751591fe5769",
    needs = [BlockStorage],
    shares = ["block-storage.volume-in-turn"],
    seconds = 4,
)]
async fn create_show_update_delete(cx: &Cx) -> Outcome {
    let (volume, client) = (InTurn::volume(cx).await?, cx.block_storage()?);
    let _turn = volume.turn.lock().await;
    let path = format!("{}/metadata", volume.made.path);
    let first = json!({"key1": "value1", "key2": "value2", "key3": "value3", "key4": "<value&special_chars>"});
    let answer = read(client.post(&path).json(&json!({"metadata": first})), "metadata").await?;
    require_holds(&answer, &first, "the answer to the creation of metadata")?;
    let shown = read(client.get(&path), "metadata").await?;
    require_holds(&shown, &first, "new metadata")?;

    let second = json!({"key4": "value4", "key1": "value1_update"});
    let answer = read(client.put(&path).json(&json!({"metadata": second})), "metadata").await?;
    require_eq!(answer, answer.value(), &second, "the answer to an update must have exactly the new metadata");
    let shown = read(client.get(&path), "metadata").await?;
    require_eq!(shown, shown.value(), &second, "an update must replace all metadata");

    done(client.delete(&format!("{path}/key1")), 200).await?;
    let shown = read(client.get(&path), "metadata").await?;
    require!(shown, shown.find("key1").is_none(), "a deleted item of metadata must be gone");
    require_holds(&shown, &json!({"key4": "value4"}), "metadata without a deleted item")?;
    let gone = client.get(&format!("{path}/key1")).send().await?;
    expect_eq!(gone, gone.status(), 404, "a deleted item of metadata should not be found");

    let more = json!({"metadata": {"key5": "value5"}});
    beyond(cx, read(client.post(&path).json(&more), "metadata").await)?;
    if let Some(shown) = beyond(cx, read(client.get(&path), "metadata").await)? {
        let both = json!({"key4": "value4", "key5": "value5"});
        expect_eq!(shown, *shown.value(), both, "an item should be added to the others");
    }
    empty(&client, &path).await
}

/// An item of a volume's metadata is replaced; it must be shown on its own, and the others must be as they were. A request
/// to take all metadata away must be accepted.
#[conformance(
    id = "block-storage.volume-metadata.update-and-show-item",
    spec = "block-storage-v3#update-a-volume-s-metadata-for-a-specific-key",
    covers = "862261c5-8df4-475a-8c21-946e50e36a20",
    needs = [BlockStorage],
    shares = ["block-storage.volume-in-turn"],
    seconds = 4,
)]
async fn update_and_show_item(cx: &Cx) -> Outcome {
    let (volume, client) = (InTurn::volume(cx).await?, cx.block_storage()?);
    let _turn = volume.turn.lock().await;
    let path = format!("{}/metadata", volume.made.path);
    let first = json!({"key1": "value1", "key2": "value2", "key3": "value3"});
    let answer = read(client.post(&path).json(&json!({"metadata": first})), "metadata").await?;
    require_holds(&answer, &first, "the answer to the creation of metadata")?;

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

/// Takes all metadata away.
async fn empty(client: &Client, path: &str) -> Outcome {
    read(client.put(path).json(&json!({"metadata": {}})), "metadata").await.map(drop)
}

/// What an answer has under that name.
async fn read(request: assay_kit::Request, name: &'static str) -> Outcome<Json> {
    let answer = request.require(200).await?.json()?;
    shapes::volume_metadata(name).require(&answer)?;
    answer.get(name)
}
