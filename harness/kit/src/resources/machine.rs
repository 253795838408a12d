//! The state of a node that tests change, and which is put back:
//! <https://docs.openstack.org/api-ref/baremetal/#nodes-nodes>.
//!
//! What it was is journalled before anything is changed. Putting it back looks at what it is, and takes the next step
//! from there, again and again: the test may have been broken off in any state.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::bare_metal::newest;
use super::machine_settings::{self as settings, Before};
use super::{Kind, Resource};
use crate::http::address::encode;
use crate::http::client::Client;
use crate::http::response::Response;
use crate::json::Json;
use crate::outcome::{Evidence as _, Outcome, Stop};

/// How long a node may be busy before it is changed.
const BUSY: Duration = Duration::from_secs(60);
/// How long putting a node back may take. A real machine is cleaned when it is deployed no more.
const PATIENCE: Duration = Duration::from_secs(3600);
/// How long a state that waits for the machine is left to itself before it is aborted.
const WAITING: Duration = Duration::from_secs(2);

pub(crate) fn path(id: &str) -> String {
    format!("nodes/{}", encode(id))
}

pub(crate) async fn show(client: &Client, id: &str) -> Outcome<Json> {
    client.get(&path(id)).require(200).await?.json()
}

/// The body of an answer, or null where it is no JSON.
pub(super) fn body(answer: &Response) -> Value {
    serde_json::from_slice(answer.bytes()).unwrap_or_default()
}

/// Waits longer each time.
pub(super) struct Pause(Duration);

impl Pause {
    pub(super) fn new() -> Self {
        Self(Duration::from_millis(200))
    }

    pub(super) async fn wait(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 3 / 2).min(Duration::from_secs(2));
    }
}

/// Puts a node back into the state that it was found in.
pub(super) async fn put_back(client: &Client, resource: &Resource) -> Outcome {
    let (Some(id), Some(previous)) = (&resource.id, &resource.previous) else { return Ok(()) };
    let client = newest(client);
    if client.guard.since().is_some() {
        client.guard.takes(client.caller.log.id(), resource);
    }
    let before = Before::read(previous)
        .map_err(|error| Stop::Error(format!("what the journal says of {resource} is no JSON: {error}")))?;
    unlock(&client, id, &before).await?;
    if !settings::bios_differs(&client, id, &before).await?.is_empty() {
        // BIOS settings are written by a step of cleaning, which begins there.
        walk(&client, resource, id, "manageable").await?;
        settings::bios(&client, id, &before).await?;
    }
    walk(&client, resource, id, before.provision_state()).await?;
    settings::put_back(&client, id, &before).await
}

/// Why a node is left alone: somebody has taken it since the run found it.
pub(super) async fn taken(client: &Client, resource: &Resource) -> Outcome<Option<String>> {
    let guard = &client.guard;
    if resource.kind != Kind::Machine && guard.since().is_none() {
        return Ok(None);
    }
    Ok(guard.strays(&client.caller, resource).await?.or_else(|| guard.is_old()))
}

/// Takes away what would hinder the node on its way.
async fn unlock(client: &Client, id: &str, before: &Before) -> Outcome {
    let begun = Instant::now();
    let mut pause = Pause::new();
    loop {
        let node = show(client, id).await?;
        let hinders = |key: &str| node.value()[key] == true && !before.has(key, &Value::Bool(true));
        let mut changes = Vec::new();
        for key in ["protected", "retired"].into_iter().filter(|key| hinders(key)) {
            changes.push(json!({"op": "replace", "path": format!("/{key}"), "value": false}));
        }
        let maintenance = node.value()["maintenance"] == true;
        if changes.is_empty() && !maintenance {
            return Ok(());
        }
        if begun.elapsed() > BUSY {
            let expected = Some(format!("within {} s", BUSY.as_secs()));
            return Err(node.fail("a machine is put back: no conductor keeps it reserved".into(), expected, None));
        }
        if !changes.is_empty() {
            client.patch(&path(id)).json(&changes.into()).require([200, 409]).await?;
        }
        if maintenance {
            client.delete(&format!("{}/maintenance", path(id))).require([202, 409]).await?;
        }
        pause.wait().await;
    }
}

