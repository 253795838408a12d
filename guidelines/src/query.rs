//! What a guideline asks of a target.

use std::ptr;

use indexmap::IndexMap;

use crate::follow::Unresolved;
use crate::model::{Capability, Component, Flag, Guideline, Interface, State, Target, Test};
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

/// What a target asks for cannot be said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// There is no such target.
    #[error(transparent)]
    Unknown(#[from] UnknownTarget),
    /// It asks for a component of another guideline, which cannot be had.
    #[error(transparent)]
    Unresolved(#[from] Unresolved),
}

/// A capability that a target asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct CapabilityOf<'a> {
    /// The guideline that has it: the target's own, or one that the target refers to.
    pub guideline: &'a Guideline,
    /// The component that lists it in this state.
    pub component: &'a str,
    /// The strongest state that the target's components give it.
    pub state: State,
    /// Its name.
    pub name: &'a str,
    /// What it is.
    pub capability: &'a Capability,
    /// Those of its tests that count here, in its order: the ones that go through an interface of the components that
    /// give it this state.
    pub tests: Vec<&'a Test>,
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

impl Test {
    /// Whether it goes through one of these interfaces; where none is named, every test does.
    #[must_use]
    pub fn goes_through(&self, interfaces: &[Interface]) -> bool {
        interfaces.is_empty() || self.interface.is_some_and(|own| interfaces.contains(&own))
    }
}

impl Component {
    /// The tests of a capability that this component asks for.
    pub fn tests_of<'a>(&self, capability: &'a Capability) -> impl Iterator<Item = &'a Test> {
        capability.tests.iter().filter(|test| test.goes_through(&self.interfaces))
    }
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

    /// The capabilities of a target, each once, in the order of its components, their states and the lists there; then
    /// those of the components of other guidelines that it requires.
    ///
    /// Where components disagree, the strongest state wins: required, advisory, deprecated, removed. Its tests are then
    /// those that the components of this state ask for; a weaker one adds none, since they would count as this state's.
    pub fn capabilities_of<'a>(&'a self, target: &Target) -> Result<Vec<CapabilityOf<'a>>, Unresolved> {
        let mut components: Vec<(&Guideline, &str, &Component)> = target
            .components
            .iter()
            .filter_map(|name| self.components.get_key_value(name))
            .map(|(name, component)| (self, name.as_str(), component))
            .collect();
        for required in &target.requires {
            components.push(self.required(required)?);
        }
        let mut found: IndexMap<&str, CapabilityOf<'a>> = IndexMap::new();
        for (guideline, component, value) in components {
            for (state, names) in value.capabilities.lists() {
                for (name, capability) in names.iter().filter_map(|name| guideline.capabilities.get_key_value(name)) {
                    let tests = value.tests_of(capability).collect();
                    let new = CapabilityOf { guideline, component, state, name, capability, tests };
                    let entry = found.entry(name).or_insert_with(|| new.clone());
                    if !ptr::eq(entry.guideline, guideline) {
                        return Err(Unresolved {
                            guideline: self.id.clone(),
                            component: component.to_owned(),
                            required: guideline.id.clone(),
                            why: format!(
                                "both have a capability {}; give the one of {} another name",
                                quoted(name),
                                self.id
                            ),
                        });
                    }
                    if new.state < entry.state {
                        *entry = new;
                    } else if new.state == entry.state {
                        let asked =
                            |test: &&Test| [entry, &new].iter().any(|by| by.tests.iter().any(|t| ptr::eq(*t, *test)));
                        entry.tests = capability.tests.iter().filter(asked).collect();
                    }
                }
            }
        }
        Ok(found.into_values().collect())
    }

    /// The tests of a target, each once by name, in the order of its capabilities.
    ///
    /// A test that is flagged in one capability and not in another of the same state is not excused: it has to pass for
    /// the other.
    pub fn tests_of<'a>(&'a self, target: &Target) -> Result<Vec<TestOf<'a>>, Unresolved> {
        let mut found: IndexMap<&str, TestOf<'a>> = IndexMap::new();
        for listed in self.capabilities_of(target)? {
            for test in listed.tests {
                let flag = test.flag.as_ref();
                let new = || TestOf { test, capabilities: Vec::new(), state: listed.state, flag };
                let entry = found.entry(&test.name).or_insert_with(new);
                entry.capabilities.push(listed.name);
                if listed.state < entry.state || (listed.state == entry.state && flag.is_none()) {
                    entry.flag = flag;
                }
                entry.state = entry.state.min(listed.state);
            }
        }
        Ok(found.into_values().collect())
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
