//! Routers: <https://docs.openstack.org/api-ref/network/v2/#routers-routers>.

use serde_json::json;

use super::networking;
use crate::http::address::encode;
use crate::http::client::Client;
use crate::outcome::Outcome;

/// Deletes a router with its routes and interfaces.
pub(super) async fn remove(client: &Client, id: &str) -> Outcome {
    let path = format!("routers/{}", encode(id));
    let ports = client.get("ports").query("device_id", id).require(200).await?.json()?;
    for port in &ports.get("ports")?.elements()? {
        // The service may list the ports of others as well.
        if !networking::is_interface(port) || networking::text(port, "device_id") != id {
            continue;
        }
        let interface = json!({"port_id": networking::text(port, "id")});
        let off = || client.put(&format!("{path}/remove_router_interface")).json(&interface);
        if off().require([200, 404, 409]).await?.status() == 409 {
            // A route goes through it.
            client.put(&path).json(&json!({"router": {"routes": []}})).require([200, 404]).await?;
            off().require([200, 404]).await?;
        }
    }
    networking::delete(client, &path).await
}
