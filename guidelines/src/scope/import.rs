//! Makes guidelines and a family of a scope file.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use indexmap::IndexMap;
use regex_lite::Regex;

use super::comments::comments;
use super::file::{IncludeItem, Module as ModuleItem, ScopeFile, TestCase, VariableItem, Version as VersionItem};
use super::read;
use super::words::{MAIN, PREVIEW, RECOMMENDED, uuid};
use crate::family::scope::{Case, Include, Module, Scope, Script, Variable, Version, WORD_PATTERN};
use crate::family::{self, Family, Period, Validity};
use crate::follow::Followed;
use crate::import::{Kind, Repair, yaml};
use crate::load;
use crate::model::{
    ByState, Capability, Component, Guideline, OperationList, Origin, Rule, SCHEMA, Status, Target, TargetKind, Test,
};
use crate::nearest::quoted;
use crate::problem::{Code, Collector, Errors, position};

/// What the guidelines of a scope are called: `scs` and `iaas` in `scs/iaas-v5.1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Their family.
    pub family: String,
    /// The word before the version.
    pub scope: String,
}

impl Names {
    /// Those in a text such as `scs/iaas`; nothing where it is of another form.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let word = Regex::new(WORD_PATTERN).ok()?;
        let (family, scope) = text.split_once('/')?;
        // `scs/latest` is the newest guideline of a family.
        let fits = word.is_match(family) && word.is_match(scope) && scope != "latest";
        fits.then(|| Self { family: family.to_owned(), scope: scope.to_owned() })
    }

    /// Those that follow from a name such as `SCS-compatible IaaS`.
    fn told(name: &str) -> Option<Self> {
        let (family, scope) = name.split_once("-compatible ")?;
        Self::of(&format!("{}/{}", family.to_lowercase(), scope.to_lowercase()))
    }
}

/// A scope that was imported.
#[derive(Debug, Clone)]
pub struct ImportedScope {
    /// What it is called.
    pub names: Names,
    /// What no version says: the file of the family.
    pub family: Family,
    /// The versions that ask for something, in the order of the file.
    pub guidelines: Vec<Guideline>,
    /// What is neither in the family nor in a guideline: comments.
    pub repairs: Vec<Repair>,
}

impl ImportedScope {
    /// The files of a folder that hold it, each with its path there and its text.
    #[must_use]
    pub fn files(&self) -> Vec<(String, String)> {
        let family = (format!("{}/{}", self.names.family, family::FILE), family_text(&self.family));
        let guidelines = self.guidelines.iter().map(|guideline| (format!("{}.yaml", guideline.id), yaml(guideline)));
        std::iter::once(family).chain(guidelines).collect()
    }
}

fn family_text(family: &Family) -> String {
    let text = serde_yaml::to_string(family).unwrap_or_default();
    format!("# yaml-language-server: $schema=../family.schema.json\n\n{text}")
}

/// Whether a text is meant as a scope file, and not as a guideline or profile in JSON.
#[must_use]
pub fn is_scope(text: &str) -> bool {
    let keys = ["modules:", "timeline:", "versions:", "scripts:"];
    text.lines().any(|line| keys.iter().any(|key| line.trim_start_matches('\u{feff}').starts_with(key)))
}

/// Reads a scope file whose text is at hand.
pub fn import_read(path: &Path, names: Option<Names>, text: &str) -> Result<ImportedScope, Errors> {
    import(&path.display().to_string(), names, text)
}

/// Reads a scope file from its text. `name` is what errors call it; without `names`, the name in it says what its guidelines
/// are called.
pub fn import(name: &str, names: Option<Names>, text: &str) -> Result<ImportedScope, Errors> {
    let file = read::parse(name, text)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some(names) = names.or_else(|| Names::told(&file.name)) else {
        let mut found = Collector::of(&crate::kind::SCOPE, name, text);
        let at = text.find("\nname:").map_or(0, |at| at + 1);
        let message = format!("{} does not tell what its guidelines are called", quoted(&file.name));
        let help = "say it with `--id FAMILY/NAME`, such as `--id scs/iaas`".to_owned();
        found.add(Code::BadValue, &(at..at + "name:".len()), message, help);
        return Err(found.into_errors());
    };
    let maker = Maker::new(&names, &file);
    let guidelines: Vec<Guideline> = file.versions.iter().filter_map(|version| maker.guideline(version)).collect();
    let family = maker.family(&guidelines);
    let repairs = comments(text).into_iter().map(|range| left_out(text, range)).collect();
    let imported = ImportedScope { names, family, guidelines, repairs };
    // What comes out must be what the loaders take; should it not, that is said before anybody relies on it.
    for (path, text) in imported.files() {
        let name = format!("{name}, as it was read: {path}");
        if path.ends_with(family::FILE) {
            Family::parse(&name, &text)?;
        } else {
            load::parse(&name, &text)?;
        }
    }
    Ok(imported)
}

