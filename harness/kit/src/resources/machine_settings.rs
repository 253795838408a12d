//! What of a node is not its provision state, and is put back too: fields, traits, settings, power.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::machine::{Pause, body, path, show};
use crate::http::address::encode;
use crate::http::client::Client;
use crate::json::Json;
use crate::outcome::{Evidence as _, Outcome};

/// What stands in place of a secret.
pub(crate) const MASK: &str = "******";
/// How long a machine may take to be switched.
const SWITCH: Duration = Duration::from_secs(180);
/// How long writing BIOS settings may take: a real machine starts for it.
const CLEAN: Duration = Duration::from_secs(3600);
/// The fields that are put back with a PATCH.
const FIELDS: [&str; 18] = [
    "automated_clean",
    "chassis_uuid",
    "conductor_group",
    "description",
    "extra",
    "instance_info",
    "instance_name",
    "instance_uuid",
    "lessee",
    "network_data",
    "owner",
    "properties",
    "protected",
    "protected_reason",
    "resource_class",
    "retired",
    "retired_reason",
    "shard",
];
/// Those that are put back in ways of their own.
const STATES: [&str; 8] = [
    "provision_state",
    "power_state",
    "console_enabled",
    "boot_mode",
    "secure_boot",
    "target_raid_config",
    "bios_interface",
    "last_error",
];

/// What a node was, as the journal keeps it.
pub(super) struct Before(Value);

impl Before {
    pub(super) fn read(previous: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(previous).map(Self)
    }

    pub(super) fn provision_state(&self) -> &str {
        self.0["provision_state"].as_str().unwrap_or("available")
    }

    pub(super) fn has(&self, key: &str, value: &Value) -> bool {
        self.0.get(key) == Some(value)
    }
}

/// What is put back.
pub(crate) async fn found(client: &Client, id: &str, node: &Json) -> Outcome<Value> {
    let mut found = Map::new();
    for key in FIELDS.into_iter().chain(STATES) {
        if let Some(value) = node.value().get(key) {
            found.insert(key.to_owned(), value.clone());
        }
    }
    found.insert("traits".into(), traits(client, id).await?);
    found.insert("boot_device".into(), boot_device(client, id).await?);
    found.insert("bios".into(), bios_settings(client, id).await?.map_or(Value::Null, |bios| json!(bios)));
    found.insert("vifs".into(), json!(vifs(client, id).await?));
    Ok(found.into())
}

async fn traits(client: &Client, id: &str) -> Outcome<Value> {
    let answer = client.get(&format!("{}/traits", path(id))).send().await?;
    let mut traits = body(&answer)["traits"].clone();
    if let Some(traits) = traits.as_array_mut() {
        traits.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
    }
    Ok(traits)
}

/// The device and whether it is persistent; null where the driver does not tell.
async fn boot_device(client: &Client, id: &str) -> Outcome<Value> {
    let answer = client.get(&format!("{}/management/boot_device", path(id))).send().await?;
    let device = body(&answer);
    Ok(if answer.status() == 200 && device["boot_device"].is_string() { device } else { Value::Null })
}

/// The names and values of BIOS settings; none where the service does not tell.
async fn bios_settings(client: &Client, id: &str) -> Outcome<Option<BTreeMap<String, Value>>> {
    let answer = client.get(&format!("{}/bios", path(id))).send().await?;
    let listed = body(&answer);
    let Some(listed) = listed["bios"].as_array().filter(|_| answer.status() == 200) else { return Ok(None) };
    let pair = |one: &Value| Some((one["name"].as_str()?.to_owned(), one["value"].clone()));
    Ok(Some(listed.iter().filter_map(pair).collect()))
}

/// The virtual interfaces that are attached.
async fn vifs(client: &Client, id: &str) -> Outcome<Vec<String>> {
    let answer = client.get(&format!("{}/vifs", path(id))).send().await?;
    let listed = body(&answer);
    let ids = listed["vifs"].as_array().into_iter().flatten().filter_map(|vif| vif["id"].as_str());
    Ok(ids.map(str::to_owned).collect())
}

/// What has to be written for the BIOS settings to be as they were: of each its name and its value, null where there was none.
pub(super) async fn bios_differs(client: &Client, id: &str, before: &Before) -> Outcome<Vec<(String, Value)>> {
    let Some(wanted) = before.0["bios"].as_object() else { return Ok(Vec::new()) };
    let Some(now) = bios_settings(client, id).await? else { return Ok(Vec::new()) };
    let changed = wanted.iter().filter(|(name, value)| now.get(*name) != Some(value));
    let mut differs: Vec<_> = changed.map(|(name, value)| (name.clone(), value.clone())).collect();
    if before.0["bios_interface"] == "fake" {
        // A real machine has the settings that it has; there they are what a test invented.
        let more = now.into_keys().filter(|name| !wanted.contains_key(name));
        differs.extend(more.map(|name| (name, Value::Null)));
    }
    Ok(differs)
}

