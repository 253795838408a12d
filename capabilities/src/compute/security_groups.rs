//! Security groups by way of Compute, up to microversion 2.35.

use std::time::Duration;

use assay_kit::Planned;
use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::changed::Turn;
use super::fixture::{PATIENCE, Server, require_no_body};
use super::server_actions::reboot;
use super::shapes::{self, checked};
use crate::refusal::Refusal as _;

/// How long a deleted security group may still be there, where that it goes is only promised.
const MOMENT: Duration = Duration::from_secs(10);

/// Security groups that are created are listed as their creation was answered, and are not any more once they are deleted.
///
/// Nothing should be listed with their ids then, and each should have the description that was sent.
#[conformance(
    id = "compute.security-groups.list",
    spec = "compute-v2.1#list-security-groups",
    covers = "eb2b087d-633d-4d0d-a7bd-9e6ba35b32de",
    needs = [Compute, Network],
    holds = [SecurityGroups, SecurityGroups, SecurityGroups],
    seconds = 3,
)]
async fn list(cx: &Cx) -> Outcome {
    let mut groups = Vec::new();
    for _ in 0..3 {
        groups.push(Group::make(cx, &cx.name("group")).await?);
    }
    let listed = listed(cx).await?;
    for group in &groups {
        let found = listed.elements()?.iter().any(|one| one.value() == group.json.value());
        require!(listed, found, "the list must hold security group {} as its creation was answered", group.name);
    }
    for group in &groups {
        group.delete(cx).await?;
    }
    let listed = self::listed(cx).await?;
    for group in &groups {
        let found = listed.elements()?;
        let same = found.iter().any(|one| one.value() == group.json.value());
        require!(listed, !same, "the list must not hold security group {} any more, which was deleted", group.name);
        let other = found.iter().any(|one| one.value()["id"] == group.json.value()["id"]);
        expect!(listed, !other, "the list should hold nothing with the id of deleted security group {}", group.name);
    }
    Ok(())
}

/// A security group keeps the spaces around and in its name, is shown as its creation was answered, and can be deleted.
#[conformance(
    id = "compute.security-groups.create-show-delete",
    spec = "compute-v2.1#show-security-group-details",
    covers = "ecc0da4a-2117-48af-91af-993cca39a615",
    needs = [Compute, Network],
    holds = [SecurityGroups],
    seconds = 2,
)]
async fn create_show_delete(cx: &Cx) -> Outcome {
    let name = format!(" {} s ", cx.name("group"));
    let group = Group::make(cx, &name).await?;
    require_eq!(group.json, group.json.value()["name"], name, "the security group must have the name that was sent");
    let shown = group.show(cx).await?;
    require_eq!(shown, shown.value(), group.json.value(), "the group must be shown as its creation was answered");
    group.delete(cx).await
}

/// A security group is shown with the name and description that it was given later, and can be deleted.
///
/// It should keep its rules, and be gone once it is deleted.
#[conformance(
    id = "compute.security-groups.update",
    spec = "compute-v2.1#update-security-group",
    covers = "7d4e1d3c-3209-4d6d-b020-986304ebad1f",
    needs = [Compute, Network],
    holds = [SecurityGroups],
    seconds = 2,
)]
async fn update(cx: &Cx) -> Outcome {
    let group = Group::make(cx, &cx.name("group")).await?;
    let (name, description) = (cx.name("renamed"), cx.name("description"));
    let body = json!({"security_group": {"name": name, "description": description}});
    let updated = cx.compute()?.put(&group.path).json(&body).require(200).await?;
    checked(&updated, &shapes::security_group())?;
    let shown = group.show(cx).await?;
    require_eq!(shown, shown.value()["name"], name, "the security group must have its new name");
    require_eq!(shown, shown.value()["description"], description, "the security group must have its new description");
    expect_eq!(shown, shown.value()["rules"], group.json.value()["rules"], "the security group should keep its rules");
    group.clean_up(cx).await
}

/// Security groups that a server is put in are listed among the server's, and can be deleted in the end.
///
/// It should be possible to take the server out of them; then they should not be among its own any more, and it should be
/// possible to delete them while the server is there.
#[conformance(
    id = "compute.security-groups.list-by-server",
    spec = "compute-v2.1#list-security-groups-by-server",
    covers = "79517d60-535a-438f-af3d-e6feab1cbea7",
    needs = [Compute, Network],
    holds = [ChangedServer, SecurityGroups, SecurityGroups],
    shares = ["compute.changed-server"],
    seconds = 4,
)]
async fn list_by_server(cx: &Cx) -> Outcome {
    let groups = [Group::make(cx, &cx.name("group")).await?, Group::make(cx, &cx.name("group")).await?];
    let turn = Turn::take(cx).await?;
    if let Err(stop) = put_in(cx, &turn, &groups).await {
        return turn.end(Err(stop)).await;
    }
    let taken_out = take_out(cx, &turn, &groups).await;
    match turn.end(taken_out).await {
        Err(Stop::Fail(finding)) => {
            cx.deviate(finding.requirement, finding.expected, finding.actual);
            // The server is gone, as it is in the published test when they are deleted.
            for group in &groups {
                group.clean_up(cx).await?;
            }
            Ok(())
        }
        other => other,
    }
}

