//! What domains have, and domains: <https://docs.openstack.org/api-ref/identity/v3/>.

use std::time::{Duration, Instant};

use serde_json::json;

use super::removal::LINGERING;
use super::{Kind, Removal};
use crate::guard::Proved;
use crate::http::client::Client;
use crate::outcome::{Evidence as _, Outcome};

/// Removes it, and waits until it is gone. Whoever has rights within one domain alone may be answered 403 for what is not there:
/// the guard asks the list then.
pub(super) async fn remove(client: &Client, kind: Kind, id: &str, path: &str) -> Outcome<Removal> {
    if kind == Kind::Domain {
        // One that is enabled is not deleted.
        client.patch(path).json(&json!({"domain": {"enabled": false}})).require([200, 404]).await?;
    }
    let deleted = client.delete(path).require([204, 403, 404]).await?;
    let begun = Instant::now();
    let mut pause = Duration::from_millis(100);
    loop {
        if client.guard.read(&client.caller, kind, id).await? == Proved::Gone {
            return Ok(Removal::Done);
        }
        // It is there, so the refusal is one.
        deleted.require_status([204, 404])?;
        if begun.elapsed() > LINGERING {
            let expected = format!("404 within {} s", LINGERING.as_secs());
            let lasts = deleted.finding("what was deleted must be gone".into(), Some(expected), None);
            return Ok(Removal::Lasts(Box::new(lasts)));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}
