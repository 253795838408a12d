//! Nodes: enrolling, showing, updating and deleting them.

use assay_kit::prelude::*;

use super::fixture::{
    Node, Refusal as _, all, at, enrolled, fault, mac, path, patiently, refused, refused_usually, require_holds,
    require_no_node, require_unchanged,
};

/// A node must be enrolled with name, driver, resource class, properties, extra and description, and read back as it was
/// sent. It must be in `enroll`, with unknown power.
#[conformance(
    id = "baremetal.nodes.create",
    spec = "baremetal-v1#create-node",
    covers = "00d266d3-e1e4-4ee8-a1c7-53755104109c",
    needs = [BareMetal, BareMetalMicroversion("1.51")],
)]
async fn create(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.51")?;
    let name = cx.name("node");
    let members = json!({
        "name": name,
        "resource_class": cx.name("class"),
        "properties": {"cpu_arch": "x86_64", "memory_mb": 4096, "capabilities": "boot_mode:uefi"},
        "extra": {"assay": name, "slot": 7},
        "description": "a record of a conformance test",
    });
    let planned = cx.will_create(Resource::new(Kind::Node, &name))?;
    let (driver, answer) = enrolled(cx, &ironic, &members).await?;
    let created = answer.json()?;
    let id = created.get("uuid")?.text()?.to_owned();
    planned.created(&id);
    let shown = ironic.get(&path("nodes", &id)).require(200).await?.json()?;
    for node in [&created, &shown] {
        require_holds(node, &members, "a node")?;
        require_holds(node, &json!({"driver": driver, "uuid": id, "provision_state": "enroll"}), "a new node")?;
        let power = node.get("power_state")?;
        require!(power, power.value().is_null(), "the power of a new node must not be known");
    }
    let leads = answer.header("Location").is_some_and(|to| to.contains(&id));
    expect!(answer, leads, "`Location` should lead to the new node");
    expect!(shown, !shown.value()["created_at"].is_null(), "a node should tell when it was created");
    Ok(())
}

/// A node must be refused with the name of another node, without a driver, with an unknown driver, with an invalid name, with
/// an unknown field, and with an unknown power interface. Nothing must be created or changed.
#[conformance(
    id = "baremetal.nodes.create-refused",
    spec = "baremetal-v1#create-node",
    covers = "2f296c19-efa2-4958-b015-8ba224fbf0c5",
    needs = [BareMetal, BareMetalMicroversion("1.31")],
)]
async fn create_refused(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.31")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let driver = node.json.get("driver")?.value().clone();
    let before = node.show(&ironic).await?;
    let twice = ironic.post("nodes").json(&json!({"name": node.name, "driver": driver}));
    refused_usually(cx, twice, 409, &node.name).await?;
    let wrong = [
        (json!({}), "driver"),
        (json!({"driver": "assay-no-such"}), "assay-no-such"),
        (json!({"driver": driver, "name": "bad name!"}), "bad name!"),
        (json!({"driver": driver, "assay_colour": "green"}), "assay_colour"),
        (json!({"driver": driver, "power_interface": "assay-no-such"}), "assay-no-such"),
    ];
    for (members, names) in wrong {
        let name = cx.name("node");
        cx.will_create(Resource::new(Kind::Node, &name))?;
        let mut body = json!({"name": name});
        super::fixture::merge(&mut body, &members);
        refused(cx, ironic.post("nodes").json(&body), 400, names).await?;
        require_no_node(&ironic, &name).await?;
    }
    let listed = all(&ironic, "nodes", &[("fields", "name")], "nodes").await?;
    let bad = listed.iter().any(|node| node.value()["name"] == "bad name!");
    require!(cx, !bad, "a refused request must make no node, but one is called `bad name!`");
    require_unchanged(&before, &node.show(&ironic).await?, &["uuid", "name", "driver", "provision_state"])
}

/// A node must be shown alike by its UUID and by its name. An unknown UUID and an unknown name must not be found.
#[conformance(
    id = "baremetal.nodes.show",
    spec = "baremetal-v1#show-node-details",
    covers = "7e19019e-7a57-49be-9ddd-93e47fa601a4",
    needs = [BareMetal, BareMetalMicroversion("1.11")],
)]
async fn show(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.11")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let by_id = node.show(&ironic).await?;
    let by_name = ironic.get(&path("nodes", &node.name)).require(200).await?.json()?;
    require_holds(&by_id, &json!({"uuid": node.id, "name": node.name}), "a node")?;
    for key in by_id.keys()? {
        // Its links may be those of the name, and the service may look after it in between.
        let is_link = matches!(key, "links" | "ports" | "states" | "portgroups" | "volume");
        if !is_link && !matches!(key, "reservation" | "updated_at" | "driver_internal_info") {
            require_eq!(by_name, by_name.value()[key], by_id.value()[key], "by its name a node must have this `{key}`");
        }
    }
    require_eq!(by_name, by_name.keys()?.len(), by_id.keys()?.len(), "by its name a node must have the same members");
    for ident in [cx.unused_uuid(), cx.name("node")] {
        let answer =
            ironic.get(&path("nodes", &ident)).header("Accept", "application/json").require_refusal(404).await?;
        expect!(answer, !fault(&answer).is_empty(), "an error should be JSON with an `error_message`");
    }
    Ok(())
}

