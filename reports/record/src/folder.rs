//! The folder that a run leaves: the names of its files, and reading them back.
//!
//! Reading is kind to what a killed run leaves (a last line that stops in the middle) and strict with everything else.
//! No file makes it use more than a bounded amount of memory.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use assay_text::{cut, visible_line};
use indexmap::IndexMap;
use serde::de::DeserializeOwned;

use crate::{Exchange, Run, SCHEMA, TestRecord, plain};

/// The description of the run.
pub const RUN: &str = "run.json";
/// The outcomes, a line each.
pub const RESULTS: &str = "results.jsonl";
/// The journal of what the run creates and changes.
pub const JOURNAL: &str = "resources.jsonl";
/// The folder of the transcripts.
pub const TRANSCRIPTS: &str = "transcripts";
/// The folder of the resources of Redfish services.
pub const REDFISH: &str = "redfish";

/// The largest `run.json` that is read, in bytes.
const MAX_RUN_BYTES: u64 = 16 * 1024 * 1024;
/// The longest line that is read, in bytes.
const MAX_LINE_BYTES: u64 = 4 * 1024 * 1024;
/// The largest `results.jsonl` that is read, in bytes.
const MAX_RESULTS_BYTES: u64 = 256 * 1024 * 1024;
/// The most lines of `results.jsonl` that are read: some sixty times as many as Tempest has tests.
const MAX_RECORDS: usize = 100_000;
/// The most characters of a file that an error shows.
const MAX_SHOWN: usize = 300;
/// The most bytes of one transcript that are read.
const MAX_TRANSCRIPT_BYTES: u64 = 32 * 1024 * 1024;

/// The folder of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

/// Why a run's folder cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RunFolderError {
    /// There is no such folder.
    #[error("no folder {}", .0.display())]
    NoFolder(PathBuf),
    /// The folder is there and holds no run.
    #[error("{} is no run's folder: it has no run.json; give the folder that `assay run` named at its end", .0.display())]
    NoRun(PathBuf),
    /// A file cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is larger than any that a run writes.
    #[error("{} is larger than {limit} {unit}, more than any run writes", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit: u64,
        /// What the limit counts.
        unit: &'static str,
    },
    /// A line does not have the form it should have.
    #[error("{}:{line}: {what}", .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, with the column.
        what: String,
    },
    /// The run was written by another version.
    #[error("{} is of version `{found}`, and this Assay reads `{SCHEMA}`", .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version that stands in it.
        found: String,
    },
}

/// Something in a run's folder that is worth knowing and stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The last line stops in the middle, as a killed run leaves it; it was left out.
    CutShort {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// There are no results: the run ended before its first test did.
    NoResults {
        /// The file that should be there.
        path: PathBuf,
    },
    /// A test was recorded more than once, and the last record counts.
    Repeated {
        /// The test.
        id: String,
        /// How many records it has.
        records: usize,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutShort { path, line } => write!(
                f,
                "{}:{line}: the last line is cut short, as a killed run leaves it; it was left out",
                file_name(path)
            ),
            Self::NoResults { path } => {
                write!(f, "{} is not there: the run ended before its first test did", file_name(path))
            }
            Self::Repeated { id, records } => {
                write!(f, "{} was recorded {records} times; the last record counts", visible_line(id))
            }
        }
    }
}

fn file_name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()
}

impl RunFolder {
    /// The folder at `path`, to be written by a run; nothing is looked at.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The folder of a run that was made.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, RunFolderError> {
        let folder = Self::at(path);
        if !folder.path.is_dir() {
            return Err(RunFolderError::NoFolder(folder.path));
        }
        if !plain::exists(&folder.path, Path::new(RUN)) {
            return Err(RunFolderError::NoRun(folder.path));
        }
        Ok(folder)
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was tested, with what and how: one [`Run`].
    #[must_use]
    pub fn run_json(&self) -> PathBuf {
        self.path.join(RUN)
    }

