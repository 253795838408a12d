//! The step from the guideline that is replaced, and from an earlier state of the same guideline.

use std::collections::{HashMap, HashSet};

use crate::model::{Guideline, Scoring, State, Status, Test};
use crate::nearest::quoted;
use crate::node::{Node, entries};

use super::found::Found;
use super::listed::tests;
use super::rule::{
    CRITERIA_CHANGED, FLAG_LIFTED, NOT_ADVISORY, NOT_COMPARED, NOT_DEPRECATED, OTHER_CRITERIA, TESTS_CHANGED,
};

pub(super) fn check(root: &Node, guideline: &Guideline, earlier: Option<&Guideline>, found: &mut Found) {
    let Some(earlier) = earlier else {
        if let (Some(id), Some(at)) = (&guideline.replaces, root.get("replaces")) {
            let message = format!("{} is not known, so the step from it is not checked", quoted(id));
            found.add(&NOT_COMPARED, at, message, "name its file with `--against`, or its folder with `--guidelines`");
        }
        return;
    };
    if earlier.id == guideline.id {
        revision(root, guideline, earlier, found);
    } else {
        let now = Listed::of(root);
        advisory_first(&now, earlier, found);
        deprecated_first(root, &now, earlier, found);
        let changes = changes(earlier.scoring.as_ref(), guideline.scoring.as_ref(), Cutoff::Free);
        if let (Some(_), Some(change), Some(at)) = (&earlier.scoring, changes.first(), key(root, "scoring")) {
            let message = format!("the criteria are not those of {}: {change}{}", earlier.id, more(changes.len()));
            found.add(&OTHER_CRITERIA, at, message, "say who approved it, or take over the earlier ones");
        }
    }
}

/// Capabilities by name, each with its state and its place.
type Places<'a> = HashMap<&'a str, (&'a str, &'a Node)>;

/// Where the file lists capabilities: by component, with the place of its key.
struct Listed<'a>(HashMap<&'a str, (&'a Node, Places<'a>)>);

impl<'a> Listed<'a> {
    fn of(root: &'a Node) -> Self {
        let components = entries(root.get("components")).map(|(component, key, value)| {
            let states = entries(value.get("capabilities"));
            let names = states.flat_map(|(state, _, names)| {
                names.items().iter().filter_map(move |item| Some((item.text()?, (state, item))))
            });
            (component, (key, names.collect()))
        });
        Self(components.collect())
    }

    /// Where a component lists a capability; where the file has no such component, where any does.
    fn find(&self, component: &str, name: &str) -> Option<(&'a str, &'a Node)> {
        match self.0.get(component) {
            Some((_, names)) => names.get(name).copied(),
            None => self.0.values().find_map(|(_, names)| names.get(name).copied()),
        }
    }
}

/// The states that components of a guideline give a capability; where it has no such component, that any gives it.
struct States<'a> {
    components: HashMap<&'a str, HashMap<&'a str, State>>,
    any: HashMap<&'a str, State>,
}

impl<'a> States<'a> {
    fn of(guideline: &'a Guideline) -> Self {
        let mut any: HashMap<&str, State> = HashMap::new();
        let mut components = HashMap::new();
        for (component, value) in &guideline.components {
            let mut states = HashMap::new();
            for (state, names) in value.capabilities.lists() {
                for name in names {
                    states.insert(name.as_str(), state);
                    let strongest = any.entry(name).or_insert(state);
                    *strongest = state.min(*strongest);
                }
            }
            components.insert(component.as_str(), states);
        }
        Self { components, any }
    }

    fn get(&self, component: &str, name: &str) -> Option<State> {
        self.components.get(component).unwrap_or(&self.any).get(name).copied()
    }
}

fn advisory_first(now: &Listed<'_>, earlier: &Guideline, found: &mut Found) {
    let before = States::of(earlier);
    for (component, (_, names)) in &now.0 {
        for (name, (state, at)) in names {
            // What was deprecated had been required: to take that back needs no notice.
            if *state == State::Required.name() && matches!(before.get(component, name), None | Some(State::Removed)) {
                let message = format!(
                    "{} is required in {} without having been advisory in {}",
                    quoted(name),
                    quoted(component),
                    earlier.id
                );
                found.add(
                    &NOT_ADVISORY,
                    at,
                    message,
                    "list it as `advisory` here, and require it in the next guideline",
                );
            }
        }
    }
}

fn deprecated_first(root: &Node, now: &Listed<'_>, earlier: &Guideline, found: &mut Found) {
    for (component, value) in &earlier.components {
        for name in &value.capabilities.required {
            let listed = now.find(component, name);
            if listed.is_some_and(|(state, _)| state != State::Removed.name()) {
                continue;
            }
            let key = now.0.get(component.as_str()).map(|(key, _)| *key);
            let Some(at) = listed.map(|(_, at)| at).or(key).or_else(|| self::key(root, "components")) else {
                continue;
            };
            let message = format!(
                "{} is removed from {} without having been deprecated in {}",
                quoted(name),
                quoted(component),
                earlier.id
            );
            found.add(
                &NOT_DEPRECATED,
                at,
                message,
                "list it as `deprecated` here, and remove it in the next guideline",
            );
        }
    }
}