async fn put_in(cx: &Cx, server: &Server, groups: &[Group]) -> Outcome {
    for group in groups {
        server.act(cx, json!({"addSecurityGroup": {"name": group.name}})).await?;
    }
    let (listed, ids) = groups_of(cx, server).await?;
    for group in groups {
        require!(listed, ids.contains(&group.id), "the list of the server's security groups must hold {}", group.name);
    }
    Ok(())
}

/// Takes a server out of security groups, and deletes them. The published test does not: what fails here is a deviation.
async fn take_out(cx: &Cx, server: &Server, groups: &[Group]) -> Outcome {
    for group in groups {
        server.act(cx, json!({"removeSecurityGroup": {"name": group.name}})).await?;
    }
    let (listed, ids) = groups_of(cx, server).await?;
    for group in groups {
        let still = ids.contains(&group.id);
        require!(
            listed,
            !still,
            "the list of the server's security groups should not hold {} any more, which it was taken out of",
            group.name
        );
    }
    for group in groups {
        group.delete(cx).await?;
    }
    Ok(())
}

async fn groups_of(cx: &Cx, server: &Server) -> Outcome<(Json, Vec<String>)> {
    let listed = cx.compute()?.get(&format!("{}/os-security-groups", server.path)).require(200).await?;
    let listed = checked(&listed, &shapes::security_groups())?.get("security_groups")?;
    let ids = listed.elements()?.iter().map(id_of).collect::<Outcome<_>>()?;
    Ok((listed, ids))
}

/// A security group that an active server is in cannot be deleted (400), also after a hard reboot; when the server is gone
/// it can.
///
/// It should still be there when its deletion was refused.
#[conformance(
    id = "compute.security-groups.delete-while-used",
    spec = "compute-v2.1#delete-security-group",
    covers = "fe4abc0d-83f5-4c50-ad11-57a1127297a2",
    needs = [Compute, Network],
    holds = [Servers, SecurityGroups, SecurityGroups],
    seconds = 9,
)]
async fn delete_while_used(cx: &Cx) -> Outcome {
    let compute = cx.compute()?;
    let groups = [Group::make(cx, &cx.name("group")).await?, Group::make(cx, &cx.name("group")).await?];
    let server = Server::make(cx, json!({})).await?;
    for (at, group) in groups.iter().enumerate() {
        if at > 0 {
            reboot(cx, &server).await?;
        }
        server.act(cx, json!({"addSecurityGroup": {"name": group.name}})).await?;
        let refused = compute.delete(&group.path).require_refusal(400).await?;
        let shown = compute.get(&group.path).send().await?;
        expect_eq!(refused, shown.status(), 200, "the security group should still be there");
    }
    server.delete(cx).await?;
    for group in &groups {
        require_no_body(&compute.delete(&group.path).require(202).await?)?;
    }
    Ok(())
}

/// Showing an unknown security group must answer 404.
#[conformance(
    id = "compute.security-groups.show-unknown",
    spec = "compute-v2.1#show-security-group-details",
    covers = "673eaec1-9b3e-48ed-bdf1-2786c1b9661c",
    needs = [Compute, Network],
)]
async fn show_unknown(cx: &Cx) -> Outcome {
    cx.compute()?.get(&unknown(cx)).require_refusal(404).await.map(drop)
}

/// A security group that does not exist cannot be updated: it is not found.
#[conformance(
    id = "compute.security-groups.update-unknown",
    spec = "compute-v2.1#update-security-group",
    covers = "27edee9c-873d-4da6-a68a-3c256efebe8f",
    needs = [Compute, Network],
)]
async fn update_unknown(cx: &Cx) -> Outcome {
    let body = json!({"security_group": {"name": cx.name("group"), "description": cx.name("description")}});
    cx.compute()?.put(&unknown(cx)).json(&body).require_refusal(404).await.map(drop)
}

/// A security group that does not exist cannot be deleted: it is not found.
#[conformance(
    id = "compute.security-groups.delete-unknown",
    spec = "compute-v2.1#delete-security-group",
    covers = "6727c00b-214c-4f9e-9a52-017ac3e98411",
    needs = [Compute, Network],
)]
async fn delete_unknown(cx: &Cx) -> Outcome {
    cx.compute()?.delete(&unknown(cx)).require_refusal(404).await.map(drop)
}

