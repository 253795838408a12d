//! What changed from one run to another, for people.

use super::document::{Document, Row, Section};
use crate::changes::{Change, Changes, Seen, Side, Way};
use crate::record::UNKNOWN_TIME;

pub fn document(changes: &Changes) -> Document {
    let title = format!("From {} to {}", changes.before.run, changes.after.run);
    let side = |side: &Side| {
        let guideline = side.guideline.as_ref().map_or_else(String::new, |id| format!(" under {id}"));
        // Other tools' results may not say.
        let begun = if side.started == UNKNOWN_TIME {
            String::new()
        } else {
            format!(", begun {}", side.started.format("%Y-%m-%d %H:%M UTC"))
        };
        format!("{}: {}{guideline}, {}{begun}.", side.run, side.deployment, tests(side.tests))
    };
    let count = match changes.changes.len() {
        0 => format!("Nothing changed in {}.", tests(changes.same)),
        count => format!("{} changed; nothing changed in {}.", tests(count), tests(changes.same)),
    };
    let sections = Way::ALL.into_iter().filter_map(|way| {
        let rows: Vec<Row> = changes.of(way).map(row).collect();
        let heading = format!("{} ({})", heading(way), rows.len());
        (!rows.is_empty()).then(|| Section::new(heading).table(&["Test", "Before", "Now", "Why"], rows))
    });
    Document { title, lead: vec![side(&changes.before), side(&changes.after), count], sections: sections.collect() }
}

fn tests(count: usize) -> String {
    if count == 1 { "1 test".to_owned() } else { format!("{count} tests") }
}

fn row(change: &Change) -> Row {
    let class = match change.way {
        Way::Worse => "fail",
        Way::Other | Way::Deviations => "flagged",
        Way::Better => "pass",
        Way::New | Way::Gone => "skip",
    };
    let verdict = |seen: &Option<Seen>| {
        seen.as_ref().map_or_else(|| "-".to_owned(), |seen| format!("{:?}", seen.verdict).to_lowercase())
    };
    Row::new(class, [change.test.clone(), verdict(&change.before), verdict(&change.after), why(change)])
}

/// The reason of the verdict that is not a pass, or the deviations that came and went.
fn why(change: &Change) -> String {
    if let (Way::Deviations, Some(before), Some(after)) = (change.way, &change.before, &change.after) {
        let only = |here: &Seen, there: &Seen, word: &str| {
            let only = here.deviations.iter().filter(|it| !there.deviations.contains(it));
            only.map(|it| format!("{word}: {it}")).collect::<Vec<_>>()
        };
        let told = [only(after, before, "new"), only(before, after, "gone")].concat().join("; ");
        return if told.is_empty() { "in another order".to_owned() } else { told };
    }
    let reason = |seen: &Option<Seen>| seen.as_ref().and_then(|seen| seen.reason.clone());
    reason(&change.after).or_else(|| reason(&change.before)).unwrap_or_else(|| "-".to_owned())
}

fn heading(way: Way) -> &'static str {
    match way {
        Way::Worse => "Passed before, and not now",
        Way::Other => "Does not pass, for another reason",
        Way::Deviations => "Other deviations beside a pass",
        Way::Better => "Passes now",
        Way::New => "Only in the later run",
        Way::Gone => "Only in the earlier run",
    }
}
