//! That tests and operations fit the interfaces by which components ask.

use crate::model::Guideline;
use crate::nearest::quoted;
use crate::node::{Node, entries};

use super::found::Found;
use super::listed::tests;
use super::rule::{NO_INTERFACE, UNPROVED};

pub(super) fn check(root: &Node, guideline: &Guideline, found: &mut Found) {
    let by_interface = |capability: &str| {
        let mut components = guideline.components.iter().filter(|(_, component)| !component.interfaces.is_empty());
        components.find(|(_, component)| component.capabilities.state_of(capability).is_some()).map(|(name, _)| name)
    };
    for (capability, test, name, at) in tests(root) {
        if test.get("interface").is_none()
            && let Some(component) = by_interface(capability)
        {
            let message = format!(
                "{} asks for {} by interface, and {} does not say which it goes through",
                quoted(component),
                quoted(capability),
                quoted(name)
            );
            found.add(&NO_INTERFACE, at, message, "add `interface:` to the test");
        }
    }
    for (name, _, value) in entries(root.get("capabilities")) {
        let Some(capability) = guideline.capabilities.get(name).filter(|capability| !capability.tests.is_empty())
        else {
            continue;
        };
        for (interface, operations) in capability.operations.lists() {
            let proved = capability.tests.iter().any(|test| test.interface == Some(interface));
            if operations.is_empty() || proved {
                continue;
            }
            let message =
                format!("{} names operations of {}, and no test goes through it", quoted(name), interface.name());
            let operations = value.get("operations");
            let at = operations.and_then(|operations| operations.get(interface.name())).or(operations).unwrap_or(value);
            found.add(&UNPROVED, at, message, "add a test that goes through it, or take the operations out");
        }
    }
}
