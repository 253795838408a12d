//! The listing of a container's objects.
//!
//! What each test must see, it sees in a container with one object. What it should see beyond that, it sees in a
//! container whose objects' names tell a service that heeds a parameter from one that does not.

use std::sync::Arc;
use std::time::Duration;

use assay_kit::prelude::*;

use super::headers::{self, Target};
use super::steps::{self, SETTLING};

/// An object that stands alone in its container.
const ALONE: &str = "object";
/// An object that stands alone in its container, in a folder.
const IN_FOLDER: &str = "Folder/object";
/// The objects of the container with several, sorted by the bytes of their names.
const OBJECTS: [&str; 6] = ["Folder/deep/leaf", "Folder/one", "Folder/two", "apple", "banana", "cherry"];
/// The greatest `limit` that the published test sends.
const MOST: u64 = 10_000;
/// How long a listing with parameters may take to be as it should, once the objects have all been listed.
const LISTED: Duration = Duration::from_secs(10);

/// The name of a container that has this object alone.
async fn alone(cx: &Cx, object: &'static str) -> Outcome<Arc<String>> {
    let key = if object == ALONE { "object-storage.object" } else { "object-storage.object-in-folder" };
    cx.shared(key, move |cx| async move {
        let container = steps::container(&cx).await?;
        steps::upload(&cx, &container, object, b"content").await?;
        steps::download(&cx, &container, object).await?;
        Ok(container)
    })
    .await
}

/// The name of a container that has all of [`OBJECTS`].
async fn filled(cx: &Cx) -> Outcome<Arc<String>> {
    cx.shared("object-storage.objects", |cx| async move {
        let container = steps::container(&cx).await?;
        // The other way round: a listing in the order of creation is told from a sorted one.
        for object in OBJECTS.iter().rev() {
            steps::upload(&cx, &container, object, b"content").await?;
        }
        let all = cx.object_storage()?.get(&container);
        steps::settled(&cx, &all, SETTLING, |listing| steps::names(listing).len() == OBJECTS.len()).await?;
        Ok(container)
    })
    .await
}

/// A listing of a container with these parameters.
fn listing(cx: &Cx, container: &str, query: &[(&str, &str)]) -> Outcome<assay_kit::Request> {
    let listing = cx.object_storage()?.get(container);
    Ok(query.iter().fold(listing, |listing, (name, value)| listing.query(name, value)))
}

/// Requires that the listing with these parameters of a container that has this object alone has just this name.
async fn require_listing(
    cx: &Cx,
    object: &'static str,
    query: &[(&str, &str)],
    expected: &str,
    requirement: &str,
) -> Outcome {
    let container = alone(cx, object).await?;
    let (response, names) = steps::listed(cx, listing(cx, &container, query)?, &[expected]).await?;
    headers::check(cx, &response, Target::Container)?;
    require_eq!(response, names, [expected], "{requirement}");
    Ok(())
}

/// Expects that the listing with these parameters of the container that has all of [`OBJECTS`] has just these names.
async fn expect_listing(cx: &Cx, query: &[(&str, &str)], expected: &[&str], requirement: &str) -> Outcome {
    let container = filled(cx).await?;
    let listing = listing(cx, &container, query)?;
    let response = steps::settled(cx, &listing, LISTED, |response| steps::names(response) == expected).await?;
    expect_eq!(response, steps::names(&response), expected, "{requirement}");
    Ok(())
}

/// The objects of a container are listed, one name a line, sorted by their bytes.
///
/// A container with one object must list it and nothing else; one with six should list them sorted.
#[conformance(
    id = "object-storage.containers.list-objects",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "312ff6bd-5290-497f-bda1-7c5fec6697ab",
    needs = [ObjectStorage],
)]
async fn list_objects(cx: &Cx) -> Outcome {
    require_listing(cx, ALONE, &[], ALONE, "the listing must have the object of the container, and nothing else")
        .await?;
    expect_listing(cx, &[], &OBJECTS, "the listing should have every object of the container, sorted by name").await
}

