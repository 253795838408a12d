//! IPv6 addresses of ports: which a port gets by the way in which its subnet gives addresses.
//!
//! A subnet that leaves the address to the port (`slaac`, `dhcpv6-stateless`) gives one to every port of its network. So one
//! network has all such subnets and one port, another one all others and a port that has an address of each; most tests look
//! at these ports. A subnet that is refused fails the tests which need it, and no others.

use std::net::Ipv6Addr;
use std::sync::Arc;

use assay_kit::prelude::*;

use super::addresses::{Block, Prefix, mac, v4, v6};
use super::fixture::{
    Made, PORT, Pair, ROUTER, SUBNET, add_interface, delete_unlisted, has_extension, ids, list, remove_interface,
    require_refused, there,
};
use super::router_interfaces::port_of;

/// The keys of what the tests share, as `shares` names it.
const OWN: &str = "network.own-addresses";
const GIVEN: &str = "network.given-addresses";
assay_kit::share!(OWN, [Networks, Subnets, Subnets, Subnets, Subnets, Subnets, Subnets, Subnets, Subnets, Ports]);
assay_kit::share!(GIVEN, [Networks, Subnets, Subnets, Subnets, Subnets, Ports]);

/// An IPv6 subnet of a shared network.
struct Subnet {
    made: Made,
    prefix: Prefix,
    modes: Value,
}

impl Subnet {
    async fn new(cx: &Cx, network: &Made, modes: Value) -> Outcome<Self> {
        let (made, prefix) = Made::subnet_in(cx, Prefix::next, |prefix| prefix.subnet(&network.id, &modes)).await?;
        Ok(Self { made, prefix, modes })
    }

    fn expect_modes(&self) {
        for key in ["ipv6_ra_mode", "ipv6_address_mode"] {
            let told = &self.made.json.value()[key];
            expect_eq!(self.made.json, told, &self.modes[key], "the subnet should have the `{key}` that was asked for");
        }
    }

    /// Ends the test as failed unless the port's address on it follows from the port's MAC address.
    fn require_own(&self, port: &PortOf) -> Outcome {
        let (address, modes) = (address_on(&port.made.json, &self.made)?, &self.modes);
        let wanted = self.prefix.eui64(port.mac);
        require_eq!(address, v6(&address)?, wanted, "the port's address must follow from its MAC address ({modes})");
        Ok(())
    }

    /// Ends the test as failed unless the port has an address on it.
    fn require_given(&self, port: &PortOf) -> Outcome {
        let (address, modes) = (address_on(&port.made.json, &self.made)?, &self.modes);
        require!(address, self.prefix.contains(v6(&address)?), "the port's address must be on its subnet ({modes})");
        Ok(())
    }
}

/// A port of a MAC address that was asked for.
struct PortOf {
    mac: [u8; 6],
    made: Made,
}

impl PortOf {
    async fn new(cx: &Cx, mut request: Value) -> Outcome<Self> {
        let (mac, text) = mac(cx);
        request["mac_address"] = json!(text);
        Ok(Self { mac, made: Made::new(cx, &PORT, &request).await? })
    }
}

/// A subnet that was alone on its network, and a port that was made there without asking for an address. Neither is there
/// any more.
struct Alone {
    subnet: Subnet,
    port: PortOf,
}

impl Alone {
    /// Makes both on a network without subnets, and ends the test as failed unless both can be deleted: the published tests
    /// delete all of theirs. A subnet or a port that is refused fails the tests which need it, and no others.
    async fn pass(cx: &Cx, network: &Made, modes: Value) -> Outcome<Outcome<Self>> {
        let subnet = match Subnet::new(cx, network, modes).await {
            Ok(subnet) => subnet,
            Err(stop) => return Ok(Err(stop)),
        };
        let port = PortOf::new(cx, json!({"network_id": network.id})).await;
        require_lists(cx).await?;
        if let Ok(port) = &port {
            port.made.remove(cx).await?;
        }
        subnet.made.delete_once_free(cx).await?.require_status(204)?;
        Ok(port.map(|port| Self { subnet, port }))
    }
}

