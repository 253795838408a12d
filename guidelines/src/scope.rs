//! Scope files, as the Sovereign Cloud Stack publishes them: versions of modules of test cases, the scripts that run these,
//! and the states of the versions by date.
//!
//! An import makes guidelines of the versions, and a family with everything that no version says. An export puts both
//! together again: what was imported is exported as the same document. What the file has and a family with guidelines
//! cannot hold is an error with its place, and so is what these have and the file cannot hold.

mod comments;
mod export;
pub(crate) mod file;
mod import;
mod read;
mod words;
mod yaml;

pub use export::{Error as ExportError, Exported, export};
pub use import::{ImportedScope, Names, import, import_read, is_scope};
pub use words::uuid;