    /// The outcomes: a [`TestRecord`] a line.
    #[must_use]
    pub fn results(&self) -> PathBuf {
        self.path.join(RESULTS)
    }

    /// The folder of the transcripts.
    #[must_use]
    pub fn transcripts(&self) -> PathBuf {
        self.path.join(TRANSCRIPTS)
    }

    /// The requests of one test: an [`Exchange`] a line.
    ///
    /// An id from someone else's folder cannot lead out of this one: what is no plain character of a file name stands
    /// as `%XX`.
    #[must_use]
    pub fn transcript(&self, test_id: &str) -> PathBuf {
        self.transcripts().join(transcript_name(test_id))
    }

    /// The journal of what the run created.
    #[must_use]
    pub fn resources(&self) -> PathBuf {
        self.path.join(JOURNAL)
    }

    /// Reads the run and the last record of each test, in the order in which the tests were first recorded.
    pub fn load(&self) -> Result<(Run, Vec<TestRecord>, Vec<Warning>), RunFolderError> {
        let run = self.read_run()?;
        let path = self.results();
        if !plain::exists(&self.path, Path::new(RESULTS)) {
            return Ok((run, Vec::new(), vec![Warning::NoResults { path }]));
        }
        let file = self.open_file(RESULTS, Some(MAX_RESULTS_BYTES))?;
        let mut lines = Lines::<TestRecord>::of(&path, file, MAX_RESULTS_BYTES);
        let mut last = IndexMap::<String, (TestRecord, usize)>::new();
        while let Some(record) = lines.next()? {
            if lines.number > MAX_RECORDS {
                return Err(RunFolderError::TooLarge { path, limit: MAX_RECORDS as u64, unit: "lines" });
            }
            let times = last.get(&record.id).map_or(0, |(_, times)| *times) + 1;
            last.insert(record.id.clone(), (record, times));
        }
        let mut warnings = Vec::new();
        if lines.cut_short {
            let line = lines.number;
            warnings.push(Warning::CutShort { path, line });
        }
        let mut records = Vec::with_capacity(last.len());
        for (id, (record, times)) in last {
            if times > 1 {
                warnings.push(Warning::Repeated { id, records: times });
            }
            records.push(record);
        }
        Ok((run, records, warnings))
    }

    /// Reads the first exchanges of a test's transcript, and says whether there are more; none when the run kept none.
    pub fn load_transcript(&self, test_id: &str, at_most: usize) -> Result<(Vec<Exchange>, bool), RunFolderError> {
        let (exchanges, more) = self.transcript_as::<Exchange>(test_id, at_most)?.unwrap_or_default();
        Ok((exchanges, more))
    }

    /// The same, in a form that takes less of each exchange; none when the run kept no transcript.
    pub fn transcript_as<T: DeserializeOwned>(
        &self,
        test_id: &str,
        at_most: usize,
    ) -> Result<Option<(Vec<T>, bool)>, RunFolderError> {
        let name = format!("{TRANSCRIPTS}/{}", transcript_name(test_id));
        if !plain::exists(&self.path, Path::new(&name)) {
            return Ok(None);
        }
        let file = self.open_file(&name, None)?;
        let mut lines = Lines::<T>::of(&self.path.join(&name), file, MAX_TRANSCRIPT_BYTES);
        let mut exchanges = Vec::new();
        while let Some(exchange) = lines.next()? {
            if exchanges.len() == at_most {
                return Ok(Some((exchanges, true)));
            }
            exchanges.push(exchange);
        }
        Ok(Some((exchanges, lines.cut_short)))
    }

