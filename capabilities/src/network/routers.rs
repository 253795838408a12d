//! Routers: list, create, show, update, delete.

use assay_kit::prelude::*;

use super::addresses::Block;
use super::fixture::{CLEARED, Made, PORT, Pair, ROUTER, external_network, list, there};
use super::router_interfaces::{Inner, Interface, with_gateway};
use crate::refusal::Refusal as _;

/// A router with a gateway is made, shown, listed, gets a new name that is shown, and is deleted.
///
/// A list filtered by its id should have no other. With its new name it should keep its gateway.
#[conformance(
    id = "network.routers.create-show-list-update-delete",
    spec = "network-v2#create-router",
    covers = "f64403e2-8483-4b34-8ccd-b09a87bcc68c",
    needs = [Network, NetworkExtension("router")],
    holds = [Routers],
    seconds = 4,
)]
async fn create_show_list_update_delete(cx: &Cx) -> Outcome {
    let external = external_network(cx).await?;
    let router = Made::new(cx, &ROUTER, &with_gateway(&external)).await?;
    require_named(&router.json, &router.name)?;
    let up = router.json.get("admin_state_up")?;
    require!(up, !up.truth()?, "a router that was made down must be down");
    require_gateway(&router.json, &external)?;
    let shown = router.show(cx).await?;
    require_named(&shown, &router.name)?;
    require_gateway(&shown, &external)?;
    router.require_listed(cx).await?;
    let name = cx.name("router");
    require_named(&router.update(cx, &json!({"name": name})).await?, &name)?;
    let shown = router.show(cx).await?;
    require_named(&shown, &name)?;
    let gateway = &shown.value()["external_gateway_info"];
    let before = &router.json.value()["external_gateway_info"];
    expect_eq!(shown, gateway, before, "a router with a new name should keep its gateway");
    delete(cx, &router).await
}

/// Deletes a router as the published tests do: its ports are listed before.
async fn delete(cx: &Cx, router: &Made) -> Outcome {
    list(cx, &PORT, &[("device_id", &router.id)]).await?;
    router.delete(cx).await
}

/// A router that is down is set up, and is shown so.
#[conformance(
    id = "network.routers.update-state",
    spec = "network-v2#update-router",
    covers = "a8902683-c788-4246-95c7-ad9c6d63a4d9",
    needs = [Network, NetworkExtension("router")],
    holds = [Routers],
    seconds = 2,
)]
async fn update_state(cx: &Cx) -> Outcome {
    let router = Made::new(cx, &ROUTER, &json!({"admin_state_up": false})).await?;
    let before = router.json.get("admin_state_up")?;
    require!(before, !before.truth()?, "a router that was made down must be down");
    let updated = router.update(cx, &json!({"admin_state_up": true})).await?.get("admin_state_up")?;
    require!(updated, updated.truth()?, "a router that was set up must be up");
    let shown = router.show(cx).await?.get("admin_state_up")?;
    require!(shown, shown.truth()?, "a router that was set up must be shown up");
    delete(cx, &router).await
}

/// The gateway of a router is taken away. The router is shown without one, and has no port on the external network.
///
/// The router should have had the gateway that it was made with. The published test looks for the port as an administrator,
/// who may see one that others do not.
#[conformance(
    id = "network.routers.unset-gateway",
    spec = "network-v2#update-router",
    covers = "ad81b7ee-4f81-407b-a19c-17e623f763e8",
    needs = [Network, NetworkExtension("router")],
    holds = [Routers],
    seconds = 4,
)]
async fn unset_gateway(cx: &Cx) -> Outcome {
    let external = external_network(cx).await?;
    let router = Made::new(cx, &ROUTER, &with_gateway(&external)).await?;
    let gateway = &router.json.value()["external_gateway_info"]["network_id"];
    expect_eq!(router.json, *gateway, *external, "the router should have the gateway it was given");
    router.change(cx, &json!({"external_gateway_info": {}})).await?;
    let shown = router.show(cx).await?.get("external_gateway_info")?;
    require!(shown, shown.value().is_null(), "a router whose gateway was taken away must have none");
    let ports = list(cx, &PORT, &[("network_id", &external), ("device_id", &router.id)]).await?;
    require!(ports, ports.length()? == 0, "a router without a gateway must have no port on the external network");
    router.clear(cx).await
}

/// A router has the four routes that it was given, and has none once they are taken away, which may be asked for twice. The
/// published test has each next hop on a subnet of its own; the routes do not tell.
#[conformance(
    id = "network.routers.extra-routes",
    spec = "network-v2#update-router",
    covers = "c86ac3a8-50bd-4b00-a6b8-62af84a0765c",
    needs = [Network, NetworkExtension("router"), NetworkExtension("extraroute")],
    shares = ["network.inner", "network.pair"],
    holds = [ChangedRouter],
    seconds = 3,
)]
async fn extra_routes(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let inner = Inner::in_turn(cx, &pair).await?;
    let router = &inner.router;
    // The first route leads, as the published ones do, to the subnet that the next hop is on.
    there(&inner.interface)?;
    let (subnet, block) = there(&pair.inner_subnet)?;
    let subnet = subnet.json.get("cidr")?.text()?.to_owned();
    let destinations = [subnet, Block::next().cidr(), Block::next().cidr(), Block::next().cidr()];
    let hops = (10..).map(|number| block.host(number));
    let routes: Vec<_> = destinations
        .iter()
        .zip(hops)
        .map(|(destination, nexthop)| json!({"nexthop": nexthop, "destination": destination}))
        .collect();
    let updated = router.update(cx, &json!({"routes": routes})).await?;
    require_routes(&updated, &routes)?;
    require_routes(&router.show(cx).await?, &routes)?;
    router.change(cx, &json!({"routes": null})).await?;
    let left = router.show(cx).await?.get("routes")?;
    require!(left, left.value().is_null() || left.length()? == 0, "the router must have no routes any more");
    // The published test takes them away once more to clean up.
    router.change(cx, &json!({"routes": null})).await?;
    inner.require_deletable(&pair, CLEARED, 204)
}

