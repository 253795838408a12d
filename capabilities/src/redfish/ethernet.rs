//! The network interfaces of a system (`EthernetInterface`).

use std::collections::BTreeMap;

use assay_kit::prelude::*;

use super::fixture::{at, expect_members, expect_state, is_absent, readable, working};

/// A system must have a network interface, and each must have its address, which may be null and is else six octets.
///
/// Each should tell its address, state and health. No two physical interfaces should have the same address.
#[conformance(
    id = "redfish.ethernet.list",
    spec = "redfish-schema#ethernetinterface",
    covers = "0b260e0d-3878-47e3-8337-41a26ebb25bc",
    needs = [Redfish],
)]
async fn list(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let interfaces = working(cx, redfish, system, "EthernetInterfaces").await?;
    let members = readable(cx, redfish, &interfaces, "EthernetInterfaces").await?;
    require!(interfaces, !members.is_empty(), "the system must have a network interface");
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for interface in members {
        if is_absent(&interface) {
            continue;
        }
        let address = interface.get("MACAddress")?;
        let told = !address.value().is_null() && address.value() != "";
        expect!(address, told, "`MACAddress` of {} should not be empty", at(&interface));
        expect_state(&interface);
        let health = interface.value()["Status"]["Health"].is_string();
        expect!(interface, health, "{} should tell its health", at(&interface));
        expect_members(&interface, &["LinkStatus", "SpeedMbps"]);
        if !told {
            continue;
        }
        let text = address.text()?.to_ascii_lowercase();
        require!(address, is_mac(&text), "`MACAddress` of {} must be six octets; it is {text}", at(&interface));
        // An interface of a VLAN, or one that stands for others, has the address of what is below it.
        let kind = interface.value()["EthernetInterfaceType"].as_str();
        let above = interface.find("VLAN").is_some() || kind.is_some_and(|kind| kind != "Physical");
        if !above {
            let path = at(&interface);
            let other = owners.insert(text, path.clone());
            expect!(address, other.is_none(), "{path} should have no other's address; it has that of {other:?}");
        }
    }
    Ok(())
}

fn is_mac(text: &str) -> bool {
    let octets: Vec<&str> = text.split([':', '-']).collect();
    octets.len() == 6
        && octets.iter().all(|octet| octet.len() == 2 && octet.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
