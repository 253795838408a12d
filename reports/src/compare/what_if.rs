//! Suppositions: what would be if a guideline were another.

use std::fmt;
use std::str::FromStr;

use assay_guidelines::Guideline;
use assay_guidelines::model::Test;

/// Something that is supposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhatIf {
    /// `lift-flag=TEST`: the test is excused no more, in whichever capability; it is named by a name, an alias or a UUID.
    LiftFlag(String),
    /// `require=CAPABILITY`: the capability is required, whatever it is now.
    Require(String),
}

/// What is no supposition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` supposes nothing; write `lift-flag=TEST` or `require=CAPABILITY`")]
pub struct NoSupposition(String);

impl FromStr for WhatIf {
    type Err = NoSupposition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some(("lift-flag", test)) if !test.is_empty() => Ok(Self::LiftFlag(test.to_owned())),
            Some(("require", capability)) if !capability.is_empty() => Ok(Self::Require(capability.to_owned())),
            _ => Err(NoSupposition(text.to_owned())),
        }
    }
}

impl fmt::Display for WhatIf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LiftFlag(test) => write!(f, "lift-flag={test}"),
            Self::Require(capability) => write!(f, "require={capability}"),
        }
    }
}

/// The guideline as it would be, and the suppositions that change it for this target.
#[must_use]
pub fn apply<'a>(guideline: &Guideline, target: &str, suppositions: &'a [WhatIf]) -> (Guideline, Vec<&'a WhatIf>) {
    let mut supposed = guideline.clone();
    let applied = suppositions
        .iter()
        .filter(|supposition| match supposition {
            WhatIf::LiftFlag(test) => lift_flag(&mut supposed, target, test),
            WhatIf::Require(capability) => require(&mut supposed, target, capability),
        })
        .collect();
    (supposed, applied)
}

fn lift_flag(guideline: &mut Guideline, target: &str, name: &str) -> bool {
    let Some(target) = guideline.targets.get(target) else { return false };
    let listed = guideline.capabilities_of(target).unwrap_or_default();
    let listed: Vec<String> = listed.iter().map(|listed| listed.name.to_owned()).collect();
    let mut lifted = false;
    for capability in &listed {
        let Some(capability) = guideline.capabilities.get_mut(capability) else { continue };
        for test in capability.tests.iter_mut().filter(|test| is_named(test, name)) {
            lifted |= test.flag.take().is_some();
        }
    }
    lifted
}

fn is_named(test: &Test, name: &str) -> bool {
    let bare = name.strip_prefix("id-").unwrap_or(name);
    test.name == name
        || test.aliases.iter().any(|alias| alias == name)
        || test.uuid.as_deref().is_some_and(|uuid| uuid.eq_ignore_ascii_case(bare))
}

fn require(guideline: &mut Guideline, target: &str, name: &str) -> bool {
    if !guideline.capabilities.contains_key(name) {
        return false;
    }
    let Some(target) = guideline.targets.get(target) else { return false };
    let components = target.components.clone();
    // It is required where it is listed, or else in the first component: those of other targets stay as they are.
    let lists = |guideline: &Guideline, component: &String| {
        let states = guideline.components.get(component).map(|component| &component.capabilities);
        states
            .is_some_and(|states| states.lists().into_iter().any(|(_, names)| names.iter().any(|known| known == name)))
    };
    let component = components.iter().find(|component| lists(guideline, component)).or(components.first());
    let Some(component) = component.and_then(|component| guideline.components.get_mut(component)) else { return false };
    let states = &mut component.capabilities;
    if states.required.iter().any(|known| known == name) {
        return false;
    }
    for names in [&mut states.advisory, &mut states.deprecated, &mut states.removed] {
        names.retain(|known| known != name);
    }
    states.required.push(name.to_owned());
    true
}
