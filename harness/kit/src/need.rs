//! What a test needs of the deployment and its user.

use std::fmt;

use crate::session::Role;

/// A service of the deployment, by the API it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Identity v3 (Keystone).
    Identity,
    /// Image v2 (Glance).
    Image,
    /// Object Storage v1 (Swift).
    ObjectStorage,
    /// Compute v2.1 (Nova).
    Compute,
    /// Networking v2 (Neutron).
    Network,
    /// Block Storage v3 (Cinder).
    BlockStorage,
    /// Key Manager v1 (Barbican).
    KeyManager,
    /// Bare Metal v1 (Ironic).
    BareMetal,
    /// Redfish, as a machine's own controller speaks it (DMTF DSP0266). There may be many, which no catalog lists.
    Redfish,
}

impl Service {
    /// Those that a catalog can list.
    pub const ALL: [Self; 8] = [
        Self::Identity,
        Self::Image,
        Self::ObjectStorage,
        Self::Compute,
        Self::Network,
        Self::BlockStorage,
        Self::KeyManager,
        Self::BareMetal,
    ];

    /// The types under which a catalog lists it, the official one first (OpenStack service types authority).
    #[must_use]
    pub fn types(self) -> &'static [&'static str] {
        match self {
            Self::Identity => &["identity"],
            Self::Image => &["image"],
            Self::ObjectStorage => &["object-store", "object-storage"],
            Self::Compute => &["compute"],
            Self::Network => &["network"],
            Self::BlockStorage => &["block-storage", "volumev3", "block-store", "volume", "volumev2"],
            Self::KeyManager => &["key-manager"],
            Self::BareMetal => &["baremetal", "bare-metal"],
            Self::Redfish => &["redfish"],
        }
    }

    /// The path segment of the API version that the tests speak; none where the catalog's endpoint is the API itself.
    #[must_use]
    pub fn version(self) -> Option<&'static str> {
        match self {
            Self::Identity | Self::BlockStorage => Some("v3"),
            Self::Image => Some("v2"),
            Self::Compute => Some("v2.1"),
            Self::Network => Some("v2.0"),
            Self::KeyManager | Self::BareMetal => Some("v1"),
            Self::ObjectStorage | Self::Redfish => None,
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.types()[0])
    }
}

/// What a test needs beside a member's credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Need {
    /// The identity service.
    Identity,
    /// The image service.
    Image,
    /// The object-storage service.
    ObjectStorage,
    /// The compute service.
    Compute,
    /// The networking service.
    Network,
    /// The block-storage service.
    BlockStorage,
    /// An extension that the networking service lists, by its alias, such as `router`.
    NetworkExtension(&'static str),
    /// A microversion of the compute service, such as `2.26`.
    ComputeMicroversion(&'static str),
    /// A microversion of the block-storage service, such as `3.59`.
    BlockStorageMicroversion(&'static str),
    /// A server that answers SSH here: `--guest`. Whether one does is known for sure only when there is one.
    Guest,
    /// The bare-metal service.
    BareMetal,
    /// A microversion of the bare-metal service, such as `1.52`.
    BareMetalMicroversion(&'static str),
    /// A node of the bare-metal service that tests may change: one of `ironic: machines` in the deployment file.
    Machine,
    /// A Redfish service.
    Redfish,
    /// A system of a Redfish service that tests may change: one of `redfish: machines` in the deployment file.
    RedfishMachine,
    /// A second member, of another project: `--alt-cloud`.
    AltAccount,
    /// A reseller administrator, who may set account quotas: `--reseller-cloud`.
    ResellerAccount,
    /// An account that may be locked and have its password changed: `--spare-cloud`.
    SpareAccount,
    /// The manager of a domain: `--domain-manager-cloud`.
    DomainManagerAccount,
    /// The manager of another domain: `--alt-domain-manager-cloud`.
    AltDomainManagerAccount,
}

impl Need {
    /// The service that it asks for.
    #[must_use]
    pub fn service(self) -> Option<Service> {
        match self {
            Self::Identity => Some(Service::Identity),
            Self::Image => Some(Service::Image),
            Self::ObjectStorage => Some(Service::ObjectStorage),
            Self::Compute | Self::ComputeMicroversion(_) | Self::Guest => Some(Service::Compute),
            Self::Network | Self::NetworkExtension(_) => Some(Service::Network),
            Self::BlockStorage | Self::BlockStorageMicroversion(_) => Some(Service::BlockStorage),
            Self::BareMetal | Self::BareMetalMicroversion(_) | Self::Machine => Some(Service::BareMetal),
            Self::Redfish | Self::RedfishMachine => Some(Service::Redfish),
            Self::AltAccount
            | Self::ResellerAccount
            | Self::SpareAccount
            | Self::DomainManagerAccount
            | Self::AltDomainManagerAccount => None,
        }
    }

    /// The account that it asks for.
    #[must_use]
    pub fn role(self) -> Option<Role> {
        match self {
            Self::AltAccount => Some(Role::Alt),
            Self::ResellerAccount => Some(Role::Reseller),
            Self::SpareAccount => Some(Role::Spare),
            Self::DomainManagerAccount => Some(Role::DomainManager),
            Self::AltDomainManagerAccount => Some(Role::AltDomainManager),
            _ => None,
        }
    }
}
