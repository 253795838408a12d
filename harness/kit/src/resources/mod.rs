//! What tests create or change, and how each kind is found again and removed, or put back.
//!
//! Cleaning up after a test and `assay sweep` use the same code: [`Resource::remove`] for what a journal names, and
//! [`find`] for what only a name's prefix tells.

mod account_metadata;
mod account_quota;
mod application_credential;
pub(crate) mod bare_metal;
mod block_storage;
mod container;
mod image;
mod keypair;
pub(crate) mod machine;
mod machine_parts;
mod machine_settings;
mod networking;
mod port;
pub(crate) mod redfish_system;
mod redfish_thing;
mod router;
mod security_group;
mod server;
mod snapshot;
mod spare_password;
pub(crate) mod temp_url_key;
mod volume;

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::context::Cx;
use crate::http::client::Client;
use crate::journal::State;
use crate::need::Service;
use crate::outcome::{Evidence as _, Outcome, Stop};
use crate::session::Role;
use serde::{Deserialize, Serialize};

pub use bare_metal::trait_name;
pub use machine::Machine;
pub(crate) use networking::is_interface;
pub use redfish_system::RedfishMachine;
pub use spare_password::SparePasswords;

/// A kind of resource that tests create or change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The password of the spare account.
    SparePassword,
    /// An application credential.
    ApplicationCredential,
    /// A server.
    Server,
    /// A keypair.
    Keypair,
    /// A volume snapshot.
    Snapshot,
    /// A volume.
    Volume,
    /// An image.
    Image,
    /// A floating IP.
    FloatingIp,
    /// A router, with its routes and interfaces.
    Router,
    /// A port.
    Port,
    /// A subnet.
    Subnet,
    /// A network, with its subnets.
    Network,
    /// A subnet pool.
    SubnetPool,
    /// A security group, with its rules.
    SecurityGroup,
    /// The quota of an object-storage account.
    AccountQuota,
    /// The key of temporary URLs of an object-storage account.
    TempUrlKey,
    /// An item of an object-storage account's metadata.
    AccountMetadata,
    /// An object-storage container, with every object in it.
    Container,
    /// The state of an indicator of a node that the user lists.
    Indicator,
    /// The virtual media of a node that the user lists.
    VirtualMedia,
    /// An allocation of the bare-metal service.
    Allocation,
    /// The state of a node of the bare-metal service that the user lists.
    Machine,
    /// A node of the bare-metal service, with its ports, volumes and the like: a record of the run's own.
    Node,
    /// A deploy template of the bare-metal service.
    DeployTemplate,
    /// A runbook of the bare-metal service.
    Runbook,
    /// An inspection rule of the bare-metal service.
    InspectionRule,
    /// A chassis of the bare-metal service.
    Chassis,
    /// A session of a Redfish service.
    RedfishSession,
    /// An account of a Redfish service.
    RedfishAccount,
    /// A subscription to the events of a Redfish service.
    RedfishSubscription,
    /// The state of a system of a Redfish service that the user lists.
    RedfishSystem,
}

impl Kind {
    /// All of them, in the order in which they are removed.
    pub const ALL: [Self; 31] = [
        Self::SparePassword,
        Self::ApplicationCredential,
        Self::Server,
        Self::Keypair,
        Self::Snapshot,
        Self::Volume,
        Self::Image,
        Self::FloatingIp,
        Self::Router,
        Self::Port,
        Self::Subnet,
        Self::Network,
        Self::SubnetPool,
        Self::SecurityGroup,
        Self::AccountQuota,
        Self::TempUrlKey,
        Self::AccountMetadata,
        Self::Container,
        Self::Indicator,
        Self::VirtualMedia,
        Self::Allocation,
        Self::Machine,
        Self::Node,
        Self::DeployTemplate,
        Self::Runbook,
        Self::InspectionRule,
        Self::Chassis,
        Self::RedfishSubscription,
        Self::RedfishAccount,
        Self::RedfishSystem,
        Self::RedfishSession,
    ];

