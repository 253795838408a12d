//! Servers: create, show, update.

use assay_kit::Planned;
use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::changed::Turn;
use super::fixture::{
    ACCESS_V4, METADATA, Reading, Server, gives_way, request, require_flavor, wait_for, wait_until_gone, with,
};
use super::shapes::{self, checked};

/// A server is shown with the name, image, flavor, metadata and access addresses that it was created with; the address of
/// IP version 6 is in its shortest form.
///
/// It should belong to who created it, have the way of partitioning that was sent, and have an address.
#[conformance(
    id = "compute.servers.show-what-was-sent",
    spec = "compute-v2.1#show-server-details",
    covers = "5de47127-9977-400a-936f-abcfbec1218f",
    needs = [Compute],
    shares = ["compute.server"],
    seconds = 4,
)]
async fn show_what_was_sent(cx: &Cx) -> Outcome {
    let reading = Reading::shared(cx).await?;
    let server = reading.server.show(cx).await?;
    let value = server.value();
    require_eq!(server, value["accessIPv4"], ACCESS_V4, "a server has the access address that was sent");
    require_eq!(
        server,
        value["accessIPv6"],
        "::babe:dc0c:1602",
        "the access address of version 6 has its shortest form"
    );
    require_eq!(server, value["name"], reading.server.name, "a server has the name that was sent");
    require_eq!(server, value["image"]["id"], reading.server.image, "a server has the image that was sent");
    require_flavor(&server, &reading.server.flavor)?;
    require_eq!(server, value["metadata"], json!({METADATA.0: METADATA.1}), "a server has the metadata that was sent");

    let login = cx.login(Role::Member).await?;
    expect_eq!(server, value["user_id"], login.user_id, "a server says which user created it");
    expect_eq!(server, value["tenant_id"], json!(login.project_id), "a server says in which project it is");
    expect_eq!(server, value["OS-DCF:diskConfig"], "AUTO", "a server has the way of partitioning that was sent");
    if cx.choices().await?.network()?.is_some() {
        let networks = value["addresses"].as_object();
        let addressed = networks.is_some_and(|networks| networks.values().any(|list| list != &json!([])));
        expect!(server, addressed, "a server on a network has an address");
    }
    Ok(())
}

/// The answer to the creation of a server has the administrator's password that was sent.
#[conformance(
    id = "compute.servers.create-with-admin-password",
    spec = "compute-v2.1#create-server",
    covers = "b92d5ec7-b1dd-44a2-87e4-45e888c46ef0",
    needs = [Compute],
    shares = ["compute.server"],
    seconds = 4,
)]
async fn create_with_admin_password(cx: &Cx) -> Outcome {
    let reading = Reading::shared(cx).await?;
    let Some(kept) = reading.password_kept else {
        return Err(cx.skip(
            Lack::feature(Service::Compute, "adminPass"),
            "needs a service that gives administrators' passwords: the answer to the creation of a server has none",
        ));
    };
    require!(cx, kept, "the answer must have the administrator's password that was sent, not another");
    Ok(())
}

/// A request for two servers creates two, whose names begin with the one that was sent. They become active and can be
/// deleted. The answer has no reservation id, since none was asked for.
///
/// Their names should be different.
#[conformance(
    id = "compute.servers.create-two-at-once",
    spec = "compute-v2.1#create-multiple-servers",
    covers = "61e03386-89c3-449c-9bb1-a06f423fd9d1",
    needs = [Compute],
    holds = [Servers, Servers],
    seconds = 12,
)]
async fn create_two_at_once(cx: &Cx) -> Outcome {
    loop {
        let choices = cx.choices().await?;
        let chosen = choices.usual()?;
        let made = two(cx).await?;
        let active: Outcome = async {
            for server in &made {
                wait_for(cx, &server.id, &server.name, "ACTIVE").await?;
            }
            Ok(())
        }
        .await;
        if let Err(stop) = &active
            && !gives_way(cx, stop, &choices, chosen, || choices.usual())?
        {
            return active;
        }
        // One with an unusual name is left to the clean-up: it may not be provable that it is the run's.
        let usual: Vec<_> = made.iter().filter_map(|server| Some((server, server.planned.as_ref()?))).collect();
        for (server, _) in &usual {
            cx.compute()?.delete(&format!("servers/{}", encode(&server.id))).require(204).await?;
        }
        for (server, planned) in usual {
            wait_until_gone(cx, &server.id, &server.name).await?;
            planned.removed();
        }
        if active.is_ok() {
            return Ok(());
        }
    }
}

/// One of two servers that were asked for together.
struct One {
    id: String,
    name: String,
    /// Where it has a usual name.
    planned: Option<Planned>,
}

