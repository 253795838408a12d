//! Volumes: what must be refused.

use assay_kit::prelude::*;

use super::fixture::expect_unlisted;
use crate::refusal::Refusal as _;

/// A volume whose size is not a number must be refused with 400, and should not be created.
#[conformance(
    id = "block-storage.volumes.create-with-invalid-size",
    spec = "block-storage-v3#create-a-volume",
    covers = "1ed83a8a-682d-4dfb-a30e-ee63ffd6c049",
    needs = [BlockStorage],
)]
async fn create_with_invalid_size(cx: &Cx) -> Outcome {
    create_refused(cx, &json!({"size": "#$%"}), 400).await
}

/// A volume of an empty size must be refused with 400, and should not be created.
#[conformance(
    id = "block-storage.volumes.create-without-size",
    spec = "block-storage-v3#create-a-volume",
    covers = "9387686f-334f-4d31-a439-33494b9e2683",
    needs = [BlockStorage],
)]
async fn create_without_size(cx: &Cx) -> Outcome {
    create_refused(cx, &json!({"size": ""}), 400).await
}

/// A volume of size zero must be refused with 400, and should not be created.
#[conformance(
    id = "block-storage.volumes.create-with-size-zero",
    spec = "block-storage-v3#create-a-volume",
    covers = "41331caa-eaf4-4001-869d-bc18c1869360",
    needs = [BlockStorage],
)]
async fn create_with_size_zero(cx: &Cx) -> Outcome {
    create_refused(cx, &json!({"size": "0"}), 400).await
}

/// A volume of a negative size must be refused with 400, and should not be created.
#[conformance(
    id = "block-storage.volumes.create-with-negative-size",
    spec = "block-storage-v3#create-a-volume",
    covers = "8b472729-9eba-446e-a83b-916bdb34bef7",
    needs = [BlockStorage],
)]
async fn create_with_negative_size(cx: &Cx) -> Outcome {
    create_refused(cx, &json!({"size": "-1"}), 400).await
}

/// A volume of a type that does not exist must be refused with 404, and should not be created.
#[conformance(
    id = "block-storage.volumes.create-with-unknown-type",
    spec = "block-storage-v3#create-a-volume",
    covers = "10254ed8-3849-454e-862e-3ab8e6aa01d2",
    needs = [BlockStorage],
)]
async fn create_with_unknown_type(cx: &Cx) -> Outcome {
    create_refused(cx, &json!({"size": 1, "volume_type": cx.unused_uuid()}), 404).await
}

/// A volume of a snapshot that does not exist must be refused with 404, and should not be created.
#[conformance(
    id = "block-storage.volumes.create-from-unknown-snapshot",
    spec = "block-storage-v3#create-a-volume",
    covers = "0c36f6ae-4604-4017-b0a9-34fdc63096f9",
    needs = [BlockStorage],
)]
async fn create_from_unknown_snapshot(cx: &Cx) -> Outcome {
    create_refused(cx, &json!({"size": 1, "snapshot_id": cx.unused_uuid()}), 404).await
}

/// A clone of a volume that does not exist must be refused with 404, and should not be created.
#[conformance(
    id = "block-storage.volumes.clone-unknown",
    spec = "block-storage-v3#create-a-volume",
    covers = "47c73e08-4be8-45bb-bfdf-0c4e79b88344",
    needs = [BlockStorage],
)]
async fn clone_unknown(cx: &Cx) -> Outcome {
    create_refused(cx, &json!({"size": 1, "source_volid": cx.unused_uuid()}), 404).await
}

async fn create_refused(cx: &Cx, wrong: &Value, status: u16) -> Outcome {
    let name = cx.name("volume");
    let mut volume = wrong.clone();
    volume["name"] = json!(name);
    cx.will_create(Resource::new(Kind::Volume, &name))?;
    cx.block_storage()?.post("volumes").json(&json!({"volume": volume})).require_refusal(status).await?;
    expect_unlisted(cx, "volumes", &name).await
}

/// Showing an unknown volume must answer 404.
#[conformance(
    id = "block-storage.volumes.show-unknown",
    spec = "block-storage-v3#show-a-volume-s-details",
    covers = "f131c586-9448-44a4-a8b0-54ca838aa43e",
    needs = [BlockStorage],
)]
async fn show_unknown(cx: &Cx) -> Outcome {
    require_unknown(cx, "GET", &cx.unused_uuid(), None).await
}

