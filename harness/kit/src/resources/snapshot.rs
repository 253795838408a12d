//! Volume snapshots: <https://docs.openstack.org/api-ref/block-storage/v3/#volume-snapshots-snapshots>.

use super::block_storage::{delete, ids, list};
use super::{Kind, Resource};
use crate::http::client::Client;
use crate::json::Json;
use crate::outcome::Outcome;

/// Snapshots of the project whose name begins with a prefix.
pub(super) async fn find(client: &Client, prefix: &str) -> Outcome<Vec<Resource>> {
    list(client, "snapshots", Kind::Snapshot, |snapshot| called(snapshot).filter(|name| name.starts_with(prefix))).await
}

/// Deletes a snapshot, or all that have its name, and waits until it is gone.
pub(super) async fn remove(client: &Client, snapshot: &Resource) -> Outcome {
    let named = |seen: &Json| called(seen).filter(|name| *name == snapshot.name);
    for id in ids(client, snapshot, "snapshots", named).await? {
        delete(client, "snapshots", &id).await?;
    }
    Ok(())
}

fn called(snapshot: &Json) -> Option<String> {
    Some(snapshot.find("name")?.value().as_str()?.to_owned())
}
