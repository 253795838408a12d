//! Results that other tools made, read as the records of a run.
//!
//! The form is found from the content. Names lose the attributes that Tempest appends to them, and give up their UUID;
//! [`crate::score()`] finds them by name or alias, as it finds everything. What is no clear pass is none:
//!
//! | a tool says | the record says |
//! |---|---|
//! | success | pass |
//! | fail, failure; `error` of subunit v1, which v2 calls `fail` | fail |
//! | skip, with its reason | skip |
//! | xfail: failed, as its authors expected; `skipped` of the type `pytest.xfail` | fail |
//! | uxsuccess: passed, which its authors did not expect; `[XPASS(strict)]` of pytest | error: what it asks is not known |
//! | `error` of JUnit | error |
//! | set-up of a class failed | error, for each of its tests without a result of its own |
//! | set-up of a class skipped | skip, for the same |
//! | begun and not ended | interrupted |
//! | one test twice; `flakyFailure`, `rerunFailure` and the like | both, and the worst counts |
//!
//! A file that stops in the middle, or breaks its own form, is refused with the place. Streams are read in one pass:
//! memory is bounded whatever their size, and time grows with it.

mod collect;
mod error;
mod format;
mod junit;
mod name;
mod reason;
mod refstack;
mod subunit_v1;
mod subunit_v2;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::record::RunFolder;
use crate::record::{Deployment, Run, SCHEMA, TestRecord, UNKNOWN_TIME};
use crate::warning::Warning;
use collect::Collector;

pub use error::IntakeError;
pub use format::InputFormat;
pub use name::published;

/// How much of a file is looked at to find its form, in bytes.
const LOOKED_AT: usize = 64 * 1024;

/// Results, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Intake {
    /// The form they had.
    pub format: InputFormat,
    /// What is known of the run that made them.
    pub run: Run,
    /// The records. Those of another tool may hold one test several times.
    pub records: Vec<TestRecord>,
    /// What is worth knowing and stops nothing.
    pub warnings: Vec<Warning>,
}

/// Reads the results at `path`: a run's folder, or a file of another tool's; of the form that the content shows, unless
/// one is given.
pub fn read(path: &Path, format: Option<InputFormat>) -> Result<Intake, IntakeError> {
    if path.is_dir() || format == Some(InputFormat::Assay) {
        return folder(path);
    }
    let failed = |source| IntakeError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    read_from(path, BufReader::with_capacity(LOOKED_AT, file), format)
}

/// Reads another tool's results from anywhere; `path` stands in errors and gives the run its name.
pub fn read_from(path: &Path, mut input: impl BufRead, format: Option<InputFormat>) -> Result<Intake, IntakeError> {
    let head = input.fill_buf().map_err(|source| IntakeError::Read { path: path.to_owned(), source })?;
    let format = match format {
        Some(format) => format,
        None => find(head).map_err(|what| IntakeError::Unknown { path: path.to_owned(), what })?,
    };
    let mut collector = Collector::default();
    let read = match format {
        InputFormat::Assay => return folder(path),
        InputFormat::SubunitV1 => subunit_v1::read(input, &mut collector),
        InputFormat::SubunitV2 => subunit_v2::read(input, &mut collector),
        InputFormat::Junit => junit::read(input, &mut collector),
        InputFormat::Refstack => refstack::read(input, &mut collector),
    };
    read.map_err(|fault| fault.at(path, format, collector.len()))?;
    let mut run = run_of(path, format);
    run.started = collector.began().unwrap_or(UNKNOWN_TIME);
    run.finished = collector.ended();
    run.configuration = std::mem::take(&mut collector.facts);
    let (records, warnings) = collector.finish();
    Ok(Intake { format, run, records, warnings })
}

fn folder(path: &Path) -> Result<Intake, IntakeError> {
    let (run, records, warnings) = RunFolder::open(path)?.load()?;
    let warnings = warnings.into_iter().map(Warning::from).collect();
    Ok(Intake { format: InputFormat::Assay, run, records, warnings })
}

/// What is known of the run of another tool. Its name is that of the file, without the folder, which says nothing of
/// the results and much of the machine.
fn run_of(path: &Path, format: InputFormat) -> Run {
    let text = |part: Option<&std::ffi::OsStr>| part.unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Run {
        schema: SCHEMA.to_owned(),
        id: text(path.file_name()),
        started: UNKNOWN_TIME,
        finished: None,
        assay: env!("CARGO_PKG_VERSION").to_owned(),
        source: Some(format.label().to_owned()),
        guideline: None,
        target: None,
        deployment: Deployment { name: text(path.file_stem()), ..Deployment::default() },
        product: None,
        accounts: indexmap::IndexMap::new(),
        configuration: indexmap::IndexMap::new(),
        argv: Vec::new(),
        selected: Vec::new(),
    }
}

/// The form of a file that begins so; or what it looks like instead.
fn find(head: &[u8]) -> Result<InputFormat, String> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = head.trim_ascii_start();
    match text {
        [] => return Err("it is empty".to_owned()),
        [subunit_v2::SIGNATURE, ..] => return Ok(InputFormat::SubunitV2),
        [b'<', ..] => return Ok(InputFormat::Junit),
        [0x1f, 0x8b, ..] => return Err("it is packed with gzip: unpack it first".to_owned()),
        [b'P', b'K', 3, 4, ..] => return Err("it is a zip archive: unpack it first".to_owned()),
        [b'{', ..] if contains(text, b"\"assay.run/") => {
            return Err("it is the `run.json` of a run: give the folder that it stands in".to_owned());
        }
        [b'{', ..] if contains(text, b"\"verdict\"") => {
            return Err("it is one of Assay's own files: give the folder of its run".to_owned());
        }
        [b'{', ..] => return Ok(InputFormat::Refstack),
        _ => {}
    }
    // Something may have been printed before the first result.
    if head.windows(2).any(|pair| pair[0] == subunit_v2::SIGNATURE && pair[1] >> 4 == 2) {
        return Ok(InputFormat::SubunitV2);
    }
    if head.split(|byte| *byte == b'\n').any(subunit_v1::begins_a_test) {
        return Ok(InputFormat::SubunitV1);
    }
    Err("its form is not known".to_owned())
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
