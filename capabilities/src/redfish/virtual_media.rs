//! Media that a machine sees as its own drives (`VirtualMedia`).

use assay_kit::metal::{Medium, is_loaded, take_out};
use assay_kit::prelude::*;

use super::fixture::{Action, Links, POWER, SETTLING, at, done, expect_members, reached, readable, refused, seen};

const INSERT: &str = "#VirtualMedia.InsertMedia";
const EJECT: &str = "#VirtualMedia.EjectMedia";

/// A system, or its manager, must have a virtual drive. The medium of each that takes discs must be changeable.
///
/// Each drive should say which media it takes, and whether there is one in it. One should take discs.
#[conformance(
    id = "redfish.vmedia.list",
    spec = "redfish-schema#virtualmedia",
    covers = "40526813-f389-4b4c-a986-04171f2c3aa2",
    needs = [Redfish],
)]
async fn list(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let (mut links, mut discs) = (Links::default(), 0);
    let drives = drives(cx, redfish, system, &mut links).await?;
    links.all_lead_somewhere(system)?;
    for drive in &drives {
        expect_members(drive, &["MediaTypes", "Inserted", "WriteProtected"]);
        if let Some(types) = drive.find("MediaTypes").filter(|types| !types.value().is_null()) {
            types.elements()?;
        }
        if !takes_discs(drive) {
            continue;
        }
        discs += 1;
        let insert = Action::find(redfish, drive, INSERT).await?;
        let eject = Action::find(redfish, drive, EJECT).await?;
        let actions = insert.is_some() && eject.is_some();
        let writable = insert.is_none() && drive.find("Image").is_some() && allows_patch(redfish, drive).await?;
        require!(drive, actions || writable, "{} must offer {INSERT} and {EJECT}, or a writable `Image`", at(drive));
    }
    require!(system, !drives.is_empty(), "the system must have a virtual drive");
    expect!(system, discs > 0, "one of the virtual drives should take CDs or DVDs");
    Ok(())
}

/// Whether a resource says in `Allow` that it can be changed.
async fn allows_patch(redfish: &Redfish, resource: &Json) -> Outcome<bool> {
    let answer = redfish.get(&at(resource)).send().await?;
    Ok(answer.header("allow").is_some_and(|methods| methods.to_ascii_uppercase().contains("PATCH")))
}

/// A disc that is inserted into an empty virtual drive must be in it, and must be gone once it is ejected.
///
/// A machine fetches the disc: it has to reach the address that the deployment file names, or this machine. The drive should
/// name the disc, and need nothing but its address.
#[conformance(
    id = "redfish.vmedia.insert",
    spec = "redfish-schema#virtualmedia",
    covers = "501e2d0d-07a4-4251-8186-e7d28eade477",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 3,
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
    let answer = put_in(redfish, &drive, &image).await?;
    let fetched = || served.as_ref().is_none_or(Medium::was_asked_for);
    if matches!(answer.status(), 400 | 500 | 502 | 503 | 504) && !fetched() {
        let status = answer.status();
        return Err(Stop::Error(format!(
            "{path} answers {status} and never asked for {image}: the machine may not reach this one; name an image that \
             it reaches with `medium` in the deployment file"
        )));
    }
    done(cx, redfish, &answer, POWER).await?;
    let now = seen(cx, redfish, &path, SETTLING, is_loaded).await?;
    require!(now, is_loaded(now.value()), "a disc that was put in must be in the drive");
    let name = image.rsplit('/').next().unwrap_or_default();
    let told =
        ["Image", "ImageName"].iter().any(|key| now.value()[*key].as_str().is_some_and(|told| told.contains(name)));
    expect!(now, told, "`Image` or `ImageName` should tell which disc is in the drive");
    expect!(now, fetched(), "the disc should be fetched from where it is");

    let answer = take_out(redfish, &drive).await?;
    done(cx, redfish, &answer, POWER).await?;
    let now = seen(cx, redfish, &path, SETTLING, |drive| !is_loaded(drive)).await?;
    require!(now, !is_loaded(now.value()), "a disc that was ejected must not be in the drive");
    let image = now.value()["Image"].as_str().unwrap_or_default();
    expect!(now, image.is_empty(), "an empty drive should have no `Image`; it has `{image}`");
    Ok(())
}

