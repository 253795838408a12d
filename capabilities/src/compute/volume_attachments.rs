//! Volumes attached to servers.

use std::time::Duration;

use assay_kit::guest::{Answer, Endpoint, disks};
use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::changed::Turn;
use super::fixture::{PATIENCE, Server};
use super::guest_access::{Guests, enter, guests, open_server};
use super::server_actions::stop_then_start;
use super::shapes::{self, checked};
use crate::block_storage::fixture::Made;

/// A volume is attached to a server, which is stopped and started with it, and is detached again; then the server can still
/// be stopped and started.
///
/// The volume is promised to stay attached while the server is stopped and started. Where servers can be logged in to, the
/// guest has more disks while it is attached, and as many as before when it is not.
#[conformance(
    id = "compute.volume-attachments.attach-and-detach",
    spec = "compute-v2.1#attach-a-volume-to-an-instance",
    covers = "52e9045a-e90d-4c0d-9087-79d657faffff",
    needs = [Compute, BlockStorage],
    holds = [ChangedServer, Volumes],
    shares = ["compute.changed-server", "compute.server", "compute.guest"],
    seconds = 7,
    timeout = 1200,
)]
async fn attach_and_detach(cx: &Cx) -> Outcome {
    if let Guests::Answer(endpoint) = &*guests(cx).await? {
        let (server, endpoint) = open_server(cx, endpoint.way).await?;
        let outcome = attach_then_detach(cx, &server, Some(&endpoint)).await;
        // Before its volumes, which could not be removed as long as it has them.
        let removed = server.discard(cx).await;
        return outcome.and(removed);
    }
    let turn = Turn::take(cx).await?;
    let outcome = attach_then_detach(cx, &turn, None).await;
    turn.end(outcome).await
}

async fn attach_then_detach(cx: &Cx, server: &Server, endpoint: Option<&Endpoint>) -> Outcome {
    require_addresses(cx, server).await?;
    let before = look(cx, endpoint).await?;
    let volume = Made::volume(cx, &json!({})).await?;
    volume.available(cx).await?;
    let attachment = attach(cx, server, &volume).await?;
    stop_then_start(cx, server).await?;
    let shown = volume.show(cx).await?;
    expect_eq!(
        shown,
        shown.value()["status"],
        "in-use",
        "a volume stays attached to a server that is stopped and started"
    );
    if let (Some((_, before)), Some((answer, attached))) = (&before, look(cx, endpoint).await?) {
        require!(
            answer,
            attached.len() > before.len(),
            "the guest has more disks than {before:?} with a volume attached"
        );
        expect_eq!(answer, attached.len(), before.len() + 1, "a volume is one disk of the guest");
    }
    detach(cx, server, &volume, &attachment).await?;
    stop_then_start(cx, server).await?;
    if let (Some((_, before)), Some((answer, detached))) = (before, look(cx, endpoint).await?) {
        require_eq!(
            answer,
            detached.len(),
            before.len(),
            "the guest has as many disks as before the volume was attached"
        );
    }
    Ok(())
}

/// The disks that the guest has, and its answer; nothing where nobody logs in.
async fn look(cx: &Cx, endpoint: Option<&Endpoint>) -> Outcome<Option<(Answer, Vec<String>)>> {
    let Some(endpoint) = endpoint else { return Ok(None) };
    let session = enter(cx, endpoint).await?;
    let found = disks(&session).await?;
    session.close().await;
    Ok(Some(found))
}

/// Two volumes are attached to a server one after the other: the attachments are listed, each is shown with its server and
/// volume, and both volumes can be detached.
///
/// The list is promised to be empty in the end. Where servers can be logged in to, the guest lets in while the volumes are
/// attached, and is promised to have a disk more for each.
#[conformance(
    id = "compute.volume-attachments.list-and-show",
    spec = "compute-v2.1#list-volume-attachments-for-an-instance",
    covers = "7fa563fe-f0f7-43eb-9e22-a1ece036b513",
    needs = [Compute, BlockStorage],
    holds = [ChangedServer, Volumes, Volumes],
    shares = ["compute.changed-server", "compute.server", "compute.guest"],
    seconds = 6,
    timeout = 1200,
)]
async fn list_and_show(cx: &Cx) -> Outcome {
    if let Guests::Answer(endpoint) = &*guests(cx).await? {
        let (server, endpoint) = open_server(cx, endpoint.way).await?;
        let outcome = attach_two(cx, &server, Some(&endpoint)).await;
        // Before its volumes, which could not be removed as long as it has them.
        let removed = server.discard(cx).await;
        return outcome.and(removed);
    }
    let turn = Turn::take(cx).await?;
    let outcome = attach_two(cx, &turn, None).await;
    turn.end(outcome).await
}

