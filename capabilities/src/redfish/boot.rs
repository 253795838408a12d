//! What a system boots from, and how (`ComputerSystem`, `Boot`).

use assay_kit::prelude::*;

use super::fixture::{QUIET, SETTLING, expect_message, patched, powered, refused, seen};

const TARGET: &str = "BootSourceOverrideTarget";
const ENABLED: &str = "BootSourceOverrideEnabled";
const MODE: &str = "BootSourceOverrideMode";

/// A one-time boot override to the network must be set and read back.
#[conformance(
    id = "redfish.boot.once",
    spec = "redfish-schema#computersystem",
    covers = "906fcef2-a40c-487a-931b-8f92a3df986b",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn once(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let boot = machine.found.get("Boot")?;
    let allowed = boot.value()["BootSourceOverrideTarget@Redfish.AllowableValues"].as_array();
    for target in ["Pxe", "Hdd", "Cd"] {
        let told = allowed.is_some_and(|allowed| allowed.contains(&json!(target)));
        expect!(boot, told, "{target} is among the targets that the system says it can boot from");
    }
    overridden(cx, redfish, machine, &json!({TARGET: "Pxe", ENABLED: "Once"})).await?;
    Ok(())
}

/// A continuous boot override must be set, changed and disabled. Each must read back.
#[conformance(
    id = "redfish.boot.continuous",
    spec = "redfish-schema#computersystem",
    covers = "113eab9c-1019-4249-9e9d-1791d02c64b4",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn continuous(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    overridden(cx, redfish, machine, &json!({TARGET: "Cd", ENABLED: "Continuous"})).await?;
    overridden(cx, redfish, machine, &json!({TARGET: "Hdd", ENABLED: "Continuous"})).await?;
    overridden(cx, redfish, machine, &json!({ENABLED: "Disabled"})).await?;
    Ok(())
}

/// Changes the boot settings, and requires that they read back.
async fn overridden(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine, change: &Value) -> Outcome {
    machine.found.get("Boot")?;
    patched(cx, redfish, &machine.path, &json!({"Boot": change})).await?;
    let system = seen(cx, redfish, &machine.path, SETTLING / 6, |system| shows(&system["Boot"], change)).await?;
    let boot = system.get("Boot")?;
    for (name, value) in change.as_object().into_iter().flatten() {
        require_eq!(boot, &boot.value()[name], value, "`{name}` is as it was written");
    }
    Ok(())
}

fn shows(boot: &Value, change: &Value) -> bool {
    change.as_object().into_iter().flatten().all(|(name, value)| boot[name] == *value)
}

/// An unknown boot target and an unknown duration must be refused, and the boot settings stay as they are.
#[conformance(
    id = "redfish.boot.refused",
    spec = "redfish-schema#computersystem",
    covers = "69e5fb02-f868-486e-800b-5d82ebbf79ce",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn boot_refused(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    unchanged(cx, redfish, machine, &json!({TARGET: "Toaster"})).await?;
    unchanged(cx, redfish, machine, &json!({ENABLED: "Perhaps"})).await?;
    Ok(())
}

/// Asks for boot settings that must be refused.
async fn unchanged(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine, change: &Value) -> Outcome {
    let before = machine.found.get("Boot")?;
    let answer = redfish.patch(&machine.path, &json!({"Boot": change})).await?;
    let error = refused(&answer)?;
    let system = seen(cx, redfish, &machine.path, QUIET / 5, |system| system["Boot"] != *before.value()).await?;
    require_eq!(system, &system.value()["Boot"], before.value(), "the boot settings are as before");
    expect_message(&error, &["PropertyValueNotInList", "PropertyValueTypeError", "PropertyValueFormatError"]);
    Ok(())
}

/// A machine that is off must be set to the other boot mode, UEFI or legacy, and back. Each must read back, as the present
/// setting or as a pending one.
#[conformance(
    id = "redfish.boot-mode.set",
    spec = "redfish-schema#computersystem",
    covers = "0f00ce26-1aa3-4b36-a8ea-8a1594d32892",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 2,
    timeout = 600,
)]
async fn mode_set(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let boot = machine.found.get("Boot")?;
    let Some(before) = boot.find(MODE).filter(|mode| mode.value().is_string()) else {
        return Err(cx.skip(Lack::feature(Service::Redfish, MODE), format!("{} has no `{MODE}`", machine.path)));
    };
    let before = before.text()?.to_owned();
    let allowed = boot.value()[format!("{MODE}@Redfish.AllowableValues")].as_array().cloned();
    let other = if before == "UEFI" { "Legacy" } else { "UEFI" };
    let other = if allowed.is_none_or(|allowed| allowed.contains(&json!(other))) { other } else { &before };
    powered(cx, redfish, machine, "Off").await?;
    for mode in [other, &before] {
        let change = json!({"Boot": {MODE: mode}});
        let settings = machine.found.find("@Redfish.Settings");
        let pending = match &settings {
            Some(settings) => redfish.path(settings, "SettingsObject")?,
            None => None,
        };
        patched(cx, redfish, &machine.path, &change).await?;
        let now = seen(cx, redfish, &machine.path, SETTLING / 6, |system| system["Boot"][MODE] == mode).await?;
        let waits = match (now.value()["Boot"][MODE] == mode, pending) {
            (false, Some(path)) => redfish.show(&path).await?.value()["Boot"][MODE] == mode,
            _ => false,
        };
        if !waits {
            require_eq!(now, now.value()["Boot"][MODE], mode, "`{MODE}` is as it was written");
        }
    }
    Ok(())
}

/// An unknown boot mode must be refused, and the boot settings stay as they are.
#[conformance(
    id = "redfish.boot-mode.refused",
    spec = "redfish-schema#computersystem",
    covers = "01f6fffe-6b8d-44e6-9902-d4f3937e2c27",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn mode_refused(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    if machine.found.get("Boot")?.find(MODE).is_none() {
        return Err(cx.skip(Lack::feature(Service::Redfish, MODE), format!("{} has no `{MODE}`", machine.path)));
    }
    unchanged(cx, redfish, machine, &json!({MODE: "Punchcard"})).await?;
    Ok(())
}
