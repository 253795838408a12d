//! What changes from one guideline to another, for people.

use assay_guidelines::census::Census;
use assay_guidelines::diff::{Area, Change, Diff, Kind};

use super::document::{Document, Row, Section};

pub fn document(diff: &Diff) -> Document {
    let title = format!("From {} to {}", diff.old.guideline, diff.new.guideline);
    let side = |census: &Census| {
        let Census { guideline, capabilities, tests, flagged, .. } = census;
        format!("{guideline} requires {capabilities} capabilities and {tests} tests, {flagged} of them flagged.")
    };
    let changes = match diff.changes.len() {
        0 => "Nothing that is asked for changes.".to_owned(),
        1 => "1 change.".to_owned(),
        count => format!("{count} changes."),
    };
    let sections = Area::ALL.into_iter().filter_map(|area| {
        let rows: Vec<Row> = diff.of(area).map(row).collect();
        let heading = format!("{} ({})", heading(area), rows.len());
        let head = ["Change", "What", "In", "Fact", "Before", "After", "Note"];
        (!rows.is_empty()).then(|| Section::new(heading).table(&head, rows))
    });
    Document { title, lead: vec![side(&diff.old), side(&diff.new), changes], sections: sections.collect() }
}

fn row(change: &Change) -> Row {
    let (class, word) = match (change.area, change.kind) {
        (Area::Flag, Kind::Added) => ("flagged", "set"),
        (Area::Flag, Kind::Removed) => ("pass", "lifted"),
        (_, Kind::Added) => ("pass", "new"),
        (_, Kind::Removed) => ("fail", "gone"),
        (_, Kind::Renamed) => ("skip", "renamed"),
        (_, Kind::Changed) => ("", "changed"),
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    Row::new(
        class,
        [
            word.to_owned(),
            change.subject.clone(),
            text(&change.within),
            text(&change.fact),
            text(&change.before),
            text(&change.after),
            text(&change.note),
        ],
    )
}

fn heading(area: Area) -> &'static str {
    match area {
        Area::Guideline => "The guideline",
        Area::Target => "Targets",
        Area::Component => "Components",
        Area::Capability => "Capabilities",
        Area::Test => "Tests",
        Area::Flag => "Flags",
        Area::Score => "Scores",
        Area::Criterion => "Criteria, weights and cutoff",
        Area::DesignatedSection => "Designated sections",
        Area::TestRepository => "Repositories of tests",
    }
}
