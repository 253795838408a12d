//! What is required: the guideline model, its files and the errors they can have.

pub mod model;

pub use model::Guideline;
