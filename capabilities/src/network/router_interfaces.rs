//! Interfaces of routers, and the routers that tests share.

use std::sync::Arc;
use std::time::Duration;

use assay_kit::prelude::*;
use assay_kit::{Planned, Statuses};

use super::fixture::{
    CLEARED, Made, PORT, Pair, ROUTER, add_interface, expect_list, external_network, has_extension, list, port_on,
    remove_interface, remove_interface_again, there, told_ids,
};
use crate::refusal::Refusal as _;

/// How long the port of an interface is given to come up.
const COMING_UP: Duration = Duration::from_secs(10);

/// The keys of the shared routers, as `shares` names them: before the pair of networks, because what is named first is
/// removed first.
const INNER: &str = "network.inner";
const GATEWAY: &str = "network.gateway";
assay_kit::share!(INNER, [Routers, Ports]);
assay_kit::share!(GATEWAY, [Routers, Ports]);

/// A router without a gateway on the inner subnet of the shared pair of networks.
///
/// Tests use it in turn, for some change its interfaces: each holds `ChangedRouter`.
pub(super) struct Inner {
    pub router: Made,
    /// What was answered when the subnet was put on it.
    pub interface: Outcome<Json>,
    /// What was answered when another router was deleted.
    deleted: Outcome<Response>,
}

impl Inner {
    /// For a test that holds `ChangedRouter`.
    pub(super) async fn in_turn(cx: &Cx, pair: &Arc<Pair>) -> Outcome<Arc<Self>> {
        let pair = pair.clone();
        cx.shared(INNER, |cx| async move {
            let deleted = Self::delete_another(&cx).await;
            let router = Made::new(&cx, &ROUTER, &json!({"admin_state_up": false})).await?;
            let interface = match &pair.inner_subnet {
                Ok((subnet, _)) => add_interface(&cx, &router, &json!({"subnet_id": subnet.id})).await,
                Err(stop) => Err(stop.clone()),
            };
            Ok(Self { router, interface, deleted })
        })
        .await
    }

    /// Makes another router and deletes it, as the published tests delete theirs: its ports are listed before.
    async fn delete_another(cx: &Cx) -> Outcome<Response> {
        let router = Made::new(cx, &ROUTER, &json!({"admin_state_up": false})).await?;
        list(cx, &PORT, &[("device_id", &router.id)]).await?;
        cx.network()?.delete(&router.path).send().await
    }

    /// Ends the test as failed unless other things of the kinds that it shares were deleted: a subnet and a router, which
    /// answered one of these, and a network.
    pub(super) fn require_deletable(&self, pair: &Pair, subnet: impl Statuses, router: impl Statuses) -> Outcome {
        pair.require_subnet_deleted(subnet)?;
        pair.require_network_deleted()?;
        there(&self.deleted)?.require_status(router)
    }
}

/// A router with a gateway on the external network, on the subnet of the first of the shared networks.
pub(super) struct Gateway {
    pub router: Made,
}

impl Gateway {
    pub(super) async fn shared(cx: &Cx, pair: &Arc<Pair>) -> Outcome<Arc<Self>> {
        let (pair, external) = (pair.clone(), external_network(cx).await?);
        let members = with_gateway(&external);
        cx.shared(GATEWAY, |cx| async move {
            let router = Made::new(&cx, &ROUTER, &members).await?;
            add_interface(&cx, &router, &json!({"subnet_id": pair.subnet.id})).await?;
            Ok(Self { router })
        })
        .await
    }
}

/// The request for a router with a gateway on this network.
pub(super) fn with_gateway(network: &str) -> Value {
    json!({"admin_state_up": false, "external_gateway_info": {"network_id": network}})
}

/// A subnet is put on a router: the answer tells the subnet and the port, whose device is the router. It is taken off
/// again.
///
/// The port should have the subnet's gateway as its address, and should be gone in the end.
#[conformance(
    id = "network.router-interfaces.add-and-remove-subnet",
    spec = "network-v2#add-interface-to-router",
    covers = "b42e6e39-2e37-49cc-a6f4-8467e940900a",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.inner", "network.pair"],
    holds = [ChangedRouter, Ports],
    seconds = 8,
)]
async fn add_and_remove_subnet(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let inner = Inner::in_turn(cx, &pair).await?;
    let (router, subnet) = (&inner.router, there(&pair.other_subnet)?);
    let interface = Interface::add(cx, router, subnet).await?;
    interface.told.get("subnet_id")?;
    let port = port_of(cx, &interface.told).await?;
    require_device(&port, router)?;
    let address = &port.value()["fixed_ips"][0]["ip_address"];
    let gateway = &subnet.json.value()["gateway_ip"];
    expect_eq!(port, address, gateway, "the address of an interface should be the subnet's gateway");
    interface.remove(cx, router, subnet).await?;
    let gone = cx.network()?.get(&port_path(&interface.told)?).send().await?;
    expect_eq!(gone, gone.status(), 404, "the port of an interface that was taken off should be gone");
    inner.require_deletable(&pair, CLEARED, 204)
}

