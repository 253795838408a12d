//! The RAID configuration that nodes are to get.

use assay_kit::Machine;
use assay_kit::prelude::*;

use super::fixture::{at, fault, patiently, refused_usually, require_unchanged, require_untouched, show};

/// A machine with a RAID interface.
async fn machine(cx: &Cx) -> Outcome<Machine> {
    let machine = cx.machine().await?;
    if machine.found.value()["raid_interface"] == "no-raid" {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "raid"),
            "the machine has no RAID: its `raid_interface` is `no-raid`",
        ));
    }
    Ok(machine)
}

/// A target configuration of one mirrored disk must read back and leave the current configuration as it is. Then it must be
/// removed.
///
/// The driver should explain the properties of a logical disk.
#[conformance(
    id = "baremetal.raid.target",
    spec = "baremetal-v1#set-raid-config",
    covers = "54328c0d-cfbb-402a-aa58-e3f3ca91cc98",
    needs = [BareMetal, BareMetalMicroversion("1.12"), Machine],
    holds = [Machines],
    seconds = 2,
)]
async fn target(cx: &Cx) -> Outcome {
    let machine = machine(cx).await?;
    let ironic = at(cx, "1.12")?;
    let driver = machine.found.get("driver")?.text()?.to_owned();
    let properties = format!("{}/raid/logical_disk_properties", super::fixture::path("drivers", &driver));
    // A driver explains what its default interface takes, which need not be the one of the machine.
    let told = ironic.get(&properties).send().await?;
    let is_told = told.status() == 200 && told.json()?.find("size_gb").is_some();
    expect!(told, is_told, "the driver should say what `size_gb` of a logical disk is");
    let before = show(&ironic, &machine.path()).await?;
    let path = format!("{}/states/raid", machine.path());
    let wanted = json!({"logical_disks": [{"size_gb": 100, "raid_level": "1", "is_root_volume": true}]});
    let answer = patiently(cx, ironic.put(&path).json(&wanted)).await?;
    if answer.status() == 400 {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "raid"),
            format!("the driver does not offer RAID: {}", fault(&answer)),
        ));
    }
    answer.require_status(204)?;
    let now = show(&ironic, &machine.path()).await?;
    require_eq!(now, now.value()["target_raid_config"], wanted, "the configuration that is asked for must read back");
    require_unchanged(&before, &now, &["raid_config", "provision_state", "last_error"])?;
    let none = match &before.value()["target_raid_config"] {
        Value::Null => json!({}),
        other => other.clone(),
    };
    patiently(cx, ironic.put(&path).json(&none)).await?.require_status(204)?;
    let now = show(&ironic, &machine.path()).await?;
    let left = &now.value()["target_raid_config"];
    // An empty configuration takes away the one that there is.
    let is_as_before = *left == none || (none == json!({}) && left.is_null());
    require!(now, is_as_before, "what is asked for must be as it was, {none}, but it is {left}");
    Ok(())
}

/// An unknown RAID level, a configuration without disks, and a disk without a size must be refused, and the target
/// configuration must stay as it is.
#[conformance(
    id = "baremetal.raid.refused",
    spec = "baremetal-v1#set-raid-config",
    covers = "7b5ba572-2d07-4c93-9397-224d8297af5a",
    needs = [BareMetal, BareMetalMicroversion("1.12"), Machine],
    holds = [Machines],
    seconds = 2,
)]
async fn refusals(cx: &Cx) -> Outcome {
    let machine = machine(cx).await?;
    let ironic = at(cx, "1.12")?;
    let before = show(&ironic, &machine.path()).await?;
    let wrong = [
        (json!({"logical_disks": [{"size_gb": 100, "raid_level": "99"}]}), "99"),
        (json!({"logical_disks": []}), "logical_disks"),
        (json!({"logical_disks": [{"raid_level": "1"}]}), "size_gb"),
    ];
    for (body, names) in wrong {
        let request = ironic.put(&format!("{}/states/raid", machine.path())).json(&body);
        // The error of an empty list shows the list only.
        refused_usually(cx, request, 400, if names == "logical_disks" { "" } else { names }).await?;
    }
    let keys = ["target_raid_config", "raid_config", "last_error"];
    require_untouched(cx, &ironic, &machine.path(), &before, &keys).await
}
