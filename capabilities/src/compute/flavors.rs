//! Flavors.

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::shapes::{self, checked};

/// The flavor that servers have here is in the list of flavors, with the name and links that it is shown with.
#[conformance(
    id = "compute.flavors.list",
    spec = "compute-v2.1#list-flavors",
    covers = "e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59",
    needs = [Compute],
)]
async fn list(cx: &Cx) -> Outcome {
    let listed = cx.compute()?.get("flavors").require(200).await?;
    let flavors = checked(&listed, &shapes::flavors())?.get("flavors")?;
    let shown = chosen(cx).await?;
    let brief = json!({"id": shown.value()["id"], "name": shown.value()["name"], "links": shown.value()["links"]});
    require_contains(&flavors, &brief)
}

/// The flavor that servers have here is in the list of flavors in detail, just as it is shown.
#[conformance(
    id = "compute.flavors.list-detailed",
    spec = "compute-v2.1#list-flavors-with-details",
    covers = "6e85fde4-b3cd-4137-ab72-ed5f418e8c24",
    needs = [Compute],
)]
async fn list_detailed(cx: &Cx) -> Outcome {
    let listed = cx.compute()?.get("flavors/detail").require(200).await?;
    let flavors = checked(&listed, &shapes::flavors_in_detail())?.get("flavors")?;
    let shown = chosen(cx).await?;
    require_contains(&flavors, shown.value())
}

/// The flavor that servers have here, as it is shown.
pub(super) async fn chosen(cx: &Cx) -> Outcome<Json> {
    let id = &cx.choices().await?.flavor;
    let shown = cx.compute()?.get(&format!("flavors/{}", encode(id))).require(200).await?;
    let flavor = checked(&shown, &shapes::flavor())?.get("flavor")?;
    expect_eq!(flavor, flavor.value()["id"], *id, "the flavor that is shown is the one that was asked for");
    Ok(flavor)
}

fn require_contains(flavors: &Json, wanted: &Value) -> Outcome {
    let found = flavors.elements()?.iter().any(|flavor| flavor.value() == wanted);
    require!(flavors, found, "the list of flavors has {wanted}");
    Ok(())
}
