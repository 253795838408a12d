//! What changes from one guideline to another.
//!
//! The changes are a flat list of facts, so that each can be found, counted and quoted by itself. What describes a file
//! and not what it asks for (`published`, `provenance`, `origin`) is not compared.

mod facts;
mod test_changes;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::census::{Census, names};
use crate::model::{Capability, Guideline, State};
use facts::Facts;

/// The value of `schema` in a difference of this version.
pub const SCHEMA: &str = "assay.guideline-diff/1";

/// What changes from one guideline to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Diff {
    /// The version of the format: `assay.guideline-diff/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// What the old guideline requires.
    pub old: Census,
    /// What the new guideline requires.
    pub new: Census,
    /// The changes, sorted by what they are of.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// What kind of thing changed.
    pub area: Area,
    /// How it changed.
    pub kind: Kind,
    /// Its name; of a renamed test, the new one.
    pub subject: String,
    /// What it belongs to: a component, capabilities, or a project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Which of its facts changed, such as `state` or `weight`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact: Option<String>,
    /// What it was; absent where there was nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is; absent where there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// What else is to be known, such as the reason of a flag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What kind of thing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// The guideline as a whole: title, status, day of approval, releases, rule.
    Guideline,
    /// A target.
    Target,
    /// A component.
    Component,
    /// A capability, and its state in a component.
    Capability,
    /// A test.
    Test,
    /// A flag of a test.
    Flag,
    /// The achievements and the score of a capability.
    Score,
    /// The cutoff of the scoring, and its criteria with their weights.
    Criterion,
    /// A project's designated sections.
    DesignatedSection,
    /// Where the published tests live.
    TestRepository,
}

impl Area {
    /// Every area, in the order of a difference.
    pub const ALL: [Self; 10] = [
        Self::Guideline,
        Self::Target,
        Self::Component,
        Self::Capability,
        Self::Test,
        Self::Flag,
        Self::Score,
        Self::Criterion,
        Self::DesignatedSection,
        Self::TestRepository,
    ];
}

/// How something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It came; a flag was set.
    Added,
    /// It went; a flag was lifted.
    Removed,
    /// The same test has another name.
    Renamed,
    /// One of its facts changed.
    Changed,
}

impl Diff {
    /// Compares two guidelines.
    #[must_use]
    pub fn between(old: &Guideline, new: &Guideline) -> Self {
        let mut found = Found::default();
        found.compare(Area::Guideline, &new.id, None, facts::guideline(old), facts::guideline(new));
        found.named(Area::Target, None, &old.targets, &new.targets, facts::target);
        found.named(Area::Component, None, &old.components, &new.components, facts::component);
        found.capabilities(old, new);
        test_changes::compare(&mut found, old, new);
        found.scores(old, new);
        found.scoring(old, new);
        found.sections(old, new);
        found.named(Area::TestRepository, None, &old.test_repositories, &new.test_repositories, facts::repository);
        // The sort is stable: within an area, the order is that of the files.
        found.0.sort_by_key(|change| (change.area, change.kind));
        Self { schema: SCHEMA.to_owned(), old: Census::of(old), new: Census::of(new), changes: found.0 }
    }

    /// The changes of one area.
    pub fn of(&self, area: Area) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.area == area)
    }
}

impl Change {
    fn new(area: Area, kind: Kind, subject: &str, within: Option<&str>) -> Self {
        let (subject, within) = (subject.to_owned(), within.map(str::to_owned));
        Self { area, kind, subject, within, fact: None, before: None, after: None, note: None }
    }
}

/// The changes that were found so far.
#[derive(Default)]
struct Found(Vec<Change>);

impl Found {
    /// Two statements of the same facts, in the same order.
    fn compare(&mut self, area: Area, subject: &str, within: Option<&str>, before: Facts, after: Facts) {
        for ((fact, before), (_, after)) in before.into_iter().zip(after) {
            if before != after {
                let change = Change::new(area, Kind::Changed, subject, within);
                self.0.push(Change { fact: Some(fact.to_owned()), before, after, ..change });
            }
        }
    }