/// A port is put on a router: the answer tells the subnet and a port, whose device is the router. The port is taken off
/// again; asked once more, the service must say that it is not there, or take it off.
///
/// The port that the answer tells should be the one that was put on the router.
#[conformance(
    id = "network.router-interfaces.add-and-remove-port",
    spec = "network-v2#add-interface-to-router",
    covers = "2b7d2f37-6748-4d78-92e5-1d590234f0d5",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.inner", "network.pair"],
    holds = [ChangedRouter, Ports],
    seconds = 8,
)]
async fn add_and_remove_port(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let inner = Inner::in_turn(cx, &pair).await?;
    let router = &inner.router;
    let port = Made::new(cx, &PORT, &port_on(there(&pair.other_subnet)?)?).await?;
    let body = json!({"port_id": port.id});
    let interface = add_interface(cx, router, &body).await?;
    interface.get("subnet_id")?;
    let told = interface.get("port_id")?;
    expect_eq!(told, told.value(), &port.id, "the answer should tell the port that was put on the router");
    require_device(&port_of(cx, &interface).await?, router)?;
    remove_interface(cx, router, &body).await?;
    remove_interface_again(cx, router, &body).await?;
    inner.require_deletable(&pair, 204, 204)
}

/// Two subnets, each on its own network, are on a router: each has a port, whose device is the router and whose address
/// is on the subnet. One of them is put on it beside the other, which tests share, and is taken off again.
#[conformance(
    id = "network.router-interfaces.add-several",
    spec = "network-v2#add-interface-to-router",
    covers = "802c73c9-c937-4cef-824b-2191e24a6aab",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.inner", "network.pair"],
    holds = [ChangedRouter, Ports],
    seconds = 8,
)]
async fn add_several(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let inner = Inner::in_turn(cx, &pair).await?;
    let (first, (first_subnet, _)) = (there(&inner.interface)?, there(&pair.inner_subnet)?);
    let subnet = there(&pair.other_subnet)?;
    let interface = Interface::add(cx, &inner.router, subnet).await?;
    for (told, subnet) in [(first, first_subnet), (&interface.told, subnet)] {
        require_subnet(told, subnet)?;
        let port = port_of(cx, told).await?;
        require_device(&port, &inner.router)?;
        require_address_on(&port, subnet)?;
    }
    interface.remove(cx, &inner.router, subnet).await?;
    inner.require_deletable(&pair, CLEARED, 204)
}

/// The port of a router's interface is given its subnet once more, and has its address there. The subnet is taken off
/// the router again.
#[conformance(
    id = "network.router-interfaces.update-port",
    spec = "network-v2#update-port",
    covers = "96522edf-b4b5-45d9-8443-fa11c26e6eff",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.inner", "network.pair"],
    holds = [ChangedRouter, Ports],
    seconds = 8,
)]
async fn update_port(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let inner = Inner::in_turn(cx, &pair).await?;
    let (router, subnet) = (&inner.router, there(&pair.other_subnet)?);
    let interface = Interface::add(cx, router, subnet).await?;
    require_subnet(&interface.told, subnet)?;
    let port = port_of(cx, &interface.told).await?;
    let (shown, told) = (port.get("id")?, interface.told.get("port_id")?);
    require_eq!(shown, shown.value(), told.value(), "the port that is shown must be that of the interface");
    let body = json!({"port": {"fixed_ips": [{"subnet_id": subnet.id}]}});
    let path = port_path(&interface.told)?;
    let updated = cx.network()?.put(&path).json(&body).require(200).await?.json()?.get("port")?;
    require_address_on(&updated, subnet)?;
    interface.remove(cx, router, subnet).await?;
    inner.require_deletable(&pair, CLEARED, 204)
}

