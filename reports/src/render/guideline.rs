//! What is known of guidelines, for people: what changes between two, the history of a family, and worksheets.

mod changes;
mod diff;
pub(super) mod document;
mod history;
mod plot;
mod ranges;
mod worksheet;

use schemars::JsonSchema;
use serde::Serialize;

use super::RenderError;
use super::text::TextStyle;
use crate::changes::Changes;
use assay_guidelines::diff::Diff;
use assay_guidelines::history::{FamilyHistory, History};
use assay_guidelines::worksheet::Evaluation;
use document::Document;

/// A form that what is known of guidelines can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum GuidelineFormat {
    /// Tables for a terminal.
    Text,
    /// All of it, for other programs.
    Json,
    /// For issues, wikis and pull requests.
    Markdown,
    /// One self-contained page.
    Html,
}

impl GuidelineFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Text, Self::Json, Self::Markdown, Self::Html];
}

/// Renders what changes from one guideline to another; as text, for a terminal of this ability.
pub fn render_diff(format: GuidelineFormat, diff: &Diff, style: TextStyle) -> Result<String, RenderError> {
    render(format, diff, diff::document, style)
}

/// Renders what changed from one run to another.
pub fn render_changes(format: GuidelineFormat, changes: &Changes, style: TextStyle) -> Result<String, RenderError> {
    render(format, changes, changes::document, style)
}

/// Renders the history of a capability, a test or a flag.
pub fn render_history(format: GuidelineFormat, history: &History, style: TextStyle) -> Result<String, RenderError> {
    render(format, history, history::document, style)
}

/// Renders how much a family of guidelines required.
pub fn render_family(format: GuidelineFormat, family: &FamilyHistory, style: TextStyle) -> Result<String, RenderError> {
    render(format, family, |family| history::family(family, format), style)
}

/// Renders what a worksheet comes to.
pub fn render_worksheet(
    format: GuidelineFormat,
    evaluation: &Evaluation,
    style: TextStyle,
) -> Result<String, RenderError> {
    render(format, evaluation, worksheet::document, style)
}

fn render<T: Serialize + JsonSchema>(
    format: GuidelineFormat,
    facts: &T,
    document: impl Fn(&T) -> Document,
    style: TextStyle,
) -> Result<String, RenderError> {
    match format {
        GuidelineFormat::Json => super::json(facts),
        GuidelineFormat::Text => document(facts).text(style),
        GuidelineFormat::Markdown => document(facts).markdown(),
        GuidelineFormat::Html => document(facts).html(),
    }
}
