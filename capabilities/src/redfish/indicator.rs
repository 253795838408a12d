//! The light by which a person finds a machine (`ComputerSystem`).

use assay_kit::prelude::*;

use super::fixture::{SETTLING, patched, seen};

/// The indicator of a machine must be switched and switched back. Each must read back.
#[conformance(
    id = "redfish.indicator.set",
    spec = "redfish-schema#computersystem",
    covers = "9ade9620-fe51-4670-baa4-976b15e9d4ba",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn set(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let found = machine.found.value();
    let (name, states) = if let Some(active) = found["LocationIndicatorActive"].as_bool() {
        ("LocationIndicatorActive", [json!(!active), json!(active)])
    } else if let Some(led) = found["IndicatorLED"].as_str() {
        ("IndicatorLED", [json!(if led == "Off" { "Blinking" } else { "Off" }), json!(led)])
    } else {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "LocationIndicatorActive"),
            format!("{} has neither LocationIndicatorActive nor IndicatorLED", machine.path),
        ));
    };
    for state in states {
        patched(cx, redfish, &machine.path, &json!({name: state})).await?;
        let system = seen(cx, redfish, &machine.path, SETTLING / 6, |system| system[name] == state).await?;
        require_eq!(system, system.value()[name], state, "`{name}` is as it was written");
    }
    Ok(())
}
