//! The key of temporary URLs of an object-storage account:
//! <https://docs.openstack.org/swift/latest/api/temporary_url_middleware.html#secret-keys>.

use super::{Kind, Resource};
use crate::context::Cx;
use crate::http::client::Client;
use crate::outcome::Outcome;
use crate::session::Role;

const KEY: &str = "x-account-meta-temp-url-key";

/// Announces that the member's account gets a key of the run's, which can be told from any other; gives that key.
pub(crate) fn announce(cx: &Cx) -> Outcome<String> {
    let name = name(cx.deployment().run_id());
    let key = cx.deployment().session(Role::Member)?.derived_secret(&name)?;
    cx.log_handle().redactor().learn(&key);
    cx.will_create(Resource::new(Kind::TempUrlKey, &name))?;
    Ok(key)
}

/// The account's key, when it is that of the run with this name.
pub(super) async fn find(client: &Client, run: &str) -> Outcome<Vec<Resource>> {
    let key = Resource::new(Kind::TempUrlKey, &name(run)).of(client.role());
    Ok(if is_there(client, &key).await? { vec![key] } else { Vec::new() })
}

/// Removes the account's key if it is the run's.
pub(super) async fn remove(client: &Client, key: &Resource) -> Outcome {
    if is_there(client, key).await? {
        client.post("").header("x-remove-account-meta-temp-url-key", "x").require([200, 202, 204]).await?;
    }
    Ok(())
}

async fn is_there(client: &Client, key: &Resource) -> Outcome<bool> {
    let account = client.head("").require([200, 204]).await?;
    Ok(account.header(KEY) == Some(client.session.derived_secret(&key.name)?.as_str()))
}

fn name(run: &str) -> String {
    format!("{}-temp-url-key", run.trim_end_matches('-'))
}
