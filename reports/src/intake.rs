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
//! | xfail: failed, as its authors expected | fail |
//! | uxsuccess: passed, which its authors did not expect | error: what it asks is not known |
//! | `error` of JUnit | error |
//! | set-up of a class failed | error, for each of its tests without a result of its own |
//! | set-up of a class skipped | skip, for the same |
//! | begun and not ended | interrupted |
//! | one test twice | both, and the worst counts |
//!
//! A file that stops in the middle, or breaks its own form, is refused with the place. Streams are read in one pass:
//! memory is bounded whatever their size, and time grows with it.

mod collect;
mod junit;
mod name;
mod reason;
mod refstack;
mod subunit_v1;
mod subunit_v2;

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::record::{Deployment, Run, SCHEMA, TestRecord, UNKNOWN_TIME};
use crate::render::escape::{cut, visible_line};
use crate::run_folder::{RunFolder, RunFolderError, Warning};
use collect::Collector;

/// How much of a file is looked at to find its form, in bytes.
const LOOKED_AT: usize = 64 * 1024;
/// The most characters of a file that an error shows.
const MAX_SHOWN: usize = 300;

/// A form of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InputFormat {
    /// The folder of one of Assay's own runs.
    Assay,
    /// The text protocol of `python-subunit`.
    SubunitV1,
    /// The binary protocol of `python-subunit`, which stestr keeps.
    SubunitV2,
    /// JUnit XML.
    Junit,
    /// What refstack-client uploaded, and what RefStack's `/v1/results/{id}` answered.
    Refstack,
}

impl InputFormat {
    /// The name that people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Assay => "a run's folder",
            Self::SubunitV1 => "subunit v1",
            Self::SubunitV2 => "subunit v2",
            Self::Junit => "JUnit XML",
            Self::Refstack => "RefStack's JSON",
        }
    }
}

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

/// Why results cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// A run's folder cannot be read.
    #[error(transparent)]
    Folder(#[from] RunFolderError),
    /// A file cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The form was not found from the content.
    #[error("{}: {what}; results are a run's folder, a subunit v1 or v2 stream, JUnit XML, or RefStack's JSON", .path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What it is or looks like.
        what: String,
    },
    /// The content breaks the rules of its form.
    #[error("{}: byte {offset}: not {}: {what}", .path.display(), .format.label())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The form that was read.
        format: InputFormat,
        /// The place, in bytes from 0.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// The content stops in the middle.
    #[error("{}: truncated at byte {offset}, after {tests} tests: {what}; get the whole file, or run the tests again", .path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Where what is cut short begins, in bytes from 0.
        offset: u64,
        /// How many tests are complete before it.
        tests: usize,
        /// What is cut short.
        what: String,
    },
    /// There is more than any tool reports.
    #[error("{}: byte {offset}: more than {limit} {unit}, which no tool reports", .path.display())]
    TooMuch {
        /// The file.
        path: PathBuf,
        /// The place, in bytes from 0.
        offset: u64,
        /// The limit.
        limit: u64,
        /// What the limit counts.
        unit: &'static str,
    },
}

/// What a reader of a form finds wrong, without the file that the caller knows.
#[derive(Debug)]
enum Fault {
    Read(io::Error),
    Malformed { offset: u64, what: String },
    Truncated { offset: u64, what: String },
    TooMuch { offset: u64, limit: u64, unit: &'static str },
}

impl Fault {
    fn malformed(offset: u64, what: impl Into<String>) -> Self {
        Self::Malformed { offset, what: what.into() }
    }

    fn truncated(offset: u64, what: impl Into<String>) -> Self {
        Self::Truncated { offset, what: what.into() }
    }

    fn at(self, path: &Path, format: InputFormat, tests: usize) -> IntakeError {
        let path = path.to_owned();
        // What is wrong is often shown, and may be anything.
        let shown = |what: String| cut(&visible_line(&what), MAX_SHOWN);
        match self {
            Self::Read(source) => IntakeError::Read { path, source },
            Self::Malformed { offset, what } => IntakeError::Malformed { path, format, offset, what: shown(what) },
            Self::Truncated { offset, what } => IntakeError::Truncated { path, offset, tests, what: shown(what) },
            Self::TooMuch { offset, limit, unit } => IntakeError::TooMuch { path, offset, limit, unit },
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
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
