//! Every rendering of little runs, as it was looked at and found good.
//!
//! Rewrite them with `UPDATE_GOLDEN=1 cargo test -p assay-reports --test reports`, and look at the difference.

use std::path::Path;

use crate::runs::{all_pass, evidence, mixed_report, run, scored, scored_without_failures, some_skips};
use assay_reports::{Format, Report, TextStyle, render, render_text};

pub fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{name} is rendered otherwise than it was: look at it after UPDATE_GOLDEN=1");
}

fn check_all(name: &str, report: &Report) {
    for format in Format::ALL {
        let text = render(format, report, &evidence()).unwrap();
        let text = match format {
            Format::Html => without_style(&text),
            _ => text,
        };
        check(&format!("{name}.{}", format.file_name()), &text);
    }
}

/// A page without its style sheet and its script, which are the same in all of them.
pub fn without_style(page: &str) -> String {
    let mut kept = page.to_owned();
    for (from, to) in [("<style>", "</style>"), ("<script>", "</script>")] {
        let start = kept.find(from).unwrap() + from.len();
        let end = kept.find(to).unwrap();
        kept.replace_range(start..end, "");
    }
    kept
}

#[test]
fn conformant() {
    check_all("conformant", &scored(&run(), &all_pass()));
}

#[test]
fn not_conformant() {
    check_all("mixed", &mixed_report());
}

#[test]
fn conformant_with_skips() {
    check_all("skips", &scored_without_failures(&run(), &some_skips()));
}

#[test]
fn empty() {
    let mut run = run();
    run.finished = None;
    run.product = None;
    run.deployment.tls_verified = false;
    check_all("empty", &scored(&run, &[]));
}

#[test]
fn reference() {
    let mut run = run();
    run.deployment.name = "reference".into();
    run.deployment.reference = true;
    run.product = None;
    check_all("reference", &scored(&run, &all_pass()));
}

#[test]
fn narrow_and_in_colour() {
    let style = TextStyle { width: 60, colour: true };
    check("narrow.txt", &render_text(&mixed_report(), style).unwrap());
}
