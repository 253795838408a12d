//! That names and UUIDs of tests belong to each other.

use std::collections::{HashMap, HashSet};

use crate::nearest::quoted;
use crate::node::Node;

use super::found::Found;
use super::listed::tests;
use super::rule::{TWO_NAMES, TWO_UUIDS};

/// Each contradiction is reported once, where the second name or UUID stands first.
pub(super) fn check(root: &Node, found: &mut Found) {
    let mut reported: HashSet<(&str, &str)> = HashSet::new();
    let mut first_name: HashMap<&str, (&str, &Node)> = HashMap::new();
    let mut first_uuid: HashMap<&str, (&str, &Node)> = HashMap::new();
    for (_, test, name, _) in tests(root) {
        let Some(at) = test.get("uuid") else { continue };
        let Some(uuid) = at.text() else { continue };
        let (known, first) = *first_name.entry(uuid).or_insert((name, at));
        if known != name && reported.insert((uuid, name)) {
            let message = format!("{} is the UUID of {}, and of {} as well", quoted(uuid), quoted(name), quoted(known));
            let help = "list one test under one name, with the other as alias; or find the right UUID";
            found.add_with(&TWO_NAMES, at, message, help, Some((first, "first used here")));
        }
        let (known, first) = *first_uuid.entry(name).or_insert((uuid, at));
        if known != uuid && reported.insert((name, uuid)) {
            let message = format!("{} has the UUID {}, and {} as well", quoted(name), quoted(uuid), quoted(known));
            let help = "take the UUID that Tempest gives for the name";
            found.add_with(&TWO_UUIDS, at, message, help, Some((first, "its UUID here")));
        }
    }
}
