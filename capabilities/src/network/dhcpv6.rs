//! IPv6 addresses of ports: which a port gets by the way in which its subnet gives addresses.
//!
//! A subnet that leaves the address to the port (`slaac`, `dhcpv6-stateless`) gives one to every port of its network, so such
//! subnets are on networks of the tests' own.

use std::net::Ipv6Addr;

use assay_kit::prelude::*;

use super::addresses::{Block, Prefix, mac, v4, v6};
use super::fixture::{Made, PORT, Pair, ROUTER, SUBNET, add_interface, port_on, require_refused};
use super::router_interfaces::port_of;

/// On a subnet whose router advertises, and whose addresses are made by the port, a port has the address that follows from
/// its MAC address.
#[conformance(
    id = "network.dhcpv6.stateless",
    spec = "network-v2#create-subnet",
    covers = "e5517e62-6f16-430d-a672-f80875493d4c",
    needs = [Network],
    holds = [Networks, Subnets, Ports],
    seconds = 3,
)]
async fn stateless(cx: &Cx) -> Outcome {
    stateless_in(
        cx,
        &["slaac", "dhcpv6-stateless"].map(|mode| json!({"ipv6_ra_mode": mode, "ipv6_address_mode": mode})),
    )
    .await
}

/// On a subnet without advertisements, whose addresses are made by the port, a port has the address that follows from its
/// MAC address.
#[conformance(
    id = "network.dhcpv6.stateless-without-advertisement",
    spec = "network-v2#create-subnet",
    covers = "ae2f4a5d-03ff-4c42-a3b0-ce2fcb7ea832",
    needs = [Network],
    holds = [Networks, Subnets, Ports],
    seconds = 3,
)]
async fn stateless_without_advertisement(cx: &Cx) -> Outcome {
    stateless_in(cx, &["slaac", "dhcpv6-stateless"].map(|mode| json!({"ipv6_address_mode": mode}))).await
}

async fn stateless_in(cx: &Cx, modes: &[Value]) -> Outcome {
    let network = Made::network(cx).await?;
    for mode in modes {
        let prefix = Prefix::next();
        let subnet = Made::subnet(cx, &prefix.subnet(&network.id, mode)).await?;
        expect_modes(&subnet, mode);
        let (mac, text) = mac(cx);
        let port = Made::new(cx, &PORT, &json!({"network_id": network.id, "mac_address": text})).await?;
        let address = address(&port.json)?;
        require_eq!(
            address,
            v6(&address)?,
            prefix.eui64(mac),
            "the port's address follows from its MAC address ({mode})"
        );
        port.remove(cx).await?;
        subnet.remove(cx).await?;
    }
    Ok(())
}

/// On a subnet with neither advertisements nor DHCP, a port has an address of the subnet's own choice: not the one that
/// follows from its MAC address.
#[conformance(
    id = "network.dhcpv6.neither",
    spec = "network-v2#create-subnet",
    covers = "21635b6f-165a-4d42-bf49-7d195e47342f",
    needs = [Network],
    holds = [Networks, Subnets, Ports],
    seconds = 2,
)]
async fn neither(cx: &Cx) -> Outcome {
    let network = Made::network(cx).await?;
    let prefix = Prefix::next();
    let subnet = Made::subnet(cx, &prefix.subnet(&network.id, &json!({}))).await?;
    let (mac, text) = mac(cx);
    let mut request = port_on(&subnet)?;
    request["mac_address"] = json!(text);
    let port = Made::new(cx, &PORT, &request).await?;
    let found = address(&port.json)?;
    let ip = v6(&found)?;
    require!(found, ip != prefix.eui64(mac), "the port's address does not follow from its MAC address");
    expect!(found, prefix.contains(ip), "the port's address is on its subnet");
    Ok(())
}