/// Ends the test as failed unless the routes are these, in whichever order.
fn require_routes(router: &Json, wanted: &[Value]) -> Outcome {
    let routes = router.get("routes")?;
    let found = routes.elements()?;
    require_eq!(routes, found.len(), wanted.len(), "the router must have as many routes as it was given");
    let mut both = Vec::new();
    for route in found {
        both.push(json!({"nexthop": route.get("nexthop")?.value(), "destination": route.get("destination")?.value()}));
    }
    require!(routes, wanted.iter().all(|route| both.contains(route)), "the router must have the routes it was given");
    Ok(())
}

/// A gateway on a network that does not exist must be refused with 404.
///
/// The router should have no gateway then.
#[conformance(
    id = "network.routers.set-gateway-on-unknown-network",
    spec = "network-v2#update-router",
    covers = "37a94fc0-a834-45b9-bd23-9a81d2fd1e22",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.inner", "network.pair"],
    holds = [ChangedRouter],
)]
async fn set_gateway_on_unknown_network(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let shared = Inner::in_turn(cx, &pair).await?;
    // The published test too gives the id of the router, which is no network's.
    require_gateway_refused(cx, &shared.router, &shared.router.id, 404).await
}

/// A gateway on a network that is not external must be refused with 400.
///
/// The router should have no gateway then.
#[conformance(
    id = "network.routers.set-gateway-on-internal-network",
    spec = "network-v2#update-router",
    covers = "11836a18-0b15-4327-a50b-f0d9dc66bddd",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.inner", "network.pair"],
    holds = [ChangedRouter],
)]
async fn set_gateway_on_internal_network(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let shared = Inner::in_turn(cx, &pair).await?;
    require_gateway_refused(cx, &shared.router, &pair.first.id, 400).await
}

async fn require_gateway_refused(cx: &Cx, router: &Made, network: &str, status: u16) -> Outcome {
    let body = json!({"router": {"external_gateway_info": {"network_id": network}}});
    cx.network()?.put(&router.path).json(&body).require_refusal(status).await?;
    if let Some(shown) = router.expect_shown(cx).await? {
        expect!(shown, shown.value()["external_gateway_info"].is_null(), "a gateway that is refused should not be set");
    }
    Ok(())
}

/// Deleting a router that has an interface must be refused with 409. The interface is taken off.
///
/// It should be there still.
#[conformance(
    id = "network.routers.delete-in-use",
    spec = "network-v2#delete-router",
    covers = "04df80f9-224d-47f5-837a-bf23e33d1c20",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.inner", "network.pair"],
    holds = [ChangedRouter, Ports],
    seconds = 8,
)]
async fn delete_in_use(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let router = &Inner::in_turn(cx, &pair).await?.router;
    let subnet = there(&pair.other_subnet)?;
    let interface = Interface::add(cx, router, subnet).await?;
    cx.network()?.delete(&router.path).require_refusal(409).await?;
    let left = cx.network()?.get(&router.path).send().await?;
    expect_eq!(left, left.status(), 200, "a router that is not deleted should be there still");
    interface.take_off(cx, router, subnet).await.map(drop)
}

/// Showing an unknown router must answer 404.
#[conformance(
    id = "network.routers.show-unknown",
    spec = "network-v2#show-router-details",
    covers = "c2a70d72-8826-43a7-8208-0209e6360c47",
    needs = [Network, NetworkExtension("router")],
)]
async fn show_unknown(cx: &Cx) -> Outcome {
    cx.network()?.get(&unknown(cx)).require_refusal(404).await.map(drop)
}

/// Updating an unknown router must answer 404.
#[conformance(
    id = "network.routers.update-unknown",
    spec = "network-v2#update-router",
    covers = "b23d1569-8b0c-4169-8d4b-6abd34fad5c7",
    needs = [Network, NetworkExtension("router")],
)]
async fn update_unknown(cx: &Cx) -> Outcome {
    let body = json!({"router": {"name": cx.name("router")}});
    cx.network()?.put(&unknown(cx)).json(&body).require_refusal(404).await.map(drop)
}

/// Deleting an unknown router must answer 404.
#[conformance(
    id = "network.routers.delete-unknown",
    spec = "network-v2#delete-router",
    covers = "c7edc5ad-d09d-41e6-a344-5c0c31e2e3e4",
    needs = [Network, NetworkExtension("router")],
)]
async fn delete_unknown(cx: &Cx) -> Outcome {
    cx.network()?.delete(&unknown(cx)).require_refusal(404).await.map(drop)
}

/// The path of a router by a name that none has: the published tests give no UUID either.
fn unknown(cx: &Cx) -> String {
    format!("routers/{}", cx.name("router"))
}

fn require_named(router: &Json, wanted: &str) -> Outcome {
    let name = router.get("name")?;
    require_eq!(name, name.value(), wanted, "the router must have the name it was given");
    Ok(())
}

fn require_gateway(router: &Json, wanted: &str) -> Outcome {
    let network = router.at(["external_gateway_info", "network_id"])?;
    require_eq!(network, network.value(), wanted, "the router must have the gateway it was given");
    Ok(())
}
