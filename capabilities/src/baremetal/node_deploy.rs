//! Deploying machines, and undeploying them.

use assay_kit::DEPLOYMENT_MARK;
use assay_kit::prelude::*;

use super::fixture::{Node, at, offers, patiently, refused, require_untouched, show};
use super::steps::{CLEAN, DEPLOY, bring, deployed, image, provision, write_image};

/// What a refused change leaves as it was.
const KEYS: [&str; 5] = ["provision_state", "target_provision_state", "reservation", "last_error", "maintenance"];

/// What a machine is to be deployed with must read back as it is written. Then an available machine must be deployed with a
/// configuration drive and become active, without an error, and must still tell the name of its deployment.
///
/// All that it was deployed with should read back still, and it should be on.
#[conformance(
    id = "baremetal.provision.deploy",
    spec = "baremetal-v1#change-node-provision-state",
    covers = "8b44769d-9708-4639-a4f2-688be3aea73e",
    needs = [BareMetal, BareMetalMicroversion("1.56"), Machine],
    holds = [Machines],
    seconds = 4,
    timeout = 9000,
)]
async fn deploy(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.56")?;
    let info = image(cx, &machine)?;
    bring(cx, &ironic, &machine, "available").await?;
    write_image(cx, &ironic, &machine, &info).await?;
    let drive = json!({"meta_data": {"hostname": "assay"}, "user_data": "#cloud-config\n{}"});
    let change = json!({"target": "active", "configdrive": drive});
    let walked = provision(cx, &ironic, &machine.path(), &change, "active", DEPLOY).await?;
    let now = walked.node.get("instance_info")?;
    let mark = now.get(DEPLOYMENT_MARK)?;
    require_eq!(mark, *mark.value(), info[DEPLOYMENT_MARK], "the name of the deployment must read back");
    for (key, value) in info.as_object().into_iter().flatten() {
        expect_eq!(now, now.value().get(key), Some(value), "`{key}` of `instance_info` should read back");
    }
    expect_eq!(walked.node, walked.node.value()["power_state"], "power on", "a deployed machine should be on");
    Ok(())
}

/// An active machine must be rebuilt: it must leave its state and become active again, without an error.
#[conformance(
    id = "baremetal.provision.rebuild",
    spec = "baremetal-v1#change-node-provision-state",
    covers = "dfa9dcf7-2aa2-49dc-8175-d8db76b1f370",
    needs = [BareMetal, BareMetalMicroversion("1.11"), Machine],
    holds = [Machines],
    seconds = 5,
    timeout = 9000,
)]
async fn rebuild(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.11")?;
    let machine = deployed(cx, &ironic).await?;
    let walked = provision(cx, &ironic, &machine.path(), &json!({"target": "rebuild"}), "active", DEPLOY).await?;
    require!(walked.node, walked.moved(), "a machine that is rebuilt must leave its state in between");
    Ok(())
}

/// Deploying an available machine with an invalid configuration drive must be refused, and so must deploying, providing,
/// managing and inspecting an active one. The machine must stay as it is.
#[conformance(
    id = "baremetal.provision.deploy-refused",
    spec = "baremetal-v1#change-node-provision-state",
    covers = "560a65e2-1029-4f42-aee3-ee19d8b337f6",
    needs = [BareMetal, BareMetalMicroversion("1.56"), Machine],
    holds = [Machines],
    seconds = 5,
    timeout = 9000,
)]
async fn deploy_refused(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.56")?;
    let info = image(cx, &machine)?;
    bring(cx, &ironic, &machine, "available").await?;
    let path = format!("{}/states/provision", machine.path());
    let before = show(&ironic, &machine.path()).await?;
    let change = json!({"target": "active", "configdrive": 5});
    refused(cx, ironic.put(&path).json(&change), 400, "configdrive").await?;
    require_untouched(cx, &ironic, &machine.path(), &before, &KEYS).await?;
    write_image(cx, &ironic, &machine, &info).await?;
    provision(cx, &ironic, &machine.path(), &json!({"target": "active"}), "active", DEPLOY).await?;
    let before = show(&ironic, &machine.path()).await?;
    for verb in ["active", "provide", "manage", "inspect"] {
        refused(cx, ironic.put(&path).json(&json!({"target": verb})), 400, verb).await?;
    }
    require_untouched(cx, &ironic, &machine.path(), &before, &KEYS).await
}

