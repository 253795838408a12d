//! The components of a published file, and the programmes and add-ons that are made of them.

use std::collections::HashMap;

use indexmap::IndexMap;

use crate::model::{ByState, Capability, Component, DesignatedProject, Requirement, State, Target, TargetKind};
use crate::nearest::quoted;
use crate::refstack::{OURS, OfComponent, OfRequirement, OfTarget, PLATFORM, PROGRAMMES, requirement, target_of};

use super::reader::{Fields, Place, Reader};
use super::repair::Kind;

const STATES: [&str; 4] = ["required", "advisory", "deprecated", "removed"];

/// Reads the components: four lists of capabilities each, and since 2.0 a block beside these.
pub(super) fn components(
    reader: &mut Reader<'_>,
    file: &Fields<'_>,
    capabilities: &IndexMap<String, Capability>,
    designated: &IndexMap<String, DesignatedProject>,
) -> IndexMap<String, Component> {
    let mut components = IndexMap::new();
    for (name, place) in file.get("components").map(|place| reader.entries(place)).unwrap_or_default() {
        if name.trim().is_empty() {
            reader.leave_out(&place, "the component has no name");
            continue;
        }
        let mut known = vec!["capabilities", "designated_sections", OURS];
        known.extend(STATES);
        let fields = reader.fields(&place, &known);
        let ours: OfComponent = reader.ours(fields.get(OURS)).unwrap_or_default();
        let block = fields.get("capabilities").map(|place| reader.fields(place, &STATES));
        let of = by_state(reader, block.as_ref().unwrap_or(&fields), |state, name| {
            let known = capabilities.contains_key(name);
            match (known, state) {
                (true, _) => Known::Yes,
                (false, State::Removed) => Known::Undefined,
                (false, _) => Known::No("the file defines no such capability"),
            }
        });
        let sections = fields.get("designated_sections").map(|place| reader.fields(place, &STATES));
        let sections = sections.map(|sections| {
            by_state(reader, &sections, |_, name| {
                if designated.contains_key(name) {
                    Known::Yes
                } else {
                    Known::No("the file designates no section of this project")
                }
            })
        });
        let designated_sections = sections.unwrap_or_default();
        let OfComponent { interfaces, parameters, beside } = ours;
        let component = Component { capabilities: of, interfaces, parameters, beside, designated_sections };
        components.insert(name.to_owned(), component);
    }
    components
}

