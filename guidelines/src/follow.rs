//! The guidelines that another one refers to: an add-on asks for a component of the guideline it adds to.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{Component, Guideline, Requirement};
use crate::nearest::quoted;

/// What was found where a guideline refers to others; nothing as long as no catalogue has looked.
///
/// It is no part of what a guideline states: two guidelines that state the same are equal, whatever was found.
#[derive(Debug, Clone, Default)]
pub struct Followed(BTreeMap<String, Result<Arc<Guideline>, String>>);

impl PartialEq for Followed {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A component of another guideline that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{guideline} requires the component {} of {}, and {why}",
    quoted(.component),
    .required
)]
pub struct Unresolved {
    /// The id of the guideline that refers to it.
    pub guideline: String,
    /// The name of the component.
    pub component: String,
    /// The id of the guideline that should have it.
    pub required: String,
    /// Why it cannot be had, and what to do.
    pub why: String,
}

impl Guideline {
    /// The ids of the guidelines that its targets refer to, each once.
    pub(crate) fn requires(&self) -> impl Iterator<Item = &str> {
        let all = self.targets.values().flat_map(|target| &target.requires).map(|required| required.guideline.as_str());
        all.collect::<std::collections::BTreeSet<_>>().into_iter()
    }

    /// Looks for the guidelines that it refers to. What is not found is said when a target is asked for what it needs.
    pub(crate) fn follow(&mut self, find: impl Fn(&str) -> Result<Guideline, String>) {
        let found = self.requires().map(|id| (id.to_owned(), find(id).map(Arc::new))).collect();
        self.followed = Followed(found);
    }

    /// The component of another guideline, with that guideline.
    pub(crate) fn required<'a>(
        &'a self,
        wanted: &Requirement,
    ) -> Result<(&'a Guideline, &'a str, &'a Component), Unresolved> {
        let unresolved = |why: String| Unresolved {
            guideline: self.id.clone(),
            component: wanted.component.clone(),
            required: wanted.guideline.clone(),
            why,
        };
        let guideline = match self.followed.0.get(&wanted.guideline) {
            Some(Ok(guideline)) => guideline.as_ref(),
            Some(Err(why)) => return Err(unresolved(format!("that guideline cannot be had: {why}"))),
            None => {
                let why = "nothing looked for it: get the guideline from a catalogue, by its id";
                return Err(unresolved(why.to_owned()));
            }
        };
        match guideline.components.get_key_value(&wanted.component) {
            Some((name, component)) => Ok((guideline, name, component)),
            None => {
                let names = crate::nearest::list(guideline.components.keys().map(String::as_str));
                Err(unresolved(format!("that guideline has no such component; it has {names}")))
            }
        }
    }

    /// Every test of the guideline, and of those it refers to as far as they were found; one of several capabilities
    /// comes once for each.
    pub fn every_test(&self) -> impl Iterator<Item = &crate::model::Test> {
        let others = self.followed.0.values().filter_map(|found| found.as_ref().ok()).map(AsRef::as_ref);
        std::iter::once(self)
            .chain(others)
            .flat_map(|guideline: &Guideline| guideline.capabilities.values())
            .flat_map(|capability| &capability.tests)
    }
}