/// Deleting a security group without an id must answer 404: `DELETE os-security-groups/`, with nothing behind the slash.
#[conformance(
    id = "compute.security-groups.delete-without-id",
    spec = "compute-v2.1#delete-security-group",
    covers = "1438f330-8fa4-4aeb-8a94-37c250106d7f",
    needs = [Compute, Network],
)]
async fn delete_without_id(cx: &Cx) -> Outcome {
    cx.compute()?.delete("os-security-groups/").of_nobody().require_refusal(404).await.map(drop)
}

fn unknown(cx: &Cx) -> String {
    format!("os-security-groups/{}", cx.unused_uuid())
}

/// The security group called `default` cannot be deleted (400).
///
/// It should still be there. Deleting it is asked for only where nothing could be lost: see `idle_default_group`.
#[conformance(
    id = "compute.security-groups.delete-default",
    spec = "compute-v2.1#delete-security-group",
    covers = "36a1629f-c6da-4a26-b8b8-55e7e5d5cd58",
    needs = [Compute, Network],
)]
async fn delete_default(cx: &Cx) -> Outcome {
    let groups = listed(cx).await?;
    let default = groups.elements()?.into_iter().find(|group| group.value()["name"] == "default");
    let lack = || Lack::resource(Service::Network, "an unused default security group");
    let Some(default) = default else {
        return Err(cx.skip(lack(), "the list holds no security group called `default`"));
    };
    let id = id_of(&default)?;
    if let Err(why) = cx.idle_default_group(&id).await? {
        return Err(cx.skip(lack(), format!(
            "a service that does not refuse would delete the project's default security group, and {why}: use a project \
             whose default group nobody uses or has changed"
        )));
    }
    let path = format!("os-security-groups/{}", encode(&id));
    let refused = cx.compute()?.delete(&path).require_refusal(400).await?;
    let shown = cx.compute()?.get(&path).send().await?;
    expect_eq!(refused, shown.status(), 200, "the default security group should still be there");
    Ok(())
}

async fn listed(cx: &Cx) -> Outcome<Json> {
    let listed = cx.compute()?.get("os-security-groups").require(200).await?;
    checked(&listed, &shapes::security_groups())?.get("security_groups")
}

/// An id is a text, or a number as it once was.
fn id_of(group: &Json) -> Outcome<String> {
    let id = group.get("id")?;
    Ok(id.value().as_str().map_or_else(|| id.value().to_string(), str::to_owned))
}

/// A security group that a test made.
struct Group {
    id: String,
    name: String,
    path: String,
    json: Json,
    planned: Planned,
}

impl Group {
    async fn make(cx: &Cx, name: &str) -> Outcome<Self> {
        let planned = cx.will_create(Resource::new(Kind::SecurityGroup, name))?;
        let body = json!({"security_group": {"name": name, "description": cx.name("description")}});
        let created = cx.compute()?.post("os-security-groups").json(&body).require(200).await?;
        let json = checked(&created, &shapes::security_group())?.get("security_group")?;
        let id = id_of(&json)?;
        planned.created(&id);
        let sent = &body["security_group"]["description"];
        expect_eq!(json, &json.value()["description"], sent, "the group should have the description that was sent");
        Ok(Self { path: format!("os-security-groups/{}", encode(&id)), id, name: name.to_owned(), json, planned })
    }

    async fn show(&self, cx: &Cx) -> Outcome<Json> {
        let shown = cx.compute()?.get(&self.path).require(200).await?;
        checked(&shown, &shapes::security_group())?.get("security_group")
    }

    /// Deletes it, and waits until it is gone.
    async fn delete(&self, cx: &Cx) -> Outcome {
        let compute = cx.compute()?;
        require_no_body(&compute.delete(&self.path).require(202).await?)?;
        cx.wait_until("a deleted security group must not be found any more", PATIENCE, || async {
            let shown = compute.get(&self.path).require([200, 404]).await?;
            Ok((shown.status() == 404).then_some(()))
        })
        .await?;
        self.planned.removed();
        Ok(())
    }

    /// Deletes it where the published test does so to clean up, and does not look whether it is gone: it should be.
    async fn clean_up(&self, cx: &Cx) -> Outcome {
        let compute = cx.compute()?;
        let deleted = compute.delete(&self.path).require([202, 404]).await?;
        if deleted.status() == 202 {
            require_no_body(&deleted)?;
        }
        let look = || compute.get(&self.path).send();
        let shown = cx.settled(MOMENT, look, |shown: &Response| shown.status() == 404).await?;
        expect_eq!(shown, shown.status(), 404, "a deleted security group should not be found any more");
        if shown.status() == 404 {
            self.planned.removed();
        }
        Ok(())
    }
}
