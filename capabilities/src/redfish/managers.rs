//! The controllers that manage systems (`Manager`).

use assay_kit::prelude::*;

use super::fixture::{at, filled, same_path};

/// The managers of a system.
pub(super) async fn of(redfish: &Redfish, system: &Json) -> Outcome<Vec<Json>> {
    match system.find("Links") {
        Some(links) => redfish.follow_all(&links, "ManagedBy").await,
        None => Ok(Vec::new()),
    }
}

/// The manager of a system must say what it is, which firmware it runs, and how it is reached.
///
/// Its clock is promised to be right.
#[conformance(
    id = "redfish.managers.read",
    spec = "redfish-schema#manager",
    covers = "e0c40b56-1696-4150-a0df-766ec8d9ce6f",
    needs = [Redfish],
)]
async fn read(_cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let managers = of(redfish, system).await?;
    require!(system, !managers.is_empty(), "a system names its manager in `Links.ManagedBy`");
    for manager in managers {
        manager.get("ManagerType")?.text()?;
        filled(&manager, "UUID")?;
        filled(&manager, "FirmwareVersion")?;
        manager.get("Status")?.keys()?;
        if let Some(time) = manager.find("DateTime") {
            let off = (redfish.client().now() - time.time()?.to_utc()).num_seconds().abs();
            expect!(time, off <= 300, "the manager's clock is right; it is off by {off} s");
        }
        let servers = manager.value()["Links"]["ManagerForServers"].as_array().cloned().unwrap_or_default();
        let back =
            servers.iter().filter_map(|link| link["@odata.id"].as_str()).any(|path| same_path(path, &at(system)));
        expect!(manager, back, "the manager names the system in `Links.ManagerForServers`");

        let network = offered_here(redfish, &manager, "NetworkProtocol").await?;
        let https = network.get("HTTPS")?;
        require_eq!(https, https.get("ProtocolEnabled")?.truth()?, true, "HTTPS is enabled");
        require!(https, https.get("Port")?.integer()? > 0, "HTTPS has a port");
        let interfaces = offered_here(redfish, &manager, "EthernetInterfaces").await?;
        let members = redfish.members(&interfaces).await?;
        let addressed = members.iter().any(|member| member.value()["MACAddress"].is_string());
        require!(interfaces, addressed, "a network interface of the manager tells its address");
    }
    Ok(())
}

/// What a manager has to link.
async fn offered_here(redfish: &Redfish, manager: &Json, link: &str) -> Outcome<Json> {
    let found = redfish.follow(manager, link).await?;
    found.ok_or_else(|| manager.fail(format!("{} links {link}", at(manager)), None, None))
}

/// An enabled console of the system or of its manager must say how to connect to it.
#[conformance(
    id = "redfish.managers.console",
    spec = "redfish-schema#manager",
    covers = "55a3b988-fcc1-404a-b186-777062f87d55",
    needs = [Redfish],
)]
async fn console(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    const CONSOLES: [&str; 3] = ["SerialConsole", "GraphicalConsole", "CommandShell"];
    const PROTOCOLS: [&str; 3] = ["SSH", "IPMI", "Telnet"];
    let mut consoles = Vec::new();
    for owner in std::iter::once(system.clone()).chain(of(redfish, system).await?) {
        consoles.extend(CONSOLES.iter().filter_map(|name| owner.find(name)).filter(|found| found.value().is_object()));
    }
    let enabled = |service: &Value| service["ServiceEnabled"] == true;
    // The serial console of a system has its switch in each protocol.
    let by_protocol = |console: &Json| PROTOCOLS.iter().any(|name| enabled(&console.value()[*name]));
    let offered: Vec<&Json> =
        consoles.iter().filter(|console| enabled(console.value()) || by_protocol(console)).collect();
    let Some(first) = offered.first() else {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "console"),
            format!("neither {} nor its manager has a console that is enabled", at(system)),
        ));
    };
    let served = |console: &&Json| {
        let types = console.value()["ConnectTypesSupported"].as_array();
        types.is_some_and(|types| !types.is_empty()) || by_protocol(console)
    };
    require!(first, offered.iter().any(served), "a console that is enabled tells how to connect to it");
    for console in offered {
        let sessions = console.value()["MaxConcurrentSessions"].as_i64();
        expect!(console, sessions.is_some_and(|sessions| sessions > 0), "a console tells how many may connect");
    }
    Ok(())
}
