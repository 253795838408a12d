//! Systems (`ComputerSystem`): the list of them, who they are, and what belongs to them.

use std::collections::BTreeSet;

use assay_kit::prelude::*;

use super::fixture::{
    Links, SETTLING, at, counted, done, expect_members, expect_state, patched, same_path, seen, told,
};

/// The states of power that Redfish defines.
const POWER_STATES: [&str; 7] = ["On", "Off", "PoweringOn", "PoweringOff", "Paused", "Sleeping", "Hibernating"];

/// The list of systems must have a system, list each once, and count them correctly.
///
/// Where the service says that it can, it should give one member alone.
#[conformance(
    id = "redfish.systems.list",
    spec = "redfish-schema#computersystem",
    covers = "4c3e6784-a5c9-4213-9880-f29437b83c02",
    needs = [Redfish],
)]
async fn list(cx: &Cx, redfish: &Redfish) -> Outcome {
    let (root, systems) = collection(cx, redfish).await?;
    let paths = counted(redfish, &systems).await?;
    require!(systems, !paths.is_empty(), "a member of the list must lead to a system of this service");
    let unique: BTreeSet<&String> = paths.iter().collect();
    require_eq!(systems, unique.len(), paths.len(), "each system must be listed once");
    if !redfish.settings().machines.is_empty() {
        for machine in redfish.machines().await? {
            let listed = paths.iter().any(|path| same_path(path, &at(&machine)));
            require!(systems, listed, "{} must be listed", at(&machine));
        }
    }
    let (path, features) = (at(&systems), &root.value()["ProtocolFeaturesSupported"]);
    if features["TopSkipQuery"] == true {
        let page = redfish.get(&path).query("$top", 1).send().await?;
        let members = redfish.read(&page).ok().and_then(|page| page.value()["Members"].as_array().map(Vec::len));
        expect_eq!(page, members, Some(1), "`$top=1` should give one member: the service says that it can");
    }
    if features["OnlyMemberQuery"] == true && paths.len() == 1 {
        let only = redfish.get(&format!("{path}?only")).send().await?;
        let named = redfish.read(&only).ok().is_some_and(|only| same_path(&at(&only), &paths[0]));
        expect!(only, named, "`only` should give the one member itself: the service says that it can");
    }
    Ok(())
}

/// A system must name itself, and offer actions. No two systems may have the same `Id`, and each that is listed must be there.
///
/// A system should tell its state.
#[conformance(
    id = "redfish.systems.show",
    spec = "redfish-schema#computersystem",
    covers = "14ac96f8-353d-40c8-b3f4-11bfaa80397a",
    needs = [Redfish],
)]
async fn show(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let (_, collection) = collection(cx, redfish).await?;
    let (mut links, mut ids) = (Links::default(), BTreeSet::new());
    for system in links.members(redfish, "Systems", &collection).await? {
        let id = system.get("Id")?;
        require!(id, ids.insert(id.text()?.to_owned()), "no other system may have the `Id` {}", id.text()?);
    }
    links.all_lead_somewhere(&collection)?;
    let kind = system.get("@odata.type")?;
    require!(kind, kind.text()?.starts_with("#ComputerSystem.v"), "`@odata.type` must be that of a system");
    system.get("Name")?.text()?;
    system.get("Actions")?.keys()?;
    expect_state(system);
    Ok(())
}

/// Each link of a system, and each member of what it links, must lead to a resource that names itself so. Each collection must
/// count its members correctly.
#[conformance(
    id = "redfish.systems.links",
    spec = "redfish-schema#computersystem",
    covers = "cc6daa0c-3dab-4365-9544-6261ffa2ed5f",
    needs = [Redfish],
    seconds = 3,
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
    /// The ones that are no collections.
    const SINGLE: [&str; 2] = ["Bios", "SecureBoot"];
    let mut links = Links::default();
    for name in LINKS {
        let Some(path) = redfish.path(system, name)? else { continue };
        if SINGLE.contains(&name) {
            links.look(redfish, name, &path).await?;
        } else {
            links.collection(redfish, name, &path).await?;
        }
    }
    if let Some(settings) = system.find("@Redfish.Settings")
        && let Some(path) = redfish.path(&settings, "SettingsObject")?
    {
        links.look(redfish, "SettingsObject", &path).await?;
    }
    for name in ["Chassis", "ManagedBy"] {
        let further = system.find("Links").and_then(|links| links.find(name));
        let Some(further) = further.filter(|further| !further.value().is_null()) else { continue };
        for link in further.elements()? {
            links.look(redfish, name, link.get("@odata.id")?.text()?).await?;
        }
    }
    links.all_lead_somewhere(system)?;
    Ok(())
}