/// The listing of a container without objects is empty, and its counters should be zero.
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
    require_eq!(response, names, [""; 0], "the listing of a container without objects must be empty");
    expect_eq!(
        response,
        response.header("x-container-object-count"),
        Some("0"),
        "a container without objects should count none"
    );
    expect_eq!(
        response,
        response.header("x-container-bytes-used"),
        Some("0"),
        "a container without objects should have no bytes"
    );
    Ok(())
}

/// `delimiter` shows what is common up to the first `/` of several names once, with the `/`.
///
/// Of one object in a folder the folder must be shown, and nothing else; of six objects, the folder once and the
/// objects outside it should be shown.
#[conformance(
    id = "object-storage.containers.list-objects-with-delimiter",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "fe323a32-57b9-4704-a996-2e68f83b09bc",
    needs = [ObjectStorage],
)]
async fn list_objects_with_delimiter(cx: &Cx) -> Outcome {
    let query = [("delimiter", "/")];
    let requirement = "with `delimiter` the listing must have the folder of the only object, and nothing else";
    require_listing(cx, IN_FOLDER, &query, "Folder/", requirement).await?;
    let requirement = "with `delimiter` the listing should have a folder once, and the objects outside it";
    expect_listing(cx, &query, &["Folder/", "apple", "banana", "cherry"], requirement).await
}

/// `end_marker` ends the listing before a name, whether or not there is such an object.
///
/// An object that stands before it must be listed; one that stands behind it, or bears its name, should not be.
#[conformance(
    id = "object-storage.containers.list-objects-with-end-marker",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "55b4fa5c-e12e-4ca9-8fcf-a79afe118522",
    needs = [ObjectStorage],
)]
async fn list_objects_with_end_marker(cx: &Cx) -> Outcome {
    let requirement = "the listing must have the object that stands before `end_marker`, and nothing else";
    require_listing(cx, ALONE, &[("end_marker", "objectzzzz")], ALONE, requirement).await?;
    expect_listing(cx, &[("end_marker", "banana")], &OBJECTS[..4], "the listing should end before `end_marker`")
        .await?;
    let requirement = "the listing should end before an `end_marker` that is the name of no object";
    expect_listing(cx, &[("end_marker", "bananazzzz")], &OBJECTS[..5], requirement).await
}

/// `format=json` lists each object with its name, the checksum and length of its content, its type and its time.
///
/// The values should be those of the object; six objects should be listed sorted by name.
#[conformance(
    id = "object-storage.containers.list-objects-as-json",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "196f5034-6ab0-4032-9da9-a937bbb9fba9",
    needs = [ObjectStorage],
)]
async fn list_objects_as_json(cx: &Cx) -> Outcome {
    let query = [("format", "json")];
    let container = alone(cx, ALONE).await?;
    let request = listing(cx, &container, &query)?;
    let response = steps::settled(cx, &request, SETTLING, |response| response.text().contains(ALONE)).await?;
    response.require_status(200)?;
    headers::check(cx, &response, Target::Container)?;
    let objects = response.json()?.elements()?;
    require!(response, !objects.is_empty(), "the object of the container must be listed");
    for object in &objects {
        let [name, hash, bytes, kind, modified] =
            ["name", "hash", "bytes", "content_type", "last_modified"].map(|member| object.get(member));
        let (name, hash, bytes, kind, modified) = (name?, hash?, bytes?, kind?, modified?);
        expect_eq!(name, name.value(), &json!(ALONE), "`name` should be the name of the object");
        let checksum = json!(steps::md5(b"content"));
        expect_eq!(hash, hash.value(), &checksum, "`hash` should be the MD5 checksum of the content");
        expect_eq!(bytes, bytes.value(), &json!(7), "`bytes` should be the length of the content");
        expect_eq!(kind, kind.value(), &json!("application/octet-stream"), "`content_type` should be as it was sent");
        expect!(modified, modified.time().is_ok(), "`last_modified` should be a time as ISO 8601 writes it");
    }

    let several = filled(cx).await?;
    let all = listing(cx, &several, &query)?.send().await?;
    let listed: Value = serde_json::from_slice(all.bytes()).unwrap_or_default();
    let names: Vec<_> = listed.as_array().into_iter().flatten().map(|object| &object["name"]).collect();
    expect_eq!(all, names, OBJECTS, "the listing should have every object of the container, sorted by name");
    Ok(())
}

