//! The single requirements of profiles, each with a name that stays the same from version to version.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::named_uuid;

use super::model::{Action, Condition, Parameter, Profile, Property, UseCase};
use super::set::ProfileSet;
use super::words::{Comparison, Demand, Read, Write};

/// What a requirement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// A resource is there.
    Resource,
    /// The resource's schema is new enough.
    Version,
    /// Members can be created.
    Create,
    /// Members can be deleted.
    Delete,
    /// Members can be changed.
    Update,
    /// A property is there.
    Read,
    /// A property can be written.
    Write,
    /// An array has items enough.
    Count,
    /// A property can be set to certain values.
    SupportedValues,
    /// A property has certain values.
    Values,
    /// An action is there.
    Action,
    /// A resource describes an action's parameters.
    ActionInfo,
    /// An action takes a parameter.
    Parameter,
    /// A parameter takes certain values.
    ParameterValues,
    /// A parameter should take certain values.
    RecommendedValues,
    /// The protocol has a feature.
    Protocol,
    /// A message registry is there.
    Registry,
    /// A message registry is new enough.
    RegistryVersion,
    /// A message is in its registry.
    Message,
}

impl Aspect {
    /// The name of it in the name of a requirement.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Version => "version",
            Self::Create => "create",
            Self::Delete => "delete",
            Self::Update => "update",
            Self::Read => "read",
            Self::Write => "write",
            Self::Count => "count",
            Self::SupportedValues => "supported-values",
            Self::Values => "values",
            Self::Action => "action",
            Self::ActionInfo => "action-info",
            Self::Parameter => "parameter",
            Self::ParameterValues => "parameter-values",
            Self::RecommendedValues => "recommended-values",
            Self::Protocol => "protocol",
            Self::Registry => "registry",
            Self::RegistryVersion => "registry-version",
            Self::Message => "message",
        }
    }
}

/// How much a requirement weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// What breaks it breaks the profile; perhaps under a condition only.
    Mandatory,
    /// It should be kept.
    Recommended,
    /// It is listed for clarity.
    None,
}

/// One requirement of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Its name, such as `profile.OpenStackIronicProfile.ComputerSystem.PowerState.read`.
    pub id: String,
    /// The UUID (version 5) of its name.
    pub uuid: String,
    /// The number of the profile in its set.
    pub profile: usize,
    /// The type of the resource, or the name of the registry; of the protocol, nothing.
    pub resource: String,
    /// The title of the use case.
    pub use_case: Option<String>,
    /// The names of properties that lead to what it is about, such as `Boot/BootSourceOverrideTarget`.
    pub path: String,
    /// What it is about.
    pub aspect: Aspect,
    /// How much it weighs.
    pub level: Level,
    /// What is required, in one line.
    pub required: String,
    /// What it is for, in the profile's words.
    pub purpose: Option<String>,
    /// The line of the profile's file.
    pub line: usize,
}

/// Where the names of an object's requirements begin.
struct Maker<'a> {
    profile: usize,
    name: &'a str,
    resource: &'a str,
    use_case: Option<String>,
    clauses: Vec<Clause>,
}

/// The name of a requirement. The same profile, resource, use case, path and aspect always give the same name.
#[must_use]
pub fn name(profile: &str, resource: &str, use_case: Option<&str>, path: &str, aspect: Aspect) -> String {
    let mut id = format!("profile.{}", word(profile));
    if !resource.is_empty() {
        id.push_str(&format!(".{}", word(resource)));
    }
    if let Some(title) = use_case {
        id.push_str(&format!("({})", word(title)));
    }
    for part in path.split('/').filter(|part| !part.is_empty()) {
        id.push_str(&format!(".{}", word(part)));
    }
    format!("{id}.{}", aspect.name())
}

