//! Availability zones.

use assay_kit::prelude::*;

/// The list of availability zones has some.
///
/// Each zone should have a name and say whether it is available. One should be available.
#[conformance(
    id = "block-storage.availability-zones.list",
    spec = "block-storage-v3#list-availability-zone-information",
    covers = "01f1ae88-eba9-4c6b-a011-6f7ace06b725",
    needs = [BlockStorage],
)]
async fn list(cx: &Cx) -> Outcome {
    let list = cx.block_storage()?.get("os-availability-zone").require(200).await?.json()?;
    let list = list.get("availabilityZoneInfo")?;
    let zones = list.elements()?;
    require!(list, !zones.is_empty(), "the list of availability zones must not be empty");
    for zone in &zones {
        expect!(zone, zone.value()["zoneName"].is_string(), "an availability zone should have a name");
        expect!(zone, zone.value()["zoneState"]["available"].is_boolean(), "an availability zone should have a state");
    }
    let available = zones.iter().any(|zone| zone.value()["zoneState"]["available"] == true);
    expect!(list, available, "at least one availability zone should be available");
    Ok(())
}
