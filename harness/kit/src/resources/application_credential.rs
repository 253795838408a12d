//! Application credentials: <https://docs.openstack.org/api-ref/identity/v3/#application-credentials>.

use super::{Kind, Resource};
use crate::http::client::{Client, encode};
use crate::json::Json;
use crate::outcome::Outcome;

/// Application credentials of the user whose name begins with a prefix.
pub(super) async fn find(client: &Client, prefix: &str) -> Outcome<Vec<Resource>> {
    let mut found = Vec::new();
    for credential in list(client, None).await? {
        let name = credential.get("name")?.text()?.to_owned();
        if name.starts_with(prefix) {
            let id = Some(credential.get("id")?.text()?.to_owned());
            found.push(Resource { id, ..Resource::new(Kind::ApplicationCredential, &name).of(client.role()) });
        }
    }
    Ok(found)
}

/// Deletes an application credential, by its id or its name.
pub(super) async fn remove(client: &Client, credential: &Resource) -> Outcome {
    let ids = if let Some(id) = &credential.id {
        vec![id.clone()]
    } else {
        let named = list(client, Some(&credential.name)).await?;
        // A service that does not filter must not make us delete what is not ours.
        let named = named.iter().filter(|found| found.value()["name"].as_str() == Some(&credential.name));
        named.map(|found| Ok(found.get("id")?.text()?.to_owned())).collect::<Outcome<Vec<_>>>()?
    };
    for id in ids {
        let path = format!("{}/{}", path(client).await?, encode(&id));
        client.delete(&path).require([204, 404]).await?;
    }
    Ok(())
}

async fn list(client: &Client, name: Option<&str>) -> Outcome<Vec<Json>> {
    let mut request = client.get(&path(client).await?);
    if let Some(name) = name {
        request = request.query("name", name);
    }
    request.require(200).await?.json()?.get("application_credentials")?.elements()
}

async fn path(client: &Client) -> Outcome<String> {
    let login = client.session.login(&client.log).await?;
    Ok(format!("users/{}/application_credentials", encode(&login.user_id)))
}
