//! Redfish interoperability profiles (DMTF DSP0272): what a profile asks of a Redfish service, as data.
//!
//! A profile is read from its JSON file, together with the profiles that it requires. What the specification does not
//! define is listed with its place and changes nothing. `clause` breaks a profile into requirements with stable names,
//! and `guideline` makes a guideline of these.

mod clause;
mod guideline;
mod model;
mod parts;
mod read;
mod set;
mod version;
mod words;

pub use clause::{Aspect, Clause, Level, action_path, clauses, name, name_of_use_case};
pub use guideline::guideline;
pub use model::{
    Action, Applies, Check, Condition, Feature, Parameter, Profile, Property, Protocol, Registry, Required, Unknown,
    UseCase,
};
pub use read::parse;
pub use set::{ProfileSet, load, load_read};
pub use version::Version;
pub use words::{Comparison, Demand, Read, Write};
