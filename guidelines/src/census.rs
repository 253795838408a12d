//! How much a guideline asks for: its capabilities and tests with the strongest state that they have anywhere in it.

use chrono::NaiveDate;
use indexmap::{IndexMap, IndexSet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Flag, Guideline, State, Status, Test};

/// How much a guideline requires, over all its components.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Census {
    /// The guideline's id.
    pub guideline: String,
    /// The guideline's title.
    pub title: String,
    /// Where it stands in its life.
    pub status: Status,
    /// The day from which it is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<NaiveDate>,
    /// How many capabilities are required.
    pub capabilities: usize,
    /// How many tests these have, each counted once.
    pub tests: usize,
    /// How many of these tests are flagged in every required capability that they prove, and so are excused.
    pub flagged: usize,
}

impl Census {
    /// Counts what a guideline requires.
    #[must_use]
    pub fn of(guideline: &Guideline) -> Self {
        let required = |name: &str| guideline.state_of(name) == Some(State::Required);
        let mut tests: IndexMap<&str, bool> = IndexMap::new();
        for (name, capability) in guideline.capabilities.iter().filter(|(name, _)| required(name)) {
            let asked =
                capability.tests.iter().filter(|test| guideline.state_of_test(name, test) == Some(State::Required));
            for test in asked {
                *tests.entry(&test.name).or_insert(true) &= test.flag.is_some();
            }
        }
        Self {
            guideline: guideline.id.clone(),
            title: guideline.title.clone(),
            status: guideline.status,
            approved: guideline.approved,
            capabilities: names(guideline).into_iter().filter(|name| required(name)).count(),
            tests: tests.len(),
            flagged: tests.values().filter(|flagged| **flagged).count(),
        }
    }

    /// The share of the required tests that is flagged, in thousandths; nothing where no test is required.
    #[must_use]
    pub fn flagged_permille(&self) -> Option<usize> {
        (self.flagged * 1_000 + self.tests / 2).checked_div(self.tests)
    }
}

impl Guideline {
    /// The strongest state that a component gives a capability, or else the one published with the capability itself.
    #[must_use]
    pub fn state_of(&self, capability: &str) -> Option<State> {
        let listed = self.components.values().filter_map(|component| component.capabilities.state_of(capability)).min();
        listed.or_else(|| self.capabilities.get(capability)?.state)
    }

    /// The strongest state of a capability in which this test of it counts: that of a component which the test goes
    /// through an interface of, or else the one published with the capability itself.
    #[must_use]
    pub fn state_of_test(&self, capability: &str, test: &Test) -> Option<State> {
        let asking = self.components.values().filter(|component| test.goes_through(&component.interfaces));
        let listed = asking.filter_map(|component| component.capabilities.state_of(capability)).min();
        listed.or_else(|| self.capabilities.get(capability)?.state)
    }
}

impl crate::model::ByState {
    /// The strongest list that has this name.
    #[must_use]
    pub fn state_of(&self, name: &str) -> Option<State> {
        self.lists().into_iter().find(|(_, names)| names.iter().any(|listed| listed == name)).map(|(state, _)| state)
    }
}

/// The capabilities that a guideline defines, and those that its components list without a definition.
pub(crate) fn names(guideline: &Guideline) -> IndexSet<&str> {
    let listed = guideline.components.values().flat_map(|component| component.capabilities.lists());
    let listed = listed.flat_map(|(_, names)| names).map(String::as_str);
    guideline.capabilities.keys().map(String::as_str).chain(listed).collect()
}

/// A test with all that a guideline says of it.
#[derive(Debug, Clone)]
pub(crate) struct Listed<'a> {
    /// The test, as its first capability states it.
    pub test: &'a Test,
    /// The capabilities that it proves.
    pub capabilities: Vec<&'a str>,
    /// Those of them in which it is flagged.
    pub flagged: Vec<&'a str>,
    /// Why, as the first of these says.
    pub flag: Option<&'a Flag>,
    /// The strongest state of its capabilities.
    pub state: Option<State>,
}

/// The tests of a guideline, each once by name.
pub(crate) fn tests(guideline: &Guideline) -> IndexMap<&str, Listed<'_>> {
    let mut found: IndexMap<&str, Listed<'_>> = IndexMap::new();
    for (name, capability) in &guideline.capabilities {
        for test in &capability.tests {
            let state = guideline.state_of_test(name, test);
            let new = || Listed { test, capabilities: Vec::new(), flagged: Vec::new(), flag: None, state };
            let entry = found.entry(&test.name).or_insert_with(new);
            entry.capabilities.push(name);
            if test.flag.is_some() {
                entry.flagged.push(name);
            }
            entry.flag = entry.flag.or(test.flag.as_ref());
            entry.state = entry.state.into_iter().chain(state).min();
        }
    }
    found
}
