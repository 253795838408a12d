//! How each requirement is tested: one async fn per test, one file per API resource, in the API reference's order.

pub mod baremetal;
pub mod block_storage;
pub mod compute;
pub mod identity;
pub mod image;
pub mod network;
pub mod object_storage;
pub mod redfish;
mod refusal;
pub mod scs;
pub mod spec;

/// Does nothing; a program that calls it has the tests linked in, which the linker would otherwise drop.
pub fn link() {}
