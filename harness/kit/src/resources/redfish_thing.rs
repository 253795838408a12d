//! What tests create in a Redfish service: a session, an account, a subscription. Each is a member of a collection, and its
//! id is its path.

use super::facts::Proof;
use super::{Kind, Resource, Standing};
use crate::http::client::Client;
use crate::json::Json;
use crate::metal::Redfish;
use crate::outcome::{Outcome, Stop};

/// Whether it is there, and the run's.
pub(super) async fn standing(client: &Client, resource: &Resource) -> Outcome<Standing> {
    let Some(path) = &resource.id else { return Ok(Standing::Gone) };
    let shown = client.get(path).send().await?;
    if matches!(shown.status(), 404 | 410) {
        return Ok(Standing::Gone);
    }
    Ok(match client.guard.member(&client.caller, path, shown.bytes()) {
        Ok(()) => Standing::Ours,
        Err(why) => Standing::Doubtful(why),
    })
}

/// Removes it.
pub(super) async fn remove(client: &Client, resource: &Resource) -> Outcome {
    let paths = match &resource.id {
        Some(path) => vec![path.clone()],
        None => named(client, resource.kind, |name| name == resource.name)
            .await?
            .into_iter()
            .map(|(_, path)| path)
            .collect(),
    };
    for path in paths {
        client.delete(&path).require([200, 202, 204, 404]).await?;
    }
    Ok(())
}

/// Those that have a name of the run. Sessions have no name: only the journal tells of them, and they end by themselves.
pub(super) async fn find(client: &Client, kind: Kind) -> Outcome<Vec<Resource>> {
    let found = named(client, kind, |name| client.guard.is_ours(kind, name)).await?;
    let resource =
        |(name, path): (String, String)| Resource { id: Some(path), ..Resource::new(kind, &name).of(client.role()) };
    Ok(found.into_iter().map(resource).collect())
}

/// The members whose name is as wanted, each with its path.
async fn named(client: &Client, kind: Kind, wanted: impl Fn(&str) -> bool) -> Outcome<Vec<(String, String)>> {
    let Proof::Member(key) = kind.facts().proof else { return Ok(Vec::new()) };
    let (service, collection) = match kind {
        Kind::RedfishAccount => ("AccountService", "Accounts"),
        Kind::RedfishSubscription => ("EventService", "Subscriptions"),
        _ => return Ok(Vec::new()),
    };
    let redfish = Redfish::of(client.clone());
    let root = redfish.root().await?;
    // Where nothing is offered, or what is offered is broken, nothing can have been made.
    let Some(service) = working(redfish.follow(&root, service).await)? else { return Ok(Vec::new()) };
    let Some(collection) = working(redfish.follow(&service, collection).await)? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for path in redfish.member_paths(&collection).await? {
        let answer = client.get(&path).send().await?;
        // Gone since it was listed, or broken: not ours then, for ours could be read.
        let Ok(member) = serde_json::from_slice::<serde_json::Value>(answer.bytes()) else { continue };
        if let Some(name) = member[key].as_str().filter(|name| answer.status() == 200 && wanted(name)) {
            found.push((name.to_owned(), path));
        }
    }
    Ok(found)
}

fn working(found: Outcome<Option<Json>>) -> Outcome<Option<Json>> {
    match found {
        Err(Stop::Fail(_)) => Ok(None),
        found => found,
    }
}
