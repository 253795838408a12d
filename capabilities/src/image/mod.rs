//! Image v2: <https://docs.openstack.org/api-ref/image/v2/>.
