//! Inspection: what a service finds out about a machine.

use assay_kit::prelude::*;

use super::fixture::{at, refused, require_untouched, show};
use super::steps::{DEPLOY, bring, provision};

/// A manageable machine must be inspected and be manageable again, without an error, and say when the inspection ended.
///
/// Its properties should have processors, architecture, memory and disk then.
#[conformance(
    id = "baremetal.inspection.run",
    spec = "baremetal-v1#change-node-provision-state",
    covers = "2a7d1905-8c27-4d2e-9a5d-d162363291aa",
    needs = [BareMetal, BareMetalMicroversion("1.11"), Machine],
    holds = [Machines],
    seconds = 3,
    timeout = 9000,
)]
async fn run(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.11")?;
    if machine.found.value()["inspect_interface"] == "no-inspect" {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "inspection"),
            "the machine has no inspection: its `inspect_interface` is `no-inspect`",
        ));
    }
    bring(cx, &ironic, &machine, "manageable").await?;
    let walked = provision(cx, &ironic, &machine.path(), &json!({"target": "inspect"}), "manageable", DEPLOY).await?;
    let ended = walked.node.get("inspection_finished_at")?;
    let before = &walked.before.value()["inspection_finished_at"];
    require!(ended, ended.value() != before && !ended.value().is_null(), "`inspection_finished_at` must move on");
    let properties = walked.node.get("properties")?;
    for key in ["cpu_arch", "memory_mb", "local_gb", "cpus"] {
        expect!(properties, properties.find(key).is_some(), "an inspected machine should have the property `{key}`");
    }
    Ok(())
}

/// Inspecting an available machine must be refused, and the machine must stay as it is.
#[conformance(
    id = "baremetal.inspection.refused",
    spec = "baremetal-v1#change-node-provision-state",
    covers = "2a007a4d-e907-47ba-8d67-5c96fa9d0fbb",
    needs = [BareMetal, BareMetalMicroversion("1.11"), Machine],
    holds = [Machines],
    seconds = 2,
    timeout = 9000,
)]
async fn refusal(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.11")?;
    bring(cx, &ironic, &machine, "available").await?;
    let before = show(&ironic, &machine.path()).await?;
    let path = format!("{}/states/provision", machine.path());
    refused(cx, ironic.put(&path).json(&json!({"target": "inspect"})), 400, "inspect").await?;
    let keys = ["provision_state", "target_provision_state", "reservation", "last_error"];
    require_untouched(cx, &ironic, &machine.path(), &before, &keys).await
}
