//! Media that a machine sees as its own drives (`VirtualMedia`).

use assay_kit::metal::Medium;
use assay_kit::prelude::*;

use super::fixture::{Action, POWER, SETTLING, at, counted, done, expect_members, expect_message, refused, seen};

const INSERT: &str = "#VirtualMedia.InsertMedia";
const EJECT: &str = "#VirtualMedia.EjectMedia";

/// A system, or its manager, must have a virtual drive for discs whose medium can be changed.
#[conformance(
    id = "redfish.vmedia.list",
    spec = "redfish-schema#virtualmedia",
    covers = "40526813-f389-4b4c-a986-04171f2c3aa2",
    needs = [Redfish],
)]
async fn list(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let mut discs = 0;
    let drives = drives(cx, redfish, system).await?;
    for drive in &drives {
        let types = drive.get("MediaTypes")?;
        types.elements()?;
        expect_members(drive, &["Inserted", "WriteProtected"]);
        if !takes_discs(drive) {
            continue;
        }
        discs += 1;
        let insert = Action::find(redfish, drive, INSERT).await?;
        let eject = Action::find(redfish, drive, EJECT).await?;
        let actions = insert.is_some() && eject.is_some();
        let writable = insert.is_none() && drive.find("Image").is_some() && allows_patch(redfish, drive).await?;
        require!(drive, actions || writable, "{} offers {INSERT} and {EJECT}, or a writable `Image`", at(drive));
    }
    require!(system, !drives.is_empty(), "the system has a virtual drive");
    require!(system, discs > 0, "one of the virtual drives takes CDs or DVDs");
    Ok(())
}

/// Whether a resource says in `Allow` that it can be changed.
async fn allows_patch(redfish: &Redfish, resource: &Json) -> Outcome<bool> {
    let answer = redfish.get(&at(resource)).send().await?;
    Ok(answer.header("allow").is_some_and(|methods| methods.contains("PATCH")))
}

/// A disc that is inserted into an empty virtual drive must be in it, and must be gone once it is ejected.
///
/// A machine fetches the disc: it has to reach the address that the deployment file names, or this machine.
#[conformance(
    id = "redfish.vmedia.insert",
    spec = "redfish-schema#virtualmedia",
    covers = "501e2d0d-07a4-4251-8186-e7d28eade477",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 3,
    timeout = 600,
)]
async fn insert(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let drive = empty_drive(cx, redfish, &machine.found).await?;
    let path = at(&drive);
    let served = match &redfish.settings().medium {
        Some(_) => None,
        None => Some(Medium::serve(redfish, &cx.name("disc")).await?),
    };
    let image =
        served.as_ref().map_or_else(|| redfish.settings().medium.clone().unwrap_or_default(), |it| it.url().to_owned());
    let medium = json!({"Image": image, "Inserted": true, "WriteProtected": true});
    let answer = match Action::find(redfish, &drive, INSERT).await? {
        Some(action) => action.ask(redfish, &medium).await?,
        None => redfish.patch(&path, &medium).await?,
    };
    let fetched = || served.as_ref().is_none_or(Medium::was_asked_for);
    if matches!(answer.status(), 400 | 500 | 502 | 503 | 504) && !fetched() {
        let status = answer.status();
        return Err(Stop::Error(format!(
            "{path} answers {status} and never asked for {image}: the machine may not reach this one; name an image that \
             it reaches with `medium` in the deployment file"
        )));
    }
    done(cx, redfish, &answer, POWER).await?;
    let now = seen(cx, redfish, &path, SETTLING, |drive| drive["Inserted"] == true).await?;
    require_eq!(now, now.value()["Inserted"], true, "a disc that was put in is in the drive");
    let name = image.rsplit('/').next().unwrap_or_default();
    let told =
        ["Image", "ImageName"].iter().any(|key| now.value()[*key].as_str().is_some_and(|told| told.contains(name)));
    require!(now, told, "`Image` or `ImageName` tells which disc is in the drive");
    expect!(now, fetched(), "the disc was fetched from where it is");

    let answer = match Action::find(redfish, &drive, EJECT).await? {
        Some(action) => action.ask(redfish, &json!({})).await?,
        None => redfish.patch(&path, &json!({"Image": null})).await?,
    };
    done(cx, redfish, &answer, POWER).await?;
    let now = seen(cx, redfish, &path, SETTLING, |drive| drive["Inserted"] != true).await?;
    require!(now, now.value()["Inserted"] != true, "a disc that was ejected is not in the drive");
    let image = now.value()["Image"].as_str().unwrap_or_default();
    require!(now, image.is_empty(), "an empty drive has no `Image`; it has `{image}`");
    Ok(())
}

/// Inserting a disc without an image must be refused, and the drive must stay empty.
#[conformance(
    id = "redfish.vmedia.refused",
    spec = "redfish-schema#virtualmedia",
    covers = "711f5b3e-17ad-42f3-b2d0-a6b420ecfcc7",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn insert_refused(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let drive = empty_drive(cx, redfish, &machine.found).await?;
    let Some(action) = Action::find(redfish, &drive, INSERT).await? else {
        return Err(cx.skip(Lack::feature(Service::Redfish, INSERT), format!("{} does not offer {INSERT}", at(&drive))));
    };
    let answer = action.ask(redfish, &json!({})).await?;
    let now = redfish.show(&at(&drive)).await?;
    require!(now, now.value()["Inserted"] != true, "the drive is empty as before");
    expect_message(&refused(&answer)?, &["ActionParameterMissing"]);
    Ok(())
}

/// The virtual drives of a system: its own, else those of its managers.
async fn drives(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome<Vec<Json>> {
    let mut collections: Vec<Json> = redfish.follow(system, "VirtualMedia").await?.into_iter().collect();
    if collections.is_empty() {
        for manager in super::managers::of(redfish, system).await? {
            collections.extend(redfish.follow(&manager, "VirtualMedia").await?);
        }
    }
    if collections.is_empty() {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "VirtualMedia"),
            format!("neither {} nor its manager offers VirtualMedia", at(system)),
        ));
    }
    let mut drives = Vec::new();
    for collection in collections {
        counted(redfish, &collection).await?;
        for path in redfish.member_paths(&collection).await? {
            drives.push(redfish.show(&path).await?);
        }
    }
    Ok(drives)
}

fn takes_discs(drive: &Json) -> bool {
    let types = drive.value()["MediaTypes"].as_array();
    types.is_some_and(|types| types.iter().any(|kind| kind == "CD" || kind == "DVD"))
}

/// A drive for discs with nothing in it: what somebody else put into one is not ours to eject.
async fn empty_drive(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome<Json> {
    let drives = drives(cx, redfish, system).await?;
    let empty = drives.into_iter().find(|drive| takes_discs(drive) && drive.value()["Inserted"] != true);
    empty.ok_or_else(|| {
        cx.skip(
            Lack::feature(Service::Redfish, "VirtualMedia"),
            format!("{} has no empty virtual drive for discs", at(system)),
        )
    })
}
