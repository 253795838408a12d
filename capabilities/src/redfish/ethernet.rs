//! The network interfaces of a system (`EthernetInterface`).

use std::collections::BTreeMap;

use assay_kit::prelude::*;

use super::fixture::{at, counted, expect_members, is_absent, offered};

/// A system must have a network interface, and each must tell its address. No two physical interfaces may have the same
/// address.
#[conformance(
    id = "redfish.ethernet.list",
    spec = "redfish-schema#ethernetinterface",
    covers = "0b260e0d-3878-47e3-8337-41a26ebb25bc",
    needs = [Redfish],
)]
async fn list(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let interfaces = offered(cx, redfish, system, "EthernetInterfaces").await?;
    let paths = counted(redfish, &interfaces).await?;
    require!(interfaces, !paths.is_empty(), "the system has a network interface");
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for interface in redfish.members(&interfaces).await? {
        let address = interface.get("MACAddress")?;
        let text = address.text()?.to_ascii_lowercase();
        require!(address, is_mac(&text), "`MACAddress` of {} is six octets; it is {text}", at(&interface));
        interface.at(["Status", "State"])?.text()?;
        expect!(interface, interface.value()["Status"]["Health"].is_string(), "{} tells its health", at(&interface));
        expect_members(&interface, &["LinkStatus", "SpeedMbps"]);
        // An interface of a VLAN, or one that stands for others, has the address of what is below it.
        let kind = interface.value()["EthernetInterfaceType"].as_str();
        let above = interface.find("VLAN").is_some() || kind.is_some_and(|kind| kind != "Physical");
        if !above && !is_absent(&interface) {
            let other = owners.insert(text.clone(), at(&interface));
            require!(address, other.is_none(), "{} has no other's address; it has that of {other:?}", at(&interface));
        }
    }
    Ok(())
}

fn is_mac(text: &str) -> bool {
    let octets: Vec<&str> = text.split([':', '-']).collect();
    octets.len() == 6
        && octets.iter().all(|octet| octet.len() == 2 && octet.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
