//! Firmware of nodes.

use assay_kit::prelude::*;

use super::fixture::{Refusal as _, at, offers, show};

/// The firmware of a machine must be listed by component, with its current and its initial version, from the microversion on
/// that has it.
///
/// A component should be the BIOS, the BMC or a network interface.
#[conformance(
    id = "baremetal.firmware.list",
    spec = "baremetal-v1#list-all-firmware-components-by-node",
    covers = "4c94c274-c523-49f4-a3c9-9cadb727ee94",
    needs = [BareMetal, BareMetalMicroversion("1.86"), Machine],
    holds = [Machines],
)]
async fn list(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let path = format!("{}/firmware", machine.path());
    if offers(cx, 85)? {
        at(cx, "1.85")?.get(&path).require_refusal(404).await?;
    }
    let components = show(&at(cx, "1.86")?, &path).await?.get("firmware")?.elements()?;
    for component in &components {
        for key in ["component", "current_version", "initial_version"] {
            component.get(key)?;
        }
        let name = component.get("component")?.text()?.to_ascii_lowercase();
        let known = matches!(name.as_str(), "bios" | "bmc") || name.starts_with("nic:");
        expect!(component, known, "a component should be the BIOS, the BMC or a network interface: {name}");
    }
    if components.is_empty() {
        return Err(
            cx.skip(Lack::feature(Service::BareMetal, "firmware"), "nothing is known of the machine's firmware yet")
        );
    }
    Ok(())
}
