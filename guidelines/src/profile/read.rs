//! Reads a profile from the text of its file.

use indexmap::IndexMap;
use sha2::{Digest, Sha256};

use super::model::{
    Action, Applies, Check, Condition, Feature, Parameter, Profile, Property, Protocol, Registry, Required, UseCase,
};
use super::parts::{Object, Parts, join};
use super::version::Version;
use super::words::{Comparison, Demand, Read, Write};
use crate::import::json;
use crate::load::{LARGEST, too_large};
use crate::node::{self, Node};
use crate::problem::{Collector, Errors};

/// What may stand at the head of a profile; some of it is for readers only.
const HEAD: &[&str] = &[
    "SchemaDefinition",
    "ProfileName",
    "ProfileVersion",
    "ProfileType",
    "Purpose",
    "OwningEntity",
    "ContributedBy",
    "ContactInfo",
    "License",
    "RequiredProfiles",
    "Protocol",
    "Resources",
    "Registries",
];
const FEATURES: &[&str] = &[
    "Discovery",
    "HostInterface",
    "ExpandQuery",
    "FilterQuery",
    "SelectQuery",
    "OnlyQuery",
    "ExcerptQuery",
    "DeepPATCH",
    "DeepPOST",
];
const USE_CASE: &[&str] = &[
    "MinVersion",
    "Repository",
    "ReadRequirement",
    "URIs",
    "CreateResource",
    "DeleteResource",
    "UpdateResource",
    "Purpose",
    "UseCaseType",
    "UseCaseTitle",
    "UseCaseKeyProperty",
    "UseCaseKeyValues",
    "UseCaseComparison",
    "RequiredResourceProfile",
    "ConditionalRequirements",
    "PropertyRequirements",
    "ActionRequirements",
];
const PROPERTY: &[&str] = &[
    "ReadRequirement",
    "WriteRequirement",
    "ReplacedByProperty",
    "ReplacesProperty",
    "Priority",
    "Purpose",
    "MinCount",
    "MinSupportValues",
    "Comparison",
    "Values",
    "ConditionalRequirements",
    "PropertyRequirements",
];
const CONDITION: &[&str] = &[
    "ReadRequirement",
    "WriteRequirement",
    "Purpose",
    "URIs",
    "SubordinateToResource",
    "Comparison",
    "Values",
    "CompareProperty",
    "CompareType",
    "CompareValues",
];

/// Reads a profile from the text of its file; `name` is what errors call the file.
pub fn parse(name: &str, text: &str) -> Result<Profile, Errors> {
    if text.len() > LARGEST {
        return Err(too_large("profile", name));
    }
    let sha256 = base16ct::lower::encode_string(&Sha256::digest(text));
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Collector::of(&crate::kind::GUIDELINE, name, text);
    if !json::is_json(text, &mut found) {
        return Err(found.into_errors());
    }
    let text = json::without_surrogates(text);
    let mut parts = Parts::new(name, &text);
    let Some(root) = node::tree(&text, &mut parts.found) else {
        return Err(parts.found.into_errors());
    };
    let profile = profile(&mut parts, &root);
    match profile {
        Some(profile) if parts.found.is_empty() => {
            Ok(Profile { file: name.to_owned(), sha256, unknown: parts.unknown, ..profile })
        }
        _ => Err(parts.found.into_errors()),
    }
}

fn profile(parts: &mut Parts<'_>, root: &Node) -> Option<Profile> {
    let file = parts.object(root, "", HEAD);
    let help = "a profile has `ProfileName`, `ProfileVersion` and `Resources`; is this the right file?";
    for key in ["ProfileName", "ProfileVersion"] {
        parts.must_have(&file, key, help);
    }
    if ["Resources", "Registries", "Protocol", "RequiredProfiles"].iter().all(|key| file.get(key).is_none()) {
        parts.must_have(&file, "Resources", help);
    }
    let name = parts.text(&file, "ProfileName")?;
    let version = parts.version(&file, "ProfileVersion")?;
    let required = named(parts, &file, "RequiredProfiles", |parts, node, path| {
        let object = parts.object(node, path, &["MinVersion", "Repository"]);
        let least = Version { major: 0, minor: 0, errata: 0 };
        let (line, column) = parts.place(node);
        Required { min_version: parts.version(&object, "MinVersion").unwrap_or(least), line, column }
    });
    let protocol = file.get("Protocol").map(|node| protocol(parts, node)).unwrap_or_default();
    let resources = named(parts, &file, "Resources", resource);
    let registries = named(parts, &file, "Registries", registry);
    Some(Profile {
        file: String::new(),
        sha256: String::new(),
        name,
        version,
        schema_definition: parts.text(&file, "SchemaDefinition"),
        purpose: parts.text(&file, "Purpose"),
        owner: parts.text(&file, "OwningEntity"),
        protocol,
        required,
        resources,
        registries,
        unknown: Vec::new(),
    })
}