/// A comment, which has no place in what is made of the file.
fn left_out(text: &str, range: std::ops::Range<usize>) -> Repair {
    let (line, column) = position(text, range.start);
    let comment =
        text[range].lines().map(|line| line.trim().trim_start_matches('#').trim()).collect::<Vec<_>>().join(" ");
    let message = format!("the comment {} is left out", quoted(&comment));
    Repair { kind: Kind::LeftOut, line, column, path: "$".to_owned(), message }
}

/// Makes the parts of an import.
struct Maker<'a> {
    names: &'a Names,
    file: &'a ScopeFile,
    modules: HashMap<&'a str, &'a ModuleItem>,
    /// The modules that a version names.
    named: HashSet<&'a str>,
    /// The test cases that no script runs.
    unrun: HashSet<&'a str>,
}

impl<'a> Maker<'a> {
    fn new(names: &'a Names, file: &'a ScopeFile) -> Self {
        let scripts = file.scripts.iter().filter(|script| script.executable.is_none());
        Self {
            names,
            file,
            modules: file.modules.iter().map(|module| (module.id.as_str(), module)).collect(),
            named: file.versions.iter().flat_map(include).map(IncludeItem::module).collect(),
            unrun: scripts.flat_map(|script| &script.testcases).map(|case| case.id.as_str()).collect(),
        }
    }

    /// The guideline of a version; none of one that asks for no test case.
    fn guideline(&self, version: &VersionItem) -> Option<Guideline> {
        let mut components = IndexMap::new();
        let mut capabilities = IndexMap::new();
        // Each module that the version names, and after it those that only add to it.
        for item in include(version) {
            let Some(module) = self.modules.get(item.module()) else { continue };
            let mut add = |module: &ModuleItem, parameters, beside| {
                let component = self.component(module, parameters, beside, &mut capabilities);
                components.insert(module.id.clone(), component);
            };
            add(module, item.parameters(), None);
            for other in self.beside(version, module) {
                add(other, item.parameters(), Some(module.id.clone()));
            }
        }
        if capabilities.is_empty() {
            return None;
        }
        self.mark_manual(&mut capabilities);
        let title = format!("{} {}", self.file.name, version.name);
        let target = Target {
            title: title.clone(),
            summary: "What the version asks for; what is only recommended or previewed decides nothing.".to_owned(),
            kind: TargetKind::Program,
            components: components.keys().cloned().collect(),
            requires: Vec::new(),
        };
        Some(Guideline {
            schema: SCHEMA.to_owned(),
            id: self.id(version),
            title,
            status: status(self.file, version),
            approved: version.stabilized_at,
            replaces: None,
            releases: Vec::new(),
            provenance: Some(format!("Made from the scope file that is published at {}.", self.file.url)),
            published: None,
            rule: Rule::AbortedFails,
            scoring: None,
            targets: IndexMap::from([(self.names.scope.clone(), target)]),
            components,
            capabilities,
            designated_sections: IndexMap::new(),
            test_repositories: IndexMap::new(),
            followed: Followed::default(),
        })
    }

    fn id(&self, version: &VersionItem) -> String {
        format!("{}/{}-{}", self.names.family, self.names.scope, version.name)
    }