/// A name without white space and without characters that cannot be seen.
fn word(text: &str) -> String {
    let parts: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

/// The title of a use case among those of its resource; of equal ones, with their number.
#[must_use]
pub fn name_of_use_case(use_cases: &[UseCase], at: usize) -> Option<String> {
    let title = use_cases.get(at)?.title.clone()?;
    let before = use_cases[..at].iter().filter(|other| other.title.as_ref() == Some(&title)).count();
    Some(if before == 0 { title } else { format!("{title} {}", before + 1) })
}

/// The path of an action, in which an action of an OEM has its own place.
#[must_use]
pub fn action_path(resource: &str, action: &str) -> String {
    format!("Actions/#{resource}.{action}")
}

/// The UUID (version 5) of a name, in Assay's own name space.
fn uuid(name: &str) -> String {
    // The version 5 UUID of `assay.profile` in the name space of names in the DNS.
    const SPACE: [u8; 16] =
        [0x37, 0x2d, 0xb0, 0x41, 0x6e, 0x8a, 0x54, 0xec, 0xbb, 0xa2, 0x95, 0x99, 0xb2, 0xda, 0xe1, 0xf7];
    named_uuid::of(SPACE, name)
}

/// Every requirement of a set of profiles, in the order of their files; each name once.
#[must_use]
pub fn clauses(set: &ProfileSet) -> Vec<Clause> {
    let mut all = Vec::new();
    for (number, profile) in set.profiles.iter().enumerate() {
        all.extend(of_profile(number, profile));
    }
    let mut seen = std::collections::HashSet::new();
    all.retain(|clause| seen.insert(clause.id.clone()));
    all
}

fn of_profile(number: usize, profile: &Profile) -> Vec<Clause> {
    let mut maker = Maker { profile: number, name: &profile.name, resource: "", use_case: None, clauses: Vec::new() };
    if let Some((version, line)) = &profile.protocol.min_version {
        let required = format!("the service implements Redfish {version} or newer");
        maker.add("MinVersion", Aspect::Protocol, Level::Mandatory, required, None, *line);
    }
    for (feature, wanted) in &profile.protocol.features {
        let required = format!("the protocol has {feature}");
        maker.add(feature, Aspect::Protocol, of_wish(wanted.demand), required, None, wanted.line);
    }
    for (resource, use_cases) in &profile.resources {
        maker.resource = resource;
        for (at, use_case) in use_cases.iter().enumerate() {
            maker.use_case = name_of_use_case(use_cases, at);
            maker.use_case(use_case);
        }
    }
    maker.use_case = None;
    for (name, registry) in &profile.registries {
        maker.resource = name;
        let purpose = registry.purpose.as_deref();
        let level = of_read(registry.read);
        maker.add("", Aspect::Registry, level, format!("the message registry {name} is there"), purpose, registry.line);
        if let Some(version) = registry.min_version {
            let required = format!("the message registry {name} has version {version} or newer");
            maker.add("", Aspect::RegistryVersion, level, required, purpose, registry.line);
        }
        for (message, (read, line)) in &registry.messages {
            let required = format!("the message {message} is in the registry {name}");
            maker.add(message, Aspect::Message, of_read(*read), required, None, *line);
        }
    }
    maker.clauses
}

impl Maker<'_> {
    fn add(&mut self, path: &str, aspect: Aspect, level: Level, required: String, purpose: Option<&str>, line: usize) {
        let id = name(self.name, self.resource, self.use_case.as_deref(), path, aspect);
        self.clauses.push(Clause {
            uuid: uuid(&id),
            id,
            profile: self.profile,
            resource: self.resource.to_owned(),
            use_case: self.use_case.clone(),
            path: path.to_owned(),
            aspect,
            level,
            required,
            purpose: purpose.map(str::to_owned),
            line,
        });
    }

    fn use_case(&mut self, use_case: &UseCase) {
        let resource = self.resource;
        let article = if resource.starts_with(['A', 'E', 'I', 'O']) { "an" } else { "a" };
        let one = format!("{article} {resource}");
        let (purpose, line) = (use_case.purpose.as_deref(), use_case.line);
        let level = with_conditions(of_read(use_case.read), &use_case.conditions);
        let required = match use_case.read {
            Read::Excluded => format!("no {resource} is there"),
            Read::Mandatory | Read::Supported => format!("{one} is there"),
            Read::Recommended => format!("{one} should be there"),
            Read::IfImplemented | Read::IfPopulated => format!("{one} is there, where the service has such a thing"),
            Read::Conditional => format!("{one} is there, under a condition"),
            Read::None => format!("{one} may be there"),
        };
        self.add("", Aspect::Resource, level, required, purpose, line);
        if let Some(version) = use_case.min_version {
            let required = format!("each {resource} has the schema's version {version} or newer");
            self.add("", Aspect::Version, Level::Mandatory, required, purpose, line);
        }
        for (wanted, aspect, what) in [
            (use_case.create, Aspect::Create, "created"),
            (use_case.delete, Aspect::Delete, "deleted"),
            (use_case.update, Aspect::Update, "changed"),
        ] {
            if wanted {
                let required = format!("members of {resource} can be {what}");
                self.add("", aspect, Level::Mandatory, required, purpose, line);
            }
        }
        for (name, property) in &use_case.properties {
            self.property(name, property);
        }
        for (name, action) in &use_case.actions {
            self.action(name, action);
        }
    }

    fn property(&mut self, path: &str, property: &Property) {
        let what = format!("{}: {path}", self.resource);
        let (purpose, line) = (property.purpose.as_deref(), property.line);
        let level = with_conditions(of_read(property.read), &property.conditions);
        let required = match property.read {
            Read::Mandatory => format!("{what} is there"),
            Read::Supported => format!("{what} is there in one instance at least"),
            Read::Recommended if level == Level::Mandatory => {
                format!("{what} should be there, and must be under a condition")
            }
            Read::Recommended => format!("{what} should be there"),
            Read::IfImplemented => format!("{what} is there, where the service has such a thing"),
            Read::IfPopulated => format!("{what} is there, unless the resource is absent"),
            Read::Conditional => format!("{what} is there, under a condition"),
            Read::Excluded => format!("{what} is not there"),
            Read::None => format!("{what} may be there"),
        };
        self.add(path, Aspect::Read, level, required, purpose, line);
        let writes = property.conditions.iter().filter_map(|condition| condition.write).chain([property.write]);
        if let Some(write) = writes.max_by_key(|write| weight(*write)).filter(|write| *write != Write::None) {
            let (level, how) = match write {
                Write::Mandatory => (Level::Mandatory, "is writable"),
                Write::Supported => (Level::Mandatory, "is writable in one instance at least"),
                Write::Recommended | Write::None => (Level::Recommended, "should be writable"),
            };
            self.add(path, Aspect::Write, level, format!("{what} {how}"), purpose, line);
        }
        if let Some(count) = property.min_count {
            let required = format!("{what} has {count} items or more");
            self.add(path, Aspect::Count, Level::Mandatory, required, purpose, line);
        }
        if !property.min_support_values.is_empty() {
            let required = format!("{what} takes {}", property.min_support_values.join(", "));
            self.add(path, Aspect::SupportedValues, Level::Mandatory, required, purpose, line);
        }
        let checks = property.check.iter().chain(property.conditions.iter().filter_map(|of| of.check.as_ref()));
        if let Some(check) = checks.into_iter().next() {
            let values: Vec<String> = check.values.iter().map(ToString::to_string).collect();
            let required = match check.comparison {
                Comparison::LinkToResource => format!("{what} links to {}", values.join(" or ")),
                comparison => format!("{what}: {} {}", comparison.word(), values.join(", ")),
            };
            self.add(path, Aspect::Values, Level::Mandatory, required, purpose, line);
        }
        for (name, inner) in &property.properties {
            self.property(&format!("{path}/{name}"), inner);
        }
    }

    fn action(&mut self, name: &str, action: &Action) {
        let path = action_path(self.resource, name);
        let what = format!("{}: the action {name}", self.resource);
        let (purpose, line) = (action.purpose.as_deref(), action.line);
        let level = of_read(action.read);
        let required = match level {
            Level::Mandatory => format!("{what} is there"),
            Level::Recommended | Level::None => format!("{what} should be there"),
        };
        self.add(&path, Aspect::Action, level, required, purpose, line);
        if action.action_info != Demand::None {
            let required = format!("{what} is described by an ActionInfo");
            self.add(&path, Aspect::ActionInfo, of_wish(action.action_info), required, purpose, line);
        }
        for (parameter, wanted) in &action.parameters {
            self.parameter(&format!("{path}/{parameter}"), &format!("{what}: {parameter}"), wanted);
        }
    }

    fn parameter(&mut self, path: &str, what: &str, parameter: &Parameter) {
        let (level, line) = (of_read(parameter.read), parameter.line);
        let verb = if level == Level::Mandatory { "is" } else { "should be" };
        self.add(path, Aspect::Parameter, level, format!("{what} {verb} a parameter"), None, line);
        if !parameter.values.is_empty() {
            let required = format!("{what} takes {}", parameter.values.join(", "));
            self.add(path, Aspect::ParameterValues, level, required, None, line);
        }
        if !parameter.recommended.is_empty() {
            let required = format!("{what} should take {}", parameter.recommended.join(", "));
            self.add(path, Aspect::RecommendedValues, Level::Recommended, required, None, line);
        }
    }
}

