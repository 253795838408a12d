//! Writes the scope file of a family and its guidelines.

use indexmap::IndexMap;

use super::file::{
    IncludeItem, Module as ModuleItem, ScopeFile, Script, TestCase, TimelineEntry, VariableItem, Version as VersionItem,
};
use super::import::{Names, import};
use super::words::{MAIN, RECOMMENDED};
use super::yaml;
use crate::diff::{Area, Change, Diff, Kind};
use crate::family::Family;
use crate::family::scope::{Module, Scope, Version};
use crate::model::{Component, Guideline, State};
use crate::nearest::quoted;
use crate::problem::Errors;

/// Why a scope file cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What a scope file has no place for, each with its place.
    #[error("a scope file cannot hold this of {scope}; take it out, or publish the guidelines in another form:\n{}", .places.join("\n"))]
    NoPlace {
        /// The scope.
        scope: String,
        /// What and where, such as `scs/iaas-v4: test a: flag`.
        places: Vec<String>,
    },
    /// What was written cannot be read back.
    #[error("the scope file that was made of {scope} is wrong:\n{errors}")]
    Wrong {
        /// The scope.
        scope: String,
        /// Why.
        errors: Errors,
    },
    /// It cannot be written as YAML.
    #[error("the scope file of {scope} cannot be written: {source}")]
    Unwritten {
        /// The scope.
        scope: String,
        /// Why.
        source: serde_json::Error,
    },
}

/// A scope file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Its text.
    pub text: String,
    /// What only describes, and has no place in it: which keys of which guideline.
    pub left_out: Vec<String>,
}

/// Facts that describe a guideline and ask for nothing: in a scope file they have no place, or another sentence in theirs.
const DESCRIBES: [(Area, &str); 8] = [
    (Area::Guideline, "title"),
    (Area::Guideline, "releases"),
    (Area::Target, "title"),
    (Area::Target, "summary"),
    (Area::Capability, "title"),
    (Area::Capability, "project"),
    (Area::Capability, "summary"),
    (Area::Capability, "sources"),
];

/// Writes the scope of a family, whose guidelines these are: those that its versions name, in their order. What is written is read back, and must be the guidelines again.
pub fn export(family_name: &str, family: &Family, scope: &Scope, guidelines: &[Guideline]) -> Result<Exported, Error> {
    let names = Names { family: family_name.to_owned(), scope: scope.name.clone() };
    let called = format!("{family_name}/{}", scope.name);
    let mut joiner = Joiner { scope, guidelines, told: IndexMap::new(), places: Vec::new() };
    joiner.read();
    let file = ScopeFile {
        name: family.title.clone(),
        uuid: scope.uuid.clone(),
        url: scope.link.clone(),
        variables: variables(scope),
        scripts: scripts(scope),
        modules: joiner.modules(),
        timeline: timeline(family),
        versions: joiner.versions(),
    };
    if !joiner.places.is_empty() {
        return Err(Error::NoPlace { scope: called, places: joiner.places });
    }
    let text = yaml::text(&file).map_err(|source| Error::Unwritten { scope: called.clone(), source })?;
    let back = import(&format!("the scope file of {called}"), Some(names), &text)
        .map_err(|errors| Error::Wrong { scope: called.clone(), errors })?;
    let mut places = Vec::new();
    let mut left_out = Vec::new();
    if (family.usable, family.licence_months) != (back.family.usable, back.family.licence_months) {
        left_out.push(format!("the family {family_name}: usable, licence_months"));
    }
    for guideline in guidelines {
        let id = &guideline.id;
        if let Some(other) = back.guidelines.iter().find(|other| other.id == *id) {
            lost(guideline, other, &mut places, &mut left_out);
        } else {
            places.push(format!("{id}: it asks for nothing, or its id is not the one of its version"));
        }
    }
    if places.is_empty() { Ok(Exported { text, left_out }) } else { Err(Error::NoPlace { scope: called, places }) }
}

