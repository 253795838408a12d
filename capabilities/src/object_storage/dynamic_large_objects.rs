//! Dynamic large objects: a manifest that stands for all objects whose names begin alike.

use assay_kit::prelude::*;

use super::headers;
use super::steps::{self, SETTLING};

const MANIFEST: &str = "X-Object-Manifest";
/// The segments by number, in an order in which they are not put together.
const SEGMENTS: [(u8, &str); 3] = [(2, "and the third"), (0, "the first, "), (1, "the second ")];
/// What the segments are, put together by name.
const WHOLE: &str = "the first, the second and the third";

/// Uploads the segments of a large object, and gives the value that its manifest has.
async fn upload_segments(cx: &Cx, container: &str) -> Outcome<String> {
    for (number, content) in SEGMENTS {
        steps::upload(cx, container, &format!("large/{number}"), content.as_bytes()).await?;
    }
    Ok(format!("{container}/large/"))
}

/// The headers of the large object, once they count all segments or the time is up.
async fn show(cx: &Cx, container: &str) -> Outcome<Response> {
    let length = WHOLE.len().to_string();
    let head = cx.object_storage()?.head(&steps::path(container, "large"));
    let response = steps::settled(cx, &head, SETTLING, |object| object.header("content-length") == Some(&length));
    let response = response.await?;
    response.require_status(200)?;
    headers::check_large(cx, &response)?;
    expect_eq!(
        response,
        response.header("content-length"),
        Some(length.as_str()),
        "a large object should be as long as its segments together"
    );
    Ok(response)
}

/// An object that is uploaded with `X-Object-Manifest` shows it, and an `ETag` in quotation marks.
///
/// It should be as long as its segments together.
#[conformance(
    id = "object-storage.large-objects.show-dynamic",
    spec = "swift-large-objects#dynamic-large-objects",
    covers = "23a3674c-d6de-46c3-86af-ff92bfc8a3da",
    needs = [ObjectStorage],
)]
async fn show_dynamic(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    let manifest = upload_segments(cx, &container).await?;
    cx.object_storage()?.put(&steps::path(&container, "large")).header(MANIFEST, &manifest).require(201).await?;
    let response = show(cx, &container).await?;
    require_eq!(
        response,
        response.header("accept-ranges"),
        Some("bytes"),
        "a large object must say that it can be read in parts"
    );
    require_eq!(response, response.header(MANIFEST), Some(manifest.as_str()), "a large object must show its manifest");
    Ok(())
}

/// An object becomes a large one when it is given a manifest, and is downloaded as its segments put together by name.
///
/// It should be as long as they are together.
#[conformance(
    id = "object-storage.large-objects.create-dynamic",
    spec = "swift-large-objects#dynamic-large-objects",
    covers = "e3e6a64a-9f50-4955-b987-6ce6767c97fb",
    needs = [ObjectStorage],
)]
async fn create_dynamic(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    let manifest = upload_segments(cx, &container).await?;
    let response = steps::upload(cx, &container, "large", b"").await?;
    headers::check(cx, &response, headers::Target::Object)?;
    let post = cx.object_storage()?.post(&steps::path(&container, "large"));
    let response = post.header(MANIFEST, &manifest).require(202).await?;
    headers::check(cx, &response, headers::Target::Object)?;
    let response = show(cx, &container).await?;
    require_eq!(response, response.header(MANIFEST), Some(manifest.as_str()), "a large object must show its manifest");
    let get = cx.object_storage()?.get(&steps::path(&container, "large"));
    let object = steps::settled(cx, &get, SETTLING, |object| object.text() == WHOLE).await?;
    object.require_status([200, 206])?;
    require_eq!(object, object.text(), WHOLE, "a large object must be its segments, put together by name");
    Ok(())
}