/// Ends the test as failed unless ports, with their owners, subnets and, where there are some, routers are listed: the
/// published tests look there for what they delete.
async fn require_lists(cx: &Cx) -> Outcome {
    for port in list(cx, &PORT, &[]).await?.elements()? {
        port.get("id")?;
        port.get("device_owner")?.text()?;
    }
    ids(&list(cx, &SUBNET, &[]).await?)?;
    if has_extension(cx, "router") {
        ids(&list(cx, &ROUTER, &[]).await?)?;
    }
    Ok(())
}

/// The two ways in which a port makes its address itself.
const OWN_MODES: [&str; 2] = ["slaac", "dhcpv6-stateless"];

/// A network with subnets whose addresses are made by the port, and a port.
struct Own {
    network: Made,
    /// One that was there before all others.
    alone: Outcome<Alone>,
    /// One of each way, older than the subnets that give addresses.
    older: [Outcome<Subnet>; 2],
    stateful: Outcome<Subnet>,
    ipv4: Outcome<(Made, Block)>,
    /// One of each way, younger than those.
    younger: [Outcome<Subnet>; 2],
    /// One of each way, without advertisements.
    silent: [Outcome<Subnet>; 2],
    port: Outcome<PortOf>,
}

impl Own {
    async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared(OWN, |cx| async move {
            let network = Made::network(&cx).await?;
            let alone = Alone::pass(&cx, &network, own_modes("slaac", true)).await?;
            let older = Self::both(&cx, &network, true).await;
            let stateful = Subnet::new(&cx, &network, json!({"ipv6_address_mode": "dhcpv6-stateful"})).await;
            let ipv4 = Made::subnet_in(&cx, Block::next, |block| block.subnet(&network.id)).await;
            let younger = Self::both(&cx, &network, true).await;
            let silent = Self::both(&cx, &network, false).await;
            let port = PortOf::new(&cx, json!({"network_id": network.id})).await;
            Ok(Self { network, alone, older, stateful, ipv4, younger, silent, port })
        })
        .await
    }

    async fn both(cx: &Cx, network: &Made, advertised: bool) -> [Outcome<Subnet>; 2] {
        let [first, second] = OWN_MODES.map(|mode| own_modes(mode, advertised));
        [Subnet::new(cx, network, first).await, Subnet::new(cx, network, second).await]
    }

    /// Ends the test as failed unless a port has made its addresses of the subnets beside which another one is.
    fn require_beside(&self, port: &PortOf) -> Outcome {
        for subnet in self.older.iter().chain(&self.younger) {
            there(subnet)?.require_own(port)?;
        }
        let addresses = port.made.json.get("fixed_ips")?;
        let told = addresses.value().as_array().into_iter().flatten();
        let mut subnets: Vec<_> = told.map(|address| address["subnet_id"].to_string()).collect();
        let told = subnets.len();
        subnets.sort();
        subnets.dedup();
        expect_eq!(addresses, told, subnets.len(), "the port should have one address of each subnet");
        Ok(())
    }
}

/// The request for a subnet whose addresses are made by the port in this way.
fn own_modes(mode: &str, advertised: bool) -> Value {
    let mut modes = json!({"ipv6_address_mode": mode});
    if advertised {
        modes["ipv6_ra_mode"] = json!(mode);
    }
    modes
}

/// On a subnet whose router advertises, and whose addresses are made by the port, a port has the address that follows from
/// its MAC address.
#[conformance(
    id = "network.dhcpv6.stateless",
    spec = "network-v2#create-subnet",
    covers = "e5517e62-6f16-430d-a672-f80875493d4c",
    needs = [Network],
    shares = ["network.own-addresses"],
    seconds = 3,
)]
async fn stateless(cx: &Cx) -> Outcome {
    let own = Own::shared(cx).await?;
    let alone = there(&own.alone)?;
    alone.subnet.require_own(&alone.port)?;
    require_stateless(&own.older, there(&own.port)?)
}

