//! The state of a system of a Redfish service that tests change, and which is put back:
//! <https://redfish.dmtf.org/schemas/v1/ComputerSystem.json>.
//!
//! What it was is journalled before anything is changed, and so is each change of the power before it is asked for: a
//! machine follows seconds later, and a service may pass over a request while another one is still under way.

use std::time::{Duration, Instant};

use assay_text::excerpt;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::Resource;
use crate::http::client::Client;
use crate::json::Json;
use crate::metal::{Redfish, is_loaded, redfish, take_out};
use crate::outcome::{Evidence as _, Outcome, Stop};

/// How long a machine may take to be turned on or off.
pub(crate) const POWER: Duration = Duration::from_secs(90);
/// How long after it was asked for a change of the power may still come.
const LATE: Duration = Duration::from_secs(30);
/// How long what was written may take to read back.
const SETTLING: Duration = Duration::from_secs(45);
/// Among the boot settings: for how long an override holds, what it boots from, and in which mode.
const ENABLED: &str = "BootSourceOverrideEnabled";
const TARGET: &str = "BootSourceOverrideTarget";
const MODE: &str = "BootSourceOverrideMode";
/// No override holds, and no target is set.
const DISABLED: &str = "Disabled";
const NONE: &str = "None";
/// What of a system's boot settings is put back.
const BOOT: [&str; 6] = [ENABLED, TARGET, MODE, "UefiTargetBootSourceOverride", "HttpBootUri", "BootOrder"];
/// What of a system's other properties is put back.
const PROPERTIES: [&str; 3] = ["AssetTag", "IndicatorLED", "LocationIndicatorActive"];

pub(crate) async fn show(redfish: &Redfish, path: &str) -> Outcome<Json> {
    redfish.show(path).await
}

pub(crate) fn power(system: &Json) -> Option<&str> {
    system.value()["PowerState"].as_str()
}

/// What is put back. What cannot be read is not changed either: a test that would reads it first.
pub(crate) async fn before(redfish: &Redfish, system: &Json) -> Outcome<Value> {
    let pick = |from: &Value, keys: &[&str]| -> Map<String, Value> {
        keys.iter().filter_map(|key| Some(((*key).to_owned(), from.get(*key)?.clone()))).collect()
    };
    let mut media = Map::new();
    for slot in slots(redfish, system).await? {
        media.insert(slot.get("@odata.id")?.text()?.to_owned(), is_loaded(slot.value()).into());
    }
    Ok(json!({
        "power": system.value()["PowerState"],
        "asked": null,
        "boot": writable(pick(&system.value()["Boot"], &BOOT)),
        "properties": pick(system.value(), &PROPERTIES),
        "secure_boot": optional(redfish, system.value(), "SecureBoot").await?
            .map(|found| json!({"path": found["@odata.id"], "enable": found["SecureBootEnable"]})),
        "bios": bios(redfish, system.value()).await?,
        "media": media,
    }))
}

/// As a machine takes it: a boot mode that is blank at first, or null, stays as a test leaves it; where nothing is said of an
/// override, none holds.
fn writable(mut boot: Map<String, Value>) -> Map<String, Value> {
    if boot.get(MODE).is_some_and(is_blank) {
        boot.remove(MODE);
    }
    for (name, none) in [(ENABLED, DISABLED), (TARGET, NONE)] {
        if let Some(value) = boot.get_mut(name).filter(|value| is_blank(value)) {
            *value = none.into();
        }
    }
    boot
}

fn is_blank(setting: &Value) -> bool {
    setting.as_str().is_none_or(|text| text.trim().is_empty())
}

/// Whether boot settings have no override.
fn is_off(boot: &Value) -> bool {
    is_blank(&boot[ENABLED]) || boot[ENABLED] == DISABLED
}

/// What a link leads to, when it can be read.
async fn optional(redfish: &Redfish, from: &Value, link: &str) -> Outcome<Option<Value>> {
    Ok(reached(redfish, from, link).await?.map(|found| found.value().clone()))
}

async fn reached(redfish: &Redfish, from: &Value, link: &str) -> Outcome<Option<Json>> {
    let Some(path) = from[link]["@odata.id"].as_str().filter(|path| path.starts_with('/')) else { return Ok(None) };
    let answer = redfish.get(path).send().await?;
    Ok(redfish.read(&answer).ok().filter(|_| answer.status() == 200))
}

