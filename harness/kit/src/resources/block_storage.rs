//! What volumes, their snapshots and their backups have in common: <https://docs.openstack.org/api-ref/block-storage/v3/>.

use std::time::{Duration, Instant};

use super::Removal;
use crate::http::address::encode;
use crate::http::client::Client;
use crate::outcome::{Evidence as _, Outcome};

/// How long a deletion may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long it may be refused; whoever cleans up tries more than once.
const HINDERED: Duration = Duration::from_secs(10);

/// Deletes something of a collection, as soon as it may be, and waits until it is gone.
pub(super) async fn delete(client: &Client, collection: &str, id: &str) -> Outcome<Removal> {
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
                return Ok(Removal::Done);
            }
            if refused && begun.elapsed() > HINDERED {
                return answer.require_status([202, 404]).map(|()| Removal::Done);
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_secs(2));
        if !refused {
            let shown = client.get(&path).require([200, 404]).await?;
            if shown.status() == 404 {
                return Ok(Removal::Done);
            }
            let waited = begun.elapsed();
            if waited > PATIENCE || shown.text().contains("\"error_deleting\"") {
                let within = Some(format!("within {} s", PATIENCE.as_secs()));
                let lasts =
                    shown.finding(format!("{path} must be gone once it is deleted"), within, Some(shown.text()));
                return Ok(Removal::Lasts(Box::new(lasts)));
            }
        }
    }
}
