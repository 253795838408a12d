//! Security groups: <https://docs.openstack.org/api-ref/network/v2/#security-groups-security-groups>.

use serde_json::json;

use super::networking;
use crate::http::address::encode;
use crate::http::client::Client;
use crate::outcome::Outcome;

/// Deletes a group. One that is in use is taken off the run's own ports first: a test that is broken off may have given it
/// to a server that other tests still share.
pub(super) async fn remove(client: &Client, id: &str) -> Outcome {
    let path = format!("security-groups/{}", encode(id));
    if client.delete(&path).require([204, 404, 409]).await?.status() == 409 {
        take_off(client, id).await?;
        networking::delete(client, &path).await?;
    }
    Ok(())
}

/// Takes a group off the ports that have it.
async fn take_off(client: &Client, group: &str) -> Outcome {
    let ports = client.get("ports").query("fields", "id").query("fields", "security_groups");
    for port in ports.require(200).await?.json()?.get("ports")?.elements()? {
        let groups = port.value()["security_groups"].as_array().cloned().unwrap_or_default();
        let others: Vec<_> = groups.iter().filter(|other| *other != group).collect();
        if others.len() < groups.len() {
            let path = format!("ports/{}", encode(port.get("id")?.text()?));
            client.put(&path).json(&json!({"port": {"security_groups": others}})).require([200, 404]).await?;
        }
    }
    Ok(())
}
