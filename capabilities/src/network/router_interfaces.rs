//! Interfaces of routers, and the routers that tests share.

use std::sync::Arc;

use assay_kit::prelude::*;

use super::addresses::Block;
use super::fixture::{Made, PORT, Pair, ROUTER, add_interface, external_network, port_on, remove_interface};
use crate::refusal::Refusal as _;

/// The keys of the shared routers, as `shares` names them: before the pair of networks, because what is named first is
/// removed first.
const INNER: &str = "network.inner";
const GATEWAY: &str = "network.gateway";
assay_kit::share!(INNER, [Routers, Ports, Ports]);
assay_kit::share!(GATEWAY, [Routers, Ports]);

/// A router without a gateway on the inner subnet of the shared pair of networks, and a port there.
pub(super) struct Inner {
    pub router: Made,
    pub port: Made,
}

impl Inner {
    pub(super) async fn shared(cx: &Cx, pair: &Arc<Pair>) -> Outcome<Arc<Self>> {
        let pair = pair.clone();
        cx.shared(INNER, |cx| async move {
            let port = Made::new(&cx, &PORT, &port_on(&pair.inner_subnet)?).await?;
            let router = Made::new(&cx, &ROUTER, &json!({"admin_state_up": false})).await?;
            add_interface(&cx, &router, &json!({"subnet_id": pair.inner_subnet.id})).await?;
            Ok(Self { router, port })
        })
        .await
    }
}

/// A router with a gateway on the external network, on the subnet of the first of the shared networks.
pub(super) struct Gateway(pub Made);

impl Gateway {
    pub(super) async fn shared(cx: &Cx, pair: &Arc<Pair>) -> Outcome<Arc<Self>> {
        let (pair, external) = (pair.clone(), external_network(cx).await?);
        let members = json!({"admin_state_up": false, "external_gateway_info": {"network_id": external}});
        cx.shared(GATEWAY, |cx| async move {
            let router = Made::new(&cx, &ROUTER, &members).await?;
            add_interface(&cx, &router, &json!({"subnet_id": pair.subnet.id})).await?;
            Ok(Self(router))
        })
        .await
    }
}

/// A subnet is put on a router: the answer tells the subnet and the port, whose device is the router. It is taken off
/// again.
///
/// The port is promised to have the subnet's gateway as its address, and to be gone in the end.
#[conformance(
    id = "network.router-interfaces.add-and-remove-subnet",
    spec = "network-v2#add-interface-to-router",
    covers = "b42e6e39-2e37-49cc-a6f4-8467e940900a",
    needs = [Network, NetworkExtension("router")],
    holds = [Networks, Subnets, Routers, Ports],
    seconds = 3,
)]
async fn add_and_remove_subnet(cx: &Cx) -> Outcome {
    let (subnet, router) = subnet_and_router(cx).await?;
    let interface = add_interface(cx, &router, &json!({"subnet_id": subnet.id})).await?;
    interface.get("subnet_id")?;
    let port = port_of(cx, &interface).await?;
    require_device(&port, &router)?;
    let address = &port.value()["fixed_ips"][0]["ip_address"];
    expect_eq!(
        port,
        address,
        &subnet.json.value()["gateway_ip"],
        "the address of an interface is the subnet's gateway"
    );
    remove_subnet(cx, &router, &subnet).await?;
    let gone = cx.network()?.get(&port_path(&interface)?).send().await?;
    expect_eq!(gone, gone.status(), 404, "the port of a removed interface is gone");
    router.delete(cx).await
}

/// A port is put on a router: the answer tells the subnet and the port, whose device is the router. It is taken off
/// again.
#[conformance(
    id = "network.router-interfaces.add-and-remove-port",
    spec = "network-v2#add-interface-to-router",
    covers = "2b7d2f37-6748-4d78-92e5-1d590234f0d5",
    needs = [Network, NetworkExtension("router")],
    holds = [Networks, Subnets, Routers, Ports],
    seconds = 3,
)]
async fn add_and_remove_port(cx: &Cx) -> Outcome {
    let (subnet, router) = subnet_and_router(cx).await?;
    let port = Made::new(cx, &PORT, &port_on(&subnet)?).await?;
    let body = json!({"port_id": port.id});
    let interface = add_interface(cx, &router, &body).await?;
    interface.get("subnet_id")?;
    let told = interface.get("port_id")?;
    expect_eq!(told, told.value(), &port.id, "the port of the interface is the one that was put on the router");
    require_device(&port.show(cx).await?, &router)?;
    remove_interface(cx, &router, &body).await?;
    router.delete(cx).await
}

/// Two subnets, each on its own network, are put on a router: each gets a port, whose device is the router and whose
/// address is on the subnet. They are taken off again.
#[conformance(
    id = "network.router-interfaces.add-several",
    spec = "network-v2#add-interface-to-router",
    covers = "802c73c9-c937-4cef-824b-2191e24a6aab",
    needs = [Network, NetworkExtension("router")],
    holds = [Networks, Networks, Subnets, Subnets, Routers, Ports, Ports],
    seconds = 4,
)]
async fn add_several(cx: &Cx) -> Outcome {
    let [first, second] = two_subnets(cx, [Block::next(), Block::next()]).await?;
    let router = Made::new(cx, &ROUTER, &json!({"admin_state_up": false})).await?;
    for subnet in [&first, &second] {
        let interface = add_interface(cx, &router, &json!({"subnet_id": subnet.id})).await?;
        require_subnet(&interface, subnet)?;
        let port = port_of(cx, &interface).await?;
        require_device(&port, &router)?;
        require_address_on(&port, subnet)?;
    }
    for subnet in [&second, &first] {
        remove_subnet(cx, &router, subnet).await?;
    }
    router.delete(cx).await
}

