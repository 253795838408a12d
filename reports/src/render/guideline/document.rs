//! A page of headings, sentences, tables and perhaps a plot: one shape for all that is told of guidelines.

use serde::Serialize;
use textwrap::core::display_width;

use super::super::escape::{self, visible_line};
use super::super::text::{TextStyle, helpers};
use super::super::{RenderError, engine};

/// A page in reading order.
#[derive(Debug, Default, Serialize)]
pub struct Document {
    pub title: String,
    pub lead: Vec<String>,
    pub sections: Vec<Section>,
}

/// A heading, and what stands under it.
#[derive(Debug, Default, Serialize)]
pub struct Section {
    pub heading: String,
    pub lead: Vec<String>,
    pub plot: Option<super::plot::Plot>,
    pub ranges: Option<super::ranges::Ranges>,
    pub head: Vec<String>,
    pub rows: Vec<Row>,
    /// The table for a terminal, a line a row; filled in when it is rendered.
    lines: Vec<String>,
}

/// A row of a table.
#[derive(Debug, Serialize)]
pub struct Row {
    /// How it is coloured: one of the classes of the style sheet, or nothing.
    pub class: &'static str,
    pub cells: Vec<String>,
}

impl Row {
    pub fn new(class: &'static str, cells: impl IntoIterator<Item = String>) -> Self {
        Self { class, cells: cells.into_iter().collect() }
    }
}

impl Section {
    pub fn new(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), ..Self::default() }
    }

    /// With a table, whose head has these words.
    pub fn table(mut self, head: &[&str], rows: Vec<Row>) -> Self {
        self.head = head.iter().map(|&word| word.to_owned()).collect();
        self.rows = rows;
        self
    }
}

impl Document {
    pub fn text(mut self, style: TextStyle) -> Result<String, RenderError> {
        for section in &mut self.sections {
            section.lines = columns(&section.head, &section.rows);
        }
        let mut engine = engine::new(visible_line);
        helpers(&mut engine, style);
        engine::render(engine, include_str!("../../../templates/guideline.txt.hbs"), &[], &self)
    }

    pub fn markdown(self) -> Result<String, RenderError> {
        let engine = engine::new(escape::markdown);
        engine::render(engine, include_str!("../../../templates/guideline.md.hbs"), &[], &self)
    }

    pub fn html(self) -> Result<String, RenderError> {
        let included = [
            ("style", include_str!("../../../templates/style.css.hbs")),
            ("table", include_str!("../../../templates/guideline.css.hbs")),
            ("plot", include_str!("../../../templates/plot.html.hbs")),
            ("ranges", include_str!("../../../templates/ranges.html.hbs")),
        ];
        let engine = engine::new(escape::html);
        engine::render(engine, include_str!("../../../templates/guideline.html.hbs"), &included, &self)
    }
}

/// The head and the rows in columns, each as wide as its widest cell; the last is not padded.
fn columns(head: &[String], rows: &[Row]) -> Vec<String> {
    let cells = |cells: &[String]| cells.iter().map(|cell| visible_line(cell)).collect::<Vec<_>>();
    let table: Vec<Vec<String>> =
        std::iter::once(cells(head)).chain(rows.iter().map(|row| cells(&row.cells))).collect();
    let widths: Vec<usize> = (0..head.len())
        .map(|at| table.iter().filter_map(|row| row.get(at)).map(|cell| display_width(cell)).max().unwrap_or(0))
        .collect();
    let line = |row: &Vec<String>| {
        let padded = row.iter().zip(&widths).map(|(cell, width)| {
            let missing = width.saturating_sub(display_width(cell));
            format!("{cell}{}", " ".repeat(missing))
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    table.iter().map(line).collect()
}
