//! What others do with a machine while it is put back: each request to change it looks at it first.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use assay_hostile::{Answer, Request, Turn};
use serde_json::{Value, json};

use super::world::{IMAGE, Operator, World};
use crate::support::end;

const MACHINE: &str = "/v1/nodes/reference-1";
const DEPLOY: &str = "baremetal.provision.deploy";
const ON_OFF: &str = "baremetal.power.on-off";

fn asks(request: &Request, place: &str, word: &str) -> bool {
    request.method == "PUT" && request.path.ends_with(place) && request.text().contains(word)
}

/// Kills a run of a test right after the answer to this request.
async fn killed_after(world: &World, test: &str, place: &'static str, word: &'static str) {
    let ironic = world.ironic.as_ref().unwrap();
    let mut child = world.start(&[test]);
    while !ironic.changes().iter().any(|request| asks(request, place, word)) {
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert!(child.try_wait().unwrap().is_none(), "the run does not ask for {word}");
    }
    child.start_kill().unwrap();
    child.wait().await.unwrap();
}

/// The run has given the machine up when somebody deploys it.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_the_run_undeployed_and_somebody_deployed_is_not_swept() {
    let world = World::metal().await;
    killed_after(&world, DEPLOY, "/states/provision", "deleted").await;
    world.operator().deploy(MACHINE, None).await;
    world.ironic.as_ref().unwrap().forget();
    world.leaves_deployed(MACHINE).await;
}

/// An operator puts the machine into maintenance while it is undeployed: by the run itself, or by a sweep.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_put_into_maintenance_meanwhile_is_left_so() {
    for is_swept in [true, false] {
        let world = World::metal().await;
        if is_swept {
            killed_after(&world, DEPLOY, "/states/provision", "active").await;
            world.operator().state(MACHINE, "active").await;
        }
        let ironic = world.ironic.as_ref().unwrap();
        ironic.forget();
        let (operator, once) = (world.operator(), AtomicBool::new(false));
        ironic.after(move |request, _: &mut Answer| {
            if asks(request, "/states/provision", "deleted") && !once.swap(true, Ordering::Relaxed) {
                let reason = json!({"reason": "hands inside: do not power"});
                let place = format!("{MACHINE}/maintenance");
                assert_eq!(Operator::now(operator.ask("PUT", &place, &reason)).0, 202);
            }
        });
        let ended = if is_swept { world.sweep(&["run"]).await } else { world.run(&[DEPLOY]).await };
        ended.says(5, &["reference-1", "maintenance"]);
        let (_, node) = world.operate("GET", MACHINE, &Value::Null).await;
        assert_eq!(
            (&node["maintenance"], &node["maintenance_reason"]),
            (&json!(true), &json!("hands inside: do not power"))
        );
        let changes = ironic.changes();
        let undeployed = changes.iter().position(|request| asks(request, "/states/provision", "deleted")).unwrap();
        assert_eq!(changes[undeployed + 1..], [], "swept: {is_swept}");
        world.is_unharmed(&ended).await;
    }
}

/// A conductor is busy with the machine, and somebody deploys it, while a sweep asks again and again for its power.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_somebody_deploys_between_two_attempts_is_left() {
    let world = World::metal().await;
    killed_after(&world, ON_OFF, "/states/power", "on").await;
    let ironic = world.ironic.as_ref().unwrap();
    ironic.forget();
    let (operator, deployed) = (world.operator(), Arc::new(AtomicBool::new(false)));
    let done = deployed.clone();
    ironic.before(move |request| {
        if !asks(request, "/states/power", "power") || done.swap(true, Ordering::Relaxed) {
            return Turn::Pass;
        }
        Operator::now(async {
            operator.deploy(MACHINE, Some("5b8a7c1e-0000-4000-8000-00000000beef")).await;
            operator.ask("PUT", &format!("{MACHINE}/states/power"), &json!({"target": "power on"})).await;
        });
        Turn::Answer(Answer::json(409, r#"{"error_message": "Node is locked by host conductor-1"}"#))
    });
    let ended = world.sweep(&["run"]).await;
    ended.says(5, &["reference-1", "instance"]);
    assert!(deployed.load(Ordering::Relaxed), "{ended:#?}");
    let node = world.operator().state(MACHINE, "active").await;
    assert_eq!((&node["power_state"], &node["instance_info"]["image_source"]), (&json!("power on"), &json!(IMAGE)));
    assert_eq!(ironic.changes().len(), 1, "{:#?}", ironic.changes());
    world.is_unharmed(&ended).await;
}

/// A machine is in a state that the killed test never asks for: somebody writes its firmware, or has taken it out of service.
#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_the_run_did_not_ask_for_is_somebody_elses() {
    for state in ["clean wait", "cleaning", "inspecting", "inspect wait", "servicing", "verifying"] {
        let world = World::metal().await;
        killed_after(&world, ON_OFF, "/states/power", "on").await;
        let ironic = world.ironic.as_ref().unwrap();
        ironic.forget();
        ironic.after(move |request, answer| {
            let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            if request.method == "GET" && body["name"] == "reference-1" {
                body["provision_state"] = json!(state);
                answer.body = body.to_string().into();
            }
        });
        let ended = world.sweep(&["run", "--yes"]).await;
        ended.says(5, &["reference-1", state]);
        assert_eq!(ironic.changes(), [], "{state}");
        world.is_unharmed(&ended).await;
    }
    let world = World::metal().await;
    killed_after(&world, ON_OFF, "/states/power", "on").await;
    world.operator().state(MACHINE, "available").await;
    world.operate("PUT", &format!("{MACHINE}/states/provision"), &json!({"target": "manage"})).await;
    world.operator().state(MACHINE, "manageable").await;
    world.ironic.as_ref().unwrap().forget();
    let ended = world.sweep(&["run", "--yes"]).await;
    ended.says(5, &["reference-1", "manageable"]);
    assert_eq!(world.ironic.as_ref().unwrap().changes(), []);
    world.is_unharmed(&ended).await;
}

/// Somebody takes the machine while a test of the run has it.
#[tokio::test(flavor = "multi_thread")]
async fn a_test_changes_no_machine_that_somebody_has_put_into_maintenance() {
    let world = World::metal().await;
    let (operator, once) = (world.operator(), AtomicBool::new(false));
    let ironic = world.ironic.as_ref().unwrap();
    ironic.after(move |request, _: &mut Answer| {
        if asks(request, "/states/power", "on") && !once.swap(true, Ordering::Relaxed) {
            Operator::now(operator.ask("PUT", &format!("{MACHINE}/maintenance"), &json!({"reason": "burnt PSU"})));
        }
    });
    let ended = end(world.start(&[ON_OFF])).await;
    ended.says(5, &["reference-1", "maintenance"]);
    let changes = ironic.changes();
    let on = changes.iter().position(|request| asks(request, "/states/power", "on")).unwrap();
    assert_eq!(changes[on + 1..], []);
    world.is_unharmed(&ended).await;
}
