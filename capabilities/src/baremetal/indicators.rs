//! Indicators of nodes, such as a light by which a machine is found.

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::fixture::{at, fault, patiently, show};

/// The indicators of a machine must be listed with component, name and states. The first one that can be changed must change
/// to another state and back, and each must read back.
#[conformance(
    id = "baremetal.indicators.set",
    spec = "baremetal-v1#set-indicator-state",
    covers = "ef643ca3-a479-4b6f-9f66-785cf3bb9db0",
    needs = [BareMetal, BareMetalMicroversion("1.63"), Machine],
    holds = [Machines],
    seconds = 2,
)]
async fn set(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.63")?;
    let path = format!("{}/management/indicators", machine.path());
    let answer = ironic.get(&path).require([200, 400]).await?;
    if answer.status() == 400 {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "indicators"),
            format!("the machine has no indicators: {}", fault(&answer)),
        ));
    }
    let indicators = answer.json()?.get("indicators")?.elements()?;
    for indicator in &indicators {
        for key in ["component", "name"] {
            indicator.get(key)?.text()?;
        }
        indicator.get("states")?.elements()?;
        indicator.get("readonly")?.truth()?;
    }
    let Some(first) = indicators.first() else {
        return Err(cx.skip(Lack::feature(Service::BareMetal, "indicators"), "the machine has no indicators"));
    };
    let Some(writable) = indicators.iter().find(|one| one.value()["readonly"] == false) else {
        let name = first.get("name")?.text()?.to_owned();
        return show(&ironic, &format!("{path}/{}", encode(&name))).await?.get("state").map(drop);
    };
    let name = writable.get("name")?.text()?.to_owned();
    let one = format!("{path}/{}", encode(&name));
    let before = show(&ironic, &one).await?.get("state")?.value().clone();
    let states = writable.get("states")?.elements()?;
    let Some(other) = states.iter().map(Json::value).find(|state| **state != before) else {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "indicators"),
            format!("the indicator `{name}` has one state only"),
        ));
    };
    let previous = json!({"indicator": name, "state": before}).to_string();
    let resource = Resource::new(Kind::Indicator, &format!("{} {name}", machine.name));
    cx.will_create(Resource { id: Some(machine.id.clone()), previous: Some(previous), ..resource })?;
    for state in [other, &before] {
        patiently(cx, ironic.put(&one).json(&json!({"state": state}))).await?.require_status(204)?;
        let now = show(&ironic, &one).await?.get("state")?;
        require_eq!(now, now.value(), state, "an indicator that was changed reads back");
    }
    Ok(())
}
