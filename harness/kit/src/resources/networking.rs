//! Security groups: <https://docs.openstack.org/api-ref/network/v2/#security-groups-security-groups>.

use super::{Kind, Resource};
use crate::http::client::{Client, encode};
use crate::outcome::Outcome;

/// Those of a collection whose name begins with a prefix.
pub(super) async fn find(client: &Client, kind: Kind, collection: &str, prefix: &str) -> Outcome<Vec<Resource>> {
    let mut found = Vec::new();
    let list = client.get(collection).query("fields", "id").query("fields", "name").require(200).await?.json()?;
    for listed in list.get(&collection.replace('-', "_"))?.elements()? {
        let name = listed.get("name")?.text()?.to_owned();
        if name.starts_with(prefix) {
            let id = Some(listed.get("id")?.text()?.to_owned());
            found.push(Resource { id, ..Resource::new(kind, &name).of(client.role()) });
        }
    }
    Ok(found)
}

/// Deletes one, or all that have its name.
pub(super) async fn remove(client: &Client, resource: &Resource, collection: &str) -> Outcome {
    let ids = if let Some(id) = &resource.id {
        vec![id.clone()]
    } else {
        let found = find(client, resource.kind, collection, &resource.name).await?;
        found.into_iter().filter(|other| other.name == resource.name).filter_map(|other| other.id).collect()
    };
    for id in ids {
        client.delete(&format!("{collection}/{}", encode(&id))).require([204, 404]).await?;
    }
    Ok(())
}
