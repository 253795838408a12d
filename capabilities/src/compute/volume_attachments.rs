//! Volumes attached to servers.

use std::time::Duration;

use assay_kit::guest::{Answer, Endpoint, disks};
use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::changed::Turn;
use super::fixture::{PATIENCE, Server, require_no_body};
use super::guest_access::{Guests, enter, guests, open_server};
use super::server_actions::stop_then_start;
use super::shapes::{self, checked};
use crate::block_storage::fixture::Made;

/// A volume is attached to a server, which is stopped and started with it, and is detached again; then the server can still
/// be stopped and started, and the volume can be deleted. Where servers can be logged in to, the guest has more disks while it
/// is attached, and as many as before when it is not.
///
/// The volume should stay attached while the server is stopped and started, and be one disk more of the guest.
#[conformance(
    id = "compute.volume-attachments.attach-and-detach",
    spec = "compute-v2.1#attach-a-volume-to-an-instance",
    covers = "52e9045a-e90d-4c0d-9087-79d657faffff",
    needs = [Compute, BlockStorage],
    holds = [ChangedServer, Volumes],
    shares = ["compute.changed-server", "compute.server", "compute.guest"],
    seconds = 7,
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
        "the volume should stay attached while its server is stopped and started"
    );
    if let (Some((_, before)), Some((answer, attached))) = (&before, look(cx, endpoint).await?) {
        require!(
            answer,
            attached.len() > before.len(),
            "the guest must have more disks with the volume attached than {before:?}"
        );
        expect_eq!(answer, attached.len(), before.len() + 1, "the volume should be one disk more of the guest");
    }
    detach(cx, server, &volume, &attachment).await?;
    stop_then_start(cx, server).await?;
    if let (Some((_, before)), Some((answer, detached))) = (before, look(cx, endpoint).await?) {
        require_eq!(
            answer,
            detached.len(),
            before.len(),
            "the guest must have as many disks as before the volume was attached"
        );
    }
    delete(cx, &volume).await
}

/// The disks that the guest has, and its answer; nothing where nobody logs in.
async fn look(cx: &Cx, endpoint: Option<&Endpoint>) -> Outcome<Option<(Answer, Vec<String>)>> {
    let Some(endpoint) = endpoint else { return Ok(None) };
    let session = enter(cx, endpoint).await?;
    let found = disks(&session).await?;
    session.close().await;
    Ok(Some(found))
}

/// The same, where the published test logs in and looks at no disks: that the guest does not tell them is a deviation.
async fn glance(cx: &Cx, endpoint: Option<&Endpoint>) -> Outcome<Option<(Answer, Vec<String>)>> {
    let Some(endpoint) = endpoint else { return Ok(None) };
    let session = enter(cx, endpoint).await?;
    let found = disks(&session).await;
    session.close().await;
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Stop::Fail(finding)) => {
            cx.deviate(finding.requirement, finding.expected, finding.actual);
            Ok(None)
        }
        Err(stop) => Err(stop),
    }
}

/// Two volumes are attached to a server one after the other: the attachments are listed, each is shown with its server and
/// volume, and both volumes can be detached and deleted. Where servers can be logged in to, the guest lets in while the volumes
/// are attached.
///
/// The second attachment should be listed as its creation was answered, and the list should be empty in the end. Where
/// servers can be logged in to, the guest should have a disk more for each volume.
#[conformance(
    id = "compute.volume-attachments.list-and-show",
    spec = "compute-v2.1#list-volume-attachments-for-an-instance",
    covers = "7fa563fe-f0f7-43eb-9e22-a1ece036b513",
    needs = [Compute, BlockStorage],
    holds = [ChangedServer, Volumes, Volumes],
    shares = ["compute.changed-server", "compute.server", "compute.guest"],
    seconds = 6,
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
    let before = glance(cx, endpoint).await?;
    let volumes = [Made::volume(cx, &json!({})).await?, Made::volume(cx, &json!({})).await?];
    let mut attachments = Vec::new();
    for volume in &volumes {
        volume.available(cx).await?;
        let attachment = attach(cx, server, volume).await?;
        attachments.push(attachment);
        let listed = list(cx, server).await?;
        let found = listed.elements()?;
        require_eq!(listed, found.len(), attachments.len(), "the list must hold as many attachments as were made");
        let as_answered =
            attachments.iter().all(|attachment| found.iter().any(|one| one.value() == attachment.value()));
        if attachments.len() == 1 {
            require!(listed, as_answered, "the list must hold the attachment as its creation was answered");
            require_shown(cx, server, volume, &attachments[0]).await?;
        }
        expect!(listed, as_answered, "the list should hold each attachment as its creation was answered");
    }
    let all = before.map(|(_, disks)| disks.len() + volumes.len());
    // One look is enough where there is nothing to compare.
    let has_all = |found: &Option<(Answer, Vec<String>)>| match (found, all) {
        (Some((_, disks)), Some(all)) => disks.len() == all,
        _ => true,
    };
    let found = cx.settled(NOTICING, || glance(cx, endpoint), has_all).await?;
    if let (Some((answer, attached)), Some(all)) = (found, all) {
        expect_eq!(answer, attached.len(), all, "the guest should have one disk more for each attached volume");
    }
    for (volume, attachment) in volumes.iter().zip(&attachments) {
        require_shown(cx, server, volume, attachment).await?;
        detach(cx, server, volume, attachment).await?;
    }
    let listed = list(cx, server).await?;
    expect_eq!(listed, listed.value(), &json!([]), "the list should be empty when all volumes are detached");
    for volume in &volumes {
        delete(cx, volume).await?;
    }
    Ok(())
}

/// Deletes a volume that is attached to nothing, and waits until it is gone: in the published tests, too, a volume that cannot
/// be deleted is a failure.
async fn delete(cx: &Cx, volume: &Made) -> Outcome {
    let client = cx.block_storage()?;
    let deleted = client.delete(&volume.path).require([202, 404]).await?;
    if deleted.status() == 202 {
        require_no_body(&deleted)?;
    }
    cx.wait_until("a deleted volume must not be found any more", PATIENCE, || async {
        let shown = client.get(&volume.path).require([200, 404]).await?;
        if shown.status() == 404 {
            return Ok(Some(()));
        }
        let status = shown.json()?.at(["volume", "status"])?;
        require!(status, status.value() != "error_deleting", "the deletion of a volume must not come to an error");
        Ok(None)
    })
    .await
}

/// Ends the test as failed unless the addresses of a server can be asked for on their own.
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
    expect_eq!(attachment, attachment.value()["serverId"], server.id, "the attachment should have its server");
    cx.wait_until("the attached volume must be in use by the server", PATIENCE, || async {
        let shown = volume.show(cx).await?;
        let status = &shown.value()["status"];
        let failed = status.as_str().is_some_and(|status| status.starts_with("error"));
        require!(shown, !failed, "attaching a volume must not come to an error");
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
    require_no_body(&cx.compute()?.delete(&path).require(202).await?)?;
    volume.available(cx).await?;
    cx.wait_until("the list must not hold a detached volume any more", PATIENCE, || async {
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
    require_eq!(shown, shown.value()["serverId"], server.id, "the attachment must be shown with its server");
    require_eq!(shown, shown.value()["volumeId"], volume.id, "the attachment must be shown with its volume");
    require_eq!(shown, &shown.value()["id"], id.value(), "the attachment must be shown with the id that was asked for");
    Ok(())
}
