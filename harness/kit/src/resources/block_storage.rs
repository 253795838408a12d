//! What volumes and their snapshots have in common: <https://docs.openstack.org/api-ref/block-storage/v3/>.

use std::time::{Duration, Instant};

use super::{Kind, Resource};
use crate::http::client::{Client, encode};
use crate::json::Json;
use crate::outcome::{Evidence as _, Outcome};

/// How long a deletion may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long it may be refused; whoever cleans up tries more than once.
const HINDERED: Duration = Duration::from_secs(10);

/// What of a collection has a name that is wanted.
pub(super) async fn list(
    client: &Client,
    collection: &str,
    kind: Kind,
    wanted: impl Fn(&Json) -> Option<String>,
) -> Outcome<Vec<Resource>> {
    let mut found = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let mut request = client.get(&format!("{collection}/detail")).query("limit", 200);
        if let Some(marker) = &marker {
            request = request.query("marker", marker);
        }
        let page = request.require(200).await?.json()?;
        let mut last = None;
        for seen in page.get(collection)?.elements()? {
            let id = seen.get("id")?.text()?.to_owned();
            if let Some(name) = wanted(&seen) {
                found.push(Resource { id: Some(id.clone()), ..Resource::new(kind, &name).of(client.role()) });
            }
            last = Some(id);
        }
        let more = page.find(&format!("{collection}_links")).is_some();
        if !more || last.is_none() || last == marker {
            return Ok(found);
        }
        marker = last;
    }
}

/// The id of a resource, or, while none is known, those of all that have its name.
pub(super) async fn ids(
    client: &Client,
    resource: &Resource,
    collection: &str,
    named: impl Fn(&Json) -> Option<String>,
) -> Outcome<Vec<String>> {
    if let Some(id) = &resource.id {
        return Ok(vec![id.clone()]);
    }
    let found = list(client, collection, resource.kind, named).await?;
    Ok(found.into_iter().filter_map(|resource| resource.id).collect())
}

/// Deletes something of a collection, as soon as it may be, and waits until it is gone.
pub(super) async fn delete(client: &Client, collection: &str, id: &str) -> Outcome {
    let path = format!("{collection}/{}", encode(id));
    let begun = Instant::now();
    let mut pause = Duration::from_millis(50);
    // What is busy, or has something that depends on it, is refused with 400 until that is over.
    let mut refused = true;
    loop {
        if refused {
            let answer = client.delete(&path).require([202, 204, 400, 404, 409]).await?;
            refused = matches!(answer.status(), 400 | 409);
            if answer.status() == 404 {
                return Ok(());
            }
            if refused && begun.elapsed() > HINDERED {
                return answer.require_status([202, 404]);
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_secs(2));
        if !refused {
            let shown = client.get(&path).require([200, 404]).await?;
            if shown.status() == 404 {
                return Ok(());
            }
            let waited = begun.elapsed();
            if waited > PATIENCE || shown.text().contains("\"error_deleting\"") {
                let within = Some(format!("within {} s", PATIENCE.as_secs()));
                return Err(shown.fail(format!("{path} is deleted"), within, Some(shown.text())));
            }
        }
    }
}
