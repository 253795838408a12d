//! Reports for people and for other programs.
//!
//! Every rendering takes a [`Report`] and the run's [`Evidence`]. The words are in `templates/`; what they are filled
//! with is escaped by the engine, so that no template can forget it.

mod bar;
pub mod comparison;
mod engine;
pub(crate) mod escape;
pub mod evidence;
pub mod guideline;
mod html;
mod junit;
mod markdown;
pub mod profile;
mod text;
mod view;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::Report;
use crate::run_folder::RunFolder;
use evidence::Evidence;

pub use text::TextStyle;

/// A form that a report can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A summary for a terminal.
    Text,
    /// The score, for other programs.
    Json,
    /// For issues, wikis and pull requests.
    Markdown,
    /// One self-contained page with the evidence.
    Html,
    /// For a continuous integration server.
    Junit,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Text, Self::Json, Self::Markdown, Self::Html, Self::Junit];

    /// The name of its file in a run's folder.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Text => "report.txt",
            Self::Json => "report.json",
            Self::Markdown => "report.md",
            Self::Html => "report.html",
            Self::Junit => "report.junit.xml",
        }
    }
}

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

/// Renders a report; as text, for a file.
pub fn render(format: Format, report: &Report, evidence: &dyn Evidence) -> Result<String, RenderError> {
    match format {
        Format::Text => render_text(report, TextStyle::default()),
        Format::Json => serde_json::to_string_pretty(report).map(|text| text + "\n").map_err(RenderError::Json),
        Format::Markdown => markdown::render(report),
        Format::Html => html::render(report, evidence),
        Format::Junit => junit::render(report),
    }
}

/// Renders the summary for a terminal of this width and ability.
pub fn render_text(report: &Report, style: TextStyle) -> Result<String, RenderError> {
    text::render(report, style)
}

/// Writes the report in every format into the run's folder.
///
/// Each file is complete or not there: it gets its name once it is written.
pub fn write_all(folder: &RunFolder, report: &Report) -> Result<(), RenderError> {
    for format in Format::ALL {
        write_whole(&folder.report(format), &render(format, report, folder)?)?;
    }
    Ok(())
}

/// Writes a file that is complete or not there.
fn write_whole(path: &Path, text: &str) -> Result<(), RenderError> {
    let partial = path.with_extension("part");
    let written = fs::File::create(&partial)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&partial, path));
    written.map_err(|source| {
        // What could not be written is of no use to anyone; the first error is the one to report.
        let _ = fs::remove_file(&partial);
        RenderError::Write { path: path.to_owned(), source }
    })
}