/// What must not change between two states of one guideline.
fn revision(root: &Node, guideline: &Guideline, earlier: &Guideline, found: &mut Found) {
    if earlier.status == Status::Draft {
        return;
    }
    let at = key(root, "scoring").or_else(|| key(root, "id"));
    if let Some(at) = at {
        for change in changes(earlier.scoring.as_ref(), guideline.scoring.as_ref(), Cutoff::Frozen) {
            let message = format!("since the guideline left draft, {change}");
            found.add(&CRITERIA_CHANGED, at, message, "put it back, and change it in the next draft");
        }
    }
    if matches!(earlier.status, Status::Approved | Status::Superseded) {
        unchanged_tests(root, earlier, found);
    }
}

fn unchanged_tests(root: &Node, earlier: &Guideline, found: &mut Found) {
    let all = earlier.capabilities.iter();
    let before: HashMap<(&str, &str), &Test> = all
        .flat_map(|(name, of)| of.tests.iter().map(move |test| ((name.as_str(), test.name.as_str()), test)))
        .collect();
    let mut seen = HashSet::new();
    for (capability, test, name, at) in tests(root) {
        seen.insert((capability, name));
        let Some(was) = before.get(&(capability, name)) else {
            let message = format!("the test {} was added to {} after the approval", quoted(name), quoted(capability));
            found.add(&TESTS_CHANGED, at, message, "take it out, and add it to the next draft");
            continue;
        };
        if test.get("uuid").and_then(Node::text) != was.uuid.as_deref() {
            let message = format!("the UUID of {} changed after the approval", quoted(name));
            let help = was.uuid.as_ref().map_or_else(|| "take it out".to_owned(), |uuid| format!("it was {uuid}"));
            found.add(&TESTS_CHANGED, test.get("uuid").unwrap_or(at), message, help);
        }
        if was.flag.is_some() && test.get("flag").is_none() {
            let message = format!("the flag of {} was lifted after the approval", quoted(name));
            found.add(&FLAG_LIFTED, at, message, "put it back, and leave it out of the next guideline");
        }
    }
    let capabilities: HashMap<&str, &Node> =
        entries(root.get("capabilities")).map(|(name, key, _)| (name, key)).collect();
    for (capability, of) in &earlier.capabilities {
        let here = capabilities.get(capability.as_str()).copied().or_else(|| key(root, "capabilities"));
        let Some(at) = here else { continue };
        for test in of.tests.iter().filter(|test| !seen.contains(&(capability.as_str(), test.name.as_str()))) {
            let (test, capability) = (quoted(&test.name), quoted(capability));
            let message = format!("the test {test} was taken out of {capability} after the approval");
            found.add(&TESTS_CHANGED, at, message, "put it back, and flag it if it is at fault");
        }
    }
}

/// Whether the cutoff may differ: each guideline sets its own.
#[derive(PartialEq, Eq)]
enum Cutoff {
    Free,
    Frozen,
}

/// What differs between two scorings, each in a few words.
fn changes(before: Option<&Scoring>, now: Option<&Scoring>, cutoff: Cutoff) -> Vec<String> {
    let (Some(before), Some(now)) = (before, now) else {
        return match (before, now) {
            (Some(_), None) => vec!["the scoring is gone".to_owned()],
            (None, Some(_)) => vec!["there is a scoring, and was none".to_owned()],
            _ => Vec::new(),
        };
    };
    let mut changes = Vec::new();
    if cutoff == Cutoff::Frozen && before.cutoff != now.cutoff {
        let shown = |cutoff: Option<u32>| cutoff.map_or_else(|| "none".to_owned(), |cutoff| cutoff.to_string());
        changes.push(format!("the cutoff is {} instead of {}", shown(now.cutoff), shown(before.cutoff)));
    }
    for (name, criterion) in &before.criteria {
        match now.criteria.get(name) {
            None => changes.push(format!("the criterion {} is gone", quoted(name))),
            Some(of) if of.weight != criterion.weight => {
                changes.push(format!("{} weighs {} instead of {}", quoted(name), of.weight, criterion.weight));
            }
            Some(_) => {}
        }
    }
    let new = now.criteria.keys().filter(|name| !before.criteria.contains_key(*name));
    changes.extend(new.map(|name| format!("the criterion {} is new", quoted(name))));
    changes
}

fn more(count: usize) -> String {
    if count > 1 { format!(", and {} more changes", count - 1) } else { String::new() }
}

fn key<'a>(root: &'a Node, name: &str) -> Option<&'a Node> {
    root.entries().find(|(key, ..)| *key == name).map(|(_, key, _)| key)
}
