//! The power of systems (`ComputerSystem`, action `Reset`).

use std::time::Duration;

use assay_kit::prelude::*;

use super::fixture::{POWER, QUIET, done, error, expect_message, powered, refused, reset, seen, turn};

/// The ways to reset that Redfish defines (`Resource.ResetType`).
const RESET_TYPES: [&str; 14] = [
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
];
/// How long an operating system may take to stop or start.
const GRACE: Duration = Duration::from_secs(180);

/// A system must support `On`, `ForceOff` and `ForceRestart`, and name no unknown reset type.
#[conformance(
    id = "redfish.reset.advertised",
    spec = "redfish-schema#computersystem",
    covers = "a18f3017-e084-4041-8229-f0f375a307f4",
    needs = [Redfish],
)]
async fn advertised(_cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let action = reset(redfish, system).await?;
    let Some(allowed) = action.allowed("ResetType")? else {
        let requirement = "the ways to reset are told in AllowableValues or ActionInfo".to_owned();
        return Err(action.offer.fail(requirement, None, Some(action.offer.value().to_string())));
    };
    for kind in ["On", "ForceOff", "ForceRestart"] {
        require!(action.offer, allowed.iter().any(|other| other == kind), "{kind} is offered");
    }
    for kind in &allowed {
        require!(action.offer, RESET_TYPES.contains(&kind.as_str()), "Redfish defines each way; it has no {kind}");
    }
    for kind in ["GracefulShutdown", "GracefulRestart"] {
        expect!(action.offer, allowed.iter().any(|other| other == kind), "{kind} is offered");
    }
    Ok(())
}

/// A machine must be powered off, on and off again. Each must read back.
#[conformance(
    id = "redfish.reset.on-off",
    spec = "redfish-schema#computersystem",
    covers = "ecc8caeb-2827-4dc5-a8c0-0fe3ab625a80",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 18,
    timeout = 600,
)]
async fn on_off(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    powered(cx, redfish, machine, "Off").await?;
    turn(cx, redfish, machine, "On", "On", POWER).await?;
    let again = reset(redfish, &machine.found).await?.ask(redfish, &json!({"ResetType": "On"})).await?;
    let taken = again.status() < 300 || (matches!(again.status(), 400 | 409) && error(&again).is_ok());
    expect!(
        again,
        taken,
        "On is taken, or refused with a message, when the power is on; it answers {}",
        again.status()
    );
    turn(cx, redfish, machine, "ForceOff", "Off", POWER).await?;
    Ok(())
}

/// A machine that is restarted by force must be on again, and stay on.
#[conformance(
    id = "redfish.reset.force-restart",
    spec = "redfish-schema#computersystem",
    covers = "70aafcc2-c23c-4a24-ada6-da6200e9929d",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 24,
    timeout = 600,
)]
async fn force_restart(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    powered(cx, redfish, machine, "On").await?;
    // Times of Redfish count seconds: the restart must not fall into that of the start.
    let before = seen(cx, redfish, &machine.path, QUIET / 2, |_| false).await?;
    turn(cx, redfish, machine, "ForceRestart", "On", POWER).await?;
    let after = seen(cx, redfish, &machine.path, QUIET, |system| system["PowerState"] != "On").await?;
    require_eq!(after, after.value()["PowerState"], "On", "the machine stays on after it was restarted");
    if before.value()["LastResetTime"].is_string() {
        let moved = after.value()["LastResetTime"] != before.value()["LastResetTime"];
        expect!(after, moved, "`LastResetTime` tells of the restart");
    }
    Ok(())
}

/// An unknown reset type must be refused, and the power stays as it is.
#[conformance(
    id = "redfish.reset.unknown-type",
    spec = "redfish-schema#computersystem",
    covers = "9e6afbff-4dd7-4734-a59b-c6035f6bfabf",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 5,
)]
async fn unknown_type(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let (answer, power) = misused(cx, redfish, machine, &json!({"ResetType": "Explode"})).await?;
    answer.require_status([400, 422])?;
    let error = error(&answer)?;
    require_eq!(power, power.value(), &machine.found.value()["PowerState"], "the power is as before");
    let names = ["ActionParameterNotSupported", "ActionParameterValueNotInList", "ActionParameterValueFormatError"];
    expect_message(&error, &names);
    Ok(())
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
    timeout = 600,
)]
async fn no_type(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let (answer, power) = misused(cx, redfish, machine, &json!({})).await?;
    if answer.status() >= 300 {
        let error = refused(&answer)?;
        require_eq!(power, power.value(), &machine.found.value()["PowerState"], "the power is as before");
        expect_message(&error, &["ActionParameterMissing"]);
        return Ok(());
    }
    done(cx, redfish, &answer, POWER).await?;
    let known = |system: &Value| system["PowerState"] == "On" || system["PowerState"] == "Off";
    let system = seen(cx, redfish, &machine.path, POWER, known).await?;
    require!(system, known(system.value()), "the machine is on or off within {} s", POWER.as_secs());
    Ok(())
}

/// Asks for a reset that should not be taken, and watches what becomes of the power.
async fn misused(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine, body: &Value) -> Outcome<(Response, Json)> {
    let action = reset(redfish, &machine.found).await?;
    machine.will_turn("unknown")?;
    let answer = action.ask(redfish, body).await?;
    let before = machine.found.get("PowerState")?;
    let system = seen(cx, redfish, &machine.path, QUIET, |system| system["PowerState"] != *before.value()).await?;
    let power = system.get("PowerState")?;
    if answer.status() >= 300 && power.value() == before.value() {
        machine.has_turned()?;
    }
    Ok((answer, power))
}

/// A machine must be off after a graceful shutdown, and on after a graceful restart.
///
/// A machine without an operating system answers no such request: where it does not say that one runs, and nothing happens,
/// the test is skipped.
#[conformance(
    id = "redfish.reset.graceful",
    spec = "redfish-schema#computersystem",
    covers = "4b7041be-6e6b-4604-8439-b041cd1a5695",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 40,
    timeout = 1200,
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
    // It is advertised: whatever is not taken is broken.
    done(cx, redfish, &answer, GRACE).await?;
    let system = seen(cx, redfish, &machine.path, GRACE, |system| system["PowerState"] == to).await?;
    if system.value()["PowerState"] != to && before.value()["BootProgress"]["LastState"] != "OSRunning" {
        return Err(cx.skip(
            Lack::resource(Service::Redfish, "operating system"),
            format!("no operating system on {} answered {kind} within {} s", machine.path, GRACE.as_secs()),
        ));
    }
    require_eq!(system, system.value()["PowerState"], to, "PowerState is {to} within {} s of {kind}", GRACE.as_secs());
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
    timeout = 600,
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