/// Showing a volume by an id that is not a UUID must answer 404.
#[conformance(
    id = "block-storage.volumes.show-with-invalid-id",
    spec = "block-storage-v3#show-a-volume-s-details",
    covers = "30799cfd-7ee4-446c-b66c-45b383ed211b",
    needs = [BlockStorage],
)]
async fn show_with_invalid_id(cx: &Cx) -> Outcome {
    require_unknown(cx, "GET", &cx.name("invalid"), None).await
}

/// Showing a volume without an id must answer 404: `GET volumes/`, with nothing behind the slash, must not list volumes.
#[conformance(
    id = "block-storage.volumes.show-without-id",
    spec = "block-storage-v3#show-a-volume-s-details",
    covers = "c6c3db06-29ad-4e91-beb0-2ab195fe49e3",
    needs = [BlockStorage],
)]
async fn show_without_id(cx: &Cx) -> Outcome {
    require_unknown(cx, "GET", "", None).await
}

/// Updating an unknown volume must answer 404.
#[conformance(
    id = "block-storage.volumes.update-unknown",
    spec = "block-storage-v3#update-a-volume",
    covers = "0186422c-999a-480e-a026-6a665744c30c",
    needs = [BlockStorage],
)]
async fn update_unknown(cx: &Cx) -> Outcome {
    require_unknown(cx, "PUT", &cx.unused_uuid(), Some(json!({"name": "n"}))).await
}

/// Updating a volume by an id that is not a UUID must answer 404.
#[conformance(
    id = "block-storage.volumes.update-with-invalid-id",
    spec = "block-storage-v3#update-a-volume",
    covers = "e66e40d6-65e6-4e75-bdc7-636792fa152d",
    needs = [BlockStorage],
)]
async fn update_with_invalid_id(cx: &Cx) -> Outcome {
    require_unknown(cx, "PUT", &cx.name("invalid"), Some(json!({"name": "n"}))).await
}

/// Updating a volume without an id must answer 404.
#[conformance(
    id = "block-storage.volumes.update-without-id",
    spec = "block-storage-v3#update-a-volume",
    covers = "72aeca85-57a5-4c1f-9057-f320f9ea575b",
    needs = [BlockStorage],
)]
async fn update_without_id(cx: &Cx) -> Outcome {
    require_unknown(cx, "PUT", "", Some(json!({}))).await
}

/// Deleting an unknown volume must answer 404.
#[conformance(
    id = "block-storage.volumes.delete-unknown",
    spec = "block-storage-v3#delete-a-volume",
    covers = "555efa6e-efcd-44ef-8a3b-4a7ca4837a29",
    needs = [BlockStorage],
)]
async fn delete_unknown(cx: &Cx) -> Outcome {
    require_unknown(cx, "DELETE", &cx.unused_uuid(), None).await
}

/// Deleting a volume by an id that is not a UUID must answer 404.
#[conformance(
    id = "block-storage.volumes.delete-with-invalid-id",
    spec = "block-storage-v3#delete-a-volume",
    covers = "1f035827-7c32-4019-9240-b4ec2dbd9dfd",
    needs = [BlockStorage],
)]
async fn delete_with_invalid_id(cx: &Cx) -> Outcome {
    require_unknown(cx, "DELETE", &cx.name("invalid"), None).await
}

/// Deleting a volume without an id must answer 404.
#[conformance(
    id = "block-storage.volumes.delete-without-id",
    spec = "block-storage-v3#delete-a-volume",
    covers = "441a1550-5d44-4b30-af0f-a6d402f52026",
    needs = [BlockStorage],
)]
async fn delete_without_id(cx: &Cx) -> Outcome {
    require_unknown(cx, "DELETE", "", None).await
}

async fn require_unknown(cx: &Cx, method: &str, id: &str, volume: Option<Value>) -> Outcome {
    let mut request = cx.block_storage()?.request(method, &format!("volumes/{id}")).of_nobody();
    if let Some(volume) = volume {
        request = request.json(&json!({"volume": volume}));
    }
    request.require_refusal(404).await.map(drop)
}
