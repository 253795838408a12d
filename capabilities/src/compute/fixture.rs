//! Servers as the tests make them, and the one that all tests read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use assay_kit::Planned;
use assay_kit::choices::{Choices, Flavor, Image};
use assay_kit::http::address::encode;
use assay_kit::prelude::*;
use assay_kit::resources::Removal;

use super::guest_access::{Access, access};
use super::shapes::{self, checked};

/// How long a server, and what belongs to it, may take to change its state.
pub(super) const PATIENCE: Duration = Duration::from_secs(300);

/// What Compute says where no host takes a server: none fits, or each that fits has refused it.
const NO_HOST: [&str; 2] = ["No valid host was found", "Exhausted all hosts"];

/// The key of the server that tests only read, as `shares` names it.
const SHARED: &str = "compute.server";
assay_kit::share!(SHARED, [Servers]);

/// What the server that tests only read is created with.
pub(super) const METADATA: (&str, &str) = ("hello", "world");
/// Its access address of version 4.
pub(super) const ACCESS_V4: &str = "1.1.1.1";
/// Its access address of version 6, in a form that is not the shortest.
const ACCESS_V6: &str = "0000:0000:0000:0000:0000:babe:220.12.22.2";

/// A server that a test made.
#[derive(Debug)]
pub(crate) struct Server {
    pub id: String,
    pub name: String,
    pub path: String,
    /// The ids of the image and the flavor that it was asked for with.
    pub image: String,
    pub flavor: String,
    planned: Planned,
}

impl Server {
    /// Asks for a server of this name with these members besides, and gives it and the answer as soon as it has an id.
    pub(super) async fn request(cx: &Cx, name: &str, members: Value) -> Outcome<(Self, Response)> {
        let body = with(request(cx, name).await?, members);
        let asked = |key: &str| body["server"][key].as_str().unwrap_or_default().to_owned();
        let (image, flavor) = (asked("imageRef"), asked("flavorRef"));
        let planned = cx.will_create(Resource::new(Kind::Server, name))?;
        let response = cx.compute()?.post("servers").json(&body).require(202).await?;
        let json = response.json()?;
        // It exists, whatever else is wrong with the answer.
        if let Some(id) = json.value()["server"]["id"].as_str() {
            planned.created(id);
        }
        shapes::created_server().require(&json)?;
        // The published tests read it after every creation.
        response.require_header("X-OpenStack-Request-Id")?;
        let id = json.at(["server", "id"])?.text()?.to_owned();
        let path = format!("servers/{}", encode(&id));
        Ok((Self { path, name: name.to_owned(), id, image, flavor, planned }, response))
    }

    /// Makes a server of a new name with these members besides, and waits until it is active.
    pub(crate) async fn make(cx: &Cx, members: Value) -> Outcome<Self> {
        let (server, ..) = Self::start(cx, members).await?;
        Ok(server)
    }

    /// The same; gives the answer to its creation as well, and what is said of it when it is active. A flavor for which there is
    /// no host gives way to another one, unless the user named it, and so does an image.
    async fn start(cx: &Cx, members: Value) -> Outcome<(Self, Response, Json)> {
        loop {
            let choices = cx.choices().await?;
            let chosen = choices.usual()?;
            let own = members.get("flavorRef").is_none() && members.get("imageRef").is_none();
            let (server, answer) = Self::request(cx, &cx.name("server"), members.clone()).await?;
            match server.wait_for(cx, "ACTIVE").await {
                Ok(shown) => {
                    if own {
                        choices.hosts(chosen.0, chosen.1);
                    }
                    return Ok((server, answer, shown));
                }
                Err(stop) => {
                    if !own || !gives_way(cx, &stop, &choices, chosen, || choices.usual())? {
                        return Err(stop);
                    }
                }
            }
            server.discard(cx).await?;
        }
    }

    /// What the service says of it now.
    pub(super) async fn show(&self, cx: &Cx) -> Outcome<Json> {
        show(cx, &self.id).await
    }

    /// Waits until it has this status and no task is under way; gives what is said of it then.
    pub(super) async fn wait_for(&self, cx: &Cx, status: &str) -> Outcome<Json> {
        wait_for(cx, &self.id, &self.name, status).await
    }

    /// Asks for an action that the service accepts with 202 and has nothing to say of.
    pub(super) async fn act(&self, cx: &Cx, action: Value) -> Outcome<Response> {
        let answer = self.ask(cx, action).await?;
        require_no_body(&answer)?;
        Ok(answer)
    }

