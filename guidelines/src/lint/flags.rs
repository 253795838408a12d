//! Flags: what a flag must say, and how long it may stay.

use std::sync::LazyLock;

use chrono::{Months, NaiveDate};
use regex_lite::Regex;

use crate::model::{Flag, Guideline, Status};
use crate::nearest::quoted;
use crate::node::Node;
use crate::rules::OPENSTACK;

use super::found::Found;
use super::listed::tests;
use super::rule::{EXPIRED, FLAG_PATTERN, FLAGGED_PROPOSAL, NO_CODE, NO_DATE, NO_REASON, OLD_FLAG, PLACEHOLDER};

/// What the schemas 1.5, 1.6 and 2.0 of the programme ask of the text in `reason`.
static REASON: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^D\d{3} \w+").ok());
const WITH_PATTERN: [&str; 3] = ["1.5", "1.6", "2.0"];

pub(super) fn check(root: &Node, guideline: &Guideline, day: NaiveDate, found: &mut Found) {
    let published = guideline.published.as_ref().map(|published| published.schema.as_str());
    let flagging = Flagging {
        openstack: guideline.id.starts_with(OPENSTACK),
        pattern: published.is_some_and(|schema| WITH_PATTERN.contains(&schema)),
        proposed: guideline.status == Status::Review,
        year_ago: day.checked_sub_months(Months::new(12)).unwrap_or(NaiveDate::MIN),
        day,
    };
    let mut nodes = tests(root);
    for test in guideline.capabilities.values().flat_map(|capability| &capability.tests) {
        // The model was filled from the same tree, in the same order.
        let Some((_, node, name, at)) = nodes.next() else { return };
        if let (Some(flag), Some(place)) = (&test.flag, node.get("flag")) {
            flagging.flag(name, at, flag, place, found);
        }
    }
}

struct Flagging {
    openstack: bool,
    pattern: bool,
    proposed: bool,
    year_ago: NaiveDate,
    day: NaiveDate,
}

impl Flagging {
    fn flag(&self, name: &str, at: &Node, flag: &Flag, place: &Node, found: &mut Found) {
        let key = |name: &str| place.get(name).unwrap_or(place);
        let test = quoted(name);
        if self.openstack {
            code(&test, flag, key("code"), found);
        }
        if self.pattern {
            let written = flag.published_as.as_ref().or(flag.code.as_ref()).filter(|_| flag.code.is_some());
            let reason = written.map_or_else(|| flag.reason.clone(), |code| format!("{code} {}", flag.reason));
            if !REASON.as_ref().is_some_and(|pattern| pattern.is_match(&reason)) {
                let begins =
                    written.map_or_else(|| "without a code".to_owned(), |code| format!("with {}", quoted(code)));
                let message = format!("the published reason of the flag of {test} begins {begins}");
                let help = r"the published schema asks for `^D\d{3} \w+`: the bare code and a word";
                let at = if flag.code.is_some() { key("published_as") } else { key("reason") };
                found.add(&FLAG_PATTERN, at, message, help);
            }
        }
        match flag.date {
            None => {
                found.add(&NO_DATE, place, format!("the flag of {test} does not say when it was set"), "add `date:`");
            }
            Some(date) if date < self.year_ago => {
                let message = format!("the flag of {test} was set on {date}, more than a year before {}", self.day);
                let help = "find out whether the defect is mended; leave the flag out of the next draft, or the test";
                found.add(&OLD_FLAG, key("date"), message, help);
            }
            Some(_) => {}
        }
        if let Some(last) = flag.expires.filter(|last| *last < self.day) {
            let message = format!("the flag of {test} expired on {last}");
            found.add(&EXPIRED, key("expires"), message, "set a later day, or leave the flag out of the next draft");
        }
        if self.proposed {
            let message = format!("{test} is flagged in a guideline that is proposed");
            found.add(&FLAGGED_PROPOSAL, at, message, "take the flag out, and propose it after the approval");
        }
    }
}

/// Checks the code of a flag of the OpenStack programme.
fn code(test: &str, flag: &Flag, at: &Node, found: &mut Found) {
    match flag.code.as_deref() {
        None => {
            let message = format!("the flag of {test} has no code");
            found.add(&NO_CODE, at, message, "add `code:` with a reason from D400 to D406");
        }
        Some(code) if code.starts_with("D3") => {
            let message = format!("{} is a rule for editors, and no reason to flag {test}", quoted(code));
            found.add(&NO_REASON, at, message, "choose a reason from D400 to D406");
        }
        Some("D404") => {
            let message = format!("the flag of {test} keeps the placeholder `D404`");
            found.add(&PLACEHOLDER, at, message, "decide on a reason, or add a new one to the list of reasons");
        }
        Some(_) => {}
    }
}