/// On a subnet without advertisements, whose addresses are made by the port, a port has the address that follows from its
/// MAC address.
#[conformance(
    id = "network.dhcpv6.stateless-without-advertisement",
    spec = "network-v2#create-subnet",
    covers = "ae2f4a5d-03ff-4c42-a3b0-ce2fcb7ea832",
    needs = [Network],
    shares = ["network.own-addresses"],
    seconds = 3,
)]
async fn stateless_without_advertisement(cx: &Cx) -> Outcome {
    let own = Own::shared(cx).await?;
    require_stateless(&own.silent, there(&own.port)?)
}

fn require_stateless(subnets: &[Outcome<Subnet>], port: &PortOf) -> Outcome {
    for subnet in subnets {
        let subnet = there(subnet)?;
        subnet.expect_modes();
        subnet.require_own(port)?;
    }
    Ok(())
}

/// On a network with a subnet whose addresses are made by the port and one with stateful DHCP, whichever is older, a port
/// has an address of each: of the one what follows from its MAC address, of the other one out of it. The port is deleted,
/// and must not be listed then.
///
/// It should have one address of each subnet.
#[conformance(
    id = "network.dhcpv6.beside-stateful",
    spec = "network-v2#create-port",
    covers = "4544adf7-bb5f-4bdc-b769-b3e77026cef2",
    needs = [Network],
    shares = ["network.own-addresses"],
    holds = [Ports],
    seconds = 3,
)]
async fn beside_stateful(cx: &Cx) -> Outcome {
    let own = Own::shared(cx).await?;
    let port = PortOf::new(cx, json!({"network_id": own.network.id})).await?;
    there(&own.stateful)?.require_given(&port)?;
    own.require_beside(&port)?;
    delete_unlisted(cx, &PORT, &[&port.made]).await
}

/// On a network with an IPv6 subnet whose addresses are made by the port and an IPv4 subnet, whichever is older, a port has
/// an address of each: of the one what follows from its MAC address, of the other one out of it.
///
/// It should have one address of each subnet.
#[conformance(
    id = "network.dhcpv6.beside-ipv4",
    spec = "network-v2#create-port",
    covers = "4256c61d-c538-41ea-9147-3c450c36669e",
    needs = [Network],
    shares = ["network.own-addresses"],
    seconds = 3,
)]
async fn beside_ipv4(cx: &Cx) -> Outcome {
    let own = Own::shared(cx).await?;
    let ((subnet, block), port) = (there(&own.ipv4)?, there(&own.port)?);
    let address = address_on(&port.made.json, subnet)?;
    let within = (block.host(0)..=block.host(15)).contains(&v4(&address)?);
    require!(address, within, "the port's other address must be on the other subnet");
    own.require_beside(port)
}

/// A network with subnets which give addresses, and a port that has one of each.
struct Given {
    network: Made,
    /// With stateful DHCP, advertised and given, and without either: each was there before all others.
    alone: [Outcome<Alone>; 2],
    /// With stateful DHCP: advertised and given, advertised, given.
    stateful: [Outcome<Subnet>; 3],
    /// With neither advertisements nor DHCP.
    neither: Outcome<Subnet>,
    port: Outcome<PortOf>,
}

impl Given {
    async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared(GIVEN, |cx| async move {
            let network = Made::network(&cx).await?;
            let [both, advertised, given] = stateful_modes();
            let alone = [Alone::pass(&cx, &network, both.clone()).await?, Alone::pass(&cx, &network, json!({})).await?];
            let stateful = [
                Subnet::new(&cx, &network, both).await,
                Subnet::new(&cx, &network, advertised).await,
                Subnet::new(&cx, &network, given).await,
            ];
            let neither = Subnet::new(&cx, &network, json!({})).await;
            let made = stateful.iter().chain([&neither]).flatten();
            let addresses: Vec<_> = made.map(|subnet| json!({"subnet_id": subnet.made.id})).collect();
            let port = PortOf::new(&cx, json!({"network_id": network.id, "fixed_ips": addresses})).await;
            Ok(Self { network, alone, stateful, neither, port })
        })
        .await
    }

    /// The first of those with stateful DHCP: advertised and given.
    fn both(&self) -> Outcome<&Subnet> {
        there(&self.stateful[0])
    }
}