/// What of a guideline is not in the one that was read back.
fn lost(guideline: &Guideline, back: &Guideline, places: &mut Vec<String>, left_out: &mut Vec<String>) {
    let mut described: Vec<&str> = Vec::new();
    let diff = Diff::between(back, guideline);
    for change in &diff.changes {
        let fact = change.fact.as_deref().unwrap_or_default();
        let describes = change.kind == Kind::Changed && DESCRIBES.contains(&(change.area, fact));
        if describes || change.area == Area::TestRepository {
            described.push(if describes { fact } else { "test repositories" });
        } else {
            places.push(format!("{}: {}", guideline.id, shown(change)));
        }
    }
    // What the comparison of guidelines passes over.
    if guideline.published.is_some() {
        places.push(format!("{}: published", guideline.id));
    }
    if guideline.provenance != back.provenance {
        described.push("provenance");
    }
    described.sort_unstable();
    described.dedup();
    if !described.is_empty() {
        left_out.push(format!("{}: {}", guideline.id, described.join(", ")));
    }
}

fn shown(change: &Change) -> String {
    let area = match change.area {
        Area::Guideline => "guideline",
        Area::Target => "target",
        Area::Component => "component",
        Area::Capability => "capability",
        Area::Test => "test",
        Area::Flag => "flag of",
        Area::Score => "score of",
        Area::Criterion => "criterion",
        Area::DesignatedSection => "designated section",
        Area::TestRepository => "test repository",
    };
    let fact = change.fact.as_deref().map_or_else(String::new, |fact| format!(": {fact}"));
    let word = |value: &Option<String>| value.as_deref().map_or_else(|| "nothing".to_owned(), quoted);
    let (held, is) = (word(&change.before), word(&change.after));
    let what = match (change.kind, held == is) {
        (_, true) => String::new(),
        (Kind::Removed, _) => " would come".to_owned(),
        _ => format!(" is {is}, and would be {held}"),
    };
    format!("{area} {}{fact}{what}", quoted(&change.subject))
}

/// Puts together what the family and the guidelines say.
struct Joiner<'a> {
    scope: &'a Scope,
    guidelines: &'a [Guideline],
    /// The modules that guidelines have as components, each as the first of them has it.
    told: IndexMap<&'a str, Told<'a>>,
    /// What has no place.
    places: Vec<String>,
}

/// A module as a guideline tells of it.
struct Told<'a> {
    /// The id of the guideline.
    guideline: &'a str,
    /// Whether it only stands beside another one.
    is_beside: bool,
    /// Its test cases, by target.
    targets: IndexMap<String, Vec<String>>,
}