/// Of two subnets whose addresses overlap, only one can be put on a router: the other must be refused with 400.
///
/// The router should have the one interface then.
#[conformance(
    id = "network.router-interfaces.add-overlapping",
    spec = "network-v2#add-interface-to-router",
    covers = "957751a3-3c68-4fa2-93b6-eb52ea10db6e",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.inner", "network.pair"],
    holds = [ChangedRouter, Ports],
    seconds = 2,
)]
async fn add_overlapping(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let (inner, overlapping) = (Inner::in_turn(cx, &pair).await?, there(&pair.overlapping_subnet)?);
    let (first, (first_subnet, _)) = (there(&inner.interface)?, there(&pair.inner_subnet)?);
    require_subnet(first, first_subnet)?;
    let path = format!("{}/add_router_interface", inner.router.path);
    let request = cx.network()?.put(&path).json(&json!({"subnet_id": overlapping.id}));
    let answer = request.require_refusal([200, 400]).await?;
    if answer.status() == 200 {
        Interface::announce(cx, answer.json()?)?;
    }
    answer.require_status(400)?;
    expect_one_interface(cx, &inner.router, first).await
}

/// Something that a test has put on the shared router; it is taken off however the test ends.
pub(super) struct Interface {
    /// What was answered.
    told: Json,
    planned: Planned,
}

impl Interface {
    pub(super) async fn add(cx: &Cx, router: &Made, subnet: &Made) -> Outcome<Self> {
        Self::announce(cx, add_interface(cx, router, &json!({"subnet_id": subnet.id})).await?)
    }

    /// It is announced by its id only: until it is there, nothing tells it, and what was not announced goes with the router.
    fn announce(cx: &Cx, told: Json) -> Outcome<Self> {
        let id = Some(told.get("port_id")?.text()?.to_owned());
        let planned = cx.will_create(Resource { id, ..Resource::new(Kind::Port, &cx.name("interface")) })?;
        Ok(Self { told, planned })
    }

    /// Takes it off; the answer must tell the subnet.
    async fn remove(&self, cx: &Cx, router: &Made, subnet: &Made) -> Outcome {
        let removed = self.take_off(cx, router, subnet).await?;
        require_subnet(&removed, subnet)
    }

    /// Takes it off; gives the answer.
    pub(super) async fn take_off(&self, cx: &Cx, router: &Made, subnet: &Made) -> Outcome<Json> {
        self.come_up(cx).await?;
        let removed = remove_interface(cx, router, &json!({"subnet_id": subnet.id})).await?;
        self.planned.removed();
        Ok(removed)
    }

    /// Waits a while for its port to be up: services may stumble over one that is taken off while it comes up, and the
    /// newest published tests wait too. Where routers can be distributed, nothing says that it ever is.
    async fn come_up(&self, cx: &Cx) -> Outcome {
        if has_extension(cx, "dvr") {
            return Ok(());
        }
        let (network, path) = (cx.network()?, port_path(&self.told)?);
        let is_up = |shown: &Response| shown.json().is_ok_and(|body| body.value()["port"]["status"] == "ACTIVE");
        cx.settled(COMING_UP, || async { network.get(&path).send().await }, is_up).await.map(drop)
    }
}

/// The shared router should have the one interface.
async fn expect_one_interface(cx: &Cx, router: &Made, interface: &Json) -> Outcome {
    if let Some(ports) = expect_list(cx, &PORT, &[("device_id", &router.id)]).await? {
        let wanted = interface.get("port_id")?;
        expect_eq!(ports, told_ids(&ports), [wanted.value()], "the router should have the one interface");
    }
    Ok(())
}

fn require_subnet(interface: &Json, subnet: &Made) -> Outcome {
    let told = interface.get("subnet_id")?;
    require_eq!(told, told.value(), &subnet.id, "the interface must be on the subnet that was asked for");
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
    require_eq!(device, device.value(), &router.id, "the device of a router's interface must be the router");
    Ok(())
}

fn require_address_on(port: &Json, subnet: &Made) -> Outcome {
    let addresses = port.get("fixed_ips")?;
    let Some(first) = addresses.elements()?.into_iter().next() else {
        return Err(addresses.fail("the port of an interface must have an address".into(), None, None));
    };
    let on = first.get("subnet_id")?;
    require_eq!(on, on.value(), &subnet.id, "the address of an interface must be on its subnet");
    Ok(())
}
