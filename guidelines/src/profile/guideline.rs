//! A guideline made of profiles: their resources are its capabilities, their requirements its tests.

use indexmap::IndexMap;

use super::clause::{Aspect, Clause, Level, clauses};
use super::set::ProfileSet;
use crate::follow::Followed;
use crate::model::{
    ByState, Capability, Component, Guideline, Interface, OperationList, Origin, Rule, SCHEMA, Status, Target,
    TargetKind, Test, TestRepository,
};

/// The name of the one component and target.
const ONLY: &str = "redfish";

/// The guideline that asks what a set of profiles asks.
///
/// What a profile only recommends stands in advisory capabilities of its own. Where a service has nothing that a
/// requirement is about, its test is skipped; so the rule is the one under which a skip does not count.
#[must_use]
pub fn guideline(set: &ProfileSet) -> Guideline {
    let (name, version) = set
        .main()
        .map_or_else(|| ("profile".to_owned(), String::new()), |main| (main.name.clone(), main.version.to_string()));
    let mut capabilities: IndexMap<String, Capability> = IndexMap::new();
    let mut by_state = ByState::default();
    for clause in clauses(set).iter().filter(|clause| clause.level != Level::None) {
        let key = key(clause);
        let list = if clause.level == Level::Mandatory { &mut by_state.required } else { &mut by_state.advisory };
        let capability = capabilities.entry(key.clone()).or_insert_with(|| {
            list.push(key);
            let profile = &set.profiles[clause.profile];
            capability(clause, format!("{} {}", profile.name, profile.version))
        });
        capability.tests.push(Test {
            name: clause.id.clone(),
            uuid: Some(clause.uuid.clone()),
            interface: Some(Interface::Redfish),
            manual: false,
            attributes: Vec::new(),
            aliases: Vec::new(),
            flag: None,
        });
    }
    let sources: Vec<String> =
        set.profiles.iter().map(|profile| format!("{} {}", profile.name, profile.version)).collect();
    Guideline {
        schema: SCHEMA.to_owned(),
        id: format!("{}/{version}", family(&name)),
        title: format!("{name} {version}"),
        status: Status::Draft,
        approved: None,
        replaces: None,
        releases: Vec::new(),
        provenance: Some(format!("Made from the Redfish interoperability profiles {}.", sources.join(", "))),
        published: None,
        rule: Rule::NoFailures,
        scoring: None,
        targets: IndexMap::from([(
            ONLY.to_owned(),
            Target {
                title: format!("{name} {version}"),
                summary: "A Redfish service that fulfils the profile.".to_owned(),
                kind: TargetKind::Program,
                components: vec![ONLY.to_owned()],
                requires: Vec::new(),
            },
        )]),
        components: IndexMap::from([(
            ONLY.to_owned(),
            Component {
                capabilities: by_state,
                interfaces: vec![Interface::Redfish],
                parameters: IndexMap::new(),
                beside: None,
                designated_sections: ByState::default(),
            },
        )]),
        capabilities,
        designated_sections: IndexMap::new(),
        test_repositories: IndexMap::<String, TestRepository>::new(),
        followed: Followed::default(),
    }
}

/// The name of the capability that a requirement belongs to.
fn key(clause: &Clause) -> String {
    let mut words = vec!["redfish".to_owned()];
    if clause.resource.is_empty() {
        words.push("protocol".to_owned());
    } else {
        words.push(kebab(&clause.resource));
    }
    if matches!(clause.aspect, Aspect::Registry | Aspect::RegistryVersion | Aspect::Message) {
        words.push("registry".to_owned());
    }
    if let Some(title) = &clause.use_case {
        words.push(kebab(title));
    }
    if clause.level == Level::Recommended {
        words.push("recommended".to_owned());
    }
    words.join("-")
}

fn capability(clause: &Clause, source: String) -> Capability {
    let what = match (clause.resource.as_str(), &clause.use_case) {
        ("", _) => "the protocol".to_owned(),
        (resource, None) => resource.to_owned(),
        (resource, Some(title)) => format!("{resource} ({title})"),
    };
    let much = if clause.level == Level::Recommended { "recommends for" } else { "requires of" };
    Capability {
        title: None,
        published_as: None,
        project: "redfish".to_owned(),
        summary: format!("What the profile {much} {what}."),
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
        sources: vec![source],
        tests: Vec::new(),
    }
}

/// `ComputerSystem` as `computer-system`.
fn kebab(text: &str) -> String {
    let mut words = String::new();
    let mut was_lower = false;
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            if letter.is_ascii_uppercase() && was_lower {
                words.push('-');
            }
            words.push(letter.to_ascii_lowercase());
            was_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        } else if !words.is_empty() && !words.ends_with('-') {
            words.push('-');
            was_lower = false;
        }
    }
    words.trim_end_matches('-').to_owned()
}

/// The name of the family of guidelines, which holds small letters, digits and hyphens.
fn family(name: &str) -> String {
    let family = kebab(name);
    if family.is_empty() { "profile".to_owned() } else { family }
}
