//! Drivers, and the interfaces that each offers.

use assay_kit::prelude::*;

use super::fixture::{Refusal as _, at, path, show};

/// The kinds of interfaces that each driver tells of since dynamic drivers came, with microversion 1.30.
const KINDS: [&str; 9] = ["boot", "console", "deploy", "inspect", "management", "network", "power", "raid", "vendor"];

/// A driver with an active conductor must be listed. Each driver must name its default and its enabled interfaces, and the
/// defaults must be among the enabled ones. Its properties must be explained. An unknown driver must be refused.
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
        require_eq!(told, told.value(), name.as_str(), "a driver must be shown by its name");
        for told in [&driver, &one] {
            interfaces(told)?;
        }
        let properties = show(&ironic, &format!("{}/properties", path("drivers", &name))).await?;
        for key in properties.keys()? {
            properties.get(key)?.text()?;
        }
    }
    require!(drivers, hosts > 0, "some conductor must run some driver");
    let unknown = ironic.get(&path("drivers", &cx.name("driver"))).require_refusal([400, 404]).await?;
    expect_eq!(unknown, unknown.status(), 404, "an unknown driver should not be found");
    Ok(())
}

/// Requires that the interfaces that are taken unless others are named are told, and enabled.
fn interfaces(driver: &Json) -> Outcome {
    for kind in KINDS {
        driver.get(&format!("default_{kind}_interface"))?;
        driver.get(&format!("enabled_{kind}_interfaces"))?;
    }
    for key in driver.keys()? {
        let Some(kind) = key.strip_prefix("default_").and_then(|key| key.strip_suffix("_interface")) else { continue };
        let default = driver.get(key)?;
        if default.value().is_null() {
            continue;
        }
        let enabled = driver.get(&format!("enabled_{kind}_interfaces"))?;
        let holds = enabled.elements()?.iter().any(|one| one.value() == default.value());
        require!(default, holds, "the default `{kind}` interface, {}, must be enabled", default.value());
    }
    Ok(())
}
