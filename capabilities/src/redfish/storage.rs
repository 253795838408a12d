//! What a system stores on (`SimpleStorage`, `Storage`, `Drive`, `Volume`).

use assay_kit::prelude::*;

use super::fixture::{at, counted, expect_members, filled, is_absent, offered};

/// A system must have a disk that tells its size.
#[conformance(
    id = "redfish.storage.disks",
    spec = "redfish-schema#simplestorage",
    covers = "4662a16e-76a5-4fad-a207-4b5362dea18f",
    needs = [Redfish],
)]
async fn disks(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let disks = all_disks(cx, redfish, system).await?;
    for disk in &disks {
        if let Some(status) = disk.find("Status") {
            status.get("State")?.text()?;
        }
    }
    let told = |disk: &&Json| {
        let sized = disk.value()["CapacityBytes"].as_u64().is_some_and(|bytes| bytes > 0);
        sized && !is_absent(disk) && ["Name", "Model"].iter().any(|key| disk.value()[*key].is_string())
    };
    require!(system, disks.iter().any(|disk| told(&disk)), "a disk tells its size and its name or model");
    for disk in disks.iter().filter(told).filter(|disk| disk.find("@odata.id").is_some()) {
        expect_members(disk, &["MediaType", "Protocol"]);
    }
    Ok(())
}

/// The drives of the storage of a system, or the devices of its simple storage.
async fn all_disks(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome<Vec<Json>> {
    let mut disks = Vec::new();
    let storage = redfish.follow(system, "Storage").await?;
    let simple = redfish.follow(system, "SimpleStorage").await?;
    if storage.is_none() && simple.is_none() {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "Storage"),
            format!("{} offers neither Storage nor SimpleStorage", at(system)),
        ));
    }
    if let Some(simple) = simple {
        for controller in redfish.members(&simple).await? {
            disks.extend(controller.find("Devices").map(|devices| devices.elements()).transpose()?.unwrap_or_default());
        }
    }
    if let Some(storage) = storage {
        for unit in redfish.members(&storage).await? {
            disks.extend(redfish.follow_all(&unit, "Drives").await?);
        }
    }
    Ok(disks)
}

/// Each storage of a system must have drives, and controllers or volumes, and each of its links must lead to a resource.
#[conformance(
    id = "redfish.storage.read",
    spec = "redfish-schema#storage",
    covers = "7a909a76-12a3-4cb5-bd3b-9f406d77f8d4",
    needs = [Redfish],
)]
async fn read(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let storage = offered(cx, redfish, system, "Storage").await?;
    counted(redfish, &storage).await?;
    for unit in redfish.members(&storage).await? {
        unit.get("Drives")?;
        redfish.follow_all(&unit, "Drives").await?;
        let controllers = redfish.follow(&unit, "Controllers").await?;
        if let Some(controllers) = &controllers {
            redfish.members(controllers).await?;
        }
        let volumes = redfish.follow(&unit, "Volumes").await?;
        let more = volumes.is_some() || controllers.is_some() || unit.find("StorageControllers").is_some();
        require!(unit, more, "{} has controllers or volumes", at(&unit));
        let version = version(&unit);
        expect!(unit, version >= Some((1, 9)), "{} is of Storage 1.9 or later", at(&unit));
        let raid = controllers.is_some() || unit.value()["StorageControllers"][0].get("SupportedRAIDTypes").is_some();
        expect!(unit, raid, "{} tells which kinds of RAID it supports", at(&unit));
    }
    Ok(())
}

/// The version of a resource's schema: its first two numbers.
fn version(resource: &Json) -> Option<(u32, u32)> {
    let kind = resource.value()["@odata.type"].as_str()?;
    let mut numbers = kind.split('.').nth(1)?.trim_start_matches('v').split('_');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Each volume must tell its size and its name, and each list of volumes must count them correctly.
#[conformance(
    id = "redfish.volumes.read",
    spec = "redfish-schema#volume",
    covers = "e67edeae-3fa8-4f75-8658-f88ebcc7c6e8",
    needs = [Redfish],
)]
async fn volumes(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let storage = offered(cx, redfish, system, "Storage").await?;
    let mut count = 0;
    for unit in redfish.members(&storage).await? {
        let Some(volumes) = redfish.follow(&unit, "Volumes").await? else { continue };
        counted(redfish, &volumes).await?;
        expect_members(&volumes, &["@Redfish.OperationApplyTimeSupport"]);
        for volume in redfish.members(&volumes).await? {
            count += 1;
            let size = volume.get("CapacityBytes")?;
            require!(size, size.integer()? > 0, "{} has room", at(&volume));
            filled(&volume, "Name")?;
            expect_members(&volume, &["RAIDType"]);
        }
    }
    if count == 0 {
        return Err(cx.skip(Lack::feature(Service::Redfish, "Volumes"), format!("{} has no volume", at(system))));
    }
    Ok(())
}
