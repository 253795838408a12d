//! Security groups.

use std::sync::Arc;

use assay_kit::prelude::*;

use super::fixture::{Made, SECURITY_GROUP, delete_unlisted, expect_list, list as list_of, require_unlisted};
use crate::refusal::Refusal as _;

/// The key of the shared groups, as `shares` names it.
const SHARED: &str = "network.security-groups";
assay_kit::share!(SHARED, [SecurityGroups, SecurityGroups, SecurityGroups]);

/// Three security groups that the tests of rules and of ports share.
pub(super) struct Groups {
    /// Gets no rule: what tests ask for it is refused.
    pub closed: Made,
    /// Gets rules, each test its own.
    pub open: Made,
    /// Gets one test's rule, which the other groups must not have.
    pub spare: Made,
    /// Whether another one was deleted.
    deleted: Outcome,
    /// Whether that one was not listed any more.
    unlisted: Outcome,
}

impl Groups {
    async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared(SHARED, |cx| async move {
            let closed = Made::new(&cx, &SECURITY_GROUP, &json!({})).await?;
            let open = Made::new(&cx, &SECURITY_GROUP, &json!({})).await?;
            let [deleted, unlisted] = Self::delete_another(&cx).await;
            let spare = Made::new(&cx, &SECURITY_GROUP, &json!({})).await?;
            Ok(Self { closed, open, spare, deleted, unlisted })
        })
        .await
    }

    /// The same for a test of rules: the published ones also require that a group has the name it was given, and that it
    /// is not listed any more once it is deleted.
    pub(super) async fn for_rules(cx: &Cx) -> Outcome<Arc<Self>> {
        let groups = Self::shared(cx).await?;
        for group in [&groups.closed, &groups.open, &groups.spare] {
            require_named(group)?;
        }
        groups.deleted.clone()?;
        groups.unlisted.clone()?;
        Ok(groups)
    }

    /// The same for a test of ports: the published ones also require that a group can be deleted.
    pub(super) async fn for_ports(cx: &Cx) -> Outcome<Arc<Self>> {
        let groups = Self::shared(cx).await?;
        groups.deleted.clone()?;
        Ok(groups)
    }

    /// Whether another group is deleted, and not listed any more.
    async fn delete_another(cx: &Cx) -> [Outcome; 2] {
        match Made::new(cx, &SECURITY_GROUP, &json!({})).await {
            Ok(group) => [group.clear(cx).await, require_unlisted(cx, &SECURITY_GROUP, &[&group]).await],
            Err(stop) => [Err(stop.clone()), Err(stop)],
        }
    }
}

fn require_named(group: &Made) -> Outcome {
    let name = group.json.get("name")?;
    require_eq!(name, name.value(), &group.name, "a security group must have the name it was given");
    Ok(())
}

/// The list of security groups has one that is called `default`.
#[conformance(
    id = "network.security-groups.list",
    spec = "network-v2#list-security-groups",
    covers = "e30abd17-fef9-4739-8617-dc26da88e686",
    needs = [Network, NetworkExtension("security-group")],
)]
async fn list(cx: &Cx) -> Outcome {
    let groups = list_of(cx, &SECURITY_GROUP, &[]).await?;
    let mut default = false;
    for group in groups.elements()? {
        default |= group.get("name")?.value() == "default";
    }
    require!(groups, default, "a project must have a security group called `default`");
    Ok(())
}

/// A security group is made and listed, gets a new name and description that are shown, and is not listed any more once
/// it is deleted.
///
/// A list filtered by its id should have no other. With its new name it should keep its rules.
#[conformance(
    id = "network.security-groups.create-list-update-show-delete",
    spec = "network-v2#create-security-group",
    covers = "bfd128e5-3c92-44b6-9d66-7fe29d22c802",
    needs = [Network, NetworkExtension("security-group")],
    holds = [SecurityGroups],
    seconds = 2,
)]
async fn create_list_update_show_delete(cx: &Cx) -> Outcome {
    let group = Made::new(cx, &SECURITY_GROUP, &json!({})).await?;
    require_named(&group)?;
    group.require_listed(cx).await?;
    let changes = json!({"name": cx.name("security-group"), "description": cx.name("description")});
    let updated = group.update(cx, &changes).await?;
    let shown = group.show(cx).await?;
    for told in [&updated, &shown] {
        for key in ["name", "description"] {
            let now = told.get(key)?;
            require_eq!(now, now.value(), &changes[key], "the security group's `{key}` must be the new one");
        }
    }
    let (now, before) = (&shown.value()["security_group_rules"], &group.json.value()["security_group_rules"]);
    expect_eq!(shown, now, before, "a security group with a new name should keep its rules");
    delete_unlisted(cx, &SECURITY_GROUP, &[&group]).await?;
    group.delete_again(cx).await
}

/// A second security group called `default` must be refused with 409.
///
/// The project should have only the one.
#[conformance(
    id = "network.security-groups.create-default",
    spec = "network-v2#create-security-group",
    covers = "2323061e-9fbf-4eb0-b547-7e8fafc90849",
    needs = [Network, NetworkExtension("security-group")],
    holds = [SecurityGroups],
)]
async fn create_default(cx: &Cx) -> Outcome {
    // The description tells it from the project's own.
    let mark = cx.name("default");
    let planned = cx.will_create(Resource::new(Kind::SecurityGroup, &mark))?;
    let body = json!({"security_group": {"name": "default", "description": mark}});
    let answer = cx.network()?.post("security-groups").json(&body).require_refusal([201, 409]).await?;
    if answer.status() == 201 {
        planned.created(answer.json()?.at(["security_group", "id"])?.text()?);
    }
    answer.require_status(409)?;
    if let Some(found) = expect_list(cx, &SECURITY_GROUP, &[("name", "default")]).await? {
        expect_eq!(found, found.length()?, 1, "a project should have one security group called `default`");
    }
    Ok(())
}

/// Showing an unknown security group must answer 404.
#[conformance(
    id = "network.security-groups.show-unknown",
    spec = "network-v2#show-security-group",
    covers = "424fd5c3-9ddc-486a-b45f-39bf0c820fc6",
    needs = [Network, NetworkExtension("security-group")],
)]
async fn show_unknown(cx: &Cx) -> Outcome {
    cx.network()?.get(&format!("security-groups/{}", cx.unused_uuid())).require_refusal(404).await.map(drop)
}

/// Deleting an unknown security group must answer 404.
#[conformance(
    id = "network.security-groups.delete-unknown",
    spec = "network-v2#delete-security-group",
    covers = "1f1bb89d-5664-4956-9fcd-83ee0fa603df",
    needs = [Network, NetworkExtension("security-group")],
)]
async fn delete_unknown(cx: &Cx) -> Outcome {
    cx.network()?.delete(&format!("security-groups/{}", cx.unused_uuid())).require_refusal(404).await.map(drop)
}
