//! Whether a node of the bare-metal service is still where the run has led it, or somebody else has taken it since.

use std::collections::BTreeSet;

use assay_text::excerpt;
use serde_json::{Value, json};

use crate::resources::Resource;

/// The states of a node that is deployed, or about to be: <https://docs.openstack.org/ironic/latest/user/states.html>.
const DEPLOYED: [&str; 18] = [
    "active",
    "deploying",
    "deploy failed",
    "deploy hold",
    "wait call-back",
    "error",
    "rescue",
    "rescuing",
    "rescue failed",
    "rescue wait",
    "unrescuing",
    "unrescue failed",
    "servicing",
    "service failed",
    "service wait",
    "service hold",
    "adopting",
    "adopt failed",
];
/// The member of `instance_info` that holds a name of the run where the run has deployed a node.
pub const MARK: &str = "assay";
/// The member of a journalled node that holds the verbs that the run has asked for.
const ASKED: &str = "asked";

/// What a node was when the run found it, and the changes of its provision state that the run has asked for since.
#[derive(Debug, Clone, Default)]
pub(crate) struct Course {
    before: Value,
    asked: BTreeSet<String>,
}

impl Course {
    /// That of a machine as the journal keeps it.
    pub(crate) fn of(resource: &Resource) -> Self {
        let before = resource.previous.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let before: Value = before.unwrap_or_default();
        let verbs = before[ASKED].as_array().into_iter().flatten();
        let asked = verbs.filter_map(|verb| verb.as_str().map(str::to_owned)).collect();
        Self { before, asked }
    }

    /// Notes a verb that the run is about to ask for; gives what the journal keeps from now on, if that is new.
    pub(super) fn asks(&mut self, verb: &str) -> Option<String> {
        self.asked.insert(verb.to_owned()).then(|| {
            self.before[ASKED] = json!(self.asked);
            self.before.to_string()
        })
    }

    /// The instance that a node belongs to and did not belong to when it was found.
    pub(super) fn new_instance<'a>(&self, node: &'a Value) -> Option<&'a str> {
        let instance = &node["instance_uuid"];
        instance.as_str().filter(|_| *instance != self.before["instance_uuid"])
    }

    /// Whether a node in this state can be where the run has led it.
    fn leads_to(&self, state: &str, is_deployed_here: bool) -> bool {
        let asked = |verbs: &[&str]| verbs.iter().any(|verb| self.asked.contains(*verb));
        match state {
            state if DEPLOYED.contains(&state) => is_deployed_here,
            "deleting" => asked(&["deleted"]),
            "cleaning" | "clean wait" | "clean hold" | "clean failed" => asked(&["clean", "provide", "deleted"]),
            "inspecting" | "inspect wait" | "inspect failed" => asked(&["inspect"]),
            "enroll" | "verifying" => asked(&["manage"]),
            "manageable" | "available" => {
                !self.asked.is_empty() || self.before["provision_state"].as_str().is_none_or(|found| found == state)
            }
            _ => false,
        }
    }

    /// Why a node is not where the run has led it, by its own description; `None` if it is.
    pub(super) fn departs(&self, run: &str, node: &Value) -> Option<String> {
        let is_run = |text: &Value| text.as_str().is_some_and(|text| text.contains(run));
        let mark = node["instance_info"][MARK].as_str();
        let is_deployed_here = mark.is_some_and(|mark| assay_record::naming::is_generated(mark, run));
        let state = node["provision_state"].as_str().unwrap_or_default();
        if !self.leads_to(state, is_deployed_here) {
            let done = if DEPLOYED.contains(&state) { "deployed it" } else { "changed its state" };
            return Some(format!(
                "it is in the state `{}`: somebody else has {done} since the run found it",
                excerpt(state)
            ));
        }
        // The service itself puts a node that fails into maintenance, and names the fault.
        let maintained = node["maintenance"] == true && node["fault"].is_null();
        let flags = [
            ("protected it", "protected", node["protected"] == true),
            ("retired it", "retired", node["retired"] == true),
            ("put it into maintenance", "maintenance", maintained),
        ];
        for (done, key, is_set) in flags {
            let reason = &node[format!("{key}_reason")];
            if is_set && self.before[key] != true && !is_run(reason) {
                let reason = excerpt(reason.as_str().unwrap_or_default());
                return Some(format!("somebody has {done} since the run found it (`{reason}`)"));
            }
        }
        let text =
            |extra: &Value| json!(extra.as_object().filter(|extra| !extra.is_empty()).map(|_| extra.to_string()));
        let mut marks = vec![("owner", node["owner"].clone()), ("description", node["description"].clone())];
        if !is_deployed_here {
            // A service may name who deployed it.
            marks.push(("lessee", node["lessee"].clone()));
        }
        if !self.asked.contains("inspect") {
            // An inspection may write there.
            marks.push(("extra", text(&node["extra"])));
        }
        marks.into_iter().find_map(|(key, now)| {
            let before = if key == "extra" { text(&self.before[key]) } else { self.before[key].clone() };
            let is_known = !self.before.is_null();
            let set = now.as_str().filter(|text| is_known && !text.is_empty() && now != before && !is_run(&now))?;
            Some(format!("somebody has set its {key} to `{}` since the run found it", excerpt(set)))
        })
    }
}
