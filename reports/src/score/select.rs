//! Which capabilities a target asks for: the only place here that walks through a guideline.

use assay_guidelines::Guideline;
use assay_guidelines::model::{Capability, State, Test};
use indexmap::IndexMap;

use super::ScoreError;

/// A capability that a target asks for.
#[derive(Debug, Clone, Copy)]
pub struct Chosen<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its state; the strongest, where several components list it.
    pub state: State,
    /// What it is.
    pub capability: &'a Capability,
}

/// The capabilities of a target: required ones first, each state in the guideline's order.
pub fn capabilities<'a>(guideline: &'a Guideline, target: &str) -> Result<Vec<Chosen<'a>>, ScoreError> {
    let components = &guideline
        .targets
        .get(target)
        .ok_or_else(|| ScoreError::NoTarget {
            guideline: guideline.id.clone(),
            target: target.to_owned(),
            known: guideline.targets.keys().cloned().collect(),
        })?
        .components;
    let dangling = |place: String, kind, name: &str| ScoreError::Dangling {
        guideline: guideline.id.clone(),
        place,
        kind,
        name: name.to_owned(),
    };
    let mut chosen = IndexMap::<&str, Chosen<'a>>::new();
    for component in components {
        let states = &guideline
            .components
            .get(component)
            .ok_or_else(|| dangling(format!("target {target}"), "component", component))?
            .capabilities;
        for (state, names) in [
            (State::Required, &states.required),
            (State::Advisory, &states.advisory),
            (State::Deprecated, &states.deprecated),
            (State::Removed, &states.removed),
        ] {
            for name in names {
                let capability = guideline
                    .capabilities
                    .get(name)
                    .ok_or_else(|| dangling(format!("component {component}"), "capability", name))?;
                let found = Chosen { name, state, capability };
                chosen.entry(name).and_modify(|known| known.state = known.state.min(state)).or_insert(found);
            }
        }
    }
    let mut chosen: Vec<_> = chosen.into_values().collect();
    chosen.sort_by_key(|one| one.state);
    Ok(chosen)
}

/// Every test of the guideline, asked for by a target or not.
pub fn all_tests(guideline: &Guideline) -> impl Iterator<Item = &Test> {
    guideline.capabilities.values().flat_map(|capability| &capability.tests)
}
