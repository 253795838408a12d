//! What tests create or change, and how each kind is found again and removed, or put back.
//!
//! Cleaning up after a test and `assay sweep` use the same code: [`Resource::remove`] for what a journal names, and
//! [`find`] for what only its name tells. Neither can change what is not proved to be the run's: see [`crate::guard`].

mod account_metadata;
mod account_quota;
pub(crate) mod bare_metal;
mod block_storage;
mod container;
pub(crate) mod facts;
mod identity;
mod kind;
mod listing;
pub(crate) mod machine;
mod machine_parts;
pub(crate) mod machine_settings;
mod networking;
mod port;
pub(crate) mod redfish_system;
mod redfish_thing;
mod removal;
mod resource;
mod router;
mod security_group;
mod server;
pub(crate) mod spare_password;
mod standing;
pub(crate) mod temp_url_key;

use crate::http::client::Client;
use crate::outcome::Outcome;
use facts::Proof;

pub use bare_metal::trait_name;
pub use kind::Kind;
pub(crate) use networking::is_interface;
pub use resource::Resource;
pub use standing::{Removal, Standing};

impl Resource {
    /// Removes it, or puts it back; it is no error when it is gone already.
    ///
    /// Without an id, whatever has exactly its name is removed: the answer that would have told the id may be lost.
    ///
    /// What is not proved to be the run's stays, and that is no failure: it would be the same another time.
    pub async fn remove(&self, client: &Client) -> Outcome<Removal> {
        let facts = self.kind.facts();
        let standing = match facts.proof {
            // Proved one by one.
            Proof::Read(_) | Proof::Name => Standing::Ours,
            // Right after a change, the one before it may log in still.
            Proof::Setting if self.kind == Kind::SparePassword => Standing::Ours,
            _ => self.standing(client).await?,
        };
        if let Standing::Doubtful(why) = standing {
            return Ok(Removal::LeftAlone(why));
        }
        match self.kind {
            Kind::SparePassword => spare_password::put_back(client, self).await?,
            Kind::AccountQuota => account_quota::put_back(client, self).await?,
            Kind::TempUrlKey => temp_url_key::remove(client, self).await?,
            Kind::AccountMetadata => account_metadata::remove(client, self).await?,
            Kind::Container => return container::remove(client, self).await,
            // They go with their container.
            Kind::Object => {}
            Kind::Machine => {
                if let Err(stop) = machine::put_back(client, self).await {
                    // Somebody may have taken it in the meantime.
                    return match machine::taken(client, self).await {
                        Ok(Some(why)) => Ok(Removal::LeftAlone(why)),
                        _ => Err(stop),
                    };
                }
            }
            Kind::Indicator => machine_parts::put_back_indicator(client, self).await?,
            Kind::VirtualMedia => machine_parts::eject(client, self).await?,
            Kind::RedfishSession | Kind::RedfishAccount | Kind::RedfishSubscription => {
                redfish_thing::remove(client, self).await?;
            }
            Kind::RedfishSystem => Box::pin(redfish_system::put_back(client, self)).await?,
            Kind::ApplicationCredential
            | Kind::Ec2Credential
            | Kind::User
            | Kind::Group
            | Kind::Project
            | Kind::IdentityRole
            | Kind::Domain
            | Kind::Server
            | Kind::Keypair
            | Kind::Backup
            | Kind::Snapshot
            | Kind::Volume
            | Kind::Secret
            | Kind::Image
            | Kind::FloatingIp
            | Kind::Router
            | Kind::Port
            | Kind::Subnet
            | Kind::Network
            | Kind::SubnetPool
            | Kind::SecurityGroup
            | Kind::Allocation
            | Kind::Node => return removal::remove(client, self).await,
        }
        Ok(Removal::Done)
    }

    /// Whether it is there and the run's, as far as that can be told before it is removed or put back; nothing is changed.
    pub async fn standing(&self, client: &Client) -> Outcome<Standing> {
        Ok(match self.kind.facts().proof {
            Proof::Read(_) => match &self.id {
                Some(id) => client.guard.read(&client.caller, self.kind, id).await?.into(),
                // It was announced, and no list shows it: it was never made, or is gone.
                None => Standing::Gone,
            },
            Proof::Name if self.kind == Kind::Object => Standing::Gone,
            Proof::Name => client.guard.container(&client.caller, self.role, &self.name).await?.into(),
            Proof::Member(_) => redfish_thing::standing(client, self).await?,
            Proof::Setting => match self.kind {
                Kind::AccountMetadata => account_metadata::standing(client, self).await?,
                Kind::TempUrlKey => temp_url_key::standing(client, self).await?,
                Kind::AccountQuota => account_quota::standing(client, self).await?,
                _ => spare_password::standing(client, self).await?,
            },
            Proof::Listed => {
                let lent = |id: &String| match self.kind {
                    Kind::RedfishSystem => client.guard.is_lent(self.role, id),
                    _ => client.guard.is_lent_node(id),
                };
                if self.id.as_ref().is_some_and(lent) {
                    let taken = match self.kind {
                        Kind::RedfishSystem => redfish_system::taken(client, self).await?,
                        _ => machine::taken(client, self).await?,
                    };
                    taken.map_or(Standing::Ours, Standing::Doubtful)
                } else {
                    Standing::Doubtful("the deployment file of this command does not list that machine".into())
                }
            }
        })
    }
}

/// What is found of a kind under a name of the run.
pub async fn find(client: &Client, kind: Kind) -> Outcome<Vec<Resource>> {
    match kind.facts().proof {
        Proof::Read(_) => listing::find(client, kind).await,
        Proof::Name if kind == Kind::Container => container::find(client).await,
        Proof::Member(_) => redfish_thing::find(client, kind).await,
        Proof::Setting => match kind {
            Kind::SparePassword => spare_password::find(client).await,
            Kind::TempUrlKey => temp_url_key::find(client).await,
            Kind::AccountMetadata => account_metadata::find(client).await,
            // It has no name of the run's: only the journal tells of it.
            _ => Ok(Vec::new()),
        },
        Proof::Name | Proof::Listed => Ok(Vec::new()),
    }
}