/// The attributes of the BIOS that hold, and those that wait for a restart.
async fn bios(redfish: &Redfish, system: &Value) -> Outcome<Option<Value>> {
    let Some(bios) = optional(redfish, system, "Bios").await? else { return Ok(None) };
    let Some(settings) = optional(redfish, &bios["@Redfish.Settings"], "SettingsObject").await? else {
        return Ok(None);
    };
    let (current, pending) = (&bios["Attributes"], &settings["Attributes"]);
    Ok(Some(json!({"path": settings["@odata.id"], "current": current, "pending": pending})))
}

/// The slots of virtual media that can be read: the system's own, or those of its managers.
async fn slots(redfish: &Redfish, system: &Json) -> Outcome<Vec<Json>> {
    let (client, mut places) = (redfish.client(), vec![system.value().clone()]);
    if system.find("VirtualMedia").is_none() {
        for manager in system.value()["Links"]["ManagedBy"].as_array().into_iter().flatten() {
            let manager = optional(redfish, &json!({"Manager": manager}), "Manager").await?;
            // The media of a manager of several machines may be another machine's.
            let managed = |manager: &Value| {
                let machines = manager["Links"]["ManagerForServers"].as_array().cloned().unwrap_or_default();
                let lent = |machine: &Value| {
                    machine["@odata.id"].as_str().is_some_and(|path| client.guard.is_lent(client.role(), path))
                };
                // One that does not say whom it manages is believed only where there is nobody else.
                (!machines.is_empty() || !client.guard.has_neighbours(client.role())) && machines.iter().all(lent)
            };
            places.extend(manager.filter(managed));
        }
    }
    let mut slots = Vec::new();
    for place in places {
        let Some(collection) = reached(redfish, &place, "VirtualMedia").await? else { continue };
        let paths = match redfish.member_paths(&collection).await {
            Err(Stop::Fail(_)) => continue,
            paths => paths?,
        };
        for path in &paths {
            let answer = redfish.get(path).send().await?;
            // One that cannot be read is not changed, and keeps no other from being.
            let slot = redfish.read(&answer).ok().filter(|_| answer.status() == 200);
            let names_itself =
                |slot: &Json| redfish::same(slot.value()["@odata.id"].as_str().unwrap_or_default(), path);
            if let Some(slot) = slot.filter(names_itself) {
                client.guard.lend_slot(client.role(), path);
                slots.push(slot);
            }
        }
    }
    Ok(slots)
}

/// Why a sweep leaves a system alone: somebody has taken it since the run.
pub(super) async fn taken(client: &Client, resource: &Resource) -> Outcome<Option<String>> {
    let Some(path) = resource.id.as_ref().filter(|_| client.guard.since().is_some()) else { return Ok(None) };
    let before: Value =
        resource.previous.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let system = show(&Redfish::of(client.clone()), path).await?;
    let (tag, guard) = (&system.value()["AssetTag"], &client.guard);
    let set = tag.as_str().filter(|text| !text.is_empty() && *tag != before["properties"]["AssetTag"]);
    if let Some(set) = set.filter(|set| guard.since().is_some() && !set.contains(guard.run())) {
        return Ok(Some(format!("somebody has set its AssetTag to `{}` since the run found it", excerpt(set))));
    }
    Ok(guard.is_old())
}

/// Puts a system back into the state that it was found in.
pub(super) async fn put_back(client: &Client, resource: &Resource) -> Outcome {
    let (Some(path), Some(previous)) = (&resource.id, &resource.previous) else { return Ok(()) };
    let redfish = &Redfish::of(client.clone());
    let previous: Value = serde_json::from_str(previous)
        .map_err(|error| Stop::Error(format!("what the journal says of {resource} is no JSON: {error}")))?;
    let system = show(redfish, path).await?;
    for slot in slots(redfish, &system).await? {
        let path = slot.get("@odata.id")?.text()?.to_owned();
        if is_loaded(slot.value()) && previous["media"][&path] == false {
            eject(redfish, &slot, &path).await?;
        }
    }
    // Each by itself: one that is refused must not keep the others from being put back.
    let mut refused = Vec::new();
    for group in [json!({"Boot": previous["boot"]}), previous["properties"].clone()] {
        // A group that the journal does not tell stays as it is.
        for (name, value) in
            group.as_object().into_iter().flatten().filter(|(name, value)| *name != "Boot" || value.is_object())
        {
            refused.extend(put_back_property(redfish, path, name, value).await?);
        }
    }
    if let (Some(path), enable @ Value::Bool(_)) =
        (previous["secure_boot"]["path"].as_str(), &previous["secure_boot"]["enable"])
    {
        refused.extend(put_back_property(redfish, path, "SecureBootEnable", enable).await?);
    }
    refused.extend(put_back_bios(redfish, &previous["bios"]).await?);
    put_back_power(redfish, path, &previous).await?;
    match refused.as_slice() {
        [] => Ok(()),
        _ => Err(Stop::Error(format!("could not be put back: {}", refused.join("; ")))),
    }
}