/// Puts BIOS settings back, by a manual cleaning of a node that is manageable.
pub(super) async fn bios(client: &Client, id: &str, before: &Before) -> Outcome {
    let differs = bios_differs(client, id, before).await?;
    if differs.is_empty() {
        return Ok(());
    }
    let setting = |(name, value): (&String, &Value)| json!({"name": name, "value": value});
    let wanted = before.0["bios"].as_object().into_iter().flatten();
    let settings: Vec<Value> = if before.0["bios_interface"] == "fake" {
        // It forgets what it is not told.
        wanted.map(setting).collect()
    } else {
        differs.iter().map(|(name, value)| setting((name, value))).collect()
    };
    let step = if settings.is_empty() {
        json!({"interface": "bios", "step": "factory_reset"})
    } else {
        json!({"interface": "bios", "step": "apply_configuration", "args": {"settings": settings}})
    };
    let change = json!({"target": "clean", "clean_steps": [step]});
    client.put(&format!("{}/states/provision", path(id))).json(&change).require(202).await?;
    let begun = Instant::now();
    let mut pause = Pause::new();
    loop {
        let node = show(client, id).await?;
        let idle = node.value()["reservation"].is_null();
        let state = node.value()["provision_state"].as_str().unwrap_or_default();
        if idle && matches!(state, "manageable" | "clean failed") {
            let left = bios_differs(client, id, before).await?;
            if left.is_empty() {
                return Ok(());
            }
            let actual = format!("{left:?}, last error {}", node.value()["last_error"]);
            return Err(node.fail("BIOS settings are put back".into(), Some("none differs".into()), Some(actual)));
        }
        if begun.elapsed() > CLEAN {
            let expected = Some(format!("within {} s", CLEAN.as_secs()));
            return Err(node.fail("BIOS settings are put back".into(), expected, Some(state.to_owned())));
        }
        pause.wait().await;
    }
}

/// Puts back everything but the provision state and BIOS settings.
pub(super) async fn put_back(client: &Client, id: &str, before: &Before) -> Outcome {
    fields(client, id, before).await?;
    boot_modes(client, id, before).await?;
    power(client, id, before).await
}

/// Puts back what is written as it is read.
async fn fields(client: &Client, id: &str, before: &Before) -> Outcome {
    let previous = &before.0;
    let attached = vifs(client, id).await?;
    for vif in attached.iter().filter(|vif| !previous["vifs"].as_array().is_some_and(|had| had.contains(&json!(vif)))) {
        client.delete(&format!("{}/vifs/{}", path(id), encode(vif))).require([204, 400, 404]).await?;
    }
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
    let raid = previous["target_raid_config"].clone();
    if !raid.is_null() && node.value()["target_raid_config"] != raid {
        client.put(&format!("{}/states/raid", path(id))).json(&raid).require(204).await?;
    }
    if let Some(console) = previous["console_enabled"].as_bool()
        && node.value()["console_enabled"] != console
    {
        switch(client, id, "console", "console_enabled", &json!({"enabled": console}), &json!(console)).await?;
    }
    if previous["boot_device"].is_object() && boot_device(client, id).await? != previous["boot_device"] {
        let device = client.put(&format!("{}/management/boot_device", path(id))).json(&previous["boot_device"]);
        device.require(204).await?;
    }
    Ok(())
}

/// Puts back how the machine starts. Most machines take that only while they are off.
async fn boot_modes(client: &Client, id: &str, before: &Before) -> Outcome {
    for key in ["boot_mode", "secure_boot"] {
        let wanted = &before.0[key];
        let node = show(client, id).await?;
        if !wanted.is_null() && node.value()[key] != *wanted {
            if node.value()["power_state"] == "power on" {
                let off = json!("power off");
                switch(client, id, "power", "power_state", &json!({"target": off}), &off).await?;
            }
            switch(client, id, key, key, &json!({"target": wanted}), wanted).await?;
        }
    }
    Ok(())
}

/// Puts the power back: a machine that was off is off again.
///
/// It is asked for even where the node seems to have it: the machine may have been turned behind the service's back, and an
/// error that a test left is forgotten.
async fn power(client: &Client, id: &str, before: &Before) -> Outcome {
    let off = json!("power off");
    let wanted = match &before.0["power_state"] {
        // Nobody knew. A machine that is free is off; it must not be left on because of a test.
        Value::Null if show(client, id).await?.value()["power_state"].is_null() => return Ok(()),
        Value::Null => &off,
        known => known,
    };
    let begun = Instant::now();
    let mut pause = Pause::new();
    while begun.elapsed() < SWITCH {
        let same = client.put(&format!("{}/states/power", path(id))).json(&json!({"target": wanted}));
        if same.require([202, 409]).await?.status() == 202 {
            break;
        }
        pause.wait().await;
    }
    switch(client, id, "power", "power_state", &json!({"target": wanted}), wanted).await
}

/// Switches one of the states of a node, and waits until it reads as it should. A switch under way is awaited first.
async fn switch(client: &Client, id: &str, state: &str, key: &str, change: &Value, wanted: &Value) -> Outcome {
    let begun = Instant::now();
    let (mut pause, mut asked) = (Pause::new(), false);
    loop {
        let node = show(client, id).await?;
        let busy = !node.value()["reservation"].is_null() || !node.value()["target_power_state"].is_null();
        if !busy && node.value()[key] == *wanted {
            return Ok(());
        }
        if begun.elapsed() > SWITCH || (asked && !busy && !node.value()["last_error"].is_null()) {
            let actual = format!("{}, last error {}", node.value()[key], node.value()["last_error"]);
            return Err(node.fail(format!("`{key}` is put back"), Some(wanted.to_string()), Some(actual)));
        }
        if !busy && !asked {
            let answer = client.put(&format!("{}/states/{state}", path(id))).json(change).require([202, 409]).await?;
            asked = answer.status() == 202;
        }
        pause.wait().await;
    }
}
