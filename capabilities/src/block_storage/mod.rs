//! Block Storage v3: <https://docs.openstack.org/api-ref/block-storage/v3/>.

mod availability_zones;
mod extensions;
pub(crate) mod fixture;
mod shapes;
mod shared;
mod snapshot_listing;
mod snapshot_metadata;
mod snapshots;
mod versions;
mod volume_actions;
mod volume_listing;
mod volume_metadata;
mod volume_pages;
mod volume_refusals;
mod volume_type;
mod volumes;
