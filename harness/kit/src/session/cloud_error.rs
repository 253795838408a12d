//! Why an entry of `clouds.yaml` cannot be used.

use std::path::PathBuf;

use assay_text::excerpt as visible;

/// Why a cloud cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// A file is there and cannot be read.
    #[error("cannot read {}: {reason}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file was found by search in a run's folder.
    #[error(
        "{} stands in the run's folder {}, where anybody may have put it: change to another folder, or name the file with \
         {variable}",
        file.display(),
        run.display()
    )]
    OfRun {
        /// The file.
        file: PathBuf,
        /// The run's folder.
        run: PathBuf,
        /// The variable that names such a file.
        variable: &'static str,
    },
    /// A file is no YAML.
    #[error("{}:{line}:{column}: {}", file.display(), visible(reason))]
    Syntax {
        /// The file.
        file: PathBuf,
        /// The line, from 1; 0 when it is not known.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// A value is of another type than it should be.
    #[error("{}: `{}` must be {wanted}, but it is {found}", file.display(), visible(place))]
    Type {
        /// The file.
        file: PathBuf,
        /// The keys that lead to the value, joined by dots.
        place: String,
        /// What it should be.
        wanted: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// Something needed is not there.
    #[error("{}: `{}` is missing{help}", file.display(), visible(place))]
    Missing {
        /// The file.
        file: PathBuf,
        /// The keys that lead to the value, joined by dots.
        place: String,
        /// What to do.
        help: String,
    },
    /// A value is invalid or not supported.
    #[error("{}: `{}` is {}; {help}", file.display(), visible(place), visible(value))]
    Unusable {
        /// The file.
        file: PathBuf,
        /// The keys that lead to the value, joined by dots.
        place: String,
        /// The value.
        value: String,
        /// What to do.
        help: String,
    },
    /// No cloud has that name.
    #[error("no cloud is named `{}`; {found}", visible(name))]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// Which clouds there are, or where none was found.
        found: String,
    },
}
