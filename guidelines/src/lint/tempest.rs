//! The tests that Tempest has, as `tempest run --list-tests` prints them, and those that it has no more.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead, Read};

use crate::model::Guideline;
use crate::nearest::quoted;
use crate::node::Node;

use super::found::Found;
use super::listed::{required, tests};
use super::rule::{GONE, GONE_OTHER, RENAMED};

/// The reason of a flag that says a test is gone.
const REMOVED: &str = "D406";
/// The largest list that is read, in bytes; that of Tempest and its plugins has less than one million.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The tests that Tempest has.
#[derive(Debug, Clone, Default)]
pub struct TestList {
    names: HashSet<String>,
    /// By UUID, one of the names; Tempest gives one UUID to several tests.
    uuids: HashMap<String, String>,
    /// How many lines name no test.
    pub ignored: usize,
}

/// Why a list of tests cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read the list of tests: {0}")]
    Read(#[from] io::Error),
    /// It is larger than any list of tests.
    #[error("the list of tests is larger than {} MiB; is this the right file?", LARGEST / 1024 / 1024)]
    TooLarge,
    /// No line of it names a test.
    #[error("the list names no test; it needs lines as `tempest run --list-tests` prints them: `name[id-…,smoke]`")]
    Empty,
}

impl TestList {
    /// Reads lines such as `tempest.api.a.B.test_c[id-…,smoke]`. An invalid line is counted, and passed over.
    pub fn read(from: impl Read) -> Result<Self, Error> {
        let mut lines = io::BufReader::new(from.take(LARGEST + 1));
        let (mut list, mut line, mut size) = (Self::default(), Vec::new(), 0u64);
        loop {
            line.clear();
            let read = lines.read_until(b'\n', &mut line)?;
            size += read as u64;
            if size > LARGEST {
                return Err(Error::TooLarge);
            }
            if read == 0 {
                break;
            }
            list.line(String::from_utf8_lossy(&line).trim());
        }
        if list.names.is_empty() { Err(Error::Empty) } else { Ok(list) }
    }

    fn line(&mut self, line: &str) {
        if line.is_empty() {
            return;
        }
        let (name, attributes) = match line.split_once('[') {
            Some((name, rest)) => (name, rest.trim_end_matches(']')),
            None => (line, ""),
        };
        // Names of tests are dotted paths of Python; what else a command prints has spaces in it.
        if !name.contains('.') || line.contains(char::is_whitespace) {
            self.ignored += 1;
            return;
        }
        for uuid in attributes.split(',').filter_map(|attribute| attribute.strip_prefix("id-")) {
            self.uuids.entry(uuid.to_ascii_lowercase()).or_insert_with(|| name.to_owned());
        }
        self.names.insert(name.to_owned());
    }
}

pub(super) fn check(root: &Node, guideline: &Guideline, list: &TestList, found: &mut Found) {
    let required = required(guideline);
    for (capability, test, name, at) in tests(root) {
        let aliases = test.get("aliases").map_or(&[][..], Node::items).iter().filter_map(Node::text);
        if std::iter::once(name).chain(aliases).any(|name| list.names.contains(name)) {
            continue;
        }
        let uuid = test.get("uuid").and_then(Node::text);
        if let Some(now) = uuid.and_then(|uuid| list.uuids.get(uuid)) {
            let message = format!("Tempest has the UUID of {} under the name {}", quoted(name), quoted(now));
            found.add(&RENAMED, at, message, "add that name to its `aliases`");
            continue;
        }
        let flag = test.get("flag");
        if flag.and_then(|flag| flag.get("code")).and_then(Node::text) == Some(REMOVED) {
            continue;
        }
        let message = format!("Tempest has no test {}", quoted(name));
        if required.contains(capability) && flag.is_none() {
            found.add(&GONE, at, message, "flag it D406 here, and leave it out of the next guideline");
        } else {
            found.add(&GONE_OTHER, at, message, "flag it D406, or leave it out of the next draft");
        }
    }
}
