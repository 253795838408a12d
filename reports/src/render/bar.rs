//! A bar that shows a tally: inline SVG, with the numbers beside it for those who do not see it.

use serde::Serialize;

use crate::report::Tally;

/// The width of a whole bar in the drawing's own units.
const WIDTH: usize = 1_000;

/// A tally as a bar.
#[derive(Debug, Serialize)]
pub struct Bar {
    pub label: String,
    pub total: usize,
    pub parts: Vec<Part>,
}

/// One outcome in a bar.
#[derive(Debug, Serialize)]
pub struct Part {
    pub class: &'static str,
    pub count: usize,
    pub x: usize,
    pub width: usize,
}

impl Bar {
    /// The bar of a tally; it has no part for an outcome that did not occur.
    pub fn new(label: &str, tally: &Tally) -> Self {
        let mut parts = Vec::new();
        let mut before = 0;
        for (class, count) in [
            ("pass", tally.pass),
            ("flagged", tally.flagged),
            ("fail", tally.fail),
            ("skip", tally.skip),
            ("error", tally.error),
            ("missing", tally.missing),
        ] {
            if count == 0 {
                continue;
            }
            // Both ends are rounded, and not the width, so that the parts meet and fill the bar.
            let x = before * WIDTH / tally.total;
            before += count;
            let width = before * WIDTH / tally.total - x;
            parts.push(Part { class, count, x, width });
        }
        Self { label: label.to_owned(), total: tally.total, parts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_meet_and_fill_the_bar() {
        let tally = Tally { total: 7, pass: 3, flagged: 1, fail: 2, missing: 1, ..Tally::default() };
        let bar = Bar::new("required", &tally);
        let mut end = 0;
        for part in &bar.parts {
            assert_eq!(part.x, end);
            end += part.width;
        }
        assert_eq!(end, WIDTH);
    }

    #[test]
    fn a_bar_of_nothing_is_empty() {
        assert!(Bar::new("removed", &Tally::default()).parts.is_empty());
    }
}
