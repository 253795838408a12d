//! Floating IPs.

use std::sync::Arc;

use assay_kit::prelude::*;

use super::addresses::v4;
use super::fixture::{
    CLEARED, FLOATING_IP, Made, PORT, Pair, ROUTER, add_interface, clear_interface, external_network, list, port_on,
    require_refused, there,
};
use super::router_interfaces::{Gateway, Inner, with_gateway};
use crate::refusal::Refusal as _;

/// The key of the shared floating IP, as `shares` names it: before the routers, because what is named first is removed first.
const LOOSE: &str = "network.floating-ip";
assay_kit::share!(LOOSE, [FloatingIps]);

/// A floating IP without a port, which tests in turn put on one; it has none again when that port is gone.
async fn loose(cx: &Cx) -> Outcome<Arc<Made>> {
    let request = json!({"floating_network_id": external_network(cx).await?});
    cx.shared(LOOSE, |cx| async move {
        // The published tests delete theirs; this one is used to the end.
        Made::new(&cx, &FLOATING_IP, &request).await?.clear(&cx).await?;
        Made::new(&cx, &FLOATING_IP, &request).await
    })
    .await
}

/// A floating IP is made for a fixed address of a port, and is taken off the port.
///
/// It should be shown with the port before, and should have neither address nor router after.
#[conformance(
    id = "network.floating-ips.create-for-fixed-ip",
    spec = "network-v2#create-floating-ip",
    covers = "36de4bd0-f09c-43e3-a8e1-1decc1ffd3a5",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.gateway", "network.pair"],
    holds = [FloatingIps, Ports],
    seconds = 5,
)]
async fn create_for_fixed_ip(cx: &Cx) -> Outcome {
    let place = Place::shared(cx).await?;
    let port = Made::new(cx, &PORT, &port_on(&place.pair.subnet)?).await?;
    let fixed = address(&port, 0)?;
    let request = json!({"floating_network_id": place.external, "port_id": port.id, "fixed_ip_address": fixed});
    let floating = Made::new(cx, &FLOATING_IP, &request).await?;
    require_fixed(&floating.json, &fixed)?;
    if let Some(shown) = floating.expect_shown(cx).await? {
        for key in ["id", "floating_network_id", "floating_ip_address", "port_id", "fixed_ip_address"] {
            let (now, told) = (&shown.value()[key], &floating.json.value()[key]);
            expect_eq!(shown, now, told, "a floating IP should be shown with the `{key}` it was made with");
        }
    }
    let updated = floating.update(cx, &json!({"port_id": null})).await?;
    let off = updated.get("port_id")?;
    require!(off, off.value().is_null(), "a floating IP that was taken off its port must have none");
    for key in ["fixed_ip_address", "router_id"] {
        expect!(updated, updated.value()[key].is_null(), "a floating IP without a port should have no `{key}`");
    }
    floating.clear(cx).await
}

/// A floating IP of a port with several fixed addresses is made for one of them, and is moved to another.
///
/// It should keep its own address.
#[conformance(
    id = "network.floating-ips.update-fixed-ip",
    spec = "network-v2#update-floating-ip",
    covers = "45c4c683-ea97-41ef-9c51-5e9802f2f3d7",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.gateway", "network.pair"],
    holds = [FloatingIps, Ports],
    seconds = 5,
)]
async fn update_fixed_ip(cx: &Cx) -> Outcome {
    let place = Place::shared(cx).await?;
    let (network, subnet) = (&place.pair.first, &place.pair.subnet);
    // Where the published test looks for addresses that are free.
    list(cx, &PORT, &[("network_id", &network.id)]).await?;
    let shown = subnet.show(cx).await?;
    for key in ["cidr", "gateway_ip"] {
        shown.get(key)?;
    }
    let subnet = json!({"subnet_id": subnet.id});
    let request = json!({"network_id": network.id, "fixed_ips": [subnet, subnet]});
    let port = Made::new(cx, &PORT, &request).await?;
    let (first, second) = (address(&port, 0)?, address(&port, 1)?);
    let request = json!({"floating_network_id": place.external, "port_id": port.id, "fixed_ip_address": first});
    let floating = Made::new(cx, &FLOATING_IP, &request).await?;
    require_fixed(&floating.json, &first)?;
    let updated = floating.update(cx, &json!({"port_id": port.id, "fixed_ip_address": second})).await?;
    require_fixed(&updated, &second)?;
    let (now, before) = (&updated.value()["floating_ip_address"], &floating.json.value()["floating_ip_address"]);
    expect_eq!(updated, now, before, "a floating IP that is moved should keep its own address");
    floating.clear(cx).await?;
    port.clear(cx).await
}

