//! What a guideline lists: its tests with their places, and the capabilities that it requires.

use std::collections::HashSet;

use crate::model::Guideline;
use crate::node::{Node, entries};

/// The tests of every capability: its name, the test, its name, and the place of that name.
pub(super) fn tests(root: &Node) -> impl Iterator<Item = (&str, &Node, &str, &Node)> {
    entries(root.get("capabilities")).flat_map(|(capability, _, value)| {
        let tests = value.get("tests").map_or(&[][..], Node::items);
        tests.iter().filter_map(move |test| {
            let name = test.get("name")?;
            Some((capability, test, name.text()?, name))
        })
    })
}

/// The capabilities that components require.
pub(super) fn required(guideline: &Guideline) -> HashSet<&str> {
    let lists = guideline.components.values().flat_map(|component| &component.capabilities.required);
    lists.map(String::as_str).collect()
}