/// Asks for two servers together, and requires that there are two then.
async fn two(cx: &Cx) -> Outcome<Vec<One>> {
    let (compute, name) = (cx.compute()?, cx.name("several"));
    // What each is called is for the service to say; these are the usual names.
    let mut planned = Vec::new();
    for number in 1..=2 {
        let name = format!("{name}-{number}");
        planned.push((cx.will_create(Resource::new(Kind::Server, &name))?, name));
    }
    let body = with(request(cx, &name).await?, json!({"min_count": 2}));
    let answer = compute.post("servers").json(&body).require(202).await?;
    let list = checked(&compute.get("servers").require(200).await?, &shapes::servers())?.get("servers")?;
    let mut made = Vec::new();
    for server in list.elements()? {
        let (id, own) = (server.get("id")?.text()?.to_owned(), server.get("name")?.text()?.to_owned());
        if !own.starts_with(&name) {
            continue;
        }
        let planned = planned.iter().find(|(_, usual)| *usual == own).map(|(planned, _)| planned.clone());
        match &planned {
            Some(planned) => planned.created(&id),
            None => cx.will_create(Resource::new(Kind::Server, &own))?.created(&id),
        }
        made.push(One { id, name: own, planned });
    }
    answer.require_header("X-OpenStack-Request-Id")?;
    let answer = checked(&answer, &shapes::created_server())?;
    require!(answer, answer.find("reservation_id").is_none(), "no reservation id is given that was not asked for");
    require_eq!(list, made.len(), 2, "there are two servers whose names begin with the one that was sent");
    expect!(list, made[0].name != made[1].name, "servers that are created together should have names of their own");
    Ok(made)
}

/// A server can be renamed, with letters that are not ASCII, while it is active and while it is stopped, and is shown with
/// its new name. A stopped one shows no progress.
///
/// The answers to the changes should have the new name.
#[conformance(
    id = "compute.servers.rename",
    spec = "compute-v2.1#update-server",
    covers = "5e6ccff8-349d-4852-a8b3-055df7988dd2",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 5,
)]
async fn rename(cx: &Cx) -> Outcome {
    let mut turn = Turn::take(cx).await?;
    rename_and_check(cx, &mut turn, "ACTIVE").await?;
    turn.act(cx, json!({"os-stop": null})).await?;
    turn.wait_for(cx, "SHUTOFF").await?;
    let stopped = rename_and_check(cx, &mut turn, "SHUTOFF").await?;
    require!(stopped, stopped.find("progress").is_none(), "a stopped server shows no progress");
    // This is for the next test, and no matter of this one.
    let started: Outcome = async {
        turn.act(cx, json!({"os-start": null})).await?;
        turn.wait_for(cx, "ACTIVE").await.map(drop)
    }
    .await;
    if started.is_ok() {
        turn.done();
    }
    Ok(())
}

async fn rename_and_check(cx: &Cx, server: &mut Server, status: &str) -> Outcome<Json> {
    let name = cx.name("íñstáñcé");
    let body = json!({"server": {"name": name}});
    let updated = cx.compute()?.put(&server.path).json(&body).require(200).await?;
    let updated = checked(&updated, &shapes::updated_server())?.get("server")?;
    expect_eq!(updated, updated.value()["name"], name, "the answer should have the new name");
    server.name.clone_from(&name);
    let shown = server.wait_for(cx, status).await?;
    require_eq!(shown, shown.value()["name"], name, "a server is shown with its new name");
    Ok(shown)
}

/// A server's access addresses can be changed, and it is shown with the new ones.
///
/// It should keep its name.
#[conformance(
    id = "compute.servers.update-access-addresses",
    spec = "compute-v2.1#update-server",
    covers = "89b90870-bc13-4b73-96af-f9d4f2b70077",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 2,
)]
async fn update_access_addresses(cx: &Cx) -> Outcome {
    let turn = Turn::take(cx).await?;
    let body = json!({"server": {"accessIPv4": "1.1.1.1", "accessIPv6": "::babe:202:202"}});
    let updated = cx.compute()?.put(&turn.path).json(&body).require(200).await?;
    checked(&updated, &shapes::updated_server())?;
    let shown = turn.wait_for(cx, "ACTIVE").await?;
    require_eq!(shown, shown.value()["accessIPv4"], "1.1.1.1", "the access address of version 4 is the new one");
    require_eq!(shown, shown.value()["accessIPv6"], "::babe:202:202", "the access address of version 6 is the new one");
    expect_eq!(shown, shown.value()["name"], turn.name, "a server whose addresses are changed should keep its name");
    turn.done();
    Ok(())
}
