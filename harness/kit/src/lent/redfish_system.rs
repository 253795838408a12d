//! A system of a Redfish service that a test may change.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::Utc;
use serde_json::{Value, json};

use crate::context::Cx;
use crate::json::Json;
use crate::metal::Redfish;
use crate::outcome::{Outcome, Stop};
use crate::resources::redfish_system::{POWER, before, power, show};
use crate::resources::{Kind, Resource};
use crate::undo::Planned;

/// How long the state of the power may be unknown.
const UNKNOWN: Duration = Duration::from_secs(30);

/// A system that tests may change, for one test.
#[derive(Debug, Clone)]
pub struct RedfishMachine {
    /// Its path.
    pub path: String,
    /// The system as it was found.
    pub found: Json,
    planned: Planned,
    state: Arc<Mutex<Value>>,
}

impl RedfishMachine {
    /// Notes, before it is asked for, that the power is about to become `On` or `Off`.
    pub fn will_turn(&self, power: &str) -> Outcome {
        self.note(json!({"power": power, "at": Utc::now()}))
    }

    /// Notes that the power is as it was asked for.
    pub fn has_turned(&self) -> Outcome {
        self.note(Value::Null)
    }

    /// Notes that the machine does not take a boot setting, so that it cannot be put back where the machine itself changes it.
    pub fn cannot_put_back(&self, setting: &str) -> Outcome {
        self.journal(|state| {
            if let Some(boot) = state["boot"].as_object_mut() {
                boot.remove(setting);
            }
        })
    }

    fn note(&self, asked: Value) -> Outcome {
        self.journal(|state| state["asked"] = asked)
    }

    fn journal(&self, change: impl FnOnce(&mut Value)) -> Outcome {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        self.planned.found(&state.to_string())
    }
}

impl Redfish {
    /// A system that tests may change, announced: it is put back into the state that it is in now, however the test ends. The
    /// test names `RedfishMachine` in `needs` and `RedfishMachines` in `holds`.
    pub async fn machine_to_change(&self, cx: &Cx, system: &Json) -> Outcome<RedfishMachine> {
        let path = system.get("@odata.id")?.text()?.to_owned();
        if !self.client().guard.is_lent(self.client().role(), &path) {
            return Err(Stop::Error(format!("the system {path} is left alone: the deployment file does not list it")));
        }
        let look = || show(self, &path);
        let begun = Instant::now();
        // What is not known for a while is waited for, and what is never told is not.
        let found = cx.settled(POWER, look, |system| match power(system) {
            Some("On" | "Off") => true,
            Some("PoweringOn" | "PoweringOff") => false,
            _ => system.find("PowerState").is_none() || begun.elapsed() > UNKNOWN,
        });
        let found = found.await?;
        let state = before(self, &found).await?;
        let resource = Resource {
            id: Some(path.clone()),
            previous: Some(state.to_string()),
            ..Resource::new(Kind::RedfishSystem, &path).of(self.client().role())
        };
        let planned = cx.will_create(resource)?;
        Ok(RedfishMachine { path, found, planned, state: Arc::new(Mutex::new(state)) })
    }
}
