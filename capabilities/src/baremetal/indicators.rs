//! Indicators of nodes, such as a light by which a machine is found.

use std::time::Duration;

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::fixture::{at, fault, patiently, show};

/// The indicators of a machine must be listed with their names. The first one that can be changed must change to another state
/// and back, and each must read back.
///
/// Each should be listed with its component, its states, and whether it can only be read.
#[conformance(
    id = "baremetal.indicators.set",
    spec = "baremetal-v1#set-indicator-state",
    covers = "ef643ca3-a479-4b6f-9f66-785cf3bb9db0",
    needs = [BareMetal, BareMetalMicroversion("1.63"), Machine],
    holds = [Machines],
    seconds = 2,
)]
async fn set(cx: &Cx) -> Outcome {
    /// How long the machine's controller may take to tell what it was told.
    const TELLS: Duration = Duration::from_secs(10);
    let lacks = |why: String| Err(cx.skip(Lack::feature(Service::BareMetal, "indicators"), why));
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.63")?;
    let path = format!("{}/management/indicators", machine.path());
    let answer = ironic.get(&path).require([200, 400]).await?;
    if answer.status() == 400 {
        return lacks(format!("the machine has no indicators: {}", fault(&answer)));
    }
    let indicators = answer.json()?.get("indicators")?.elements()?;
    for indicator in &indicators {
        let name = indicator.get("name")?;
        require!(name, !name.text()?.is_empty(), "an indicator must have a name");
        let of = indicator.value();
        expect!(indicator, of["component"].is_string(), "an indicator should tell its component");
        expect!(indicator, of["states"].is_array(), "an indicator should tell its states");
        expect!(indicator, of["readonly"].is_boolean(), "an indicator should tell whether it can only be read");
    }
    let Some(first) = indicators.first() else { return lacks("the machine has no indicators".to_owned()) };
    let Some(writable) = indicators.iter().find(|one| one.value()["readonly"] == false) else {
        let name = first.get("name")?.text()?.to_owned();
        show(&ironic, &format!("{path}/{}", encode(&name))).await?.get("state")?;
        return lacks("the machine has no indicator that can be changed".to_owned());
    };
    let name = writable.get("name")?.text()?.to_owned();
    let one = format!("{path}/{}", encode(&name));
    let before = show(&ironic, &one).await?.get("state")?.value().clone();
    let is_known = |state: &Value| state.as_str().is_some_and(|state| !state.eq_ignore_ascii_case("unknown"));
    let states = writable.value()["states"].as_array().cloned().unwrap_or_default();
    let other = states.iter().find(|state| is_known(state) && **state != before);
    let (true, Some(other)) = (is_known(&before), other) else {
        return lacks(format!("the indicator `{name}` cannot be changed and changed back: it is {before}"));
    };
    let previous = json!({"indicator": name, "state": before}).to_string();
    let resource = Resource::new(Kind::Indicator, &format!("{} {name}", machine.name));
    cx.will_create(Resource { id: Some(machine.id.clone()), previous: Some(previous), ..resource })?;
    for state in [other, &before] {
        patiently(cx, ironic.put(&one).json(&json!({"state": state}))).await?.require_status(204)?;
        let now =
            cx.settled(TELLS, || show(&ironic, &one), |now| now.value()["state"] == *state).await?.get("state")?;
        require_eq!(now, now.value(), state, "an indicator that was changed must read back");
    }
    Ok(())
}