/// A floating IP whose port is deleted is there still, with neither port, fixed address nor router.
///
/// Before, it should have had the port.
#[conformance(
    id = "network.floating-ips.delete-port",
    spec = "network-v2#update-floating-ip",
    covers = "e1f6bffd-442f-4668-b30e-df13f2705e77",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.floating-ip", "network.gateway", "network.pair"],
    holds = [LooseFloatingIp, Ports],
    seconds = 5,
)]
async fn delete_port(cx: &Cx) -> Outcome {
    let (place, floating) = (Place::shared(cx).await?, loose(cx).await?);
    let port = Made::new(cx, &PORT, &port_on(&place.pair.subnet)?).await?;
    let updated = floating.change(cx, &json!({"port_id": port.id})).await?;
    let now = &updated.value()["floatingip"]["port_id"];
    expect_eq!(updated, now, &port.id, "a floating IP should be put on the port");
    port.delete(cx).await?;
    let shown = floating.show(cx).await?;
    require_eq!(shown, shown.get("id")?.value(), &floating.id, "a floating IP must outlive its port");
    for key in ["port_id", "fixed_ip_address", "router_id"] {
        let member = shown.get(key)?;
        require!(member, member.value().is_null(), "a floating IP whose port is deleted must have no `{key}`");
    }
    Ok(())
}

/// A floating IP of a port behind one router is moved to a port behind another: it has that port, a fixed address and
/// that router then. All that was made is deleted.
///
/// The fixed address should be that of the other port.
#[conformance(
    id = "network.floating-ips.update-to-other-router",
    spec = "network-v2#update-floating-ip",
    covers = "1bb2f731-fe5a-4b8c-8409-799ade1bed4d",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.gateway", "network.pair"],
    holds = [ChangedRouter, FloatingIps, Ports, Ports, Ports, Routers],
    seconds = 9,
)]
async fn update_to_other_router(cx: &Cx) -> Outcome {
    let place = Place::shared(cx).await?;
    let (pair, router) = (&place.pair, &place.router.router);
    let port = Made::new(cx, &PORT, &port_on(&pair.subnet)?).await?;
    let request = json!({"floating_network_id": place.external, "port_id": port.id});
    let floating = Made::new(cx, &FLOATING_IP, &request).await?;
    let behind = floating.json.get("router_id")?;
    require_eq!(behind, behind.value(), &router.id, "a floating IP must have the router its port is behind");
    let other = Made::new(cx, &ROUTER, &with_gateway(&place.external)).await?;
    // Only one test at a time puts this subnet on a router.
    let other_subnet = there(&pair.other_subnet)?;
    let interface = json!({"subnet_id": other_subnet.id});
    add_interface(cx, &other, &interface).await?;
    let other_port = Made::new(cx, &PORT, &port_on(other_subnet)?).await?;
    let updated = floating.update(cx, &json!({"port_id": other_port.id})).await?;
    for (key, wanted) in [("router_id", &other.id), ("port_id", &other_port.id)] {
        let now = updated.get(key)?;
        require_eq!(now, now.value(), wanted, "a floating IP that is moved must have the other port and its router");
    }
    let fixed = updated.get("fixed_ip_address")?;
    require!(fixed, !fixed.value().is_null(), "a floating IP of a port must have a fixed address");
    expect_eq!(fixed, fixed.value(), &address(&other_port, 0)?, "the fixed address should be the other port's");
    // As long as the floating IP needs the router, nothing can be taken off it.
    floating.clear(cx).await?;
    other_port.clear(cx).await?;
    clear_interface(cx, &other, &interface).await?;
    other.clear(cx).await?;
    pair.require_subnet_deleted(CLEARED)?;
    pair.require_network_deleted()
}

