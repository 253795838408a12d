//! What profiles ask of the protocol and of message registries, as far as a service says it.

use assay_guidelines::profile::{Aspect, Demand, Profile, Read, Registry, Version};
use serde_json::{Map, Value};

use super::collected::ROOT;
use super::compare::short;
use super::evaluate::{At, Evaluator, Found};
use super::report::{Cause, Verdict};
use super::resources::version_found;

impl<'a> Evaluator<'a> {
    pub(super) fn protocol(&mut self, profile: &'a Profile) {
        let at = Self::whole(&profile.name, "", None);
        let root = self.collected.object(ROOT);
        if let Some((least, _)) = profile.protocol.min_version {
            let said = root.and_then(|root| root.get("RedfishVersion"));
            let found = match (said.and_then(Value::as_str).and_then(Version::parse), said, root) {
                (Some(version), ..) => version_found(Some(version), least),
                (None, Some(said), _) => Found::new(
                    Verdict::Fail,
                    Cause::Wrong,
                    format!("RedfishVersion is {}, which is no version", short(said)),
                ),
                (None, None, Some(_)) => {
                    Found::new(Verdict::Fail, Cause::Missing, "the service root has no RedfishVersion")
                }
                (None, None, None) => Found::new(Verdict::NotTested, Cause::NotRead, "the service root was not read"),
            };
            self.note(&at, "MinVersion", "", Aspect::Protocol, found);
        }
        for (feature, wanted) in &profile.protocol.features {
            let found = self.feature(feature, wanted.demand);
            self.note(&at, feature, "", Aspect::Protocol, found);
        }
    }

    fn feature(&self, feature: &str, demand: Demand) -> Found {
        if demand == Demand::None {
            return Found::new(Verdict::Skipped, Cause::NotApplicable, "nothing is asked");
        }
        let path: &[&str] = match feature {
            "ExpandQuery" => &["ExpandQuery"],
            "FilterQuery" => &["FilterQuery"],
            "SelectQuery" => &["SelectQuery"],
            "OnlyQuery" => &["OnlyMemberQuery"],
            "ExcerptQuery" => &["ExcerptQuery"],
            "DeepPATCH" => &["DeepOperations", "DeepPATCH"],
            "DeepPOST" => &["DeepOperations", "DeepPOST"],
            _ => {
                let seen = "what a service's resources say does not show it";
                return Found::new(Verdict::NotTested, Cause::NotRead, seen);
            }
        };
        let features = self.collected.object(ROOT).and_then(|root| root.get("ProtocolFeaturesSupported"));
        let said = path.iter().try_fold(features, |value, key| value.map(|value| value.get(*key))).flatten();
        // `$expand` is described by an object of what it can expand.
        let has = match said {
            Some(Value::Bool(has)) => Some(*has),
            Some(Value::Object(ways)) => Some(ways.values().any(|way| way == &Value::Bool(true))),
            _ => None,
        };
        match (has, demand) {
            (Some(true), _) => Found::new(Verdict::Pass, Cause::Kept, "the service says that it has it"),
            (Some(false), Demand::Mandatory) => {
                Found::new(Verdict::Fail, Cause::Missing, "the service says that it does not have it")
            }
            (Some(false), _) => {
                Found::new(Verdict::Skipped, Cause::Missing, "the service says that it does not have it")
            }
            (None, _) => Found::new(Verdict::NotTested, Cause::NotSaid, "the service does not say whether it has it"),
        }
    }

    pub(super) fn registries(&mut self, profile: &'a Profile) {
        for (name, registry) in &profile.registries {
            let at = Self::whole(&profile.name, name, None);
            self.registry(&at, name, registry);
        }
    }

    fn registry(&mut self, at: &At<'_>, name: &str, registry: &Registry) {
        // `Base.1.8` in the list of registries; the registry itself says its prefix and version.
        let listed: Vec<(&str, Option<Version>)> = self
            .of_type("MessageRegistryFile")
            .into_iter()
            .filter_map(|(uri, _, object)| {
                let said = object.get("Registry").or_else(|| object.get("Id"))?.as_str()?;
                (said == name).then_some((uri, None)).or_else(|| {
                    let version = said.strip_prefix(name)?.strip_prefix('.')?;
                    Version::parse(version).map(|version| (uri, Some(version)))
                })
            })
            .collect();
        let texts = self.texts_of(name);
        let not = if registry.read == Read::Mandatory { Verdict::Fail } else { Verdict::Skipped };
        let version = listed
            .iter()
            .filter_map(|(_, version)| *version)
            .chain(texts.iter().filter_map(|(_, version)| *version))
            .max();
        let is_there = !listed.is_empty() || !texts.is_empty();
        let found = if registry.read == Read::None {
            Found::new(Verdict::Skipped, Cause::NotApplicable, "nothing is asked")
        } else if is_there {
            let place = listed.first().map_or("its text", |(uri, _)| uri);
            Found::new(Verdict::Pass, Cause::Kept, place)
        } else if self.collected.complete {
            Found::new(not, Cause::Missing, "no registry of that name is there")
        } else {
            Found::new(Verdict::NotTested, Cause::NotRead, "none was read, but not all was read")
        };
        self.note(at, "", "", Aspect::Registry, found);
        if !is_there || registry.read == Read::None {
            return;
        }
        if let Some(least) = registry.min_version {
            let mut found = version_found(version, least);
            if found.verdict == Verdict::Fail {
                found.verdict = not;
            }
            self.note(at, "", "", Aspect::RegistryVersion, found);
        }
        for (message, (read, _)) in &registry.messages {
            let has = texts.iter().any(|(messages, _)| messages.contains_key(message));
            let found = match (read, has, texts.is_empty()) {
                (Read::None, ..) => Found::new(Verdict::Skipped, Cause::NotApplicable, "nothing is asked"),
                (_, _, true) => {
                    Found::new(Verdict::NotTested, Cause::NotRead, "the text of the registry is not in the service")
                }
                (_, true, _) => Found::new(Verdict::Pass, Cause::Kept, "the registry has it"),
                (Read::Mandatory, false, _) => {
                    Found::new(Verdict::Fail, Cause::Missing, "the registry does not have it")
                }
                (_, false, _) => Found::new(Verdict::Skipped, Cause::Missing, "the registry does not have it"),
            };
            self.note(at, message, "", Aspect::Message, found);
        }
    }

    /// The messages and versions of the registries with that prefix whose text was read.
    fn texts_of(&self, name: &str) -> Vec<(&'a Map<String, Value>, Option<Version>)> {
        let bodies = self.collected.resources.keys().filter_map(|uri| self.collected.object(uri));
        bodies
            .filter(|body| body.get("RegistryPrefix").is_some_and(|prefix| prefix == name))
            .filter_map(|body| {
                let version = body.get("RegistryVersion").and_then(Value::as_str).and_then(Version::parse);
                Some((body.get("Messages")?.as_object()?, version))
            })
            .collect()
    }
}