/// What differs from how it was found.
fn differing(now: &Value, before: &Value) -> Option<Value> {
    match before {
        Value::Object(members) => {
            let pairs = members.iter().filter_map(|(key, value)| Some((key.clone(), differing(&now[key], value)?)));
            let changed: Map<String, Value> = pairs.collect();
            (!changed.is_empty()).then_some(Value::Object(changed))
        }
        _ => (now != before).then(|| before.clone()),
    }
}

/// Whether a property that was null may as well be empty: who has no asset tag may be given none.
fn may_be_empty(name: &str, before: &Value) -> bool {
    name == "AssetTag" && before.is_null()
}

/// What of a property differs from how it was found.
fn left_of(name: &str, now: &Value, before: &Value) -> Option<Value> {
    let now = &now[name];
    let left = differing(now, before).filter(|_| !(may_be_empty(name, before) && now == ""))?;
    let keeps_none = before[TARGET] == NONE && is_blank(&now[TARGET]);
    without_override(name, left, now, before, keeps_none)
}

/// The same, once it was asked for: where no override holds, some machines keep no target.
fn lacks(name: &str, now: &Value, before: &Value) -> Option<Value> {
    let left = left_of(name, now, before)?;
    let now = &now[name];
    without_override(name, left, now, before, is_blank(&now[TARGET]) || now[TARGET] == NONE)
}

/// What is left of a difference where no override holds, now and before: its duration is the same, and so is a missing
/// target.
fn without_override(name: &str, mut left: Value, now: &Value, before: &Value, keeps_none: bool) -> Option<Value> {
    if let Some(left) = left.as_object_mut().filter(|_| name == "Boot" && is_off(before) && is_off(now)) {
        left.remove(ENABLED);
        if keeps_none {
            left.remove(TARGET);
        }
    }
    (left != json!({})).then_some(left)
}

/// What was asked for lately, and may not be seen yet.
fn asked(redfish: &Redfish, path: &str) -> Value {
    redfish.client().guard.asked_within(redfish.client().role(), path, SETTLING)
}

/// How something was found of which another value was asked for last: where it looks as before, that is still to come.
fn to_come(asked: &Value, before: &Value) -> Option<Value> {
    match (asked, before) {
        (Value::Object(asked), Value::Object(before)) => {
            let pairs =
                asked.iter().filter_map(|(name, asked)| Some((name.clone(), to_come(asked, before.get(name)?)?)));
            let changed: Map<String, Value> = pairs.collect();
            (!changed.is_empty()).then_some(Value::Object(changed))
        }
        _ => (!asked.is_null() && asked != before).then(|| before.clone()),
    }
}

/// A change of the boot settings in parts: what machines take together or not at all, and the rest one by one.
fn parts(change: &Value) -> Vec<Value> {
    let (mut together, mut parts) = (Map::new(), Vec::new());
    for (name, value) in change.as_object().into_iter().flatten() {
        if [ENABLED, TARGET].contains(&name.as_str()) {
            together.insert(name.clone(), value.clone());
        } else {
            parts.push(json!({name: value}));
        }
    }
    if !together.is_empty() {
        parts.insert(0, Value::Object(together));
    }
    parts
}

