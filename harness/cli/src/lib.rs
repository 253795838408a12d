//! The command `assay`: its arguments, what each of its commands does, and what it prints.

pub mod accounts;
mod args;
mod arguments;
mod commands;
pub mod conformance;
pub mod deployment_file;
mod execution;
pub mod exit;
pub mod face;
mod folder;
mod inputs;
pub mod inventory;
mod managers;
mod output;
mod progress;
pub mod reference;
mod registry;
mod runtime;
mod signals;
mod whose_clouds;

use std::process::ExitCode;

use clap::Parser as _;

pub use args::Arguments;

/// Runs the command line of this process. A program that brings a reference deployment along says so before
/// ([`reference::provide`]).
#[must_use]
pub fn main() -> ExitCode {
    output::watch_panics();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            return output::command_line(&error, &refusal(&error)).into();
        }
    };
    signals::start();
    match arguments.command.run() {
        Ok(code) => code.into(),
        Err(failure) => {
            output::complain(&failure.message);
            failure.code.into()
        }
    }
}

/// What the reader of the command line says, in its colours. It repeats arguments as they are, so that it is asked again
/// with arguments that steer nothing.
fn refusal(error: &clap::Error) -> String {
    let seen = std::env::args_os().map(|argument| assay_text::visible_line(&argument.to_string_lossy()));
    match Arguments::try_parse_from(seen) {
        Err(again) if again.kind() == error.kind() => assay_text::paint::adopt(&again.render().ansi().to_string()),
        _ => error.render().to_string(),
    }
}