    /// The service that it belongs to.
    #[must_use]
    pub fn service(self) -> Service {
        match self {
            Self::SparePassword | Self::ApplicationCredential => Service::Identity,
            Self::Server | Self::Keypair => Service::Compute,
            Self::Snapshot | Self::Volume => Service::BlockStorage,
            Self::Image => Service::Image,
            Self::FloatingIp
            | Self::Router
            | Self::Port
            | Self::Subnet
            | Self::Network
            | Self::SubnetPool
            | Self::SecurityGroup => Service::Network,
            Self::AccountQuota | Self::TempUrlKey | Self::AccountMetadata | Self::Container => Service::ObjectStorage,
            Self::Indicator
            | Self::VirtualMedia
            | Self::Allocation
            | Self::Machine
            | Self::Node
            | Self::DeployTemplate
            | Self::Runbook
            | Self::InspectionRule
            | Self::Chassis => Service::BareMetal,
            Self::RedfishSession | Self::RedfishAccount | Self::RedfishSubscription | Self::RedfishSystem => {
                Service::Redfish
            }
        }
    }

    /// Whether tests create it in this account.
    #[must_use]
    pub fn is_of(self, role: Role) -> bool {
        match self {
            Self::SparePassword => role == Role::Spare,
            Self::AccountQuota => role == Role::Reseller,
            Self::Container => matches!(role, Role::Member | Role::Alt | Role::Reseller),
            Self::RedfishSession | Self::RedfishAccount | Self::RedfishSubscription | Self::RedfishSystem => {
                matches!(role, Role::Redfish(_))
            }
            _ => role == Role::Member,
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SparePassword => "password",
            Self::ApplicationCredential => "application credential",
            Self::Server => "server",
            Self::Keypair => "keypair",
            Self::Snapshot => "volume snapshot",
            Self::Volume => "volume",
            Self::Image => "image",
            Self::FloatingIp => "floating IP",
            Self::Router => "router",
            Self::Port => "port",
            Self::Subnet => "subnet",
            Self::Network => "network",
            Self::SubnetPool => "subnet pool",
            Self::SecurityGroup => "security group",
            Self::AccountQuota => "account quota",
            Self::TempUrlKey => "key of temporary URLs",
            Self::AccountMetadata => "item of account metadata",
            Self::Container => "container",
            Self::Indicator => "indicator of the machine",
            Self::VirtualMedia => "virtual media of the machine",
            Self::Allocation => "allocation",
            Self::Machine => "state of the machine",
            Self::Node => "node",
            Self::DeployTemplate => "deploy template",
            Self::Runbook => "runbook",
            Self::InspectionRule => "inspection rule",
            Self::Chassis => "chassis",
            Self::RedfishSession => "Redfish session",
            Self::RedfishAccount => "Redfish account",
            Self::RedfishSubscription => "Redfish event subscription",
            Self::RedfishSystem => "state of the system",
        }
    }
}

/// Something that a test creates, or a setting that it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// What it is.
    pub kind: Kind,
    /// Its generated name.
    pub name: String,
    /// Whose it is.
    pub role: Role,
    /// Its id, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The value that a changed setting had before; no secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
}

impl Resource {
    /// A resource of the member's, not created yet.
    #[must_use]
    pub fn new(kind: Kind, name: &str) -> Self {
        Self { kind, name: name.to_owned(), role: Role::Member, id: None, previous: None }
    }

    /// The same, of another account.
    #[must_use]
    pub fn of(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// Whether both are about the same thing.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        (self.kind, &self.name, self.role) == (other.kind, &other.name, other.role)
    }