    /// Asks for an action that the service accepts with 202.
    pub(super) async fn ask(&self, cx: &Cx, action: Value) -> Outcome<Response> {
        cx.compute()?.post(&format!("{}/action", self.path)).json(&action).require(202).await
    }

    /// Deletes it, and waits until it is gone.
    pub(super) async fn delete(&self, cx: &Cx) -> Outcome {
        cx.compute()?.delete(&self.path).require(204).await?;
        wait_until_gone(cx, &self.id, &self.name).await?;
        self.planned.removed();
        Ok(())
    }

    /// Removes it, whatever state it is in.
    pub(crate) async fn discard(&self, cx: &Cx) -> Outcome {
        let resource = Resource { id: Some(self.id.clone()), ..Resource::new(Kind::Server, &self.name) };
        if resource.remove(&cx.compute()?).await? == Removal::Done {
            self.planned.removed();
        }
        Ok(())
    }
}

/// Whether an image and a flavor give way to others, after a server of them came to nothing: no host was found for it, and
/// something else is chosen now.
pub(super) fn gives_way<'a>(
    cx: &Cx,
    stop: &Stop,
    choices: &Choices,
    (image, flavor): (&Image, &Flavor),
    now: impl FnOnce() -> Outcome<(&'a Image, &'a Flavor)>,
) -> Outcome<bool> {
    let actual = if let Stop::Fail(finding) = stop { finding.actual.as_deref() } else { None };
    let no_host = actual.is_some_and(|actual| NO_HOST.iter().any(|said| actual.contains(said)));
    if !(no_host && choices.has_no_host(image, flavor) && now()? != (image, flavor)) {
        return Ok(false);
    }
    let requirement =
        format!("the service should have a host for the image `{}` with the flavor `{}`", image.name, flavor.name);
    cx.deviate(requirement, None, Some(stop.to_string()));
    Ok(true)
}

/// A new password for an administrator: of small and capital letters, digits and a sign, as some services ask for.
pub(super) fn password(cx: &Cx) -> String {
    format!("{}-Aa1!", cx.unused_uuid())
}

/// The body of a request for a server that starts from the image and has the flavor and the network that were chosen.
pub(super) async fn request(cx: &Cx, name: &str) -> Outcome<Value> {
    let choices = cx.choices().await?;
    let mut server = json!({"name": name, "imageRef": choices.image()?.id, "flavorRef": choices.flavor()?.id});
    if let Some(network) = network(cx).await? {
        server["networks"] = json!([{"uuid": network}]);
    }
    Ok(json!({"server": server}))
}

/// The network of servers: the one that was chosen, or, where the project has none, one that is made for them. None where there
/// is no networking service.
async fn network(cx: &Cx) -> Outcome<Option<String>> {
    const MADE: &str = "compute.network";
    if cx.choices().await?.network()?.is_some() {
        return Ok(Some(crate::network::fixture::chosen_network(cx).await?));
    }
    if cx.network().is_err() {
        return Ok(None);
    }
    let made = cx.shared(MADE, |cx| async move { crate::network::fixture::network_of_servers(&cx).await }).await?;
    Ok(Some(made.to_string()))
}

/// A request with these members of the server besides, or instead.
pub(super) fn with(mut request: Value, members: Value) -> Value {
    if let Value::Object(members) = members {
        for (key, value) in members {
            request["server"][key] = value;
        }
    }
    request
}

/// What the service says of a server now.
pub(super) async fn show(cx: &Cx, id: &str) -> Outcome<Json> {
    let shown = cx.compute()?.get(&format!("servers/{}", encode(id))).require(200).await?;
    checked(&shown, &shapes::server())?.get("server")
}

/// How often a server itself is shown among looks at the list, while it is waited for.
///
/// To show a server, Compute asks Networking three times; a list of names with a filter asks nobody. That the list tells
/// nothing, because a server is in error or a filter does not work, is seen by the looks at the server.
const SHOWN_EVERY: u32 = 4;

/// Waits until a server has this status and no task is under way; gives what is said of it then.
pub(super) async fn wait_for(cx: &Cx, id: &str, name: &str, status: &str) -> Outcome<Json> {
    let mut looks = 0;
    cx.wait_until(&format!("the server is {status} and has no task under way"), PATIENCE, || {
        looks += 1;
        let list_first = looks % SHOWN_EVERY != 0;
        async move {
            if list_first && is_listed(cx, id, &[("name", name), ("status", status)]).await? == Some(false) {
                return Ok(None);
            }
            let server = show(cx, id).await?;
            let now = &server.value()["status"];
            if now == "ERROR" && status != "ERROR" {
                let actual = format!("ERROR: {}", server.value()["fault"]["message"]);
                return Err(server.fail(format!("the server is {status}"), Some(status.to_owned()), Some(actual)));
            }
            Ok((now == status && server.value()["OS-EXT-STS:task_state"].is_null()).then_some(server))
        }
    })
    .await
}