/// On a subnet with neither advertisements nor DHCP, a port has an address of the subnet's own choice: not the one that
/// follows from its MAC address.
///
/// It should be on the subnet.
#[conformance(
    id = "network.dhcpv6.neither",
    spec = "network-v2#create-subnet",
    covers = "21635b6f-165a-4d42-bf49-7d195e47342f",
    needs = [Network],
    shares = ["network.given-addresses"],
    seconds = 2,
)]
async fn neither(cx: &Cx) -> Outcome {
    let shared = Given::shared(cx).await?;
    let alone = there(&shared.alone[1])?;
    for (subnet, port) in [(&alone.subnet, &alone.port), (there(&shared.neither)?, there(&shared.port)?)] {
        let found = address_on(&port.made.json, &subnet.made)?;
        let ip = v6(&found)?;
        require!(found, ip != subnet.prefix.eui64(port.mac), "the port's address must not follow from its MAC address");
        expect!(found, subnet.prefix.contains(ip), "the port's address should be on its subnet");
    }
    Ok(())
}

/// Ways of advertising and of giving addresses that contradict each other must be refused with 400. Ports, subnets and
/// routers must be listed.
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
    require_lists(cx).await
}

/// A port on a subnet with stateful DHCP has an address of the subnet, be it advertised, given, or both, and whether it asks
/// for one or not.
#[conformance(
    id = "network.dhcpv6.stateful",
    spec = "network-v2#create-port",
    covers = "4ab211a0-276f-4552-9070-51e27f58fecf",
    needs = [Network],
    shares = ["network.given-addresses"],
    seconds = 2,
)]
async fn stateful(cx: &Cx) -> Outcome {
    let shared = Given::shared(cx).await?;
    let alone = there(&shared.alone[0])?;
    alone.subnet.require_given(&alone.port)?;
    for subnet in &shared.stateful {
        let subnet = there(subnet)?;
        subnet.expect_modes();
        subnet.require_given(there(&shared.port)?)?;
    }
    Ok(())
}

/// A port on subnets with stateful DHCP has the addresses that it was made with, be they advertised, given, or both.
#[conformance(
    id = "network.dhcpv6.stateful-fixed-ip",
    spec = "network-v2#create-port",
    covers = "51a5e97f-f02e-4e4e-9a17-a69811d300e3",
    needs = [Network],
    shares = ["network.given-addresses"],
    holds = [Ports],
    seconds = 2,
)]
async fn stateful_fixed_ip(cx: &Cx) -> Outcome {
    let shared = Given::shared(cx).await?;
    let mut wanted = Vec::new();
    for subnet in &shared.stateful {
        let subnet = there(subnet)?;
        wanted.push((subnet, inside(cx, &subnet.made)?));
    }
    let addresses: Vec<_> = wanted.iter().map(|(subnet, address)| fixed(subnet, *address)).collect();
    let request = json!({"network_id": shared.network.id, "fixed_ips": addresses});
    let port = Made::new(cx, &PORT, &request).await?;
    for (subnet, wanted) in wanted {
        let (found, modes) = (address_on(&port.json, &subnet.made)?, &subnet.modes);
        require_eq!(found, v6(&found)?, wanted, "the port must have the address that was asked for ({modes})");
    }
    port.remove(cx).await
}

/// An address right behind a subnet's allocation pool, which is behind the subnet, must be refused with 400.
#[conformance(
    id = "network.dhcpv6.stateful-fixed-ip-out-of-range",
    spec = "network-v2#create-port",
    covers = "98244d88-d990-4570-91d4-6b25d70d08af",
    needs = [Network],
    shares = ["network.given-addresses"],
    holds = [Ports],
    seconds = 2,
)]
async fn stateful_fixed_ip_out_of_range(cx: &Cx) -> Outcome {
    let shared = Given::shared(cx).await?;
    let subnet = shared.both()?;
    let (_, last) = pool(&subnet.made)?;
    let address = fixed(subnet, Ipv6Addr::from(last + 5));
    let request = json!({"network_id": shared.network.id, "fixed_ips": [address]});
    require_refused(cx, &PORT, &request, 400).await.map(drop)
}

