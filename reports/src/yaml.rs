//! YAML files that a user wrote for a report: read within bounds, with errors that say where.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::render::escape::{cut, visible, visible_line};

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
    /// The file is larger than any real one.
    #[error("{} is larger than {MAX_BYTES} bytes: is it the right file?", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
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
    let mut text = String::new();
    File::open(path).map_err(failed)?.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(YamlError::TooLarge { path: path.to_owned() });
    }
    parse(path, &text)
}

/// Reads text of the form `T`; `path` stands in errors.
pub fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, YamlError> {
    serde_yaml::from_str(text).map_err(|error| {
        let (line, column) = error.location().map_or((1, 1), |place| (place.line(), place.column()));
        let message = error.to_string();
        // The library appends the place, which stands at the front here.
        let what = message.split_once(" at line ").map_or(message.as_str(), |(what, _)| what);
        YamlError::Parse {
            path: path.to_owned(),
            line,
            column,
            what: cut(&visible_line(what), MAX_SHOWN),
            text: cut(&visible(text.lines().nth(line.saturating_sub(1)).unwrap_or_default()), MAX_SHOWN),
        }
    })
}
