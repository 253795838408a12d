//! The boot device of nodes.

use assay_kit::prelude::*;

use super::fixture::{patiently, refused, show};

/// A machine must say which boot devices it supports. Each of network, disk and CD that it supports must be set, for good and
/// for once, and read back.
#[conformance(
    id = "baremetal.boot-device.set",
    spec = "baremetal-v1#set-boot-device",
    covers = "c1c51958-62df-4c98-be60-b8cfa40138c1",
    needs = [BareMetal, Machine],
    holds = [Machines],
    seconds = 3,
    timeout = 900,
)]
async fn set(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = cx.bare_metal()?;
    let path = format!("{}/management/boot_device", machine.path());
    show(&ironic, &path).await?.get("boot_device")?;
    let supported = show(&ironic, &format!("{path}/supported")).await?.get("supported_boot_devices")?;
    require!(supported, !supported.elements()?.is_empty(), "the machine takes some boot device");
    for device in ["pxe", "disk", "cdrom"] {
        if !supported.elements()?.iter().any(|other| other.value() == device) {
            continue;
        }
        for persistent in [true, false] {
            let change = json!({"boot_device": device, "persistent": persistent});
            patiently(cx, ironic.put(&path).json(&change)).await?.require_status(204)?;
            let now = show(&ironic, &path).await?;
            let seen = now.get("boot_device")?;
            require_eq!(seen, seen.value(), device, "a boot device that was set reads back");
            let seen = now.get("persistent")?;
            expect_eq!(seen, seen.value(), persistent, "whether `{device}` is set for good reads back");
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
    timeout = 900,
)]
async fn refusals(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = cx.bare_metal()?;
    let path = format!("{}/management/boot_device", machine.path());
    let before = show(&ironic, &path).await?;
    let supported = show(&ironic, &format!("{path}/supported")).await?.get("supported_boot_devices")?;
    let taken = supported.elements()?;
    let unfit = ["wanboot", "safe", "bios"].into_iter().find(|name| !taken.iter().any(|other| other.value() == *name));
    let mut wrong = vec![(json!({"boot_device": "toaster"}), "toaster"), (json!({}), "boot_device")];
    wrong.extend(unfit.map(|device| (json!({"boot_device": device}), device)));
    for (change, names) in wrong {
        refused(cx, ironic.put(&path).json(&change), 400, names).await?;
    }
    let after = show(&ironic, &path).await?;
    for key in ["boot_device", "persistent"] {
        require_eq!(after, after.value()[key], before.value()[key], "a refused request leaves `{key}` as it was");
    }
    Ok(())
}
