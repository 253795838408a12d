//! Every rendering of little runs, as it was looked at and found good.
//!
//! Rewrite them with `UPDATE_GOLDEN=1 cargo test -p assay-reports --test reports`, and look at the difference.

use std::path::Path;

use crate::runs::{all_pass, evidence, mixed_report, run, scored, scored_with, scored_without_failures, some_skips};
use assay_reports::{Doubt, Format, Report, TextStyle, Weight, render, render_text};

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
fn doubted() {
    let doubt = |weight, what: &str, of_tests, subjects: &[&str]| Doubt {
        weight,
        what: what.to_owned(),
        of_tests,
        subjects: subjects.iter().map(|subject| (*subject).to_owned()).collect(),
    };
    let left_out =
        doubt(Weight::LeftOut, "tests are recorded as passed, and nothing shows it", true, &["native.test-1"]);
    let note = doubt(Weight::Note, "no key of this run is kept here", false, &[]);
    check_all("left-out", &scored_with(&run(), &all_pass(), &[left_out.clone(), note.clone()]));
    let changed =
        doubt(Weight::Contradiction, "files were changed after the run ended", false, &["run.json", "results.jsonl"]);
    check_all("contradiction", &scored_with(&run(), &all_pass(), &[changed, left_out, note]));
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
    check("narrow.txt", &assay_text::paint::show(&render_text(&mixed_report(), style).unwrap(), true));
}
