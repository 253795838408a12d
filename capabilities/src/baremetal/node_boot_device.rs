//! The boot device of nodes.

use std::time::Duration;

use assay_kit::prelude::*;

use super::fixture::{fault, patiently, refused_usually, show};

/// The boot devices that a machine supports. Skips the test where its driver sets none.
async fn supported(cx: &Cx, ironic: &Client, path: &str) -> Outcome<Vec<Json>> {
    let lacks = |why: String| Err(cx.skip(Lack::feature(Service::BareMetal, "boot device"), why));
    let answer = ironic.get(&format!("{path}/supported")).send().await?;
    if answer.status() == 400 && fault(&answer).contains("not support") {
        return lacks(format!("the driver sets no boot device: {}", fault(&answer)));
    }
    answer.require_status(200)?;
    let devices = answer.json()?.get("supported_boot_devices")?.elements()?;
    if devices.is_empty() {
        return lacks("the machine supports no boot device".to_owned());
    }
    Ok(devices)
}

/// A machine must say which boot devices it supports. Each of network, disk and CD that it supports must be set, for good or
/// for once, and read back.
///
/// Each should be set both for good and for once, and which of the two should read back.
#[conformance(
    id = "baremetal.boot-device.set",
    spec = "baremetal-v1#set-boot-device",
    covers = "c1c51958-62df-4c98-be60-b8cfa40138c1",
    needs = [BareMetal, Machine],
    holds = [Machines],
    seconds = 3,
)]
async fn set(cx: &Cx) -> Outcome {
    /// How long the machine's controller may take to tell what it was told.
    const TELLS: Duration = Duration::from_secs(10);
    let machine = cx.machine().await?;
    if machine.found.value()["management_interface"] == "noop" {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "boot device"),
            "the boot device of the machine is never set: its `management_interface` is `noop`",
        ));
    }
    let ironic = cx.bare_metal()?;
    let path = format!("{}/management/boot_device", machine.path());
    let supported = supported(cx, &ironic, &path).await?;
    show(&ironic, &path).await?.get("boot_device")?;
    let has = |device: &&str| supported.iter().any(|other| other.value() == *device);
    let devices: Vec<&str> = ["pxe", "disk", "cdrom"].into_iter().filter(has).collect();
    if devices.is_empty() {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "boot device"),
            "the machine supports none of network, disk and CD as its boot device",
        ));
    }
    for device in devices {
        let mut refusals = Vec::new();
        for persistent in [true, false] {
            let change = json!({"boot_device": device, "persistent": persistent});
            let answer = patiently(cx, ironic.put(&path).json(&change)).await?;
            if answer.status() != 204 {
                // Some drivers know one of the two only.
                expect_eq!(answer, answer.status(), 204, "`{device}` should be set for good and for once");
                refusals.push(answer);
                continue;
            }
            let is_set = |now: &Json| now.value()["boot_device"] == device;
            let now = cx.settled(TELLS, || show(&ironic, &path), is_set).await?;
            let seen = now.get("boot_device")?;
            require_eq!(seen, seen.value(), device, "a boot device that was set must read back");
            let seen = now.get("persistent")?;
            expect_eq!(seen, seen.value(), persistent, "whether `{device}` is set for good should read back");
        }
        if let [refusal, _] = refusals.as_slice() {
            refusal.require_status(204)?;
        }
    }
    Ok(())
}

/// An unknown boot device, a missing one, and an unsupported one must be refused, and the boot device must stay as it is.
#[conformance(
    id = "baremetal.boot-device.refused",
    spec = "baremetal-v1#set-boot-device",
    covers = "a4953ded-5554-4a4c-84de-6b10e10b590a",
    needs = [BareMetal, Machine],
    holds = [Machines],
    seconds = 2,
)]
async fn refusals(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = cx.bare_metal()?;
    let path = format!("{}/management/boot_device", machine.path());
    let taken = supported(cx, &ironic, &path).await?;
    let before = show(&ironic, &path).await?;
    let unfit = ["wanboot", "safe", "bios"].into_iter().find(|name| !taken.iter().any(|other| other.value() == *name));
    let mut wrong = vec![(json!({"boot_device": "toaster"}), "toaster"), (json!({}), "boot_device")];
    wrong.extend(unfit.map(|device| (json!({"boot_device": device}), device)));
    for (change, names) in wrong {
        refused_usually(cx, ironic.put(&path).json(&change), 400, names).await?;
    }
    let after = show(&ironic, &path).await?;
    for key in ["boot_device", "persistent"] {
        require_eq!(after, after.value()[key], before.value()[key], "a refused request must leave `{key}` as it was");
    }
    Ok(())
}
