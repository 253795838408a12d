//! What a guideline asks of a target.

use indexmap::IndexMap;

use crate::model::{Capability, Flag, Guideline, State, Target, Test};
use crate::nearest::{list, nearest, quoted};

/// A target that the guideline does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{} has no target {}{}; its targets are {}",
    .guideline,
    quoted(.name),
    .near.as_deref().map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default(),
    list(.targets.iter().map(String::as_str))
)]
pub struct UnknownTarget {
    /// The id of the guideline.
    pub guideline: String,
    /// What was asked for.
    pub name: String,
    /// The target that may have been meant.
    pub near: Option<String>,
    /// All targets.
    pub targets: Vec<String>,
}

/// A capability that a target asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CapabilityOf<'a> {
    /// The component that lists it in this state.
    pub component: &'a str,
    /// The strongest state that the target's components give it.
    pub state: State,
    /// Its name.
    pub name: &'a str,
    /// What it is.
    pub capability: &'a Capability,
}

/// A test that a target asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct TestOf<'a> {
    /// The test.
    pub test: &'a Test,
    /// The names of the target's capabilities that it proves.
    pub capabilities: Vec<&'a str>,
    /// The strongest state of these.
    pub state: State,
    /// Why it is excused, when it is.
    pub flag: Option<&'a Flag>,
}

impl Guideline {
    /// The target that `--target` names.
    pub fn target(&self, name: &str) -> Result<&Target, UnknownTarget> {
        self.targets.get(name).ok_or_else(|| UnknownTarget {
            guideline: self.id.clone(),
            name: name.to_owned(),
            near: nearest(name, self.targets.keys().map(String::as_str)).map(str::to_owned),
            targets: self.targets.keys().cloned().collect(),
        })
    }

    /// The capabilities of a target, each once, in the order of its components, their states and the lists there.
    ///
    /// Where components disagree, the strongest state wins: required, advisory, deprecated, removed.
    #[must_use]
    pub fn capabilities_of<'a>(&'a self, target: &'a Target) -> Vec<CapabilityOf<'a>> {
        let mut found: IndexMap<&str, CapabilityOf<'a>> = IndexMap::new();
        for (component, value) in target.components.iter().filter_map(|name| self.components.get_key_value(name)) {
            let states = &value.capabilities;
            let lists = [
                (State::Required, &states.required),
                (State::Advisory, &states.advisory),
                (State::Deprecated, &states.deprecated),
                (State::Removed, &states.removed),
            ];
            for (state, names) in lists {
                for (name, capability) in names.iter().filter_map(|name| self.capabilities.get_key_value(name)) {
                    let new = CapabilityOf { component, state, name, capability };
                    let entry = found.entry(name).or_insert(new);
                    if new.state < entry.state {
                        *entry = new;
                    }
                }
            }
        }
        found.into_values().collect()
    }

    /// The tests of a target, each once by name, in the order of its capabilities.
    #[must_use]
    pub fn tests_of<'a>(&'a self, target: &'a Target) -> Vec<TestOf<'a>> {
        let mut found: IndexMap<&str, TestOf<'a>> = IndexMap::new();
        for listed in self.capabilities_of(target) {
            for test in &listed.capability.tests {
                let entry = found.entry(&test.name).or_insert_with(|| TestOf {
                    test,
                    capabilities: Vec::new(),
                    state: listed.state,
                    flag: test.flag.as_ref(),
                });
                entry.capabilities.push(listed.name);
                entry.state = entry.state.min(listed.state);
            }
        }
        found.into_values().collect()
    }

    /// The score of a capability: the sum of the weights of the criteria that it meets.
    #[must_use]
    pub fn score(&self, capability: &Capability) -> u32 {
        let criteria = self.scoring.as_ref().map(|scoring| &scoring.criteria);
        let weights =
            capability.achievements.iter().filter_map(|name| criteria?.get(name)).map(|criterion| criterion.weight);
        weights.fold(0, u32::saturating_add)
    }
}
