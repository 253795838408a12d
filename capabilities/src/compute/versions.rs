//! Versions of the API.

use assay_kit::prelude::*;

use super::shapes::{self, checked};

/// The list of versions begins with 2.0.
///
/// It should have 2.1, with the range of its microversions.
#[conformance(
    id = "compute.versions.list",
    spec = "compute-v2.1#list-all-major-versions",
    covers = "6c0a0990-43b6-4529-9b61-5fd8daf7c55c",
    needs = [Compute],
)]
async fn list(cx: &Cx) -> Outcome {
    let response = cx.compute()?.at_root().without_token().get("/").require(200).await?;
    let versions = checked(&response, &shapes::versions())?.get("versions")?;
    let first = versions.value()[0]["id"].clone();
    require_eq!(versions, first, "v2.0", "the first version of the list must be v2.0");
    let listed = versions.value().as_array().into_iter().flatten().find(|version| version["id"] == "v2.1");
    let ranged = listed.is_some_and(|version| {
        ["min_version", "version"].iter().all(|key| version[key].as_str().is_some_and(|text| text.starts_with("2.")))
    });
    expect!(versions, ranged, "the list should hold version v2.1, with the range of its microversions");
    Ok(())
}
