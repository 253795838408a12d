//! Static large objects: a manifest that names its segments.

use assay_kit::prelude::*;

use super::features;
use super::headers::{self, Target};
use super::steps::{self, SETTLING};

/// What a segment has at least where the service does not tell, in bytes: the documented value of older releases.
const SEGMENT: u64 = 1024 * 1024;
/// The largest segments that are uploaded, in bytes, whatever the service tells. The published test has some of 1 MiB.
const LARGEST: u64 = 16 * SEGMENT;

/// A large object of two segments, and its container.
struct Large {
    container: String,
    segments: [Vec<u8>; 2],
}

impl Large {
    /// Uploads the segments, as small as the service takes them.
    async fn upload_segments(cx: &Cx) -> Outcome<Self> {
        features::static_large_objects(cx).await?;
        let told = cx.deployment().object_storage_features();
        let least = told.and_then(|features| features.pointer("/slo/min_segment_size")?.as_u64());
        let least = usize::try_from(least.unwrap_or(SEGMENT).min(LARGEST)).unwrap_or(usize::MAX);
        let container = steps::container(cx).await?;
        let segments = [steps::content(cx), steps::content(cx)].map(|content| {
            let length = content.len().max(least);
            content.into_iter().cycle().take(length).collect::<Vec<u8>>()
        });
        for (number, content) in segments.iter().enumerate() {
            steps::upload(cx, &container, &format!("segment-{number}"), content).await?;
        }
        Ok(Self { container, segments })
    }

    /// Uploads the manifest: the second segment comes first, so the order is the manifest's and not that of the names.
    async fn upload_manifest(&self, cx: &Cx) -> Outcome<Response> {
        let segments = [1, 0].map(|number| {
            let content = &self.segments[number];
            json!({
                "path": format!("/{}/segment-{number}", self.container),
                "etag": steps::md5(content),
                "size_bytes": content.len(),
            })
        });
        let put = cx.object_storage()?.put(&steps::path(&self.container, "large")).query("multipart-manifest", "put");
        put.json(&json!(segments)).require(201).await
    }

    /// Uploads segments and manifest.
    async fn create(cx: &Cx) -> Outcome<Self> {
        let large = Self::upload_segments(cx).await?;
        large.upload_manifest(cx).await?;
        Ok(large)
    }

    /// What the large object holds.
    fn whole(&self) -> Vec<u8> {
        [self.segments[1].as_slice(), self.segments[0].as_slice()].concat()
    }

    /// What its `ETag` is: the checksum of the segments' checksums.
    fn tag(&self) -> String {
        let tags = [1, 0].map(|number: usize| steps::md5(&self.segments[number])).concat();
        format!("\"{}\"", steps::md5(tags.as_bytes()))
    }

    /// Requires the headers that a large object has when it is read, and expects what they promise.
    fn check(&self, cx: &Cx, response: &Response) -> Outcome {
        require_eq!(
            response,
            response.header("x-static-large-object"),
            Some("True"),
            "a large object must say that it is one"
        );
        headers::check_large(cx, response)?;
        expect_eq!(
            response,
            response.header("content-length"),
            Some(self.whole().len().to_string().as_str()),
            "a large object should be as long as its segments together"
        );
        self.expect_tag(response);
        Ok(())
    }

    fn expect_tag(&self, response: &Response) {
        expect_eq!(
            response,
            response.header("etag"),
            Some(self.tag().as_str()),
            "the ETag of a large object should be the MD5 checksum of those of its segments"
        );
    }
}

