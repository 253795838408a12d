//! Containers with their objects: <https://docs.openstack.org/api-ref/object-store/#containers>.

use super::{Kind, Resource};
use crate::http::client::{Client, encode};
use crate::outcome::Outcome;

/// How often a container is listed and emptied: an older version may come to light when a newer one is deleted.
const ROUNDS: usize = 20;

/// Containers of the account whose name begins with a prefix.
pub(super) async fn find(client: &Client, prefix: &str) -> Outcome<Vec<Resource>> {
    let listing = client.get("").query("format", "json").query("prefix", prefix).require([200, 204]).await?;
    if listing.status() == 204 {
        return Ok(Vec::new());
    }
    let containers = listing.json()?.elements()?;
    containers
        .into_iter()
        .map(|container| Ok(Resource::new(Kind::Container, container.get("name")?.text()?).of(client.role())))
        .collect()
}

/// Empties a container and deletes it.
pub(super) async fn remove(client: &Client, container: &Resource) -> Outcome {
    let path = encode(&container.name);
    // Most tests end with an empty container, or with none.
    let mut answer = client.delete(&path).require([204, 404, 409]).await?;
    for _ in 0..ROUNDS {
        if answer.status() != 409 {
            return Ok(());
        }
        let listing = client.get(&path).query("format", "json").require([200, 204, 404]).await?;
        if listing.status() == 200 {
            for object in listing.json()?.elements()? {
                let path = format!("{path}/{}", encode(object.get("name")?.text()?));
                let gone = client.delete(&path).require([204, 404]).await?;
                if gone.status() == 404 {
                    // An object that has expired is listed until the service's own clean-up finds it: it can be
                    // overwritten with one that does not expire, and that one deleted.
                    client.put(&path).send().await?;
                    client.delete(&path).require([204, 404]).await?;
                }
            }
        }
        answer = client.delete(&path).require([204, 404, 409]).await?;
    }
    answer.require_status([204, 404])
}
