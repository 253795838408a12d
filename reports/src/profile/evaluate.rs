//! Holding what was collected of services against a set of profiles.

use std::collections::HashMap;

use assay_guidelines::profile::{
    Aspect, Check, Clause, Comparison, Condition, ProfileSet, Read, Write, clauses, name as name_of,
};
use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::collected::{Collected, ROOT, Resource, Role, type_name};
use super::compare::{Compared, all_of, any_of, compare, find};
use super::report::{
    Cause, Counts, PROFILE_SCHEMA, Place, ProfileReport, ProfileUsed, ProfileVerdict, RequirementReport, ServiceReport,
    Unevaluated, Unread, Verdict,
};

/// Holds services against a set of profiles.
#[must_use]
pub fn evaluate(set: &ProfileSet, services: &[Collected]) -> ProfileReport {
    let clauses = clauses(set);
    let mut places = Vec::new();
    let mut reports = Vec::new();
    for collected in services {
        let mut evaluator = Evaluator::new(set, collected);
        evaluator.run();
        let found = evaluator.finish();
        reports.push(service_report(collected, &found));
        places.extend(found);
    }
    let requirements = requirements(set, &clauses, &places);
    let mut counts: IndexMap<_, Counts> = IndexMap::new();
    for requirement in &requirements {
        counts.entry(requirement.level).or_default().add(requirement.verdict);
    }
    counts.sort_keys();
    let verdict = if places.iter().any(|place| place.verdict == Verdict::Fail) {
        ProfileVerdict::Broken
    } else if places.iter().any(|place| place.verdict == Verdict::Pass) {
        ProfileVerdict::Fulfilled
    } else {
        ProfileVerdict::Unknown
    };
    ProfileReport {
        schema: PROFILE_SCHEMA.to_owned(),
        assay: env!("CARGO_PKG_VERSION").to_owned(),
        verdict,
        profiles: set.profiles.iter().map(used).collect(),
        counts,
        services: reports,
        requirements,
        places,
        unevaluated: set.profiles.iter().flat_map(unevaluated).collect(),
    }
}

fn used(profile: &assay_guidelines::profile::Profile) -> ProfileUsed {
    let file = std::path::Path::new(&profile.file).file_name().unwrap_or_default();
    ProfileUsed {
        name: profile.name.clone(),
        version: profile.version.to_string(),
        file: file.to_string_lossy().into_owned(),
        sha256: profile.sha256.clone(),
        purpose: profile.purpose.clone(),
    }
}

fn unevaluated(profile: &assay_guidelines::profile::Profile) -> impl Iterator<Item = Unevaluated> {
    profile.unknown.iter().map(|unknown| Unevaluated {
        profile: profile.name.clone(),
        line: unknown.line,
        column: unknown.column,
        path: unknown.path.clone(),
        message: unknown.message.clone(),
    })
}

fn service_report(collected: &Collected, places: &[Place]) -> ServiceReport {
    let mut counts = Counts::default();
    for place in places {
        counts.add(place.verdict);
    }
    let root = collected.object(ROOT);
    let text = |key: &str| root.and_then(|root| root.get(key)).and_then(Value::as_str).map(str::to_owned);
    let unread = collected.resources.iter().filter_map(|(uri, resource)| {
        let reason = match (&resource.error, resource.status, &resource.json) {
            (Some(error), ..) => error.clone(),
            (None, Some(200), Some(Value::Object(_))) => return None,
            (None, Some(200), Some(_)) => "the body is no JSON object".to_owned(),
            (None, Some(200), None) => "the body is not JSON".to_owned(),
            (None, Some(status), _) => format!("it answers {status}"),
            (None, None, _) => "it does not answer".to_owned(),
        };
        Some(Unread { uri: uri.clone(), status: resource.status, reason, from: resource.from.clone() })
    });
    ServiceReport {
        name: collected.service.name.clone(),
        endpoint: collected.service.endpoint.clone(),
        redfish_version: text("RedfishVersion"),
        product: text("Product"),
        resources: collected.resources.len(),
        complete: collected.complete,
        counts,
        notes: collected.notes.clone(),
        unread: unread.collect(),
    }
}

