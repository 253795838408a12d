//! Bare Metal v1, as Ironic serves it: <https://docs.openstack.org/api-ref/baremetal/>.

mod node_power;