    /// Opens a file of the folder: a plain one, of no more bytes than a run writes.
    pub fn open_file(&self, name: &str, limit: Option<u64>) -> Result<File, RunFolderError> {
        let path = self.path.join(name);
        let failed = |source| RunFolderError::Read { path: path.clone(), source };
        let file = plain::open(&self.path, Path::new(name)).map_err(failed)?;
        match limit {
            Some(limit) if file.metadata().map_err(failed)?.len() > limit => {
                Err(RunFolderError::TooLarge { path, limit, unit: "bytes" })
            }
            _ => Ok(file),
        }
    }

    fn read_run(&self) -> Result<Run, RunFolderError> {
        let path = self.run_json();
        let failed = |source| RunFolderError::Read { path: path.clone(), source };
        let file = self.open_file(RUN, Some(MAX_RUN_BYTES))?;
        let mut bytes = Vec::new();
        file.take(MAX_RUN_BYTES).read_to_end(&mut bytes).map_err(failed)?;
        let malformed = |error: serde_json::Error| RunFolderError::Line {
            path: path.clone(),
            line: error.line(),
            what: describe(&error),
        };
        // The version is looked at first, so that a newer file is called newer, and not wrong.
        let version: Version = serde_json::from_slice(&bytes).map_err(malformed)?;
        if version.schema != SCHEMA {
            let found = cut(&visible_line(&version.schema), MAX_SHOWN);
            return Err(RunFolderError::Version { path, found });
        }
        let run: Run = serde_json::from_slice(&bytes).map_err(malformed)?;
        // It would be judged as another tool's results are, of which less is known.
        if run.source.is_some() {
            let what = "has `source`, which no run of Assay writes".to_owned();
            return Err(RunFolderError::Line { path, line: 1, what });
        }
        Ok(run)
    }
}

#[derive(serde::Deserialize)]
struct Version {
    schema: String,
}

/// The name of the transcript of a test.
#[must_use]
pub fn transcript_name(test_id: &str) -> String {
    use std::fmt::Write as _;
    let mut name = String::with_capacity(test_id.len() + 6);
    for (index, byte) in test_id.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || (byte == b'.' && index > 0) {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "%{byte:02X}");
        }
    }
    name.push_str(".jsonl");
    name
}

/// What `serde_json` says, with the column at the front and the line left to the caller.
fn describe(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let what = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
    // It names keys and values of the file, which may hold anything.
    format!("column {}: {}", error.column(), cut(&visible_line(what), MAX_SHOWN))
}

/// A file of JSON lines, read one line at a time.
struct Lines<T> {
    path: PathBuf,
    reader: BufReader<io::Take<File>>,
    line: Vec<u8>,
    number: usize,
    cut_short: bool,
    form: std::marker::PhantomData<T>,
}

impl<T: DeserializeOwned> Lines<T> {
    fn of(path: &Path, file: File, limit: u64) -> Self {
        Self {
            path: path.to_owned(),
            reader: BufReader::new(file.take(limit)),
            line: Vec::new(),
            number: 0,
            cut_short: false,
            form: std::marker::PhantomData,
        }
    }

    fn next(&mut self) -> Result<Option<T>, RunFolderError> {
        loop {
            self.line.clear();
            let read = (&mut self.reader)
                .take(MAX_LINE_BYTES + 1)
                .read_until(b'\n', &mut self.line)
                .map_err(|source| RunFolderError::Read { path: self.path.clone(), source })?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if read as u64 > MAX_LINE_BYTES {
                return Err(RunFolderError::Line {
                    path: self.path.clone(),
                    line: self.number,
                    what: format!("longer than {MAX_LINE_BYTES} bytes, more than any run writes on a line"),
                });
            }
            if self.line.trim_ascii().is_empty() {
                continue;
            }
            return match serde_json::from_slice(&self.line) {
                Ok(value) => Ok(Some(value)),
                Err(_) if !self.line.ends_with(b"\n") => {
                    self.cut_short = true;
                    Ok(None)
                }
                Err(error) => {
                    Err(RunFolderError::Line { path: self.path.clone(), line: self.number, what: describe(&error) })
                }
            };
        }
    }
}