/// Leads a node to a state, from whatever state it is in.
async fn walk(client: &Client, resource: &Resource, id: &str, wanted: &str) -> Outcome {
    let begun = Instant::now();
    let (mut pause, mut waiting) = (Pause::new(), None);
    loop {
        let node = show(client, id).await?;
        let state = node.get("provision_state")?.text()?.to_owned();
        if begun.elapsed() > PATIENCE {
            let expected = Some(format!("`{wanted}` within {} s", PATIENCE.as_secs()));
            let actual = format!("`{state}`, last error {}", node.value()["last_error"]);
            return Err(node.fail(format!("{resource} is put back"), expected, Some(actual)));
        }
        if node.value()["reservation"].is_null() {
            if node.value()["maintenance"] == true {
                client.delete(&format!("{}/maintenance", path(id))).require([202, 409]).await?;
            }
            if state == wanted {
                return Ok(());
            }
            let waits = state.ends_with("wait") || state == "wait call-back";
            let since = *waiting.get_or_insert_with(Instant::now);
            if !waits {
                waiting = None;
            }
            if let Some(verb) = verb(&state, wanted).filter(|_| !waits || since.elapsed() > WAITING) {
                let change = client.put(&format!("{}/states/provision", path(id))).json(&json!({"target": verb}));
                // Busy or moving on by itself: it is looked at again.
                change.require([202, 400, 409]).await?;
                pause = Pause::new();
            }
        }
        pause.wait().await;
    }
}

/// What leads from a state nearer to the wanted one; none where the node moves by itself.
fn verb(state: &str, wanted: &str) -> Option<&'static str> {
    Some(match state {
        "enroll" | "clean failed" | "inspect failed" | "adopt failed" => "manage",
        "manageable" => "provide",
        "available" if wanted == "manageable" => "manage",
        "active" | "deploy failed" | "wait call-back" | "error" | "rescue" | "rescue failed" | "rescue wait"
        | "unrescue failed" | "service failed" => "deleted",
        "clean wait" | "clean hold" | "deploy hold" | "inspect wait" | "service wait" | "service hold" => "abort",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// What a node comes to by itself or by a verb, as Ironic's documentation of its states draws it.
    fn next(state: &str, verb: Option<&str>) -> &'static str {
        match (state, verb) {
            ("enroll", Some("manage")) => "verifying",
            ("verifying" | "clean failed" | "inspect failed" | "adopt failed" | "available", _) => "manageable",
            ("manageable", Some("provide")) | ("deleting", None) => "cleaning",
            ("cleaning", None) => "available",
            ("clean wait" | "clean hold", Some("abort")) => "clean failed",
            ("deploy hold", Some("abort")) => "deploy failed",
            ("inspect wait", Some("abort")) | ("inspecting", None) => "inspect failed",
            ("service wait" | "service hold", Some("abort")) => "service failed",
            (_, Some("deleted")) => "deleting",
            ("deploying" | "unrescuing" | "adopting" | "servicing", None) => "active",
            ("rescuing", None) => "rescue",
            (state, verb) => panic!("{state} with {verb:?}"),
        }
    }

    #[test]
    fn every_state_leads_back_to_both() {
        let states = [
            "enroll",
            "verifying",
            "manageable",
            "available",
            "inspecting",
            "inspect wait",
            "inspect failed",
            "cleaning",
            "clean wait",
            "clean hold",
            "clean failed",
            "deploying",
            "wait call-back",
            "deploy hold",
            "deploy failed",
            "active",
            "deleting",
            "error",
            "rescuing",
            "rescue",
            "rescue wait",
            "rescue failed",
            "unrescuing",
            "unrescue failed",
            "adopting",
            "adopt failed",
            "servicing",
            "service wait",
            "service hold",
            "service failed",
        ];
        for wanted in ["available", "manageable"] {
            for begin in states {
                let (mut state, mut seen) = (begin, BTreeSet::new());
                while state != wanted {
                    assert!(seen.insert(state), "{begin} to {wanted}: {state} again");
                    state = next(state, super::verb(state, wanted));
                }
            }
        }
    }
}