async fn attach_two(cx: &Cx, server: &Server, endpoint: Option<&Endpoint>) -> Outcome {
    /// How long a running system may take to notice a disk.
    const NOTICING: Duration = Duration::from_secs(30);
    require_addresses(cx, server).await?;
    let before = look(cx, endpoint).await?;
    let volumes = [Made::volume(cx, &json!({})).await?, Made::volume(cx, &json!({})).await?];
    let mut attachments = Vec::new();
    for volume in &volumes {
        volume.available(cx).await?;
        let attachment = attach(cx, server, volume).await?;
        attachments.push(attachment);
        let listed = list(cx, server).await?;
        let found = listed.elements()?;
        require_eq!(listed, found.len(), attachments.len(), "as many attachments are listed as there are");
        let as_answered =
            attachments.iter().all(|attachment| found.iter().any(|one| one.value() == attachment.value()));
        if attachments.len() == 1 {
            require!(listed, as_answered, "an attachment is listed as its creation was answered");
            require_shown(cx, server, volume, &attachments[0]).await?;
        }
        expect!(listed, as_answered, "attachments are listed as their creations were answered");
    }
    if let Some((_, before)) = before {
        let all = before.len() + volumes.len();
        let has_all =
            |found: &Option<(Answer, Vec<String>)>| found.as_ref().is_some_and(|(_, disks)| disks.len() == all);
        if let Some((answer, attached)) = cx.settled(NOTICING, || look(cx, endpoint), has_all).await? {
            expect_eq!(answer, attached.len(), all, "each attached volume is one more disk of the guest");
        }
    }
    for (volume, attachment) in volumes.iter().zip(&attachments) {
        require_shown(cx, server, volume, attachment).await?;
        detach(cx, server, volume, attachment).await?;
    }
    let listed = list(cx, server).await?;
    expect_eq!(listed, listed.value(), &json!([]), "no attachment is listed when all volumes are detached");
    Ok(())
}

/// The addresses of a server can be asked for on their own, and are those that it is shown with.
async fn require_addresses(cx: &Cx, server: &Server) -> Outcome {
    let answer = cx.compute()?.get(&format!("{}/ips", server.path)).require(200).await?;
    checked(&answer, &shapes::server_addresses()).map(drop)
}

fn path(server: &Server) -> String {
    format!("{}/os-volume_attachments", server.path)
}

/// Attaches a volume, and waits until the volume says so.
async fn attach(cx: &Cx, server: &Server, volume: &Made) -> Outcome<Json> {
    let body = json!({"volumeAttachment": {"volumeId": volume.id}});
    let answer = cx.compute()?.post(&path(server)).json(&body).require(200).await?;
    let attachment = checked(&answer, &shapes::attachment())?.get("volumeAttachment")?;
    expect_eq!(attachment, attachment.value()["serverId"], server.id, "an attachment has the server that was sent");
    cx.wait_until("the attached volume is in use by the server", PATIENCE, || async {
        let shown = volume.show(cx).await?;
        let status = &shown.value()["status"];
        require!(shown, !status.as_str().is_some_and(|status| status.starts_with("error")), "the volume has no error");
        let mut attachments = shown.value()["attachments"].as_array().into_iter().flatten();
        let attached = attachments.any(|attachment| attachment["server_id"] == server.id);
        Ok((attached && status == "in-use").then_some(()))
    })
    .await?;
    Ok(attachment)
}

/// Detaches a volume, and waits until it is available and the server has it no more.
async fn detach(cx: &Cx, server: &Server, volume: &Made, attachment: &Json) -> Outcome {
    let volume_id = attachment.get("volumeId")?;
    let path = format!("{}/{}", path(server), encode(volume_id.text()?));
    cx.compute()?.delete(&path).require(202).await?;
    volume.available(cx).await?;
    cx.wait_until("a detached volume is not listed any more", PATIENCE, || async {
        let listed = list(cx, server).await?;
        let still = listed.elements()?.iter().any(|one| one.value()["volumeId"] == *volume_id.value());
        Ok((!still).then_some(()))
    })
    .await
}

async fn list(cx: &Cx, server: &Server) -> Outcome<Json> {
    let answer = cx.compute()?.get(&path(server)).require(200).await?;
    checked(&answer, &shapes::attachments())?.get("volumeAttachments")
}

/// Ends the test as failed unless an attachment is shown with its server and volume.
async fn require_shown(cx: &Cx, server: &Server, volume: &Made, attachment: &Json) -> Outcome {
    let id = attachment.get("id")?;
    let answer = cx.compute()?.get(&format!("{}/{}", path(server), encode(id.text()?))).require(200).await?;
    let shown = checked(&answer, &shapes::attachment())?.get("volumeAttachment")?;
    require_eq!(shown, shown.value()["serverId"], server.id, "an attachment is shown with its server");
    require_eq!(shown, shown.value()["volumeId"], volume.id, "an attachment is shown with its volume");
    require_eq!(shown, &shown.value()["id"], id.value(), "the attachment that is shown is the one that was asked for");
    Ok(())
}
