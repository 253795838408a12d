//! The service root: what a service offers.

use assay_kit::prelude::*;

/// The service root is shown to anybody; it says which version of Redfish it speaks and where its systems are.
#[conformance(
    id = "redfish.service-root.show",
    spec = "redfish#service-root-request",
    covers = "b1a9c3b6-5b41-4cf4-9b5e-2d2f3e0f6f0e",
    needs = [Redfish],
)]
async fn show(_cx: &Cx, redfish: &Redfish) -> Outcome {
    let response = redfish.client().without_token().get("/redfish/v1/").require(200).await?;
    let root = response.json()?;
    let version = root.get("RedfishVersion")?;
    let numbers: Vec<&str> = version.text()?.split('.').collect();
    let whole = numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u32>().is_ok());
    require!(version, whole, "`RedfishVersion` is three numbers joined by dots");
    require_eq!(root, root.get("@odata.id")?.text()?.trim_end_matches('/'), "/redfish/v1", "the root names itself");
    root.get("Systems")?.get("@odata.id")?.text()?;
    expect_eq!(response, response.header("odata-version"), Some("4.0"), "every answer has `OData-Version: 4.0`");
    Ok(())
}
