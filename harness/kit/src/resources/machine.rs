//! The state of a node that tests change, and which is put back:
//! <https://docs.openstack.org/api-ref/baremetal/#nodes-nodes>.
//!
//! What it was is journalled before anything is changed. Putting it back looks at what it is, and takes the next step
//! from there, again and again: the test may have been broken off in any state.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::{Kind, Planned, Resource};
use crate::context::Cx;
use crate::http::client::{Client, encode};
use crate::http::response::Response;
use crate::json::Json;
use crate::need::Service;
use crate::outcome::{Evidence as _, Outcome, Stop};

/// How long a node may be busy before a test takes it.
const BUSY: Duration = Duration::from_secs(60);
/// How long putting a node back may take. A real machine is cleaned when it is deployed no more.
const PATIENCE: Duration = Duration::from_secs(900);
/// How long a state that waits for the machine is left to itself before it is aborted.
const WAITING: Duration = Duration::from_secs(2);
/// The fields that are put back with a PATCH.
const FIELDS: [&str; 13] = [
    "automated_clean",
    "description",
    "extra",
    "instance_info",
    "instance_uuid",
    "lessee",
    "network_data",
    "owner",
    "properties",
    "protected",
    "resource_class",
    "retired",
    "retired_reason",
];

/// A node that tests may change, for one test.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Its UUID.
    pub id: String,
    /// The name that it is listed under.
    pub name: String,
    /// The node as it was found.
    pub found: Json,
}

impl Machine {
    /// The path of the node.
    #[must_use]
    pub fn path(&self) -> String {
        path(&self.id)
    }
}

fn path(id: &str) -> String {
    format!("nodes/{}", encode(id))
}

/// All fields are known to the newest microversion.
fn newest(client: &Client) -> Client {
    client.microversion(Service::BareMetal, "latest")
}

/// Looks at a node and announces that it will be changed.
pub(crate) async fn announce(cx: &Cx, name: &str, id: &str) -> Outcome<Machine> {
    let client = newest(&cx.bare_metal()?);
    let node = cx.settled(BUSY, || show(&client, id), |node| node.value()["reservation"].is_null()).await?;
    let state = node.get("provision_state")?.text()?.to_owned();
    let refused =
        |why: &str| Err(Stop::Error(format!("machine `{name}` {why}: list another one in the deployment file")));
    if !matches!(state.as_str(), "available" | "manageable") {
        return refused(&format!("is in the state `{state}`, and tests take only one that is available or manageable"));
    }
    if node.value()["maintenance"] == true {
        return refused("is in maintenance");
    }
    if !node.value()["instance_uuid"].is_null() {
        return refused("belongs to an instance");
    }
    let previous = found(&client, id, &node).await?.to_string();
    let resource = Resource { previous: Some(previous), id: Some(id.to_owned()), ..Resource::new(Kind::Machine, name) };
    let _: Planned = cx.will_create(resource)?;
    Ok(Machine { id: id.to_owned(), name: name.to_owned(), found: node })
}

async fn show(client: &Client, id: &str) -> Outcome<Json> {
    client.get(&path(id)).require(200).await?.json()
}

/// What is put back.
async fn found(client: &Client, id: &str, node: &Json) -> Outcome<Value> {
    let mut found = Map::new();
    for key in FIELDS.into_iter().chain(["provision_state", "power_state", "console_enabled"]) {
        if let Some(value) = node.value().get(key) {
            found.insert(key.to_owned(), value.clone());
        }
    }
    found.insert("traits".into(), traits(client, id).await?);
    found.insert("boot_device".into(), boot_device(client, id).await?);
    Ok(found.into())
}

async fn traits(client: &Client, id: &str) -> Outcome<Value> {
    let answer = client.get(&format!("{}/traits", path(id))).send().await?;
    Ok(body(&answer)["traits"].clone())
}

/// The device and whether it is persistent; null where the driver does not tell.
async fn boot_device(client: &Client, id: &str) -> Outcome<Value> {
    let answer = client.get(&format!("{}/management/boot_device", path(id))).send().await?;
    let device = body(&answer);
    Ok(if answer.status() == 200 && device["boot_device"].is_string() { device } else { Value::Null })
}

fn body(answer: &Response) -> Value {
    serde_json::from_slice(answer.bytes()).unwrap_or_default()
}

