//! That each test stands once in a capability, and is one and the same test throughout the file.

use std::collections::HashMap;

use crate::nearest::quoted;
use crate::node::{Node, Value, entries};
use crate::problem::{Code, Collector};

/// Reports to `found` tests that stand twice in one capability, and tests that contradict each other.
///
/// In a file that states what was `published`, tests lack UUIDs and contradict each other, as they did there.
pub(crate) fn check(root: &Node, published: bool, found: &mut Collector) {
    let mut file = Names::default();
    for (capability, key, value) in entries(root.get("capabilities")) {
        untested(capability, key, value, found);
        let mut here: HashMap<&str, &Node> = HashMap::new();
        for test in value.get("tests").map_or(&[][..], Node::items) {
            let Some((name, node)) = text_of(test, "name") else {
                continue;
            };
            if let Some(earlier) = here.get(name) {
                let other = Some((earlier.span.clone(), "first listed here"));
                let message = format!("the test {} is listed twice in {}", quoted(name), quoted(capability));
                found.add_with(Code::Duplicate, &node.span, message, "keep one of them".to_owned(), other);
                continue;
            }
            here.insert(name, node);
            if !published {
                complete(test, name, node, found);
                file.test(test, name, node, found);
            }
        }
    }
}

/// What the tests seen so far are called.
#[derive(Default)]
struct Names<'a> {
    /// By name: the test that has it first.
    tests: HashMap<&'a str, &'a Node>,
    /// By UUID: the name of its test.
    uuids: HashMap<&'a str, (&'a str, &'a Node)>,
    /// By name or alias: the name of its test.
    all: HashMap<&'a str, (&'a str, &'a Node)>,
}

impl<'a> Names<'a> {
    fn test(&mut self, test: &'a Node, name: &'a str, node: &'a Node, found: &mut Collector) {
        if let Some(earlier) = self.tests.get(name) {
            same(earlier, test, name, node, found);
        } else {
            self.tests.insert(name, test);
        }
        if let Some((uuid, at)) = text_of(test, "uuid") {
            match self.uuids.get(uuid) {
                Some((other, first)) if *other != name => {
                    let message = format!("{} already is the UUID of {}", quoted(uuid), quoted(other));
                    let help = "list a test under one name, and its other names as `aliases`".to_owned();
                    found.add_with(
                        Code::Contradiction,
                        &at.span,
                        message,
                        help,
                        Some((first.span.clone(), "first used here")),
                    );
                }
                Some(_) => {}
                None => {
                    self.uuids.insert(uuid, (name, at));
                }
            }
        }
        for (called, place) in own_names(test, name, node, found) {
            match self.all.get(called) {
                Some((other, first)) if *other != name => {
                    let message = format!("{} already is a name of {}", quoted(called), quoted(other));
                    let help = "give each name to one test only".to_owned();
                    found.add_with(
                        Code::Duplicate,
                        &place.span,
                        message,
                        help,
                        Some((first.span.clone(), "first used here")),
                    );
                }
                Some(_) => {}
                None => {
                    self.all.insert(called, (name, place));
                }
            }
        }
    }
}

/// The name and the aliases of a test, each once; one that stands there twice is reported.
fn own_names<'a>(test: &'a Node, name: &'a str, node: &'a Node, found: &mut Collector) -> Vec<(&'a str, &'a Node)> {
    let aliases = test.get("aliases").map_or(&[][..], Node::items);
    let mut own = vec![(name, node)];
    let mut here: HashMap<&str, &Node> = HashMap::from([(name, node)]);
    for (called, place) in aliases.iter().filter_map(|alias| Some((alias.text()?, alias))) {
        if let Some(first) = here.insert(called, place) {
            let called = quoted(called);
            let message = format!("{called} stands among the names of one test twice");
            let help = "keep one of them".to_owned();
            let other = Some((first.span.clone(), "first written here"));
            found.add_with(Code::Duplicate, &place.span, message, help, other);
        } else {
            own.push((called, place));
        }
    }
    own
}

