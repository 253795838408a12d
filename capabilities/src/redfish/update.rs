//! Firmware: what there is, and how it is brought up to date (`UpdateService`, `SoftwareInventory`).

use assay_kit::prelude::*;

use super::fixture::{Action, at, expect_members, filled, offered, refused};

/// Each item of the firmware inventory must have an id, a name and a version.
#[conformance(
    id = "redfish.firmware.inventory",
    spec = "redfish-schema#softwareinventory",
    covers = "1a1b63ae-e022-49f0-897b-944f19008a20",
    needs = [Redfish],
)]
async fn inventory(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let root = redfish.root().await?;
    let service = offered(cx, redfish, &root, "UpdateService").await?;
    let inventory = offered(cx, redfish, &service, "FirmwareInventory").await?;
    let members = redfish.members(&inventory).await?;
    require!(inventory, !members.is_empty(), "the service tells of a piece of firmware");
    for piece in &members {
        for key in ["Id", "Name", "Version"] {
            filled(piece, key)?;
        }
        if let Some(updateable) = piece.find("Updateable") {
            updateable.truth()?;
        }
        expect_members(piece, &["Manufacturer"]);
    }
    for manager in super::managers::of(redfish, system).await? {
        let version = &manager.value()["FirmwareVersion"];
        let listed = members.iter().any(|piece| piece.value()["Version"] == *version);
        expect!(inventory, listed, "the firmware of {}, {version}, is among them", at(&manager));
    }
    Ok(())
}

/// An update without an image must be refused, and no task may come of it.
#[conformance(
    id = "redfish.update.refused",
    spec = "redfish-schema#updateservice",
    covers = "a260754d-621b-4653-ac32-e551774fcd6a",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn update_refused(cx: &Cx, redfish: &Redfish) -> Outcome {
    let root = redfish.root().await?;
    let service = offered(cx, redfish, &root, "UpdateService").await?;
    let Some(action) = Action::find(redfish, &service, "#UpdateService.SimpleUpdate").await? else {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "SimpleUpdate"),
            format!("{} does not offer #UpdateService.SimpleUpdate", at(&service)),
        ));
    };
    let told = action.info.is_some() || action.allowed("TransferProtocol")?.is_some();
    expect!(action.offer, told, "the ways to transfer an image are told in AllowableValues or ActionInfo");
    let before = tasks(redfish).await?;
    let versions = versions(redfish).await?;
    let answer = action.ask(redfish, &json!({})).await?;
    refused(&answer)?;
    let after = tasks(redfish).await?;
    let new: Vec<&String> = after.iter().filter(|task| !before.contains(task)).collect();
    require!(answer, new.is_empty(), "no task is made of what was refused; there is {new:?}");
    require_eq!(answer, self::versions(redfish).await?, versions, "nothing was updated");
    Ok(())
}

/// The paths of the tasks that the service tells of.
async fn tasks(redfish: &Redfish) -> Outcome<Vec<String>> {
    let root = redfish.root().await?;
    let Some(path) = redfish.path(&root, "Tasks")? else { return Ok(Vec::new()) };
    let service = redfish.get(&path).send().await?;
    let Some(path) = service.json().ok().and_then(|service| redfish.path(&service, "Tasks").ok().flatten()) else {
        return Ok(Vec::new());
    };
    // Where the list cannot be read, what the other tests find of it is enough.
    let list = redfish.get(&path).send().await?;
    match list.status() {
        200 => redfish.member_paths(&list.json()?).await,
        _ => Ok(Vec::new()),
    }
}

/// The versions of the firmware that systems and their managers tell.
async fn versions(redfish: &Redfish) -> Outcome<Vec<Value>> {
    let mut versions = Vec::new();
    for system in redfish.systems_to_read().await? {
        versions.push(redfish.show(&at(&system)).await?.value()["BiosVersion"].clone());
        for manager in super::managers::of(redfish, &system).await? {
            versions.push(redfish.show(&at(&manager)).await?.value()["FirmwareVersion"].clone());
        }
    }
    Ok(versions)
}
