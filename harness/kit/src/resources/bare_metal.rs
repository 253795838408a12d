//! What tests record in the bare-metal service, and how it goes: <https://docs.openstack.org/api-ref/baremetal/>.
//!
//! Ports, port groups, volume connectors and targets, traits and settings go with their node.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::Kind;
use crate::http::address::encode;
use crate::http::client::Client;
use crate::json::Json;
use crate::need::Service;
use crate::outcome::{Evidence as _, Outcome};

/// How long a node that is to be removed may be busy.
const BUSY: Duration = Duration::from_secs(120);

/// All fields are known to the newest microversion.
pub(crate) fn newest(client: &Client) -> Client {
    client.microversion(Service::BareMetal, "latest")
}

/// The name of a template or runbook, which is that of a trait: `CUSTOM_` and the run's name in capitals.
#[must_use]
pub fn trait_name(name: &str) -> String {
    format!("CUSTOM_{}", name.to_ascii_uppercase().replace('-', "_"))
}

/// Removes a node of the run's own, or an allocation.
pub(super) async fn remove(client: &Client, kind: Kind, id: &str) -> Outcome {
    let client = newest(client);
    match kind {
        Kind::Allocation => remove_allocation(&client, &format!("allocations/{}", encode(id))).await,
        _ => remove_node(&client, &format!("nodes/{}", encode(id))).await,
    }
}

/// Removes a record that a run enrolled. In maintenance it goes whatever its state: there is no machine behind it.
async fn remove_node(client: &Client, path: &str) -> Outcome {
    let Some(node) = idle(client, path).await? else { return Ok(()) };
    if node.value()["protected"] == true {
        let changes = serde_json::json!([{"op": "replace", "path": "/protected", "value": false}]);
        client.patch(path).json(&changes).require([200, 404]).await?;
    }
    if client.delete(path).require([204, 404, 409]).await?.status() != 409 {
        return Ok(());
    }
    client.put(&format!("{path}/maintenance")).json(&serde_json::json!({})).require([202, 404, 409]).await?;
    idle(client, path).await?;
    client.delete(path).require([204, 404]).await.map(drop)
}

/// What a node is once no conductor works on it; none when it is gone.
async fn idle(client: &Client, path: &str) -> Outcome<Option<Json>> {
    let begun = Instant::now();
    let mut pause = Duration::from_millis(200);
    loop {
        let answer = client.get(path).require([200, 404]).await?;
        if answer.status() == 404 {
            return Ok(None);
        }
        let node = answer.json()?;
        if node.value()["reservation"].is_null() {
            return Ok(Some(node));
        }
        if begun.elapsed() > BUSY {
            let expected = format!("within {} s", BUSY.as_secs());
            return Err(node.fail("no conductor keeps the node reserved".into(), Some(expected), None));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_secs(2));
    }
}

/// Removes an allocation. That of a node with an instance goes only while the node is in maintenance.
async fn remove_allocation(client: &Client, path: &str) -> Outcome {
    let shown = client.get(path).require([200, 404]).await?;
    if shown.status() == 404 {
        return Ok(());
    }
    let node = shown.json()?.value()["node_uuid"].as_str().map(|id| format!("nodes/{}", encode(id)));
    let Some(node) = node else { return client.delete(path).require([204, 404]).await.map(drop) };
    idle(client, &node).await?;
    if client.delete(path).require([204, 404, 409]).await?.status() != 409 {
        return Ok(());
    }
    let before = client.get(&node).require(200).await?.json()?.value()["maintenance"].clone();
    let maintenance = format!("{node}/maintenance");
    client.put(&maintenance).json(&Value::Object(serde_json::Map::new())).require([202, 409]).await?;
    let gone = client.delete(path).require([204, 404]).await;
    if before != true {
        client.delete(&maintenance).require([202, 409]).await?;
    }
    gone.map(drop)
}
