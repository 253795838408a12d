//! Servers: <https://docs.openstack.org/api-ref/compute/#servers-servers>.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Kind, Resource};
use crate::http::client::{Client, encode};
use crate::outcome::{Evidence as _, Outcome};

/// How long a deleted server may still be there.
const PATIENCE: Duration = Duration::from_secs(120);

/// Servers of the project whose name begins with a prefix.
pub(super) async fn find(client: &Client, prefix: &str) -> Outcome<Vec<Resource>> {
    let mut found = Vec::new();
    let mut page = client.get("servers").require(200).await?.json()?;
    loop {
        for server in page.get("servers")?.elements()? {
            let name = server.get("name")?.text()?.to_owned();
            if name.starts_with(prefix) {
                let id = Some(server.get("id")?.text()?.to_owned());
                found.push(Resource { id, ..Resource::new(Kind::Server, &name).of(client.role()) });
            }
        }
        let links = page.value()["servers_links"].clone();
        let next = links.as_array().into_iter().flatten().find(|link| link["rel"] == "next");
        let query = next.and_then(|link| link["href"].as_str()?.split_once('?').map(|(_, query)| query));
        let Some(query) = query else { return Ok(found) };
        page = client.get(&format!("servers?{query}")).require(200).await?.json()?;
    }
}

/// Deletes a server, or all that have its name, and waits until they are gone. A locked one is unlocked before.
pub(super) async fn remove(client: &Client, server: &Resource) -> Outcome {
    let ids = if let Some(id) = &server.id {
        vec![id.clone()]
    } else {
        let found = find(client, &server.name).await?;
        found.into_iter().filter(|other| other.name == server.name).filter_map(|other| other.id).collect()
    };
    let paths: Vec<_> = ids.iter().map(|id| format!("servers/{}", encode(id))).collect();
    for path in &paths {
        let answer = client.delete(path).require([204, 404, 409]).await?;
        if answer.status() == 409 {
            client.post(&format!("{path}/action")).json(&json!({"unlock": null})).require([202, 404]).await?;
            client.delete(path).require([204, 404]).await?;
        }
    }
    for path in &paths {
        gone(client, path).await?;
    }
    Ok(())
}

/// Waits until a deleted server is gone; one that is kept for a while, to be restored, is deleted for good.
async fn gone(client: &Client, path: &str) -> Outcome {
    let begun = Instant::now();
    let mut pause = Duration::from_millis(200);
    let mut forced = false;
    loop {
        let shown = client.get(path).require([200, 404]).await?;
        if shown.status() == 404 {
            return Ok(());
        }
        let status = shown.json()?.value()["server"]["status"].clone();
        if status == "SOFT_DELETED" && !forced {
            forced = true;
            client
                .post(&format!("{path}/action"))
                .json(&json!({"forceDelete": Value::Null}))
                .require([202, 404])
                .await?;
        }
        if begun.elapsed() >= PATIENCE {
            let expected = format!("within {} s", PATIENCE.as_secs());
            return Err(shown.fail("a deleted server is gone".into(), Some(expected), Some(status.to_string())));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_secs(2));
    }
}
