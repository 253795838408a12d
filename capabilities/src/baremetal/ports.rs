//! Ports: the network interfaces of nodes, as they are wired.

use assay_kit::prelude::*;

use super::fixture::{
    Node, Refusal as _, all, at, expect_refused, mac, path, patiently, refused, refused_usually, require_holds, show,
    uuids,
};

/// Makes a port of a node with a new address; gives its UUID and the address.
async fn make(cx: &Cx, ironic: &Client, node: &Node) -> Outcome<(String, String)> {
    let address = mac(cx);
    let answer = patiently(cx, ironic.post("ports").json(&json!({"node_uuid": node.id, "address": address}))).await?;
    answer.require_status(201)?;
    Ok((answer.json()?.get("uuid")?.text()?.to_owned(), address))
}

/// The UUIDs of the ports of a node.
async fn of_node(ironic: &Client, node: &Node) -> Outcome<Vec<String>> {
    uuids(&all(ironic, &format!("{}/ports", node.path), &[], "ports").await?)
}

/// A port must be created with an address in capitals, which must read back in whatever case, and with a link connection,
/// which must read back as it was sent. Filters by address and by node must find it alone.
///
/// The address should read back in lower case.
#[conformance(
    id = "baremetal.ports.create",
    spec = "baremetal-v1#create-port",
    covers = "aecedf66-f88c-4ecd-87f2-f613aa9b75ef",
    needs = [BareMetal, BareMetalMicroversion("1.34")],
)]
async fn create(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.34")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let other = Node::enrol(cx, &ironic, &json!({})).await?;
    make(cx, &ironic, &other).await?;
    let address = mac(cx);
    let members = json!({
        "node_uuid": node.id,
        "pxe_enabled": true,
        "physical_network": "physnet1",
        "local_link_connection": {"switch_id": "0a:1b:2c:3d:4e:5f", "port_id": "Ethernet3/1", "switch_info": "rack 1"},
        "extra": {"assay": node.name},
    });
    let mut body = members.clone();
    body["address"] = json!(address.to_ascii_uppercase());
    let answer = patiently(cx, ironic.post("ports").json(&body)).await?;
    answer.require_status(201)?;
    let created = answer.json()?;
    let id = created.get("uuid")?.text()?.to_owned();
    let shown = show(&ironic, &path("ports", &id)).await?;
    for port in [&created, &shown] {
        require_holds(port, &members, "a port")?;
        let seen = port.get("address")?;
        require_eq!(seen, seen.text()?.to_ascii_lowercase(), address, "an address must read back, in whatever case");
        expect_eq!(seen, seen.value(), address.as_str(), "an address should read back in lower case");
    }
    let stored = shown.get("address")?.text()?.to_owned();
    for (key, value) in [("address", &stored), ("node", &node.id)] {
        let found = uuids(&all(&ironic, "ports", &[(key, value)], "ports").await?)?;
        require_eq!(cx, found, std::slice::from_ref(&id), "by its {key} the port must be found and no other");
    }
    require_eq!(cx, of_node(&ironic, &node).await?, [id], "a node must list its port and no other's");
    Ok(())
}

/// A change of a port's PXE flag, extra and address must read back. Its old address must find nothing.
#[conformance(
    id = "baremetal.ports.update",
    spec = "baremetal-v1#update-a-port",
    covers = "797d71af-bc0d-4fd1-8c8b-d020cd512002",
    needs = [BareMetal, BareMetalMicroversion("1.19")],
)]
async fn update(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.19")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let (id, old) = make(cx, &ironic, &node).await?;
    let address = mac(cx);
    let changes = json!([
        {"op": "replace", "path": "/pxe_enabled", "value": false},
        {"op": "add", "path": "/extra/slot", "value": 7},
        {"op": "replace", "path": "/address", "value": address},
    ]);
    let answer = patiently(cx, ironic.patch(&path("ports", &id)).json(&changes)).await?;
    answer.require_status(200)?;
    for port in [answer.json()?, show(&ironic, &path("ports", &id)).await?] {
        require_holds(&port, &json!({"pxe_enabled": false, "address": address, "extra": {"slot": 7}}), "a port")?;
    }
    let found = all(&ironic, "ports", &[("address", &old)], "ports").await?;
    require!(cx, found.is_empty(), "by its old address a port must not be found");
    Ok(())
}

/// A port must be refused whose address is invalid, missing or that of another port, whose node is unknown, or whose switch is
/// invalid. The node must have the ports that it had.
///
/// An address without colons should be refused.
#[conformance(
    id = "baremetal.ports.refused",
    spec = "baremetal-v1#create-port",
    covers = "0a864568-5c53-4b2c-9d01-c784bc0a6cc8",
    needs = [BareMetal, BareMetalMicroversion("1.19")],
    seconds = 2,
)]
async fn refusals(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.19")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let (id, address) = make(cx, &ironic, &node).await?;
    let twice = json!({"node_uuid": node.id, "address": address});
    refused_usually(cx, ironic.post("ports").json(&twice), 409, &address).await?;
    let free = mac(cx);
    let wrong = [
        (json!({"address": "zz"}), "zz"),
        (json!({"address": free[3..]}), "address"),
        (json!({}), "address"),
        (json!({"address": free, "local_link_connection": {"switch_id": "x", "port_id": "1"}}), "switch_id"),
    ];
    for (members, names) in wrong {
        let mut body = json!({"node_uuid": node.id});
        super::fixture::merge(&mut body, &members);
        refused_usually(cx, ironic.post("ports").json(&body), 400, names).await?;
    }
    let nobody = cx.unused_uuid();
    let of_nobody = json!({"node_uuid": nobody, "address": free});
    refused(cx, ironic.post("ports").json(&of_nobody), [400, 404], &nobody).await?;
    let bare = json!({"node_uuid": node.id, "address": free.replace(':', "")});
    expect_refused(cx, &ironic, "ports", &bare, "an address without colons").await?;
    require_eq!(cx, of_node(&ironic, &node).await?, [id], "the node must have the port that it had and no other");
    let found = all(&ironic, "ports", &[("address", &free)], "ports").await?;
    require!(cx, found.is_empty(), "a refused request must make no port");
    Ok(())
}

/// A deleted port must be gone, and its address must be free for another one.
#[conformance(
    id = "baremetal.ports.delete",
    spec = "baremetal-v1#delete-port",
    covers = "b63d67c4-5e1d-4cea-a27a-0ae18a6f8117",
    needs = [BareMetal, BareMetalMicroversion("1.11")],
)]
async fn delete(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.11")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let (id, address) = make(cx, &ironic, &node).await?;
    patiently(cx, ironic.delete(&path("ports", &id))).await?.require_status(204)?;
    ironic.get(&path("ports", &id)).require_refusal(404).await?;
    let again = json!({"node_uuid": node.id, "address": address});
    patiently(cx, ironic.post("ports").json(&again)).await?.require_status(201)
}
