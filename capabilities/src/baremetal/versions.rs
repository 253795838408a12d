//! API versions, and the microversions of requests.

use assay_kit::prelude::*;

use super::fixture::{Node, Refusal as _, all, at, fault, minor, offers, range};

const LEAST: &str = "X-OpenStack-Ironic-API-Minimum-Version";
const MOST: &str = "X-OpenStack-Ironic-API-Maximum-Version";
const OWN: &str = "X-OpenStack-Ironic-API-Version";

/// The root must answer without credentials and without a version header, and list `v1` with a link that leads to it.
#[conformance(
    id = "baremetal.versions.root",
    spec = "baremetal-v1#list-api-versions",
    covers = "4b21659d-b395-4587-b094-e74bf00a3ba3",
    needs = [BareMetal],
)]
async fn root(cx: &Cx) -> Outcome {
    let ironic = cx.bare_metal()?.at_root().without_token();
    let root = ironic.get("/").require(200).await?.json()?;
    let default = root.at(["default_version", "id"])?;
    require_eq!(default, default.value(), "v1", "the default version must be v1");
    let versions = root.get("versions")?.elements()?;
    let v1 = versions.iter().find(|version| version.value()["id"] == "v1");
    require!(root, v1.is_some(), "the list of versions must have v1");
    let Some(v1) = v1 else { return Ok(()) };
    let links = v1.get("links")?.elements()?;
    let own = links.iter().find(|link| link.value()["rel"] == "self");
    require!(v1, own.is_some(), "v1 must have a link to itself");
    if let Some(own) = own {
        let shown = ironic.request_to("GET", own.get("href")?.text()?.to_owned()).require(200).await?.json()?;
        let id = shown.get("id")?;
        require_eq!(id, id.value(), "v1", "the link of v1 must lead to v1");
    }
    let ends = ["min_version", "version"].map(|key| v1.value()[key].as_str().and_then(minor));
    let ordered = matches!(ends, [Some(least), Some(most)] if least <= most);
    expect!(v1, ordered, "the microversions of v1 should be `1.x`, and the least not above the greatest");
    Ok(())
}

/// Version 1 must answer without credentials and without a version header, link to its collections, and say in its headers
/// which microversions it supports.
#[conformance(
    id = "baremetal.versions.v1",
    spec = "baremetal-v1#show-v1-api",
    covers = "f2f1773d-2cbb-4e7b-bae6-0374dbf24731",
    needs = [BareMetal],
)]
async fn v1(cx: &Cx) -> Outcome {
    let answer = cx.bare_metal()?.without_token().get("/").require(200).await?;
    let v1 = answer.json()?;
    let id = v1.get("id")?;
    require_eq!(id, id.value(), "v1", "the version must be v1");
    for key in ["nodes", "ports", "drivers"] {
        let links = v1.get(key)?;
        require!(links, !links.elements()?.is_empty(), "v1 must link to its {key}");
    }
    let (least, most) = (answer.require_header(LEAST)?, answer.require_header(MOST)?);
    let ordered = matches!((minor(least), minor(most)), (Some(least), Some(most)) if least <= most);
    require!(answer, ordered, "the least microversion must not be above the greatest, both `1.x`: {least} to {most}");
    let told = |key: &str| v1.value()["version"][key].clone();
    expect_eq!(v1, told("min_version"), least, "the body should tell the least microversion of the header");
    expect_eq!(v1, told("version"), most, "the body should tell the greatest microversion of the header");
    Ok(())
}

/// A request must be answered at the microversion that it asks for: the least, the greatest, the greatest for `latest`, and
/// the least for none.
#[conformance(
    id = "baremetal.versions.negotiated",
    spec = "baremetal-v1#api-versions",
    covers = "07e8767a-963b-4ade-91f7-9e4551d96ae0",
    needs = [BareMetal],
)]
async fn negotiated(cx: &Cx) -> Outcome {
    let (least, most) = range(cx)?;
    let (least, most) = (format!("1.{least}"), format!("1.{most}"));
    let asked = [(Some(least.as_str()), &least), (Some(&most), &most), (Some("latest"), &most), (None, &least)];
    for (version, expected) in asked {
        let ironic = version.map_or_else(|| cx.bare_metal(), |version| at(cx, version))?;
        let answer = ironic.get("nodes").query("limit", 1).require(200).await?;
        let own = answer.require_header(OWN)?;
        let version = version.unwrap_or("no microversion");
        require_eq!(answer, own, expected, "a request at {version} must be answered at {expected}");
    }
    let common = cx.bare_metal()?.get("nodes").query("limit", 1);
    let answer = common.header("OpenStack-API-Version", format!("baremetal {most}")).send().await?;
    expect_eq!(answer, answer.status(), 200, "the common header of microversions should do no harm");
    Ok(())
}

/// Fields and collections of a later microversion must not be shown at an earlier one.
#[conformance(
    id = "baremetal.versions.gated",
    spec = "baremetal-v1#api-versions",
    covers = "d8630bd9-31b3-4642-ba1d-7172e56fda6b",
    needs = [BareMetal, BareMetalMicroversion("1.52")],
)]
async fn gated(cx: &Cx) -> Outcome {
    let node = Node::enrol(cx, &at(cx, "1.52")?, &json!({})).await?;
    let newest = node.show(&at(cx, "latest")?).await?;
    for key in ["resource_class", "traits", "description"] {
        newest.get(key)?;
    }
    if offers(cx, 20)? {
        let old = node.show(&at(cx, "1.20")?).await?;
        for key in ["resource_class", "traits", "description"] {
            require!(old, old.find(key).is_none(), "a node at 1.20 must not have `{key}`, which came later");
        }
    }
    all(&at(cx, "1.52")?, "allocations", &[], "allocations").await?;
    if offers(cx, 51)? {
        at(cx, "1.51")?.get("allocations").require_refusal(404).await?;
    }
    Ok(())
}

/// An unsupported microversion and an invalid one must be refused with 406, and no node must be shown. The headers must say
/// which microversions are supported.
#[conformance(
    id = "baremetal.versions.refused",
    spec = "baremetal-v1#api-versions",
    covers = "90f11f6a-081f-4bae-9765-2a880935bc7d",
    needs = [BareMetal],
)]
async fn refused(cx: &Cx) -> Outcome {
    let (_, most) = range(cx)?;
    for version in [format!("1.{}", most + 1000), "abc".to_owned()] {
        let answer = at(cx, &version)?.get("nodes").require_refusal(406).await?;
        let body: Value = serde_json::from_slice(answer.bytes()).unwrap_or_default();
        require!(answer, body.get("nodes").is_none(), "a refused request must show no nodes");
        if version != "abc" {
            answer.require_header(LEAST)?;
            let told = answer.require_header(MOST)?;
            require_eq!(answer, minor(told), Some(most), "the refusal must tell the greatest microversion");
            let text = fault(&answer);
            expect!(answer, text.contains(&format!("1.{most}")), "the refusal should say which there are: {text}");
        }
    }
    Ok(())
}