/// An address that another port has must be refused with 409, and the answer says that it is in use.
#[conformance(
    id = "network.dhcpv6.stateful-fixed-ip-in-use",
    spec = "network-v2#create-port",
    covers = "57b8302b-cba9-4fbb-8835-9168df029051",
    needs = [Network],
    shares = ["network.given-addresses"],
    holds = [Ports],
    seconds = 2,
)]
async fn stateful_fixed_ip_in_use(cx: &Cx) -> Outcome {
    let shared = Given::shared(cx).await?;
    let subnet = shared.both()?;
    // The published test takes the address out of the pool.
    pool(&subnet.made)?;
    let taken = v6(&address_on(&there(&shared.port)?.made.json, &subnet.made)?)?;
    let request = json!({"network_id": shared.network.id, "fixed_ips": [fixed(subnet, taken)]});
    let refused = require_refused(cx, &PORT, &request, 409).await?;
    let text = refused.text();
    let says = ["IpAddressAlreadyAllocated", "IpAddressInUse"].into_iter().any(|kind| text.contains(kind));
    require!(refused, says, "the refusal must say IpAddressAlreadyAllocated or IpAddressInUse");
    Ok(())
}

/// The interface of a router on a subnet with stateful DHCP has the subnet's gateway as its address. The subnet is taken
/// off the router, and the router is deleted.
#[conformance(
    id = "network.dhcpv6.stateful-router",
    spec = "network-v2#add-interface-to-router",
    covers = "e98f65db-68f4-4330-9fea-abd8c5192d4d",
    needs = [Network, NetworkExtension("router")],
    shares = ["network.given-addresses"],
    holds = [Routers, Ports],
    seconds = 4,
)]
async fn stateful_router(cx: &Cx) -> Outcome {
    let shared = Given::shared(cx).await?;
    let router = Made::new(cx, &ROUTER, &json!({"admin_state_up": true})).await?;
    for subnet in &shared.stateful[..2] {
        let subnet = &there(subnet)?.made;
        let interface = add_interface(cx, &router, &json!({"subnet_id": subnet.id})).await?;
        let found = address_on(&port_of(cx, &interface).await?, subnet)?;
        let gateway = subnet.json.get("gateway_ip")?;
        require_eq!(found, found.value(), gateway.value(), "the address of an interface must be the subnet's gateway");
        // One subnet at a time: services may put those of one network on one port.
        remove_interface(cx, &router, &json!({"port_id": interface.get("port_id")?.value()})).await?;
    }
    router.remove(cx).await
}

fn stateful_modes() -> [Value; 3] {
    let stateful = "dhcpv6-stateful";
    [
        json!({"ipv6_ra_mode": stateful, "ipv6_address_mode": stateful}),
        json!({"ipv6_ra_mode": stateful}),
        json!({"ipv6_address_mode": stateful}),
    ]
}

/// The address of a port on this subnet.
fn address_on(port: &Json, subnet: &Made) -> Outcome<Json> {
    let addresses = port.get("fixed_ips")?;
    let found = addresses.elements()?.into_iter().find(|address| address.value()["subnet_id"] == *subnet.id);
    found.ok_or_else(|| addresses.fail("the port must be on the subnet".into(), None, None))?.get("ip_address")
}

/// The first and the last address of a subnet's allocation pool.
fn pool(subnet: &Made) -> Outcome<(u128, u128)> {
    let pools = subnet.json.get("allocation_pools")?;
    let Some(pool) = pools.elements()?.into_iter().next() else {
        return Err(pools.fail("the subnet must have an allocation pool".into(), None, None));
    };
    let (first, last) = (v6(&pool.get("start")?)?, v6(&pool.get("end")?)?);
    require!(pool, first <= last, "an allocation pool must not end before it starts");
    Ok((first.into(), last.into()))
}

/// Some address out of a subnet's allocation pool.
fn inside(cx: &Cx, subnet: &Made) -> Outcome<Ipv6Addr> {
    let (first, last) = pool(subnet)?;
    let random = cx.unused_uuid().bytes().fold(0, |sum: u128, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    Ok(Ipv6Addr::from(first + random % (last - first).max(1)))
}

/// The request for this address of a port.
fn fixed(subnet: &Subnet, address: Ipv6Addr) -> Value {
    json!({"subnet_id": subnet.made.id, "ip_address": address})
}
