//! What changes between two guidelines, in each form.

use assay_guidelines::diff::Diff;
use assay_guidelines::history::Series;
use assay_guidelines::model::Status;
use assay_guidelines::worksheet::{Evaluation, parse};
use assay_guidelines::{Catalogue, Guideline};
use assay_reports::{GuidelineFormat, TextStyle, render_diff, render_family, render_history, render_worksheet};

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

const WORKSHEET: &str = include_str!("worksheet.yaml");

fn evaluation(text: &str) -> Evaluation {
    let sheet = parse("worksheet.yaml", text, &Catalogue::default(), day("2026-11-01")).expect("the worksheet is good");
    Evaluation::of(&sheet, Some(&guideline()))
}

/// Every standing, open scores, a group, notes with links, and what differs from a guideline.
#[test]
fn a_worksheet_in_every_format() {
    check_all("worksheet", |format| render_worksheet(format, &evaluation(WORKSHEET), TextStyle::default()).unwrap());
}

#[test]
fn a_worksheet_without_a_cutoff_is_rendered_too() {
    let evaluation = evaluation(&WORKSHEET.replace("  cutoff: 10\n", ""));
    for format in GuidelineFormat::ALL {
        let text = render_worksheet(format, &evaluation, TextStyle::default()).unwrap();
        assert!(!text.contains("cutoff 10"), "{text}");
    }
}

/// Holds off a name of somebody's worksheet that becomes markup or script.
#[test]
fn a_worksheet_brings_no_markup_into_the_page() {
    let page = render_worksheet(GuidelineFormat::Html, &evaluation(WORKSHEET), TextStyle::default()).unwrap();
    assert!(!page.contains("<script") && !page.contains("<i>") && page.contains("&lt;i&gt;"), "{page}");
    assert!(!page.contains("src=") && !page.contains("<link"), "nothing is fetched");
}

#[test]
fn a_title_brings_no_markup_into_the_page() {
    let page = render_diff(GuidelineFormat::Html, &diff(), TextStyle::default()).unwrap();
    assert!(!page.contains("<b>next") && page.contains("&lt;b&gt;next") && !page.contains("<script"));
}
