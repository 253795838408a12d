//! Firmware: what there is, and how it is brought up to date (`UpdateService`, `SoftwareInventory`).

use assay_kit::prelude::*;

use super::fixture::{Action, Links, at, expect_members, offered, refused, same_path, told, working};

/// Each item of the firmware inventory must have an id, a name and a version, which may be null. The list must count its items
/// correctly, and lead to them.
///
/// The versions should be told, and that of the manager's firmware be among them.
#[conformance(
    id = "redfish.firmware.inventory",
    spec = "redfish-schema#softwareinventory",
    covers = "1a1b63ae-e022-49f0-897b-944f19008a20",
    needs = [Redfish],
)]
async fn inventory(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let root = redfish.root().await?;
    let service = working(cx, redfish, &root, "UpdateService").await?;
    let inventory = offered(cx, redfish, &service, "FirmwareInventory").await?;
    let mut links = Links::default();
    let members = links.members(redfish, "FirmwareInventory", &inventory).await?;
    links.all_lead_somewhere(&service)?;
    require!(inventory, !members.is_empty(), "the service must tell of a piece of firmware");
    for piece in &members {
        for key in ["Id", "Name"] {
            piece.get(key)?.text()?;
        }
        told(piece, &["Version"])?;
        if let Some(updateable) = piece.find("Updateable").filter(|updateable| !updateable.value().is_null()) {
            updateable.truth()?;
        }
        expect_members(piece, &["Manufacturer"]);
    }
    for manager in super::managers::of(redfish, system).await? {
        let version = &manager.value()["FirmwareVersion"];
        let listed = members.iter().any(|piece| piece.value()["Version"] == *version);
        expect!(inventory, listed, "the firmware of {}, {version}, should be among them", at(&manager));
    }
    Ok(())
}

/// An update without an image must be refused by what the service offers for updates, and no task may come of it.
///
/// It should be refused with 400, and with a message that says what is wrong.
#[conformance(
    id = "redfish.update.refused",
    spec = "redfish-schema#updateservice",
    covers = "a260754d-621b-4653-ac32-e551774fcd6a",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn update_refused(cx: &Cx, redfish: &Redfish) -> Outcome {
    let root = redfish.root().await?;
    let service = working(cx, redfish, &root, "UpdateService").await?;
    let Some(action) = Action::find(redfish, &service, "#UpdateService.SimpleUpdate").await? else {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "SimpleUpdate"),
            format!("{} does not offer #UpdateService.SimpleUpdate", at(&service)),
        ));
    };
    let told = action.info.is_some() || action.allowed("TransferProtocol")?.is_some();
    expect!(action.offer, told, "the ways to transfer an image should be told in `AllowableValues` or `ActionInfo`");
    let before = tasks(redfish).await?;
    let versions = versions(redfish).await?;
    let answer = action.ask(redfish, &json!({})).await?;
    let is_there = !matches!(answer.status(), 404 | 405);
    require!(answer, is_there, "the target of the action must take a POST, but it answers {}", answer.status());
    refused(&answer, &["ActionParameterMissing"])?;
    for task in tasks(redfish).await?.iter().filter(|task| !before.contains(task)) {
        // Somebody else may have begun something else meanwhile.
        let shown = redfish.get(task).send().await?.json().ok();
        let target = shown.as_ref().and_then(|shown| shown.value()["Payload"]["TargetUri"].as_str());
        let ours = target.is_none_or(|target| same_path(target, &action.target));
        require!(answer, !ours, "no task may be made of what was refused, but there is {task}");
    }
    require_eq!(answer, self::versions(redfish).await?, versions, "nothing may be updated");
    Ok(())
}

/// The paths of the tasks that the service tells of.
async fn tasks(redfish: &Redfish) -> Outcome<Vec<String>> {
    let root = redfish.root().await?;
    let Some(path) = redfish.path(&root, "Tasks")? else { return Ok(Vec::new()) };
    let service = redfish.get(&path).send().await?;
    let Some(path) = redfish.read(&service).ok().and_then(|service| redfish.path(&service, "Tasks").ok().flatten())
    else {
        return Ok(Vec::new());
    };
    // Where the list cannot be read, what the other tests find of it is enough.
    let list = redfish.get(&path).send().await?;
    match list.status() {
        200 => redfish.member_paths(&redfish.read(&list)?).await,
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
