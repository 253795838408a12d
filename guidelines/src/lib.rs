//! What is required: the guideline model, its files and the errors they can have.

pub mod catalogue;
pub mod census;
pub mod diff;
pub mod export;
pub mod family;
mod follow;
pub mod history;
pub mod import;
mod kind;
pub mod lint;
pub mod load;
pub mod model;
mod named_uuid;
pub mod profile;
pub mod query;
mod refstack;
mod rules;
pub mod schema;
pub mod scope;
pub mod timeline;
pub mod worksheet;

pub use assay_text::written::problem;
use assay_text::written::{nearest, node, shape};
pub use catalogue::Catalogue;
pub use family::Family;
pub use follow::{Followed, Unresolved};
pub use load::{Loaded, Source, parse, read};
pub use model::Guideline;
pub use problem::{Errors, Problem};
