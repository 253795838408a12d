//! The capabilities of a published file.

use std::collections::HashMap;

use indexmap::IndexMap;

use crate::model::{Capability, Guideline, Scoring, State};
use crate::nearest::quoted;
use crate::refstack::{OURS, OfCapability};

use super::reader::{Fields, Place, Reader};
use super::repair::Kind;
use super::test::{self, Forms};

const KNOWN: [&str; 12] = [
    "achievements",
    "admin",
    "description",
    "project",
    "required_since",
    "required-since",
    "guidelines",
    "status",
    "name",
    "flagged",
    "tests",
    OURS,
];

/// Reads them, without what depends on the components.
pub(super) fn read(
    reader: &mut Reader<'_>,
    file: &Fields<'_>,
    scoring: Option<&Scoring>,
) -> IndexMap<String, Capability> {
    let forms = Forms::new();
    let mut capabilities = IndexMap::new();
    for (name, place) in file.get("capabilities").map(|place| reader.entries(place)).unwrap_or_default() {
        if name.trim().is_empty() {
            reader.leave_out(&place, "the capability has no name");
            continue;
        }
        let capability = capability(reader, &forms, scoring, name, &place);
        capabilities.insert(name.to_owned(), capability);
    }
    capabilities
}

fn capability(
    reader: &mut Reader<'_>,
    forms: &Forms,
    scoring: Option<&Scoring>,
    name: &str,
    place: &Place<'_>,
) -> Capability {
    let fields = reader.fields(place, &KNOWN);
    let ours: OfCapability = reader.ours(fields.get(OURS)).unwrap_or_default();
    let mut text = |keys: &[&str]| fields.any(keys).and_then(|place| reader.text(place));
    let (summary, project) = (text(&["description"]), text(&["project"]));
    let (required_since, status, title) =
        (text(&["required_since", "required-since"]), text(&["status"]), text(&["name"]));
    if summary.is_none() {
        let message = "it has no description; its name stands for it: write what it is, in one line";
        reader.note(Kind::EmptyText, fields.get("description").unwrap_or(place), message);
    }
    if project.is_none() {
        reader.note(Kind::EmptyText, place, "it names no project; it is read as `unknown`");
    }
    let state = status.and_then(|status| {
        let known = [State::Required, State::Advisory, State::Deprecated, State::Removed];
        let state = known.into_iter().find(|state| state.name() == status);
        if state.is_none()
            && let Some(place) = fields.get("status")
        {
            reader.leave_out(place, "it is no state of a capability");
        }
        state
    });
    let (achievements, misspelt) =
        fields.get("achievements").map(|place| achievements(reader, scoring, place)).unwrap_or_default();
    let guidelines = fields.get("guidelines").map(|place| reader.names(place)).unwrap_or_default();
    let admin = fields.get("admin").and_then(|place| reader.truth(place)).unwrap_or_default();
    let flagged = fields.get("flagged");
    let tests = fields.get("tests").map(|place| test::tests(reader, forms, place, flagged)).unwrap_or_default();
    let untested = tests.is_empty().then(|| {
        ours.untested.unwrap_or_else(|| {
            reader.note(Kind::Untested, place, "it has no test");
            "It was published without a test.".to_owned()
        })
    });
    Capability {
        title: ours.title.or(title.filter(|title| title != name)),
        published_as: ours.published_as,
        project: project.unwrap_or_else(|| "unknown".to_owned()),
        summary: summary.unwrap_or_else(|| name.to_owned()),
        achievements,
        misspelt: if misspelt.is_empty() { ours.misspelt } else { misspelt },
        required_since,
        guidelines: if guidelines.is_empty() { ours.guidelines } else { guidelines },
        admin,
        origin: ours.origin,
        unlisted: ours.unlisted,
        state: ours.state.or(state),
        untested,
        operations: ours.operations,
        sources: ours.sources,
        tests,
    }
}

/// The criteria that a capability meets; a misspelt one is read as the one that is near, and stands with what was written.
fn achievements(
    reader: &mut Reader<'_>,
    scoring: Option<&Scoring>,
    place: &Place<'_>,
) -> (Vec<String>, IndexMap<String, String>) {
    let (mut found, mut misspelt): (Vec<String>, _) = (Vec::new(), IndexMap::new());
    for (name, place) in reader.texts(place) {
        let criteria = scoring.map(|scoring| &scoring.criteria);
        let known = criteria.is_some_and(|criteria| criteria.contains_key(&name));
        let meant = if known {
            Some(name.clone())
        } else {
            let names = criteria.into_iter().flat_map(|criteria| criteria.keys().map(String::as_str));
            reader.guess(&name, names).map(str::to_owned)
        };
        let Some(meant) = meant else {
            reader.leave_out(&place, "the guideline has no such criterion");
            continue;
        };
        if found.contains(&meant) {
            reader.note(Kind::ListedTwice, &place, format!("{} stands there already", quoted(&meant)));
            continue;
        }
        if !known {
            reader.note(Kind::MisspeltName, &place, format!("{} is read as {}", quoted(&name), quoted(&meant)));
            misspelt.insert(meant.clone(), name);
        }
        found.push(meant);
    }
    (found, misspelt)
}

/// Says of each capability whether a component lists it, now that the components are known.
pub(super) fn unlisted(reader: &mut Reader<'_>, file: &Fields<'_>, guideline: &mut Guideline) {
    let mut states: HashMap<&str, State> = HashMap::new();
    for component in guideline.components.values() {
        for (state, names) in component.capabilities.lists() {
            for name in names {
                let strongest = states.entry(name).or_insert(state);
                *strongest = state.min(*strongest);
            }
        }
    }
    let Some(place) = file.get("capabilities") else { return };
    // The repairs of the keys were noted when they were read first.
    let noted = reader.repairs.len();
    let places: HashMap<&str, Place<'_>> = reader.entries(place).into_iter().collect();
    reader.repairs.truncate(noted);
    for (name, capability) in &mut guideline.capabilities {
        let listed = states.get(name.as_str()).copied();
        if listed.is_some() {
            capability.unlisted = None;
        } else if capability.unlisted.is_none() {
            let removed = capability.state == Some(State::Removed);
            let why = if removed {
                "Removed before, and no component lists it any more."
            } else {
                "The published guideline defines it and puts it into no component."
            };
            capability.unlisted = Some(why.to_owned());
            if let Some(place) = places.get(name.as_str()) {
                reader.note(Kind::Unlisted, place, "no component lists it");
            }
        }
        if listed == capability.state {
            capability.state = None;
        }
    }
}
