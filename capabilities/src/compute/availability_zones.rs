//! Availability zones.

use assay_kit::prelude::*;

use super::shapes::{self, checked};

/// The list of availability zones has some, without their hosts.
///
/// One of them should be available.
#[conformance(
    id = "compute.availability-zones.list",
    spec = "compute-v2.1#get-availability-zone-information",
    covers = "a8333aa2-205c-449f-a828-d38c2489bf25",
    needs = [Compute],
)]
async fn list(cx: &Cx) -> Outcome {
    let response = cx.compute()?.get("os-availability-zone").require(200).await?;
    let zones = checked(&response, &shapes::availability_zones())?.get("availabilityZoneInfo")?;
    let listed = zones.elements()?;
    require!(zones, !listed.is_empty(), "the list must hold an availability zone");
    let available = listed.iter().any(|zone| zone.value()["zoneState"]["available"] == true);
    expect!(zones, available, "one of the availability zones should be available");
    Ok(())
}
