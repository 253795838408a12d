//! The summary for a terminal: plain text, in colour where that is wanted.

use handlebars::Handlebars;

use super::escape::{cut, visible_line};
use super::view::View;
use super::{RenderError, engine};
use crate::report::Report;

/// The narrowest terminal that is honoured; text in fewer columns cannot be read.
const MIN_WIDTH: usize = 40;
/// The most characters of one paragraph.
const MAX_PARAGRAPH: usize = 700;

/// What a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextStyle {
    /// Its width in columns.
    pub width: usize,
    /// Whether it shows colours; then the text holds marks, which [`assay_text::paint::show`] turns into them.
    pub colour: bool,
}

impl Default for TextStyle {
    fn default() -> Self {
        Self { width: 100, colour: false }
    }
}

pub fn render(report: &Report, style: TextStyle) -> Result<String, RenderError> {
    let mut engine = engine::new(visible_line);
    helpers(&mut engine, style);
    engine::render(engine, include_str!("../../templates/report.txt.hbs"), &[], &View::new(report))
}

/// Adds the helpers that lay text out for a terminal.
pub fn helpers(engine: &mut Handlebars<'_>, style: TextStyle) {
    let width = style.width.max(MIN_WIDTH);
    engine::helper(engine, "para", move |texts| {
        let [label, text] = texts else {
            return String::new();
        };
        let indent = " ".repeat(textwrap::core::display_width(label));
        let options = textwrap::Options::new(width).initial_indent(label).subsequent_indent(&indent).break_words(true);
        textwrap::fill(&cut(&visible_line(text), MAX_PARAGRAPH), options)
    });
    engine::helper(engine, "paint", move |texts| {
        let [class, text] = texts else {
            return String::new();
        };
        paint(class, &visible_line(text), style.colour)
    });
    engine::helper(engine, "headline", move |texts| {
        let [class, text] = texts else {
            return String::new();
        };
        let text = visible_line(text);
        let lines = textwrap::wrap(&text, width);
        let painted = lines.iter().map(|line| paint(class, line, style.colour));
        painted.collect::<Vec<_>>().join("\n")
    });
    engine::helper(engine, "join", |texts| texts.concat());
}

fn paint(class: &str, text: &str, colour: bool) -> String {
    let code = match class {
        "yes" => "1;32",
        "no" => "1;31",
        "open" => "1;33",
        "head" => "1",
        "pass" => "32",
        "fail" => "31",
        "skip" => "33",
        "error" => "35",
        "flagged" => "34",
        _ => "2",
    };
    if colour { assay_text::paint::paint(code, text) } else { text.to_owned() }
}
