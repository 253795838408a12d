//! Virtual media of nodes.

use std::time::Duration;

use assay_kit::prelude::*;

use super::fixture::{Refusal as _, at, fault, offers, patiently, refused, require_untouched, show};
use super::steps::{idle, require_no_error};

/// A medium that the machine's owner names must be attached without an error, be shown where the service shows media, and be
/// detached again.
///
/// It is the `boot_iso` or the `image_url` in the machine's `extra`: the machine has to reach it.
#[conformance(
    id = "baremetal.vmedia.attach",
    spec = "baremetal-v1#attach-a-virtual-media-to-a-node",
    covers = "d6eb2e29-311b-4044-a5b7-42438cc45e8b",
    needs = [BareMetal, BareMetalMicroversion("1.89"), Machine],
    holds = [Machines],
    seconds = 3,
)]
async fn attach(cx: &Cx) -> Outcome {
    const MEDIUM: Duration = Duration::from_secs(300);
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.89")?;
    let path = format!("{}/vmedia", machine.path());
    let told = ["instance_info", "extra"].iter().find_map(|key| {
        let info = &machine.found.value()[*key];
        info["boot_iso"].as_str().or(info["image_url"].as_str())
    });
    let had = inserted(cx, &path).await?;
    if matches!(had, Seen::Unsupported) && told.is_none() {
        return Err(
            cx.skip(Lack::feature(Service::BareMetal, "virtual media"), "the driver does not offer virtual media")
        );
    }
    if matches!(had, Seen::Inserted) {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "empty virtual drive"),
            "a medium is in a virtual drive of the machine already: take it out first",
        ));
    }
    let Some(image) = told else {
        return Err(cx.skip(
            Lack::setting("image_url"),
            format!(
                "machine `{}` names no medium that it can reach: put an `image_url` into its `extra`",
                machine.name
            ),
        ));
    };
    let resource = Resource::new(Kind::VirtualMedia, &machine.name);
    cx.will_create(Resource { id: Some(machine.id.clone()), previous: Some("cdrom".into()), ..resource })?;
    let before = show(&ironic, &machine.path()).await?;
    let medium = json!({"device_type": "cdrom", "image_url": image, "image_download_source": "http"});
    let answer = patiently(cx, ironic.post(&path).json(&medium)).await?;
    if answer.status() == 400 && fault(&answer).contains("not support") {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "virtual media"),
            format!("the driver does not offer it: {}", fault(&answer)),
        ));
    }
    answer.require_status(204)?;
    let node = idle(cx, &ironic, &before, MEDIUM).await?;
    let error = node.value()["last_error"].as_str().unwrap_or_default();
    if error.contains("not support") {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "virtual media"),
            format!("the driver does not offer it: {error}"),
        ));
    }
    require_no_error(&before, &node)?;
    let seen = inserted(cx, &path).await?;
    require!(cx, !matches!(seen, Seen::Empty), "a medium that was inserted must be shown");
    patiently(cx, ironic.delete(&path).query("device_types", "cdrom")).await?.require_status(204)?;
    require_no_error(&before, &idle(cx, &ironic, &before, MEDIUM).await?)?;
    let seen = inserted(cx, &path).await?;
    require!(cx, !matches!(seen, Seen::Inserted), "a medium that was taken out must be shown no more");
    Ok(())
}

/// What the service shows of the virtual drives of a machine.
#[derive(Debug)]
enum Seen {
    /// A medium is in one.
    Inserted,
    /// There are drives, and no medium in any.
    Empty,
    /// The driver does not tell.
    Unsupported,
    /// The service does not tell, or not so that it could be understood: the reference says nothing of the form.
    Nothing,
}

/// What is in the virtual drives now.
async fn inserted(cx: &Cx, path: &str) -> Outcome<Seen> {
    if !offers(cx, 93)? {
        return Ok(Seen::Nothing);
    }
    let answer = at(cx, "1.93")?.get(path).send().await?;
    if answer.status() == 400 && fault(&answer).contains("not support") {
        return Ok(Seen::Unsupported);
    }
    answer.require_status(200)?;
    let media: Value = serde_json::from_slice(answer.bytes()).unwrap_or_default();
    let drives = media.as_array().or_else(|| media["vmedia"].as_array());
    let told: Vec<bool> = drives.into_iter().flatten().filter_map(|drive| drive["inserted"].as_bool()).collect();
    Ok(match told.as_slice() {
        [] => Seen::Nothing,
        told if told.contains(&true) => Seen::Inserted,
        _ => Seen::Empty,
    })
}

/// An unknown type of device and a medium without an address must be refused, and a microversion before 1.89 must not attach
/// anything.
#[conformance(
    id = "baremetal.vmedia.refused",
    spec = "baremetal-v1#attach-a-virtual-media-to-a-node",
    covers = "45af7999-42f4-4b08-ac98-021a90fe7621",
    needs = [BareMetal, BareMetalMicroversion("1.89"), Machine],
    holds = [Machines],
)]
async fn refusals(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.89")?;
    let path = format!("{}/vmedia", machine.path());
    let resource = Resource::new(Kind::VirtualMedia, &machine.name);
    cx.will_create(Resource { id: Some(machine.id.clone()), previous: Some("cdrom".into()), ..resource })?;
    let before = show(&ironic, &machine.path()).await?;
    let medium = json!({"device_type": "tape", "image_url": "http://192.0.2.1/assay.iso"});
    refused(cx, ironic.post(&path).json(&medium), 400, "tape").await?;
    refused(cx, ironic.post(&path).json(&json!({"device_type": "cdrom"})), 400, "image_url").await?;
    if offers(cx, 88)? {
        let medium = json!({"device_type": "cdrom", "image_url": "http://192.0.2.1/assay.iso"});
        at(cx, "1.88")?.post(&path).json(&medium).require_refusal(404).await?;
    }
    let keys = ["last_error", "reservation", "provision_state"];
    require_untouched(cx, &ironic, &machine.path(), &before, &keys).await
}
