//! Versions: which the service offers, and what it says of this one.

use assay_kit::prelude::*;

/// What the entry of a version tells.
const MEMBERS: [&str; 5] = ["id", "links", "media-types", "status", "updated"];

/// The list of versions, asked for without a token, answers 300, and each entry has an id, links, media types, a status
/// and the time of its last update.
///
/// The list is promised to have a version 3, whose link leads to the API.
#[conformance(
    id = "identity.versions.list",
    spec = "identity-v3#identity-api-v3-current",
    covers = "721f480f-35b6-46c7-846e-047e6acea0dc",
    needs = [Identity],
)]
async fn list(cx: &Cx) -> Outcome {
    let response = cx.identity()?.at_root().without_token().get("/").require(300).await?;
    let versions = response.json()?.at(["versions", "values"])?.elements()?;
    for version in &versions {
        require_described(version)?;
    }
    let third = versions.iter().find(|version| version.value()["id"].as_str().is_some_and(|id| id.starts_with("v3")));
    match third {
        Some(third) => expect_link(third)?,
        None => expect!(response, false, "the list of versions has a version 3"),
    }
    Ok(())
}

/// The description of version 3 has an id, links, media types, a status and the time of its last update.
///
/// The id is promised to be that of a version 3, and the link to lead to the API.
#[conformance(
    id = "identity.versions.show",
    spec = "identity-v3#identity-api-v3-current",
    covers = "b9232f5e-d9e5-4d97-b96c-28d3db4de1bd",
    needs = [Identity],
)]
async fn show(cx: &Cx) -> Outcome {
    let version = description(cx).await?;
    require_described(&version)?;
    let id = version.get("id")?;
    expect!(id, id.value().as_str().is_some_and(|id| id.starts_with("v3.")), "the id is that of a version 3");
    expect_link(&version)
}

/// The description of version 3 lists JSON and the media type of Identity v3 among its media types.
#[conformance(
    id = "identity.versions.media-types",
    spec = "identity-v3#identity-api-v3-current",
    covers = "657c1970-4722-4189-8831-7325f3bc4265",
    needs = [Identity],
)]
async fn media_types(cx: &Cx) -> Outcome {
    let types = description(cx).await?.get("media-types")?;
    let mut found = Vec::new();
    for entry in types.elements()? {
        found.push((entry.get("base")?.value().clone(), entry.get("type")?.value().clone()));
    }
    let wanted = (json!("application/json"), json!("application/vnd.openstack.identity-v3+json"));
    require!(
        types,
        found.contains(&wanted),
        "{} in {} must be a media type of the version, beside {found:?}",
        wanted.1,
        wanted.0
    );
    Ok(())
}

/// The description of version 3 has a status that is known: current, stable, experimental, supported or deprecated.
///
/// Version 3 is the one in force, so its status is promised to be stable or current.
#[conformance(
    id = "identity.versions.status",
    spec = "identity-v3#identity-api-v3-current",
    covers = "8879a470-abfb-47bb-bb8d-5a7fd279ad1e",
    needs = [Identity],
)]
async fn status(cx: &Cx) -> Outcome {
    let status = description(cx).await?.get("status")?;
    let text = status.text()?.to_lowercase();
    let known = ["current", "stable", "experimental", "supported", "deprecated"];
    require!(
        status,
        known.contains(&text.as_str()),
        "the status of a version must be one of {}, not {text}",
        known.join(", ")
    );
    expect!(status, known[..2].contains(&text.as_str()), "version 3 is stable or current, not {text}");
    Ok(())
}

/// What the API says of itself.
async fn description(cx: &Cx) -> Outcome<Json> {
    cx.identity()?.get("").require(200).await?.json()?.get("version")
}

fn require_described(version: &Json) -> Outcome {
    MEMBERS.into_iter().try_for_each(|member| version.get(member).map(drop))?;
    let updated = version.get("updated")?;
    expect!(updated, updated.time().is_ok(), "a version says when it was updated, as ISO 8601 writes it");
    Ok(())
}

fn expect_link(version: &Json) -> Outcome {
    let links = version.get("links")?;
    let own = links.value().as_array().into_iter().flatten().find(|link| link["rel"] == "self");
    let leads =
        own.is_some_and(|link| link["href"].as_str().is_some_and(|url| url.trim_end_matches('/').ends_with("/v3")));
    expect!(links, leads, "a link of the version leads to the API itself");
    Ok(())
}
