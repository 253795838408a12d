//! The plot of a family's history: for each guideline a bar of its required tests, the flagged ones apart, as inline SVG.

use assay_guidelines::census::Census;
use serde::Serialize;

/// The width of one bar with its gap, and the height of the drawing, in its own units.
const STEP: usize = 64;
const HEIGHT: usize = 220;
/// How wide a bar is.
const BAR: usize = 40;

/// Bars side by side.
#[derive(Debug, Serialize)]
pub struct Plot {
    width: usize,
    height: usize,
    bars: Vec<Bar>,
}

#[derive(Debug, Serialize)]
struct Bar {
    x: usize,
    middle: usize,
    width: usize,
    /// The top and the height of the tests that are not flagged, and of those that are, which stand upon them.
    top: usize,
    tall: usize,
    flagged_top: usize,
    flagged_tall: usize,
    label_top: usize,
    version: String,
    capabilities: usize,
    tests: usize,
    flagged: usize,
    share: String,
}

impl Plot {
    /// The plot of these guidelines, in their order.
    pub fn new(rows: &[Census]) -> Self {
        let most = rows.iter().map(|row| row.tests).max().unwrap_or(0).max(1);
        let bars = rows.iter().enumerate().map(|(at, row)| {
            let whole = row.tests * HEIGHT / most;
            // A single flag shall be seen too, and the parts must fill the whole.
            let flagged_tall = if row.flagged == 0 { 0 } else { (row.flagged * HEIGHT / most).clamp(1, whole.max(1)) };
            let x = at * STEP + (STEP - BAR) / 2;
            Bar {
                x,
                middle: x + BAR / 2,
                width: BAR,
                top: HEIGHT - whole + flagged_tall,
                tall: whole - flagged_tall.min(whole),
                flagged_top: HEIGHT - whole,
                flagged_tall,
                label_top: HEIGHT - whole,
                version: row.guideline.rsplit('/').next().unwrap_or_default().to_owned(),
                capabilities: row.capabilities,
                tests: row.tests,
                flagged: row.flagged,
                share: share(row),
            }
        });
        Self { width: rows.len().max(1) * STEP, height: HEIGHT, bars: bars.collect() }
    }
}

/// The share of the required tests that is flagged, in percent.
pub fn share(row: &Census) -> String {
    row.flagged_permille().map_or_else(|| "-".to_owned(), |share| format!("{}.{} %", share / 10, share % 10))
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_guidelines::model::Status;

    fn row(tests: usize, flagged: usize) -> Census {
        Census {
            guideline: "a/1".into(),
            title: String::new(),
            status: Status::Approved,
            approved: None,
            capabilities: 1,
            tests,
            flagged,
        }
    }

    #[test]
    fn the_parts_of_a_bar_fill_it_and_a_single_flag_is_seen() {
        let plot = Plot::new(&[row(1_000, 1), row(500, 500), row(0, 0)]);
        for (bar, whole) in plot.bars.iter().zip([HEIGHT, HEIGHT / 2, 0]) {
            assert_eq!((bar.tall + bar.flagged_tall, bar.flagged_top), (whole, HEIGHT - whole));
        }
        assert_eq!((plot.bars[0].flagged_tall, plot.bars[1].tall), (1, 0));
        assert_eq!(plot.bars[2].share, "-");
    }
}
