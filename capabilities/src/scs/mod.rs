//! The test cases of the [Sovereign Cloud Stack](https://docs.scs.community/standards/)'s scope "SCS-compatible IaaS", under its
//! own ids: one file a subject. A test case with a parameter is a row of its function's `cases`.
//!
//! SCS publishes no UUIDs. That of a test case is the UUID of version 5 (RFC 9562) of its id, in the name space of the scope's
//! own UUID, 50393e6f-2ae1-4c5c-a62c-3b75f2abef3f.

mod backups;
mod domain_manager;
mod entropy;
pub mod flavor_name;
mod flavors;
mod image_properties;
mod image_recency;
mod images;
mod key_manager;
mod s3;
mod security_groups;
mod services;
mod signature;
mod standard_images;
mod told;
mod volume_types;
