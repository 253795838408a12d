//! Which tests run: those that a target of a guideline selects, or all, narrowed by filters.

use std::collections::{BTreeSet, HashMap};

use assay_guidelines::Guideline;
use assay_guidelines::model::{State, Target};
use assay_guidelines::query::TestOf;
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
}

/// A published test, with the native test that covers it.
#[derive(Debug, Clone)]
pub struct Selected<'a> {
    /// The published test, as the guideline lists it.
    pub published: TestOf<'a>,
    /// The native test; none when there is none yet.
    pub native: Option<&'static ConformanceTest>,
}

/// The tests of a run.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The native tests that run, by id.
    pub tests: Vec<&'static ConformanceTest>,
    /// The published tests that the target asks for and no native test covers.
    pub missing: Vec<String>,
}

impl Plan {
    /// Every native test that the filter selects.
    #[must_use]
    pub fn all(registered: &[&'static ConformanceTest], filter: &Filter) -> Self {
        let tests = registered.iter().copied().filter(|test| filter.selects(test.id)).collect();
        Self { tests, missing: Vec::new() }
    }

    /// The native tests of a target that the filter selects.
    #[must_use]
    pub fn of(
        guideline: &Guideline,
        target: &Target,
        registered: &[&'static ConformanceTest],
        filter: &Filter,
    ) -> Self {
        let mut plan = Self::default();
        let mut seen = BTreeSet::new();
        // What is no longer asked for is scored when it happens to be there, and not run for its own sake.
        let asked =
            selection(guideline, target, registered).into_iter().filter(|s| s.published.state != State::Removed);
        for selected in asked {
            match selected.native {
                Some(test) if filter.selects(test.id) && seen.insert(test.id) => plan.tests.push(test),
                Some(_) => {}
                None => plan.missing.push(selected.published.test.name.clone()),
            }
        }
        plan.tests.sort_by_key(|test| test.id);
        plan
    }
}

/// Every published test of a target, in the guideline's order, with its native test.
#[must_use]
pub fn selection<'a>(
    guideline: &'a Guideline,
    target: &'a Target,
    registered: &[&'static ConformanceTest],
) -> Vec<Selected<'a>> {
    let native: HashMap<&str, &'static ConformanceTest> = registered.iter().map(|test| (test.covers, *test)).collect();
    let tests = guideline.tests_of(target).into_iter();
    tests.map(|published| Selected { native: native.get(published.test.uuid.as_str()).copied(), published }).collect()
}
