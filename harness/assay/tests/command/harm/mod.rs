//! Deployments that lie and run folders of strangers: whatever they say, Assay changes and deletes only what its run made.
//!
//! Each test fills a deployment with decoys, stands a front before it that lies, and looks afterwards at three things: every
//! decoy is as it was, every request that changes something was about something of the run's, and the exit status says what
//! was left.

mod archives;
mod containers;
mod creators;
mod ids;
mod images;
mod journal;
mod kills;
mod listings;
mod machines;
mod meanwhile;
mod property;
mod runs;
mod sessions;
mod shared_files;
mod since;
mod strangers;
mod strays;
mod sweeps;
mod together;
pub mod world;