/// Reports a capability without tests that does not say why, and one that says why and has some.
fn untested(name: &str, key: &Node, capability: &Node, found: &mut Collector) {
    let tests = capability.get("tests");
    match (tests.map_or(&[][..], Node::items), capability.get("untested")) {
        // Of something else than a list, the shape is reported.
        ([], None) if tests.is_none_or(|tests| matches!(tests.value, Value::List(_))) => {
            let message = format!("the capability {} has no test", quoted(name));
            let help = "list its tests; or, if that is as it should be, say why with `untested:`".to_owned();
            found.add(Code::MissingKey, &key.span, message, help);
        }
        ([first, ..], Some(untested)) => {
            let message = format!("{} says why it has no test, and has one", quoted(name));
            let help = "remove `untested`".to_owned();
            let other = Some((first.span.clone(), "listed here"));
            found.add_with(Code::Contradiction, &untested.span, message, help, other);
        }
        _ => {}
    }
}

/// Reports what only files published before there was a rule leave out.
fn complete(test: &Node, name: &str, node: &Node, found: &mut Collector) {
    if test.get("uuid").is_none() {
        let message = format!("the test {} lacks the key `uuid`", quoted(name));
        let help = "add `uuid:` — its published UUID, bare".to_owned();
        found.add(Code::MissingKey, &node.span, message, help);
    }
    if let Some(flag) = test.get("flag")
        && matches!(flag.value, Value::Map(_))
        && flag.get("date").is_none()
    {
        let help = "add `date:` — the day it was set".to_owned();
        found.add(Code::MissingKey, &flag.span, "the flag lacks the key `date`".to_owned(), help);
    }
}

/// Reports what differs between two entries of one test.
fn same(earlier: &Node, test: &Node, name: &str, node: &Node, found: &mut Collector) {
    if let (Some((first, _)), Some((second, at))) = (text_of(earlier, "uuid"), text_of(test, "uuid"))
        && first != second
    {
        let message = format!("the test {} has another UUID than before", quoted(name));
        let other = earlier.get("uuid").map(|uuid| (uuid.span.clone(), "its UUID here"));
        found.add_with(Code::Contradiction, &at.span, message, format!("it was {}", quoted(first)), other);
    }
    let interface = |test| text_of(test, "interface").map(|(interface, _)| interface);
    if interface(earlier) != interface(test) {
        let message =
            format!("the test {} does not go through the interface that it goes through elsewhere", quoted(name));
        let help = "give all its entries the same `interface`, or none".to_owned();
        let other = earlier.get("name").map(|name| (name.span.clone(), "listed here too"));
        found.add_with(Code::Contradiction, &node.span, message, help, other);
    }
    let manual = |test| text_of(test, "manual").is_some_and(|(manual, _)| manual == "true");
    if manual(earlier) != manual(test) {
        let message = format!("the test {} is manual in one place and not in another", quoted(name));
        let help = "give all its entries `manual: true`, or none".to_owned();
        let other = earlier.get("name").map(|name| (name.span.clone(), "listed here too"));
        found.add_with(Code::Contradiction, &node.span, message, help, other);
    }
    if flag(earlier) != flag(test) {
        let message = format!("the test {} is not flagged as it is elsewhere in the file", quoted(name));
        let help = "give all its entries the same flag, or none".to_owned();
        let other = earlier.get("name").map(|name| (name.span.clone(), "listed here too"));
        found.add_with(Code::Contradiction, &node.span, message, help, other);
    }
}

fn text_of<'a>(test: &'a Node, key: &str) -> Option<(&'a str, &'a Node)> {
    let node = test.get(key)?;
    Some((node.text()?, node))
}

/// The flag of a test, without its places and the order of its keys.
fn flag(test: &Node) -> Option<Vec<(&str, Option<&str>)>> {
    let mut content: Vec<_> = test.get("flag")?.entries().map(|(key, _, value)| (key, value.text())).collect();
    content.sort_unstable();
    Some(content)
}