/// Ways of advertising and of giving addresses that contradict each other are refused with 400.
#[conformance(
    id = "network.dhcpv6.contradicting-modes",
    spec = "network-v2#create-subnet",
    covers = "81f18ef6-95b5-4584-9966-10d480b7496a",
    needs = [Network],
    shares = ["network.pair"],
    seconds = 2,
)]
async fn contradicting_modes(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let modes = ["slaac", "dhcpv6-stateless", "dhcpv6-stateful"];
    for advertised in modes {
        for given in modes.into_iter().filter(|given| *given != advertised) {
            let modes = json!({"ipv6_ra_mode": advertised, "ipv6_address_mode": given});
            require_refused(cx, &SUBNET, &Prefix::next().subnet(&pair.second.id, &modes), 400).await?;
        }
    }
    Ok(())
}

/// On a network with a subnet whose addresses are made by the port and one with stateful DHCP, whichever is older, a port has an
/// address of each: of the one what follows from its MAC address, of the other one out of it.
#[conformance(
    id = "network.dhcpv6.beside-stateful",
    spec = "network-v2#create-port",
    covers = "4544adf7-bb5f-4bdc-b769-b3e77026cef2",
    needs = [Network],
    holds = [Networks, Subnets, Subnets, Ports],
    seconds = 6,
)]
async fn beside_stateful(cx: &Cx) -> Outcome {
    beside(cx, Other::stateful).await
}

/// On a network with an IPv6 subnet whose addresses are made by the port and an IPv4 subnet, whichever is older, a port has
/// an address of each: of the one what follows from its MAC address, of the other one out of it.
#[conformance(
    id = "network.dhcpv6.beside-ipv4",
    spec = "network-v2#create-port",
    covers = "4256c61d-c538-41ea-9147-3c450c36669e",
    needs = [Network],
    holds = [Networks, Subnets, Subnets, Ports],
    seconds = 6,
)]
async fn beside_ipv4(cx: &Cx) -> Outcome {
    beside(cx, Other::ipv4).await
}

/// The subnet beside the one whose addresses are made by the port.
enum Other {
    Stateful(Prefix),
    Ipv4(Block),
}

impl Other {
    fn stateful() -> Self {
        Self::Stateful(Prefix::next())
    }

    fn ipv4() -> Self {
        Self::Ipv4(Block::next())
    }

    async fn make(self, cx: &Cx, network: &Made) -> Outcome<(Made, Self)> {
        let request = match &self {
            Self::Stateful(prefix) => prefix.subnet(&network.id, &json!({"ipv6_address_mode": "dhcpv6-stateful"})),
            Self::Ipv4(block) => block.subnet(&network.id),
        };
        Ok((Made::subnet(cx, &request).await?, self))
    }

    fn holds(&self, address: &Json) -> Outcome<bool> {
        Ok(match self {
            Self::Stateful(prefix) => prefix.contains(v6(address)?),
            Self::Ipv4(block) => (block.host(0)..=block.host(15)).contains(&v4(address)?),
        })
    }
}

/// Makes a subnet whose addresses are made by the port.
async fn own_subnet(cx: &Cx, network: &Made, mode: &str) -> Outcome<(Made, Prefix)> {
    let prefix = Prefix::next();
    let modes = json!({"ipv6_ra_mode": mode, "ipv6_address_mode": mode});
    Ok((Made::subnet(cx, &prefix.subnet(&network.id, &modes)).await?, prefix))
}

/// Puts both subnets on a network of its own, in either order and in both ways of making addresses, and a port each time.
///
/// Of the two subnets the older is replaced for the next port: four ports see all four cases.
async fn beside(cx: &Cx, other: fn() -> Other) -> Outcome {
    let network = Made::network(cx).await?;
    let mut own = own_subnet(cx, &network, "slaac").await?;
    let mut second = other().make(cx, &network).await?;
    require_both(cx, &network, &own, &second).await?;
    own.0.remove(cx).await?;
    own = own_subnet(cx, &network, "dhcpv6-stateless").await?;
    require_both(cx, &network, &own, &second).await?;
    second.0.remove(cx).await?;
    second = other().make(cx, &network).await?;
    require_both(cx, &network, &own, &second).await?;
    own.0.remove(cx).await?;
    own = own_subnet(cx, &network, "slaac").await?;
    require_both(cx, &network, &own, &second).await
}

