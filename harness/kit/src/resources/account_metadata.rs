//! Metadata of an object-storage account:
//! <https://docs.openstack.org/api-ref/object-store/#create-update-or-delete-account-metadata>.

use super::{Kind, Resource};
use crate::http::client::Client;
use crate::outcome::Outcome;

const HEADER: &str = "x-account-meta-";

/// Items of the account's metadata whose name begins with a prefix.
pub(super) async fn find(client: &Client, prefix: &str) -> Outcome<Vec<Resource>> {
    let account = client.head("").require([200, 204]).await?;
    let names = account.headers().iter().filter_map(|(name, _)| name.strip_prefix(HEADER));
    let own = names.filter(|name| name.starts_with(&prefix.to_ascii_lowercase()));
    Ok(own.map(|name| Resource::new(Kind::AccountMetadata, name).of(client.role())).collect())
}

/// Removes an item of the account's metadata.
pub(super) async fn remove(client: &Client, item: &Resource) -> Outcome {
    client.post("").header(&format!("x-remove-account-meta-{}", item.name), "x").require([200, 202, 204]).await?;
    Ok(())
}