    /// The modules that add to one: no version names them, they are of the same standard, and their ids begin with its id. Where
    /// that holds of two modules of the version, the longer id counts.
    fn beside(&self, version: &VersionItem, module: &ModuleItem) -> impl Iterator<Item = &'a ModuleItem> {
        let adds = |other: &ModuleItem, to: &ModuleItem| {
            let rest = other.id.strip_prefix(to.id.as_str()).is_some_and(|rest| rest.starts_with('-'));
            rest && other.url == to.url && other.targets.as_ref().is_some_and(|targets| !targets.contains_key(MAIN))
        };
        self.file.modules.iter().filter(move |other| {
            let nearer = |item: &IncludeItem| {
                let named = self.modules.get(item.module());
                named.is_some_and(|named| named.id.len() > module.id.len() && adds(other, named))
            };
            !self.named.contains(other.id.as_str()) && adds(other, module) && !include(version).iter().any(nearer)
        })
    }

    /// The component of a module, whose capabilities are added to the others.
    fn component(
        &self,
        module: &ModuleItem,
        parameters: IndexMap<String, String>,
        beside: Option<String>,
        capabilities: &mut IndexMap<String, Capability>,
    ) -> Component {
        let mut states = ByState::default();
        let targets = module.targets.iter().flatten();
        let count = targets.clone().count();
        for (target, ids) in targets {
            let name = read::capability(&module.id, target, count);
            let list = if target == MAIN { &mut states.required } else { &mut states.advisory };
            list.push(name.clone());
            capabilities.insert(name, self.capability(module, target, ids));
        }
        Component {
            capabilities: states,
            interfaces: Vec::new(),
            parameters,
            beside,
            designated_sections: ByState::default(),
        }
    }

    fn capability(&self, module: &ModuleItem, target: &str, ids: &[String]) -> Capability {
        let title = module.name.as_deref().unwrap_or(&module.id);
        Capability {
            title: None,
            published_as: (![MAIN, RECOMMENDED].contains(&target)).then(|| target.to_owned()),
            project: "scs".to_owned(),
            summary: if target == MAIN { title.to_owned() } else { format!("{title}: {target}") },
            achievements: Vec::new(),
            misspelt: IndexMap::new(),
            required_since: None,
            guidelines: Vec::new(),
            admin: false,
            origin: Origin::Published,
            unlisted: None,
            state: None,
            untested: None,
            operations: OperationList::default(),
            sources: module.url.iter().cloned().collect(),
            tests: ids.iter().map(|id| self.test(id)).collect(),
        }
    }

    fn test(&self, id: &str) -> Test {
        Test {
            name: id.to_owned(),
            uuid: uuid(&self.file.uuid, id),
            interface: None,
            manual: false,
            attributes: Vec::new(),
            aliases: Vec::new(),
            flag: None,
        }
    }

    /// Marks the test cases that a person decides: those that no script runs, and those of a preview.
    fn mark_manual(&self, capabilities: &mut IndexMap<String, Capability>) {
        let preview = capabilities.values().filter(|of| of.published_as.as_deref() == Some(PREVIEW));
        let preview: HashSet<String> = preview.flat_map(|of| &of.tests).map(|test| test.name.clone()).collect();
        for test in capabilities.values_mut().flat_map(|capability| &mut capability.tests) {
            test.manual = preview.contains(&test.name) || self.unrun.contains(test.name.as_str());
        }
    }

    /// The file of the family, with what no guideline says.
    fn family(&self, guidelines: &[Guideline]) -> Family {
        let told: HashSet<&String> = guidelines.iter().flat_map(|guideline| guideline.components.keys()).collect();
        let modules = self.file.modules.iter().map(|module| {
            // Of a component without capabilities, a guideline does not say whether it was published with targets.
            let is_told =
                told.contains(&module.id) && module.targets.as_ref().is_some_and(|targets| !targets.is_empty());
            let of = Module {
                title: module.name.clone(),
                link: module.url.clone(),
                parameters: module.parameters.clone(),
                targets: module.targets.clone().filter(|_| !is_told),
            };
            (module.id.clone(), of)
        });
        let versions = self.file.versions.iter().map(|version| {
            let id = self.id(version);
            let of = if guidelines.iter().any(|guideline| guideline.id == id) {
                Version { guideline: Some(id), ..Version::default() }
            } else {
                let item =
                    |item: &IncludeItem| Include { module: item.module().to_owned(), parameters: item.parameters() };
                let include = version.include.as_ref().map(|items| items.iter().map(item).collect());
                Version { guideline: None, approved: version.stabilized_at, include }
            };
            (version.name.clone(), of)
        });
        let scope = Scope {
            name: self.names.scope.clone(),
            uuid: self.file.uuid.clone(),
            link: self.file.url.clone(),
            variables: self.file.variables.iter().map(variable).collect(),
            scripts: self.file.scripts.iter().map(script).collect(),
            modules: modules.collect(),
            versions: versions.collect(),
        };
        let timeline = self.file.timeline.iter();
        Family {
            timeline: timeline.map(|entry| Period { date: entry.date, versions: entry.versions.clone() }).collect(),
            scope: Some(scope),
            ..Family::named(&self.file.name)
        }
    }
}

/// The modules that a version names.
fn include(version: &VersionItem) -> &[IncludeItem] {
    version.include.as_deref().unwrap_or_default()
}

/// Where a version stands at the end of the timeline. One that is not stable yet is a draft, whatever the timeline says.
fn status(file: &ScopeFile, version: &VersionItem) -> Status {
    let last = file.timeline.iter().max_by_key(|entry| entry.date);
    let state = last.and_then(|entry| entry.versions.get(&version.name)).copied();
    match (version.stabilized_at, state) {
        (None, _) | (_, Some(Validity::Draft)) => Status::Draft,
        (Some(_), Some(Validity::Effective | Validity::Warn)) => Status::Approved,
        (Some(_), Some(Validity::Deprecated) | None) => Status::Superseded,
    }
}

fn variable(item: &VariableItem) -> Variable {
    match item {
        VariableItem::Name(name) => Variable { name: name.clone(), default: None },
        VariableItem::Default(pairs) => {
            let (name, default) = pairs.first().map(|(name, value)| (name.clone(), value.clone())).unwrap_or_default();
            Variable { name, default: Some(default) }
        }
    }
}

fn script(script: &super::file::Script) -> Script {
    let case = |case: &TestCase| {
        let TestCase { id, lifetime, section, description, url } = case.clone();
        (id, Case { summary: description, link: url, lifetime, section })
    };
    Script {
        executable: script.executable.clone(),
        arguments: script.args.clone(),
        environment: script.env.clone(),
        tests: script.testcases.iter().map(case).collect(),
    }
}
