//! Server metadata.

use assay_kit::prelude::*;

use super::changed::Turn;
use super::shapes::{self, checked};

/// The metadata that each test begins with.
fn initial() -> Value {
    json!({"key1": "value1", "key2": "value2"})
}

/// All metadata of a server is listed.
#[conformance(
    id = "compute.server-metadata.list",
    spec = "compute-v2.1#list-all-metadata",
    covers = "479da087-92b3-4dcf-aeb3-fd293b2d14ce",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 2,
)]
async fn list(cx: &Cx) -> Outcome {
    let turn = begin(cx).await?;
    require_metadata(cx, &turn, &initial()).await?;
    turn.done();
    Ok(())
}

/// Metadata that is set replaces all that there was.
#[conformance(
    id = "compute.server-metadata.replace",
    spec = "compute-v2.1#replace-metadata-items",
    covers = "211021f6-21de-4657-a68f-908878cfe251",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 2,
)]
async fn replace(cx: &Cx) -> Outcome {
    let turn = begin(cx).await?;
    let metadata = json!({"meta2": "data2", "meta3": "data3"});
    let answer = send(cx, "PUT", &turn, &metadata).await?;
    expect_eq!(answer, answer.value(), &metadata, "the answer has the new metadata");
    require_metadata(cx, &turn, &metadata).await?;
    turn.done();
    Ok(())
}

/// Metadata that is updated keeps the items that were not sent.
#[conformance(
    id = "compute.server-metadata.update",
    spec = "compute-v2.1#create-or-update-metadata-items",
    covers = "344d981e-0c33-4997-8a5d-6c1d803e4134",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 2,
)]
async fn update(cx: &Cx) -> Outcome {
    let turn = begin(cx).await?;
    let answer = send(cx, "POST", &turn, &json!({"key1": "alt1", "key3": "value3"})).await?;
    let whole = json!({"key1": "alt1", "key2": "value2", "key3": "value3"});
    expect_eq!(answer, answer.value(), &whole, "the answer has all the metadata");
    require_metadata(cx, &turn, &whole).await?;
    turn.done();
    Ok(())
}

/// An item of the metadata can be shown on its own.
#[conformance(
    id = "compute.server-metadata.show-item",
    spec = "compute-v2.1#show-metadata-item-details",
    covers = "3043c57d-7e0e-49a6-9a96-ad569c265e6a",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 2,
)]
async fn show_item(cx: &Cx) -> Outcome {
    let turn = begin(cx).await?;
    let shown = cx.compute()?.get(&format!("{}/metadata/key2", turn.path)).require(200).await?;
    let item = checked(&shown, &shapes::metadata_item())?.get("meta")?;
    require_eq!(item, item.get("key2")?.value(), "value2", "the item that is shown has its value");
    expect_eq!(item, item.value(), &json!({"key2": "value2"}), "only the item that was asked for is shown");
    turn.done();
    Ok(())
}

/// An item of the metadata can be set on its own; the others stay.
#[conformance(
    id = "compute.server-metadata.set-item",
    spec = "compute-v2.1#create-or-update-metadata-item",
    covers = "58c02d4f-5c67-40be-8744-d3fa5982eb1c",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 2,
)]
async fn set_item(cx: &Cx) -> Outcome {
    let turn = begin(cx).await?;
    let body = json!({"meta": {"nova": "alt"}});
    let set = cx.compute()?.put(&format!("{}/metadata/nova", turn.path)).json(&body).require(200).await?;
    let item = checked(&set, &shapes::metadata_item())?;
    expect_eq!(item, item.value(), &body, "the answer has the item that was sent");
    require_metadata(cx, &turn, &json!({"key1": "value1", "key2": "value2", "nova": "alt"})).await?;
    turn.done();
    Ok(())
}

/// An item of the metadata can be deleted; the others stay.
#[conformance(
    id = "compute.server-metadata.delete-item",
    spec = "compute-v2.1#delete-metadata-item",
    covers = "127642d6-4c7b-4486-b7cd-07265a378658",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 2,
)]
async fn delete_item(cx: &Cx) -> Outcome {
    let turn = begin(cx).await?;
    let path = format!("{}/metadata/key1", turn.path);
    cx.compute()?.delete(&path).require(204).await?;
    require_metadata(cx, &turn, &json!({"key2": "value2"})).await?;
    let shown = cx.compute()?.get(&path).send().await?;
    expect_eq!(shown, shown.status(), 404, "a deleted item is not found");
    turn.done();
    Ok(())
}

/// A turn with the server, which has the initial metadata.
async fn begin(cx: &Cx) -> Outcome<Turn> {
    let turn = Turn::take(cx).await?;
    send(cx, "PUT", &turn, &initial()).await?;
    Ok(turn)
}

async fn send(cx: &Cx, method: &str, turn: &Turn, metadata: &Value) -> Outcome<Json> {
    let request = cx.compute()?.request(method, &format!("{}/metadata", turn.path));
    let answer = request.json(&json!({"metadata": metadata})).require(200).await?;
    checked(&answer, &shapes::metadata())?.get("metadata")
}

async fn require_metadata(cx: &Cx, turn: &Turn, wanted: &Value) -> Outcome {
    let listed = cx.compute()?.get(&format!("{}/metadata", turn.path)).require(200).await?;
    let metadata = checked(&listed, &shapes::metadata())?.get("metadata")?;
    require_eq!(metadata, metadata.value(), wanted, "the server has this metadata and no other");
    Ok(())
}
