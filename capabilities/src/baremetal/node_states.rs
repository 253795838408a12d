//! The provision state of nodes: the states between which a machine is enrolled, managed and available.

use assay_kit::prelude::*;

use super::fixture::{Node, at, refused, require_untouched, show};
use super::steps::{CLEAN, PROVISION, can_be_available, provision};

/// The state summary of a new node must show `enroll`, and that of a machine the state that the machine is in. Neither must
/// have a target, and both must agree with the node.
#[conformance(
    id = "baremetal.provision.states",
    spec = "baremetal-v1#node-state-summary",
    covers = "57857cd6-9563-45a2-a15d-50b1ee0aae00",
    needs = [BareMetal, BareMetalMicroversion("1.11"), Machine],
    holds = [Machines],
)]
async fn states(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.11")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let machine = cx.machine().await?;
    // A machine that a test takes is available or manageable.
    let found = machine.found.get("provision_state")?.value().clone();
    for (path, expected) in [(node.path.clone(), json!("enroll")), (machine.path(), found)] {
        let summary = show(&ironic, &format!("{path}/states")).await?;
        let state = summary.get("provision_state")?;
        require_eq!(state, *state.value(), expected, "the summary must tell the state that the node is in");
        let target = summary.get("target_provision_state")?;
        require!(target, target.value().is_null(), "a node that rests must not have a target");
        let node = show(&ironic, &path).await?;
        require_eq!(node, node.value()["provision_state"], *state.value(), "the node must agree with its summary");
    }
    Ok(())
}

/// A machine must go from available to manageable and back, or the other way round. Each state must be reached without an
/// error, target, reservation or maintenance.
///
/// `provision_updated_at` should move on with each change.
#[conformance(
    id = "baremetal.provision.manage-provide",
    spec = "baremetal-v1#change-node-provision-state",
    covers = "9f989a82-8782-4065-9eac-da46ebd00328",
    needs = [BareMetal, BareMetalMicroversion("1.11"), Machine],
    holds = [Machines],
    seconds = 3,
    timeout = 9000,
)]
async fn manage_provide(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.11")?;
    can_be_available(cx, &machine)?;
    let mut ways = [("manage", "manageable", PROVISION), ("provide", "available", CLEAN)];
    if machine.found.value()["provision_state"] == "manageable" {
        ways.reverse();
    }
    for (verb, to, within) in ways {
        let walked = provision(cx, &ironic, &machine.path(), &json!({"target": verb}), to, within).await?;
        expect!(walked.node, walked.moved(), "a change of state should move `provision_updated_at` on");
    }
    Ok(())
}

/// Each illegal or unknown change of state of a node in `enroll` must be refused, and the node must stay as it is.
#[conformance(
    id = "baremetal.provision.illegal",
    spec = "baremetal-v1#change-node-provision-state",
    covers = "d4ba437f-c215-43a8-8da4-3ffb7587a418",
    needs = [BareMetal, BareMetalMicroversion("1.38")],
    seconds = 2,
)]
async fn illegal(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.38")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let before = node.show(&ironic).await?;
    let step = json!([{"interface": "deploy", "step": "erase_devices_metadata"}]);
    let wrong = [
        json!({"target": "active"}),
        json!({"target": "rebuild"}),
        json!({"target": "deleted"}),
        json!({"target": "provide"}),
        json!({"target": "inspect"}),
        json!({"target": "clean", "clean_steps": step}),
        json!({"target": "rescue", "rescue_password": cx.unused_uuid()}),
        json!({"target": "unrescue"}),
        json!({"target": "explode"}),
    ];
    let path = format!("{}/states/provision", node.path);
    for change in wrong {
        let verb = change["target"].as_str().unwrap_or_default();
        let request = ironic.put(&path).json(&change);
        if verb == "deleted" {
            refused(cx, request, [400, 404], verb).await?;
        } else {
            refused(cx, request, 400, verb).await?;
        }
    }
    let keys = ["provision_state", "target_provision_state", "reservation", "last_error"];
    require_untouched(cx, &ironic, &node.path, &before, &keys).await
}
