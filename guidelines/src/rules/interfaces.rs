//! That a component which asks through some interfaces only has tests that go through them.

use std::collections::{BTreeSet, HashMap};

use crate::nearest::{list, quoted};
use crate::node::{Node, entries, texts};
use crate::problem::{Code, Collector};

use super::names::once;

/// The words for interfaces.
const KNOWN: [&str; 2] = ["ironic", "redfish"];

/// Reports to `found` capabilities that a component lists and has no test for, since none goes through its interfaces.
pub(crate) fn check(root: &Node, found: &mut Collector) {
    let capabilities: HashMap<&str, &Node> =
        entries(root.get("capabilities")).map(|(name, _, value)| (name, value)).collect();
    for (component, _, value) in entries(root.get("components")) {
        let interfaces = value.get("interfaces").map_or(&[][..], Node::items);
        once(interfaces, found);
        let wanted: BTreeSet<&str> = texts(interfaces).map(|(interface, _)| interface).collect();
        if wanted.is_empty() || wanted.iter().any(|word| !KNOWN.contains(word)) {
            continue;
        }
        for (_, _, names) in entries(value.get("capabilities")) {
            for (name, item) in texts(names.items()) {
                let tests = capabilities.get(name).and_then(|of| of.get("tests")).map_or(&[][..], Node::items);
                // A word that is no interface is reported where it stands.
                let goes = |test: &Node| {
                    let interface = test.get("interface").and_then(Node::text);
                    interface.is_some_and(|interface| wanted.contains(interface) || !KNOWN.contains(&interface))
                };
                // One without any test says so itself, or is reported for that.
                if tests.is_empty() || tests.iter().any(goes) {
                    continue;
                }
                let message = format!(
                    "{} asks for {} through {} only, and none of its tests goes there",
                    quoted(component),
                    quoted(name),
                    list(wanted.iter().copied())
                );
                let help = "add a test with such an `interface`, or list it in another component".to_owned();
                found.add(Code::Contradiction, &item.span, message, help);
            }
        }
    }
}