/// Puts a property back; says what is wrong when it does not become what it was.
async fn put_back_property(redfish: &Redfish, path: &str, name: &str, before: &Value) -> Outcome<Option<String>> {
    let now = show(redfish, path).await?;
    let mut left = left_of(name, now.value(), before);
    match (&mut left, to_come(&asked(redfish, path)[name], before)) {
        (Some(Value::Object(left)), Some(Value::Object(coming))) => left.extend(coming),
        (None, coming) => left = coming,
        _ => {}
    }
    let Some(mut change) = left else { return Ok(None) };
    // An override that is off may have no target: what was asked of it with the target is asked again with it.
    if name == "Boot" && (change.get(ENABLED).is_some() || change.get(TARGET).is_some()) {
        for key in [ENABLED, TARGET] {
            if let Some(value) = before.get(key) {
                change[key] = value.clone();
            }
        }
    }
    let mut status = redfish.change(path, &json!({name: change})).await?.status();
    if may_be_empty(name, before) && (400..500).contains(&status) {
        status = redfish.change(path, &json!({name: ""})).await?.status();
    }
    let parts = if name == "Boot" && (400..500).contains(&status) { parts(&change) } else { Vec::new() };
    if parts.len() > 1 {
        // One that cannot be written must not keep the others from being put back.
        status = 200;
        for part in parts {
            status = status.max(redfish.change(path, &json!({name: part})).await?.status());
        }
    }
    let begun = Instant::now();
    loop {
        let now = show(redfish, path).await?;
        let Some(left) = lacks(name, now.value(), before) else { return Ok(None) };
        if begun.elapsed() > SETTLING || status >= 300 {
            return Ok(Some(format!("{path}: {name} to {left} (answered {status})")));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Takes a medium out, in the way that the drive offers.
async fn eject(redfish: &Redfish, slot: &Json, path: &str) -> Outcome {
    take_out(redfish, slot).await?.require_status(200..=299)?;
    let begun = Instant::now();
    while begun.elapsed() < SETTLING {
        if !is_loaded(show(redfish, path).await?.value()) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Err(slot.fail(format!("{path} is empty once its medium is ejected"), None, None))
}

/// Puts back which attributes wait for a restart.
async fn put_back_bios(redfish: &Redfish, before: &Value) -> Outcome<Option<String>> {
    let Some(path) = before["path"].as_str() else { return Ok(None) };
    let now = show(redfish, path).await?;
    // What did not wait for a restart before is to become what holds.
    let wanted = |name: &str| before["pending"].get(name).or_else(|| before["current"].get(name)).cloned();
    let mut change = Map::new();
    for seen in [&now.value()["Attributes"], &asked(redfish, path)["Attributes"]] {
        for (name, value) in seen.as_object().into_iter().flatten() {
            if let Some(wanted) = wanted(name).filter(|wanted| wanted != value) {
                change.insert(name.clone(), wanted);
            }
        }
    }
    if change.is_empty() {
        return Ok(None);
    }
    let answer = redfish.change(path, &json!({"Attributes": change})).await?;
    Ok((answer.status() >= 300).then(|| format!("{path}: {change:?} (answered {})", answer.status())))
}

/// Puts the power back: a machine that was off is off again.
async fn put_back_power(redfish: &Redfish, path: &str, previous: &Value) -> Outcome {
    let Some(wanted @ ("On" | "Off")) = previous["power"].as_str() else { return Ok(()) };
    let mut asked = previous["asked"]["power"].as_str().map(str::to_owned);
    let at = previous["asked"]["at"].as_str().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
    let age = at.and_then(|at| (Utc::now() - at.to_utc()).to_std().ok()).unwrap_or_default();
    let (begun, mut late, mut pause) = (Instant::now(), LATE.saturating_sub(age), Duration::from_millis(200));
    let mut tries = 0;
    loop {
        let system = show(redfish, path).await?;
        let now = power(&system).unwrap_or_default().to_owned();
        if asked.as_deref() == Some(now.as_str()) {
            asked = None;
        }
        // Until a change that was asked for has come, a service may pass over another one.
        let coming = asked.is_some() && begun.elapsed() < late;
        if !coming {
            if now == wanted {
                return Ok(());
            }
            if begun.elapsed() > POWER + LATE || tries > 3 {
                let expected = Some(wanted.to_owned());
                return Err(system.fail("the power is put back".into(), expected, Some(now)));
            }
            if matches!(now.as_str(), "On" | "Off" | "Paused") {
                turn(redfish, &system, wanted).await?;
                tries += 1;
                (asked, late) = (Some(wanted.to_owned()), begun.elapsed() + LATE);
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_secs(1));
    }
}

/// Asks for the power to be on or off, in the way that the system offers.
async fn turn(redfish: &Redfish, system: &Json, wanted: &str) -> Outcome {
    let action = &system.value()["Actions"]["#ComputerSystem.Reset"];
    let Some(target) = action["target"].as_str().filter(|target| target.starts_with('/')) else {
        return Err(system.fail("the system can be reset".into(), None, None));
    };
    let allowed = action["ResetType@Redfish.AllowableValues"].as_array();
    let ways = if wanted == "On" { ["On", "ForceOn"] } else { ["ForceOff", "GracefulShutdown"] };
    let way = ways.into_iter().find(|way| allowed.is_none_or(|allowed| allowed.contains(&json!(way))));
    redfish.act(target, &json!({"ResetType": way.unwrap_or(ways[0])})).await?.require_status(200..=204)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_boot_mode_is_not_put_back() {
        let of = |boot: Value| Value::Object(writable(boot.as_object().cloned().unwrap_or_default()));
        let kept = |boot: Value| of(boot).get(MODE).is_some();
        assert!(kept(json!({MODE: "UEFI"})));
        assert!(!kept(json!({MODE: ""})) && !kept(json!({MODE: " "})) && !kept(json!({MODE: null})));
        assert_eq!(of(json!({ENABLED: null, TARGET: ""})), json!({ENABLED: "Disabled", TARGET: "None"}));
    }

    #[test]
    fn an_override_that_is_off_needs_no_target() {
        let before = json!({ENABLED: "Disabled", TARGET: "Hdd"});
        let left = |now: Value| left_of("Boot", &json!({"Boot": now}), &before);
        let lacks = |now: Value| lacks("Boot", &json!({"Boot": now}), &before);
        assert_eq!(left(json!({ENABLED: null, TARGET: "Hdd"})), None);
        let none = json!({ENABLED: "Disabled", TARGET: "None"});
        assert_eq!(left_of("Boot", &json!({"Boot": {ENABLED: "", TARGET: null}}), &none), None);
        assert_eq!(left(json!({ENABLED: "Disabled", TARGET: "None"})), Some(json!({TARGET: "Hdd"})));
        assert_eq!(lacks(json!({ENABLED: "Disabled", TARGET: "None"})), None);
        assert_eq!(lacks(json!({ENABLED: "Disabled", TARGET: "Pxe"})), Some(json!({TARGET: "Hdd"})));
        let once = json!({ENABLED: "Once", TARGET: "None"});
        assert_eq!(lacks(once), Some(before.clone()));
    }

    #[test]
    fn what_was_asked_for_and_does_not_show_is_still_to_come() {
        let before = json!({ENABLED: "Disabled", TARGET: "None"});
        assert_eq!(to_come(&json!({ENABLED: "Once", "Other": 1}), &before), Some(json!({ENABLED: "Disabled"})));
        assert_eq!(to_come(&before, &before), None);
        assert_eq!(to_come(&Value::Null, &json!("theirs")), None);
        assert_eq!(to_come(&json!("ours"), &Value::Null), Some(Value::Null));
    }

    #[test]
    fn what_is_refused_as_a_whole_is_asked_for_in_parts() {
        let change = json!({MODE: "UEFI", ENABLED: "Disabled", TARGET: "None"});
        assert_eq!(parts(&change), [json!({ENABLED: "Disabled", TARGET: "None"}), json!({MODE: "UEFI"})]);
    }

    #[test]
    fn only_what_differs_is_put_back() {
        let before = json!({"Boot": {"Enabled": "Disabled", "Target": "None"}, "AssetTag": null});
        assert_eq!(differing(&before, &before), None);
        let now = json!({"Boot": {"Enabled": "Once", "Target": "None", "More": 1}, "AssetTag": "ours"});
        assert_eq!(differing(&now, &before), Some(json!({"Boot": {"Enabled": "Disabled"}, "AssetTag": null})));
        assert_eq!(left_of("AssetTag", &json!({"AssetTag": ""}), &json!(null)), None);
        assert_eq!(left_of("AssetTag", &json!({"AssetTag": ""}), &json!("theirs")), Some(json!("theirs")));
        // What is gone is to be there again.
        assert_eq!(differing(&json!({}), &json!({"AssetTag": "theirs"})), Some(json!({"AssetTag": "theirs"})));
    }
}
