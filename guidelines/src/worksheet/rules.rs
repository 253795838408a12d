//! What the schema cannot say: criteria that must exist and be scored, names that must stand once.

use std::collections::HashMap;

use crate::model::Guideline;
use crate::nearest::{list, nearest, quoted};
use crate::node::{Node, entries, texts};
use crate::problem::{Code, Collector};
use crate::rules::names::{Names, known, once};
use crate::rules::schema;

/// Reports to `found` which rules the worksheet breaks; what has a wrong shape is passed over.
pub(super) fn check(root: &Node, guideline: Option<&Guideline>, found: &mut Collector) {
    schema(root, found);
    let carried = guideline.and_then(|guideline| guideline.scoring.as_ref());
    let own = root.get("scoring");
    let criteria = match (own, carried) {
        (Some(own), _) => Names::of(own.get("criteria")),
        (None, carried) => Names::new(carried.iter().flat_map(|carried| carried.criteria.keys().map(String::as_str))),
    };
    if criteria.list.is_empty() {
        no_criteria(root, own, guideline, found);
    } else {
        for (_, _, section) in entries(root.get("sections")) {
            for (name, key, row) in entries(section.get("capabilities")) {
                scores(name, key, row, &criteria, found);
            }
        }
    }
    names(root, found);
}

fn no_criteria(root: &Node, own: Option<&Node>, guideline: Option<&Guideline>, found: &mut Collector) {
    let help = "name the guideline whose criteria hold with `guideline:`, or list them under `scoring:`".to_owned();
    match (own.and_then(|own| own.get("criteria")), root.get("guideline"), guideline) {
        (Some(criteria), ..) => {
            found.add(Code::BadValue, &criteria.span, "there are no criteria to score by".to_owned(), help);
        }
        // What is wrong with `scoring` or with the guideline is said already.
        (None, Some(_), None) => {}
        (None, _, _) if own.is_some() => {}
        (None, Some(node), Some(guideline)) => {
            let message = format!("{} has no criteria to score by", quoted(&guideline.id));
            found.add(Code::MissingKey, &node.span, message, "list them under `scoring:`".to_owned());
        }
        (None, None, _) => {
            let message = "the worksheet says neither its criteria nor its guideline".to_owned();
            found.add(Code::MissingKey, &root.span, message, help);
        }
    }
}

/// Every criterion is scored, and nothing else.
fn scores(name: &str, key: &Node, row: &Node, criteria: &Names<'_>, found: &mut Collector) {
    let Some(scores) = row.get("scores") else { return };
    let scored = Names::of(Some(scores));
    let mut meant: Vec<&str> = Vec::new();
    for (criterion, at, _) in entries(Some(scores)) {
        if criteria.set.contains(criterion) || found.is_full() {
            continue;
        }
        let near = nearest(criterion, criteria.list.iter().copied());
        meant.extend(near);
        let help = near.map_or_else(
            || format!("those that exist are {}", list(criteria.list.iter().copied())),
            |near| format!("did you mean {}?", quoted(near)),
        );
        found.add(Code::UnknownName, &at.span, format!("there is no criterion {}", quoted(criterion)), help);
    }
    let missing: Vec<&str> = criteria
        .list
        .iter()
        .copied()
        .filter(|criterion| !scored.set.contains(criterion) && !meant.contains(criterion))
        .collect();
    if !missing.is_empty() {
        let message = format!("{} is not scored by {}", quoted(name), list(missing));
        let help = "write `1` or `0`; or `\"?\"`, in quotation marks, while that is not decided".to_owned();
        found.add(Code::MissingKey, &key.span, message, help);
    }
}

/// A capability stands in one section, a group has a name of its own, and its parts are capabilities of its section.
fn names(root: &Node, found: &mut Collector) {
    let mut first: HashMap<&str, &Node> = HashMap::new();
    let stand = |name: &'static str, text, key: &Node, found: &mut Collector, first: &Node| {
        let message = format!("{} is {name} already", quoted(text));
        let other = Some((first.span.clone(), "first written here"));
        found.add_with(
            Code::Duplicate,
            &key.span,
            message,
            "keep one of them, or give it another name".to_owned(),
            other,
        );
    };
    for (_, _, section) in entries(root.get("sections")) {
        // Within one map, a key written twice is reported as such.
        let mut here: HashMap<&str, &Node> = HashMap::new();
        for (name, key, _) in entries(section.get("capabilities")) {
            match first.get(name) {
                Some(earlier) => stand("a capability of another section", name, key, found, earlier),
                None => {
                    here.entry(name).or_insert(key);
                }
            }
        }
        first.extend(here);
    }
    let mut groups: HashMap<&str, &Node> = HashMap::new();
    for (_, _, section) in entries(root.get("sections")) {
        let capabilities = Names::of(section.get("capabilities"));
        let mut here: HashMap<&str, &Node> = HashMap::new();
        let mut parts: HashMap<&str, &Node> = HashMap::new();
        for (name, key, of) in entries(section.get("groups")) {
            if let Some(earlier) = first.get(name) {
                stand("a capability", name, key, found, earlier);
            } else if let Some(earlier) = groups.get(name) {
                stand("a group of another section", name, key, found, earlier);
            } else {
                here.entry(name).or_insert(key);
            }
            if of.items().is_empty() {
                let message = format!("the group {} has no parts", quoted(name));
                found.add(Code::BadValue, &key.span, message, "list the capabilities that it is made of".to_owned());
            }
            known(of.items(), &capabilities, "capability", found);
            once(of.items(), found);
            let mut own: HashMap<&str, &Node> = HashMap::new();
            for (part, item) in texts(of.items()) {
                match parts.get(part) {
                    Some(earlier) => stand("a part of another group", part, item, found, earlier),
                    None => {
                        own.entry(part).or_insert(item);
                    }
                }
            }
            parts.extend(own);
        }
        groups.extend(here);
    }
}
