//! Blocks of addresses for the subnets of tests.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicU16, Ordering};

use assay_kit::prelude::*;

/// The next block to be given out.
static NEXT: AtomicU16 = AtomicU16::new(0);

/// 16 addresses out of 10.100.0.0/16, which no other test of the run has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block(u16);

impl Block {
    pub(super) fn next() -> Self {
        Self(NEXT.fetch_add(1, Ordering::Relaxed) % 4096)
    }

    pub(super) fn cidr(self) -> String {
        format!("{}/28", self.host(0))
    }

    /// One of its addresses, below 16.
    pub(super) fn host(self, number: u8) -> Ipv4Addr {
        let [high, low] = (self.0 * 16 + u16::from(number)).to_be_bytes();
        Ipv4Addr::new(10, 100, high, low)
    }

    /// The request for a subnet of it, with its first address as the gateway.
    pub(super) fn subnet(self, network: &str) -> Value {
        json!({"network_id": network, "cidr": self.cidr(), "ip_version": 4, "gateway_ip": self.host(1)})
    }
}

/// A /64 prefix of unique local addresses (RFC 4193), which no other test of the run has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prefix(Ipv6Addr);

impl Prefix {
    pub(super) fn next() -> Self {
        Self(Ipv6Addr::new(0xfd6b, 0x29d1, 0x7c05, NEXT.fetch_add(1, Ordering::Relaxed), 0, 0, 0, 0))
    }

    pub(super) fn cidr(self) -> String {
        format!("{}/64", self.0)
    }

    pub(super) fn gateway(self) -> Ipv6Addr {
        Ipv6Addr::from(u128::from(self.0) + 1)
    }

    pub(super) fn contains(self, address: Ipv6Addr) -> bool {
        u128::from(self.0) >> 64 == u128::from(address) >> 64
    }

    /// The address that a port with this MAC address makes for itself (RFC 4291, appendix A).
    pub(super) fn eui64(self, mac: [u8; 6]) -> Ipv6Addr {
        let interface = u64::from_be_bytes([mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]]);
        Ipv6Addr::from(u128::from(self.0) | u128::from(interface))
    }

    /// The request for a subnet of it, with its first address as the gateway and these members besides.
    pub(super) fn subnet(self, network: &str, members: &Value) -> Value {
        let mut subnet =
            json!({"network_id": network, "cidr": self.cidr(), "ip_version": 6, "gateway_ip": self.gateway()});
        for (key, value) in members.as_object().into_iter().flatten() {
            subnet[key] = value.clone();
        }
        subnet
    }
}

/// A MAC address that nothing has, of the range that the service takes its own from.
pub(super) fn mac(cx: &Cx) -> ([u8; 6], String) {
    let random = cx.unused_uuid();
    let byte = |at: usize| u8::from_str_radix(&random[at..at + 2], 16).unwrap_or_default();
    let mac = [0xfa, 0x16, 0x3e, byte(0), byte(2), byte(4)];
    (mac, mac.map(|byte| format!("{byte:02x}")).join(":"))
}

/// The IPv4 address that a text must be.
pub(super) fn v4(text: &Json) -> Outcome<Ipv4Addr> {
    text.text()?.parse().map_err(|_| wrong(text, "an IPv4 address"))
}

/// The IPv6 address that a text must be.
pub(super) fn v6(text: &Json) -> Outcome<Ipv6Addr> {
    text.text()?.parse().map_err(|_| wrong(text, "an IPv6 address"))
}

fn wrong(text: &Json, kind: &str) -> Stop {
    text.fail(format!("{} is {kind}", text.place()), Some(kind.to_owned()), Some(text.value().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Holds off an interface identifier whose universal bit is not inverted.
    #[test]
    fn an_address_is_made_of_a_mac_address_as_the_rfc_says() {
        let prefix = Prefix(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, 0));
        let mac = [0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde];
        assert_eq!(prefix.eui64(mac).to_string(), "2001:db8:0:1:3656:78ff:fe9a:bcde");
        assert!(prefix.contains(prefix.eui64(mac)));
    }

    #[test]
    fn blocks_lie_side_by_side() {
        assert_eq!(Block(0).cidr(), "10.100.0.0/28");
        assert_eq!(Block(17).host(3).to_string(), "10.100.1.19");
    }
}