    /// Removes it, or puts it back; it is no error when it is gone already.
    ///
    /// Without an id, whatever has exactly its name is removed: the answer that would have told the id may be lost.
    pub async fn remove(&self, client: &Client) -> Outcome {
        match self.kind {
            Kind::SparePassword => spare_password::put_back(client, self).await,
            Kind::ApplicationCredential => application_credential::remove(client, self).await,
            Kind::Server => server::remove(client, self).await,
            Kind::Keypair => keypair::remove(client, self).await,
            Kind::Snapshot => snapshot::remove(client, self).await,
            Kind::Volume => volume::remove(client, self).await,
            Kind::Image => image::remove(client, self).await,
            Kind::FloatingIp => networking::remove(client, self, "floatingips").await,
            Kind::Router => router::remove(client, self).await,
            Kind::Port => port::remove(client, self).await,
            Kind::Subnet => networking::remove(client, self, "subnets").await,
            Kind::Network => networking::remove(client, self, "networks").await,
            Kind::SubnetPool => networking::remove(client, self, "subnetpools").await,
            Kind::SecurityGroup => security_group::remove(client, self).await,
            Kind::AccountQuota => account_quota::put_back(client, self).await,
            Kind::TempUrlKey => temp_url_key::remove(client, self).await,
            Kind::AccountMetadata => account_metadata::remove(client, self).await,
            Kind::Container => container::remove(client, self).await,
            Kind::Machine => machine::put_back(client, self).await,
            Kind::Indicator => machine_parts::put_back_indicator(client, self).await,
            Kind::VirtualMedia => machine_parts::eject(client, self).await,
            Kind::Allocation
            | Kind::Node
            | Kind::DeployTemplate
            | Kind::Runbook
            | Kind::InspectionRule
            | Kind::Chassis => bare_metal::remove(client, self).await,
            Kind::RedfishSession | Kind::RedfishAccount | Kind::RedfishSubscription => {
                redfish_thing::remove(client, self).await
            }
            Kind::RedfishSystem => redfish_system::put_back(client, self).await,
        }
    }
}

impl std::fmt::Display for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} `{}`", self.kind.name(), self.name)?;
        if let Some(id) = &self.id {
            write!(f, " ({id})")?;
        }
        if self.role == Role::Member { Ok(()) } else { write!(f, " of the {} account", self.role) }
    }
}

/// Everything of a kind whose name begins with a prefix.
pub async fn find(client: &Client, kind: Kind, prefix: &str) -> Outcome<Vec<Resource>> {
    match kind {
        Kind::SparePassword => spare_password::find(client, prefix).await,
        Kind::ApplicationCredential => application_credential::find(client, prefix).await,
        Kind::Server => server::find(client, prefix).await,
        Kind::Keypair => keypair::find(client, prefix).await,
        Kind::Snapshot => snapshot::find(client, prefix).await,
        Kind::Volume => volume::find(client, prefix).await,
        Kind::Image => image::find(client, prefix).await,
        Kind::FloatingIp => networking::find(client, kind, "floatingips", prefix).await,
        Kind::Router => networking::find(client, kind, "routers", prefix).await,
        Kind::Port => networking::find(client, kind, "ports", prefix).await,
        Kind::Subnet => networking::find(client, kind, "subnets", prefix).await,
        Kind::Network => networking::find(client, kind, "networks", prefix).await,
        Kind::SubnetPool => networking::find(client, kind, "subnetpools", prefix).await,
        Kind::SecurityGroup => networking::find(client, kind, "security-groups", prefix).await,
        // They have no name of the run's: only the journal tells of them.
        Kind::AccountQuota
        | Kind::Machine
        | Kind::Indicator
        | Kind::VirtualMedia
        | Kind::RedfishSystem
        | Kind::RedfishSession => Ok(Vec::new()),
        Kind::RedfishAccount | Kind::RedfishSubscription => redfish_thing::find(client, kind, prefix).await,
        Kind::TempUrlKey => temp_url_key::find(client, prefix).await,
        Kind::AccountMetadata => account_metadata::find(client, prefix).await,
        Kind::Container => container::find(client, prefix).await,
        Kind::Allocation | Kind::Node | Kind::DeployTemplate | Kind::Runbook | Kind::InspectionRule | Kind::Chassis => {
            bare_metal::find(client, kind, prefix).await
        }
    }
}

/// What a test has announced, and is undone after it, the latest first.
#[derive(Debug, Clone, Default)]
pub struct UndoList {
    entries: Arc<Mutex<Vec<Entry>>>,
    /// What the test has for itself until all is undone: machines, room within the project's quotas.
    kept: Arc<Mutex<Vec<Box<dyn Any + Send>>>>,
}

#[derive(Debug, Clone)]
struct Entry {
    resource: Resource,
    gone: bool,
}

