//! Containers that keep older versions of their objects.

use assay_kit::prelude::*;

use super::headers::{self, Target};
use super::steps::{self, SETTLING};

/// Requires that a container has so many objects and bytes, and keeps older versions in this container or in none.
async fn require_state(cx: &Cx, container: &str, objects: usize, bytes: usize, location: Option<&str>) -> Outcome {
    let (objects, bytes) = (objects.to_string(), bytes.to_string());
    let expected = [
        ("x-container-object-count", Some(objects.as_str())),
        ("x-container-bytes-used", Some(bytes.as_str())),
        ("x-versions-location", location),
    ];
    let head = cx.object_storage()?.head(container);
    let response = steps::settled(cx, &head, SETTLING, |response| {
        expected.iter().all(|(header, value)| response.header(header) == *value)
    });
    let response = response.await?;
    response.require_status(204)?;
    headers::check(cx, &response, Target::Container)?;
    for (header, value) in expected {
        require_eq!(response, response.header(header), value, "the container must say what is in it: {header}");
    }
    Ok(())
}

/// A container with `X-Versions-Location` keeps what is overwritten in another container, and brings it back.
///
/// The second version of an object must be read until it is deleted; then the first one must be there again, and
/// after another deletion nothing may be left in either container, and both must be deleted again. The other
/// container should hold one version.
#[conformance(
    id = "object-storage.objects.keep-versions",
    spec = "swift-object-versioning#object-versioning",
    covers = "a151e158-dcbf-4a1f-a1e7-46cd65895a6f",
    needs = [ObjectStorage],
)]
async fn keep_versions(cx: &Cx) -> Outcome {
    let (versions, _) = steps::plan(cx, "versions")?;
    let response = cx.object_storage()?.put(&versions).require(steps::MADE).await?;
    headers::check(cx, &response, Target::Container)?;
    require_state(cx, &versions, 0, 0, None).await?;
    let (container, _) = steps::plan(cx, "versioned")?;
    let put = cx.object_storage()?.put(&container).header("X-Versions-Location", &versions);
    let response = put.require(steps::MADE).await?;
    headers::check(cx, &response, Target::Container)?;
    require_state(cx, &container, 0, 0, Some(&versions)).await?;

    let first = steps::content(cx);
    let second = [steps::content(cx), b"longer than the first".to_vec()].concat();
    steps::upload(cx, &container, "object", &first).await?;
    steps::upload(cx, &container, "object", &second).await?;
    let object = steps::download(cx, &container, "object").await?;
    require!(object, object.bytes() == &second, "the object must hold its second version");
    // The version to bring back is looked for in this listing.
    let listing = cx.object_storage()?.get(&versions);
    let kept = steps::settled(cx, &listing, SETTLING, |listing| !steps::names(listing).is_empty()).await?;
    let count = steps::names(&kept).len();
    expect_eq!(kept, count, 1, "the version that was overwritten should be kept in the other container");

    let path = steps::path(&container, "object");
    cx.object_storage()?.delete(&path).require([200, 204]).await?;
    require_state(cx, &container, 1, first.len(), Some(&versions)).await?;
    let object = steps::download(cx, &container, "object").await?;
    require!(object, object.bytes() == &first, "after a deletion the object must hold its first version again");
    let listing = cx.object_storage()?.get(&versions);
    steps::settled(cx, &listing, SETTLING, |listing| steps::names(listing).is_empty()).await?;
    cx.object_storage()?.delete(&path).require([200, 204]).await?;
    require_state(cx, &container, 0, 0, Some(&versions)).await?;
    require_state(cx, &versions, 0, 0, None).await?;
    steps::expect_gone(cx, &container, "object").await?;
    steps::require_deleted(cx, &container).await?;
    steps::require_deleted(cx, &versions).await
}
