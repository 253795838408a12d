//! What profiles ask of resources as wholes, and which resources a use case is about.

use assay_guidelines::profile::{Applies, Aspect, Profile, Read, UseCase, Version, Write, name_of_use_case};
use regex_lite::RegexBuilder;
use serde_json::{Map, Value};

use super::collected::{ROOT, Resource, Role, type_name};
use super::compare::{Compared, compare, find};
use super::evaluate::{At, Evaluator, Found};
use super::links::{Address, address};
use super::report::{Cause, Verdict};

/// The service as a whole is no resource.
static NOWHERE: Resource =
    Resource { status: None, allow: None, json: None, error: None, from: None, role: Role::Resource };

impl<'a> Evaluator<'a> {
    /// Where something of the service as a whole is noted.
    pub(super) fn whole<'b>(profile: &'b str, type_name: &'b str, use_case: Option<&'b str>) -> At<'b> {
        At { profile, type_name, use_case, uri: "", resource: &NOWHERE }
    }

    pub(super) fn resources(&mut self, profile: &'a Profile, type_name: &'a str, use_cases: &'a [UseCase]) {
        let instances = self.of_type(type_name);
        for (number, use_case) in use_cases.iter().enumerate() {
            let title = name_of_use_case(use_cases, number);
            let whole = Self::whole(&profile.name, type_name, title.as_deref());
            let mut found = Vec::new();
            for (uri, resource, object) in &instances {
                if self.applies(use_case, uri, object) {
                    found.push(*uri);
                    let at = At { uri, resource, ..whole };
                    self.resource(&at, use_case, object);
                }
            }
            self.is_there(&whole, use_case, &found);
        }
    }

    /// Whether a use case is about a resource.
    fn applies(&self, use_case: &UseCase, uri: &str, object: &Map<String, Value>) -> bool {
        if !uri_fits(&use_case.uris, uri) {
            return false;
        }
        match &use_case.applies {
            Applies::Always => true,
            Applies::Absent => {
                object.get("Status").and_then(|status| status.get("State")).is_some_and(|state| state == "Absent")
            }
            Applies::Key { property, check } => {
                let path = format!("/{}", property.trim_start_matches('/'));
                compare(self.collected, check, find(&path, &[object])) == Compared::Yes
            }
            Applies::Below { resource, property, check } => {
                let mut above = uri;
                while let Some((next, _)) = above.rsplit_once('/')
                    && next.len() > ROOT.len()
                {
                    above = next;
                    if self.collected.type_of(above) == Some(*resource) {
                        let value = self.collected.object(above).and_then(|object| object.get(*property));
                        return compare(self.collected, check, value) == Compared::Yes;
                    }
                }
                false
            }
        }
    }

    /// Whether a resource that a use case asks for is there.
    fn is_there(&mut self, whole: &At<'_>, use_case: &'a UseCase, found: &[&str]) {
        let seen = match found {
            [] if self.collected.complete => "none is there".to_owned(),
            [] => "none was read, but not all was read".to_owned(),
            [only] => (*only).to_owned(),
            [first, ..] => format!("{} of them, such as {first}", found.len()),
        };
        let mut found = match (use_case.read, found.is_empty()) {
            (Read::Excluded, false) => Found::new(Verdict::Fail, Cause::Wrong, seen),
            (Read::Excluded, true) | (_, false) => Found::new(Verdict::Pass, Cause::Kept, seen),
            (Read::Mandatory | Read::Supported, true) => Found::new(Verdict::Fail, Cause::Missing, seen),
            (Read::Recommended | Read::IfImplemented | Read::IfPopulated, true) => {
                Found::new(Verdict::Skipped, Cause::Missing, seen)
            }
            (Read::Conditional | Read::None, true) => Found::new(Verdict::Skipped, Cause::NotApplicable, seen),
        };
        // Where the reading ended before its end, what was not found may be there.
        if found.cause == Cause::Missing && !self.collected.complete {
            found.verdict = Verdict::NotTested;
            found.cause = Cause::NotRead;
        }
        self.note(whole, "", "", Aspect::Resource, found);
    }

    fn resource(&mut self, at: &At<'_>, use_case: &'a UseCase, object: &'a Map<String, Value>) {
        self.capabilities(at, use_case, object);
        self.properties(at, &use_case.properties, &[object], ("", ""));
        self.actions(at, &use_case.actions, object);
    }

    /// How many members the pages have that continue a collection.
    pub(super) fn members_of_pages(&self, uri: &str) -> usize {
        let mut seen = vec![uri.to_owned()];
        let mut members = 0;
        while let Some(page) = seen.last().and_then(|uri| self.collected.object(uri))
            && let Some(next) = page.get("Members@odata.nextLink").and_then(Value::as_str)
            && let Address::Here(next) = address(next)
            && !seen.contains(&next)
        {
            let more = self.collected.object(&next).and_then(|page| page.get("Members")).and_then(Value::as_array);
            members += more.map_or(0, Vec::len);
            seen.push(next);
        }
        members
    }

    fn capabilities(&mut self, at: &At<'_>, use_case: &'a UseCase, object: &'a Map<String, Value>) {
        let base = (use_case.read, Write::None, None);
        let condition = self.effective(at, base, &use_case.conditions, &[object]).condition;
        if let Some(least) = use_case.min_version {
            let version = type_name(object).and_then(|(_, version)| version);
            self.note(at, "", "", Aspect::Version, version_found(version, least).under(condition));
        }
        let asked = [
            (use_case.create, Aspect::Create, &["POST"][..]),
            (use_case.delete, Aspect::Delete, &["DELETE"]),
            (use_case.update, Aspect::Update, &["PATCH", "PUT"]),
        ];
        for (_, aspect, methods) in asked.into_iter().filter(|(asked, ..)| *asked) {
            let found = self.can(at, object, aspect, methods);
            self.note(at, "", "", aspect, found.under(condition));
        }
    }

    /// Whether members can be created, deleted or changed, as the header `Allow` of the collection or of a member says.
    fn can(&self, at: &At<'_>, object: &Map<String, Value>, aspect: Aspect, methods: &[&str]) -> Found {
        if !at.type_name.ends_with("Collection") {
            return Found::new(Verdict::NotTested, Cause::NotSaid, "it is no collection, so that it has no members");
        }
        let (of, allowed) = if aspect == Aspect::Create {
            ("the collection", allows(at.resource, methods))
        } else {
            let member =
                object.get("Members").and_then(|members| members.get(0)).and_then(|first| first.get("@odata.id"));
            let Some(Address::Here(member)) = member.and_then(Value::as_str).map(address) else {
                return Found::new(Verdict::NotTested, Cause::NotRead, "the collection has no member to look at");
            };
            let Some(member) = self.collected.at(&member) else {
                return Found::new(Verdict::NotTested, Cause::NotRead, format!("the member {member} was not read"));
            };
            ("a member", allows(member, methods))
        };
        match allowed {
            Some(true) => Found::new(Verdict::Pass, Cause::Kept, format!("{of} allows {}", methods.join(" or "))),
            Some(false) => {
                Found::new(Verdict::Fail, Cause::Missing, format!("{of} does not allow {}", methods.join(" or ")))
            }
            None => Found::new(Verdict::Warn, Cause::NotSaid, format!("{of} has no header Allow that would say so")),
        }
    }
}

