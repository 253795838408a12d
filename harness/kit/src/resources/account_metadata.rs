//! Metadata of an object-storage account:
//! <https://docs.openstack.org/api-ref/object-store/#create-update-or-delete-account-metadata>.

use super::{Kind, Resource, Standing};
use crate::http::client::Client;
use crate::outcome::Outcome;

const HEADER: &str = "x-account-meta-";

/// Items of the account's metadata that have a name of the run.
pub(super) async fn find(client: &Client) -> Outcome<Vec<Resource>> {
    let account = client.head("").require([200, 204]).await?;
    let names = account.headers().iter().filter_map(|(name, _)| name.strip_prefix(HEADER));
    let own = names.filter(|name| client.guard.is_ours(Kind::AccountMetadata, name));
    Ok(own.map(|name| Resource::new(Kind::AccountMetadata, name).of(client.role())).collect())
}

/// Whether the account has an item, and the item is the run's.
pub(super) async fn standing(client: &Client, item: &Resource) -> Outcome<Standing> {
    if !client.guard.is_ours(Kind::AccountMetadata, &item.name) {
        return Ok(Standing::Doubtful(format!("`{}` is no name of this run", item.name)));
    }
    let account = client.head("").require([200, 204]).await?;
    let there = account.header(&format!("{HEADER}{}", item.name)).is_some();
    Ok(if there { Standing::Ours } else { Standing::Gone })
}

/// Removes an item of the account's metadata.
pub(super) async fn remove(client: &Client, item: &Resource) -> Outcome {
    client.post("").header(&format!("x-remove-account-meta-{}", item.name), "x").require([200, 202, 204]).await?;
    Ok(())
}
