//! Ports.

use assay_kit::prelude::*;

use super::addresses::v4;
use super::fixture::{
    CLEARED, Made, PORT, Pair, add_interface, clear_interface, delete_unlisted, ids, list as list_of, make_bulk,
    port_on, require_fields_listed, require_members, require_only, there,
};
use super::router_interfaces::Inner;
use super::security_groups::Groups;

/// A port is shown as it was told when it was made; its times and its extra DHCP options may differ.
#[conformance(
    id = "network.ports.show",
    spec = "network-v2#show-port-details",
    covers = "c9a685bd-e83f-499c-939f-9f7863ca259f",
    needs = [Network],
    shares = ["network.pair"],
)]
async fn show(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let port = there(&pair.port)?;
    let shown = port.show(cx).await?;
    shown.get("id")?;
    let stable = |port: &Json| {
        let mut port = port.value().clone();
        for key in ["extra_dhcp_opts", "created_at", "updated_at"] {
            port.as_object_mut().map(|port| port.shift_remove(key));
        }
        port
    };
    require_eq!(shown, stable(&shown), stable(&port.json), "a port must be shown as it was when it was made");
    Ok(())
}

/// A port of which some fields are asked for is shown with these, and no others.
#[conformance(
    id = "network.ports.show-fields",
    spec = "network-v2#show-port-details",
    covers = "45fcdaf2-dab0-4c13-ac6c-fcddfb579dbd",
    needs = [Network],
    shares = ["network.pair"],
)]
async fn show_fields(cx: &Cx) -> Outcome {
    let (pair, fields) = (Pair::shared(cx).await?, ["id", "mac_address"]);
    let port = there(&pair.port)?;
    let shown = port.show_fields(cx, &fields).await?;
    require_only(&shown, &fields)?;
    for field in fields {
        let (now, before) = (shown.get(field)?, port.json.get(field)?);
        require_eq!(now, now.value(), before.value(), "`{field}` must be what it was when the port was made");
    }
    Ok(())
}

/// A new port is up; it gets a new name, is taken down, and is deleted. It must be neither listed nor found then.
///
/// An update of its name and state should leave its addresses as they were. Once deleted, it should be gone at once.
#[conformance(
    id = "network.ports.create-update-delete",
    spec = "network-v2#update-port",
    covers = "c72c1c0c-2193-4aca-aaa4-b1442640f51c",
    needs = [Network],
    shares = ["network.pair"],
    holds = [Ports],
    seconds = 2,
)]
async fn create_update_delete(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let port = Made::new(cx, &PORT, &json!({"network_id": pair.first.id})).await?;
    require_up(&port)?;
    let changes = json!({"name": cx.name("port"), "admin_state_up": false});
    let updated = port.update(cx, &changes).await?;
    for key in ["name", "admin_state_up"] {
        let now = updated.get(key)?;
        require_eq!(now, now.value(), &changes[key], "the port's `{key}` must be the new one");
    }
    let before = (&port.json.value()["mac_address"], &port.json.value()["fixed_ips"]);
    let now = (&updated.value()["mac_address"], &updated.value()["fixed_ips"]);
    expect_eq!(updated, now, before, "the port's addresses should stay what they were");
    delete_unlisted(cx, &PORT, &[&port]).await?;
    port.require_gone(cx).await
}

/// A security group of a port is replaced by another, together with the port's name, state and subnet. The port is
/// deleted.
#[conformance(
    id = "network.ports.update-security-group",
    spec = "network-v2#update-port",
    covers = "58091b66-4ff4-4cc1-a549-05d60c7acd1a",
    needs = [Network, NetworkExtension("security-group")],
    shares = ["network.pair", "network.security-groups"],
    holds = [Ports],
    seconds = 2,
)]
async fn update_security_group(cx: &Cx) -> Outcome {
    update_groups(cx, 1).await
}

/// A security group of a port is replaced by two others, together with the port's name, state and subnet. The port is
/// deleted.
#[conformance(
    id = "network.ports.update-two-security-groups",
    spec = "network-v2#update-port",
    covers = "edf6766d-3d40-4621-bc6e-2521a44c257d",
    needs = [Network, NetworkExtension("security-group")],
    shares = ["network.pair", "network.security-groups"],
    holds = [Ports],
    seconds = 2,
)]
async fn update_two_security_groups(cx: &Cx) -> Outcome {
    update_groups(cx, 2).await
}

async fn update_groups(cx: &Cx, count: usize) -> Outcome {
    let (pair, groups) = (Pair::shared(cx).await?, Groups::for_ports(cx).await?);
    let other_subnet = there(&pair.other_subnet)?;
    let others: Vec<_> = [&groups.open.id, &groups.spare.id].into_iter().take(count).collect();
    let mut request = port_on(&pair.subnet)?;
    request["security_groups"] = json!([groups.closed.id]);
    request["admin_state_up"] = json!(true);
    let port = Made::new(cx, &PORT, &request).await?;

    let plain = json!({"name": cx.name("port"), "admin_state_up": false});
    let mut changes = plain.clone();
    changes["fixed_ips"] = json!([{"subnet_id": other_subnet.id}]);
    changes["security_groups"] = json!(others);
    let updated = port.update(cx, &changes).await?;
    require_members(&updated, &plain)?;
    let addresses = updated.get("fixed_ips")?;
    let subnet = match addresses.elements()?.first() {
        Some(address) => address.get("subnet_id")?.value().clone(),
        None => Value::Null,
    };
    require_eq!(addresses, subnet, json!(other_subnet.id), "the port's address must be on the new subnet");
    let groups = updated.get("security_groups")?;
    let mut found: Vec<_> = groups.elements()?.iter().map(|group| group.value().clone()).collect();
    let has_all = others.iter().all(|other| found.contains(&json!(other)));
    require!(groups, has_all, "the port must have its new security groups");
    found.retain(|group| !others.iter().any(|other| group == *other));
    expect_eq!(groups, found.len(), 0, "the port should not keep the security group it had");
    port.clear(cx).await?;
    port.require_gone(cx).await?;
    pair.require_subnet_deleted(CLEARED)
}

