//! The command `assay`, run as its users run it: bad input, bad deployments, interruptions, and what must stay secret.

#![expect(clippy::unwrap_used, reason = "all of this is a test")]

mod accounts;
mod audience;
mod bmc;
mod bounds;
mod choices;
mod comparisons;
mod controllers;
mod deployments;
mod diffs;
mod each;
mod echoes;
mod endings;
mod guideline;
mod harm;
mod histories;
mod hostile;
mod image_spec;
mod input;
mod interruption;
mod lint;
mod metal_guideline;
mod pipes;
mod profiles;
mod questions;
mod readme;
mod scores;
mod secrets;
mod shapes;
mod signals;
mod support;
mod terminal;
mod timelines;
mod tls;
mod together;
mod vouching;
mod worksheet;
