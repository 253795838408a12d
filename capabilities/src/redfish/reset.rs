//! The power of systems (`ComputerSystem`, action `Reset`).

use std::time::Duration;

use assay_kit::prelude::*;

use super::fixture::{POWER, QUIET, done, powered, refused, reset, seen, turn};

/// The ways to reset that Redfish defines (`Resource.ResetType`).
const RESET_TYPES: [&str; 16] = [
    "On",
    "ForceOff",
    "GracefulShutdown",
    "GracefulRestart",
    "ForceRestart",
    "Nmi",
    "ForceOn",
    "PushPowerButton",
    "PowerCycle",
    "Suspend",
    "Pause",
    "Resume",
    "FullPowerCycle",
    "ForcePowerCycle",
    "Sleep",
    "Hibernate",
];
/// How long an operating system may take to stop or start.
const GRACE: Duration = Duration::from_secs(180);

/// A system must offer to be reset. Where it tells its reset types, `On`, `ForceOff` and `ForceRestart` must be among them.
///
/// It should tell them, and name no unknown one.
#[conformance(
    id = "redfish.reset.advertised",
    spec = "redfish-schema#computersystem",
    covers = "a18f3017-e084-4041-8229-f0f375a307f4",
    needs = [Redfish],
)]
async fn advertised(_cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let action = reset(redfish, system).await?;
    require!(action.offer, !action.lacks_info(), "`@Redfish.ActionInfo` must lead to a resource");
    let Some(allowed) = action.allowed("ResetType")? else {
        expect!(action.offer, false, "the ways to reset should be told in `AllowableValues` or `ActionInfo`");
        return Ok(());
    };
    for kind in ["On", "ForceOff", "ForceRestart"] {
        require!(action.offer, allowed.iter().any(|other| other == kind), "{kind} must be offered");
    }
    for kind in &allowed {
        let known = RESET_TYPES.contains(&kind.as_str());
        expect!(action.offer, known, "each way to reset should be one that Redfish defines; it has no {kind}");
    }
    for kind in ["GracefulShutdown", "GracefulRestart"] {
        expect!(action.offer, allowed.iter().any(|other| other == kind), "{kind} should be offered");
    }
    Ok(())
}

/// A machine must be powered off, on and off again. Each must read back.
///
/// To be turned on when it is on should be taken, or refused with a message.
#[conformance(
    id = "redfish.reset.on-off",
    spec = "redfish-schema#computersystem",
    covers = "ecc8caeb-2827-4dc5-a8c0-0fe3ab625a80",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 18,
)]
async fn on_off(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    powered(cx, redfish, machine, "Off").await?;
    turn(cx, redfish, machine, "On", "On", POWER).await?;
    // That it is busy is a message as well.
    let target = reset(redfish, &machine.found).await?.target;
    let again = redfish.client().post(&target).json(&json!({"ResetType": "On"})).send().await?;
    let said = || again.json().is_ok_and(|body| body.find("error").is_some());
    let taken = again.status() < 300 || (matches!(again.status(), 400 | 409) && said());
    let status = again.status();
    expect!(again, taken, "On should be taken, or refused with a message, when the power is on; it answers {status}");
    turn(cx, redfish, machine, "ForceOff", "Off", POWER).await?;
    Ok(())
}

/// A machine that is restarted by force must be on afterwards.
#[conformance(
    id = "redfish.reset.force-restart",
    spec = "redfish-schema#computersystem",
    covers = "70aafcc2-c23c-4a24-ada6-da6200e9929d",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 24,
)]
async fn force_restart(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    powered(cx, redfish, machine, "On").await?;
    // Times of Redfish count seconds: the restart must not fall into that of the start.
    let before = seen(cx, redfish, &machine.path, QUIET / 2, |_| false).await?;
    turn(cx, redfish, machine, "ForceRestart", "On", POWER).await?;
    // Some machines go off on the way; they must not stay off.
    seen(cx, redfish, &machine.path, QUIET, |system| system["PowerState"] != "On").await?;
    let after = seen(cx, redfish, &machine.path, POWER, |system| system["PowerState"] == "On").await?;
    require_eq!(after, after.value()["PowerState"], "On", "the machine must be on after it was restarted");
    if before.value()["LastResetTime"].is_string() {
        let moved = after.value()["LastResetTime"] != before.value()["LastResetTime"];
        expect!(after, moved, "`LastResetTime` should tell of the restart");
    }
    Ok(())
}

/// An unknown reset type must be refused, and the power stays as it is.
///
/// It should be refused with 400, and with a message that says what is wrong.
#[conformance(
    id = "redfish.reset.unknown-type",
    spec = "redfish-schema#computersystem",
    covers = "9e6afbff-4dd7-4734-a59b-c6035f6bfabf",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 5,
)]
async fn unknown_type(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let (answer, system) = misused(cx, redfish, machine, &json!({"ResetType": "Explode"})).await?;
    let before = &machine.found.value()["PowerState"];
    require_eq!(system, &system.value()["PowerState"], before, "the power must be as before");
    let names = ["ActionParameterNotSupported", "ActionParameterValueNotInList", "ActionParameterValueFormatError"];
    refused(&answer, &names)
}

