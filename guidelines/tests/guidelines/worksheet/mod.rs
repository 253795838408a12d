//! Worksheets: their files, what the published form of them loses, and what they come to.

mod errors;
mod evaluation;
mod import;
mod lint;
mod mutations;

use assay_guidelines::worksheet::{Read, parse};
use assay_guidelines::{Catalogue, Errors};
use chrono::NaiveDate;

const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day of the calendar");

/// A small worksheet without an error.
const GOOD: &str = include_str!("../../worksheet/good.yaml");
/// A small one in the published form, with everything that can be odd about it.
const PUBLISHED: &str = include_str!("../../worksheet/published.txt");

fn read(text: &str) -> Result<Read, Errors> {
    parse("small.yaml", text, &Catalogue::embedded(), DAY)
}

fn good(text: &str) -> Read {
    read(text).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

/// A text with a part of it replaced.
fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "nothing to replace: {from}");
    text.replacen(from, to, 1)
}
