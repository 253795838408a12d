//! The arguments that several commands share, and what is done with them.

pub mod clouds;
pub mod formats;
pub mod guideline;
pub mod judging;