/// The worst that was found of each requirement.
fn requirements(set: &ProfileSet, clauses: &[Clause], places: &[Place]) -> Vec<RequirementReport> {
    let mut found: HashMap<&str, Vec<&Place>> = HashMap::new();
    for place in places {
        found.entry(&place.requirement).or_default().push(place);
    }
    let weight = |place: &&&Place| match place.verdict {
        Verdict::Skipped => 0,
        Verdict::NotTested => 1,
        Verdict::Pass => 2,
        Verdict::Warn => 3,
        Verdict::Fail => 4,
    };
    let report = |clause: &Clause| {
        let places = found.get(clause.id.as_str()).map(Vec::as_slice).unwrap_or_default();
        let mut counts = Counts::default();
        for place in places {
            counts.add(place.verdict);
        }
        // Of equally bad places, the first is shown.
        let worst = places.iter().rev().max_by_key(weight);
        let (verdict, cause, seen) = worst.map_or_else(
            || (Verdict::NotTested, Cause::NotRead, "no place where it could be looked for is there".to_owned()),
            |worst| {
                let place = format!("{}{}", worst.uri, worst.path);
                let at = if place.is_empty() { String::new() } else { format!(" ({place})") };
                (worst.verdict, worst.cause, format!("{}{at}", worst.seen))
            },
        );
        RequirementReport {
            id: clause.id.clone(),
            uuid: clause.uuid.clone(),
            profile: set.profiles.get(clause.profile).map(|profile| profile.name.clone()).unwrap_or_default(),
            line: clause.line,
            resource: clause.resource.clone(),
            use_case: clause.use_case.clone(),
            path: clause.path.clone(),
            aspect: clause.aspect,
            level: clause.level,
            required: clause.required.clone(),
            purpose: clause.purpose.clone(),
            verdict,
            cause,
            seen,
            counts,
        }
    };
    clauses.iter().map(report).collect()
}

/// Something that the instances of a resource must have together.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// What is asked of them; none, if one of them must have it.
    pub check: Option<&'a Check>,
    pub values: Vec<&'a Value>,
    /// Whether one of them has it, or may have it.
    pub met: bool,
    pub members: Vec<Place>,
}

/// What is asked of one thing, once its conditions are known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effective<'a> {
    pub read: Read,
    pub write: Write,
    pub check: Option<&'a Check>,
    /// The line of the condition that holds.
    pub condition: Option<usize>,
}

/// The resource that is looked at, and what is asked of it.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub profile: &'a str,
    pub type_name: &'a str,
    pub use_case: Option<&'a str>,
    pub uri: &'a str,
    pub resource: &'a Resource,
}

/// Evaluates one service.
pub(super) struct Evaluator<'a> {
    pub set: &'a ProfileSet,
    pub collected: &'a Collected,
    pub groups: IndexMap<(String, Option<usize>), Group<'a>>,
    places: Vec<Place>,
}

impl<'a> Evaluator<'a> {
    fn new(set: &'a ProfileSet, collected: &'a Collected) -> Self {
        Self { set, collected, groups: IndexMap::new(), places: Vec::new() }
    }

    fn run(&mut self) {
        for profile in &self.set.profiles {
            self.protocol(profile);
            for (type_name, use_cases) in &profile.resources {
                self.resources(profile, type_name, use_cases);
            }
            self.registries(profile);
        }
    }

    /// The resources of a type, that are resources of their own.
    pub fn of_type(&self, wanted: &str) -> Vec<(&'a str, &'a Resource, &'a Map<String, Value>)> {
        let mut found = Vec::new();
        for (uri, resource) in &self.collected.resources {
            if resource.role == Role::Resource
                && let Some(object) = self.collected.object(uri)
                && type_name(object).is_some_and(|(name, _)| name == wanted)
            {
                found.push((uri.as_str(), resource, object));
            }
        }
        found
    }

    /// Notes what was found at a place.
    pub fn note(&mut self, at: &At<'_>, names: &str, path: &str, aspect: Aspect, found: Found) {
        let place = self.place(at, names, path, aspect, found);
        self.places.push(place);
    }

