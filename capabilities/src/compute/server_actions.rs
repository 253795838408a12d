//! Server actions: reboot, stop and start, lock and unlock, rebuild, resize.

use assay_kit::guest::{Answer, Endpoint};
use assay_kit::prelude::*;

use super::changed::Turn;
use super::fixture::{Reading, Server, password, require_flavor};
use super::guest_access::{Guests, enter, guests, open_server};
use super::shapes::{self, checked};
use crate::refusal::Refusal as _;

/// A server that is rebooted hard becomes active again. Where servers can be logged in to, its system has booted anew.
#[conformance(
    id = "compute.server-actions.reboot-hard",
    spec = "compute-v2.1#reboot-server-reboot-action",
    covers = "2cb1baf6-ac8d-4429-bf0d-ba8a0ba53e32",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.changed-server", "compute.server", "compute.guest"],
    seconds = 3,
)]
async fn reboot_hard(cx: &Cx) -> Outcome {
    if let Guests::Answer(endpoint) = &*guests(cx).await? {
        let (server, endpoint) = open_server(cx, endpoint.way).await?;
        let (_, before) = boot(cx, &endpoint).await?;
        reboot(cx, &server).await?;
        let (answer, after) = boot(cx, &endpoint).await?;
        require!(answer, after != before, "the system of a server must boot anew when the server is rebooted hard");
        return Ok(());
    }
    let turn = Turn::take(cx).await?;
    reboot(cx, &turn).await?;
    turn.done();
    Ok(())
}

/// What a guest calls the boot that it runs from, a name that no other boot has, and its answer.
async fn boot(cx: &Cx, endpoint: &Endpoint) -> Outcome<(Answer, String)> {
    let session = enter(cx, endpoint).await?;
    let ended = session.run("cat /proc/sys/kernel/random/boot_id").await;
    session.close().await;
    let answer = ended?;
    require_eq!(answer, answer.status, 0, "the guest must tell the id of its boot");
    let id = answer.stdout.clone();
    Ok((answer, id))
}

/// Reboots a server hard, and waits until it is active again.
pub(super) async fn reboot(cx: &Cx, server: &Server) -> Outcome<Json> {
    server.act(cx, json!({"reboot": {"type": "HARD"}})).await?;
    server.wait_for(cx, "ACTIVE").await
}

/// A server that is stopped becomes shut off, and active again once it is started.
#[conformance(
    id = "compute.server-actions.stop-and-start",
    spec = "compute-v2.1#stop-server-os-stop-action",
    covers = "af8eafd4-38a7-4a4b-bdbc-75145a580560",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 3,
)]
async fn stop_and_start(cx: &Cx) -> Outcome {
    let turn = Turn::take(cx).await?;
    stop_then_start(cx, &turn).await?;
    turn.done();
    Ok(())
}

/// Stops a server and starts it again.
pub(super) async fn stop_then_start(cx: &Cx, server: &Server) -> Outcome {
    server.act(cx, json!({"os-stop": null})).await?;
    server.wait_for(cx, "SHUTOFF").await?;
    server.act(cx, json!({"os-start": null})).await?;
    server.wait_for(cx, "ACTIVE").await.map(drop)
}

/// A locked server stays active and cannot be stopped by its owner (409); once it is unlocked it can be stopped and
/// started, and unlocked once more.
///
/// It should not be stopped by what was refused.
#[conformance(
    id = "compute.server-actions.lock-and-unlock",
    spec = "compute-v2.1#lock-server-lock-action",
    covers = "80a8094c-211e-440a-ab88-9e59d556c7ee",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 4,
)]
async fn lock_and_unlock(cx: &Cx) -> Outcome {
    let turn = Turn::take(cx).await?;
    turn.act(cx, json!({"lock": null})).await?;
    let shown = turn.show(cx).await?;
    require_eq!(shown, shown.value()["status"], "ACTIVE", "a locked server stays active");
    let action = format!("{}/action", turn.path);
    let refused = cx.compute()?.post(&action).json(&json!({"os-stop": null})).require_refusal(409).await?;
    let shown = turn.show(cx).await?;
    expect_eq!(refused, shown.value()["status"], "ACTIVE", "a locked server should not be stopped");
    turn.act(cx, json!({"unlock": null})).await?;
    stop_then_start(cx, &turn).await?;
    // The published test unlocks it again when it cleans up.
    turn.act(cx, json!({"unlock": null})).await?;
    turn.done();
    Ok(())
}

