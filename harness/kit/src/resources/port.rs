//! Ports: <https://docs.openstack.org/api-ref/network/v2/#ports>.

use serde_json::json;

use super::networking;
use crate::http::address::encode;
use crate::http::client::Client;
use crate::outcome::Outcome;

/// Deletes a port; one that is a router's interface is taken off the router.
pub(super) async fn remove(client: &Client, id: &str) -> Outcome {
    let path = format!("ports/{}", encode(id));
    let refused = client.delete(&path).require([204, 404, 409]).await?;
    if refused.status() != 409 {
        return Ok(());
    }
    let shown = client.get(&path).require([200, 404]).await?;
    if shown.status() == 404 {
        return Ok(());
    }
    let shown = shown.json()?.get("port")?;
    if !networking::is_interface(&shown) {
        return refused.require_status([204, 404]);
    }
    let router = networking::text(&shown, "device_id");
    let path = format!("routers/{}/remove_router_interface", encode(&router));
    client.put(&path).json(&json!({"port_id": id})).require([200, 404]).await.map(drop)
}
