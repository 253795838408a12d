//! Plans, schedules, cleans up and records a run.

pub mod plan;
mod record;
pub mod run;
mod schedule;
pub mod sweep;

pub use plan::{Filter, Plan};
pub use run::{Job, Observer, Outcome, RunError, Settings, run, write_run};
pub use schedule::Stopping;
