//! Reports for people and for other programs.
//!
//! Every rendering takes a [`Report`] and the run's [`Evidence`]. The words are in `templates/`; what they are filled
//! with is escaped by the engine, so that no template can forget it.

mod bar;
pub mod comparison;
mod engine;
mod error;
pub(crate) mod escape;
pub mod evidence;
mod format;
pub mod guideline;
mod html;
mod junit;
mod markdown;
pub mod profile;
mod scs_report;
mod text;
mod view;

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::record::RunFolder;
use crate::record::writing;
use crate::report::Report;
use evidence::Evidence;

pub use error::RenderError;
pub use format::Format;
pub use text::TextStyle;

/// Renders a report; as text, for a file.
pub fn render(format: Format, report: &Report, evidence: &dyn Evidence) -> Result<String, RenderError> {
    match format {
        Format::Text => render_text(report, TextStyle::default()),
        Format::Json => json(report),
        Format::Markdown => markdown::render(report),
        Format::Html => html::render(report, evidence),
        Format::Junit => junit::render(report),
        Format::ScsReport => scs_report::render(report),
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
        write_whole(&report_file(folder, format), &render(format, report, folder)?)?;
    }
    Ok(())
}

/// The report of a run in its folder.
#[must_use]
pub fn report_file(folder: &RunFolder, format: Format) -> PathBuf {
    folder.path().join(format.file_name())
}

/// A value as JSON, in which nothing unseen stands as itself.
pub(crate) fn json(value: &impl Serialize) -> Result<String, RenderError> {
    let text = serde_json::to_string_pretty(value).map_err(RenderError::Json)?;
    Ok(assay_text::json(&text) + "\n")
}

/// Writes a file that is complete or not there, and that nobody but its owner can read.
fn write_whole(path: &Path, text: &str) -> Result<(), RenderError> {
    let (folder, name) = (path.parent().unwrap_or(path), Path::new(path.file_name().unwrap_or_default()));
    writing::replace(folder, name, text.as_bytes())
        .map_err(|source| RenderError::Write { path: path.to_owned(), source })
}
