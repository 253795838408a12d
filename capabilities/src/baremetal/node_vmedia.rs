//! Virtual media of nodes.

use std::time::Duration;

use assay_kit::prelude::*;

use super::fixture::{at, fault, offers, patiently, refused, require_unchanged, show};
use super::steps::{idle, require_no_error};
use crate::refusal::Refusal as _;

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
    timeout = 900,
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
    if lacking(cx, &machine.path()).await? {
        return Err(
            cx.skip(Lack::feature(Service::BareMetal, "virtual media"), "the driver does not offer virtual media")
        );
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
    require!(cx, inserted(cx, &path).await? != Some(false), "a medium that was inserted is shown");
    patiently(cx, ironic.delete(&path).query("device_types", "cdrom")).await?.require_status(204)?;
    require_no_error(&before, &idle(cx, &ironic, &before, MEDIUM).await?)?;
    require!(cx, inserted(cx, &path).await? != Some(true), "a medium that was taken out is shown no more");
    Ok(())
}

/// Whether the driver says, when it is asked what is inserted, that it lacks virtual media.
async fn lacking(cx: &Cx, machine: &str) -> Outcome<bool> {
    if !offers(cx, 93)? {
        return Ok(false);
    }
    let answer = at(cx, "1.93")?.get(&format!("{machine}/vmedia")).send().await?;
    Ok(answer.status() == 400 && fault(&answer).contains("not support"))
}

/// Whether a CD is inserted, where the service shows that.
async fn inserted(cx: &Cx, path: &str) -> Outcome<Option<bool>> {
    if !offers(cx, 93)? {
        return Ok(None);
    }
    let media = at(cx, "1.93")?.get(path).require(200).await?.text();
    let media: Value = serde_json::from_str(&media).unwrap_or_default();
    let devices = media.as_array().cloned().or_else(|| media["vmedia"].as_array().cloned()).unwrap_or_default();
    Ok(Some(devices.iter().any(|device| device["inserted"] == true)))
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
    require_unchanged(
        &before,
        &show(&ironic, &machine.path()).await?,
        &["last_error", "reservation", "provision_state"],
    )
}
