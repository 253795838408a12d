//! Subnet pools.

use assay_kit::prelude::*;

use super::fixture::{Made, SUBNET_POOL, expect_list, told_ids};
use crate::refusal::Refusal as _;

/// A subnet pool is made, shown, gets a new name, and is not found any more once it is deleted.
///
/// It should be listed by its name, and have the prefixes that it was made with.
#[conformance(
    id = "network.subnet-pools.create-show-update-delete",
    spec = "network-v2#create-subnet-pool",
    covers = "62595970-ab1c-4b7f-8fcc-fddfe55e9811",
    needs = [Network, NetworkExtension("subnet_allocation")],
    seconds = 2,
)]
async fn create_show_update_delete(cx: &Cx) -> Outcome {
    let prefixes = json!(["10.101.0.0/16"]);
    let pool = Made::new(cx, &SUBNET_POOL, &json!({"prefixes": prefixes})).await?;
    require_eq!(pool.json, pool.json.get("name")?.value(), &pool.name, "a subnet pool must have the name it was given");
    let shown = pool.show(cx).await?;
    require_eq!(shown, shown.get("name")?.value(), &pool.name, "a subnet pool must be shown with its name");
    expect_eq!(shown, &shown.value()["prefixes"], &prefixes, "a subnet pool should have the prefixes it was made with");
    let name = cx.name("subnetpool");
    let updated = pool.update(cx, &json!({"name": name})).await?;
    require_eq!(updated, updated.get("name")?.value(), &name, "a subnet pool must have its new name");
    if let Some(listed) = expect_list(cx, &SUBNET_POOL, &[("name", &name)]).await? {
        let wanted = json!(pool.id);
        expect_eq!(listed, told_ids(&listed), [&wanted], "a subnet pool should be listed by its name");
    }
    pool.remove(cx).await?;
    cx.network()?.get(&pool.path).require_refusal(404).await?;
    pool.delete_again(cx).await
}
