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
use crate::metal::{Redfish, is_loaded, redfish};
use crate::outcome::{Evidence as _, Outcome, Stop};

/// How long a machine may take to be turned on or off.
pub(crate) const POWER: Duration = Duration::from_secs(90);
/// How long after it was asked for a change of the power may still come.
const LATE: Duration = Duration::from_secs(30);
/// How long what was written may take to read back.
const SETTLING: Duration = Duration::from_secs(45);
/// The boot mode among the boot settings.
const MODE: &str = "BootSourceOverrideMode";
/// What of a system's boot settings is put back.
const BOOT: [&str; 6] = [
    "BootSourceOverrideEnabled",
    "BootSourceOverrideTarget",
    MODE,
    "UefiTargetBootSourceOverride",
    "HttpBootUri",
    "BootOrder",
];
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

/// Without a boot mode that no machine takes: one that is blank at first, or null, stays as a test leaves it.
fn writable(mut boot: Map<String, Value>) -> Map<String, Value> {
    let is_blank = |mode: &Value| mode.as_str().is_none_or(|mode| mode.trim().is_empty());
    if boot.get(MODE).is_some_and(is_blank) {
        boot.remove(MODE);
    }
    boot
}

/// What a link leads to, when it can be read.
async fn optional(redfish: &Redfish, from: &Value, link: &str) -> Outcome<Option<Value>> {
    let Some(path) = from[link]["@odata.id"].as_str().filter(|path| path.starts_with('/')) else { return Ok(None) };
    let answer = redfish.get(path).send().await?;
    Ok(redfish.read(&answer).ok().filter(|_| answer.status() == 200).map(|found| found.value().clone()))
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
        let collection = optional(redfish, &place, "VirtualMedia").await?.unwrap_or_default();
        for member in collection["Members"].as_array().into_iter().flatten() {
            let Some(path) = member["@odata.id"].as_str().filter(|path| path.starts_with('/')) else { continue };
            let answer = redfish.get(path).send().await?;
            if answer.status() == 200 {
                let slot = redfish.read(&answer)?;
                if !redfish::same(slot.value()["@odata.id"].as_str().unwrap_or_default(), path) {
                    continue;
                }
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
    differing(&now[name], before).filter(|_| !(may_be_empty(name, before) && now[name] == ""))
}

/// Puts a property back; says what is wrong when it does not become what it was.
async fn put_back_property(redfish: &Redfish, path: &str, name: &str, before: &Value) -> Outcome<Option<String>> {
    let now = show(redfish, path).await?;
    let Some(mut change) = left_of(name, now.value(), before) else { return Ok(None) };
    // An override that is off may have no target: what was asked of it with the target is asked again with it.
    if name == "Boot" && (change.get(BOOT[0]).is_some() || change.get(BOOT[1]).is_some()) {
        for key in &BOOT[..2] {
            if let Some(value) = before.get(*key) {
                change[*key] = value.clone();
            }
        }
    }
    let mut answer = redfish.change(path, &json!({name: change})).await?;
    if may_be_empty(name, before) && (400..500).contains(&answer.status()) {
        answer = redfish.change(path, &json!({name: ""})).await?;
    }
    let begun = Instant::now();
    loop {
        let now = show(redfish, path).await?;
        let Some(left) = left_of(name, now.value(), before) else { return Ok(None) };
        if begun.elapsed() > SETTLING || answer.status() >= 300 {
            return Ok(Some(format!("{path}: {name} to {left} (answered {})", answer.status())));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Takes a medium out, in the way that the drive offers. Some refuse the body of an action that needs none.
async fn eject(redfish: &Redfish, slot: &Json, path: &str) -> Outcome {
    let target = slot.value()["Actions"]["#VirtualMedia.EjectMedia"]["target"].as_str();
    if let Some(target) = target.and_then(|target| redfish.path_of(target)) {
        let answer = redfish.act(&target, &json!({})).await?;
        if matches!(answer.status(), 400 | 415) {
            redfish.client().post(&target).require(200..=204).await?;
        } else {
            answer.require_status(200..=204)?;
        }
    } else {
        redfish.change(path, &json!({"Image": null, "Inserted": false})).await?;
    }
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
    let mut change = Map::new();
    for (name, value) in now.value()["Attributes"].as_object().into_iter().flatten() {
        // What did not wait for a restart before is to become what holds.
        let wanted = before["pending"].get(name).or_else(|| before["current"].get(name));
        if let Some(wanted) = wanted.filter(|wanted| *wanted != value) {
            change.insert(name.clone(), wanted.clone());
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
        let kept = |boot: Value| writable(boot.as_object().cloned().unwrap_or_default()).contains_key(MODE);
        assert!(kept(json!({MODE: "UEFI"})));
        assert!(!kept(json!({MODE: ""})) && !kept(json!({MODE: " "})) && !kept(json!({MODE: null})));
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
