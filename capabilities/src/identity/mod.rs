//! Identity v3: <https://docs.openstack.org/api-ref/identity/v3/>.

mod tokens;
