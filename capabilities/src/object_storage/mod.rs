//! Object Storage v1: <https://docs.openstack.org/api-ref/object-store/>.

mod features;
mod headers;
mod steps;

mod info;

mod account_listing;
mod account_metadata;
mod account_quotas;
mod bulk;

mod container_acl;
mod container_listing;
mod container_metadata;
mod container_quotas;
mod containers;

mod object_copy;
mod object_expiry;
mod object_versioning;
mod objects;

mod dynamic_large_objects;
mod static_large_objects;
mod temp_url;