impl Joiner<'_> {
    /// Takes from the guidelines what they tell of the modules. They must agree.
    fn read(&mut self) {
        for guideline in self.guidelines {
            if !self.scope.versions.values().any(|version| version.guideline.as_ref() == Some(&guideline.id)) {
                self.places.push(format!("{}: no version of the family has it", guideline.id));
            }
            for (name, component) in &guideline.components {
                let place = format!("{}: component {}", guideline.id, quoted(name));
                if !self.scope.modules.contains_key(name) {
                    self.places.push(format!("{place}: the module is missing in the family"));
                    continue;
                }
                let targets = self.targets(guideline, &place, component);
                let is_beside = component.beside.is_some();
                let new = || Told { guideline: &guideline.id, is_beside, targets: targets.clone() };
                let first = self.told.entry(name).or_insert_with(new);
                if first.targets != targets {
                    self.places.push(format!("{place}: its tests are not those in {}", first.guideline));
                }
                if first.is_beside != is_beside {
                    let how = if is_beside {
                        "beside another one here, and asked for in"
                    } else {
                        "asked for here, and beside another one in"
                    };
                    self.places.push(format!("{place}: it is {how} {}", first.guideline));
                }
            }
        }
    }

    /// The test cases of a component, by target.
    fn targets(&mut self, guideline: &Guideline, place: &str, component: &Component) -> IndexMap<String, Vec<String>> {
        let mut targets: IndexMap<String, Vec<String>> = IndexMap::new();
        for (state, names) in component.capabilities.lists() {
            for capability in names {
                let place = format!("{place}: capability {}", quoted(capability));
                let Some(of) = guideline.capabilities.get(capability) else {
                    self.places.push(format!("{place}: nothing defines it"));
                    continue;
                };
                let target = match (state, of.published_as.as_deref()) {
                    (State::Required, None) => MAIN,
                    (State::Advisory, None) => RECOMMENDED,
                    (State::Advisory, Some(target)) => target,
                    _ => {
                        self.places.push(format!("{place}: it is {} there", state.name()));
                        continue;
                    }
                };
                let ids = of.tests.iter().map(|test| test.name.clone()).collect();
                if targets.insert(target.to_owned(), ids).is_some() {
                    self.places.push(format!("{place}: another one has the target {} already", quoted(target)));
                }
            }
        }
        targets
    }

    fn modules(&mut self) -> Vec<ModuleItem> {
        let scope = self.scope;
        let modules = scope.modules.iter().map(|(id, module)| {
            let Module { title, link, parameters, targets } = module.clone();
            let told = self.told.get(id.as_str()).filter(|told| !told.targets.is_empty());
            if let (Some(told), Some(_)) = (told, &targets) {
                let also = told.guideline;
                self.places.push(format!("the family: module {}: its targets stand in {also} too", quoted(id)));
            }
            let targets = told.map(|told| told.targets.clone()).or(targets);
            ModuleItem { id: id.clone(), name: title, url: link, parameters, targets }
        });
        modules.collect()
    }

    fn versions(&mut self) -> Vec<VersionItem> {
        let scope = self.scope;
        scope.versions.iter().map(|(name, version)| self.version(name, version)).collect()
    }

    fn version(&mut self, name: &str, version: &Version) -> VersionItem {
        let Some(id) = &version.guideline else {
            let item = |include: &crate::family::scope::Include| {
                IncludeItem::new(include.module.clone(), include.parameters.clone())
            };
            let include = version.include.as_ref().map(|all| all.iter().map(item).collect());
            return VersionItem { name: name.to_owned(), stabilized_at: version.approved, include };
        };
        let Some(guideline) = self.guidelines.iter().find(|guideline| guideline.id == *id) else {
            self.places.push(format!("the family: version {}: guideline {} is missing", quoted(name), quoted(id)));
            return VersionItem { name: name.to_owned(), stabilized_at: None, include: None };
        };
        // Other targets are told by the comparison with what is read back.
        let listed = guideline.targets.get(&self.scope.name).map_or(&[][..], |target| &target.components);
        let include = listed.iter().filter_map(|name| Some((name, guideline.components.get(name)?)));
        let include = include.filter(|(_, component)| component.beside.is_none());
        let include = include.map(|(name, component)| IncludeItem::new(name.clone(), component.parameters.clone()));
        VersionItem { name: name.to_owned(), stabilized_at: guideline.approved, include: Some(include.collect()) }
    }
}

fn variables(scope: &Scope) -> Vec<VariableItem> {
    let item = |variable: &crate::family::scope::Variable| match &variable.default {
        None => VariableItem::Name(variable.name.clone()),
        Some(value) => VariableItem::Default(IndexMap::from([(variable.name.clone(), value.clone())])),
    };
    scope.variables.iter().map(item).collect()
}

fn scripts(scope: &Scope) -> Vec<Script> {
    let script = |script: &crate::family::scope::Script| {
        let testcases = script.tests.iter().map(|(id, case)| TestCase {
            id: id.clone(),
            lifetime: case.lifetime,
            section: case.section.clone(),
            description: case.summary.clone(),
            url: case.link.clone(),
        });
        Script {
            executable: script.executable.clone(),
            env: script.environment.clone(),
            args: script.arguments.clone(),
            testcases: testcases.collect(),
        }
    };
    scope.scripts.iter().map(script).collect()
}

fn timeline(family: &Family) -> Vec<TimelineEntry> {
    let entry = |period: &crate::family::Period| TimelineEntry { date: period.date, versions: period.versions.clone() };
    family.timeline.iter().map(entry).collect()
}