/// A reset without a type must be refused, or carried out in a way of the service's choice. The machine must be in a known
/// state afterwards.
#[conformance(
    id = "redfish.reset.no-type",
    spec = "redfish-schema#computersystem",
    covers = "52357395-6f5e-4ce9-bf6f-47ff358fadfd",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 5,
)]
async fn no_type(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let (answer, system) = misused(cx, redfish, machine, &json!({})).await?;
    if answer.status() >= 300 {
        let before = &machine.found.value()["PowerState"];
        require_eq!(system, &system.value()["PowerState"], before, "the power must be as before");
        return refused(&answer, &["ActionParameterMissing"]);
    }
    done(cx, redfish, &answer, POWER).await?;
    let known = |system: &Value| system["PowerState"] == "On" || system["PowerState"] == "Off";
    let system = seen(cx, redfish, &machine.path, POWER, known).await?;
    require!(system, known(system.value()), "the machine must be on or off within {} s", POWER.as_secs());
    Ok(())
}

/// Asks for a reset that should not be taken, and watches what becomes of the power: the system as it was seen last.
async fn misused(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine, body: &Value) -> Outcome<(Response, Json)> {
    let action = reset(redfish, &machine.found).await?;
    machine.will_turn("unknown")?;
    let answer = action.ask(redfish, body).await?;
    let before = &machine.found.value()["PowerState"];
    let known = |system: &Value| system["PowerState"] == "On" || system["PowerState"] == "Off";
    let system = seen(cx, redfish, &machine.path, QUIET, |it| known(it) && it["PowerState"] != *before).await?;
    // It may be unknown for a while.
    let system = if known(system.value()) || !known(machine.found.value()) {
        system
    } else {
        seen(cx, redfish, &machine.path, POWER, known).await?
    };
    if answer.status() >= 300 && system.value()["PowerState"] == *before {
        machine.has_turned()?;
    }
    Ok((answer, system))
}

/// A machine must be off after a graceful shutdown, and on after a graceful restart.
///
/// A machine without an operating system answers no such request: where it does not say that one runs, and refuses or does
/// nothing, the test is skipped.
#[conformance(
    id = "redfish.reset.graceful",
    spec = "redfish-schema#computersystem",
    covers = "4b7041be-6e6b-4604-8439-b041cd1a5695",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 40,
)]
async fn graceful(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let action = reset(redfish, &machine.found).await?;
    let allowed = action.allowed("ResetType")?.unwrap_or_default();
    let offered = |kind: &str| allowed.iter().any(|other| other == kind);
    if !offered("GracefulShutdown") && !offered("GracefulRestart") {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "GracefulShutdown"),
            format!("{} offers neither GracefulShutdown nor GracefulRestart", machine.path),
        ));
    }
    for (kind, to) in [("GracefulShutdown", "Off"), ("GracefulRestart", "On")] {
        if !offered(kind) {
            continue;
        }
        powered(cx, redfish, machine, "On").await?;
        gracefully(cx, redfish, machine, kind, to).await?;
    }
    Ok(())
}

async fn gracefully(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine, kind: &str, to: &str) -> Outcome {
    let action = reset(redfish, &machine.found).await?;
    let before = redfish.show(&machine.path).await?;
    machine.will_turn(to)?;
    let answer = action.ask(redfish, &json!({"ResetType": kind})).await?;
    if answer.status() >= 400 {
        machine.has_turned()?;
    }
    let runs = before.value()["BootProgress"]["LastState"] == "OSRunning";
    let nobody = || {
        cx.skip(
            Lack::resource(Service::Redfish, "operating system"),
            format!("no operating system on {} answered {kind} within {} s", machine.path, GRACE.as_secs()),
        )
    };
    if !runs && (400..500).contains(&answer.status()) {
        return Err(nobody());
    }
    // It is advertised: whatever is not taken is broken.
    done(cx, redfish, &answer, GRACE).await?;
    let system = seen(cx, redfish, &machine.path, GRACE, |system| system["PowerState"] == to).await?;
    if system.value()["PowerState"] != to && !runs {
        return Err(nobody());
    }
    let seconds = GRACE.as_secs();
    require_eq!(system, system.value()["PowerState"], to, "`PowerState` must be {to} within {seconds} s of {kind}");
    machine.has_turned()
}

/// A machine that is on must accept a non-maskable interrupt, and be on afterwards.
#[conformance(
    id = "redfish.reset.nmi",
    spec = "redfish-schema#computersystem",
    covers = "48a90de5-b92c-4036-b6be-5760c584cb55",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 15,
)]
async fn nmi(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let allowed = reset(redfish, &machine.found).await?.allowed("ResetType")?.unwrap_or_default();
    if !allowed.iter().any(|kind| kind == "Nmi") {
        return Err(cx.skip(Lack::feature(Service::Redfish, "Nmi"), format!("{} does not offer Nmi", machine.path)));
    }
    powered(cx, redfish, machine, "On").await?;
    turn(cx, redfish, machine, "Nmi", "On", POWER).await?;
    Ok(())
}
