//! Port groups: ports of a node that are one to its network.

use assay_kit::prelude::*;

use super::fixture::{
    Node, Refusal as _, all, at, expect_refused, mac, path, patiently, refused, refused_usually, require_holds, show,
    uuids,
};

/// Makes a port group of a node, with these members besides.
async fn make(cx: &Cx, ironic: &Client, node: &Node, members: &Value) -> Outcome<Json> {
    let mut body = json!({"node_uuid": node.id, "name": cx.name("bond")});
    super::fixture::merge(&mut body, members);
    let answer = patiently(cx, ironic.post("portgroups").json(&body)).await?;
    answer.require_status(201)?;
    let group = answer.json()?;
    require_holds(&group, &body, "a port group")?;
    Ok(group)
}

/// Makes a port of a node; gives its UUID.
async fn port(cx: &Cx, ironic: &Client, node: &Node) -> Outcome<String> {
    let body = json!({"node_uuid": node.id, "address": mac(cx)});
    let answer = patiently(cx, ironic.post("ports").json(&body)).await?;
    answer.require_status(201)?;
    Ok(answer.json()?.get("uuid")?.text()?.to_owned())
}

/// A port group must be created with name, mode and properties, be shown by its UUID and by its name, and be listed with its
/// node. Once deleted, it must be gone.
#[conformance(
    id = "baremetal.portgroups.create",
    spec = "baremetal-v1#create-portgroup",
    covers = "932deb1b-7f23-4a63-8c24-a0394702f510",
    needs = [BareMetal, BareMetalMicroversion("1.26")],
)]
async fn create(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.26")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let members = json!({"mode": "802.3ad", "properties": {"miimon": "100"}, "standalone_ports_supported": false});
    let group = make(cx, &ironic, &node, &members).await?;
    let id = group.get("uuid")?.text()?.to_owned();
    for ident in [id.as_str(), group.get("name")?.text()?] {
        let shown = show(&ironic, &path("portgroups", ident)).await?;
        require_holds(&shown, &members, "a port group")?;
        require_holds(&shown, &json!({"uuid": id, "node_uuid": node.id}), "a port group")?;
    }
    let listed = all(&ironic, &format!("{}/portgroups", node.path), &[], "portgroups").await?;
    require_eq!(cx, uuids(&listed)?, std::slice::from_ref(&id), "a node must list its port group and no other");
    let own = path("portgroups", &id);
    patiently(cx, ironic.delete(&own)).await?.require_status(204)?;
    ironic.get(&own).require_refusal(404).await.map(drop)
}

/// A port that joins a group must be listed by it. Once it has left, the group must be deleted, and be gone.
///
/// Deleting the group should be refused as long as the port is in it.
#[conformance(
    id = "baremetal.portgroups.join",
    spec = "baremetal-v1#list-ports-by-portgroup",
    covers = "5a5d30bf-7efd-4a83-b415-63c868820c92",
    needs = [BareMetal, BareMetalMicroversion("1.26")],
)]
async fn join(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.26")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let group = make(cx, &ironic, &node, &json!({})).await?.get("uuid")?.text()?.to_owned();
    let port = port(cx, &ironic, &node).await?;
    let (group_path, port_path) = (path("portgroups", &group), path("ports", &port));
    let joins = json!([{"op": "add", "path": "/portgroup_uuid", "value": group}]);
    patiently(cx, ironic.patch(&port_path).json(&joins)).await?.require_status(200)?;
    let listed = all(&ironic, &format!("{group_path}/ports"), &[], "ports").await?;
    require_eq!(cx, uuids(&listed)?, [port], "a port group must list the port that joined it and no other");
    let early = patiently(cx, ironic.delete(&group_path)).await?;
    let is_refused = matches!(early.status(), 400 | 409);
    expect!(early, is_refused, "deleting a group that has a port should be refused");
    if early.status() != 204 {
        show(&ironic, &group_path).await?;
        let leaves = json!([{"op": "remove", "path": "/portgroup_uuid"}]);
        patiently(cx, ironic.patch(&port_path).json(&leaves)).await?.require_status(200)?;
        patiently(cx, ironic.delete(&group_path)).await?.require_status(204)?;
    }
    ironic.get(&group_path).require_refusal(404).await.map(drop)
}

/// A port group with an invalid address or the name of another one must be refused, and so must a port of an unknown group.
/// Nothing must be made or changed.
///
/// A name with a space in it should be refused.
#[conformance(
    id = "baremetal.portgroups.refused",
    spec = "baremetal-v1#create-portgroup",
    covers = "af24e727-21a6-4eec-9b17-6f33bfa2dcd2",
    needs = [BareMetal, BareMetalMicroversion("1.26")],
)]
async fn refusals(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.26")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let group = make(cx, &ironic, &node, &json!({})).await?;
    let name = group.get("name")?.text()?.to_owned();
    let port = port(cx, &ironic, &node).await?;
    let id = group.get("uuid")?.text()?.to_owned();
    let ask = |body: Value| ironic.post("portgroups").json(&body);
    refused(cx, ask(json!({"node_uuid": node.id, "address": "zz"})), 400, "zz").await?;
    refused_usually(cx, ask(json!({"node_uuid": node.id, "name": name})), 409, &name).await?;
    let spaced = json!({"node_uuid": node.id, "name": "a b"});
    expect_refused(cx, &ironic, "portgroups", &spaced, "a name with a space in it").await?;
    let nowhere = cx.unused_uuid();
    let joins = json!([{"op": "add", "path": "/portgroup_uuid", "value": nowhere}]);
    let port_path = path("ports", &port);
    refused(cx, ironic.patch(&port_path).json(&joins), [400, 404], &nowhere).await?;
    let listed = all(&ironic, &format!("{}/portgroups", node.path), &[], "portgroups").await?;
    require_eq!(cx, uuids(&listed)?, [id], "a refused request must make no port group");
    let joined = show(&ironic, &port_path).await?.get("portgroup_uuid")?;
    require!(joined, joined.value().is_null(), "a refused request must leave the port where it was");
    Ok(())
}
