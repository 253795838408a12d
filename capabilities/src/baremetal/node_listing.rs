//! Lists of nodes: their details, filters, fields and pages.

use std::collections::BTreeSet;

use assay_kit::prelude::*;

use super::fixture::{Node, Refusal as _, all, at, uuids};

/// Two nodes of a resource class of their own.
async fn two(cx: &Cx, ironic: &Client) -> Outcome<(String, [Node; 2])> {
    let class = cx.name("class");
    let members = json!({"resource_class": class});
    Ok((class, [Node::enrol(cx, ironic, &members).await?, Node::enrol(cx, ironic, &members).await?]))
}

/// New nodes must be listed with UUID, name, provision state, power state and maintenance; with driver and properties in the
/// detailed list.
#[conformance(
    id = "baremetal.nodes.list",
    spec = "baremetal-v1#list-nodes",
    covers = "7d307e63-bed1-4b37-bc85-a5602e55c906",
    needs = [BareMetal, BareMetalMicroversion("1.21")],
)]
async fn list(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.21")?;
    let (_, nodes) = two(cx, &ironic).await?;
    let plain = ["uuid", "name", "provision_state", "power_state", "maintenance", "links"];
    let detail = ["driver", "properties"];
    for (path, more) in [("nodes", &detail[..0]), ("nodes/detail", &detail)] {
        let listed = all(&ironic, path, &[], "nodes").await?;
        for node in &nodes {
            let Some(found) = listed.iter().find(|other| other.value()["uuid"] == node.id.as_str()) else {
                return Err(cx.fail(format!("{path} must list a new node"), Some(node.id.clone()), None));
            };
            for key in plain.iter().chain(more) {
                found.get(key)?;
            }
            let name = found.get("name")?;
            require_eq!(name, name.value(), node.name.as_str(), "the list must have the node's name");
            let own = found.get("links")?.elements()?.into_iter().find(|link| link.value()["rel"] == "self");
            let href = own.and_then(|link| Some(link.value()["href"].as_str()?.to_owned())).unwrap_or_default();
            let leads = href.starts_with(&ironic.at_root().url(""))
                && ironic.request_to("GET", href.clone()).send().await?.status() == 200;
            expect!(found, leads, "a node should have a link to itself that leads to it: {href}");
        }
    }
    Ok(())
}

/// The list of nodes must be filtered by resource class, provision state and driver, and be reduced to named fields. It must
/// have no node of an unknown provision state.
///
/// An unknown provision state, a negative limit and an unknown field should be refused.
#[conformance(
    id = "baremetal.nodes.filter",
    spec = "baremetal-v1#list-nodes",
    covers = "014b5ddf-7760-4745-bce6-f4b4c1601678",
    needs = [BareMetal, BareMetalMicroversion("1.21")],
)]
async fn filter(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.21")?;
    let (class, nodes) = two(cx, &ironic).await?;
    let own: BTreeSet<_> = nodes.iter().map(|node| node.id.clone()).collect();
    let listed = uuids(&all(&ironic, "nodes", &[("resource_class", &class)], "nodes").await?)?;
    require_eq!(cx, BTreeSet::from_iter(listed), own, "of a resource class all nodes must be listed and no others");
    let driver = nodes[0].json.get("driver")?.text()?.to_owned();
    for (key, value) in [("provision_state", "enroll"), ("driver", &driver)] {
        let listed = all(&ironic, "nodes/detail", &[(key, value)], "nodes").await?;
        for node in &listed {
            let seen = node.get(key)?;
            require_eq!(seen, seen.value(), value, "a list filtered by `{key}` must have no node of another");
        }
        let ids = BTreeSet::from_iter(uuids(&listed)?);
        require!(cx, own.is_subset(&ids), "a list filtered by `{key}` must have all nodes of that one");
    }
    let cut = all(&ironic, "nodes", &[("resource_class", &class), ("fields", "uuid,name")], "nodes").await?;
    for node in &cut {
        let keys: BTreeSet<_> = node.keys()?.into_iter().filter(|key| *key != "links").collect();
        require_eq!(node, keys, BTreeSet::from(["uuid", "name"]), "a list of some fields must have these and links");
    }
    require_eq!(cx, cut.len(), 2, "a list of some fields must have all nodes");
    let answer = ironic.get("nodes").query("provision_state", "nonsense").require([200, 400]).await?;
    expect_eq!(answer, answer.status(), 400, "an unknown provision state should be refused");
    if answer.status() == 200 {
        let listed = answer.json()?.get("nodes")?;
        require_eq!(listed, listed.length()?, 0, "no node must be listed for an unknown provision state");
    }
    for (key, value, what) in [("limit", "-1", "a negative limit"), ("fields", "nosuch", "an unknown field")] {
        let answer = ironic.get("nodes").query(key, value).send().await?;
        expect_eq!(answer, answer.status(), 400, "{what} should be refused");
    }
    Ok(())
}

/// Pages of one node, each asked for with the marker of the one before, must show each node of a resource class once, and
/// end. An unknown marker must be refused.
///
/// The link to the next page should lead there too, and an unknown marker should not be found.
#[conformance(
    id = "baremetal.nodes.pages",
    spec = "baremetal-v1#list-nodes",
    covers = "4617a05e-7187-4d7a-937e-791f8f72ba81",
    needs = [BareMetal, BareMetalMicroversion("1.21")],
)]
async fn pages(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.21")?;
    let (class, [one, two]) = two(cx, &ironic).await?;
    let three = Node::enrol(cx, &ironic, &json!({"resource_class": class})).await?;
    let own = BTreeSet::from([one.id, two.id, three.id]);
    let ask = |marker: Option<&String>| {
        let page = ironic.get("nodes").query("resource_class", &class).query("limit", 1).query("sort_key", "uuid");
        marker.into_iter().fold(page, |page, marker| page.query("marker", marker))
    };
    let mut seen: Vec<String> = Vec::new();
    for at in 0..3 {
        let page = ask(seen.last()).require(200).await?.json()?;
        let ids = uuids(&page.get("nodes")?.elements()?)?;
        require_eq!(page, ids.len(), 1, "a page must have as many nodes as its limit where there are more");
        seen.extend(ids);
        if at < 2 {
            // Of a page that another follows.
            let next = page.get("next")?;
            let query = next.text()?.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
            let after = ironic.get(&format!("nodes?{query}")).require(200).await?.json()?;
            let leads = uuids(&after.get("nodes")?.elements()?)?.iter().all(|id| own.contains(id));
            expect!(next, leads, "the link to the next page should ask for nodes of the same resource class: {query}");
        }
    }
    require_eq!(cx, seen.iter().cloned().collect::<BTreeSet<_>>(), own, "the pages must have each node once");
    let end = ask(seen.last()).require(200).await?.json()?;
    require!(end, end.get("nodes")?.elements()?.is_empty(), "the pages must come to an end");
    expect!(end, seen.is_sorted(), "`sort_key=uuid` should sort by UUID");
    let unknown = ironic.get("nodes").query("limit", 1).query("marker", cx.unused_uuid());
    let answer = unknown.require_refusal([400, 404]).await?;
    expect_eq!(answer, answer.status(), 404, "an unknown marker should not be found");
    Ok(())
}