/// A manifest of two segments is accepted, and its answer has an `ETag` in quotation marks.
///
/// The large object must be deleted again with its container. A manifest with a wrong checksum should be refused.
#[conformance(
    id = "object-storage.large-objects.create-static",
    spec = "swift-large-objects#static-large-objects",
    covers = "2c3f24a6-36e8-4711-9aa2-800ee1fc7b5b",
    needs = [ObjectStorage],
    // Segments may have to be so large that the quota of another test has no room for them.
    holds = [AccountMetadata],
)]
async fn create_static(cx: &Cx) -> Outcome {
    let large = Large::upload_segments(cx).await?;
    let response = large.upload_manifest(cx).await?;
    headers::check_large(cx, &response)?;
    large.expect_tag(&response);
    let wrong = json!([{ "path": format!("/{}/segment-0", large.container), "etag": steps::md5(b"something else") }]);
    let put = cx.object_storage()?.put(&steps::path(&large.container, "wrong")).query("multipart-manifest", "put");
    let refused = put.json(&wrong).send().await?;
    expect_eq!(refused, refused.status(), 400, "a manifest with a wrong checksum should be refused");
    steps::expect_gone(cx, &large.container, "wrong").await?;
    steps::require_deleted(cx, &large.container).await
}

/// A large object says that it is one, how long it is as a whole, and has an `ETag` in quotation marks.
///
/// It must be deleted again with its container. Its length and its `ETag` should be those of its segments together.
#[conformance(
    id = "object-storage.large-objects.show-static",
    spec = "swift-large-objects#static-large-objects",
    covers = "e69ad766-e1aa-44a2-bdd2-bf62c09c1456",
    needs = [ObjectStorage],
    // Segments may have to be so large that the quota of another test has no room for them.
    holds = [AccountMetadata],
)]
async fn show_static(cx: &Cx) -> Outcome {
    let large = Large::create(cx).await?;
    let head = cx.object_storage()?.head(&steps::path(&large.container, "large"));
    let response = steps::settled(cx, &head, SETTLING, |object| object.status() != 404).await?;
    response.require_status(200)?;
    large.check(cx, &response)?;
    steps::require_deleted(cx, &large.container).await
}

/// A large object is downloaded as its segments, put together in the manifest's order.
///
/// It must be deleted again with its container. Its length and its `ETag` should be those of its segments together.
#[conformance(
    id = "object-storage.large-objects.get-static",
    spec = "swift-large-objects#static-large-objects",
    covers = "49bc49bc-dd1b-4c0f-904e-d9f10b830ee8",
    needs = [ObjectStorage],
    // Segments may have to be so large that the quota of another test has no room for them.
    holds = [AccountMetadata],
)]
async fn get_static(cx: &Cx) -> Outcome {
    let large = Large::create(cx).await?;
    let response = steps::download(cx, &large.container, "large").await?;
    large.check(cx, &response)?;
    let whole = large.whole();
    require!(response, response.bytes() == &whole, "a large object must be its segments in the manifest's order");
    steps::require_deleted(cx, &large.container).await
}

/// `multipart-manifest=delete` deletes a large object with its segments: the container is empty.
///
/// The container must be deleted after that. It should list nothing then, and should have counted three objects before.
#[conformance(
    id = "object-storage.large-objects.delete-static",
    spec = "swift-large-objects#static-large-objects",
    covers = "87b6dfa1-abe9-404d-8bf0-6c3751e6aa77",
    needs = [ObjectStorage],
    // Segments may have to be so large that the quota of another test has no room for them.
    holds = [AccountMetadata],
)]
async fn delete_static(cx: &Cx) -> Outcome {
    const COUNT: &str = "x-container-object-count";
    let large = Large::create(cx).await?;
    // Only of a container that was not empty can be said that it became so.
    let listing = cx.object_storage()?.get(&large.container);
    let full = steps::settled(cx, &listing, SETTLING, |listing| listing.header(COUNT) == Some("3")).await?;
    expect_eq!(full, full.header(COUNT), Some("3"), "a manifest and its two segments should count as three objects");
    let delete = cx.object_storage()?.delete(&steps::path(&large.container, "large"));
    let response = delete.query("multipart-manifest", "delete").require([200, 204]).await?;
    headers::check(cx, &response, Target::Object)?;
    let empty = steps::settled(cx, &listing, SETTLING, |listing| listing.header(COUNT) == Some("0")).await?;
    empty.require_status([200, 204])?;
    require_eq!(empty, empty.header(COUNT), Some("0"), "nothing may be left of a large object or its segments");
    let names = steps::names(&empty);
    expect_eq!(empty, names, [""; 0], "nothing should be listed of a large object or its segments");
    steps::require_deleted(cx, &large.container).await
}
