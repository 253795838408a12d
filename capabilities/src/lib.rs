//! How each requirement is tested: one async fn per test, one file per API resource, in the API reference's order.

pub mod identity;
pub mod image;
pub mod object_storage;
mod refusal;
pub mod spec;