/// A floating IP for a port that no router connects to the external network must be refused with 404.
#[conformance(
    id = "network.floating-ips.create-for-unreachable-port",
    spec = "network-v2#create-floating-ip",
    covers = "22996ea8-4a81-4b27-b6e1-fa5df92fa5e8",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.inner", "network.pair"],
    holds = [ChangedRouter, FloatingIps],
)]
async fn create_for_unreachable_port(cx: &Cx) -> Outcome {
    let external = external_network(cx).await?;
    let pair = unconnected(cx).await?;
    let mut request = on_port(there(&pair.port)?)?;
    request["floating_network_id"] = json!(external);
    require_refused(cx, &FLOATING_IP, &request, 404).await.map(drop)
}

/// A floating IP out of a network that is not external must be refused with 400.
#[conformance(
    id = "network.floating-ips.create-in-internal-network",
    spec = "network-v2#create-floating-ip",
    covers = "50b9aeb4-9f0b-48ee-aa31-fa955a48ff54",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.inner", "network.pair"],
    holds = [ChangedRouter, FloatingIps],
)]
async fn create_in_internal_network(cx: &Cx) -> Outcome {
    // The published test is skipped too where there is no external network.
    external_network(cx).await?;
    let pair = unconnected(cx).await?;
    let mut request = on_port(there(&pair.port)?)?;
    request["floating_network_id"] = json!(pair.second.id);
    require_refused(cx, &FLOATING_IP, &request, 400).await.map(drop)
}

/// Putting a floating IP on a port that no router connects to the external network must be refused with 404.
///
/// It should still have no port.
#[conformance(
    id = "network.floating-ips.update-to-unreachable-port",
    spec = "network-v2#update-floating-ip",
    covers = "6b3b8797-6d43-4191-985c-c48b773eb429",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.floating-ip", "network.inner", "network.pair"],
    holds = [ChangedRouter, LooseFloatingIp],
    seconds = 2,
)]
async fn update_to_unreachable_port(cx: &Cx) -> Outcome {
    let floating = loose(cx).await?;
    let pair = unconnected(cx).await?;
    let body = json!({"floatingip": on_port(there(&pair.port)?)?});
    cx.network()?.put(&floating.path).json(&body).require_refusal(404).await?;
    if let Some(shown) = floating.expect_shown(cx).await? {
        expect!(shown, shown.value()["port_id"].is_null(), "a floating IP that is not put on a port should have none");
    }
    Ok(())
}

/// The shared networks, of which the first has a router with a gateway.
struct Place {
    pair: Arc<Pair>,
    router: Arc<Gateway>,
    external: String,
}

impl Place {
    async fn shared(cx: &Cx) -> Outcome<Self> {
        let external = external_network(cx).await?;
        let pair = Pair::shared(cx).await?;
        let router = Gateway::shared(cx, &pair).await?;
        Ok(Self { pair, router, external })
    }
}

/// The shared networks, of which the second has a router without a gateway, and a port behind it.
async fn unconnected(cx: &Cx) -> Outcome<Arc<Pair>> {
    let pair = Pair::shared(cx).await?;
    there(&Inner::in_turn(cx, &pair).await?.interface)?;
    Ok(pair)
}

/// An address of a port.
fn address(port: &Made, at: usize) -> Outcome<String> {
    let addresses = port.json.get("fixed_ips")?;
    let Some(address) = addresses.elements()?.into_iter().nth(at) else {
        return Err(addresses.fail(format!("the port must have {} or more addresses", at + 1), None, None));
    };
    Ok(v4(&address.get("ip_address")?)?.to_string())
}

fn on_port(port: &Made) -> Outcome<Value> {
    Ok(json!({"port_id": port.id, "fixed_ip_address": address(port, 0)?}))
}

fn require_fixed(floating: &Json, wanted: &str) -> Outcome {
    let fixed = floating.get("fixed_ip_address")?;
    require_eq!(fixed, fixed.value(), wanted, "a floating IP must have the fixed address that was asked for");
    Ok(())
}
