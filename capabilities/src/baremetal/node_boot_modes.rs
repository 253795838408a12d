//! How nodes start: their boot mode, and secure boot.

use std::time::Duration;

use assay_kit::Machine;
use assay_kit::prelude::*;

use super::fixture::{at, fault, patiently, refused, require_unchanged, show};
use super::steps::{bring_power, idle, require_no_error};

/// How long a machine that is off may take to be set: some are restarted for it, and the service waits 15 minutes for that
/// unless it is told otherwise.
const MODE: Duration = Duration::from_secs(1200);
/// How long a conductor may look at a machine after requests that are refused.
const REST: Duration = Duration::from_secs(120);
/// How long the service may take to see it: three times as long as it waits between looks unless it is told otherwise.
const SEEN: Duration = Duration::from_secs(180);

/// Sets one of the two to what the machine does not have. Skips the test where the driver, or the machine, cannot.
async fn change(cx: &Cx, ironic: &Client, machine: &Machine, key: &str, value: &Value) -> Outcome {
    let before = show(ironic, &machine.path()).await?;
    let answer = ask(cx, ironic, machine, key, value).await?;
    let lacks = |why: &str| {
        let reason = format!("the machine does not take another `{key}`: {why}");
        Err(cx.skip(Lack::feature(Service::BareMetal, "boot mode"), reason))
    };
    if answer.status() == 400 && fault(&answer).contains("not support") {
        return lacks(&fault(&answer));
    }
    answer.require_status(202)?;
    let node = idle(cx, ironic, &before, MODE).await?;
    let error = node.value()["last_error"].as_str().unwrap_or_default();
    if !error.is_empty() && node.value()["last_error"] != before.value()["last_error"] {
        return lacks(error);
    }
    require_set(cx, ironic, machine, key, value).await
}

/// Sets one of the two to what the machine had.
async fn change_back(cx: &Cx, ironic: &Client, machine: &Machine, key: &str, value: &Value) -> Outcome {
    let before = show(ironic, &machine.path()).await?;
    ask(cx, ironic, machine, key, value).await?.require_status(202)?;
    require_no_error(&before, &idle(cx, ironic, &before, MODE).await?)?;
    require_set(cx, ironic, machine, key, value).await
}

/// Asks for a value of one of the two.
async fn ask(cx: &Cx, ironic: &Client, machine: &Machine, key: &str, value: &Value) -> Outcome<Response> {
    let request = ironic.put(&format!("{}/states/{key}", machine.path())).json(&json!({"target": value}));
    patiently(cx, request).await
}

/// Requires that one of the two reads as it was set.
async fn require_set(cx: &Cx, ironic: &Client, machine: &Machine, key: &str, value: &Value) -> Outcome {
    let path = format!("{}/states", machine.path());
    let states = cx.settled(SEEN, || show(ironic, &path), |states| states.value()[key] == *value).await?;
    let now = states.get(key)?;
    require_eq!(now, now.value(), value, "`{key}` must read back as it was set");
    Ok(())
}

/// A machine that is off must change from UEFI to BIOS, or from BIOS to UEFI, and back. Each must read back, without an error
/// and without a reservation. The test is skipped where the machine does not take another boot mode, and says so in an error.
#[conformance(
    id = "baremetal.boot-mode.set",
    spec = "baremetal-v1#change-node-boot-mode",
    covers = "5e7040b8-1af9-48f2-a159-5cb1aed3207a",
    needs = [BareMetal, BareMetalMicroversion("1.76"), Machine],
    holds = [Machines],
    seconds = 2,
    timeout = 3600,
)]
async fn set_boot_mode(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.76")?;
    bring_power(cx, &ironic, &machine, "power off").await?;
    let before = show(&ironic, &format!("{}/states", machine.path())).await?.get("boot_mode")?;
    let (first, second) = if before.value() == "bios" { ("uefi", "bios") } else { ("bios", "uefi") };
    change(cx, &ironic, &machine, "boot_mode", &json!(first)).await?;
    change_back(cx, &ironic, &machine, "boot_mode", &json!(second)).await
}

/// An unknown boot mode, a missing one, and a secure boot that is neither true nor false must be refused. The machine must
/// keep its boot mode, without an error.
#[conformance(
    id = "baremetal.boot-mode.refused",
    spec = "baremetal-v1#change-node-boot-mode",
    covers = "df2554ba-03b1-4ad0-8cc6-9c66c5edd043",
    needs = [BareMetal, BareMetalMicroversion("1.76"), Machine],
    holds = [Machines],
    seconds = 2,
)]
async fn refusals(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.76")?;
    let before = show(&ironic, &machine.path()).await?;
    let wrong = [
        ("boot_mode", json!({"target": "floppy"}), "floppy"),
        ("boot_mode", json!({}), "target"),
        ("secure_boot", json!({"target": "maybe"}), "maybe"),
    ];
    for (key, body, names) in wrong {
        let request = ironic.put(&format!("{}/states/{key}", machine.path())).json(&body);
        refused(cx, request, 400, names).await?;
    }
    let after = idle(cx, &ironic, &before, REST).await?;
    require_unchanged(&before, &after, &["boot_mode", "secure_boot", "last_error", "provision_state", "power_state"])
}

/// A machine that is off and boots by UEFI must have its secure boot switched and switched back. Each must read back, without
/// an error and without a reservation. The test is skipped where the machine does not take it, and says so in an error.
#[conformance(
    id = "baremetal.secure-boot.set",
    spec = "baremetal-v1#change-node-secure-boot",
    covers = "11e09a4b-0ed4-467f-9378-3164295d7365",
    needs = [BareMetal, BareMetalMicroversion("1.76"), Machine],
    holds = [Machines],
    seconds = 2,
    timeout = 3600,
)]
async fn set_secure_boot(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.76")?;
    let states = show(&ironic, &format!("{}/states", machine.path())).await?;
    if states.value()["boot_mode"] == "bios" {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "UEFI"),
            "the machine starts by BIOS: secure boot is for one that starts by UEFI",
        ));
    }
    bring_power(cx, &ironic, &machine, "power off").await?;
    let before = states.value()["secure_boot"] == true;
    change(cx, &ironic, &machine, "secure_boot", &json!(!before)).await?;
    change_back(cx, &ironic, &machine, "secure_boot", &json!(before)).await
}
