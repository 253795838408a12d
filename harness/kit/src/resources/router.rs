//! Routers: <https://docs.openstack.org/api-ref/network/v2/#routers-routers>.

use serde_json::json;

use super::{Resource, networking};
use crate::http::client::{Client, encode};
use crate::outcome::Outcome;

/// Deletes a router, or all that have its name, with its routes and interfaces.
pub(super) async fn remove(client: &Client, router: &Resource) -> Outcome {
    for id in networking::ids(client, router, "routers").await? {
        let path = format!("routers/{}", encode(&id));
        let ports = client.get("ports").query("device_id", &id).require(200).await?.json()?;
        for port in ports.get("ports")?.elements()?.iter().filter(|port| networking::is_interface(port)) {
            let interface = json!({"port_id": networking::text(port, "id")});
            let off = || client.put(&format!("{path}/remove_router_interface")).json(&interface);
            if off().require([200, 404, 409]).await?.status() == 409 {
                // A route goes through it.
                client.put(&path).json(&json!({"router": {"routes": []}})).require([200, 404]).await?;
                off().require([200, 404]).await?;
            }
        }
        client.delete(&path).require([204, 404]).await?;
    }
    Ok(())
}