/// A server is rebuilt from another image under a new name, and keeps its id, flavor and addresses; then it is rebuilt from
/// the image that it had, if that is another one.
///
/// The metadata that was sent should replace what it had.
#[conformance(
    id = "compute.server-actions.rebuild",
    spec = "compute-v2.1#rebuild-server-rebuild-action",
    covers = "aaa6cdf3-55a7-461a-add9-1c8596b9a07c",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 5,
)]
async fn rebuild(cx: &Cx) -> Outcome {
    let mut turn = Turn::take(cx).await?;
    let before = turn.show(cx).await?;
    let (image, flavor) = (before.at(["image", "id"])?, before.at(["flavor", "id"])?);
    let choices = cx.choices().await?;
    let first = choices.image()?;
    let other = if image.value() == first.id.as_str() { choices.other_image()? } else { first };

    let (name, metadata) = (cx.name("rebuilt"), json!({"rebuild": "server"}));
    let members = json!({"imageRef": other.id, "name": name, "metadata": metadata, "adminPass": password(cx)});
    let rebuilt = rebuild_from(cx, &turn, &members).await?;
    turn.name.clone_from(&name);
    require_eq!(rebuilt, rebuilt.value()["id"], turn.id, "a rebuilt server keeps its id");
    require_flavor(&rebuilt, flavor.text()?)?;
    let shown = turn.wait_for(cx, "ACTIVE").await?;
    require_eq!(shown, shown.value()["image"]["id"], *other.id, "a rebuilt server must have the image that was sent");
    require_eq!(shown, shown.value()["name"], name, "a rebuilt server must have the name that was sent");
    require_eq!(shown, addresses(&shown), addresses(&before), "a rebuilt server must keep its addresses");
    expect_eq!(shown, shown.value()["metadata"], metadata, "a rebuilt server should have the metadata that was sent");

    if image.value() != other.id.as_str() {
        rebuild_from(cx, &turn, &json!({"imageRef": image.value()})).await?;
        turn.wait_for(cx, "ACTIVE").await?;
    }
    turn.done();
    Ok(())
}

/// The addresses of a server and the names of their networks, in an order of their own.
fn addresses(server: &Json) -> Vec<(&str, &Value)> {
    let mut found = Vec::new();
    for (network, addresses) in server.value()["addresses"].as_object().into_iter().flatten() {
        found.extend(addresses.as_array().into_iter().flatten().map(|address| (network.as_str(), address)));
    }
    found.sort_by_key(|(network, address)| (*network, address["addr"].to_string()));
    found
}

/// Asks for a rebuild, and gives the server that the answer has, which has the image already.
async fn rebuild_from(cx: &Cx, server: &Server, members: &Value) -> Outcome<Json> {
    let answer = server.ask(cx, json!({"rebuild": members})).await?;
    let rebuilt = checked(&answer, &shapes::rebuilt_server())?.get("server")?;
    let image = &rebuilt.value()["image"]["id"];
    require_eq!(rebuilt, image, &members["imageRef"], "the answer to a rebuild has the image that was sent");
    Ok(rebuilt)
}

/// A resized server waits to be confirmed; once it is, it becomes active and has the new flavor.
///
/// It should have the new flavor while it waits.
#[conformance(
    id = "compute.server-actions.resize-and-confirm",
    spec = "compute-v2.1#resize-server-resize-action",
    covers = "1499262a-9328-4eda-9068-db1ac57498d2",
    needs = [Compute],
    holds = [Servers],
    seconds = 12,
)]
async fn resize_and_confirm(cx: &Cx) -> Outcome {
    let (server, flavor) = resized(cx).await?;
    let confirm = json!({"confirmResize": null});
    cx.compute()?.post(&format!("{}/action", server.path)).json(&confirm).require(204).await?;
    let shown = server.wait_for(cx, "ACTIVE").await?;
    require_flavor(&shown, &flavor)
}

/// A resized server waits to be confirmed; when it is reverted instead, it becomes active and has its old flavor.
///
/// It should have the new flavor while it waits.
#[conformance(
    id = "compute.server-actions.resize-and-revert",
    spec = "compute-v2.1#revert-resized-server-revertresize-action",
    covers = "c03aab19-adb1-44f5-917d-c419577e9e68",
    needs = [Compute],
    holds = [Servers],
    seconds = 12,
)]
async fn resize_and_revert(cx: &Cx) -> Outcome {
    let (server, _) = resized(cx).await?;
    server.act(cx, json!({"revertResize": null})).await?;
    let shown = server.wait_for(cx, "ACTIVE").await?;
    require_flavor(&shown, &server.flavor)
}