impl UndoList {
    /// Whether nothing is left to undo.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries().iter().all(|entry| entry.gone)
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, Vec<Entry>> {
        // What a panicking test created is removed like any other's.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn plan(&self, cx: &Cx, resource: Resource) -> Outcome<Planned> {
        let log = cx.log();
        let journal = log.recorder().journal();
        journal.write(log.id(), &resource, State::Planned, None).map_err(Stop::Error)?;
        let mut entries = self.entries();
        entries.push(Entry { resource, gone: false });
        Ok(Planned { list: self.clone(), at: entries.len() - 1, log: cx.log_handle() })
    }

    /// Undoes everything; gives what could not be undone, each with the reason.
    ///
    /// After an `abrupt` end a creating request may still be on its way: what has no id yet is looked for again.
    pub async fn undo(&self, cx: &Cx, abrupt: bool) -> Vec<String> {
        /// How long a request that was under way at an abrupt end may take to come to its own.
        const LANDING: Duration = Duration::from_secs(10);
        if abrupt {
            cx.log().landed(LANDING).await;
        }
        let mut left = Vec::new();
        let pending: Vec<_> = self.entries().iter().cloned().enumerate().filter(|(_, entry)| !entry.gone).collect();
        for (at, entry) in pending.into_iter().rev() {
            let journal = cx.log().recorder().journal();
            let resource = &entry.resource;
            match settle(cx, resource, abrupt).await {
                Ok(()) => {
                    self.entries()[at].gone = true;
                    // It is gone: a journal that cannot say so does no harm.
                    let _ = journal.write(cx.log().id(), resource, State::Removed, None);
                }
                Err(reason) => {
                    let _ = journal.write(cx.log().id(), resource, State::Left, Some(&reason));
                    left.push(format!("{resource}: {reason}"));
                }
            }
        }
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
        left
    }

    /// Keeps something until all is undone.
    pub(crate) fn keep(&self, something: impl Any + Send) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(something));
    }
}

/// Removes a resource, trying again for a while: a service may refuse as long as it is busy with it.
async fn settle(cx: &Cx, resource: &Resource, abrupt: bool) -> Result<(), String> {
    const PAUSES: [u64; 5] = [200, 500, 1000, 2000, 4000];
    let client = cx.client(resource.role, resource.kind.service()).map_err(|stop| stop.to_string())?;
    let mut outcome = resource.remove(&client).await;
    if abrupt && resource.id.is_none() {
        for pause in [300, 1000] {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            outcome = resource.remove(&client).await;
        }
    }
    for pause in PAUSES {
        if outcome.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(pause)).await;
        outcome = resource.remove(&client).await;
    }
    outcome.map_err(|stop| stop.to_string())
}

/// A resource that was announced and will be undone.
#[derive(Debug, Clone)]
pub struct Planned {
    list: UndoList,
    at: usize,
    log: Arc<crate::recorder::TestLog>,
}

impl Planned {
    /// Notes the id under which it was created, by which it is removed.
    pub fn created(&self, id: &str) {
        let resource = {
            let mut entries = self.list.entries();
            entries[self.at].resource.id = Some(id.to_owned());
            entries[self.at].resource.clone()
        };
        // Without this line, a sweep finds it by its name.
        let _ = self.log.recorder().journal().write(self.log.id(), &resource, State::Created, None);
    }

    /// Notes more of what is to be put back, before it is changed.
    pub(crate) fn found(&self, previous: &str) -> Outcome {
        let resource = {
            let mut entries = self.list.entries();
            entries[self.at].resource.previous = Some(previous.to_owned());
            entries[self.at].resource.clone()
        };
        self.log.recorder().journal().write(self.log.id(), &resource, State::Created, None).map_err(Stop::Error)
    }

    /// Notes that the test removed it itself and saw it gone.
    pub fn removed(&self) {
        let resource = {
            let mut entries = self.list.entries();
            entries[self.at].gone = true;
            entries[self.at].resource.clone()
        };
        // Without this line, a sweep finds it gone.
        let _ = self.log.recorder().journal().write(self.log.id(), &resource, State::Removed, None);
    }
}
