//! The command `assay`, run as its users run it: bad input, bad deployments, interruptions, and what must stay secret.

#![expect(clippy::unwrap_used, reason = "all of this is a test")]

mod accounts;
mod bmc;
mod comparisons;
mod deployments;
mod guideline;
mod histories;
mod hostile;
mod input;
mod interruption;
mod lint;
mod pipes;
mod profiles;
mod scores;
mod secrets;
mod support;
mod timelines;
mod tls;
mod worksheet;