/// The list of ports has the one that was made; filtered by its id, it is promised to have no other.
#[conformance(
    id = "network.ports.list",
    spec = "network-v2#list-ports",
    covers = "cf95b358-3e92-4a29-a148-52445e1ac50e",
    needs = [Network],
    shares = ["network.pair"],
)]
async fn list(cx: &Cx) -> Outcome {
    there(&Pair::shared(cx).await?.port)?.require_listed(cx).await
}

/// A list of ports of which some fields are asked for has ports, and these fields of each, and no others.
#[conformance(
    id = "network.ports.list-fields",
    spec = "network-v2#list-ports",
    covers = "ff7f117f-f034-4e0e-abff-ccef05c454b4",
    needs = [Network],
    shares = ["network.pair"],
)]
async fn list_fields(cx: &Cx) -> Outcome {
    Pair::shared(cx).await?;
    require_fields_listed(cx, &PORT, &["id", "mac_address"]).await
}

/// A port is put on a router. The list of the router's ports must have all its interfaces and no other port. The port
/// is taken off, and must be gone then.
#[conformance(
    id = "network.ports.list-by-router",
    spec = "network-v2#list-ports",
    covers = "5ad01ed0-0e6e-4c5d-8194-232801b15c72",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.inner", "network.pair"],
    holds = [ChangedRouter, Ports],
    seconds = 8,
)]
async fn list_by_router(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let inner = Inner::in_turn(cx, &pair).await?;
    let other = there(&inner.interface)?.get("port_id")?.text()?.to_owned();
    let port = Made::new(cx, &PORT, &port_on(there(&pair.other_subnet)?)?).await?;
    let interface = json!({"port_id": port.id});
    add_interface(cx, &inner.router, &interface).await?;
    let listed = list_of(cx, &PORT, &[("device_id", &inner.router.id)]).await?;
    let mut found = ids(&listed)?;
    let mut wanted = vec![other, port.id.clone()];
    found.sort();
    wanted.sort();
    require_eq!(listed, found, wanted, "the list of a router's ports must have its interfaces and no other");
    for port in listed.elements()? {
        let device = port.get("device_id")?;
        require_eq!(device, device.value(), &inner.router.id, "the device of a router's interface must be the router");
    }
    clear_interface(cx, &inner.router, &interface).await?;
    port.require_gone(cx).await?;
    inner.require_deletable(&pair, CLEARED, CLEARED)
}

/// A port gets an address out of its subnet's allocation pool, and is deleted. It must not be found then.
#[conformance(
    id = "network.ports.create-in-allocation-pool",
    spec = "network-v2#create-port",
    covers = "0435f278-40ae-48cb-a404-b8a087bc09b1",
    needs = [Network],
    shares = ["network.pair"],
    holds = [Ports],
    seconds = 2,
)]
async fn create_in_allocation_pool(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let [start, end] = pair.pool;
    let port = Made::new(cx, &PORT, &port_on(&pair.subnet)?).await?;
    let addresses = port.json.get("fixed_ips")?;
    let Some(first) = addresses.elements()?.into_iter().next() else {
        return Err(addresses.fail("a port on a subnet must have an address".into(), None, None));
    };
    let address = first.get("ip_address")?;
    let within = (start..=end).contains(&v4(&address)?);
    require!(address, within, "the port's address must lie between {start} and {end}");
    port.delete(cx).await?;
    port.delete_again(cx).await?;
    port.require_gone(cx).await?;
    pair.require_subnet_deleted(CLEARED)?;
    pair.require_network_deleted()
}

/// Two ports are made with one request, each on its own network, and both are up. They are deleted again, and must be
/// neither listed nor found then.
///
/// They should have the names that were asked for.
#[conformance(
    id = "network.ports.create-bulk",
    spec = "network-v2#bulk-create-ports",
    covers = "67f1b811-f8db-43e2-86bd-72c074d4a42c",
    needs = [Network],
    shares = ["network.pair"],
    holds = [Ports, Ports],
    seconds = 2,
)]
async fn create_bulk(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let networks = [&pair.first, &pair.second].map(|network| json!({"network_id": network.id}));
    let ports = make_bulk(cx, &PORT, &networks).await?;
    for (port, network) in ports.iter().zip([&pair.first, &pair.second]) {
        let on = port.json.get("network_id")?;
        require_eq!(on, on.value(), &network.id, "a port must be on the network that was asked for");
        require_up(port)?;
        expect_eq!(port.json, &port.json.value()["name"], &port.name, "a port should have the name that was asked for");
    }
    delete_unlisted(cx, &PORT, &ports.iter().collect::<Vec<_>>()).await?;
    for port in &ports {
        port.require_gone(cx).await?;
    }
    pair.require_network_deleted()
}

fn require_up(port: &Made) -> Outcome {
    let up = port.json.get("admin_state_up")?;
    require!(up, up.truth()?, "a new port must be up");
    Ok(())
}
