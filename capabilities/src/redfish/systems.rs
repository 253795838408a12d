//! Systems (`ComputerSystem`): the list of them, who they are, and what belongs to them.

use std::collections::BTreeSet;

use assay_kit::prelude::*;

use super::fixture::{Links, SETTLING, at, counted, expect_members, filled, patched, same_path, seen};

/// The states of power that Redfish defines.
pub(super) const POWER_STATES: [&str; 5] = ["On", "Off", "PoweringOn", "PoweringOff", "Paused"];

/// The list of systems must have a system, list each once, and count them correctly.
///
/// Where the service says that it can, it is promised to give one member alone.
#[conformance(
    id = "redfish.systems.list",
    spec = "redfish-schema#computersystem",
    covers = "4c3e6784-a5c9-4213-9880-f29437b83c02",
    needs = [Redfish],
)]
async fn list(cx: &Cx, redfish: &Redfish) -> Outcome {
    let (root, systems) = collection(cx, redfish).await?;
    let paths = counted(redfish, &systems).await?;
    require!(systems, !paths.is_empty(), "the service has a system");
    let unique: BTreeSet<&String> = paths.iter().collect();
    require_eq!(systems, unique.len(), paths.len(), "each system is listed once");
    if !redfish.settings().machines.is_empty() {
        for machine in redfish.machines().await? {
            let listed = paths.iter().any(|path| same_path(path, &at(&machine)));
            require!(systems, listed, "{} is listed", at(&machine));
        }
    }
    let (path, features) = (at(&systems), &root.value()["ProtocolFeaturesSupported"]);
    if features["TopSkipQuery"] == true {
        let page = redfish.get(&path).query("$top", 1).send().await?;
        let members = page.json().ok().and_then(|page| page.value()["Members"].as_array().map(Vec::len));
        expect_eq!(page, members, Some(1), "`$top=1` gives one member: the service says that it can");
    }
    if features["OnlyMemberQuery"] == true && paths.len() == 1 {
        let only = redfish.get(&format!("{path}?only")).send().await?;
        let named = only.json().ok().is_some_and(|only| same_path(&at(&only), &paths[0]));
        expect!(only, named, "`only` gives the one member itself: the service says that it can");
    }
    Ok(())
}

/// A system must name itself and its state, and offer actions. No two systems may have the same `Id`.
#[conformance(
    id = "redfish.systems.show",
    spec = "redfish-schema#computersystem",
    covers = "14ac96f8-353d-40c8-b3f4-11bfaa80397a",
    needs = [Redfish],
)]
async fn show(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let (_, collection) = collection(cx, redfish).await?;
    let paths = redfish.member_paths(&collection).await?;
    let mut ids = BTreeSet::new();
    for (path, system) in paths.iter().zip(redfish.members(&collection).await?) {
        let own = system.get("@odata.id")?;
        require!(own, same_path(own.text()?, path), "{path} names itself in `@odata.id`");
        let id = system.get("Id")?;
        require!(id, ids.insert(id.text()?.to_owned()), "no other system has the `Id` {}", id.text()?);
    }
    let kind = system.get("@odata.type")?;
    require!(kind, kind.text()?.starts_with("#ComputerSystem.v"), "`@odata.type` is that of a system");
    system.get("Name")?.text()?;
    system.at(["Status", "State"])?.text()?;
    system.get("Actions")?.keys()?;
    Ok(())
}

/// Each link of a system must lead to a resource that names itself so, and each collection must count its members correctly.
#[conformance(
    id = "redfish.systems.links",
    spec = "redfish-schema#computersystem",
    covers = "cc6daa0c-3dab-4365-9544-6261ffa2ed5f",
    needs = [Redfish],
    seconds = 2,
)]
async fn links(_cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    const LINKS: [&str; 9] = [
        "Processors",
        "Memory",
        "Storage",
        "SimpleStorage",
        "EthernetInterfaces",
        "Bios",
        "SecureBoot",
        "VirtualMedia",
        "LogServices",
    ];
    let mut links = Links::default();
    for name in LINKS {
        let Some(path) = redfish.path(system, name)? else { continue };
        let found = links.look(redfish, name, &path).await?;
        if let Some(collection) = found.filter(|found| found.find("Members").is_some()) {
            let members = redfish.member_paths(&collection).await?.len();
            if collection.value()["Members@odata.count"] != members {
                let count = &collection.value()["Members@odata.count"];
                links.wrong(format!("{name} ({path}) counts {count} members, and has {members}"));
            }
        }
    }
    for name in ["Chassis", "ManagedBy"] {
        let Some(further) = system.find("Links").and_then(|links| links.find(name)) else { continue };
        for link in further.elements()? {
            links.look(redfish, name, link.get("@odata.id")?.text()?).await?;
        }
    }
    links.all_lead_somewhere(system)?;
    Ok(())
}

