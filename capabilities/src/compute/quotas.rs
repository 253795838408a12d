//! Quotas of a project.

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::shapes::{self, checked};

/// What is bounded, up to microversion 2.35.
pub(super) const KINDS: [&str; 14] = [
    "instances",
    "cores",
    "ram",
    "floating_ips",
    "fixed_ips",
    "metadata_items",
    "key_pairs",
    "security_groups",
    "security_group_rules",
    "server_groups",
    "server_group_members",
    "injected_files",
    "injected_file_content_bytes",
    "injected_file_path_bytes",
];

/// The quotas of the project, and those of its user in it, tell every bound, and whose they are.
///
/// None should be below -1, which stands for no bound.
#[conformance(
    id = "compute.quotas.show",
    spec = "compute-v2.1#show-a-quota",
    covers = "f1ef0a97-dbbb-4cca-adc5-c9fbc4f76107",
    needs = [Compute],
)]
async fn show(cx: &Cx) -> Outcome {
    require_quotas(cx, "", None).await?;
    let user = cx.login(Role::Member).await?.user_id.clone();
    require_quotas(cx, "", Some(&user)).await
}

/// The default quotas of the project tell every bound, and whose they are.
///
/// None should be below -1, which stands for no bound.
#[conformance(
    id = "compute.quotas.show-defaults",
    spec = "compute-v2.1#list-default-quotas-for-tenant",
    covers = "9bfecac7-b966-4f47-913f-1a9e2c12134a",
    needs = [Compute],
)]
async fn show_defaults(cx: &Cx) -> Outcome {
    require_quotas(cx, "/defaults", None).await
}

async fn require_quotas(cx: &Cx, which: &str, user: Option<&str>) -> Outcome {
    let login = cx.login(Role::Member).await?;
    let Some(project) = login.project_id.as_deref() else {
        return Err(cx.skip(Lack::account(Role::Member.option()), "needs a member who logs in to a project"));
    };
    let mut request = cx.compute()?.get(&format!("os-quota-sets/{}{which}", encode(project)));
    if let Some(user) = user {
        request = request.query("user_id", user);
    }
    let quotas = checked(&request.require(200).await?, &shapes::quotas())?.get("quota_set")?;
    require_eq!(quotas, quotas.get("id")?.value(), project, "the quotas must have the id of the project");
    for kind in KINDS {
        let bound = quotas.get(kind)?.integer()?;
        expect!(quotas, bound >= -1, "the quota of {kind} should be -1 (no bound) or more, not {bound}");
    }
    Ok(())
}
