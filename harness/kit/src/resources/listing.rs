//! Looking for what may be the run's in the lists of a service. A list is a hint where to look: what it shows may be
//! others', and may be called otherwise than the thing itself.

use serde_json::Value;

use super::facts::{Proof, Telling};
use super::{Kind, Resource};
use crate::http::address::encode;
use crate::http::client::Client;
use crate::need::Service;
use crate::outcome::Outcome;
use crate::pages::Pages;

/// How many pages of a list are looked through: many more than a project's quota fills.
pub(super) const PAGES: usize = 30;

/// Whatever a list shows under a name of the run.
pub(super) async fn find(client: &Client, kind: Kind) -> Outcome<Vec<Resource>> {
    let facts = kind.facts();
    let Proof::Read(telling) = facts.proof else { return Ok(Vec::new()) };
    let collection = telling.collection;
    // The newest release of a service has all fields; a list in an old one has what it has.
    let pages = match (kind, facts.service) {
        (Kind::ApplicationCredential, _) => {
            let login = client.caller.session.login(&client.caller.log).await?;
            Pages::new(client, &format!("users/{}/{collection}", encode(&login.user_id)))
        }
        // Who may not list them has made none.
        (Kind::Ec2Credential, _) => {
            let login = client.caller.session.login(&client.caller.log).await?;
            let pages = Pages::new(client, &format!("users/{}/{collection}", encode(&login.user_id)));
            pages.key("credentials").absent_if(403).absent_if(404)
        }
        // Who may not list what domains have, or the domains, has made none.
        (Kind::User | Kind::Group | Kind::Project | Kind::IdentityRole | Kind::Domain, _) => {
            Pages::new(client, collection).absent_if(403).absent_if(404)
        }
        (Kind::Keypair, _) => Pages::new(client, collection).key("keypairs"),
        (Kind::Image, _) => Pages::new(client, collection).query("limit", 200).query("visibility", "all"),
        // Who may not list secrets has made none.
        (Kind::Secret, _) => Pages::new(client, collection).query("limit", 100).absent_if(403).absent_if(404),
        (_, Service::BlockStorage) => {
            let pages = Pages::new(client, &format!("{collection}/detail")).key(collection).query("limit", 200);
            // A deployment need not offer backups; who may not list them has made none.
            if kind == Kind::Backup { pages.absent_if(404).absent_if(403) } else { pages }
        }
        // An extension that is not there has no list.
        (_, Service::Network) => {
            let fields =
                telling.labels.iter().fold(Pages::new(client, collection).query("fields", "id"), |pages, label| {
                    pages.query("fields", label)
                });
            fields.absent_if(404)
        }
        (_, Service::BareMetal) => {
            // Names of nodes, and allocations, came with these.
            let since = if kind == Kind::Allocation { "1.52" } else { "1.8" };
            let client = client.microversion(Service::BareMetal, since);
            Pages::new(&client, collection).query("fields", "uuid,name").absent_if(404).absent_if(406)
        }
        _ => Pages::new(client, collection),
    };
    let mut found = Vec::new();
    for entry in pages.at_most(PAGES).all().await? {
        let entry = entry.value();
        // Keypairs are wrapped in lists as well.
        let entry = entry.get(telling.wrapped).filter(|wrapped| wrapped.is_object()).unwrap_or(entry);
        let name = telling.label(entry).filter(|name| client.guard.is_ours(kind, name));
        if let (Some(name), Some(id)) = (name, id(&telling, entry)) {
            found.push(Resource { id: Some(id), ..Resource::new(kind, name).of(client.role()) });
        }
    }
    Ok(found)
}

fn id(telling: &Telling, entry: &Value) -> Option<String> {
    telling.id(entry).filter(|id| crate::guard::is_id(id)).map(str::to_owned)
}