/// A system must tell its UUID; it should tell its manufacturer, model, serial number and BIOS version.
#[conformance(
    id = "redfish.systems.identity",
    spec = "redfish-schema#computersystem",
    covers = "225c38c4-7cc7-4fe6-9fdd-7079eca7048a",
    needs = [Redfish],
)]
async fn identity(_cx: &Cx, _redfish: &Redfish, system: &Json) -> Outcome {
    let uuid = system.get("UUID")?;
    require!(uuid, is_uuid(uuid.text()?), "`UUID` has the form of one; it is {}", uuid.text()?);
    for key in ["SerialNumber", "Manufacturer", "Model", "BiosVersion"] {
        filled(system, key)?;
    }
    system.get("SystemType")?.text()?;
    let numbered = system.find("SKU").or_else(|| system.find("PartNumber"));
    expect!(system, numbered.is_some(), "a system has `SKU` or `PartNumber`");
    expect_members(system, &["AssetTag"]);
    expect!(system, system.value()["Status"]["Health"].is_string(), "a system has `Status.Health`");
    Ok(())
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The asset tag of a system must be written, read back, and be put back.
#[conformance(
    id = "redfish.systems.asset-tag",
    spec = "redfish-schema#computersystem",
    covers = "ca3e1cda-5d7f-48b0-94ae-0ff0b9bf5439",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn asset_tag(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let Some(before) = machine.found.find("AssetTag") else {
        return Err(cx.skip(Lack::feature(Service::Redfish, "AssetTag"), format!("{} has no `AssetTag`", machine.path)));
    };
    for tag in [json!(cx.name("tag")), before.value().clone()] {
        patched(cx, redfish, &machine.path, &json!({"AssetTag": tag})).await?;
        let system = seen(cx, redfish, &machine.path, SETTLING, |system| system["AssetTag"] == tag).await?;
        require_eq!(system, system.value()["AssetTag"], tag, "`AssetTag` is as it was written");
    }
    Ok(())
}

/// A system must sum up its memory and its processors.
#[conformance(
    id = "redfish.systems.summaries",
    spec = "redfish-schema#computersystem",
    covers = "cf422398-3ff7-4001-a7d2-0ed14c9c61bf",
    needs = [Redfish],
)]
async fn summaries(_cx: &Cx, _redfish: &Redfish, system: &Json) -> Outcome {
    let memory = system.get("MemorySummary")?;
    let total = memory.get("TotalSystemMemoryGiB")?;
    require!(total, total.value().as_f64().is_some_and(|total| total > 0.0), "the system has memory");
    let processors = system.get("ProcessorSummary")?;
    let count = processors.get("Count")?;
    require!(count, count.integer()? > 0, "the system has a processor");
    filled(&processors, "Model")?;
    for (summary, name) in [(&memory, "memory"), (&processors, "processors")] {
        expect!(summary, summary.value()["Status"]["Health"].is_string(), "the health of the {name} is told");
    }
    let cores = processors.find("LogicalProcessorCount").or_else(|| processors.find("CoreCount"));
    expect!(processors, cores.is_some(), "the processors are counted by cores or threads");
    Ok(())
}

/// A system must tell a known power state.
#[conformance(
    id = "redfish.systems.power-state",
    spec = "redfish-schema#computersystem",
    covers = "2d57ea0e-4735-4396-acec-3d465ead0a98",
    needs = [Redfish],
)]
async fn power_state(_cx: &Cx, _redfish: &Redfish, system: &Json) -> Outcome {
    let power = system.get("PowerState")?;
    let known = POWER_STATES.contains(&power.text()?);
    require!(power, known, "`PowerState` is one of {}; it is {}", POWER_STATES.join(", "), power.text()?);
    Ok(())
}

/// The root and the collection of systems.
async fn collection(cx: &Cx, redfish: &Redfish) -> Outcome<(Json, Json)> {
    let root = redfish.root().await?;
    let systems = super::fixture::offered(cx, redfish, &root, "Systems").await?;
    Ok((root, systems))
}