/// Whether a name means something in the file.
enum Known {
    Yes,
    Undefined,
    No(&'static str),
}

/// The four lists, each name once; where a name stands in several, the strongest state counts.
fn by_state(reader: &mut Reader<'_>, fields: &Fields<'_>, known: impl Fn(State, &str) -> Known) -> ByState {
    let mut sorted = ByState::default();
    let mut seen: HashMap<String, State> = HashMap::new();
    let lists = [
        (State::Required, &mut sorted.required),
        (State::Advisory, &mut sorted.advisory),
        (State::Deprecated, &mut sorted.deprecated),
        (State::Removed, &mut sorted.removed),
    ];
    for (state, list) in lists {
        let Some(place) = fields.get(state.name()) else { continue };
        for (name, item) in reader.texts(place) {
            if let Some(earlier) = seen.get(&name) {
                let message =
                    format!("{} is {} already, and not read as {}", quoted(&name), earlier.name(), state.name());
                reader.note(Kind::ListedTwice, &item, message);
                continue;
            }
            match known(state, &name) {
                Known::Yes => {}
                Known::Undefined => {
                    reader.note(
                        Kind::Undefined,
                        &item,
                        format!("{} is removed, and nothing defines it", quoted(&name)),
                    );
                }
                Known::No(why) => {
                    reader.leave_out(&item, why);
                    continue;
                }
            }
            seen.insert(name.clone(), state);
            list.push(name);
        }
    }
    sorted
}

/// Reads what a product can be certified as.
pub(super) fn targets(
    reader: &mut Reader<'_>,
    root: &Place<'_>,
    file: &Fields<'_>,
    components: &IndexMap<String, Component>,
) -> IndexMap<String, Target> {
    let mut targets = IndexMap::new();
    for (key, kind) in [("platforms", TargetKind::Program), ("add-ons", TargetKind::AddOn)] {
        for (title, place) in file.get(key).map(|place| reader.entries(place)).unwrap_or_default() {
            let Some((name, target)) = target(reader, kind, title, &place, components) else { continue };
            if targets.contains_key(&name) {
                reader.leave_out(&place, &format!("another target is called {} already", quoted(&name)));
            } else {
                targets.insert(name, target);
            }
        }
    }
    if !targets.is_empty() {
        if let Some(platform) = file.get("platform") {
            reader.leave_out(platform, "the file says what its platforms are");
        }
        return targets;
    }
    let place = file.get("platform");
    let all = platform(reader, place, components);
    reader.note(Kind::Targets, place.unwrap_or(root), "the file names no programmes; its components stand for them");
    if all.len() > 1 {
        let (name, title, summary) = PLATFORM;
        targets.insert(name.to_owned(), program(title, summary, all.clone()));
    }
    for component in all {
        let known = PROGRAMMES.iter().find(|(known, ..)| *known == component);
        let (name, title, summary) = known
            .map_or((component.as_str(), component.as_str(), component.as_str()), |known| (known.1, known.2, known.3));
        targets.insert(name.to_owned(), program(title, summary, vec![component.clone()]));
    }
    targets
}

fn program(title: &str, summary: &str, components: Vec<String>) -> Target {
    let (title, summary) = (title.to_owned(), summary.to_owned());
    Target { title, summary, kind: TargetKind::Program, components, requires: Vec::new() }
}

/// The components that the platform of a file before 2.0 requires; all of them where it does not say.
fn platform(
    reader: &mut Reader<'_>,
    place: Option<&Place<'_>>,
    components: &IndexMap<String, Component>,
) -> Vec<String> {
    let Some(place) = place else {
        return components.keys().cloned().collect();
    };
    let fields = reader.fields(place, &STATES);
    let sorted = by_state(reader, &fields, |_, name| {
        if components.contains_key(name) { Known::Yes } else { Known::No("the file has no such component") }
    });
    for (state, names) in &sorted.lists()[1..] {
        if let Some(place) = fields.get(state.name()).filter(|_| !names.is_empty()) {
            reader.leave_out(place, "a target is made of components that are required");
        }
    }
    if sorted.required.is_empty() { components.keys().cloned().collect() } else { sorted.required }
}

fn target(
    reader: &mut Reader<'_>,
    kind: TargetKind,
    title: &str,
    place: &Place<'_>,
    components: &IndexMap<String, Component>,
) -> Option<(String, Target)> {
    let fields = reader.fields(place, &["description", "components", "required_platform_components", OURS]);
    let summary = fields.get("description").and_then(|place| reader.text(place));
    let ours: Option<OfTarget> = reader.ours(fields.get(OURS));
    let (name, title) = match ours {
        Some(ours) => (ours.target, ours.title.unwrap_or_else(|| title.to_owned())),
        None => (target_of(title), title.to_owned()),
    };
    if name.is_empty() {
        reader.leave_out(place, "the programme has no name");
        return None;
    }
    let mut own: Vec<String> = Vec::new();
    let mut requires: Vec<Requirement> = Vec::new();
    for key in ["components", "required_platform_components"] {
        for item in fields.get(key).map(|place| reader.items(place)).unwrap_or_default() {
            match component(reader, &item, components) {
                Some(Named::Own(name)) if own.contains(&name) => {
                    reader.note(Kind::ListedTwice, &item, format!("{} stands there already", quoted(&name)));
                }
                Some(Named::Own(name)) => own.push(name),
                Some(Named::Other(required)) => requires.push(required),
                None => {}
            }
        }
    }
    if own.is_empty() {
        reader.leave_out(place, "it has no component of this file");
        return None;
    }
    if summary.is_none() {
        reader.note(Kind::EmptyText, place, "it has no description; its name stands for it");
    }
    let summary = summary.unwrap_or_else(|| title.clone());
    Some((name, Target { title, summary, kind, components: own, requires }))
}

/// A component that a programme names.
enum Named {
    Own(String),
    Other(Requirement),
}

fn component(reader: &mut Reader<'_>, place: &Place<'_>, components: &IndexMap<String, Component>) -> Option<Named> {
    if let Some(name) = place.string() {
        reader.note(Kind::OtherType, place, "the text is read as the name of a component");
        return own(reader, place, name, components);
    }
    let fields = reader.fields(place, &["name", "source", OURS]);
    let ours: Option<OfRequirement> = reader.ours(fields.get(OURS));
    let name = fields.get("name").and_then(|place| reader.text(place));
    let source = fields.get("source").and_then(|place| reader.text(place));
    let Some(name) = name else {
        reader.leave_out(place, "it names no component");
        return None;
    };
    if let Some(ours) = ours {
        return Some(Named::Other(Requirement {
            published_as: (ours.component != name).then_some(name),
            guideline: ours.guideline,
            component: ours.component,
            source: source.filter(|_| ours.published_source),
        }));
    }
    let Some(source) = source else {
        return own(reader, place, &name, components);
    };
    let Some(required) = requirement(&name, &source) else {
        reader.leave_out(place, &format!("its source {} is no file of a guideline", quoted(&source)));
        return None;
    };
    if required.published_as.is_some() {
        let message = format!(
            "{} is read as {}, the name of the component in {}",
            quoted(&name),
            quoted(&required.component),
            required.guideline
        );
        reader.note(Kind::OtherName, place, message);
    }
    Some(Named::Other(required))
}

fn own(
    reader: &mut Reader<'_>,
    place: &Place<'_>,
    name: &str,
    components: &IndexMap<String, Component>,
) -> Option<Named> {
    if components.contains_key(name) {
        return Some(Named::Own(name.to_owned()));
    }
    reader.leave_out(place, &format!("the file has no component {}", quoted(name)));
    None
}
