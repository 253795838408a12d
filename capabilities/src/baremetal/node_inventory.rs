//! The inventory of nodes: what an inspection found.

use assay_kit::prelude::*;

use super::fixture::{at, offers};
use crate::refusal::Refusal as _;

/// The inventory of an inspected machine must show processor, memory, network interfaces and disks, from the microversion on
/// that has it.
#[conformance(
    id = "baremetal.inventory.read",
    spec = "baremetal-v1#show-node-inventory",
    covers = "d9fe0afc-d587-4814-960c-4e847a3a1415",
    needs = [BareMetal, BareMetalMicroversion("1.81"), Machine],
    holds = [Machines],
)]
async fn read(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let path = format!("{}/inventory", machine.path());
    if offers(cx, 80)? {
        at(cx, "1.80")?.get(&path).require_refusal(404).await?;
    }
    let answer = at(cx, "1.81")?.get(&path).require([200, 404]).await?;
    if answer.status() == 404 {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "inspection"),
            "no inspection has stored what it found of the machine",
        ));
    }
    let found = answer.json()?;
    found.get("plugin_data")?;
    let inventory = found.get("inventory")?;
    for key in ["cpu", "memory", "interfaces", "disks"] {
        let part = inventory.get(key)?;
        require!(part, part.value().is_object() || part.value().is_array(), "`{key}` is an object or a list");
    }
    for (part, key) in [("memory", "physical_mb"), ("cpu", "count")] {
        let number = inventory.value()[part][key].as_f64();
        expect!(inventory, number.is_some_and(|number| number > 0.0), "`{part}` tells `{key}`");
    }
    Ok(())
}
