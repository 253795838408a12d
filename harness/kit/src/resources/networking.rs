//! Networks, subnets, subnet pools, floating IPs, security groups, and what ports and routers have in common with them:
//! <https://docs.openstack.org/api-ref/network/v2/>.

use super::{Kind, Resource};
use crate::http::client::{Client, encode};
use crate::json::Json;
use crate::outcome::Outcome;

/// Those of a collection whose name begins with a prefix. A floating IP has none: its description stands for it.
pub(super) async fn find(client: &Client, kind: Kind, collection: &str, prefix: &str) -> Outcome<Vec<Resource>> {
    let label = if kind == Kind::FloatingIp { "description" } else { "name" };
    // The one name with two words is written with a dash in addresses and without in bodies.
    let key = collection.replace('-', "_");
    let mut found = Vec::new();
    let first = client.get(collection).query("fields", "id").query("fields", label);
    let first = first.require([200, 404]).await?;
    if first.status() == 404 {
        // Its extension is not there.
        return Ok(found);
    }
    let mut page = first.json()?;
    loop {
        for listed in page.get(&key)?.elements()? {
            let name = text(&listed, label);
            if name.starts_with(prefix) {
                let id = Some(listed.get("id")?.text()?.to_owned());
                found.push(Resource { id, ..Resource::new(kind, &name).of(client.role()) });
            }
        }
        let links = page.value()[format!("{key}_links")].clone();
        let next = links.as_array().into_iter().flatten().find(|link| link["rel"] == "next");
        let query = next.and_then(|link| link["href"].as_str()?.split_once('?').map(|(_, query)| query));
        let Some(query) = query else { return Ok(found) };
        page = client.get(&format!("{collection}?{query}")).require(200).await?.json()?;
    }
}

/// Deletes one, or all that have its name.
pub(super) async fn remove(client: &Client, resource: &Resource, collection: &str) -> Outcome {
    for id in ids(client, resource, collection).await? {
        client.delete(&format!("{collection}/{}", encode(&id))).require([204, 404]).await?;
    }
    Ok(())
}

/// Its id, or the ids of all that have its name.
pub(super) async fn ids(client: &Client, resource: &Resource, collection: &str) -> Outcome<Vec<String>> {
    if let Some(id) = &resource.id {
        return Ok(vec![id.clone()]);
    }
    let found = find(client, resource.kind, collection, &resource.name).await?;
    Ok(found.into_iter().filter(|other| other.name == resource.name).filter_map(|other| other.id).collect())
}

pub(super) fn text(json: &Json, key: &str) -> String {
    json.value()[key].as_str().unwrap_or_default().to_owned()
}

/// Whether a port is a router's interface: such a one is removed by way of its router.
pub(crate) fn is_interface(port: &Json) -> bool {
    text(port, "device_owner").contains("interface")
}
