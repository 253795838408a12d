//! Servers as the tests make them, and the one that all tests read.

use std::sync::Arc;
use std::time::Duration;

use assay_kit::Planned;
use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::guest_access::{Access, access};
use super::shapes::{self, checked};

/// How long a server may take to change its state.
pub(super) const PATIENCE: Duration = Duration::from_secs(240);

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
pub(super) struct Server {
    pub id: String,
    pub name: String,
    pub path: String,
    planned: Planned,
}

impl Server {
    /// Asks for a server of this name with these members besides, and gives it and the answer as soon as it has an id.
    pub(super) async fn request(cx: &Cx, name: &str, members: Value) -> Outcome<(Self, Response)> {
        let body = with(request(cx, name).await?, members);
        let planned = cx.will_create(Resource::new(Kind::Server, name))?;
        let response = cx.compute()?.post("servers").json(&body).require(202).await?;
        let json = response.json()?;
        // It exists, whatever else is wrong with the answer.
        if let Some(id) = json.value()["server"]["id"].as_str() {
            planned.created(id);
        }
        shapes::created_server().require(&json)?;
        let id = json.at(["server", "id"])?.text()?.to_owned();
        Ok((Self { path: format!("servers/{}", encode(&id)), name: name.to_owned(), id, planned }, response))
    }

    /// Makes a server of a new name with these members besides, and waits until it is active.
    pub(super) async fn make(cx: &Cx, members: Value) -> Outcome<Self> {
        let (server, _) = Self::request(cx, &cx.name("server"), members).await?;
        server.wait_for(cx, "ACTIVE").await?;
        Ok(server)
    }

    /// What the service says of it now.
    pub(super) async fn show(&self, cx: &Cx) -> Outcome<Json> {
        show(cx, &self.id).await
    }

    /// Waits until it has this status and no task is under way; gives what is said of it then.
    pub(super) async fn wait_for(&self, cx: &Cx, status: &str) -> Outcome<Json> {
        wait_for(cx, &self.id, &self.name, status).await
    }

    /// Asks for an action that the service accepts with 202.
    pub(super) async fn act(&self, cx: &Cx, action: Value) -> Outcome<Response> {
        cx.compute()?.post(&format!("{}/action", self.path)).json(&action).require(202).await
    }

    /// Deletes it, and waits until it is gone.
    pub(super) async fn delete(&self, cx: &Cx) -> Outcome {
        let compute = cx.compute()?;
        compute.delete(&self.path).require(204).await?;
        let mut looks = 0;
        cx.wait_until("a deleted server is not found any more", PATIENCE, || {
            looks += 1;
            let list_first = looks % SHOWN_EVERY != 0;
            let compute = &compute;
            async move {
                if list_first && is_listed(cx, &self.id, &[("name", &self.name)]).await? {
                    return Ok(None);
                }
                let shown = compute.get(&self.path).require([200, 404]).await?;
                if shown.status() == 404 {
                    return Ok(Some(()));
                }
                let server = checked(&shown, &shapes::server())?.get("server")?;
                require!(server, server.value()["status"] != "ERROR", "a server can be deleted without an error");
                Ok(None)
            }
        })
        .await?;
        self.planned.removed();
        Ok(())
    }

    /// Removes it, whatever state it is in.
    pub(super) async fn discard(&self, cx: &Cx) -> Outcome {
        let resource = Resource { id: Some(self.id.clone()), ..Resource::new(Kind::Server, &self.name) };
        resource.remove(&cx.compute()?).await?;
        self.planned.removed();
        Ok(())
    }
}

/// The body of a request for a server that starts from the image and has the flavor and the network that were chosen.
pub(super) async fn request(cx: &Cx, name: &str) -> Outcome<Value> {
    let choices = cx.choices().await?;
    let mut server = json!({"name": name, "imageRef": choices.image, "flavorRef": choices.flavor});
    if let Some(network) = &choices.network {
        server["networks"] = json!([{"uuid": network}]);
    }
    Ok(json!({"server": server}))
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
            if list_first && !is_listed(cx, id, &[("name", name), ("status", status)]).await? {
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

/// Whether the list with these filters has a server.
async fn is_listed(cx: &Cx, id: &str, filters: &[(&str, &str)]) -> Outcome<bool> {
    let request = cx.compute()?.get("servers");
    let request = filters.iter().fold(request, |request, (name, value)| request.query(name, value));
    let servers = request.require(200).await?.json()?;
    Ok(servers.get("servers")?.elements()?.iter().any(|server| server.value()["id"] == *id))
}

/// The server that tests only read, and how it was made.
pub(super) struct Reading {
    pub server: Server,
    /// The request that its creation had.
    pub creation: String,
    /// Whether the answer had the administrator's password that was sent.
    pub password_kept: bool,
    /// What was said of it when it was active.
    pub shown: Value,
    /// How to log in to it, where that is worth a try. Only tests that look inside mind why not.
    pub access: Outcome<Option<Access>>,
}

impl Reading {
    pub(super) async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared(SHARED, |cx| async move {
            let password = cx.unused_uuid();
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
            let (server, response) = Server::request(&cx, &cx.name("server"), members).await?;
            let password_kept = response.json()?.value()["server"]["adminPass"] == *password;
            // The older name of the header is the one that the published tests read.
            let creation =
                response.header("x-compute-request-id").or_else(|| response.header("x-openstack-request-id"));
            let creation = creation.unwrap_or_default().to_owned();
            let shown = server.wait_for(&cx, "ACTIVE").await?.value().clone();
            Ok(Self { server, creation, password_kept, shown, access })
        })
        .await
    }
}

/// Ends the test as failed unless a server has this flavor.
pub(super) fn require_flavor(server: &Json, flavor: &str) -> Outcome {
    require_eq!(server, server.at(["flavor", "id"])?.value(), flavor, "the server has the flavor that was asked for");
    Ok(())
}

/// Ends the test as failed unless the answer was given at this microversion.
pub(super) fn require_microversion(response: &Response, version: &str) -> Outcome {
    let given = response.require_header("X-OpenStack-Nova-API-Version")?;
    require_eq!(response, given, version, "the answer is of the microversion that was asked for");
    Ok(())
}