/// An active machine must be undeployed and become available, without an error. Nothing must be left of the instance.
#[conformance(
    id = "baremetal.deprovision.undeploy",
    spec = "baremetal-v1#change-node-provision-state",
    covers = "f336d2e7-9b13-4981-b3b8-8c6dbf55950b",
    needs = [BareMetal, BareMetalMicroversion("1.11"), Machine],
    holds = [Machines],
    seconds = 5,
    timeout = 14400,
)]
async fn undeploy(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.11")?;
    let machine = deployed(cx, &ironic).await?;
    let walked = provision(cx, &ironic, &machine.path(), &json!({"target": "deleted"}), "available", CLEAN).await?;
    let (instance, info) = (walked.node.get("instance_uuid")?, walked.node.get("instance_info")?);
    require!(instance, instance.value().is_null(), "an undeployed machine must belong to no instance");
    require!(info, info.keys()?.is_empty(), "what a machine was deployed with must be gone");
    if offers(cx, 52)? {
        let newer = show(&at(cx, "1.52")?, &machine.path()).await?;
        let allocation = newer.get("allocation_uuid")?;
        require!(allocation, allocation.value().is_null(), "an undeployed machine must belong to no allocation");
    }
    Ok(())
}

/// Undeploying and rebuilding a protected machine must be refused, and it must stay active. Then its protection must be
/// removed.
///
/// They should be refused with 403.
#[conformance(
    id = "baremetal.deprovision.protected",
    spec = "baremetal-v1#update-node",
    covers = "6afd6fb2-a9aa-400d-8078-d1d4bea792e0",
    needs = [BareMetal, BareMetalMicroversion("1.48"), Machine],
    holds = [Machines],
    seconds = 5,
    timeout = 14400,
)]
async fn protected(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.48")?;
    let machine = deployed(cx, &ironic).await?;
    let protect = |value: bool| json!([{"op": "add", "path": "/protected", "value": value}]);
    // The reason tells a sweep that no user protects it.
    let reason = json!([
        {"op": "add", "path": "/protected", "value": true},
        {"op": "add", "path": "/protected_reason", "value": cx.name("protected")},
    ]);
    patiently(cx, ironic.patch(&machine.path()).json(&reason)).await?.require_status(200)?;
    let before = show(&ironic, &machine.path()).await?;
    let flag = before.get("protected")?;
    require_eq!(flag, flag.value(), true, "the machine must be protected");
    let path = format!("{}/states/provision", machine.path());
    for verb in ["deleted", "rebuild"] {
        let request = ironic.put(&path).json(&json!({"target": verb}));
        let answer = refused(cx, request, [400, 403, 409], "protected").await?;
        expect_eq!(answer, answer.status(), 403, "`{verb}` of a protected machine should be refused with 403");
    }
    require_untouched(cx, &ironic, &machine.path(), &before, &KEYS).await?;
    patiently(cx, ironic.patch(&machine.path()).json(&protect(false))).await?.require_status(200)?;
    let flag = show(&ironic, &machine.path()).await?.get("protected")?;
    require_eq!(flag, flag.value(), false, "the machine must be protected no more");
    Ok(())
}

/// Deleting a node that belongs to an instance must be refused, and the node must stay as it is.
///
/// It should be refused with 409. The node is a record of the test's own: no machine is asked to be deleted.
#[conformance(
    id = "baremetal.deprovision.delete-refused",
    spec = "baremetal-v1#delete-node",
    covers = "7bd761bb-e10c-4ce6-be70-655f98101757",
    needs = [BareMetal, BareMetalMicroversion("1.48")],
)]
async fn delete_refused(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.48")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let instance = json!([{"op": "add", "path": "/instance_uuid", "value": cx.unused_uuid()}]);
    patiently(cx, ironic.patch(&node.path).json(&instance)).await?.require_status(200)?;
    let before = node.show(&ironic).await?;
    let answer = refused(cx, ironic.delete(&node.path), [400, 403, 409], "").await?;
    expect_eq!(answer, answer.status(), 409, "deleting a node of an instance should be refused with 409");
    require_untouched(cx, &ironic, &node.path, &before, &KEYS).await
}