/// Waits until a deleted server is not found any more. One that the service keeps for a while, to be restored, is
/// deleted for good.
pub(super) async fn wait_until_gone(cx: &Cx, id: &str, name: &str) -> Outcome {
    let (compute, path) = (cx.compute()?, format!("servers/{}", encode(id)));
    let forced = AtomicBool::new(false);
    let mut looks = 0;
    cx.wait_until("a deleted server is not found any more", PATIENCE, || {
        looks += 1;
        let list_first = looks % SHOWN_EVERY != 0;
        let (compute, path, forced) = (&compute, &path, &forced);
        async move {
            if list_first && is_listed(cx, id, &[("name", name)]).await? == Some(true) {
                return Ok(None);
            }
            let shown = compute.get(path).require([200, 404]).await?;
            if shown.status() == 404 {
                return Ok(Some(()));
            }
            let server = checked(&shown, &shapes::server())?.get("server")?;
            let now = &server.value()["status"];
            require!(server, now != "ERROR", "a server can be deleted without an error");
            if now == "SOFT_DELETED" && !forced.swap(true, Ordering::Relaxed) {
                let action = json!({"forceDelete": null});
                compute.post(&format!("{path}/action")).json(&action).require([202, 404]).await?;
            }
            Ok(None)
        }
    })
    .await
}

/// Whether the list with these filters has a server; nothing where there is no such list to go by.
async fn is_listed(cx: &Cx, id: &str, filters: &[(&str, &str)]) -> Outcome<Option<bool>> {
    let request = cx.compute()?.get("servers");
    let request = filters.iter().fold(request, |request, (name, value)| request.query(name, value));
    let listed = request.send().await?;
    let Ok(body) = listed.json() else { return Ok(None) };
    let servers = body.value()["servers"].as_array().filter(|_| listed.status() == 200);
    Ok(servers.map(|servers| servers.iter().any(|server| server["id"] == *id)))
}

/// The server that tests only read, and how it was made.
pub(super) struct Reading {
    pub server: Server,
    /// The request that its creation had.
    pub creation: String,
    /// Whether the answer had the administrator's password that was sent; none where it had no password.
    pub password_kept: Option<bool>,
    /// What was said of it when it was active.
    pub shown: Value,
    /// How to log in to it, where that is worth a try. Only tests that look inside mind why not.
    pub access: Outcome<Option<Access>>,
}

impl Reading {
    pub(super) async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared(SHARED, |cx| async move {
            let password = password(&cx);
            let access = access(&cx).await;
            let mut members = json!({
                "metadata": {METADATA.0: METADATA.1},
                "accessIPv4": ACCESS_V4,
                "accessIPv6": ACCESS_V6,
                "OS-DCF:diskConfig": "AUTO",
                "adminPass": password,
            });
            if let Ok(Some(access)) = &access {
                access.add_to(&mut members);
            }
            let (server, response, shown) = Server::start(&cx, members).await?;
            let created = response.json()?;
            let password_kept = created.value()["server"].get("adminPass").map(|kept| *kept == *password);
            // The older of its two names is the one that the published tests read.
            let creation = response.header("X-Compute-Request-Id").unwrap_or_default().to_owned();
            Ok(Self { server, creation, password_kept, shown: shown.value().clone(), access })
        })
        .await
    }
}

/// Ends the test as failed unless a server has this flavor.
pub(super) fn require_flavor(server: &Json, flavor: &str) -> Outcome {
    require_eq!(server, server.at(["flavor", "id"])?.value(), flavor, "the server has the flavor that was asked for");
    Ok(())
}

/// Ends the test as failed if an answer says something in its body.
pub(super) fn require_no_body(response: &Response) -> Outcome {
    let body = response.text();
    require!(response, matches!(body.trim(), "" | "{}" | "null"), "{response} must be answered without a body");
    Ok(())
}

/// Ends the test as failed unless the answer was given at this microversion.
pub(super) fn require_microversion(response: &Response, version: &str) -> Outcome {
    let given = response.require_header("X-OpenStack-Nova-API-Version")?;
    require_eq!(response, given, version, "the answer is of the microversion that was asked for");
    Ok(())
}
