//! How controllers tell whether a machine is on.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Controller, SYSTEM, rewrites, rewritten, texts};

#[tokio::test(flavor = "multi_thread")]
async fn a_power_state_that_is_unknown_for_a_while_is_waited_for() {
    let states = [Value::Null, json!("Unknown"), json!("")];
    let each = states.into_iter().map(|state| async move {
        let controller = Controller::start().await;
        let reset = Arc::new(Mutex::new(None::<Instant>));
        controller.front.after(move |request, answer| {
            let mut reset = reset.lock().unwrap();
            if request.path.ends_with("ComputerSystem.Reset") {
                *reset = Some(Instant::now());
            }
            if reset.is_some_and(|at| at.elapsed() < Duration::from_secs(2)) {
                rewritten(answer, |body| {
                    if body.get("PowerState").is_some() {
                        body["PowerState"] = state.clone();
                    }
                });
            }
        });
        let told = controller.is_sound_in(&["redfish.reset.on-off", "redfish.reset.force-restart"]).await;
        assert_eq!(told, BTreeSet::new());
    });
    futures::future::join_all(each).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_state_in_lower_case_is_one_finding() {
    let controller = Controller::start().await;
    rewrites(&controller, |request, body| {
        if request.path == SYSTEM
            && let Some(state) = body["PowerState"].as_str()
        {
            body["PowerState"] = json!(state.to_ascii_lowercase());
        }
    });
    let told = controller.has_the_verdicts_of_a_sound_one().await;
    assert_eq!(told, texts(&["`PowerState` should be written as its schema writes it"]));
}
