//! Networking v2: <https://docs.openstack.org/api-ref/network/v2/>.

mod addresses;
mod dhcpv6;
pub(crate) mod fixture;
mod floating_ips;
mod networks;
mod ports;
mod router_interfaces;
mod routers;
mod security_group_rules;
mod security_group_rules_refused;
mod security_groups;
mod subnet_pools;
mod subnets;
mod versions;
