//! Which test creates, or changes, something of each kind.

use assay_kit::{Kind, Service};

/// A test that creates something of this kind by itself; none where no test does yet. A new kind has to be thought of here.
pub fn creator(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::SparePassword => "identity.users.change-password",
        Kind::ApplicationCredential => "identity.application-credentials.create-with-expiry",
        Kind::Ec2Credential => "scs-0123-swift-s3",
        Kind::User => "scs-0302-users-manage",
        Kind::Group => "scs-0302-groups-manage",
        Kind::Project => "scs-0302-projects-manage",
        Kind::Server => "compute.servers.delete-active",
        Kind::Keypair => "compute.keypairs.create-with-type",
        Kind::Backup => "scs-0117-test-backup",
        Kind::Snapshot => "block-storage.snapshots.create-show-list-update-delete",
        Kind::Volume => "block-storage.volumes.create-show-update-delete",
        Kind::Secret => "scs-0116-permissions",
        Kind::Image => "image.images.delete",
        Kind::FloatingIp => "network.floating-ips.update-fixed-ip",
        Kind::Router => "network.routers.create-show-list-update-delete",
        Kind::Port => "network.ports.create-update-delete",
        Kind::Subnet => "network.subnets.create-with-gateway",
        Kind::Network => "network.networks.create-update-delete",
        Kind::SubnetPool => "network.subnet-pools.create-show-update-delete",
        Kind::SecurityGroup => "network.security-groups.create-list-update-show-delete",
        Kind::AccountQuota => "object-storage.account-quotas.upload-within",
        Kind::TempUrlKey => "object-storage.temp-url.get",
        Kind::AccountMetadata => "object-storage.account-metadata.delete",
        Kind::Container => "object-storage.containers.create-again",
        Kind::Indicator => "baremetal.indicators.set",
        Kind::VirtualMedia => "baremetal.vmedia.attach",
        Kind::Allocation => "baremetal.allocations.nothing-fits",
        Kind::Machine => "baremetal.power.on-off",
        Kind::Node => "baremetal.nodes.create",
        Kind::RedfishSession => "redfish.sessions.use",
        Kind::RedfishAccount => "redfish.accounts.refused",
        Kind::RedfishSubscription => "redfish.events.subscription",
        Kind::RedfishSystem => "redfish.reset.on-off",
        // The deployment must refuse to make a role or a domain, and an object goes with its container.
        Kind::IdentityRole | Kind::Domain | Kind::Object => return None,
    })
}

/// Whether a kind belongs to bare metal.
pub fn is_metal(kind: Kind) -> bool {
    matches!(kind.service(), Service::BareMetal | Service::Redfish)
}

/// The kinds of clouds, or those of bare metal.
pub fn kinds(metal: bool) -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(move |kind| is_metal(*kind) == metal)
}

/// A test for each kind of clouds, or for each of bare metal.
pub fn creators(metal: bool) -> Vec<&'static str> {
    kinds(metal).filter_map(creator).collect()
}