/// A change of a node's extra, description and owner must read back. A change of its provision state, of its UUID or of an
/// unknown field must be refused, and change nothing.
#[conformance(
    id = "baremetal.nodes.update",
    spec = "baremetal-v1#update-node",
    covers = "13cd2287-0a0e-4183-989e-4144c1862ea9",
    needs = [BareMetal, BareMetalMicroversion("1.51")],
)]
async fn update(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.51")?;
    let node = Node::enrol(cx, &ironic, &json!({"description": "before"})).await?;
    let changes = json!([
        {"op": "add", "path": "/extra/slot", "value": 7},
        {"op": "replace", "path": "/description", "value": "after"},
        {"op": "add", "path": "/owner", "value": node.name},
    ]);
    let changed = patiently(cx, ironic.patch(&node.path).json(&changes)).await?;
    changed.require_status(200)?;
    let before = node.show(&ironic).await?;
    for told in [&changed.json()?, &before] {
        require_holds(told, &json!({"description": "after", "owner": node.name}), "a node")?;
        let slot = told.at(["extra", "slot"])?;
        require_eq!(slot, slot.value(), 7, "an item that was added to `extra` must read back");
    }
    expect!(before, !before.value()["updated_at"].is_null(), "a node should tell when it was updated");
    let wrong = [("provision_state", json!("active")), ("uuid", json!(cx.unused_uuid())), ("assay_colour", json!(1))];
    for (key, value) in wrong {
        let op = if key == "assay_colour" { "add" } else { "replace" };
        let change = json!([{"op": op, "path": format!("/{key}"), "value": value}]);
        refused(cx, ironic.patch(&node.path).json(&change), 400, key).await?;
    }
    let after = node.show(&ironic).await?;
    let keys = ["uuid", "name", "provision_state", "extra", "description", "owner"];
    require_unchanged(&before, &after, &keys)?;
    require!(after, after.find("assay_colour").is_none(), "a refused request must add no field");
    let times = (&after.value()["updated_at"], &before.value()["updated_at"]);
    expect_eq!(after, times.0, times.1, "a refused request should leave `updated_at` as it was");
    Ok(())
}

/// A password in a node's driver information must be in no answer when the node is created, shown, listed and changed.
///
/// Six asterisks should stand in its place.
#[conformance(
    id = "baremetal.nodes.secrets-masked",
    spec = "baremetal-v1#show-node-details",
    covers = "e4b65e31-4635-46c8-8816-f0c4a6150662",
    needs = [BareMetal, BareMetalMicroversion("1.11")],
)]
async fn secrets_masked(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.11")?;
    let secret = cx.unused_uuid();
    cx.log_handle().redactor().learn(&secret);
    let node = Node::enrol(cx, &ironic, &json!({"driver_info": {"ipmi_password": secret}})).await?;
    let shown = node.show(&ironic).await?;
    let listed = all(&ironic, "nodes/detail", &[], "nodes").await?;
    let Some(listed) = listed.into_iter().find(|other| other.value()["uuid"] == node.id.as_str()) else {
        return Err(cx.fail("the detailed list of nodes must have the new node".into(), Some(node.id), None));
    };
    let change = json!([{"op": "add", "path": "/extra/slot", "value": 7}]);
    let changed = patiently(cx, ironic.patch(&node.path).json(&change)).await?;
    changed.require_status(200)?;
    for told in [node.json, shown, listed, changed.json()?] {
        require!(told, !told.value().to_string().contains(&secret), "a password must be in no answer");
        let mask = told.at(["driver_info", "ipmi_password"])?;
        expect_eq!(mask, mask.value(), "******", "six asterisks should stand in the place of a password");
    }
    Ok(())
}

/// A deleted node must be gone, and its port with it. Deleting it again must not find it.
#[conformance(
    id = "baremetal.nodes.delete",
    spec = "baremetal-v1#delete-node",
    covers = "18a97b47-727f-43ac-8b63-b549eac52bfa",
    needs = [BareMetal, BareMetalMicroversion("1.11")],
)]
async fn delete(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.11")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let body = json!({"node_uuid": node.id, "address": mac(cx)});
    let made = patiently(cx, ironic.post("ports").json(&body)).await?;
    made.require_status(201)?;
    let port = path("ports", made.json()?.get("uuid")?.text()?);
    patiently(cx, ironic.delete(&node.path)).await?.require_status(204)?;
    for gone in [&node.path, &port] {
        ironic.get(gone).require_refusal(404).await?;
    }
    node.planned.removed();
    ironic.delete(&node.path).require_refusal(404).await.map(drop)
}
