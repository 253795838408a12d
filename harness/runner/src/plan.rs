//! Which tests run: those that a target of a guideline selects, or all, narrowed by filters.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hasher as _;

use assay_guidelines::model::{State, Target};
use assay_guidelines::query::TestOf;
use assay_guidelines::{Guideline, Unresolved};
use assay_kit::ConformanceTest;

/// What narrows a selection of tests by id, as the test runner of Rust does.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// A test is selected when its id begins with one of these parts, or contains it; all are when there is none.
    pub wanted: Vec<String>,
    /// A test is left out when its id contains one of these.
    pub skip: Vec<String>,
    /// Whether `wanted` and `skip` are whole ids.
    pub exact: bool,
}

impl Filter {
    /// Whether a test is selected.
    #[must_use]
    pub fn selects(&self, id: &str) -> bool {
        let matches = |filter: &String| if self.exact { id == filter } else { id.contains(filter.as_str()) };
        (self.wanted.is_empty() || self.wanted.iter().any(matches)) && !self.skip.iter().any(matches)
    }

    /// Whether a test is selected where no guideline asks for it: one of a programme only when a filter names the programme.
    fn selects_alone(&self, test: &ConformanceTest) -> bool {
        let named = |programme: &str| {
            self.wanted.iter().any(|wanted| wanted.starts_with(programme) && test.id.contains(wanted.as_str()))
        };
        self.selects(test.id) && test.programme().is_none_or(named)
    }
}

/// One of several parts of a selection of tests: `hash:K/N`, K from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    part: u64,
    parts: u64,
}

/// A text is no partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a partition is `hash:K/N`, such as `hash:1/4` for the first of four parts")]
pub struct NoPartition;

impl std::str::FromStr for Partition {
    type Err = NoPartition;

    fn from_str(text: &str) -> Result<Self, NoPartition> {
        let (part, parts) = text.strip_prefix("hash:").and_then(|rest| rest.split_once('/')).ok_or(NoPartition)?;
        let (part, parts) = (part.parse().map_err(|_| NoPartition)?, parts.parse().map_err(|_| NoPartition)?);
        if (1..=parts).contains(&part) { Ok(Self { part, parts }) } else { Err(NoPartition) }
    }
}

impl std::fmt::Display for Partition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "hash:{}/{}", self.part, self.parts)
    }
}

impl Partition {
    /// Whether a test belongs to this part. A test stays in its part when others come or go.
    #[must_use]
    pub fn has(self, id: &str) -> bool {
        // Not the standard library's: its hash may change with a release, and the machines must agree.
        let mut hasher = fnv::FnvHasher::default();
        hasher.write(id.as_bytes());
        hasher.finish() % self.parts == self.part - 1
    }
}

/// A published test, with the native test that covers it.
#[derive(Debug, Clone)]
pub struct Selected<'a> {
    /// The published test, as the guideline lists it.
    pub published: TestOf<'a>,
    /// The native test; `None` if it is not written yet.
    pub native: Option<&'static ConformanceTest>,
}

/// The tests of a run.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The native tests that run, by id.
    pub tests: Vec<&'static ConformanceTest>,
    /// The published tests that the target asks for and no native test covers.
    pub missing: Vec<String>,
    /// The published tests that the target asks for and that people decide.
    pub manual: Vec<String>,
}

impl Plan {
    /// Every native test that the filter selects; those of a programme only when the filter names it (`scs-0100`).
    #[must_use]
    pub fn all(registered: &[&'static ConformanceTest], filter: &Filter) -> Self {
        let tests = registered.iter().copied().filter(|test| filter.selects_alone(test)).collect();
        Self { tests, ..Self::default() }
    }

    /// The native tests of a target that the filter selects.
    pub fn of(
        guideline: &Guideline,
        target: &Target,
        registered: &[&'static ConformanceTest],
        filter: &Filter,
    ) -> Result<Self, Unresolved> {
        let mut plan = Self::default();
        let mut seen = BTreeSet::new();
        // What is no longer asked for is scored when it happens to be there, and not run for its own sake.
        let asked =
            selection(guideline, target, registered)?.into_iter().filter(|s| s.published.state != State::Removed);
        for selected in asked {
            match selected.native {
                Some(test) if filter.selects(test.id) && seen.insert(test.id) => plan.tests.push(test),
                Some(_) => {}
                None if selected.published.test.manual => plan.manual.push(selected.published.test.name.clone()),
                None => plan.missing.push(selected.published.test.name.clone()),
            }
        }
        plan.tests.sort_by_key(|test| test.id);
        Ok(plan)
    }
}

/// Every published test of a target, in the guideline's order, with its native test.
pub fn selection<'a>(
    guideline: &'a Guideline,
    target: &Target,
    registered: &[&'static ConformanceTest],
) -> Result<Vec<Selected<'a>>, Unresolved> {
    let native: HashMap<&str, &'static ConformanceTest> = registered.iter().map(|test| (test.covers, *test)).collect();
    let tests = guideline.tests_of(target)?.into_iter();
    let covering = |published: &TestOf| native.get(published.test.uuid.as_deref()?).copied();
    Ok(tests.map(|published| Selected { native: covering(&published), published }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_selection_have_every_test_once() {
        let parts = [1, 2, 3].map(|part| format!("hash:{part}/3").parse::<Partition>().unwrap());
        for id in ["identity.tokens.create", "image.tags.add", "object-storage.info.show", "a.b", "c.d"] {
            assert_eq!(parts.iter().filter(|part| part.has(id)).count(), 1, "{id}");
        }
    }

    #[test]
    fn what_is_no_partition_is_refused() {
        for text in ["1/4", "hash:0/4", "hash:5/4", "hash:1/0", "hash:a/b", "count:1/2"] {
            assert_eq!(text.parse::<Partition>(), Err(NoPartition), "{text}");
        }
    }
}