pub(super) fn version_found(version: Option<Version>, least: Version) -> Found {
    match version {
        None => Found::new(Verdict::NotTested, Cause::NotSaid, "its type has no version"),
        Some(version) if version >= least => Found::new(Verdict::Pass, Cause::Kept, version.to_string()),
        Some(version) => Found::new(Verdict::Fail, Cause::Wrong, format!("{version} is older than {least}")),
    }
}

/// Whether a resource allows one of these methods; none, if it does not say.
pub(super) fn allows(resource: &Resource, methods: &[&str]) -> Option<bool> {
    let allow = resource.allow.as_deref().filter(|allow| !allow.trim().is_empty())?;
    Some(allow.split(',').any(|allowed| methods.iter().any(|method| allowed.trim().eq_ignore_ascii_case(method))))
}

/// Whether an address is one of those that a profile lists; any is, if it lists none.
pub(super) fn uri_fits(uris: &[String], uri: &str) -> bool {
    uris.is_empty() || uris.iter().any(|pattern| fits(pattern, uri))
}

fn fits(pattern: &str, uri: &str) -> bool {
    if pattern.starts_with('^') {
        return RegexBuilder::new(pattern).size_limit(1 << 20).build().is_ok_and(|pattern| pattern.is_match(uri));
    }
    let (pattern, uri) = (pattern.trim_end_matches('/'), uri.trim_end_matches('/'));
    let is_name = |part: &str| part.starts_with('{') && part.ends_with('}');
    pattern.split('/').count() == uri.split('/').count()
        && pattern
            .split('/')
            .zip(uri.split('/'))
            .all(|(wanted, part)| (is_name(wanted) && !part.is_empty()) || wanted == part)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn addresses_fit_templates_and_regular_expressions() {
        let template = "/redfish/v1/Managers/{ManagerId}/EthernetInterfaces/{EthernetInterfaceId}";
        assert!(fits(template, "/redfish/v1/Managers/BMC/EthernetInterfaces/1"));
        assert!(!fits(template, "/redfish/v1/Systems/1/EthernetInterfaces/1"));
        assert!(!fits(template, "/redfish/v1/Managers/BMC/EthernetInterfaces"));
        assert!(fits("^/redfish/v1/Systems/[0-9]+$", "/redfish/v1/Systems/17"));
        assert!(!fits("^/redfish/v1/Systems/[0-9]+$", "/redfish/v1/Systems/x"));
    }
}
