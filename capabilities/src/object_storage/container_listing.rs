//! The listing of a container's objects.
//!
//! All tests read one container, whose objects' names tell a service that heeds a parameter from one that does not.

use std::sync::Arc;

use assay_kit::prelude::*;

use super::headers::{self, Target};
use super::steps::{self, SETTLING};

/// The objects, sorted by the bytes of their names.
const OBJECTS: [&str; 6] = ["Folder/deep/leaf", "Folder/one", "Folder/two", "apple", "banana", "cherry"];

/// What the container is called, and what each object holds.
struct Filled {
    container: String,
    contents: Vec<Vec<u8>>,
}

async fn filled(cx: &Cx) -> Outcome<Arc<Filled>> {
    cx.shared("object-storage.objects", |cx| async move {
        let container = steps::container(&cx).await?;
        let mut contents = Vec::new();
        // The other way round: a listing in the order of creation is told from a sorted one.
        for (at, object) in OBJECTS.iter().enumerate().rev() {
            let content = b"content".repeat(at + 1);
            steps::upload(&cx, &container, object, &content).await?;
            contents.insert(0, content);
        }
        Ok(Filled { container, contents })
    })
    .await
}

/// Requires that the container's listing with these parameters has just these names.
async fn require_listing(cx: &Cx, query: &[(&str, &str)], expected: &[&str], requirement: &str) -> Outcome {
    let container = filled(cx).await?;
    let listing = cx.object_storage()?.get(&container.container);
    let listing = query.iter().fold(listing, |listing, (name, value)| listing.query(name, value));
    let (response, names) = steps::listed(cx, listing, expected).await?;
    headers::check(cx, &response, Target::Container)?;
    require_eq!(response, names, expected, "{requirement}");
    Ok(())
}

/// The objects of a container are listed, one name a line, sorted by their bytes.
#[conformance(
    id = "object-storage.containers.list-objects",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "312ff6bd-5290-497f-bda1-7c5fec6697ab",
    needs = [ObjectStorage],
)]
async fn list_objects(cx: &Cx) -> Outcome {
    require_listing(cx, &[], &OBJECTS, "a listing has every object of the container").await
}

/// The listing of a container without objects is empty, and its counters are zero.
#[conformance(
    id = "object-storage.containers.list-no-objects",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "4646ac2d-9bfb-4c7d-a3c5-0f527402b3df",
    needs = [ObjectStorage],
)]
async fn list_no_objects(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    let (response, names) = steps::listed(cx, cx.object_storage()?.get(&container), &[""; 0]).await?;
    headers::check(cx, &response, Target::Container)?;
    require_eq!(response, names, [""; 0], "a container without objects lists none");
    expect_eq!(
        response,
        response.header("x-container-object-count"),
        Some("0"),
        "an empty container counts no objects"
    );
    expect_eq!(response, response.header("x-container-bytes-used"), Some("0"), "an empty container holds no bytes");
    Ok(())
}

/// `delimiter` shows what is common up to the first `/` of several names once, with the `/`.
#[conformance(
    id = "object-storage.containers.list-objects-with-delimiter",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "fe323a32-57b9-4704-a996-2e68f83b09bc",
    needs = [ObjectStorage],
)]
async fn list_objects_with_delimiter(cx: &Cx) -> Outcome {
    let requirement = "`delimiter` rolls up the names that have it";
    require_listing(cx, &[("delimiter", "/")], &["Folder/", "apple", "banana", "cherry"], requirement).await
}

/// `end_marker` ends the listing before a name, whether or not there is such an object.
#[conformance(
    id = "object-storage.containers.list-objects-with-end-marker",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "55b4fa5c-e12e-4ca9-8fcf-a79afe118522",
    needs = [ObjectStorage],
)]
async fn list_objects_with_end_marker(cx: &Cx) -> Outcome {
    require_listing(cx, &[("end_marker", "banana")], &OBJECTS[..4], "a listing ends before `end_marker`").await?;
    let requirement = "a listing ends before an `end_marker` that is no object";
    require_listing(cx, &[("end_marker", "bananazzzz")], &OBJECTS[..5], requirement).await
}

