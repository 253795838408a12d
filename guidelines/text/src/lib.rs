//! What people and deployments write: read with bounds, shown safely.
//!
//! A deployment under test may say anything, and a file may come from a stranger. So nothing of them reaches a terminal
//! but through [`visible`], no YAML of them reaches a model but through [`yaml`], and no file that they name is read but
//! through [`files`].

pub mod files;
pub mod paint;
mod places;
mod shown;
pub mod written;
pub mod yaml;

pub use places::Places;
pub use shown::{cut, excerpt, is_unseen, json, visible, visible_line};
