//! What changes between two guidelines, in each form.

use assay_guidelines::Guideline;
use assay_guidelines::diff::Diff;
use assay_guidelines::history::Series;
use assay_guidelines::model::Status;
use assay_reports::{GuidelineFormat, TextStyle, render_diff, render_family, render_history};

use crate::golden::check;
use crate::runs::{day, guideline};

fn next() -> Guideline {
    let mut next = guideline();
    next.id = "example/next".into();
    next.title = "Example <b>next</b>".into();
    next.status = Status::Draft;
    for test in &mut next.capabilities["containers-list"].tests {
        test.flag = None;
    }
    let states = &mut next.components["objects"].capabilities;
    states.required.append(&mut states.advisory);
    next
}

fn diff() -> Diff {
    Diff::between(&guideline(), &next())
}

/// A page without its style sheet.
fn without_style(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").expect("a page has its style in one place");
    format!("{head}<style></style>{}", rest.split_once("</style>").expect("a page has its style in one place").1)
}

fn check_all(name: &str, render: impl Fn(GuidelineFormat) -> String) {
    for (format, ending) in GuidelineFormat::ALL.into_iter().zip(["txt", "json", "md", "html"]) {
        let text = render(format);
        let text = if format == GuidelineFormat::Html { without_style(&text) } else { text };
        check(&format!("{name}.{ending}"), &text);
    }
}

#[test]
fn a_diff_in_every_format() {
    check_all("diff", |format| render_diff(format, &diff(), TextStyle::default()).unwrap());
}

#[test]
fn a_history_in_every_format() {
    let mut later = next();
    later.status = Status::Approved;
    later.approved = Some(day("2027-05-01"));
    let mut earlier = guideline();
    earlier.approved = Some(day("2026-11-01"));
    let series = Series::new("example", vec![later, earlier]);
    check_all("family", |format| render_family(format, &series.census(), TextStyle::default()).unwrap());
    let history = series.follow("tests.containers.flagged", day("2027-06-01")).unwrap();
    check_all("history", |format| render_history(format, &history, TextStyle::default()).unwrap());
}

#[test]
fn a_title_brings_no_markup_into_the_page() {
    let page = render_diff(GuidelineFormat::Html, &diff(), TextStyle::default()).unwrap();
    assert!(!page.contains("<b>next") && page.contains("&lt;b&gt;next") && !page.contains("<script"));
}