/// `limit` bounds the listing: to one object, to two; ten are more than there are.
///
/// An object that stands alone must be listed whatever the limit, up to 10000 or what `/info` tells; of six objects the
/// first should be listed, as many as `limit` says.
#[conformance(
    id = "object-storage.containers.list-objects-with-limit",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "297ec38b-2b61-4ff4-bcd1-7fa055e97b61",
    needs = [ObjectStorage],
)]
async fn list_objects_with_limit(cx: &Cx) -> Outcome {
    let features = cx.deployment().object_storage_features();
    let told = features.and_then(|features| features.pointer("/swift/container_listing_limit")?.as_u64());
    let most = told.unwrap_or(MOST).clamp(1, MOST).to_string();
    for limit in ["1", "10", most.as_str()] {
        let requirement = "with `limit` the listing must have the only object, and nothing else";
        require_listing(cx, ALONE, &[("limit", limit)], ALONE, requirement).await?;
    }
    for (limit, expected) in [("1", &OBJECTS[..1]), ("2", &OBJECTS[..2]), ("10", &OBJECTS[..])] {
        let requirement = "the listing should have the first names, as many as `limit` says";
        expect_listing(cx, &[("limit", limit)], expected, requirement).await?;
    }
    Ok(())
}

/// `marker` begins the listing after a name, whether or not there is such an object.
///
/// An object that stands behind it must be listed; one that stands before it, or bears its name, should not be.
#[conformance(
    id = "object-storage.containers.list-objects-with-marker",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "c31ddc63-2a58-4f6b-b25c-94d2937e6867",
    needs = [ObjectStorage],
)]
async fn list_objects_with_marker(cx: &Cx) -> Outcome {
    let requirement = "the listing must have the object that stands behind `marker`, and nothing else";
    require_listing(cx, ALONE, &[("marker", "Aaaa")], ALONE, requirement).await?;
    expect_listing(cx, &[("marker", "banana")], &OBJECTS[5..], "the listing should begin after `marker`").await?;
    let requirement = "the listing should begin after a `marker` that is the name of no object";
    expect_listing(cx, &[("marker", "Folder/onf")], &OBJECTS[2..], requirement).await
}

/// `path` lists what stands directly in a folder: neither what is deeper, nor what is outside.
///
/// An object that stands alone in the folder must be listed, and nothing else. Of several, neither those that stand
/// deeper nor those outside should be listed, and no folder.
#[conformance(
    id = "object-storage.containers.list-objects-with-path",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "58ca6cc9-6af0-408d-aaec-2a6a7b2f0df9",
    needs = [ObjectStorage],
)]
async fn list_objects_with_path(cx: &Cx) -> Outcome {
    let query = [("path", "Folder")];
    let requirement = "with `path` the listing must have the only object of the folder, and nothing else";
    require_listing(cx, IN_FOLDER, &query, IN_FOLDER, requirement).await?;
    let requirement =
        "with `path` the listing should have the objects that stand directly in the folder, and nothing else";
    expect_listing(cx, &query, &["Folder/one", "Folder/two"], requirement).await
}

/// `prefix` lists the objects whose name begins with it.
///
/// An object that stands alone must be listed by what its name begins with; of six, no other should be listed.
#[conformance(
    id = "object-storage.containers.list-objects-with-prefix",
    spec = "object-storage-v1#show-container-details-and-list-objects",
    covers = "77e742c7-caf2-4ec9-8aa4-f7d509a3344c",
    needs = [ObjectStorage],
)]
async fn list_objects_with_prefix(cx: &Cx) -> Outcome {
    let requirement = "the listing must have the object whose name begins with `prefix`, and nothing else";
    require_listing(cx, ALONE, &[("prefix", "obj")], ALONE, requirement).await?;
    let requirement = "the listing should have the names that begin with `prefix`, and no other";
    expect_listing(cx, &[("prefix", "Fold")], &OBJECTS[..3], requirement).await?;
    expect_listing(cx, &[("prefix", "banana")], &["banana"], requirement).await
}
