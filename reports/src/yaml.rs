//! YAML files that a user wrote for a report: read within bounds, with errors that say where.

use std::io;
use std::path::{Path, PathBuf};

use assay_text::{cut, files, visible, yaml};
use serde::de::DeserializeOwned;

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The most characters of a file that an error shows.
const MAX_SHOWN: usize = 300;

/// Why a YAML file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum YamlError {
    /// The file cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file does not have the form it should have.
    #[error("{}:{line}:{column}: {what}\n  {line} | {text}", .path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        what: String,
        /// The offending line.
        text: String,
    },
}

/// Reads a file of the form `T`.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, YamlError> {
    let failed = |source| YamlError::Read { path: path.to_owned(), source };
    let text = files::read_to_string(path, MAX_BYTES).map_err(failed)?;
    parse(path, &text)
}

/// Reads text of the form `T`; `path` stands in errors.
pub fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, YamlError> {
    yaml::parse(text).map_err(|problem| YamlError::Parse {
        path: path.to_owned(),
        line: problem.line,
        column: problem.column,
        what: problem.what,
        text: cut(&visible(text.lines().nth(problem.line.saturating_sub(1)).unwrap_or_default()), MAX_SHOWN),
    })
}
