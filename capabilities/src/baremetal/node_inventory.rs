//! The inventory of nodes: what an inspection found.

use assay_kit::prelude::*;

use super::fixture::{Refusal as _, at, offers};

/// The inventory of an inspected machine must show processor and network interfaces, from the microversion on that has it.
///
/// It should show memory and disks, count the processors, tell the size of the memory, and come with the data of plugins.
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
    expect!(found, found.find("plugin_data").is_some(), "an inventory should come with `plugin_data`");
    let inventory = found.get("inventory")?;
    inventory.get("cpu")?.keys()?;
    inventory.get("interfaces")?.elements()?;
    for key in ["memory", "disks"] {
        expect!(inventory, inventory.find(key).is_some(), "an inventory should tell of `{key}`");
    }
    for (part, key) in [("memory", "physical_mb"), ("cpu", "count")] {
        let number = inventory.value()[part][key].as_f64();
        expect!(inventory, number.is_some_and(|number| number > 0.0), "`{part}` should tell `{key}`");
    }
    Ok(())
}
