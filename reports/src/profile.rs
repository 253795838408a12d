//! Redfish interoperability profiles: what a service has of what a profile asks.
//!
//! A [`Crawl`] says which addresses of a service are to be read, one after the other, and makes of the answers what was
//! [`Collected`]; who asks it does the reading. [`evaluate()`] holds what was collected against a set of profiles, and
//! [`ProfileReport`] is the outcome. Neither opens a socket: what a run's folder holds can be evaluated again, under another
//! profile too.

mod actions;
mod collected;
mod compare;
mod crawl;
mod evaluate;
mod files;
mod links;
mod properties;
mod protocol;
mod records;
mod report;
mod resources;

pub use collected::{COLLECTED_SCHEMA, Collected, Note, NoteKind, Resource, Role, ServiceDescription};
pub use crawl::{Crawl, Fetched, Limits};
pub use evaluate::evaluate;
pub use files::{keep, kept};
pub use records::records;
pub use report::{
    Cause, Counts, PROFILE_SCHEMA, Place, ProfileReport, ProfileUsed, ProfileVerdict, RequirementReport, ServiceReport,
    Unevaluated, Unread, Verdict,
};
