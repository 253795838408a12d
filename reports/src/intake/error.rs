//! Why results cannot be read.

use std::io;
use std::path::{Path, PathBuf};

use super::format::InputFormat;
use crate::record::RunFolderError;
use crate::render::escape::{cut, visible_line};

/// The most characters of a file that an error shows.
const MAX_SHOWN: usize = 300;

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
pub enum Fault {
    Read(io::Error),
    Malformed { offset: u64, what: String },
    Truncated { offset: u64, what: String },
    TooMuch { offset: u64, limit: u64, unit: &'static str },
}

impl Fault {
    /// The content breaks the rules of its form.
    pub fn malformed(offset: u64, what: impl Into<String>) -> Self {
        Self::Malformed { offset, what: what.into() }
    }

    /// The content stops in the middle.
    pub fn truncated(offset: u64, what: impl Into<String>) -> Self {
        Self::Truncated { offset, what: what.into() }
    }

    /// The error, told of a file of which so many tests are complete.
    pub fn at(self, path: &Path, format: InputFormat, tests: usize) -> IntakeError {
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
