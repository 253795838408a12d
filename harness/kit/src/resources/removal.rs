//! Removing what is known by an id: only what is proved to be the run's, and seen gone afterwards.

use std::time::{Duration, Instant};

use super::facts::Proof;
use super::{
    Kind, Removal, Resource, bare_metal, block_storage, identity, listing, networking, port, router, security_group,
    server,
};
use crate::guard::Proved;
use crate::http::address::encode;
use crate::http::client::Client;
use crate::outcome::{Evidence as _, Outcome};

/// How long a thing whose deletion was accepted may still be there, where its service has no state for that.
pub(super) const LINGERING: Duration = Duration::from_secs(20);

/// Removes a resource: by its id, or, where the answer that would have told it was lost, all that are proved to be the
/// run's under its name.
pub(super) async fn remove(client: &Client, resource: &Resource) -> Outcome<Removal> {
    let kind = resource.kind;
    let ids = if let Some(id) = &resource.id {
        vec![id.clone()]
    } else {
        let found = listing::find(client, kind).await?;
        found.into_iter().filter(|found| found.name == resource.name).filter_map(|found| found.id).collect()
    };
    let (mut doubts, mut lasts) = (Vec::new(), None);
    for id in ids {
        // As it is now: an id may be somebody else's by now.
        match client.guard.read(&client.caller, kind, &id).await? {
            Proved::Gone => {}
            Proved::Yes => match strangers(client, kind, &id).await? {
                Some(why) => doubts.push(why),
                None => match one(client, kind, &id).await? {
                    Removal::Lasts(finding) => lasts = Some(finding),
                    Removal::LeftAlone(why) => doubts.push(why),
                    Removal::Done => {}
                },
            },
            Proved::No(why) => doubts.push(why),
        }
    }
    Ok(match lasts {
        Some(finding) => Removal::Lasts(finding),
        None if doubts.is_empty() => Removal::Done,
        None => Removal::LeftAlone(doubts.join("; ")),
    })
}

/// What would go along with a network although it is somebody else's: its subnets.
async fn strangers(client: &Client, kind: Kind, id: &str) -> Outcome<Option<String>> {
    if kind != Kind::Network {
        return Ok(None);
    }
    let shown = client.get(&path(kind, id)).require([200, 404]).await?;
    if shown.status() == 404 {
        return Ok(None);
    }
    let network = shown.json()?;
    for subnet in network.value()["network"]["subnets"].as_array().into_iter().flatten() {
        if let Some(subnet) = subnet.as_str()
            && let Proved::No(why) = client.guard.prove(&client.caller, Kind::Subnet, subnet).await?
        {
            return Ok(Some(format!("it has a subnet that stays: {why}")));
        }
    }
    Ok(None)
}

/// Removes something that is proved to be the run's, and waits until it is gone.
async fn one(client: &Client, kind: Kind, id: &str) -> Outcome<Removal> {
    match kind {
        Kind::Server => return server::remove(client, id).await,
        Kind::Backup => return block_storage::delete(client, "backups", id).await,
        Kind::Snapshot => return block_storage::delete(client, "snapshots", id).await,
        Kind::Volume => return block_storage::delete(client, "volumes", id).await,
        Kind::Allocation | Kind::Node => {
            return bare_metal::remove(client, kind, id).await.map(|()| Removal::Done);
        }
        Kind::Router => router::remove(client, id).await?,
        Kind::Port => port::remove(client, id).await?,
        Kind::SecurityGroup => security_group::remove(client, id).await?,
        Kind::ApplicationCredential | Kind::Ec2Credential => {
            let login = client.caller.session.login(&client.caller.log).await?;
            let path = format!("users/{}/{}", encode(&login.user_id), path(kind, id));
            client.delete(&path).require([204, 404]).await?;
            return gone(client, &path).await;
        }
        Kind::User | Kind::Group | Kind::Project | Kind::IdentityRole | Kind::Domain => {
            return identity::remove(client, kind, id, &path(kind, id)).await;
        }
        Kind::Keypair => {
            client.delete(&path(kind, id)).require([202, 204, 404]).await?;
        }
        _ => networking::delete(client, &path(kind, id)).await?,
    }
    gone(client, &path(kind, id)).await
}

fn path(kind: Kind, id: &str) -> String {
    let collection = match kind.facts().proof {
        Proof::Read(telling) => telling.collection,
        _ => "",
    };
    format!("{collection}/{}", encode(id))
}

/// Waits until something is no longer found: an answer that it was deleted is no proof that it was.
async fn gone(client: &Client, path: &str) -> Outcome<Removal> {
    let begun = Instant::now();
    let mut pause = Duration::from_millis(100);
    loop {
        let shown = client.get(path).send().await?;
        if matches!(shown.status(), 404 | 410) {
            return Ok(Removal::Done);
        }
        if begun.elapsed() > LINGERING {
            let expected = format!("404 within {} s", LINGERING.as_secs());
            let actual = Some(shown.status().to_string());
            let lasts = shown.finding("what was deleted must be gone".into(), Some(expected), actual);
            return Ok(Removal::Lasts(Box::new(lasts)));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}
