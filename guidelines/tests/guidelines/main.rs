//! What is required: reading, linting, comparing and converting guidelines.

#![expect(clippy::unwrap_used, reason = "all of this is a test")]

mod conversion;
mod diff;
mod errors;
mod family;
mod history;
mod history_of_faults;
mod interfaces;
mod lint;
mod mutations;
mod profile;
mod published;
mod scope;
mod timeline;
mod worksheet;
