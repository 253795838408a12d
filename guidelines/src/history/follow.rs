//! Finds a capability, a test or a flag's code in each guideline; a test under all the names that it had.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::{Entry, FlagSeen, Subject};
use crate::census::{Listed, names, tests};
use crate::model::Guideline;
use crate::nearest::{nearest, quoted};

/// Nothing of the family has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no capability, test or flag of {family} is called {}{}; a test goes by its name, an alias or its UUID, a flag by its code",
    quoted(.subject),
    .near.as_deref().map(|near| format!(" (did you mean {}?)", quoted(near))).unwrap_or_default()
)]
pub struct NotFound {
    /// The family.
    pub family: String,
    /// What was asked for.
    pub subject: String,
    /// What may have been meant.
    pub near: Option<String>,
}

type Tests<'a> = IndexMap<&'a str, Listed<'a>>;

pub fn entries(family: &str, all: &[Guideline], subject: &str) -> Result<(Subject, Vec<Entry>), NotFound> {
    let listed: Vec<(&Guideline, Tests<'_>)> = all.iter().map(|guideline| (guideline, tests(guideline))).collect();
    if all.iter().any(|guideline| names(guideline).contains(subject)) {
        return Ok((Subject::Capability, listed.iter().map(|(g, tests)| capability(g, tests, subject)).collect()));
    }
    let coded = |test: &Listed<'_>| test.flag.is_some_and(|flag| flag.code.as_deref() == Some(subject));
    if listed.iter().any(|(_, tests)| tests.values().any(coded)) {
        let chosen = |(guideline, tests): &(&Guideline, Tests<'_>)| {
            entry(guideline, &tests.values().filter(|test| coded(test)).collect::<Vec<_>>())
        };
        return Ok((Subject::Flag, listed.iter().map(chosen).collect()));
    }
    let identity = Identity::of(&listed, subject);
    if identity.found {
        let chosen = |(guideline, tests): &(&Guideline, Tests<'_>)| entry(guideline, &identity.among(tests));
        return Ok((Subject::Test, listed.iter().map(chosen).collect()));
    }
    let capabilities = all.iter().flat_map(names);
    let tests = listed.iter().flat_map(|(_, tests)| tests.values());
    let codes = tests.clone().filter_map(|test| test.flag?.code.as_deref());
    let candidates: BTreeSet<&str> =
        capabilities.chain(codes).chain(tests.map(|test| test.test.name.as_str())).collect();
    let near = nearest(subject, candidates).map(str::to_owned);
    Err(NotFound { family: family.to_owned(), subject: subject.to_owned(), near })
}

fn capability(guideline: &Guideline, tests: &Tests<'_>, name: &str) -> Entry {
    let proving: Vec<&Listed<'_>> = tests.values().filter(|test| test.capabilities.contains(&name)).collect();
    let score = guideline.capabilities.get(name).filter(|_| guideline.scoring.is_some());
    Entry {
        state: guideline.state_of(name),
        present: names(guideline).contains(name),
        capabilities: if names(guideline).contains(name) { vec![name.to_owned()] } else { Vec::new() },
        score: score.map(|capability| guideline.score(capability)),
        ..entry(guideline, &proving)
    }
}

fn entry(guideline: &Guideline, found: &[&Listed<'_>]) -> Entry {
    let capabilities: BTreeSet<&str> = found.iter().flat_map(|test| test.capabilities.iter().copied()).collect();
    let flags = found.iter().filter_map(|test| {
        let flag = test.flag?;
        let (code, reason) = (flag.code.clone(), flag.reason.clone());
        Some(FlagSeen { test: test.test.name.clone(), code, date: flag.date, reason })
    });
    Entry {
        guideline: guideline.id.clone(),
        status: guideline.status,
        approved: guideline.approved,
        state: found.iter().filter_map(|test| test.state).min(),
        present: !found.is_empty(),
        tests: found.iter().map(|test| test.test.name.clone()).collect(),
        capabilities: capabilities.into_iter().map(str::to_owned).collect(),
        flags: flags.collect(),
        score: None,
    }
}

/// All names and UUIDs that a test went by.
struct Identity {
    names: BTreeSet<String>,
    uuids: BTreeSet<String>,
    found: bool,
}

impl Identity {
    /// Gathers them until no guideline adds one.
    fn of(all: &[(&Guideline, Tests<'_>)], subject: &str) -> Self {
        let bare = subject.strip_prefix("id-").unwrap_or(subject).to_lowercase();
        let mut identity =
            Self { names: BTreeSet::from([subject.to_owned()]), uuids: BTreeSet::from([bare]), found: false };
        loop {
            let before = (identity.names.len(), identity.uuids.len());
            for (_, tests) in all {
                for listed in identity.among(tests).into_iter().map(|listed| listed.test).collect::<Vec<_>>() {
                    identity.found = true;
                    identity.names.insert(listed.name.clone());
                    identity.names.extend(listed.aliases.iter().cloned());
                    identity.uuids.extend(listed.uuid.clone().filter(|uuid| alone(all, uuid)));
                }
            }
            if (identity.names.len(), identity.uuids.len()) == before {
                return identity;
            }
        }
    }

    /// The tests of one guideline that go by one of them.
    fn among<'a, 'b>(&self, tests: &'b Tests<'a>) -> Vec<&'b Listed<'a>> {
        let named = |listed: &&Listed<'_>| {
            let test = listed.test;
            self.names.contains(&test.name)
                || test.aliases.iter().any(|alias| self.names.contains(alias))
                || test.uuid.as_ref().is_some_and(|uuid| self.uuids.contains(uuid))
        };
        tests.values().filter(named).collect()
    }
}

/// Whether no guideline gives the UUID to several tests: one that several share tells none of them.
fn alone(all: &[(&Guideline, Tests<'_>)], uuid: &str) -> bool {
    let bearing = |tests: &Tests<'_>| tests.values().filter(|listed| listed.test.uuid.as_deref() == Some(uuid)).count();
    all.iter().all(|(_, tests)| bearing(tests) <= 1)
}
