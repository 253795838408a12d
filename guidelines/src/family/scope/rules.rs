//! What the schema cannot say of a scope: names that must exist, and what must be said once.

use std::collections::HashMap;

use crate::nearest::quoted;
use crate::node::{Node, entries};
use crate::problem::{Code, Collector};
use crate::rules::names::{Names, known, once};

/// Reports to `found` which rules a scope breaks.
pub(crate) fn check(scope: &Node, found: &mut Collector) {
    let mut cases: HashMap<&str, (usize, &Node)> = HashMap::new();
    for (number, script) in scope.get("scripts").map_or(&[][..], Node::items).iter().enumerate() {
        for (id, at, _) in entries(script.get("tests")) {
            let (earlier, first) = *cases.entry(id).or_insert((number, at));
            // Of one that a script has twice, the shape is reported.
            if earlier != number {
                let message = format!("the test case {} stands in two scripts", quoted(id));
                let help = "keep one of them".to_owned();
                let first = Some((first.span.clone(), "the first of them"));
                found.add_with(Code::Duplicate, &at.span, message, help, first);
            }
        }
    }
    let ids = Names::new(cases.keys().copied());
    for (_, _, module) in entries(scope.get("modules")) {
        for (_, _, tests) in entries(module.get("targets")) {
            known(tests.items(), &ids, "test case", found);
            once(tests.items(), found);
        }
    }
    let modules = Names::of(scope.get("modules"));
    for (name, _, version) in entries(scope.get("versions")) {
        let include = version.get("include");
        if let (Some(guideline), Some(other)) = (version.get("guideline"), include.or(version.get("approved"))) {
            let message = format!("{} has a guideline, which says what it names and since when", quoted(name));
            let help = "keep the guideline, or what is said here".to_owned();
            let first = Some((guideline.span.clone(), "its guideline"));
            found.add_with(Code::Contradiction, &other.span, message, help, first);
        }
        let items = include.map_or(&[][..], Node::items).iter();
        let named: Vec<Node> = items.filter_map(|item| item.get("module")).cloned().collect();
        known(&named, &modules, "module", found);
        once(&named, found);
    }
}
