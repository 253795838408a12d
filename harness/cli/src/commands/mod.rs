//! What each command does, one file a command.

mod compare;
mod doctor;
mod explain;
pub mod guideline;
mod list;
mod profile;
mod reference;
mod run;
mod schema;
mod score;
mod sweep;

use std::future::Future;

use assay_guidelines::{Catalogue, Loaded};
use assay_kit::ConformanceTest;
use chrono::{Local, NaiveDate};

use crate::args::{Arguments, Command, GuidelineArguments};
use crate::exit::{Code, Failure};

/// Does what the arguments say.
pub fn run(arguments: Arguments) -> Result<Code, Failure> {
    match arguments.command {
        Command::Run(arguments) => wait(run::run(arguments)),
        Command::List(arguments) => list::run(&arguments),
        Command::Doctor(arguments) => wait(doctor::run(arguments)),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Score(arguments) => score::run(&arguments),
        Command::Guideline(command) => guideline::run(command),
        Command::Sweep(arguments) => wait(sweep::run(arguments)),
        Command::Reference(command) => wait(reference::run(command)),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
    }
}

/// Waits for a command that talks to a deployment.
pub fn wait<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(Failure::defect)?.block_on(async {
        #[cfg(unix)]
        survive_full_files();
        command.await
    })
}

/// Makes a file that has reached the limit of its size an error of the write, as a full disk is, instead of the end of
/// the process before it could clean up.
#[cfg(unix)]
fn survive_full_files() {
    /// SIGXFSZ, which has this number on every system that Assay is built for.
    const SIGXFSZ: i32 = 25;
    // The signal is caught from now on, whether or not anybody waits for it; where it cannot be, nothing is lost.
    let _ = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(SIGXFSZ));
}

impl GuidelineArguments {
    fn day(&self) -> NaiveDate {
        self.date.unwrap_or_else(|| Local::now().date_naive())
    }

    fn catalogue(&self) -> Result<Catalogue, Failure> {
        let mut catalogue = Catalogue::embedded();
        for folder in &self.guidelines {
            catalogue.add_dir(folder).map_err(Failure::usage)?;
        }
        Ok(catalogue)
    }

    /// The guideline of an id or path.
    fn get(&self, id: &str) -> Result<Loaded, Failure> {
        self.catalogue()?.get(id, self.day()).map_err(Failure::usage)
    }
}

/// The target of that name, or the only one there is.
fn target(loaded: &Loaded, name: Option<&str>) -> Result<String, Failure> {
    let guideline = &loaded.guideline;
    if let Some(name) = name {
        guideline.target(name).map_err(Failure::usage)?;
        return Ok(name.to_owned());
    }
    let names: Vec<&str> = guideline.targets.keys().map(String::as_str).collect();
    match names.as_slice() {
        [only] => Ok((*only).to_owned()),
        _ => Err(Failure::usage(format!("name a target of {} with --target: {}", guideline.id, names.join(", ")))),
    }
}

/// Every test that is compiled in.
pub fn registered() -> Result<Vec<&'static ConformanceTest>, Failure> {
    // Without this, the linker would drop the tests with the rest of an unused package.
    assay_capabilities::link();
    Ok(assay_kit::registered()?)
}
