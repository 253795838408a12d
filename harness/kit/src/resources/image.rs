//! Images: <https://docs.openstack.org/api-ref/image/v2/#images>.

use super::{Kind, Resource};
use crate::http::client::{Client, encode};
use crate::outcome::Outcome;

/// Images of the account whose name begins with a prefix.
pub(super) async fn find(client: &Client, prefix: &str) -> Outcome<Vec<Resource>> {
    let mut found = Vec::new();
    let mut page = client.get("images").query("limit", 200).query("visibility", "all").require(200).await?.json()?;
    loop {
        for image in page.get("images")?.elements()? {
            let name = image.find("name").and_then(|name| name.value().as_str().map(str::to_owned)).unwrap_or_default();
            if name.starts_with(prefix) {
                let id = Some(image.get("id")?.text()?.to_owned());
                found.push(Resource { id, ..Resource::new(Kind::Image, &name).of(client.role()) });
            }
        }
        let Some(next) = page.find("next") else { return Ok(found) };
        let query = next.text()?.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
        page = client.get(&format!("images?{query}")).require(200).await?.json()?;
    }
}

/// Deletes an image, or all that have its name.
pub(super) async fn remove(client: &Client, image: &Resource) -> Outcome {
    let ids = if let Some(id) = &image.id {
        vec![id.clone()]
    } else {
        let named = client.get("images").query("name", &image.name).require(200).await?.json()?;
        let ids = named.get("images")?.elements()?.into_iter().map(|image| Ok(image.get("id")?.text()?.to_owned()));
        ids.collect::<Outcome<Vec<_>>>()?
    };
    for id in ids {
        client.delete(&format!("images/{}", encode(&id))).require([204, 404]).await?;
    }
    Ok(())
}
