//! The results that are scored: of one run, of its parts, or of another tool.

use std::path::Path;

use assay_reports::record::state::State;
use assay_reports::{Doubt, InputFormat, Intake, KnownTest, KnownTests, Maker, RunFolder, Runs, Weight, intake};
use assay_text::{excerpt, visible_line};

use crate::exit::{Failure, chain};
use crate::output::say;
use crate::registry::registered;

/// Reads the inputs.
pub fn open(paths: &[impl AsRef<Path>], format: Option<InputFormat>) -> Result<Runs, Failure> {
    read(paths, format, vouched)
}

/// Reads the folder of the run that this process has just made.
pub fn just_made(folder: &RunFolder) -> Result<Runs, Failure> {
    let mine = |folder: &RunFolder, read: &Intake| doubts(folder, read, Maker::Myself);
    read(&[folder.path()], Some(InputFormat::Assay), mine)
}

fn read(
    paths: &[impl AsRef<Path>],
    format: Option<InputFormat>,
    vouched: impl Fn(&RunFolder, &Intake) -> Result<Vec<Doubt>, Failure>,
) -> Result<Runs, Failure> {
    let mut runs: Option<Runs> = None;
    for path in paths {
        let path = path.as_ref();
        let read = intake::read(path, format).map_err(|error| Failure::usage(chain(&error)))?;
        let doubts = match read.format {
            InputFormat::Assay => vouched(&RunFolder::at(path), &read)?,
            _ => Vec::new(),
        };
        match &mut runs {
            Some(runs) => runs.add(path, read, doubts).map_err(Failure::usage)?,
            None => runs = Some(Runs::of(path, read, doubts).map_err(Failure::usage)?),
        }
    }
    runs.ok_or_else(|| Failure::usage("name the folder of a run"))
}

/// What nobody can vouch for in the folder of a run that was read; it is said at once.
pub fn vouched(folder: &RunFolder, read: &Intake) -> Result<Vec<Doubt>, Failure> {
    let key = State::find().and_then(|state| state.run(&read.run.id).ok().flatten());
    doubts(folder, read, key.as_ref().map_or(Maker::Unknown, Maker::Mine))
}

fn doubts(folder: &RunFolder, read: &Intake, maker: Maker<'_>) -> Result<Vec<Doubt>, Failure> {
    let doubts = assay_reports::vouch(folder, &read.run, &read.records, Some(&known()?), maker);
    for doubt in &doubts {
        say(&doubted(&folder.path().display().to_string(), doubt));
    }
    Ok(doubts)
}

/// A doubt as it is said.
fn doubted(about: &str, doubt: &Doubt) -> String {
    /// How many tests or files are named.
    const SHOWN: usize = 3;
    let label = if doubt.weight == Weight::Note { "note" } else { "not vouched for" };
    let named: Vec<String> = doubt.subjects.iter().take(SHOWN).map(|subject| excerpt(subject)).collect();
    let more = doubt.subjects.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let named = if named.is_empty() { String::new() } else { format!(" ({}{more})", named.join(", ")) };
    format!("{label}: {}: {}{named}", visible_line(about), doubt.what)
}

/// The tests that try connections themselves: what is refused there is no exchange.
const SILENT: [&str; 4] = [
    "baremetal.tls.certificate",
    "baremetal.tls.plain-refused",
    "redfish.tls.certificate",
    "redfish.tls.plain-refused",
];

/// Assay's own tests, as results are held against them.
fn known() -> Result<KnownTests, Failure> {
    let known = registered()?.into_iter().map(|test| {
        let shares = test.shares.iter().map(|key| (*key).to_owned()).collect();
        (test.id.to_owned(), KnownTest { uuid: test.covers.to_owned(), shares, silent: SILENT.contains(&test.id) })
    });
    Ok(known.collect())
}
