//! Comparisons for people and for other programs.

mod csv;
mod view;

use super::escape::{self, visible_line};
use super::text::TextStyle;
use super::{RenderError, engine};
use crate::compare::Comparison;
use view::View;

/// A form that a comparison can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum ComparisonFormat {
    /// A table for a terminal.
    Text,
    /// All of it, for other programs.
    Json,
    /// A line for each product and column, for spreadsheets.
    Csv,
    /// For issues, wikis and pull requests.
    Markdown,
    /// One self-contained page with a heat map.
    Html,
}

impl ComparisonFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Text, Self::Json, Self::Csv, Self::Markdown, Self::Html];
}

/// Renders a comparison; as text, for a terminal of this width and ability.
pub fn render(format: ComparisonFormat, comparison: &Comparison, style: TextStyle) -> Result<String, RenderError> {
    match format {
        ComparisonFormat::Text => {
            let mut engine = engine::new(visible_line);
            super::text::helpers(&mut engine, style);
            engine::render(engine, include_str!("../../templates/comparison.txt.hbs"), &[], &View::new(comparison))
        }
        ComparisonFormat::Json => super::json(comparison),
        ComparisonFormat::Csv => csv::render(comparison),
        ComparisonFormat::Markdown => {
            let engine = engine::new(escape::markdown);
            engine::render(engine, include_str!("../../templates/comparison.md.hbs"), &[], &View::new(comparison))
        }
        ComparisonFormat::Html => {
            let included = [
                ("style", include_str!("../../templates/style.css.hbs")),
                ("table", include_str!("../../templates/comparison.css.hbs")),
                ("filter", include_str!("../../templates/comparison.js.hbs")),
            ];
            let engine = engine::new(escape::html);
            engine::render(
                engine,
                include_str!("../../templates/comparison.html.hbs"),
                &included,
                &View::new(comparison),
            )
        }
    }
}
