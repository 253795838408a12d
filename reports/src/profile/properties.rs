//! What profiles ask of properties.

use assay_guidelines::profile::{Aspect, Check, Comparison, Property, Read, Write, name as name_of};
use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::compare::{Compared, compare, find_here, short};
use super::evaluate::{At, Effective, Evaluator, Found};
use super::report::{Cause, Verdict};

/// A property that is looked at.
#[derive(Clone, Copy)]
struct Here<'a, 'b> {
    name: &'b str,
    property: &'a Property,
    wanted: Effective<'a>,
    /// The names that lead to it, as the requirement has them.
    names: &'b str,
    /// The same with the numbers of items.
    path: &'b str,
}

impl<'a> Evaluator<'a> {
    /// Holds the properties of an object against what is asked of them; the last object of the scope is the one.
    pub(super) fn properties(
        &mut self,
        at: &At<'_>,
        wanted: &'a IndexMap<String, Property>,
        scope: &[&'a Map<String, Value>],
        (names, path): (&str, &str),
    ) {
        for (name, property) in wanted {
            let names = if names.is_empty() { name.clone() } else { format!("{names}/{name}") };
            let path = format!("{path}/{name}");
            let base = (property.read, property.write, property.check.as_ref());
            let wanted = self.effective(at, base, &property.conditions, scope);
            self.property(at, &Here { name, property, wanted, names: &names, path: &path }, scope);
        }
    }

    fn property(&mut self, at: &At<'_>, here: &Here<'a, '_>, scope: &[&'a Map<String, Value>]) {
        let condition = here.wanted.condition;
        let Some(object) = scope.last().copied() else { return };
        let value = object.get(here.name);
        let read = |this: &mut Self, verdict, cause, seen: String| {
            this.note(at, here.names, here.path, Aspect::Read, Found::new(verdict, cause, seen).under(condition));
        };
        if let Some(newer) = &here.property.replaced_by
            && find_here(newer, scope).is_some()
        {
            let seen = format!("the newer property {newer} stands for it");
            return read(self, Verdict::Skipped, Cause::NotApplicable, seen);
        }
        if let Some(older) = &here.property.replaces
            && value.is_none()
            && find_here(older, scope).is_some()
        {
            let seen = format!("it is not there, and the older property {older} is");
            return read(self, Verdict::Warn, Cause::Missing, seen);
        }
        let required = match here.wanted.read {
            Read::IfPopulated if !is_absent(scope) => Read::Mandatory,
            other => other,
        };
        let missing = || "it is not there".to_owned();
        match (required, value) {
            (Read::Conditional, _) => {
                read(self, Verdict::Skipped, Cause::NotApplicable, "no condition holds".to_owned());
                return;
            }
            (Read::IfPopulated, _) => {
                read(self, Verdict::Skipped, Cause::NotApplicable, "the resource is absent".to_owned());
                return;
            }
            (Read::None, _) => {
                read(self, Verdict::Skipped, Cause::NotApplicable, "nothing is asked".to_owned());
                return;
            }
            (Read::Excluded, None) => return read(self, Verdict::Pass, Cause::Kept, missing()),
            (Read::Excluded, Some(value)) => {
                return read(self, Verdict::Fail, Cause::Wrong, format!("it is there: {}", short(value)));
            }
            (Read::Mandatory, None) => return read(self, Verdict::Fail, Cause::Missing, missing()),
            (Read::Recommended | Read::IfImplemented, None) => {
                return read(self, Verdict::Skipped, Cause::Missing, missing());
            }
            (Read::Supported, value) => {
                let found = match value {
                    Some(value) => Found::new(Verdict::Pass, Cause::Kept, short(value)),
                    None => Found::new(Verdict::Skipped, Cause::Missing, missing()),
                };
                let place = self.place(at, here.names, here.path, Aspect::Read, found.under(condition));
                let group = self.group((place.requirement.clone(), condition), None);
                group.met |= value.is_some();
                group.members.push(place);
            }
            (_, Some(value)) => read(self, Verdict::Pass, Cause::Kept, short(value)),
        }
        if let Some(value) = value {
            self.present(at, here, value, scope);
        }
    }

    /// A property that is there.
    fn present(&mut self, at: &At<'_>, here: &Here<'a, '_>, value: &'a Value, scope: &[&'a Map<String, Value>]) {
        self.writable(at, here, scope);
        if let Some(count) = here.property.min_count {
            self.count(at, here, value, count);
        }
        if !here.property.min_support_values.is_empty() {
            self.supported_values(at, here, scope);
        }
        if let Some(check) = here.wanted.check {
            self.values(at, here, value, check);
        }
        if here.property.properties.is_empty() {
            return;
        }
        let inner = &here.property.properties;
        let within = |this: &mut Self, value: &'a Value, path: &str| match value {
            Value::Object(object) => {
                let scope: Vec<_> = scope.iter().copied().chain([object]).collect();
                this.properties(at, inner, &scope, (here.names, path));
            }
            value => {
                let seen = format!("it is {}, so that nothing in it can be looked at", short(value));
                let found = Found::new(Verdict::Warn, Cause::Wrong, seen).under(here.wanted.condition);
                this.note(at, here.names, here.path, Aspect::Read, found);
            }
        };
        match value {
            Value::Array(items) => {
                for (number, item) in items.iter().enumerate().filter(|(_, item)| !item.is_null()) {
                    within(self, item, &format!("{}/{number}", here.path));
                }
            }
            value => within(self, value, here.path),
        }
    }

