//! Instance actions: what was done with a server.

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::changed::Turn;
use super::fixture::Reading;
use super::server_actions::reboot;
use super::shapes::{self, checked};

/// The actions of a server are listed: its creation, once, and one more for a reboot.
#[conformance(
    id = "compute.instance-actions.list",
    spec = "compute-v2.1#list-actions-for-server",
    covers = "77ca5cc5-9990-45e0-ab98-1de8fead201a",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 3,
)]
async fn list(cx: &Cx) -> Outcome {
    let turn = Turn::take(cx).await?;
    // Other tests left their own actions there.
    let mut wanted = actions(cx, &turn).await?.1;
    wanted.push("reboot".to_owned());
    wanted.sort();
    reboot(cx, &turn).await?;
    let (listed, found) = actions(cx, &turn).await?;
    require_eq!(listed, found, wanted, "the list must have what was done before and the reboot, and no more");
    let created = found.iter().filter(|action| *action == "create").count();
    require_eq!(listed, created, 1, "the list must have the creation of the server, once");
    turn.done();
    Ok(())
}

/// What was done with a server, by name.
async fn actions(cx: &Cx, turn: &Turn) -> Outcome<(Json, Vec<String>)> {
    let listed = cx.compute()?.get(&format!("{}/os-instance-actions", turn.path)).require(200).await?;
    let listed = checked(&listed, &shapes::instance_actions())?.get("instanceActions")?;
    let mut names = Vec::new();
    for action in listed.elements()? {
        names.push(action.get("action")?.text()?.to_owned());
    }
    names.sort();
    Ok((listed, names))
}

/// The creation of a server is found among its actions by the id of the request that created it, which the header
/// `X-Compute-Request-Id` told.
///
/// It should say who asked for it, and have that id.
#[conformance(
    id = "compute.instance-actions.show",
    spec = "compute-v2.1#show-server-action-details",
    covers = "aacc71ca-1d70-4aa5-bbf6-0ff71470e43c",
    needs = [Compute],
    shares = ["compute.server"],
    seconds = 2,
)]
async fn show(cx: &Cx) -> Outcome {
    let reading = Reading::shared(cx).await?;
    let told = !reading.creation.is_empty();
    require!(cx, told, "the answer to the creation of a server must have the header X-Compute-Request-Id");
    let path = format!("{}/os-instance-actions/{}", reading.server.path, encode(&reading.creation));
    let shown = cx.compute()?.get(&path).require(200).await?;
    let action = checked(&shown, &shapes::instance_action())?.get("instanceAction")?;
    require_eq!(action, action.value()["instance_uuid"], reading.server.id, "the action is one of the server's");
    require_eq!(action, action.value()["action"], "create", "the action that the creating request took is `create`");
    let login = cx.login(Role::Member).await?;
    expect_eq!(action, action.value()["request_id"], reading.creation, "the action should have the id of its request");
    expect_eq!(action, action.value()["user_id"], login.user_id, "the action should say who asked for it");
    Ok(())
}
