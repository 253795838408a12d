//! The plot of a worksheet: a bar for each capability against the cutoff, as inline SVG.

use assay_guidelines::worksheet::{Evaluated, Standing};
use serde::Serialize;

use super::worksheet::{class, total};

/// Where bars begin, how wide the longest is, and how much higher each stands than the next, in the drawing's own units.
const LEFT: u64 = 330;
const WIDEST: u64 = 500;
const STEP: u64 = 20;
/// How tall a bar is.
const TALL: u64 = 12;
/// More of a name than this is cut off.
const LONGEST: usize = 46;

/// Bars below each other.
#[derive(Debug, Serialize)]
pub struct Ranges {
    height: u64,
    /// The height with the room above the bars, where the cutoff is named.
    whole: u64,
    left: u64,
    cutoff: Option<Cutoff>,
    bars: Vec<Bar>,
}

#[derive(Debug, Serialize)]
struct Cutoff {
    x: u64,
    value: u32,
}

#[derive(Debug, Serialize)]
struct Bar {
    name: String,
    short: String,
    stands: &'static str,
    class: &'static str,
    y: u64,
    /// The line on which its name is written.
    base: u64,
    tall: u64,
    /// What it has for certain, what open scores may add, and what it would have were it not for the administrator.
    width: u64,
    open_x: u64,
    open_width: u64,
    lost_width: u64,
    total_x: u64,
    total: String,
}

impl Ranges {
    /// The plot of these capabilities, in their order.
    pub fn new(cutoff: Option<u32>, most: u32, all: &[&Evaluated]) -> Self {
        // A cutoff beyond what can be reached shall be seen too.
        let scale = u64::from(most.max(cutoff.unwrap_or(0)).max(1));
        let wide = |value: u32| u64::from(value) * WIDEST / scale;
        let mut y = 0;
        let bars = all.iter().map(|of| {
            let lost = if of.standing == Some(Standing::Vetoed) { of.without_veto } else { 0 };
            let (least, most) = (wide(of.minimum), wide(of.maximum));
            let bar = Bar {
                name: of.name.clone(),
                short: shortened(&of.name),
                stands: of.standing.map_or("without a cutoff", Standing::name),
                class: of.standing.map_or("flagged", class),
                y,
                base: y + TALL - 2,
                tall: TALL,
                width: least,
                open_x: LEFT + least,
                open_width: most - least,
                lost_width: wide(lost),
                total_x: LEFT + most.max(wide(lost)) + 6,
                total: total(of.minimum, of.maximum),
            };
            y += STEP;
            bar
        });
        let bars: Vec<Bar> = bars.collect();
        Self {
            height: y,
            whole: y + STEP,
            left: LEFT,
            cutoff: cutoff.map(|value| Cutoff { x: LEFT + wide(value), value }),
            bars,
        }
    }
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_guidelines::worksheet::Answer;

    fn one(minimum: u32, maximum: u32, without_veto: u32, standing: Standing) -> Evaluated {
        Evaluated {
            name: "a".into(),
            parts: Vec::new(),
            scores: [("c".to_owned(), Answer::Open)].into_iter().collect(),
            non_admin: Answer::Yes,
            minimum,
            maximum,
            without_veto,
            standing: Some(standing),
            lifts: Vec::new(),
            sinks: Vec::new(),
            note: None,
        }
    }

    /// Holds off a bar that leaves the drawing, and a cutoff that none can reach and nobody sees.
    #[test]
    fn bars_stand_against_the_cutoff_and_within_the_drawing() {
        let (open, vetoed) = (one(50, 75, 75, Standing::Undecided), one(0, 0, 100, Standing::Vetoed));
        let plot = Ranges::new(Some(74), 100, &[&open, &vetoed]);
        assert_eq!((plot.bars[0].width, plot.bars[0].open_x, plot.bars[0].open_width), (250, LEFT + 250, 125));
        assert_eq!((plot.bars[1].width, plot.bars[1].lost_width), (0, WIDEST));
        assert_eq!(plot.cutoff.as_ref().map(|cutoff| cutoff.x), Some(LEFT + 370));
        assert!(plot.bars.iter().all(|bar| bar.y + bar.tall <= plot.height));
        let high = Ranges::new(Some(400), 100, &[&open]);
        assert_eq!((high.cutoff.map(|cutoff| cutoff.x), high.bars[0].width), (Some(LEFT + WIDEST), 62));
        assert!(Ranges::new(None, 0, &[&one(0, 0, 0, Standing::Under)]).bars[0].width == 0);
    }
}
