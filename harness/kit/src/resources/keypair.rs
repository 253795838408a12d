//! Keypairs: <https://docs.openstack.org/api-ref/compute/#keypairs-keypairs>.

use super::{Kind, Resource};
use crate::http::client::{Client, encode};
use crate::outcome::Outcome;

/// Keypairs of the user whose name begins with a prefix.
pub(super) async fn find(client: &Client, prefix: &str) -> Outcome<Vec<Resource>> {
    let list = client.get("os-keypairs").require(200).await?.json()?;
    let mut found = Vec::new();
    for listed in list.get("keypairs")?.elements()? {
        let name = listed.at(["keypair", "name"])?.text()?.to_owned();
        if name.starts_with(prefix) {
            found.push(Resource::new(Kind::Keypair, &name).of(client.role()));
        }
    }
    Ok(found)
}

/// Deletes a keypair: its name is its id.
pub(super) async fn remove(client: &Client, keypair: &Resource) -> Outcome {
    client.delete(&format!("os-keypairs/{}", encode(&keypair.name))).require([202, 204, 404]).await.map(drop)
}
