//! Files that people write: a tree in which every value knows its place, held against the JSON Schema that editors use, with
//! errors that say what is wrong, where, and what to do.

pub mod kind;
pub mod nearest;
pub mod node;
pub mod problem;
pub mod read;
pub mod schema;
pub mod shape;

pub use kind::Kind;
pub use node::Node;
pub use problem::{Code, Collector, Errors, Problem};