/// The values of an object whose keys are names.
fn named<T>(
    parts: &mut Parts<'_>,
    object: &Object<'_>,
    key: &str,
    read: impl Fn(&mut Parts<'_>, &Node, &str) -> T,
) -> IndexMap<String, T> {
    let Some(node) = object.get(key) else { return IndexMap::new() };
    let path = join(&object.path, key);
    let entries = parts.entries(node, &path);
    entries.into_iter().map(|(name, _, node)| (name.to_owned(), read(parts, node, &join(&path, name)))).collect()
}

fn protocol(parts: &mut Parts<'_>, node: &Node) -> Protocol {
    let known: Vec<&'static str> = FEATURES.iter().copied().chain(["MinVersion", "ErrorResponse"]).collect();
    let object = parts.object(node, "Protocol", &known);
    let min_version = parts.version(&object, "MinVersion").zip(object.get("MinVersion").map(|node| parts.line(node)));
    let mut features = IndexMap::new();
    for name in FEATURES {
        if let Some(demand) = parts.word::<Demand>(&object, name) {
            let line = object.get(name).map_or(0, |node| parts.line(node));
            features.insert((*name).to_owned(), Feature { demand, line });
        }
    }
    if let Some(node) = object.get("ErrorResponse") {
        let known = ["ExtendedInfo", "Resolution", "ResolutionSteps", "ResolutionTypes"];
        let errors = parts.object(node, "Protocol/ErrorResponse", &known);
        for name in &known[..3] {
            if let Some(demand) = parts.word::<Demand>(&errors, name) {
                let line = errors.get(name).map_or(0, |node| parts.line(node));
                features.insert(format!("ErrorResponse/{name}"), Feature { demand, line });
            }
        }
        if errors.get("ResolutionTypes").is_some() && !parts.texts(&errors, "ResolutionTypes").is_empty() {
            let feature = Feature { demand: Demand::Mandatory, line: parts.line(node) };
            features.insert("ErrorResponse/ResolutionTypes".to_owned(), feature);
        }
    }
    Protocol { min_version, features }
}

fn resource(parts: &mut Parts<'_>, node: &Node, path: &str) -> Vec<UseCase> {
    if node.get("UseCases").is_none() {
        return vec![use_case(parts, node, path, false, 0)];
    }
    let object = parts.object(node, path, &["UseCases"]);
    let items = parts.items(&object, "UseCases").unwrap_or_default();
    if items.is_empty() {
        parts.bad(node, format!("`{path}` has no use case"), "describe one, or leave out `UseCases`");
    }
    let path = join(path, "UseCases");
    items.iter().enumerate().map(|(at, item)| use_case(parts, item, &join(&path, &at.to_string()), true, at)).collect()
}

fn use_case(parts: &mut Parts<'_>, node: &Node, path: &str, among_others: bool, at: usize) -> UseCase {
    let object = parts.object(node, path, USE_CASE);
    if let Some(node) = object.get("RequiredResourceProfile") {
        let message =
            "requirements of another profile for this resource are not looked up; name it in `RequiredProfiles`";
        parts.list(node, &join(path, "RequiredResourceProfile"), message.to_owned());
    }
    let title = parts.text(&object, "UseCaseTitle");
    UseCase {
        title: if among_others { title.or_else(|| Some(format!("Use Case {}", at + 1))) } else { title },
        applies: applies(parts, &object),
        uris: parts.texts(&object, "URIs"),
        min_version: parts.version(&object, "MinVersion"),
        read: parts.word(&object, "ReadRequirement").unwrap_or(Read::Mandatory),
        create: parts.truth(&object, "CreateResource"),
        delete: parts.truth(&object, "DeleteResource"),
        update: parts.truth(&object, "UpdateResource"),
        purpose: parts.text(&object, "Purpose"),
        conditions: conditions(parts, &object),
        properties: named(parts, &object, "PropertyRequirements", property),
        actions: named(parts, &object, "ActionRequirements", action),
        line: parts.line(node),
    }
}

/// Which resources a use case is about.
fn applies(parts: &mut Parts<'_>, object: &Object<'_>) -> Applies {
    const TYPES: [&str; 7] =
        ["Normal", "AbsentResource", "ChassisType", "DriveProtocol", "MemoryType", "PortProtocol", "ProcessorType"];
    let kind = parts.text(object, "UseCaseType");
    let kind = kind.as_deref().unwrap_or("Normal");
    if kind == "AbsentResource" {
        return Applies::Absent;
    }
    if !TYPES.contains(&kind)
        && let Some(node) = object.get("UseCaseType")
    {
        let help = format!("it is one of `{}`", TYPES.join("`, `"));
        parts.bad(node, format!("`UseCaseType` is `{kind}`"), &help);
    }
    let Some(values) = parts.values(object, "UseCaseKeyValues") else { return Applies::Always };
    let comparison = parts.word(object, "UseCaseComparison").unwrap_or(Comparison::Equal);
    let check = Check { comparison, values };
    let (resource, property) = match kind {
        "ChassisType" => ("Chassis", "ChassisType"),
        "DriveProtocol" => ("Drive", "Protocol"),
        "MemoryType" => ("Memory", "MemoryType"),
        "PortProtocol" => ("Port", "Protocol"),
        "ProcessorType" => ("Processor", "ProcessorType"),
        _ => {
            let help = "name the property whose values tell the resources apart";
            parts.must_have(object, "UseCaseKeyProperty", help);
            let property = parts.text(object, "UseCaseKeyProperty").unwrap_or_default();
            return Applies::Key { property, check };
        }
    };
    Applies::Below { resource, property, check }
}

/// The comparison of `Values`; the one of any of them, unless it says otherwise.
fn check(parts: &mut Parts<'_>, object: &Object<'_>) -> Option<Check> {
    let comparison = parts.word::<Comparison>(object, "Comparison");
    match (comparison, parts.values(object, "Values")) {
        (Some(comparison @ (Comparison::Absent | Comparison::Present)), values) => {
            Some(Check { comparison, values: values.unwrap_or_default() })
        }
        (comparison, Some(values)) => Some(Check { comparison: comparison.unwrap_or(Comparison::AnyOf), values }),
        (Some(_), None) => {
            parts.must_have(object, "Values", "list the values that are compared");
            None
        }
        (None, None) => None,
    }
}

fn conditions(parts: &mut Parts<'_>, object: &Object<'_>) -> Vec<Condition> {
    let items = parts.items(object, "ConditionalRequirements").unwrap_or_default();
    let path = join(&object.path, "ConditionalRequirements");
    items.iter().enumerate().map(|(at, item)| condition(parts, item, &join(&path, &at.to_string()))).collect()
}

fn condition(parts: &mut Parts<'_>, node: &Node, path: &str) -> Condition {
    let object = parts.object(node, path, CONDITION);
    let property = parts.text(&object, "CompareProperty");
    if property.is_some() {
        parts.must_have(&object, "CompareType", "say how the property is compared, such as `Equal`");
    }
    let comparison = parts.word::<Comparison>(&object, "CompareType");
    let values = parts.values(&object, "CompareValues").unwrap_or_default();
    let compare = property.zip(comparison).map(|(property, comparison)| (property, Check { comparison, values }));
    Condition {
        read: parts.word(&object, "ReadRequirement").unwrap_or(Read::Mandatory),
        write: parts.word(&object, "WriteRequirement"),
        purpose: parts.text(&object, "Purpose"),
        uris: parts.texts(&object, "URIs"),
        subordinate_to: parts.texts(&object, "SubordinateToResource"),
        compare,
        check: check(parts, &object),
        line: parts.line(node),
    }
}

fn property(parts: &mut Parts<'_>, node: &Node, path: &str) -> Property {
    let object = parts.object(node, path, PROPERTY);
    Property {
        read: parts.word(&object, "ReadRequirement").unwrap_or(Read::Mandatory),
        write: parts.word(&object, "WriteRequirement").unwrap_or(Write::None),
        purpose: parts.text(&object, "Purpose"),
        min_count: parts.count(&object, "MinCount"),
        min_support_values: parts.texts(&object, "MinSupportValues"),
        check: check(parts, &object),
        conditions: conditions(parts, &object),
        replaces: parts.text(&object, "ReplacesProperty"),
        replaced_by: parts.text(&object, "ReplacedByProperty"),
        properties: named(parts, &object, "PropertyRequirements", property),
        line: parts.line(node),
    }
}

fn action(parts: &mut Parts<'_>, node: &Node, path: &str) -> Action {
    let object = parts.object(node, path, &["ReadRequirement", "Purpose", "ActionInfo", "Parameters"]);
    Action {
        read: parts.word(&object, "ReadRequirement").unwrap_or(Read::Mandatory),
        purpose: parts.text(&object, "Purpose"),
        action_info: parts.word(&object, "ActionInfo").unwrap_or(Demand::None),
        parameters: named(parts, &object, "Parameters", |parts, node, path| {
            let object = parts.object(node, path, &["ReadRequirement", "ParameterValues", "RecommendedValues"]);
            Parameter {
                read: parts.word(&object, "ReadRequirement").unwrap_or(Read::Mandatory),
                values: parts.texts(&object, "ParameterValues"),
                recommended: parts.texts(&object, "RecommendedValues"),
                line: parts.line(node),
            }
        }),
        line: parts.line(node),
    }
}

fn registry(parts: &mut Parts<'_>, node: &Node, path: &str) -> Registry {
    let known = ["ReadRequirement", "Purpose", "MinVersion", "Repository", "Messages", "SupportedFeatures"];
    let object = parts.object(node, path, &known);
    if let Some(node) = object.get("SupportedFeatures") {
        let message = "the features of a registry are not looked up".to_owned();
        parts.list(node, &join(path, "SupportedFeatures"), message);
    }
    Registry {
        read: parts.word(&object, "ReadRequirement").unwrap_or(Read::Mandatory),
        min_version: parts.version(&object, "MinVersion"),
        purpose: parts.text(&object, "Purpose"),
        messages: named(parts, &object, "Messages", |parts, node, path| {
            let object = parts.object(node, path, &["ReadRequirement"]);
            (parts.word(&object, "ReadRequirement").unwrap_or(Read::Mandatory), parts.line(node))
        }),
        line: parts.line(node),
    }
}
