//! The power of nodes.

use std::time::Duration;

use assay_kit::prelude::*;

/// How long a machine may take to be turned on or off.
const POWER: Duration = Duration::from_secs(90);

/// A machine that is told to turn on does, and one that is told to turn off does: each is read back, without an error and with
/// no reservation left.
#[conformance(
    id = "baremetal.power.on-and-off",
    spec = "baremetal-v1#change-node-power-state",
    covers = "0c1a86ce-7ab7-4b49-9a4a-0f7f5b1a6c39",
    needs = [BareMetal, Machine],
    holds = [Machines],
    seconds = 3,
)]
async fn on_and_off(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = cx.bare_metal()?;
    for (target, state) in [("power on", "power on"), ("power off", "power off")] {
        ironic.put(&format!("{}/states/power", machine.path())).json(&json!({"target": target})).require(202).await?;
        let look = || async { ironic.get(&machine.path()).require(200).await?.json() };
        let settled = |node: &Json| {
            node.value()["power_state"] == state
                && node.value()["target_power_state"].is_null()
                && node.value()["reservation"].is_null()
        };
        let node = cx.settled(POWER, look, settled).await?;
        require_eq!(node, node.value()["power_state"], state, "the power is as it was asked for");
        require_eq!(node, node.value()["target_power_state"], Value::Null, "nothing more is aimed at");
        require_eq!(node, node.value()["reservation"], Value::Null, "no conductor keeps the node reserved");
        require_eq!(node, node.value()["last_error"], Value::Null, "there was no error");
    }
    Ok(())
}
