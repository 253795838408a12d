//! What is compared of each thing, as names and texts.

use crate::model::{
    Capability, Component, Criterion, DesignatedProject, DesignatedSection, Guideline, Target, TargetKind,
    TestRepository,
};

/// The facts of a thing, always in the same order; `None` is one that it does not state.
pub type Facts = Vec<(&'static str, Option<String>)>;

pub fn guideline(guideline: &Guideline) -> Facts {
    vec![
        ("title", Some(guideline.title.clone())),
        ("status", Some(guideline.status.name().to_owned())),
        ("approved", guideline.approved.map(|day| day.to_string())),
        ("replaces", guideline.replaces.clone()),
        ("releases", joined(&guideline.releases)),
        ("rule", Some(guideline.rule.name().to_owned())),
    ]
}

pub fn target(target: &Target) -> Facts {
    let kind = match target.kind {
        TargetKind::Program => "program",
        TargetKind::AddOn => "add-on",
    };
    let requires: Vec<_> =
        target.requires.iter().map(|required| format!("{} {}", required.guideline, required.component)).collect();
    vec![
        ("title", Some(target.title.clone())),
        ("summary", Some(target.summary.clone())),
        ("kind", Some(kind.to_owned())),
        ("components", joined(&target.components)),
        ("requires", joined(&requires)),
    ]
}

pub fn component(component: &Component) -> Facts {
    let interfaces: Vec<&str> = component.interfaces.iter().map(|interface| interface.name()).collect();
    let parameters: Vec<String> =
        component.parameters.iter().map(|(name, value)| format!("{name} is {value}")).collect();
    vec![("interfaces", sorted(&interfaces)), ("parameters", sorted(&parameters)), ("beside", component.beside.clone())]
}

/// All but the achievements, which are told with the scores, and the tests.
pub fn capability(capability: &Capability) -> Facts {
    vec![
        ("title", capability.title.clone()),
        ("published as", capability.published_as.clone()),
        ("project", Some(capability.project.clone())),
        ("summary", Some(capability.summary.clone())),
        ("required_since", capability.required_since.clone()),
        ("guidelines", joined(&capability.guidelines)),
        ("admin", Some(yes_no(capability.admin))),
        ("unlisted", capability.unlisted.clone()),
        ("untested", capability.untested.clone()),
        ("operations of Ironic", joined(&capability.operations.ironic)),
        ("operations of Redfish", joined(&capability.operations.redfish)),
        ("sources", joined(&capability.sources)),
    ]
}

pub fn criterion(criterion: &Criterion) -> Facts {
    vec![
        ("title", Some(criterion.title.clone())),
        ("weight", Some(criterion.weight.to_string())),
        ("summary", Some(criterion.summary.clone())),
    ]
}

pub fn project(project: &DesignatedProject) -> Facts {
    vec![("state", Some(project.state.name().to_owned())), ("guidance", Some(project.guidance.clone()))]
}

pub fn section(section: &DesignatedSection) -> Facts {
    vec![
        ("designated", Some(yes_no(section.designated))),
        ("state", section.state.map(|state| state.name().to_owned())),
        ("summary", section.summary.clone()),
    ]
}

pub fn repository(repository: &TestRepository) -> Facts {
    vec![
        ("repository", Some(repository.repository.clone())),
        ("reference", repository.reference.clone()),
        ("summary", repository.summary.clone()),
    ]
}

/// The names in one text; nothing for none.
pub fn joined(names: &[impl AsRef<str>]) -> Option<String> {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    Some(names.join(", ")).filter(|text| !text.is_empty())
}

/// The same, where their order means nothing.
pub fn sorted(names: &[impl AsRef<str>]) -> Option<String> {
    let mut names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.sort_unstable();
    joined(&names)
}

pub fn yes_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}
