//! Markdown, for issues, wikis and pull requests.

use super::escape::{markdown, markdown_fence};
use super::view::View;
use super::{RenderError, engine};
use crate::report::Report;

pub fn render(report: &Report) -> Result<String, RenderError> {
    let mut engine = engine::new(markdown);
    engine::helper(&mut engine, "fence", |texts| texts.first().copied().map(markdown_fence).unwrap_or_default());
    // The view holds only addresses that are safe to link to.
    engine::helper(&mut engine, "link", |texts| {
        texts.first().filter(|address| !address.is_empty()).map(|address| format!(" (<{address}>)")).unwrap_or_default()
    });
    engine::render(engine, include_str!("../../templates/report.md.hbs"), &[], &View::new(report))
}
