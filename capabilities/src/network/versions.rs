//! Versions: which the service offers.

use assay_kit::prelude::*;

/// The list of versions tells each version's id, links and status, and has no other version than v2.0.
///
/// That version should be the current one, and its link should lead to the API.
#[conformance(
    id = "network.versions.list",
    spec = "network-v2#list-api-versions",
    covers = "cac8a836-c2e0-4304-b556-cd299c7281d1",
    needs = [Network],
)]
async fn list(cx: &Cx) -> Outcome {
    let body = cx.network()?.at_root().get("/").require(200).await?.json()?;
    for key in body.keys()? {
        for version in body.get(key)?.elements()? {
            for member in ["id", "links", "status"] {
                version.get(member)?;
            }
            let id = version.get("id")?;
            require_eq!(id, id.value(), "v2.0", "the only version of the API must be v2.0");
            let status = version.get("status")?;
            expect_eq!(status, status.value(), "CURRENT", "v2.0 should be the current version");
            let links = version.get("links")?;
            let leads = links.value().as_array().into_iter().flatten().any(|link| {
                link["rel"] == "self"
                    && link["href"].as_str().is_some_and(|url| url.trim_end_matches('/').ends_with("v2.0"))
            });
            expect!(links, leads, "a link of the version should lead to the API itself");
        }
    }
    let versions = body.find("versions").and_then(|versions| Some(versions.value().as_array()?.len()));
    expect!(body, versions.is_some_and(|count| count > 0), "the list of versions should have one");
    Ok(())
}