    fn writable(&mut self, at: &At<'_>, here: &Here<'a, '_>, scope: &[&'a Map<String, Value>]) {
        let write = here.wanted.write;
        if write == Write::None {
            return;
        }
        let said = says_writable(at, here.name, scope);
        let not = if write == Write::Mandatory { Verdict::Fail } else { Verdict::Skipped };
        let found = match said {
            Writable::Yes => Found::new(Verdict::Pass, Cause::Kept, "the service lists it as writable"),
            Writable::NotListed => Found::new(not, Cause::Missing, "the service does not list it as writable"),
            Writable::Nothing => Found::new(not, Cause::Missing, "the resource takes neither PATCH nor PUT"),
            Writable::NotSaid => {
                Found::new(Verdict::NotTested, Cause::NotSaid, "the service does not say whether it is writable")
            }
        };
        let found = found.under(here.wanted.condition);
        if write == Write::Supported {
            let place = self.place(at, here.names, here.path, Aspect::Write, found);
            let group = self.group((place.requirement.clone(), here.wanted.condition), None);
            // One that may be writable cannot be held against the service.
            group.met |= matches!(said, Writable::Yes | Writable::NotSaid);
            group.members.push(place);
        } else {
            self.note(at, here.names, here.path, Aspect::Write, found);
        }
    }

    fn count(&mut self, at: &At<'_>, here: &Here<'a, '_>, value: &Value, count: u64) {
        let found = match value.as_array() {
            None => Found::new(Verdict::Warn, Cause::Wrong, format!("it is no array but {}", short(value))),
            Some(items) => {
                let mut there = items.iter().filter(|item| !item.is_null()).count();
                if here.path == "/Members" {
                    there += self.members_of_pages(at.uri);
                }
                let enough = there as u64 >= count;
                let (verdict, cause) =
                    if enough { (Verdict::Pass, Cause::Kept) } else { (Verdict::Fail, Cause::Missing) };
                Found::new(verdict, cause, format!("{there} items"))
            }
        };
        self.note(at, here.names, here.path, Aspect::Count, found.under(here.wanted.condition));
    }

    fn supported_values(&mut self, at: &At<'_>, here: &Here<'a, '_>, scope: &[&'a Map<String, Value>]) {
        let allowable = scope.last().and_then(|object| object.get(&format!("{}@Redfish.AllowableValues", here.name)));
        let found = match allowable {
            None => {
                Found::new(Verdict::NotTested, Cause::NotSaid, "the service does not list the values that it takes")
            }
            Some(Value::Array(values)) => {
                let missing: Vec<&str> = here
                    .property
                    .min_support_values
                    .iter()
                    .map(String::as_str)
                    .filter(|wanted| !values.iter().any(|value| value == wanted))
                    .collect();
                if missing.is_empty() {
                    Found::new(Verdict::Pass, Cause::Kept, "it takes all of them")
                } else {
                    Found::new(Verdict::Fail, Cause::Missing, format!("it does not take {}", missing.join(", ")))
                }
            }
            Some(other) => {
                let seen = format!("what should list the values is no array but {}", short(other));
                Found::new(Verdict::Warn, Cause::Wrong, seen)
            }
        };
        self.note(at, here.names, here.path, Aspect::SupportedValues, found.under(here.wanted.condition));
    }

    fn values(&mut self, at: &At<'_>, here: &Here<'a, '_>, value: &'a Value, check: &'a Check) {
        let condition = here.wanted.condition;
        if matches!(check.comparison, Comparison::AnyOf | Comparison::AllOf) {
            let found = Found::new(Verdict::Pass, Cause::Kept, short(value)).under(condition);
            let place = self.place(at, here.names, here.path, Aspect::Values, found);
            let key = (name_of(at.profile, at.type_name, at.use_case, here.names, Aspect::Values), condition);
            let group = self.group(key, Some(check));
            match value {
                Value::Array(items) => group.values.extend(items),
                value => group.values.push(value),
            }
            group.members.push(place);
            return;
        }
        let found = match compare(self.collected, check, Some(value)) {
            Compared::Yes => Found::new(Verdict::Pass, Cause::Kept, short(value)),
            Compared::No(why) => Found::new(Verdict::Fail, Cause::Wrong, why),
            Compared::Unknown(why) => Found::new(Verdict::NotTested, Cause::NotRead, why),
        };
        self.note(at, here.names, here.path, Aspect::Values, found.under(condition));
    }
}

/// What a service says of writing to a property.
#[derive(Clone, Copy)]
enum Writable {
    Yes,
    /// It lists others.
    NotListed,
    /// Nothing of the resource can be written.
    Nothing,
    NotSaid,
}

fn says_writable(at: &At<'_>, name: &str, scope: &[&Map<String, Value>]) -> Writable {
    if super::resources::allows(at.resource, &["PATCH", "PUT"]) == Some(false) {
        return Writable::Nothing;
    }
    let listed = scope.last().and_then(|object| object.get("@Redfish.WriteableProperties")).and_then(Value::as_array);
    match listed {
        Some(listed) if listed.iter().any(|other| other == name) => Writable::Yes,
        Some(_) => Writable::NotListed,
        None => Writable::NotSaid,
    }
}

/// Whether an object, or the resource that it is in, says that it is absent.
fn is_absent(scope: &[&Map<String, Value>]) -> bool {
    let state = |object: &Map<String, Value>| {
        object.get("Status").and_then(|status| status.get("State")).is_some_and(|state| state == "Absent")
    };
    scope.first().is_some_and(|root| state(root)) || scope.last().is_some_and(|object| state(object))
}
