//! Finding the record of a published test.
//!
//! Names and aliases decide. A UUID decides only for a test whose names no record has, and only among records whose
//! names no test of the guideline has: Tempest gives one UUID to several tests, and the result of one must not count
//! for another.
//!
//! Where the set-up of a class failed or was skipped, the tools for Python's `unittest` report that, and none of its
//! tests. What they report then stands for each test of the class that has no record of its own.

use std::collections::{HashMap, HashSet};

use assay_guidelines::Guideline;
use assay_guidelines::model::{Rule, Test};

use crate::record::{TestRecord, Verdict};

/// The records, by the published name of the test they belong to.
pub struct Lookup<'a> {
    by_name: HashMap<&'a str, Vec<&'a TestRecord>>,
    by_class: HashMap<&'a str, Vec<&'a TestRecord>>,
    by_uuid: HashMap<String, Vec<&'a TestRecord>>,
    found: HashMap<&'a str, Vec<&'a TestRecord>>,
}

impl<'a> Lookup<'a> {
    /// Sorts the records by the tests of the whole guideline, and of those that it refers to.
    pub fn new(guideline: &'a Guideline, records: &'a [TestRecord]) -> Self {
        let claimed: HashSet<&str> = guideline.every_test().flat_map(names).collect();
        let mut lookup =
            Self { by_name: HashMap::new(), by_class: HashMap::new(), by_uuid: HashMap::new(), found: HashMap::new() };
        for record in records {
            let name = bare_name(&record.id);
            if claimed.contains(name) {
                lookup.by_name.entry(name).or_default().push(record);
            } else if let Some(class) = class_set_up(name).filter(|_| record.verdict != Verdict::Pass) {
                lookup.by_class.entry(class).or_default().push(record);
            } else if let Some(uuid) = &record.uuid {
                lookup.by_uuid.entry(bare_uuid(uuid)).or_default().push(record);
            }
        }
        for test in guideline.every_test() {
            let found = lookup.search(test);
            lookup.found.insert(&test.name, found);
        }
        lookup
    }

    /// The record that decides a test: the worst under the rule, where a name or a UUID leads to several.
    pub fn deciding(&self, test: &Test, rule: Rule) -> Option<&'a TestRecord> {
        self.all(&test.name).max_by_key(|record| severity(record.verdict, rule))
    }

    /// Every record that belongs to the test of this published name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &'a TestRecord> {
        self.found.get(name).into_iter().flatten().copied()
    }

    fn search(&self, test: &'a Test) -> Vec<&'a TestRecord> {
        // The published name comes first: a record under an alias counts only where it has none.
        if let Some(found) = names(test).find_map(|name| self.by_name.get(name)) {
            return found.clone();
        }
        if let Some(found) = names(test).filter_map(class_of).find_map(|class| self.by_class.get(class)) {
            return found.clone();
        }
        let uuid = test.uuid.as_deref().map(bare_uuid);
        uuid.and_then(|uuid| self.by_uuid.get(&uuid)).cloned().unwrap_or_default()
    }
}

fn names(test: &Test) -> impl Iterator<Item = &str> {
    std::iter::once(test.name.as_str()).chain(test.aliases.iter().map(String::as_str)).map(bare_name)
}

/// The class whose set-up a record of this name is about.
pub fn class_set_up(name: &str) -> Option<&str> {
    name.strip_prefix("setUpClass (")?.strip_suffix(')')
}

/// The class of a test: its name up to the last dot, a scenario in parentheses left aside.
fn class_of(name: &str) -> Option<&str> {
    let method = name.split_once('(').map_or(name, |(method, _)| method);
    method.rsplit_once('.').map(|(class, _)| class)
}

/// A name without the attributes that Tempest appends in brackets.
pub fn bare_name(name: &str) -> &str {
    match name.split_once('[') {
        Some((bare, attributes)) if attributes.ends_with(']') => bare,
        _ => name,
    }
}

/// A UUID as guidelines write it.
pub fn bare_uuid(uuid: &str) -> String {
    let lower = uuid.trim().to_ascii_lowercase();
    lower.strip_prefix("id-").unwrap_or(&lower).to_owned()
}

/// How bad an outcome is. A skip that the rule allows must not hide that something else was not determined.
fn severity(verdict: Verdict, rule: Rule) -> u8 {
    match verdict {
        Verdict::Pass => 0,
        Verdict::Skip if rule.allows_skips() => 1,
        Verdict::Interrupted => 2,
        Verdict::Timeout => 3,
        Verdict::Error => 4,
        Verdict::Skip => 5,
        Verdict::Fail => 6,
    }
}