/// A system must have its serial number, manufacturer, model and BIOS version, which may be null, and say of which type it is.
///
/// These should be told, and so should its UUID, its health, and its `SKU` or `PartNumber`.
#[conformance(
    id = "redfish.systems.identity",
    spec = "redfish-schema#computersystem",
    covers = "225c38c4-7cc7-4fe6-9fdd-7079eca7048a",
    needs = [Redfish],
)]
async fn identity(_cx: &Cx, _redfish: &Redfish, system: &Json) -> Outcome {
    told(system, &["SerialNumber", "Manufacturer", "Model", "BiosVersion"])?;
    system.get("SystemType")?.text()?;
    let uuid = &system.value()["UUID"];
    expect!(system, uuid.as_str().is_some_and(is_uuid), "`UUID` should have the form of one; it is {uuid}");
    let numbered = system.find("SKU").or_else(|| system.find("PartNumber"));
    expect!(system, numbered.is_some(), "a system should have `SKU` or `PartNumber`");
    expect_members(system, &["AssetTag"]);
    expect!(system, system.value()["Status"]["Health"].is_string(), "a system should have `Status.Health`");
    Ok(())
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The asset tag of a system must be written, read back, and be put back. One that was null may be put back as an empty text.
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
    let tag = json!(cx.name("tag"));
    patched(cx, redfish, &machine.path, &json!({"AssetTag": tag})).await?;
    let system = seen(cx, redfish, &machine.path, SETTLING, |system| system["AssetTag"] == tag).await?;
    require_eq!(system, system.value()["AssetTag"], tag, "`AssetTag` must be as it was written");

    let before = before.value();
    let mut answer = redfish.change(&machine.path, &json!({"AssetTag": before})).await?;
    if before.is_null() && (400..500).contains(&answer.status()) {
        answer = redfish.change(&machine.path, &json!({"AssetTag": ""})).await?;
    }
    done(cx, redfish, &answer, SETTLING).await?;
    let back = |tag: &Value| tag == before || (before.is_null() && tag == "");
    let system = seen(cx, redfish, &machine.path, SETTLING, |system| back(&system["AssetTag"])).await?;
    if !back(&system.value()["AssetTag"]) {
        require_eq!(system, &system.value()["AssetTag"], before, "`AssetTag` must be as it was before");
    }
    Ok(())
}

/// A system must sum up its memory, as a number or null.
///
/// It should tell how much there is, sum up its processors, and tell the health of both.
#[conformance(
    id = "redfish.systems.summaries",
    spec = "redfish-schema#computersystem",
    covers = "cf422398-3ff7-4001-a7d2-0ed14c9c61bf",
    needs = [Redfish],
)]
async fn summaries(_cx: &Cx, _redfish: &Redfish, system: &Json) -> Outcome {
    let memory = system.get("MemorySummary")?;
    let total = memory.get("TotalSystemMemoryGiB")?;
    let value = total.value();
    require!(total, value.is_number() || value.is_null(), "`TotalSystemMemoryGiB` must be a number; it is {value}");
    expect!(total, value.as_f64().is_some_and(|total| total > 0.0), "the system should have memory; it has {value}");
    let processors = &system.value()["ProcessorSummary"];
    let count = processors["Count"].as_i64();
    expect!(system, count.is_some_and(|count| count > 0), "`ProcessorSummary` should count the processors");
    let model = processors["Model"].as_str().is_some_and(|model| !model.trim().is_empty());
    expect!(system, model, "`ProcessorSummary` should tell the model of the processors");
    for (summary, name) in [(memory.value(), "memory"), (processors, "processors")] {
        expect!(system, summary["Status"]["Health"].is_string(), "the health of the {name} should be told");
    }
    let cores = processors.get("LogicalProcessorCount").or_else(|| processors.get("CoreCount"));
    expect!(system, cores.is_some(), "the processors should be counted by cores or threads");
    Ok(())
}

/// A system must have its power state: a known one, or null.
///
/// It should tell one.
#[conformance(
    id = "redfish.systems.power-state",
    spec = "redfish-schema#computersystem",
    covers = "2d57ea0e-4735-4396-acec-3d465ead0a98",
    needs = [Redfish],
)]
async fn power_state(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let is_known = |power: &Value| POWER_STATES.iter().any(|state| power == state);
    system.get("PowerState")?;
    // It may be unknown for a while.
    let system = seen(cx, redfish, &at(system), SETTLING, |system| is_known(&system["PowerState"])).await?;
    let power = system.get("PowerState")?;
    let value = power.value();
    let known = value.is_null() || is_known(value);
    require!(power, known, "`PowerState` must be one of {}; it is {value}", POWER_STATES.join(", "));
    expect!(power, value.is_string(), "`PowerState` should say whether the system is on");
    Ok(())
}

/// The root and the collection of systems.
async fn collection(cx: &Cx, redfish: &Redfish) -> Outcome<(Json, Json)> {
    let root = redfish.root().await?;
    let systems = super::fixture::offered(cx, redfish, &root, "Systems").await?;
    Ok((root, systems))
}