/// A new server that was resized, and its new flavor.
async fn resized(cx: &Cx) -> Outcome<(Server, String)> {
    let lacks = || {
        let lack = Lack::resource(Service::Compute, "a second flavor");
        cx.skip(lack, "needs a second flavor that the image fits in")
    };
    let choices = cx.choices().await?;
    if choices.other_flavor()?.is_none() {
        return Err(lacks());
    }
    let server = Server::make(cx, json!({})).await?;
    // Only now it is certain for which flavor there is a host.
    let other = choices.other_flavor()?.filter(|other| other.id != server.flavor);
    let flavor = other.ok_or_else(lacks)?;
    server.act(cx, json!({"resize": {"flavorRef": flavor.id}})).await?;
    let shown = server.wait_for(cx, "VERIFY_RESIZE").await?;
    expect_eq!(
        shown,
        shown.value()["flavor"]["id"],
        *flavor.id,
        "a server that waits for confirmation should have the new flavor"
    );
    Ok((server, flavor.id.clone()))
}

/// A server cannot be resized to a flavor that does not exist (400), and stays active.
///
/// It should keep its flavor.
#[conformance(
    id = "compute.server-actions.resize-to-unknown-flavor",
    spec = "compute-v2.1#resize-server-resize-action",
    covers = "ced1a1d7-2ab6-45c9-b90f-b27d87b30efd",
    needs = [Compute],
    holds = [ServerTask],
    shares = ["compute.server"],
)]
async fn resize_to_unknown_flavor(cx: &Cx) -> Outcome {
    resize_refused(cx, &cx.unused_uuid()).await
}

/// A server cannot be resized to a flavor whose id is empty (400), and stays active.
///
/// It should keep its flavor.
#[conformance(
    id = "compute.server-actions.resize-to-empty-flavor",
    spec = "compute-v2.1#resize-server-resize-action",
    covers = "45436a7d-a388-4a35-a9d8-3adc5d0d940b",
    needs = [Compute],
    holds = [ServerTask],
    shares = ["compute.server"],
)]
async fn resize_to_empty_flavor(cx: &Cx) -> Outcome {
    resize_refused(cx, "").await
}

async fn resize_refused(cx: &Cx, flavor: &str) -> Outcome {
    let reading = Reading::shared(cx).await?;
    let action = json!({"resize": {"flavorRef": flavor}});
    let path = format!("{}/action", reading.server.path);
    let refused = cx.compute()?.post(&path).json(&action).require_refusal(400).await?;
    let shown = reading.server.wait_for(cx, "ACTIVE").await?;
    let (now, before) = (&shown.value()["flavor"], &reading.shown["flavor"]);
    expect_eq!(refused, now, before, "a server that is not resized should keep its flavor");
    Ok(())
}

/// A server that does not exist cannot be rebooted: it is not found.
#[conformance(
    id = "compute.server-actions.reboot-unknown",
    spec = "compute-v2.1#reboot-server-reboot-action",
    covers = "d4c023a0-9c55-4747-9dd5-413b820143c7",
    needs = [Compute],
)]
async fn reboot_unknown(cx: &Cx) -> Outcome {
    act_on_unknown(cx, json!({"reboot": {"type": "SOFT"}})).await
}

/// A server that does not exist cannot be rebuilt: it is not found.
#[conformance(
    id = "compute.server-actions.rebuild-unknown",
    spec = "compute-v2.1#rebuild-server-rebuild-action",
    covers = "d86141a7-906e-4731-b187-d64a2ea61422",
    needs = [Compute],
)]
async fn rebuild_unknown(cx: &Cx) -> Outcome {
    act_on_unknown(cx, json!({"rebuild": {"imageRef": cx.choices().await?.image()?.id}})).await
}

/// A server that does not exist cannot be stopped: it is not found.
#[conformance(
    id = "compute.server-actions.stop-unknown",
    spec = "compute-v2.1#stop-server-os-stop-action",
    covers = "a31460a9-49e1-42aa-82ee-06e0bb7c2d03",
    needs = [Compute],
)]
async fn stop_unknown(cx: &Cx) -> Outcome {
    act_on_unknown(cx, json!({"os-stop": null})).await
}

async fn act_on_unknown(cx: &Cx, action: Value) -> Outcome {
    let path = format!("servers/{}/action", cx.unused_uuid());
    cx.compute()?.post(&path).json(&action).require_refusal(404).await.map(drop)
}
