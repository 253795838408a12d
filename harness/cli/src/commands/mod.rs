//! What each command takes and does, one file a command.

pub mod compare;
pub mod diff;
pub mod doctor;
pub mod explain;
pub mod guideline;
pub mod list;
pub mod profile;
pub mod reference;
pub mod run;
pub mod schema;
pub mod score;
pub mod sweep;
