//! What tests record in the bare-metal service, and how it goes: <https://docs.openstack.org/api-ref/baremetal/>.
//!
//! Ports, port groups, volume connectors and targets, traits and settings go with their node.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Kind, Resource};
use crate::http::client::{Client, encode};
use crate::json::Json;
use crate::need::Service;
use crate::outcome::{Evidence as _, Outcome};

/// How long a node that is to be removed may be busy.
const BUSY: Duration = Duration::from_secs(120);

/// A collection of named things.
struct Collection {
    path: &'static str,
    /// What its list is called.
    key: &'static str,
    /// Where the run's name stands.
    label: &'static str,
    /// The first microversion that has it with its label.
    since: &'static str,
}

fn collection(kind: Kind) -> Collection {
    let (path, key, label, since) = match kind {
        Kind::Allocation => ("allocations", "allocations", "name", "1.52"),
        Kind::DeployTemplate => ("deploy_templates", "deploy_templates", "name", "1.55"),
        Kind::Runbook => ("runbooks", "runbooks", "name", "1.92"),
        Kind::InspectionRule => ("inspection_rules", "inspection_rules", "description", "1.96"),
        Kind::Chassis => ("chassis", "chassis", "description", "1.8"),
        _ => ("nodes", "nodes", "name", "1.8"),
    };
    Collection { path, key, label, since }
}

/// All fields are known to the newest microversion.
pub(super) fn newest(client: &Client) -> Client {
    client.microversion(Service::BareMetal, "latest")
}

/// The name of a template or runbook, which is that of a trait: `CUSTOM_` and the run's name in capitals.
#[must_use]
pub fn trait_name(name: &str) -> String {
    format!("CUSTOM_{}", name.to_ascii_uppercase().replace('-', "_"))
}

/// Those whose name begins with a prefix.
pub(super) async fn find(client: &Client, kind: Kind, prefix: &str) -> Outcome<Vec<Resource>> {
    let Collection { path, key, label, since } = collection(kind);
    let client = client.microversion(Service::BareMetal, since);
    let mut found = Vec::new();
    let first = client.get(path).query("fields", format!("uuid,{label}")).require([200, 404, 406]).await?;
    if first.status() != 200 {
        // A service that is older than these.
        return Ok(found);
    }
    let mut page = first.json()?;
    loop {
        for listed in page.get(key)?.elements()? {
            let label = listed.value()[label].as_str().unwrap_or_default();
            let name = label.strip_prefix("CUSTOM_").map(|name| name.to_ascii_lowercase().replace('_', "-"));
            let name = name.unwrap_or_else(|| label.to_owned());
            if name.starts_with(prefix) {
                let id = Some(listed.get("uuid")?.text()?.to_owned());
                found.push(Resource { id, ..Resource::new(kind, &name).of(client.role()) });
            }
        }
        let next =
            page.value()["next"].as_str().and_then(|next| next.split_once('?')).map(|(_, query)| query.to_owned());
        let Some(query) = next else { return Ok(found) };
        page = client.get(&format!("{path}?{query}")).require(200).await?.json()?;
    }
}

/// Removes one, or all that have its name.
pub(super) async fn remove(client: &Client, resource: &Resource) -> Outcome {
    let ids = if let Some(id) = &resource.id {
        vec![id.clone()]
    } else {
        let found = find(client, resource.kind, &resource.name).await?;
        found.into_iter().filter(|other| other.name == resource.name).filter_map(|other| other.id).collect()
    };
    let client = newest(client);
    for id in ids {
        let path = format!("{}/{}", collection(resource.kind).path, encode(&id));
        match resource.kind {
            Kind::Node => remove_node(&client, &path).await?,
            Kind::Allocation => remove_allocation(&client, &path).await?,
            _ => client.delete(&path).require([204, 404]).await.map(drop)?,
        }
    }
    Ok(())
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
