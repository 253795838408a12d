//! Drivers, and the interfaces that each offers.

use assay_kit::prelude::*;

use super::fixture::{at, path, show};
use crate::refusal::Refusal as _;

/// A driver with an active conductor must be listed. The default interfaces of each driver must be among its enabled ones,
/// and its properties must be explained. An unknown driver must not be found.
#[conformance(
    id = "baremetal.drivers.list",
    spec = "baremetal-v1#list-drivers",
    covers = "1cf0cfc7-b979-4f9a-b192-c0002a997de8",
    needs = [BareMetal, BareMetalMicroversion("1.30")],
)]
async fn list(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.30")?;
    let drivers = ironic.get("drivers").query("detail", true).require(200).await?.json()?.get("drivers")?;
    let mut hosts = 0;
    for driver in drivers.elements()? {
        let name = driver.get("name")?.text()?.to_owned();
        hosts += driver.get("hosts")?.elements()?.len();
        let one = show(&ironic, &path("drivers", &name)).await?;
        let told = one.get("name")?;
        require_eq!(told, told.value(), name.as_str(), "a driver is shown by its name");
        for told in [&driver, &one] {
            interfaces(told)?;
        }
        let properties = show(&ironic, &format!("{}/properties", path("drivers", &name))).await?;
        for key in properties.keys()? {
            properties.get(key)?.text()?;
        }
    }
    require!(drivers, hosts > 0, "some conductor runs some driver");
    ironic.get(&path("drivers", &cx.name("driver"))).require_refusal(404).await.map(drop)
}

/// Requires that the interfaces that are taken unless others are named are enabled.
fn interfaces(driver: &Json) -> Outcome {
    for key in driver.keys()? {
        let Some(kind) = key.strip_prefix("default_").and_then(|key| key.strip_suffix("_interface")) else { continue };
        let default = driver.get(key)?;
        if default.value().is_null() {
            continue;
        }
        let enabled = driver.get(&format!("enabled_{kind}_interfaces"))?;
        let holds = enabled.elements()?.iter().any(|one| one.value() == default.value());
        require!(default, holds, "the default `{kind}` interface, {}, is enabled", default.value());
    }
    Ok(())
}