/// Puts a port on a network with two subnets, and deletes it again.
async fn require_both(cx: &Cx, network: &Made, own: &(Made, Prefix), other: &(Made, Other)) -> Outcome {
    let (mac, text) = mac(cx);
    let port = Made::new(cx, &PORT, &json!({"network_id": network.id, "mac_address": text})).await?;
    let address = address_on(&port.json, &own.0)?;
    require_eq!(address, v6(&address)?, own.1.eui64(mac), "the port's address follows from its MAC address");
    let address = address_on(&port.json, &other.0)?;
    require!(address, other.1.holds(&address)?, "the port's other address is on the other subnet");
    let addresses = port.json.get("fixed_ips")?;
    expect_eq!(addresses, addresses.elements()?.len(), 2, "the port has one address of each subnet");
    port.remove(cx).await
}

/// A port on a subnet with stateful DHCP has an address of the subnet, be it advertised, given, or both.
#[conformance(
    id = "network.dhcpv6.stateful",
    spec = "network-v2#create-port",
    covers = "4ab211a0-276f-4552-9070-51e27f58fecf",
    needs = [Network],
    holds = [Networks, Subnets, Subnets, Subnets, Ports, Ports, Ports],
    seconds = 3,
)]
async fn stateful(cx: &Cx) -> Outcome {
    let network = Made::network(cx).await?;
    for modes in stateful_modes() {
        let prefix = Prefix::next();
        let subnet = Made::subnet(cx, &prefix.subnet(&network.id, &modes)).await?;
        expect_modes(&subnet, &modes);
        let port = Made::new(cx, &PORT, &port_on(&subnet)?).await?;
        let found = address(&port.json)?;
        require!(found, prefix.contains(v6(&found)?), "the port's address is on its subnet ({modes})");
    }
    Ok(())
}

/// A port on a subnet with stateful DHCP has the address that it was made with, be it advertised, given, or both.
#[conformance(
    id = "network.dhcpv6.stateful-fixed-ip",
    spec = "network-v2#create-port",
    covers = "51a5e97f-f02e-4e4e-9a17-a69811d300e3",
    needs = [Network],
    holds = [Networks, Subnets, Subnets, Subnets, Ports, Ports, Ports],
    seconds = 3,
)]
async fn stateful_fixed_ip(cx: &Cx) -> Outcome {
    let network = Made::network(cx).await?;
    for modes in stateful_modes() {
        let subnet = Made::subnet(cx, &Prefix::next().subnet(&network.id, &modes)).await?;
        let wanted = inside(cx, &subnet)?;
        let port = Made::new(cx, &PORT, &fixed(&subnet, wanted)?).await?;
        let found = address(&port.json)?;
        require_eq!(found, v6(&found)?, wanted, "the port has the address that was asked for ({modes})");
    }
    Ok(())
}

/// An address right behind a subnet's allocation pool, which is behind the subnet, is refused with 400.
#[conformance(
    id = "network.dhcpv6.stateful-fixed-ip-out-of-range",
    spec = "network-v2#create-port",
    covers = "98244d88-d990-4570-91d4-6b25d70d08af",
    needs = [Network],
    holds = [Networks, Subnets, Ports],
    seconds = 2,
)]
async fn stateful_fixed_ip_out_of_range(cx: &Cx) -> Outcome {
    let subnet = stateful_subnet(cx).await?;
    let (_, last) = pool(&subnet)?;
    require_refused(cx, &PORT, &fixed(&subnet, Ipv6Addr::from(last + 5))?, 400).await.map(drop)
}

/// An address that another port has is refused with 409, and the answer says that it is in use.
#[conformance(
    id = "network.dhcpv6.stateful-fixed-ip-in-use",
    spec = "network-v2#create-port",
    covers = "57b8302b-cba9-4fbb-8835-9168df029051",
    needs = [Network],
    holds = [Networks, Subnets, Ports, Ports],
    seconds = 2,
)]
async fn stateful_fixed_ip_in_use(cx: &Cx) -> Outcome {
    let subnet = stateful_subnet(cx).await?;
    let request = fixed(&subnet, inside(cx, &subnet)?)?;
    Made::new(cx, &PORT, &request).await?;
    let refused = require_refused(cx, &PORT, &request, 409).await?;
    let text = refused.text();
    let says = ["IpAddressAlreadyAllocated", "IpAddressInUse"].into_iter().any(|kind| text.contains(kind));
    require!(refused, says, "the refusal says that the address is in use");
    Ok(())
}

