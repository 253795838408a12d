//! Node management: validation of what a driver is told, and maintenance.

use std::time::Duration;

use assay_kit::prelude::*;

use super::fixture::{Node, at, drivers, patiently, require_refused, show};

/// Validating a node must say of power, management, deploy and boot whether its driver knows enough or does not support it,
/// and of each that does not validate why not.
///
/// It should say of one that is not supported that it is not.
#[conformance(
    id = "baremetal.nodes.validate",
    spec = "baremetal-v1#validate-node",
    covers = "d3f8bf86-243b-4c56-8976-0b71c6445168",
    needs = [BareMetal, BareMetalMicroversion("1.11")],
)]
async fn validate(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.11")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let told = ironic.get(&format!("{}/validate", node.path)).require(200).await?.json()?;
    for key in ["power", "management", "deploy", "boot"] {
        told.get(key)?;
    }
    for key in told.keys()? {
        let interface = told.get(key)?;
        let result = interface.get("result")?;
        let is_known = result.value().is_boolean() || result.value().is_null();
        require!(result, is_known, "the result of `{key}` must be true, false or null");
        let reason = interface.value()["reason"].as_str().unwrap_or_default();
        if result.value() == false {
            require!(interface, !reason.is_empty(), "the answer must say why `{key}` does not validate");
        } else if result.value().is_null() {
            expect!(interface, !reason.is_empty(), "the answer should say that `{key}` is not supported");
        }
    }
    Ok(())
}

/// A node must be put into maintenance with a reason, and out of it again, which must clear the reason.
#[conformance(
    id = "baremetal.nodes.maintenance",
    spec = "baremetal-v1#set-maintenance-flag",
    covers = "6c7b4694-e4b5-4d45-94df-d45a557e24c5",
    needs = [BareMetal, BareMetalMicroversion("1.11")],
)]
async fn maintenance(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.11")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let path = format!("{}/maintenance", node.path);
    let reason = cx.name("maintenance");
    patiently(cx, ironic.put(&path).json(&json!({"reason": reason}))).await?.require_status(202)?;
    let seen = node.show(&ironic).await?;
    let (flag, why) = (seen.get("maintenance")?, seen.get("maintenance_reason")?);
    require_eq!(flag, flag.value(), true, "the node must be in maintenance");
    require_eq!(why, why.value(), reason.as_str(), "the reason must read back");
    patiently(cx, ironic.delete(&path)).await?.require_status(202)?;
    let seen = node.show(&ironic).await?;
    let (flag, why) = (seen.get("maintenance")?, seen.get("maintenance_reason")?);
    require_eq!(flag, flag.value(), false, "the node must no longer be in maintenance");
    require!(why, why.value().is_null(), "there must be no reason any more");
    Ok(())
}

/// A node whose driver cannot reach the machine must not become manageable: the request must be refused, or the node must get
/// an error. It must be in `enroll` then, without a target and without a reservation.
#[conformance(
    id = "baremetal.provision.verify-fails",
    spec = "baremetal-v1#change-node-provision-state",
    covers = "9409d0f0-17ee-4697-9b84-4a875f3611d6",
    needs = [BareMetal, BareMetalMicroversion("1.30")],
    seconds = 3,
)]
async fn verify_fails(cx: &Cx) -> Outcome {
    const VERIFY: Duration = Duration::from_secs(300);
    let ironic = at(cx, "1.30")?;
    let mut ignorant = None;
    for driver in drivers(&ironic).await? {
        let name = cx.name("node");
        let planned = cx.will_create(Resource::new(Kind::Node, &name))?;
        let answer = patiently(cx, ironic.post("nodes").json(&json!({"name": name, "driver": driver}))).await?;
        answer.require_status([201, 400])?;
        if answer.status() == 400 {
            continue;
        }
        let id = answer.json()?.get("uuid")?.text()?.to_owned();
        planned.created(&id);
        let path = super::fixture::path("nodes", &id);
        let told = ironic.get(&format!("{path}/validate")).require(200).await?.json()?;
        if told.at(["power", "result"])?.value() == false {
            ignorant = Some(path);
            break;
        }
    }
    let Some(path) = ignorant else {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "a driver that must be told something"),
            "no driver of the service has to be told anything: each can manage a node at once",
        ));
    };
    let change = ironic.put(&format!("{path}/states/provision")).json(&json!({"target": "manage"}));
    let answer = patiently(cx, change).await?;
    let is_refused = answer.status() == 400;
    if is_refused {
        require_refused(&answer, 400)?;
    } else {
        answer.require_status(202)?;
    }
    let look = || async { show(&ironic, &path).await };
    let settled = |node: &Json| {
        node.value()["reservation"].is_null() && node.value()["provision_state"].as_str() != Some("verifying")
    };
    let node = cx.settled(VERIFY, look, settled).await?;
    let state = node.get("provision_state")?;
    require_eq!(state, state.value(), "enroll", "a node that cannot be verified must be in `enroll` again");
    let error = node.get("last_error")?;
    let is_told = is_refused || !error.value().is_null();
    require!(error, is_told, "the node must say why it could not be verified");
    for key in ["target_provision_state", "reservation"] {
        require!(node, node.value()[key].is_null(), "a node that cannot be verified must have no `{key}`");
    }
    Ok(())
}
