//! The kinds of resources that tests create or change.

use serde::{Deserialize, Serialize};

use crate::session::Role;

/// A kind of resource that tests create or change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The password of the spare account.
    SparePassword,
    /// An application credential.
    ApplicationCredential,
    /// An EC2 credential of the identity service, which signs requests to S3.
    Ec2Credential,
    /// A user of a domain.
    User,
    /// A group of users of a domain.
    Group,
    /// A project of a domain.
    Project,
    /// A role of the identity service. No test may make one: it must be refused.
    IdentityRole,
    /// A domain. No test may make one: it must be refused.
    Domain,
    /// A server.
    Server,
    /// A keypair.
    Keypair,
    /// A backup of a volume.
    Backup,
    /// A volume snapshot.
    Snapshot,
    /// A volume.
    Volume,
    /// A secret of the key manager.
    Secret,
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
    /// An object-storage container, with the objects in it that the run wrote.
    Container,
    /// An object of a container: the container's name is its own, and its name is its id.
    Object,
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
    pub const ALL: [Self; 36] = [
        Self::SparePassword,
        Self::ApplicationCredential,
        Self::Ec2Credential,
        Self::User,
        Self::Group,
        Self::Project,
        Self::IdentityRole,
        Self::Domain,
        Self::Server,
        Self::Keypair,
        Self::Backup,
        Self::Snapshot,
        Self::Volume,
        Self::Secret,
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
        Self::Object,
        Self::Indicator,
        Self::VirtualMedia,
        Self::Allocation,
        Self::Machine,
        Self::Node,
        Self::RedfishSubscription,
        Self::RedfishAccount,
        Self::RedfishSystem,
        Self::RedfishSession,
    ];

    /// Whether tests create it in this account.
    #[must_use]
    pub fn is_of(self, role: Role) -> bool {
        match self {
            Self::SparePassword => role == Role::Spare,
            Self::User | Self::Group | Self::Project | Self::IdentityRole | Self::Domain => role.manages(),
            Self::AccountQuota => role == Role::Reseller,
            Self::Container | Self::Object => matches!(role, Role::Member | Role::Alt | Role::Reseller),
            Self::RedfishSession | Self::RedfishAccount | Self::RedfishSubscription | Self::RedfishSystem => {
                matches!(role, Role::Redfish(_))
            }
            _ => role == Role::Member,
        }
    }

    /// Whether it belongs to a domain, and to no project.
    #[must_use]
    pub fn is_of_domain(self) -> bool {
        matches!(self, Self::User | Self::Group | Self::Project)
    }
}
