//! Servers: <https://docs.openstack.org/api-ref/compute/#servers-servers>.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Removal;
use crate::http::address::encode;
use crate::http::client::Client;
use crate::outcome::{Evidence as _, Outcome};

/// How long a deleted server may still be there.
const PATIENCE: Duration = Duration::from_secs(300);

/// Deletes a server and waits until it is gone. A locked one is unlocked before.
pub(super) async fn remove(client: &Client, id: &str) -> Outcome<Removal> {
    let path = format!("servers/{}", encode(id));
    if client.delete(&path).require([204, 404, 409]).await?.status() == 409 {
        client.post(&format!("{path}/action")).json(&json!({"unlock": null})).require([202, 404]).await?;
        client.delete(&path).require([204, 404]).await?;
    }
    gone(client, &path).await
}

/// Waits until a deleted server is gone; one that is kept for a while, to be restored, is deleted for good.
async fn gone(client: &Client, path: &str) -> Outcome<Removal> {
    let begun = Instant::now();
    let mut pause = Duration::from_millis(200);
    let mut forced = false;
    loop {
        let shown = client.get(path).require([200, 404]).await?;
        if shown.status() == 404 {
            return Ok(Removal::Done);
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
            let lasts = shown.finding("a deleted server must be gone".into(), Some(expected), Some(status.to_string()));
            return Ok(Removal::Lasts(Box::new(lasts)));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_secs(2));
    }
}