fn of_read(read: Read) -> Level {
    match read {
        Read::Recommended => Level::Recommended,
        Read::None => Level::None,
        _ => Level::Mandatory,
    }
}

fn of_wish(demand: Demand) -> Level {
    match demand {
        Demand::Mandatory => Level::Mandatory,
        Demand::Recommended => Level::Recommended,
        Demand::None => Level::None,
    }
}

/// The heaviest of what is required with and without the conditions.
fn with_conditions(level: Level, conditions: &[Condition]) -> Level {
    conditions.iter().map(|condition| of_read(condition.read)).chain([level]).min().unwrap_or(level)
}

fn weight(write: Write) -> u8 {
    match write {
        Write::None => 0,
        Write::Recommended => 1,
        Write::Supported => 2,
        Write::Mandatory => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::{Aspect, name, uuid};

    #[test]
    fn names_hold_no_white_space_and_uuids_stay() {
        let id = name("OCP Service Baseline", "Chassis", Some("The primary one"), "Boot/@Redfish.X", Aspect::Read);
        assert_eq!(id, "profile.OCP-Service-Baseline.Chassis(The-primary-one).Boot.@Redfish.X.read");
        // Reports and guidelines that were written with it stand or fall with it.
        assert_eq!(uuid("profile.A.B.read"), "d47ca624-fe22-5e83-a70b-7ffce0cf028d");
    }
}
