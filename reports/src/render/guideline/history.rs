//! The history of a family of guidelines, and of one thing in it, for people.

use assay_guidelines::history::{Entry, FamilyHistory, FlagSeen, History, Subject};
use assay_guidelines::model::State;
use indexmap::IndexSet;

use super::GuidelineFormat;
use super::document::{Document, Row, Section};
use super::plot::{Plot, share};

/// The width of the longest bar of text, in characters.
const BAR: usize = 40;

pub fn family(history: &FamilyHistory, format: GuidelineFormat) -> Document {
    let rows = &history.guidelines;
    let most = rows.iter().map(|row| row.tests).max().unwrap_or(0).max(1);
    // A page has the plot instead.
    let drawn = format != GuidelineFormat::Html;
    let mut head = vec!["Guideline", "Status", "Approved", "Capabilities", "Tests", "Flagged", "Share"];
    if drawn {
        head.push("Tests: # required, ! flagged");
    }
    let table = rows.iter().map(|row| {
        let mut cells = vec![
            row.guideline.clone(),
            row.status.name().to_owned(),
            row.approved.map_or_else(|| "-".to_owned(), |day| day.to_string()),
            row.capabilities.to_string(),
            row.tests.to_string(),
            row.flagged.to_string(),
            share(row),
        ];
        if drawn {
            let flagged = (row.flagged * BAR).div_ceil(most);
            let whole = (row.tests * BAR).div_ceil(most);
            cells.push(format!("{}{}", "#".repeat(whole.saturating_sub(flagged)), "!".repeat(flagged)));
        }
        Row::new("", cells)
    });
    let mut section = Section::new("Required, and flagged of that").table(&head, table.collect());
    section.plot = (!drawn).then(|| Plot::new(rows));
    let lead = "What each guideline of the family requires over all its components; each test is counted once.";
    Document {
        title: format!("{} through its guidelines", history.family),
        lead: vec![lead.to_owned()],
        sections: vec![section],
    }
}

pub fn document(history: &History) -> Document {
    let kind = match history.kind {
        Subject::Capability => "capability",
        Subject::Test => "test",
        Subject::Flag => "flag",
    };
    let states = history.states.iter().map(|span| {
        let until = span.until.as_ref().map_or_else(String::new, |id| format!(", until {id}"));
        format!("{} since {} (last in {}){until}.", word(span.state), span.since, span.last)
    });
    let flagged = history.flagged.iter().map(|span| {
        let until = span.until.as_ref().map_or_else(|| "still flagged".to_owned(), |id| format!("lifted in {id}"));
        format!("Flagged from {} to {}, set on {}, {until}: {} days.", span.since, span.last, span.set, span.days)
    });
    let rows = history.guidelines.iter().map(row).collect();
    let head = ["Guideline", "Status", "Approved", "State", "Score", "Tests", "Flagged", "Flags", "Proves"];
    let mut sections = vec![Section::new("Guideline by guideline").table(&head, rows)];
    let named: IndexSet<&String> = history.guidelines.iter().flat_map(|entry| &entry.tests).collect();
    if history.kind == Subject::Test && !named.is_empty() {
        let names = named.into_iter().map(|name| Row::new("", [name.clone()]));
        sections.push(Section::new("Its names").table(&["Name"], names.collect()));
    }
    Document {
        title: format!("The {kind} {} in {}", history.subject, history.family),
        lead: states.chain(flagged).collect(),
        sections,
    }
}

fn word(state: Option<State>) -> &'static str {
    state.map_or("in no state", State::name)
}

fn row(entry: &Entry) -> Row {
    let flags: IndexSet<String> = entry.flags.iter().map(flag).collect();
    let flags = flags.into_iter().collect::<Vec<_>>().join(", ");
    let state = if entry.present { word(entry.state) } else { "-" };
    let or_dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    Row::new(
        "",
        [
            entry.guideline.clone(),
            entry.status.name().to_owned(),
            entry.approved.map_or_else(|| "-".to_owned(), |day| day.to_string()),
            state.to_owned(),
            entry.score.map_or_else(|| "-".to_owned(), |score| score.to_string()),
            entry.tests.len().to_string(),
            entry.flags.len().to_string(),
            or_dash(flags),
            or_dash(entry.capabilities.join(", ")),
        ],
    )
}

fn flag(flag: &FlagSeen) -> String {
    let code = flag.code.as_deref().unwrap_or("without a code");
    flag.date.map_or_else(|| code.to_owned(), |day| format!("{code} of {day}"))
}