/// The interface of a router on a subnet with stateful DHCP has the subnet's gateway as its address.
#[conformance(
    id = "network.dhcpv6.stateful-router",
    spec = "network-v2#add-interface-to-router",
    covers = "e98f65db-68f4-4330-9fea-abd8c5192d4d",
    needs = [Network, NetworkExtension("router")],
    holds = [Networks, Subnets, Subnets, Routers, Ports, Ports],
    seconds = 4,
)]
async fn stateful_router(cx: &Cx) -> Outcome {
    let network = Made::network(cx).await?;
    let mut subnets = Vec::new();
    for modes in stateful_modes().into_iter().take(2) {
        subnets.push(Made::subnet(cx, &Prefix::next().subnet(&network.id, &modes)).await?);
    }
    let router = Made::new(cx, &ROUTER, &json!({"admin_state_up": true})).await?;
    for subnet in &subnets {
        let interface = add_interface(cx, &router, &json!({"subnet_id": subnet.id})).await?;
        // The interfaces on subnets of one network are one port.
        let found = address_on(&port_of(cx, &interface).await?, subnet)?;
        let gateway = subnet.json.get("gateway_ip")?;
        require_eq!(found, found.value(), gateway.value(), "the address of an interface is the subnet's gateway");
    }
    Ok(())
}

fn stateful_modes() -> [Value; 3] {
    let stateful = "dhcpv6-stateful";
    [
        json!({"ipv6_ra_mode": stateful, "ipv6_address_mode": stateful}),
        json!({"ipv6_ra_mode": stateful}),
        json!({"ipv6_address_mode": stateful}),
    ]
}

async fn stateful_subnet(cx: &Cx) -> Outcome<Made> {
    let network = Made::network(cx).await?;
    let [both, ..] = stateful_modes();
    Made::subnet(cx, &Prefix::next().subnet(&network.id, &both)).await
}

fn expect_modes(subnet: &Made, modes: &Value) {
    for key in ["ipv6_ra_mode", "ipv6_address_mode"] {
        expect_eq!(
            subnet.json,
            &subnet.json.value()[key],
            &modes[key],
            "the subnet has the `{key}` that was asked for"
        );
    }
}

/// The first address of a port.
fn address(port: &Json) -> Outcome<Json> {
    let addresses = port.get("fixed_ips")?;
    let Some(first) = addresses.elements()?.into_iter().next() else {
        return Err(addresses.fail("the port has an address".into(), None, None));
    };
    first.get("ip_address")
}

/// The address of a port on this subnet.
fn address_on(port: &Json, subnet: &Made) -> Outcome<Json> {
    let addresses = port.get("fixed_ips")?;
    let found = addresses.elements()?.into_iter().find(|address| address.value()["subnet_id"] == *subnet.id);
    found.ok_or_else(|| addresses.fail("the port has an address of the subnet".into(), None, None))?.get("ip_address")
}

/// The first and the last address of a subnet's allocation pool.
fn pool(subnet: &Made) -> Outcome<(u128, u128)> {
    let pools = subnet.json.get("allocation_pools")?;
    let Some(pool) = pools.elements()?.into_iter().next() else {
        return Err(pools.fail("the subnet has an allocation pool".into(), None, None));
    };
    Ok((v6(&pool.get("start")?)?.into(), v6(&pool.get("end")?)?.into()))
}

/// Some address out of a subnet's allocation pool.
fn inside(cx: &Cx, subnet: &Made) -> Outcome<Ipv6Addr> {
    let (first, last) = pool(subnet)?;
    let random = cx.unused_uuid().bytes().fold(0, |sum: u128, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    Ok(Ipv6Addr::from(first + random % (last - first).max(1)))
}

/// The request for a port with this address.
fn fixed(subnet: &Made, address: Ipv6Addr) -> Outcome<Value> {
    let mut request = port_on(subnet)?;
    request["fixed_ips"][0]["ip_address"] = json!(address);
    Ok(request)
}
