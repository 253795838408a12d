//! The key of temporary URLs of an object-storage account:
//! <https://docs.openstack.org/swift/latest/api/temporary_url_middleware.html#secret-keys>.

use super::{Kind, Resource, Standing};
use crate::http::client::Client;
use crate::outcome::Outcome;

const KEY: &str = "x-account-meta-temp-url-key";

/// The account's key, when it is the run's.
pub(super) async fn find(client: &Client) -> Outcome<Vec<Resource>> {
    let key = Resource::new(Kind::TempUrlKey, &name(client.guard.run())).of(client.role());
    Ok(if is_there(client, &key).await? { vec![key] } else { Vec::new() })
}

/// Removes the account's key if it is the run's.
pub(super) async fn remove(client: &Client, key: &Resource) -> Outcome {
    if key.name == name(client.guard.run()) && is_there(client, key).await? {
        client.guard.announce(Kind::TempUrlKey, &key.name);
        client.post("").header("x-remove-account-meta-temp-url-key", "x").require([200, 202, 204]).await?;
    }
    Ok(())
}

/// Whether the account's key is the run's.
pub(super) async fn standing(client: &Client, key: &Resource) -> Outcome<Standing> {
    let ours = key.name == name(client.guard.run()) && is_there(client, key).await?;
    // A key of somebody else's is none of the run's business.
    Ok(if ours { Standing::Ours } else { Standing::Gone })
}

async fn is_there(client: &Client, key: &Resource) -> Outcome<bool> {
    let account = client.head("").require([200, 204]).await?;
    Ok(account.header(KEY) == Some(client.caller.session.derived_secret(&key.name)?.as_str()))
}

pub(crate) fn name(run: &str) -> String {
    format!("{run}-temp-url-key")
}
