//! Containers: creation and deletion.

use assay_kit::prelude::*;

use super::headers::{self, Target};
use super::steps::{self, SETTLING};

/// A new container is created, and should be empty.
#[conformance(
    id = "object-storage.containers.create",
    spec = "object-storage-v1#create-container",
    covers = "92139d73-7819-4db1-85f8-3f2f22a8d91f",
    needs = [ObjectStorage],
)]
async fn create(cx: &Cx) -> Outcome {
    let (name, _) = steps::plan(cx, "container")?;
    let response = cx.object_storage()?.put(&name).require(steps::MADE).await?;
    headers::check(cx, &response, Target::Container)?;
    expect_eq!(response, response.status(), 201, "the service should answer that it created the container");
    let head = cx.object_storage()?.head(&name);
    let container = steps::settled(cx, &head, SETTLING, |container| container.status() == 204).await?;
    expect_eq!(container, container.status(), 204, "a new container should be there");
    expect_eq!(container, container.header("x-container-object-count"), Some("0"), "a new container should be empty");
    expect_eq!(
        container,
        container.header("x-container-bytes-used"),
        Some("0"),
        "a new container should hold no bytes"
    );
    Ok(())
}

/// Creating a container that is there already is accepted.
///
/// It should keep its objects and its metadata.
#[conformance(
    id = "object-storage.containers.create-again",
    spec = "object-storage-v1#create-container",
    covers = "49f866ed-d6af-4395-93e7-4187eb56d322",
    needs = [ObjectStorage],
)]
async fn create_again(cx: &Cx) -> Outcome {
    let name = steps::container_with(cx, &[("X-Container-Meta-Colour", "blue")]).await?;
    steps::offer(cx, &name, "object", b"stays").await?;
    let response = cx.object_storage()?.put(&name).require(steps::MADE).await?;
    headers::check(cx, &response, Target::Container)?;
    expect_eq!(response, response.status(), 202, "the service should answer that it accepts a container that is there");
    let container = cx.object_storage()?.head(&name).send().await?;
    expect_eq!(
        container,
        container.header("x-container-meta-colour"),
        Some("blue"),
        "the container should keep its metadata"
    );
    let object = cx.object_storage()?.get(&steps::path(&name, "object")).send().await?;
    expect_eq!(object, object.text(), "stays", "the container should keep its objects");
    Ok(())
}

/// An empty container is deleted, and should be gone.
#[conformance(
    id = "object-storage.containers.delete",
    spec = "object-storage-v1#delete-container",
    covers = "95d3a249-b702-4082-a2c4-14bb860cf06a",
    needs = [ObjectStorage],
)]
async fn delete(cx: &Cx) -> Outcome {
    let (name, planned) = steps::plan(cx, "container")?;
    cx.object_storage()?.put(&name).require(steps::MADE).await?;
    let response = cx.object_storage()?.delete(&name).require(204).await?;
    headers::check(cx, &response, Target::Container)?;
    let head = cx.object_storage()?.head(&name);
    let gone = steps::settled(cx, &head, SETTLING, |container| container.status() == 404).await?;
    expect_eq!(gone, gone.status(), 404, "a deleted container should be gone");
    if gone.status() == 404 {
        planned.removed();
    }
    Ok(())
}
