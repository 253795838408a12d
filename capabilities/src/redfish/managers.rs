//! The controllers that manage systems (`Manager`).

use assay_kit::prelude::*;

use super::fixture::{Links, at, expect_members, expect_state, same_path, texts, told};

/// What profiles ask for is asked of managers of these types alone.
const CONTROLLERS: [&str; 3] = ["BMC", "RackManager", "EnclosureManager"];

/// The managers of a system that can be read.
pub(super) async fn of(redfish: &Redfish, system: &Json) -> Outcome<Vec<Json>> {
    match system.find("Links") {
        Some(links) => redfish.follow_all(&links, "ManagedBy").await,
        None => Ok(Vec::new()),
    }
}

/// The manager of a system must say of which type it is. A management controller must have its firmware version, its network
/// protocols with HTTPS, and a network interface with an address; each may be null.
///
/// It should have a UUID and a state, its clock should be right, and HTTPS should be enabled.
#[conformance(
    id = "redfish.managers.read",
    spec = "redfish-schema#manager",
    covers = "e0c40b56-1696-4150-a0df-766ec8d9ce6f",
    needs = [Redfish],
)]
async fn read(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let named = system.value()["Links"]["ManagedBy"].as_array().is_some_and(|links| !links.is_empty());
    require!(system, named, "a system must name its manager in `Links.ManagedBy`");
    let managers = of(redfish, system).await?;
    if managers.is_empty() {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "Manager"),
            format!("no manager of {} can be read, which another test reports", at(system)),
        ));
    }
    for manager in &managers {
        let kind = manager.get("ManagerType")?;
        let controller = CONTROLLERS.contains(&kind.text()?);
        if controller {
            told(manager, &["FirmwareVersion"])?;
        }
        expect_members(manager, &["UUID", "FirmwareVersion"]);
        expect_state(manager);
        clock(redfish, manager);
        let servers = manager.value()["Links"]["ManagerForServers"].as_array().cloned().unwrap_or_default();
        let back =
            servers.iter().filter_map(|link| link["@odata.id"].as_str()).any(|path| same_path(path, &at(system)));
        expect!(manager, back, "the manager should name the system in `Links.ManagerForServers`");
        network(redfish, manager, controller).await?;
    }
    Ok(())
}

/// Expects that the clock of a manager is right.
fn clock(redfish: &Redfish, manager: &Json) {
    if let Some(time) = manager.find("DateTime") {
        let off = time.time().map(|time| (redfish.client().now() - time.to_utc()).num_seconds().abs());
        let shown = time.value();
        expect!(time, off.is_ok_and(|off| off <= 300), "the manager's clock should be right; it shows {shown}");
    }
}

/// Requires how a manager is reached, where it is a management controller.
async fn network(redfish: &Redfish, manager: &Json, controller: bool) -> Outcome {
    let mut links = Links::default();
    let protocols = match redfish.path(manager, "NetworkProtocol")? {
        Some(path) => links.look(redfish, "NetworkProtocol", &path).await?,
        None => None,
    };
    let interfaces = match redfish.path(manager, "EthernetInterfaces")? {
        Some(path) => links.collection(redfish, "EthernetInterfaces", &path).await?,
        None => Vec::new(),
    };
    links.all_lead_somewhere(manager)?;
    if !controller {
        return Ok(());
    }
    for link in ["NetworkProtocol", "EthernetInterfaces"] {
        require!(manager, redfish.path(manager, link)?.is_some(), "{} must link {link}", at(manager));
    }
    if let Some(protocols) = protocols {
        let https = protocols.get("HTTPS")?;
        let (enabled, port) = (https.get("ProtocolEnabled")?, https.get("Port")?);
        expect_eq!(enabled, enabled.value(), &json!(true), "HTTPS should be enabled");
        expect!(port, port.value().as_i64().is_some_and(|port| port > 0), "HTTPS should have a port");
    }
    let listed = interfaces.iter().any(|interface| interface.find("MACAddress").is_some());
    require!(manager, listed, "a network interface of the manager must have `MACAddress`");
    let addressed = interfaces.iter().any(|interface| interface.value()["MACAddress"].is_string());
    expect!(manager, addressed, "a network interface of the manager should tell its address");
    Ok(())
}

/// The consoles of the system and of its manager must be described in the form of their schema.
///
/// One that is enabled should say how to connect to it, and how many may.
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
    for console in &consoles {
        well_formed(console)?;
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
    expect!(first, offered.iter().any(served), "a console that is enabled should tell how to connect to it");
    for console in offered {
        let sessions = console.value()["MaxConcurrentSessions"].as_i64();
        expect!(console, sessions.is_some_and(|sessions| sessions > 0), "a console should tell how many may connect");
    }
    Ok(())
}

/// Requires that what a console tells is of the type that its schema says; what it leaves empty tells nothing.
fn well_formed(console: &Json) -> Outcome {
    if let Some(enabled) = console.find("ServiceEnabled").filter(|enabled| !enabled.value().is_null()) {
        enabled.truth()?;
    }
    if let Some(sessions) = console.find("MaxConcurrentSessions").filter(|sessions| !sessions.value().is_null()) {
        require!(sessions, sessions.integer()? >= 0, "`MaxConcurrentSessions` must not be negative");
    }
    if let Some(types) = console.find("ConnectTypesSupported").filter(|types| !types.value().is_null()) {
        texts(&types)?;
    }
    Ok(())
}
