//! Why a report cannot be rendered or written.

use std::io;
use std::path::PathBuf;

/// Why a report cannot be rendered or written.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template of ours does not fit what it is filled with.
    #[error("a report template is defective")]
    Template(#[source] Box<handlebars::RenderError>),
    /// The report cannot be written as JSON.
    #[error("cannot write the report as JSON")]
    Json(#[source] serde_json::Error),
    /// The report cannot be written as JUnit XML.
    #[error("cannot write the report as JUnit XML")]
    Junit(#[source] quick_junit::SerializeError),
    /// The report is not under a version of a scope.
    #[error(
        "only what is scored under a version of a scope of the Sovereign Cloud Stack, such as `scs/iaas`, has this format"
    )]
    NoScope,
    /// The comparison cannot be written as CSV.
    #[error("cannot write the comparison as CSV")]
    Csv(#[source] csv::Error),
    /// A file cannot be written.
    #[error("cannot write {}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}
