//! What a system stores on (`SimpleStorage`, `Storage`, `Drive`, `Volume`).

use assay_kit::prelude::*;

use super::fixture::{Links, at, expect_members, expect_state, is_absent, reached, readable, working};

/// Each disk of a system must have a name, and each simple storage a list of devices.
///
/// One disk should tell its size and its name or model.
#[conformance(
    id = "redfish.storage.disks",
    spec = "redfish-schema#simplestorage",
    covers = "4662a16e-76a5-4fad-a207-4b5362dea18f",
    needs = [Redfish],
)]
async fn disks(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let disks = all_disks(cx, redfish, system).await?;
    for disk in &disks {
        disk.get("Name")?.text()?;
        if disk.find("Status").is_some() {
            expect_state(disk);
        }
    }
    let told = |disk: &&Json| {
        let sized = disk.value()["CapacityBytes"].as_u64().is_some_and(|bytes| bytes > 0);
        sized && !is_absent(disk) && ["Name", "Model"].iter().any(|key| disk.value()[*key].is_string())
    };
    expect!(system, disks.iter().any(|disk| told(&disk)), "a disk should tell its size and its name or model");
    for disk in disks.iter().filter(told).filter(|disk| disk.find("@odata.id").is_some()) {
        expect_members(disk, &["MediaType", "Protocol"]);
    }
    Ok(())
}

/// The drives of the storage of a system, or the devices of its simple storage.
async fn all_disks(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome<Vec<Json>> {
    let mut disks = Vec::new();
    let storage = reached(redfish, system, "Storage").await?;
    let simple = reached(redfish, system, "SimpleStorage").await?;
    if storage.is_none() && simple.is_none() {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "Storage"),
            format!("{} offers neither Storage nor SimpleStorage that can be read", at(system)),
        ));
    }
    if let Some(simple) = simple {
        for controller in redfish.members(&simple).await? {
            disks.extend(controller.get("Devices")?.elements()?);
        }
    }
    if let Some(storage) = storage {
        for unit in redfish.members(&storage).await? {
            disks.extend(redfish.follow_all(&unit, "Drives").await?);
        }
    }
    if disks.is_empty() {
        let reason = format!("{} has no disk that can be read", at(system));
        return Err(cx.skip(Lack::feature(Service::Redfish, "disks"), reason));
    }
    Ok(disks)
}

/// Each storage of a system must have drives, and controllers or volumes, and each of its links must lead to a resource.
///
/// It should be of `Storage` 1.9 or later, and tell which kinds of RAID it supports.
#[conformance(
    id = "redfish.storage.read",
    spec = "redfish-schema#storage",
    covers = "7a909a76-12a3-4cb5-bd3b-9f406d77f8d4",
    needs = [Redfish],
)]
async fn read(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let storage = working(cx, redfish, system, "Storage").await?;
    for unit in &readable(cx, redfish, &storage, "Storage").await? {
        let mut links = Links::default();
        let drives = Some(unit.get("Drives")?).filter(|drives| !drives.value().is_null());
        for drive in drives.map(|drives| drives.elements()).transpose()?.unwrap_or_default() {
            links.look(redfish, "Drives", drive.get("@odata.id")?.text()?).await?;
        }
        let (controllers, volumes) = (redfish.path(unit, "Controllers")?, redfish.path(unit, "Volumes")?);
        if let Some(path) = &controllers {
            links.collection(redfish, "Controllers", path).await?;
        }
        if let Some(path) = &volumes {
            links.look(redfish, "Volumes", path).await?;
        }
        links.all_lead_somewhere(unit)?;
        let more = volumes.is_some() || controllers.is_some() || unit.find("StorageControllers").is_some();
        require!(unit, more, "{} must have controllers or volumes", at(unit));
        expect!(unit, version(unit) >= Some((1, 9)), "{} should be of Storage 1.9 or later", at(unit));
        let raid = controllers.is_some() || unit.value()["StorageControllers"][0].get("SupportedRAIDTypes").is_some();
        expect!(unit, raid, "{} should tell which kinds of RAID it supports", at(unit));
    }
    Ok(())
}

/// The version of a resource's schema: its first two numbers.
fn version(resource: &Json) -> Option<(u32, u32)> {
    let kind = resource.value()["@odata.type"].as_str()?;
    let mut numbers = kind.split('.').nth(1)?.trim_start_matches('v').split('_');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Each volume must have its size, which may be null, and a name. Each list of volumes must count them correctly, and lead to
/// them.
///
/// A volume should tell its size and its kind of RAID.
#[conformance(
    id = "redfish.volumes.read",
    spec = "redfish-schema#volume",
    covers = "e67edeae-3fa8-4f75-8658-f88ebcc7c6e8",
    needs = [Redfish],
)]
async fn volumes(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let storage = working(cx, redfish, system, "Storage").await?;
    let (mut links, mut found) = (Links::default(), Vec::new());
    for unit in &readable(cx, redfish, &storage, "Storage").await? {
        let Some(volumes) = reached(redfish, unit, "Volumes").await? else { continue };
        expect_members(&volumes, &["@Redfish.OperationApplyTimeSupport"]);
        found.extend(links.members(redfish, "Volumes", &volumes).await?);
    }
    links.all_lead_somewhere(&storage)?;
    if found.is_empty() {
        return Err(cx.skip(Lack::feature(Service::Redfish, "Volumes"), format!("{} has no volume", at(system))));
    }
    for volume in &found {
        let size = volume.get("CapacityBytes")?;
        let value = size.value();
        require!(size, value.is_u64() || value.is_null(), "`CapacityBytes` of {} must be a number", at(volume));
        expect!(size, value.as_u64().is_some_and(|bytes| bytes > 0), "{} should have room", at(volume));
        volume.get("Name")?.text()?;
        expect_members(volume, &["RAIDType"]);
    }
    Ok(())
}