/// Asks for a disc to be put in: by its address alone, for some services refuse what they need not be told; and then with what
/// a service says that it wants to be told. Where there is no action, the drive itself is changed, and said to hold it.
async fn put_in(redfish: &Redfish, drive: &Json, image: &str) -> Outcome<Response> {
    let protocol = if image.starts_with("https:") { "HTTPS" } else { "HTTP" };
    let credentials = json!({"UserName": "none", "Password": "none"});
    // What each is asked for by, and what it is answered with: sushy does the same.
    let known = [
        ("TransferProtocolType", json!({"TransferProtocolType": protocol})),
        ("TransferMethod", json!({"TransferMethod": "Stream"})),
        ("UserName", credentials.clone()),
        ("Password", credentials.clone()),
        ("Inserted", json!({"Inserted": true})),
        ("WriteProtected", json!({"WriteProtected": true})),
        // The service does not name the missing parameter: only these are known to be asked for so.
        ("parameter missing", credentials),
    ];
    let action = Action::find(redfish, drive, INSERT).await?;
    let mut wanted = match action {
        Some(_) => json!({"Image": image}),
        None => json!({"Image": image, "Inserted": true, "WriteProtected": true}),
    };
    let mut is_spare = action.is_none();
    loop {
        let answer = match &action {
            Some(action) => redfish.act(&action.target, &wanted).await?,
            None => redfish.change(&at(drive), &wanted).await?,
        };
        let text = if answer.status() >= 400 { answer.text() } else { String::new() };
        let lacks = |more: &Value| more.as_object().into_iter().flatten().any(|(name, _)| wanted.get(name).is_none());
        if let Some((_, more)) = known.iter().find(|(name, more)| text.contains(name) && lacks(more)) {
            let more = more.as_object().cloned().unwrap_or_default();
            let asked = more.keys().map(String::as_str).collect::<Vec<_>>().join(" and ");
            expect!(answer, false, "a disc should be inserted by its `Image` alone; the service asks for {asked}");
            for (name, value) in more {
                wanted[name.as_str()] = value;
            }
        } else if is_spare && answer.status() == 400 {
            // What it was told beside the image may be what it does not take.
            is_spare = false;
            wanted = json!({"Image": image});
        } else {
            return Ok(answer);
        }
    }
}

/// Inserting a disc without an image must be refused, and the drive must stay empty.
///
/// It should be refused with 400, and with a message that says what is wrong.
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
    require!(now, !is_loaded(now.value()), "the drive must be empty as before");
    refused(&answer, &["ActionParameterMissing"])
}

/// The virtual drives of a system: its own, else those of its managers. Of links that lead nowhere those of the managers are
/// noted: the system's own are the matter of `redfish.systems.links`.
async fn drives(cx: &Cx, redfish: &Redfish, system: &Json, links: &mut Links) -> Outcome<Vec<Json>> {
    if let Some(collection) = reached(redfish, system, "VirtualMedia").await? {
        return readable(cx, redfish, &collection, "VirtualMedia").await;
    }
    let (mut drives, mut offered) = (Vec::new(), false);
    for manager in super::managers::of(redfish, system).await? {
        if let Some(path) = redfish.path(&manager, "VirtualMedia")? {
            offered = true;
            drives.extend(links.collection(redfish, "VirtualMedia", &path).await?);
        }
    }
    if !offered {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "VirtualMedia"),
            format!("neither {} nor its manager offers VirtualMedia", at(system)),
        ));
    }
    Ok(drives)
}

/// Whether a drive takes discs; one that does not say which media it takes may.
fn takes_discs(drive: &Json) -> bool {
    let types = drive.value()["MediaTypes"].as_array();
    types.is_none_or(|types| types.iter().any(|kind| kind == "CD" || kind == "DVD"))
}

/// A drive for discs with nothing in it: what somebody else put into one is not ours to eject. One that says that it takes
/// discs comes first.
async fn empty_drive(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome<Json> {
    let mut drives = drives(cx, redfish, system, &mut Links::default()).await?;
    drives.retain(|drive| takes_discs(drive) && !is_loaded(drive.value()));
    drives.sort_by_key(|drive| !drive.value()["MediaTypes"].is_array());
    drives.into_iter().next().ok_or_else(|| {
        cx.skip(
            Lack::feature(Service::Redfish, "VirtualMedia"),
            format!("{} has no empty virtual drive for discs", at(system)),
        )
    })
}