/// Puts a node back into the state that it was found in.
pub(super) async fn put_back(client: &Client, resource: &Resource) -> Outcome {
    let (Some(id), Some(previous)) = (&resource.id, &resource.previous) else { return Ok(()) };
    let client = newest(client);
    let previous: Value = serde_json::from_str(previous)
        .map_err(|error| Stop::Error(format!("what the journal says of {resource} is no JSON: {error}")))?;
    let wanted = previous["provision_state"].as_str().unwrap_or("available");
    let begun = Instant::now();
    let (mut pause, mut waiting) = (Duration::from_millis(200), None);
    loop {
        let node = show(&client, id).await?;
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
            if node.value()["protected"] == true && previous["protected"] != true {
                patch(&client, id, &json!([{"op": "replace", "path": "/protected", "value": false}])).await?;
            }
            if state == wanted {
                break;
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
                pause = Duration::from_millis(200);
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_secs(2));
    }
    fields(&client, id, &previous).await?;
    power(&client, id, &previous).await
}

/// What leads from a state nearer to the wanted one; none where the node moves by itself.
fn verb(state: &str, wanted: &str) -> Option<&'static str> {
    Some(match state {
        "enroll" | "clean failed" | "inspect failed" | "adopt failed" => "manage",
        "manageable" => "provide",
        "available" if wanted == "manageable" => "manage",
        "active" | "deploy failed" | "deploy hold" | "wait call-back" | "error" | "rescue" | "rescue failed"
        | "rescue wait" | "unrescue failed" => "deleted",
        "clean wait" | "clean hold" | "inspect wait" | "service wait" | "service hold" | "service failed" => "abort",
        _ => return None,
    })
}

async fn patch(client: &Client, id: &str, changes: &Value) -> Outcome {
    client.patch(&path(id)).json(changes).require([200, 409]).await.map(drop)
}

/// Puts back what is written as it is read.
async fn fields(client: &Client, id: &str, previous: &Value) -> Outcome {
    let node = show(client, id).await?;
    let changes: Vec<Value> = FIELDS
        .into_iter()
        .filter(|key| node.value().get(*key) != previous.get(*key))
        .filter_map(|key| match previous.get(key)? {
            Value::Null => Some(json!({"op": "remove", "path": format!("/{key}")})),
            value => Some(json!({"op": "add", "path": format!("/{key}"), "value": value})),
        })
        .collect();
    if !changes.is_empty() {
        client.patch(&path(id)).json(&changes.into()).require(200).await?;
    }
    if previous["traits"].is_array() && traits(client, id).await? != previous["traits"] {
        let traits = json!({"traits": previous["traits"]});
        client.put(&format!("{}/traits", path(id))).json(&traits).require(204).await?;
    }
    if let Some(console) = previous["console_enabled"].as_bool()
        && node.value()["console_enabled"] != console
    {
        let console = json!({"enabled": console});
        client.put(&format!("{}/states/console", path(id))).json(&console).require([202, 400]).await?;
    }
    if previous["boot_device"].is_object() && boot_device(client, id).await? != previous["boot_device"] {
        let device = client.put(&format!("{}/management/boot_device", path(id))).json(&previous["boot_device"]);
        device.require(204).await?;
    }
    Ok(())
}

/// Puts the power back: a machine that was off is off again.
async fn power(client: &Client, id: &str, previous: &Value) -> Outcome {
    let Some(wanted) = previous["power_state"].as_str() else { return Ok(()) };
    let begun = Instant::now();
    let (mut pause, mut asked) = (Duration::from_millis(200), false);
    loop {
        let node = show(client, id).await?;
        let busy = !node.value()["reservation"].is_null() || !node.value()["target_power_state"].is_null();
        if !busy && node.value()["power_state"] == wanted {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE || (asked && !busy && !node.value()["last_error"].is_null()) {
            let actual = format!("{}, last error {}", node.value()["power_state"], node.value()["last_error"]);
            return Err(node.fail("the power is put back".into(), Some(wanted.to_owned()), Some(actual)));
        }
        if !busy && !asked {
            let answer = client.put(&format!("{}/states/power", path(id))).json(&json!({"target": wanted}));
            asked = answer.require([202, 409]).await?.status() == 202;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_secs(2));
    }
}
