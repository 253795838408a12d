//! What profiles ask of actions and their parameters.

use assay_guidelines::profile::{Action, Aspect, Demand, Parameter, Read, action_path};
use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::evaluate::{At, Evaluator, Found};
use super::links::{Address, address};
use super::report::{Cause, Verdict};

/// What a service says of one parameter.
enum Said<'a> {
    /// It has the parameter, and takes these values, if it lists any.
    Has(Option<&'a Vec<Value>>),
    /// It lists its parameters, and this one is not among them.
    HasNot,
    /// It does not list its parameters.
    Nothing,
}

impl<'a> Evaluator<'a> {
    pub(super) fn actions(
        &mut self,
        at: &At<'_>,
        wanted: &'a IndexMap<String, Action>,
        resource: &'a Map<String, Value>,
    ) {
        for (name, action) in wanted {
            self.action(at, name, action, resource);
        }
    }

    fn action(&mut self, at: &At<'_>, name: &str, action: &'a Action, resource: &'a Map<String, Value>) {
        let names = action_path(at.type_name, name);
        let path = format!("/{names}");
        let key = format!("#{}.{name}", at.type_name);
        let there = resource.get("Actions").and_then(|actions| actions.get(&key));
        let missing = "the resource does not offer it";
        let found = match (action.read, there) {
            (Read::None | Read::Conditional, _) => {
                Found::new(Verdict::Skipped, Cause::NotApplicable, "nothing is asked")
            }
            (Read::Excluded, Some(_)) => Found::new(Verdict::Fail, Cause::Wrong, "the resource offers it"),
            (Read::Excluded, None) => Found::new(Verdict::Pass, Cause::Kept, missing),
            (_, Some(_)) => Found::new(Verdict::Pass, Cause::Kept, "the resource offers it"),
            (Read::Mandatory, None) => Found::new(Verdict::Fail, Cause::Missing, missing),
            (Read::Supported | Read::Recommended | Read::IfImplemented | Read::IfPopulated, None) => {
                Found::new(Verdict::Skipped, Cause::Missing, missing)
            }
        };
        if action.read == Read::Supported {
            let place = self.place(at, &names, &path, Aspect::Action, found);
            let group = self.group((place.requirement.clone(), None), None);
            group.met |= there.is_some();
            group.members.push(place);
        } else {
            self.note(at, &names, &path, Aspect::Action, found);
        }
        if let (Some(Value::Object(there)), false) =
            (there, matches!(action.read, Read::None | Read::Conditional | Read::Excluded))
        {
            self.described(at, &names, action, there);
            for (parameter, wanted) in &action.parameters {
                self.parameter(at, &format!("{names}/{parameter}"), parameter, wanted, there);
            }
        }
    }

    /// Whether a resource describes the action's parameters.
    fn described(&mut self, at: &At<'_>, names: &str, action: &Action, there: &Map<String, Value>) {
        let found = match (action.action_info, there.get("@Redfish.ActionInfo")) {
            (Demand::None, _) => return,
            (_, Some(_)) => Found::new(Verdict::Pass, Cause::Kept, "the action links to one"),
            (Demand::Mandatory, None) => Found::new(Verdict::Fail, Cause::Missing, "the action links to none"),
            (Demand::Recommended, None) => Found::new(Verdict::Skipped, Cause::Missing, "the action links to none"),
        };
        self.note(at, names, &format!("/{names}"), Aspect::ActionInfo, found);
    }

    fn parameter(&mut self, at: &At<'_>, names: &str, name: &str, wanted: &Parameter, action: &'a Map<String, Value>) {
        let path = format!("/{names}");
        if wanted.read == Read::None {
            let found = Found::new(Verdict::Skipped, Cause::NotApplicable, "nothing is asked");
            return self.note(at, names, &path, Aspect::Parameter, found);
        }
        let said = self.said(name, action);
        let not = if wanted.read == Read::Mandatory { Verdict::Fail } else { Verdict::Skipped };
        let found = match said {
            Said::Has(_) => Found::new(Verdict::Pass, Cause::Kept, "the service describes it"),
            Said::HasNot => Found::new(not, Cause::Missing, "the service lists other parameters only"),
            Said::Nothing => Found::new(Verdict::NotTested, Cause::NotSaid, "the service does not list its parameters"),
        };
        self.note(at, names, &path, Aspect::Parameter, found);
        let asked = [
            (&wanted.values, Aspect::ParameterValues, not),
            (&wanted.recommended, Aspect::RecommendedValues, Verdict::Skipped),
        ];
        for (values, aspect, not) in asked.into_iter().filter(|(values, ..)| !values.is_empty()) {
            let found = match &said {
                Said::Has(Some(taken)) => {
                    let missing: Vec<&str> = values
                        .iter()
                        .map(String::as_str)
                        .filter(|wanted| !taken.iter().any(|value| value == wanted))
                        .collect();
                    if missing.is_empty() {
                        Found::new(Verdict::Pass, Cause::Kept, "it takes all of them")
                    } else {
                        Found::new(not, Cause::Missing, format!("it does not take {}", missing.join(", ")))
                    }
                }
                Said::HasNot => Found::new(not, Cause::Missing, "the service lists other parameters only"),
                Said::Has(None) | Said::Nothing => {
                    Found::new(Verdict::NotTested, Cause::NotSaid, "the service does not list the values that it takes")
                }
            };
            self.note(at, names, &path, aspect, found);
        }
    }

    /// What the action itself, or the resource that describes it, says of a parameter.
    fn said(&self, name: &str, action: &'a Map<String, Value>) -> Said<'a> {
        if let Some(values) = action.get(&format!("{name}@Redfish.AllowableValues")) {
            return Said::Has(values.as_array());
        }
        let info = action.get("@Redfish.ActionInfo").and_then(Value::as_str).map(address);
        let Some(Address::Here(info)) = info else { return Said::Nothing };
        let Some(parameters) = self.collected.object(&info).and_then(|info| info.get("Parameters")?.as_array()) else {
            return Said::Nothing;
        };
        match parameters.iter().find(|parameter| parameter.get("Name").is_some_and(|other| other == name)) {
            Some(parameter) => Said::Has(parameter.get("AllowableValues").and_then(Value::as_array)),
            None => Said::HasNot,
        }
    }
}
