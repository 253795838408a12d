//! What changes between two guidelines, in each form.

use assay_guidelines::diff::Diff;
use assay_guidelines::model::Status;
use assay_reports::{GuidelineFormat, TextStyle, render_diff};

use crate::golden::check;
use crate::runs::guideline;

fn diff() -> Diff {
    let mut next = guideline();
    next.id = "example/next".into();
    next.title = "Example <b>next</b>".into();
    next.status = Status::Draft;
    for test in &mut next.capabilities["containers-list"].tests {
        test.flag = None;
    }
    let states = &mut next.components["objects"].capabilities;
    states.required.append(&mut states.advisory);
    Diff::between(&guideline(), &next)
}

/// A page without its style sheet.
fn without_style(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").unwrap();
    format!("{head}<style></style>{}", rest.split_once("</style>").unwrap().1)
}

#[test]
fn a_diff_in_every_format() {
    for (format, name) in GuidelineFormat::ALL.into_iter().zip(["txt", "json", "md", "html"]) {
        let text = render_diff(format, &diff(), TextStyle::default()).unwrap();
        let text = if format == GuidelineFormat::Html { without_style(&text) } else { text };
        check(&format!("diff.{name}"), &text);
    }
}

#[test]
fn a_title_brings_no_markup_into_the_page() {
    let page = render_diff(GuidelineFormat::Html, &diff(), TextStyle::default()).unwrap();
    assert!(!page.contains("<b>next") && page.contains("&lt;b&gt;next") && !page.contains("<script"));
}