    /// Two maps of the same kind of thing.
    fn named<T>(
        &mut self,
        area: Area,
        within: Option<&str>,
        old: &IndexMap<String, T>,
        new: &IndexMap<String, T>,
        facts: impl Fn(&T) -> Facts,
    ) {
        for (name, value) in old {
            match new.get(name) {
                Some(now) => self.compare(area, name, within, facts(value), facts(now)),
                None => self.0.push(Change::new(area, Kind::Removed, name, within)),
            }
        }
        for (name, value) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
            // What came is told with its facts, which nothing else in the difference would say.
            let said: Vec<_> = facts(value).into_iter().filter_map(|(fact, value)| Some((fact, value?))).collect();
            let said = said.iter().map(|(fact, value)| format!("{fact} {value}")).collect::<Vec<_>>().join("; ");
            let change = Change::new(area, Kind::Added, name, within);
            self.0.push(Change { note: Some(said).filter(|said| !said.is_empty()), ..change });
        }
    }

    fn capabilities(&mut self, old: &Guideline, new: &Guideline) {
        let (before, after) = (names(old), names(new));
        for &name in before.union(&after) {
            let kind = match (before.contains(name), after.contains(name)) {
                (false, _) => Kind::Added,
                (_, false) => Kind::Removed,
                _ => Kind::Changed,
            };
            self.states(kind, name, old, new);
            if let (Some(before), Some(after)) = (old.capabilities.get(name), new.capabilities.get(name)) {
                self.compare(Area::Capability, name, None, facts::capability(before), facts::capability(after));
            }
        }
    }

    /// The state of a capability in each component that both guidelines have, and else its strongest state.
    fn states(&mut self, kind: Kind, name: &str, old: &Guideline, new: &Guideline) {
        let mut components: Vec<(Option<&str>, Option<State>, Option<State>)> = Vec::new();
        for (component, after) in &new.components {
            let after = after.capabilities.state_of(name);
            let before = old.components.get(component).map(|before| before.capabilities.state_of(name));
            if kind == Kind::Added || before.is_some() {
                components.push((Some(component), before.flatten(), after));
            }
        }
        for (component, before) in old.components.iter().filter(|(name, _)| !new.components.contains_key(*name)) {
            if kind == Kind::Removed {
                components.push((Some(component), before.capabilities.state_of(name), None));
            }
        }
        components.retain(|(_, before, after)| before != after);
        if components.is_empty() {
            let (before, after) = (old.state_of(name), new.state_of(name));
            if kind != Kind::Changed || before != after {
                components.push((None, before, after));
            }
        }
        for (component, before, after) in components {
            let change = Change::new(Area::Capability, kind, name, component);
            let word = |state: Option<State>| state.map(|state| state.name().to_owned());
            self.0.push(Change { fact: Some("state".into()), before: word(before), after: word(after), ..change });
        }
    }

    fn scores(&mut self, old: &Guideline, new: &Guideline) {
        let cutoff = |guideline: &Guideline| guideline.scoring.as_ref().and_then(|scoring| scoring.cutoff);
        let cutoffs = cutoff(old).zip(cutoff(new));
        let facts = |guideline: &Guideline, capability: &Capability, cutoff: Option<u32>| {
            let score = guideline.scoring.as_ref().map(|_| guideline.score(capability));
            let reaches = score.zip(cutoff).map(|(score, cutoff)| facts::yes_no(score >= cutoff));
            let score = score.map(|score| score.to_string());
            let achievements = facts::sorted(&capability.achievements);
            vec![("achievements", achievements), ("score", score), ("reaches the cutoff", reaches)]
        };
        for (name, capability) in &new.capabilities {
            let Some(earlier) = old.capabilities.get(name) else { continue };
            // A cutoff on one side only says nothing of a change.
            let before = facts(old, earlier, cutoffs.map(|(cutoff, _)| cutoff));
            let after = facts(new, capability, cutoffs.map(|(_, cutoff)| cutoff));
            self.compare(Area::Score, name, None, before, after);
        }
    }

    fn scoring(&mut self, old: &Guideline, new: &Guideline) {
        let cutoff = |guideline: &Guideline| {
            let cutoff = guideline.scoring.as_ref().and_then(|scoring| scoring.cutoff);
            vec![("cutoff", cutoff.map(|cutoff| cutoff.to_string()))]
        };
        self.compare(Area::Criterion, "scoring", None, cutoff(old), cutoff(new));
        let none = IndexMap::new();
        let criteria = |guideline: &'_ Guideline| guideline.scoring.as_ref().map(|scoring| scoring.criteria.clone());
        let (before, after) = (criteria(old), criteria(new));
        let (before, after) = (before.as_ref().unwrap_or(&none), after.as_ref().unwrap_or(&none));
        self.named(Area::Criterion, None, before, after, facts::criterion);
    }

    fn sections(&mut self, old: &Guideline, new: &Guideline) {
        let (before, after) = (&old.designated_sections, &new.designated_sections);
        self.named(Area::DesignatedSection, None, before, after, facts::project);
        let none = IndexMap::new();
        for (name, project) in after {
            let earlier = before.get(name).map_or(&none, |project| &project.sections);
            self.named(Area::DesignatedSection, Some(name), earlier, &project.sections, facts::section);
        }
        for (component, after) in &new.components {
            let Some(before) = old.components.get(component) else { continue };
            let (before, after) = (&before.designated_sections, &after.designated_sections);
            let projects =
                [before, after].into_iter().flat_map(crate::model::ByState::lists).flat_map(|(_, names)| names);
            let projects: indexmap::IndexSet<&String> = projects.collect();
            for project in projects {
                let state = |states: &crate::model::ByState| {
                    vec![("state", states.state_of(project).map(|state| state.name().to_owned()))]
                };
                self.compare(Area::DesignatedSection, project, Some(component), state(before), state(after));
            }
        }
    }
}
