//! The command `assay`: its arguments, what each of its commands does, and what it prints.

pub mod accounts;
mod args;
mod commands;
pub mod conformance;
pub mod deployment_file;
mod execution;
pub mod exit;
pub mod face;
mod inputs;
pub mod inventory;
mod output;
mod progress;
pub mod reference;

use std::process::ExitCode;

use clap::Parser as _;

pub use args::Arguments;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are data; everything else is bad usage. A closed pipe is no failure of either.
            let _ = error.print();
            return if error.use_stderr() { exit::Code::Usage.into() } else { exit::Code::Done.into() };
        }
    };
    match commands::run(arguments) {
        Ok(code) => code.into(),
        Err(failure) => {
            output::complain(&failure.message);
            failure.code.into()
        }
    }
}
