//! The light by which a person finds a machine (`ComputerSystem`).

use assay_kit::prelude::*;

use super::fixture::{SETTLING, done, judged, patched, seen};

/// The indicator of a machine must be switched and switched back. Each must read back.
///
/// `LocationIndicatorActive` may be read-only, and so may `IndicatorLED` where the machine is not a physical one: one of them
/// should be switched.
#[conformance(
    id = "redfish.indicator.set",
    spec = "redfish-schema#computersystem",
    covers = "9ade9620-fe51-4670-baa4-976b15e9d4ba",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn set(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let found = machine.found.value();
    // What can be written: the name, another state, and the present one.
    let mut ways: Vec<(&str, Value, Value)> = Vec::new();
    if let Some(active) = found["LocationIndicatorActive"].as_bool() {
        ways.push(("LocationIndicatorActive", json!(!active), json!(active)));
    }
    // A light of which nothing is known could not be put back.
    let led = found["IndicatorLED"].as_str().filter(|led| matches!(*led, "Lit" | "Blinking" | "Off"));
    if let Some(led) = led {
        let others: &[&str] = if led == "Off" { &["Blinking", "Lit"] } else { &["Off"] };
        ways.extend(others.iter().map(|other| ("IndicatorLED", json!(other), json!(led))));
    }
    if ways.is_empty() {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "LocationIndicatorActive"),
            format!("{} has neither LocationIndicatorActive nor IndicatorLED", machine.path),
        ));
    }
    let mut refused = None;
    for (name, other, before) in ways {
        let answer = redfish.change(&machine.path, &json!({name: other})).await?;
        judged(&answer)?;
        if (400..500).contains(&answer.status()) {
            refused = Some(answer);
            continue;
        }
        done(cx, redfish, &answer, SETTLING).await?;
        reads(cx, redfish, machine, name, &other).await?;
        patched(cx, redfish, &machine.path, &json!({name: before})).await?;
        return reads(cx, redfish, machine, name, &before).await;
    }
    if let Some(answer) = refused {
        let must = led.is_some() && found["SystemType"] == "Physical";
        require!(answer, !must, "`IndicatorLED` of a physical system must be writable");
        expect!(answer, false, "`LocationIndicatorActive` or `IndicatorLED` should be writable");
    }
    Ok(())
}

/// Requires that the indicator is as it was written.
async fn reads(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine, name: &str, state: &Value) -> Outcome {
    let system = seen(cx, redfish, &machine.path, SETTLING, |system| system[name] == *state).await?;
    require_eq!(system, &system.value()[name], state, "`{name}` must be as it was written");
    Ok(())
}