/// `format=json` lists each object with its name, the checksum and length of its content, its type and its time.
#[conformance(
    id = "object-storage.containers.list-objects-as-json",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "196f5034-6ab0-4032-9da9-a937bbb9fba9",
    needs = [ObjectStorage],
)]
async fn list_objects_as_json(cx: &Cx) -> Outcome {
    let filled = filled(cx).await?;
    let request = cx.object_storage()?.get(&filled.container).query("format", "json");
    let response = steps::settled(cx, &request, SETTLING, |response| {
        let text = response.text();
        OBJECTS.iter().all(|name| text.contains(name))
    });
    let response = response.await?;
    response.require_status(200)?;
    headers::check(cx, &response, Target::Container)?;
    let objects = response.json()?.elements()?;
    require!(response, !objects.is_empty(), "the container's objects are listed");
    let mut names = Vec::new();
    for object in &objects {
        let [name, hash, bytes, kind, modified] =
            ["name", "hash", "bytes", "content_type", "last_modified"].map(|member| object.get(member));
        let (name, hash, bytes, kind, modified) = (name?, hash?, bytes?, kind?, modified?);
        names.push(name.value().as_str().unwrap_or_default().to_owned());
        if let Some(at) = OBJECTS.iter().position(|object| name.value() == object) {
            let content = &filled.contents[at];
            expect_eq!(hash, hash.value(), &json!(steps::md5(content)), "`hash` is the MD5 checksum of the content");
            expect_eq!(bytes, bytes.value(), &json!(content.len()), "`bytes` is the length of the content");
        }
        expect_eq!(kind, kind.value(), &json!("application/octet-stream"), "`content_type` is as it was sent");
        expect!(modified, modified.time().is_ok(), "`last_modified` is a time as ISO 8601 writes it");
    }
    expect_eq!(response, names, OBJECTS, "a listing has every object of the container, sorted by name");
    Ok(())
}

/// `limit` bounds the listing: to one object, to two; ten are more than there are.
#[conformance(
    id = "object-storage.containers.list-objects-with-limit",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "297ec38b-2b61-4ff4-bcd1-7fa055e97b61",
    needs = [ObjectStorage],
)]
async fn list_objects_with_limit(cx: &Cx) -> Outcome {
    for (limit, expected) in [("1", &OBJECTS[..1]), ("2", &OBJECTS[..2]), ("10", &OBJECTS[..])] {
        require_listing(cx, &[("limit", limit)], expected, "a listing has the first names, as many as `limit` says")
            .await?;
    }
    Ok(())
}

/// `marker` begins the listing after a name, whether or not there is such an object.
#[conformance(
    id = "object-storage.containers.list-objects-with-marker",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "c31ddc63-2a58-4f6b-b25c-94d2937e6867",
    needs = [ObjectStorage],
)]
async fn list_objects_with_marker(cx: &Cx) -> Outcome {
    require_listing(cx, &[("marker", "banana")], &OBJECTS[5..], "a listing begins after `marker`").await?;
    let requirement = "a listing begins after a `marker` that is no object";
    require_listing(cx, &[("marker", "Folder/onf")], &OBJECTS[2..], requirement).await
}

/// `path` lists what stands directly in a folder: neither what is deeper, nor what is outside.
#[conformance(
    id = "object-storage.containers.list-objects-with-path",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "58ca6cc9-6af0-408d-aaec-2a6a7b2f0df9",
    needs = [ObjectStorage],
)]
async fn list_objects_with_path(cx: &Cx) -> Outcome {
    let requirement = "`path` lists the objects that stand directly in a folder";
    require_listing(cx, &[("path", "Folder")], &["Folder/one", "Folder/two"], requirement).await
}

/// `prefix` lists the objects whose name begins with it.
#[conformance(
    id = "object-storage.containers.list-objects-with-prefix",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "77e742c7-caf2-4ec9-8aa4-f7d509a3344c",
    needs = [ObjectStorage],
)]
async fn list_objects_with_prefix(cx: &Cx) -> Outcome {
    require_listing(cx, &[("prefix", "Fold")], &OBJECTS[..3], "a listing has the names that begin with `prefix`")
        .await?;
    require_listing(cx, &[("prefix", "banana")], &["banana"], "a listing has the names that begin with `prefix`").await
}
