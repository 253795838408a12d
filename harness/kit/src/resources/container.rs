//! Containers with their objects: <https://docs.openstack.org/api-ref/object-store/#containers>.

use std::time::Duration;

use assay_text::excerpt;

use super::listing::PAGES;
use super::{Kind, Removal, Resource};
use crate::guard::Proved;
use crate::http::address::encode;
use crate::http::client::Client;
use crate::outcome::Outcome;
use crate::pages::Pages;

/// How often a container is listed and emptied: an older version may come to light when a newer one is deleted.
const ROUNDS: usize = 20;
/// How long a deleted container may still be found.
const LINGERING: Duration = Duration::from_secs(5);
/// How many objects of others are named.
const NAMED: usize = 5;

/// Containers that a list shows under a name of the run.
pub(super) async fn find(client: &Client) -> Outcome<Vec<Resource>> {
    let prefix = format!("{}-", client.guard.run());
    let pages = Pages::new(client, "").query("format", "json").query("prefix", prefix).by_marker("name");
    let pages = pages.at_most(PAGES);
    let mut found = Vec::new();
    for listed in pages.all().await? {
        let name = listed.get("name")?.text()?.to_owned();
        if client.guard.is_ours(Kind::Container, &name) {
            found.push(Resource::new(Kind::Container, &name).of(client.role()));
        }
    }
    Ok(found)
}

/// Empties a container of what the run wrote, and deletes it. One that holds something else stays.
pub(super) async fn remove(client: &Client, container: &Resource) -> Outcome<Removal> {
    match client.guard.container(&client.caller, client.role(), &container.name).await? {
        Proved::Yes => {}
        Proved::Gone => return Ok(Removal::Done),
        Proved::No(why) => return Ok(Removal::LeftAlone(why)),
    }
    let path = encode(&container.name);
    let mut round = 0;
    loop {
        // It is looked into first: a service may delete a container with all that is in it.
        if let Some(others) = empty(client, container).await? {
            return Ok(Removal::LeftAlone(others));
        }
        let answer = client.delete(&path).require([204, 404, 409]).await?;
        round += 1;
        if answer.status() != 409 {
            break;
        }
        if round == ROUNDS {
            return answer.require_status([204, 404]).map(|()| Removal::Done);
        }
    }
    let shown = client.head(&path).send().await?;
    // Listings and counts settle later than this; a container that is not gone at all would stay for good.
    if shown.status() < 300 {
        tokio::time::sleep(LINGERING).await;
        client.head(&path).require(404).await?;
    }
    Ok(Removal::Done)
}

/// Deletes what the run wrote; says what else there is.
async fn empty(client: &Client, container: &Resource) -> Outcome<Option<String>> {
    let path = encode(&container.name);
    let mut others = Vec::new();
    let pages = Pages::new(client, &path).query("format", "json").by_marker("name").absent_if(404).at_most(PAGES);
    for object in pages.all().await? {
        let name = object.get("name")?.text()?.to_owned();
        if !client.guard.has_written(&container.name, &name) {
            others.push(name);
            continue;
        }
        let path = format!("{path}/{}", encode(&name));
        if client.delete(&path).require([204, 404]).await?.status() == 404 {
            // An object that has expired is listed until the service's own clean-up finds it: it can be overwritten with one
            // that does not expire, and that one deleted.
            client.put(&path).send().await?;
            client.delete(&path).require([204, 404]).await?;
        }
    }
    let count = others.len();
    others.truncate(NAMED);
    let named = others.iter().map(|name| excerpt(name)).collect::<Vec<_>>().join("`, `");
    Ok((count > 0).then(|| format!("it holds objects that this run did not write ({count}), such as `{named}`")))
}
