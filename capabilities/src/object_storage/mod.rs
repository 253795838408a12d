//! Object Storage v1: <https://docs.openstack.org/api-ref/object-store/>.