    pub fn place(&self, at: &At<'_>, names: &str, path: &str, aspect: Aspect, found: Found) -> Place {
        let Found { verdict, cause, seen, condition } = found;
        let way = match verdict {
            Verdict::Pass | Verdict::Skipped => Vec::new(),
            _ if at.uri.is_empty() => Vec::new(),
            _ => self.collected.way_to(at.uri),
        };
        Place {
            requirement: name_of(at.profile, at.type_name, at.use_case, names, aspect),
            service: self.collected.service.name.clone(),
            uri: at.uri.to_owned(),
            path: path.to_owned(),
            verdict,
            cause,
            seen,
            condition,
            way,
        }
    }

    /// What is asked, once it is known which of the conditions holds; the first one does.
    pub fn effective(
        &self,
        at: &At<'_>,
        (read, write, check): (Read, Write, Option<&'a Check>),
        conditions: &'a [Condition],
        scope: &[&Map<String, Value>],
    ) -> Effective<'a> {
        match conditions.iter().find(|condition| self.holds(at, condition, scope)) {
            None => Effective { read, write, check, condition: None },
            Some(condition) => Effective {
                read: condition.read,
                write: condition.write.unwrap_or(write),
                check: condition.check.as_ref().or(check),
                condition: Some(condition.line),
            },
        }
    }

    fn holds(&self, at: &At<'_>, condition: &Condition, scope: &[&Map<String, Value>]) -> bool {
        if !super::resources::uri_fits(&condition.uris, at.uri) {
            return false;
        }
        if !self.is_below(at.uri, &condition.subordinate_to) {
            return false;
        }
        condition
            .compare
            .as_ref()
            .is_none_or(|(property, check)| compare(self.collected, check, find(property, scope)) == Compared::Yes)
    }

    /// Whether the addresses above one are of these types, the last of them next to it.
    fn is_below(&self, uri: &str, types: &[String]) -> bool {
        let mut uri = uri;
        types.iter().rev().all(|wanted| match uri.rsplit_once('/') {
            Some((above, _)) if above.len() > ROOT.len() => {
                uri = above;
                self.collected.type_of(above) == Some(wanted)
            }
            _ => false,
        })
    }

    /// Adds to what the instances must have together.
    pub fn group(&mut self, key: (String, Option<usize>), check: Option<&'a Check>) -> &mut Group<'a> {
        let new = || Group { check, values: Vec::new(), met: false, members: Vec::new() };
        self.groups.entry(key).or_insert_with(new)
    }

    /// What was found, with what the instances have together.
    fn finish(mut self) -> Vec<Place> {
        for (_, group) in std::mem::take(&mut self.groups) {
            let compared = match group.check {
                Some(check) if check.comparison == Comparison::AllOf => {
                    all_of(&check.values, group.values.iter().copied())
                }
                Some(check) => any_of(&check.values, group.values.iter().copied()),
                None if group.met => Compared::Yes,
                None => Compared::No("no instance has it".to_owned()),
            };
            for mut place in group.members {
                match &compared {
                    Compared::No(why) => {
                        place.verdict = Verdict::Fail;
                        place.cause = if group.check.is_some() { Cause::Wrong } else { Cause::Missing };
                        let what = if group.check.is_some() { " in any instance" } else { "" };
                        place.seen = format!("{}; {why}{what}", place.seen);
                        place.way = self.collected.way_to(&place.uri);
                    }
                    Compared::Yes | Compared::Unknown(_) => {}
                }
                self.places.push(place);
            }
        }
        self.places
    }
}

/// What was found at a place.
pub(super) struct Found {
    pub verdict: Verdict,
    pub cause: Cause,
    pub seen: String,
    pub condition: Option<usize>,
}

impl Found {
    pub fn new(verdict: Verdict, cause: Cause, seen: impl Into<String>) -> Self {
        Self { verdict, cause, seen: seen.into(), condition: None }
    }

    pub fn under(mut self, condition: Option<usize>) -> Self {
        self.condition = condition;
        self
    }
}
