//! Copying objects within the service.

use assay_kit::prelude::*;

use super::headers::{self, Target};
use super::steps::{self, SETTLING};

const MATERIAL: &str = "X-Object-Meta-Material";

/// Uploads an object of a type, with metadata, and gives what it holds.
async fn upload_described(cx: &Cx, container: &str, object: &str) -> Outcome<Vec<u8>> {
    let content = steps::content(cx);
    let put = cx.object_storage()?.put(&steps::path(container, object)).header(MATERIAL, "oak");
    let put = put.body("image/x-test", content.clone());
    // A container that was made a moment ago may not be everywhere yet.
    let response = steps::settled(cx, &put, SETTLING, |response| !matches!(response.status(), 404 | 409)).await?;
    response.require_status(201)?;
    Ok(content)
}

/// Uploads an object that is about to be copied over. It is longer than the copy: nothing of its end may be left.
async fn upload_longer(cx: &Cx, container: &str, object: &str) -> Outcome {
    let content = [steps::content(cx), steps::content(cx)].concat();
    steps::upload(cx, container, object, &content).await?;
    Ok(())
}

/// Requires that the copy holds what the original held, and expects that it is described like it.
async fn require_copied(cx: &Cx, container: &str, copy: &str, content: &[u8]) -> Outcome {
    let copy = steps::download(cx, container, copy).await?;
    require!(copy, copy.bytes() == content, "a copy must hold what the original held");
    steps::expect_described(&copy, content);
    expect_eq!(copy, copy.header("content-type"), Some("image/x-test"), "a copy should have the type of the original");
    expect_eq!(copy, copy.header(MATERIAL), Some("oak"), "a copy should have the metadata of the original");
    Ok(())
}

/// Expects that an object holds what it held.
async fn expect_unchanged(cx: &Cx, container: &str, object: &str, content: &[u8]) -> Outcome {
    let original = cx.object_storage()?.get(&steps::path(container, object)).send().await?;
    expect!(original, original.bytes() == content, "the original should stay as it was");
    Ok(())
}

/// `X-Copy-From` copies an object over another one in the same container.
///
/// The copy must have the content of the original, and should have its type and metadata; the original should stay.
#[conformance(
    id = "object-storage.objects.copy-in-same-container",
    spec = "object-storage-v1#create-or-replace-object",
    covers = "1a9ab572-1b66-4981-8c21-416e2a5e6011",
    needs = [ObjectStorage],
)]
async fn copy_in_same_container(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    let content = upload_described(cx, &container, "original").await?;
    upload_longer(cx, &container, "copy").await?;
    let put = cx.object_storage()?.put(&steps::path(&container, "copy"));
    let response = put.header("X-Copy-From", format!("{container}/original")).require(201).await?;
    headers::check(cx, &response, Target::Object)?;
    require_copied(cx, &container, "copy", &content).await?;
    expect_unchanged(cx, &container, "original", &content).await
}

/// An object that is copied onto itself with another type has that type, and should keep its content and its metadata.
#[conformance(
    id = "object-storage.objects.copy-to-itself",
    spec = "object-storage-v1#create-or-replace-object",
    covers = "2248abba-415d-410b-9c30-22dff9cd6e67",
    needs = [ObjectStorage],
)]
async fn copy_to_itself(cx: &Cx) -> Outcome {
    const TYPE: &str = "text/plain; charset=UTF-8";
    let container = steps::container(cx).await?;
    let content = upload_described(cx, &container, "object").await?;
    let path = steps::path(&container, "object");
    let head = cx.object_storage()?.head(&path);
    let before = steps::settled(cx, &head, SETTLING, |object| object.status() == 200).await?;
    before.require_status(200)?;
    require!(
        before,
        before.require_header("content-type")? != TYPE,
        "an object must not have the type that it is about to get"
    );
    let put = cx.object_storage()?.put(&path).header("Content-Type", TYPE);
    let response = put.header("X-Copy-From", format!("{container}/object")).require(201).await?;
    headers::check(cx, &response, Target::Object)?;
    let after = steps::settled(cx, &head, SETTLING, |object| object.header("content-type") == Some(TYPE)).await?;
    after.require_status(200)?;
    require_eq!(
        after,
        after.header("content-type"),
        Some(TYPE),
        "the object must have the type that it was copied with"
    );
    expect_eq!(after, after.header(MATERIAL), Some("oak"), "the object should keep its metadata");
    expect_unchanged(cx, &container, "object", &content).await
}

/// The method `COPY` copies an object over another one, and the answer names the original.
///
/// The copy must have the content of the original, and should have its type and metadata; the original should stay.
#[conformance(
    id = "object-storage.objects.copy",
    spec = "object-storage-v1#copy-object",
    covers = "06f90388-2d0e-40aa-934c-e9a8833e958a",
    needs = [ObjectStorage],
)]
async fn copy(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    let content = upload_described(cx, &container, "original").await?;
    upload_longer(cx, &container, "copy").await?;
    let copy = cx.object_storage()?.request("COPY", &steps::path(&container, "original"));
    let response = copy.header("Destination", format!("{container}/copy")).require(201).await?;
    headers::check(cx, &response, Target::Object)?;
    let original = format!("{container}/original");
    let named = response.header("x-copied-from");
    require_eq!(response, named, Some(original.as_str()), "the answer must name the original");
    require_copied(cx, &container, "copy", &content).await?;
    expect_unchanged(cx, &container, "original", &content).await
}

/// `X-Copy-From` copies an object into another container, with its content and the metadata that it has by then.
#[conformance(
    id = "object-storage.objects.copy-across-containers",
    spec = "object-storage-v1#create-or-replace-object",
    covers = "aa467252-44f3-472a-b5ae-5b57c3c9c147",
    needs = [ObjectStorage],
)]
async fn copy_across_containers(cx: &Cx) -> Outcome {
    let (source, destination) = (steps::container(cx).await?, steps::container(cx).await?);
    let content = steps::content(cx);
    steps::upload(cx, &source, "object", &content).await?;
    let path = steps::path(&source, "object");
    let response = cx.object_storage()?.post(&path).header(MATERIAL, "oak").require(202).await?;
    headers::check(cx, &response, Target::Object)?;
    let head = cx.object_storage()?.head(&path);
    let original = steps::settled(cx, &head, SETTLING, |object| object.header(MATERIAL).is_some()).await?;
    expect_eq!(original, original.header(MATERIAL), Some("oak"), "metadata that was set on an object should be shown");

    let put = cx.object_storage()?.put(&steps::path(&destination, "object"));
    let response = put.header("X-Copy-From", format!("{source}/object")).require(201).await?;
    headers::check(cx, &response, Target::Object)?;
    let copy = steps::download(cx, &destination, "object").await?;
    require!(copy, copy.bytes() == &content, "a copy must hold what the original held");
    require_eq!(copy, copy.header(MATERIAL), Some("oak"), "a copy must have the metadata of the original");
    steps::expect_described(&copy, &content);
    expect_unchanged(cx, &source, "object", &content).await
}
