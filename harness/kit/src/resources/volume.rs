//! Volumes: <https://docs.openstack.org/api-ref/block-storage/v3/#volumes-volumes>.
//!
//! A volume may be made without a name; its generated one is then the last word of its description.

use super::block_storage::{delete, ids, list};
use super::{Kind, Resource};
use crate::http::client::Client;
use crate::json::Json;
use crate::outcome::Outcome;

/// Volumes of the project whose name begins with a prefix.
pub(super) async fn find(client: &Client, prefix: &str) -> Outcome<Vec<Resource>> {
    list(client, "volumes", Kind::Volume, |volume| called(volume).filter(|name| name.starts_with(prefix))).await
}

/// Deletes a volume, or all that have its name, and waits until it is gone.
pub(super) async fn remove(client: &Client, volume: &Resource) -> Outcome {
    let named = |seen: &Json| called(seen).filter(|name| *name == volume.name);
    for id in ids(client, volume, "volumes", named).await? {
        delete(client, "volumes", &id).await?;
    }
    Ok(())
}

fn called(volume: &Json) -> Option<String> {
    let text = |key: &str| Some(volume.find(key)?.value().as_str()?.to_owned()).filter(|text| !text.is_empty());
    text("name").or_else(|| Some(text("description")?.split_whitespace().next_back()?.to_owned()))
}