/// The port of a router's interface is given its subnet once more, and has its address there.
#[conformance(
    id = "network.router-interfaces.update-port",
    spec = "network-v2#update-port",
    covers = "96522edf-b4b5-45d9-8443-fa11c26e6eff",
    needs = [Network, NetworkExtension("router")],
    holds = [Networks, Subnets, Routers, Ports],
    seconds = 3,
)]
async fn update_port(cx: &Cx) -> Outcome {
    let (subnet, router) = subnet_and_router(cx).await?;
    let interface = add_interface(cx, &router, &json!({"subnet_id": subnet.id})).await?;
    require_subnet(&interface, &subnet)?;
    let port = port_of(cx, &interface).await?;
    require_eq!(port, port.get("id")?.value(), interface.get("port_id")?.value(), "the port is that of the interface");
    let body = json!({"port": {"fixed_ips": [{"subnet_id": subnet.id}]}});
    let updated = cx.network()?.put(&port_path(&interface)?).json(&body).require(200).await?.json()?.get("port")?;
    require_address_on(&updated, &subnet)?;
    remove_subnet(cx, &router, &subnet).await?;
    router.delete(cx).await
}

/// Of two subnets whose addresses overlap, only one can be put on a router: the other is refused with 400.
///
/// The router is promised to have the one interface.
#[conformance(
    id = "network.router-interfaces.add-overlapping",
    spec = "network-v2#add-interface-to-router",
    covers = "957751a3-3c68-4fa2-93b6-eb52ea10db6e",
    needs = [Network, NetworkExtension("router")],
    holds = [Networks, Networks, Subnets, Subnets, Routers, Ports],
    seconds = 4,
)]
async fn add_overlapping(cx: &Cx) -> Outcome {
    let block = Block::next();
    let [first, second] = two_subnets(cx, [block, block]).await?;
    let router = Made::new(cx, &ROUTER, &json!({"admin_state_up": false})).await?;
    let interface = add_interface(cx, &router, &json!({"subnet_id": first.id})).await?;
    require_subnet(&interface, &first)?;
    let path = format!("{}/add_router_interface", router.path);
    cx.network()?.put(&path).json(&json!({"subnet_id": second.id})).require_refusal(400).await?;
    let ports = super::fixture::list(cx, &PORT, &[("device_id", &router.id)]).await?;
    let (found, wanted) = (super::fixture::ids(&ports)?, interface.get("port_id")?);
    expect_eq!(ports, json!(found), json!([wanted.value()]), "the router has the one interface");
    remove_interface(cx, &router, &json!({"subnet_id": first.id})).await?;
    router.delete(cx).await
}

/// Two subnets, each on a network of its own.
async fn two_subnets(cx: &Cx, [first, second]: [Block; 2]) -> Outcome<[Made; 2]> {
    let networks = [Made::network(cx).await?, Made::network(cx).await?];
    let first = Made::subnet(cx, &first.subnet(&networks[0].id)).await?;
    let second = Made::subnet(cx, &second.subnet(&networks[1].id)).await?;
    Ok([first, second])
}

/// A subnet on a network of its own, and a router.
async fn subnet_and_router(cx: &Cx) -> Outcome<(Made, Made)> {
    let network = Made::network(cx).await?;
    let subnet = Made::subnet(cx, &Block::next().subnet(&network.id)).await?;
    let router = Made::new(cx, &ROUTER, &json!({"admin_state_up": false})).await?;
    Ok((subnet, router))
}

async fn remove_subnet(cx: &Cx, router: &Made, subnet: &Made) -> Outcome {
    require_subnet(&remove_interface(cx, router, &json!({"subnet_id": subnet.id})).await?, subnet)
}

fn require_subnet(interface: &Json, subnet: &Made) -> Outcome {
    let told = interface.get("subnet_id")?;
    require_eq!(told, told.value(), &subnet.id, "the interface is on the subnet that was asked for");
    Ok(())
}

fn port_path(interface: &Json) -> Outcome<String> {
    Ok(format!("ports/{}", interface.get("port_id")?.text()?))
}

/// The port of an interface.
pub(super) async fn port_of(cx: &Cx, interface: &Json) -> Outcome<Json> {
    cx.network()?.get(&port_path(interface)?).require(200).await?.json()?.get("port")
}

fn require_device(port: &Json, router: &Made) -> Outcome {
    let device = port.get("device_id")?;
    require_eq!(device, device.value(), &router.id, "the device of a router's interface is the router");
    Ok(())
}

fn require_address_on(port: &Json, subnet: &Made) -> Outcome {
    let addresses = port.get("fixed_ips")?;
    let Some(first) = addresses.elements()?.into_iter().next() else {
        return Err(addresses.fail("the port of an interface has an address".into(), None, None));
    };
    let on = first.get("subnet_id")?;
    require_eq!(on, on.value(), &subnet.id, "the address of an interface is on its subnet");
    Ok(())
}
