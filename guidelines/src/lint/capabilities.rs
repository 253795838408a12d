//! What a required capability must have: a score, tests, and users who may use it.

use crate::model::{Capability, Guideline};
use crate::nearest::quoted;
use crate::node::{Node, entries};

use super::found::Found;
use super::listed::required;
use super::rule::{ADMIN, BELOW_CUTOFF, REQUIRED_UNTESTED, UNTESTED};

pub(super) fn check(root: &Node, guideline: &Guideline, found: &mut Found) {
    let required = required(guideline);
    let cutoff = guideline.scoring.as_ref().and_then(|scoring| scoring.cutoff);
    for (name, key, value) in entries(root.get("capabilities")) {
        let Some(capability) = guideline.capabilities.get(name) else { continue };
        let is_required = required.contains(name);
        if capability.tests.is_empty() {
            let at = value.get("untested").unwrap_or(key);
            if is_required {
                let message = format!("{} is required, and nothing tests it", quoted(name));
                found.add(&REQUIRED_UNTESTED, at, message, "add tests, or list it as advisory until there are some");
            } else {
                let message = format!("nothing tests {}", quoted(name));
                found.add(&UNTESTED, at, message, "write tests before it is to be required, or remove it");
            }
        }
        if !is_required {
            continue;
        }
        if capability.admin {
            let message = format!("{} is required, and only an administrator can use it", quoted(name));
            let at = value.get("admin").unwrap_or(key);
            found.add(&ADMIN, at, message, "list it as advisory, or remove it");
        }
        if let Some(cutoff) = cutoff {
            score(name, key, value, guideline, capability, cutoff, found);
        }
    }
}

/// Only the criteria that the guideline has count: a word that was published in the place of a criterion adds nothing.
fn score(
    name: &str,
    key: &Node,
    value: &Node,
    guideline: &Guideline,
    capability: &Capability,
    cutoff: u32,
    found: &mut Found,
) {
    let meant = guideline.score(capability);
    let read = capability.achievements.iter().filter(|name| !capability.misspelt.contains_key(*name));
    let score = guideline.score(&Capability { achievements: read.cloned().collect(), ..capability.clone() });
    if score >= cutoff {
        return;
    }
    let words: Vec<String> = capability.misspelt.values().map(|word| quoted(word)).collect();
    let spelling = if words.is_empty() {
        String::new()
    } else {
        format!(" (with {} read as it was meant, {meant})", words.join(", "))
    };
    let message = format!("{} is required and scores {score}{spelling}; the cutoff is {cutoff}", quoted(name));
    let at = value.get("misspelt").or_else(|| value.get("achievements")).unwrap_or(key);
    found.add(&BELOW_CUTOFF, at, message, "score it again, list it as advisory, or lower the cutoff in the next draft");
}
