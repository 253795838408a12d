//! A server of the past: it was given a name that another server had, was deleted, and is gone.

use std::sync::Arc;

use assay_kit::prelude::*;

use super::changed::Slot;
use super::fixture::{Reading, Server, show};
use super::shapes::{self, checked};
use crate::refusal::Refusal as _;

/// Its key, as `shares` names it. Who shares it also shares both servers that tests share and holds `ChangedServer`: it
/// takes the place of the changed server for a while.
const SHARED: &str = "compute.past-server";

/// What happened to it.
struct Past {
    id: String,
    /// The names that it and the other server were shown with, by their ids.
    names: Vec<(String, String)>,
    /// Whether it could be deleted.
    deletion: Outcome,
}

impl Past {
    async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        let (slot, reading) = (Slot::shared(cx).await?, Reading::shared(cx).await?);
        cx.shared(SHARED, |_| async move {
            let cx = &slot.cx;
            slot.clear().await?;
            let (server, _) = Server::request(cx, &reading.server.name, json!({})).await?;
            let mut names = Vec::new();
            let ended: Outcome = async {
                server.wait_for(cx, "ACTIVE").await?;
                for id in [&reading.server.id, &server.id] {
                    names.push((id.clone(), show(cx, id).await?.get("name")?.text()?.to_owned()));
                }
                Ok(())
            }
            .await;
            let deletion = server.delete(cx).await;
            ended?;
            Ok(Self { id: server.id, names, deletion })
        })
        .await
    }
}

/// A server can be created with the name that another server has: they are two servers, and are shown with the same
/// name. The second one can be deleted.
///
/// The name should be the one that was sent.
#[conformance(
    id = "compute.servers.create-with-existing-name",
    spec = "compute-v2.1#create-server",
    covers = "8fea6be7-065e-47cf-89b8-496e6f96c699",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server", "compute.past-server"],
    seconds = 9,
)]
async fn create_with_existing_name(cx: &Cx) -> Outcome {
    let past = deleted(cx).await?;
    let reading = Reading::shared(cx).await?;
    require!(cx, past.id != reading.server.id, "a server with the name of another must be a server of its own");
    for (id, name) in &past.names {
        require_eq!(cx, *name, past.names[0].1, "server {id} must be shown with the name that the other one has");
        expect_eq!(cx, *name, reading.server.name, "server {id} should be shown with the name that was sent");
    }
    Ok(())
}

/// An active server can be deleted, and is not found any more after a while.
///
/// It should not be found when it is deleted again.
#[conformance(
    id = "compute.servers.delete-active",
    spec = "compute-v2.1#delete-server",
    covers = "925fdfb4-5b13-47ea-ac8a-c36ae6fddb05",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server", "compute.past-server"],
    seconds = 8,
)]
async fn delete_active(cx: &Cx) -> Outcome {
    let past = deleted(cx).await?;
    let again = cx.compute()?.delete(&format!("servers/{}", past.id)).send().await?;
    expect_eq!(again, again.status(), 404, "a server that was deleted should not be found when it is deleted again");
    Ok(())
}

/// A deleted server is not in the list of servers.
#[conformance(
    id = "compute.servers.list-without-deleted",
    spec = "compute-v2.1#list-servers",
    covers = "24a26f1a-1ddc-4eea-b0d7-a90cc874ad8f",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server", "compute.past-server"],
    seconds = 8,
)]
async fn list_without_deleted(cx: &Cx) -> Outcome {
    require_unlisted(cx, "servers", &shapes::servers()).await
}

/// A deleted server is not in the list of servers in detail.
#[conformance(
    id = "compute.servers.list-detailed-without-deleted",
    spec = "compute-v2.1#list-servers-detailed",
    covers = "93055106-2d34-46fe-af68-d9ddbf7ee570",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server", "compute.past-server"],
    seconds = 8,
)]
async fn list_detailed_without_deleted(cx: &Cx) -> Outcome {
    require_unlisted(cx, "servers/detail", &shapes::servers_in_detail()).await
}

/// A deleted server cannot be rebuilt: it is not found.
#[conformance(
    id = "compute.servers.rebuild-deleted",
    spec = "compute-v2.1#rebuild-server-rebuild-action",
    covers = "98fa0458-1485-440f-873b-fe7f0d714930",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server", "compute.past-server"],
    seconds = 8,
)]
async fn rebuild_deleted(cx: &Cx) -> Outcome {
    let past = deleted(cx).await?;
    let action = json!({"rebuild": {"imageRef": cx.choices().await?.image()?.id}});
    let path = format!("servers/{}/action", past.id);
    cx.compute()?.post(&path).json(&action).require_refusal(404).await.map(drop)
}

/// The server of the past, which must have been deleted.
async fn deleted(cx: &Cx) -> Outcome<Arc<Past>> {
    let past = Past::shared(cx).await?;
    past.deletion.clone()?;
    Ok(past)
}

async fn require_unlisted(cx: &Cx, path: &str, shape: &assay_kit::shape::Shape) -> Outcome {
    let past = deleted(cx).await?;
    let list = checked(&cx.compute()?.get(path).require(200).await?, shape)?.get("servers")?;
    let listed = list.elements()?.iter().any(|server| server.value()["id"] == *past.id);
    require!(list, !listed, "a deleted server is not listed");
    Ok(())
}
