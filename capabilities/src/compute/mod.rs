//! Compute v2.1: <https://docs.openstack.org/api-ref/compute/>.

mod availability_zones;
mod changed;
pub(crate) mod fixture;
mod flavors;
mod guest_access;
mod guests;
mod images;
mod instance_actions;
mod keypairs;
mod metadata;
mod past;
mod quotas;
mod security_groups;
mod server_actions;
mod server_listing;
mod server_refusals;
mod servers;
mod shapes;
mod tags;
mod versions;
mod volume_attachments;
