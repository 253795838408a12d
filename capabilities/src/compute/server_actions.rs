//! Server actions: reboot, stop and start, lock and unlock, rebuild, resize.

use assay_kit::prelude::*;

use super::changed::Turn;
use super::fixture::{Reading, Server, require_flavor};
use super::shapes::{self, checked};
use crate::refusal::Refusal as _;

/// A server that is rebooted hard becomes active again.
#[conformance(
    id = "compute.server-actions.reboot-hard",
    spec = "compute-v2.1#reboot-server-reboot-action",
    covers = "2cb1baf6-ac8d-4429-bf0d-ba8a0ba53e32",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 3,
)]
async fn reboot_hard(cx: &Cx) -> Outcome {
    let turn = Turn::take(cx).await?;
    reboot(cx, &turn).await?;
    turn.done();
    Ok(())
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

/// A locked server stays active and cannot be stopped by its owner (409); once it is unlocked it can be stopped and started.
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
    expect_eq!(refused, shown.value()["status"], "ACTIVE", "a locked server is not stopped");
    turn.act(cx, json!({"unlock": null})).await?;
    stop_then_start(cx, &turn).await?;
    turn.done();
    Ok(())
}

/// A server is rebuilt from another image under a new name, and keeps its id, flavor and addresses; then it is rebuilt from
/// the image that it had.
///
/// The metadata that was sent is promised to replace what it had.
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
    let other = if image.value() == choices.image.as_str() { &choices.other_image } else { &choices.image };

    let (name, metadata) = (cx.name("rebuilt"), json!({"rebuild": "server"}));
    let members = json!({"imageRef": other, "name": name, "metadata": metadata, "adminPass": cx.unused_uuid()});
    let rebuilt = rebuild_from(cx, &turn, &members).await?;
    turn.name.clone_from(&name);
    require_eq!(rebuilt, rebuilt.value()["id"], turn.id, "a rebuilt server keeps its id");
    require_flavor(&rebuilt, flavor.text()?)?;
    let shown = turn.wait_for(cx, "ACTIVE").await?;
    require_eq!(shown, shown.value()["image"]["id"], *other, "a rebuilt server has the image that was sent");
    require_eq!(shown, shown.value()["name"], name, "a rebuilt server has the name that was sent");
    let addresses = &before.value()["addresses"];
    require_eq!(shown, &shown.value()["addresses"], addresses, "a rebuilt server keeps its addresses");
    expect_eq!(shown, shown.value()["metadata"], metadata, "a rebuilt server has the metadata that was sent");

    rebuild_from(cx, &turn, &json!({"imageRef": image.value(), "metadata": {}})).await?;
    turn.wait_for(cx, "ACTIVE").await?;
    turn.done();
    Ok(())
}

/// Asks for a rebuild, and gives the server that the answer has, which has the image already.
async fn rebuild_from(cx: &Cx, server: &Server, members: &Value) -> Outcome<Json> {
    let answer = server.act(cx, json!({"rebuild": members})).await?;
    let rebuilt = checked(&answer, &shapes::rebuilt_server())?.get("server")?;
    let image = &rebuilt.value()["image"]["id"];
    require_eq!(rebuilt, image, &members["imageRef"], "the answer to a rebuild has the image that was sent");
    Ok(rebuilt)
}

/// A resized server waits to be confirmed; once it is, it becomes active and has the new flavor.
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
    require_flavor(&shown, &cx.choices().await?.flavor)
}

/// A new server that was resized, and its new flavor.
async fn resized(cx: &Cx) -> Outcome<(Server, String)> {
    let Some(flavor) = &cx.choices().await?.other_flavor else {
        return Err(cx.skip(
            Lack::resource(Service::Compute, "a second flavor"),
            "needs a second flavor that the image fits in",
        ));
    };
    let server = Server::make(cx, json!({})).await?;
    server.act(cx, json!({"resize": {"flavorRef": flavor}})).await?;
    let shown = server.wait_for(cx, "VERIFY_RESIZE").await?;
    expect_eq!(
        shown,
        shown.value()["flavor"]["id"],
        *flavor,
        "a server that waits for confirmation has the new flavor"
    );
    Ok((server, flavor.clone()))
}

/// A server cannot be resized to a flavor that does not exist (400).
///
/// It is promised to keep its flavor.
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

/// A server cannot be resized to a flavor whose id is empty (400).
///
/// It is promised to keep its flavor.
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
    let shown = reading.server.show(cx).await?;
    for key in ["status", "flavor"] {
        expect_eq!(
            refused,
            shown.value()[key],
            reading.shown[key],
            "the `{key}` of a server that is not resized stays"
        );
    }
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
    act_on_unknown(cx, json!({"rebuild": {"imageRef": cx.choices().await?.image}})).await
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
