//! The settings that a system starts with (`Bios`).

use assay_kit::prelude::*;

use super::fixture::{SETTLING, accepted, at, reached, refused, seen, working};

/// The BIOS attributes must be shown, with a link to where they can be set.
///
/// Changes should apply on a reset, and the registry of the attributes should be among the registries.
#[conformance(
    id = "redfish.bios.read",
    spec = "redfish-schema#bios",
    covers = "d385901c-8749-402d-849f-f56fc521ee18",
    needs = [Redfish],
)]
async fn read(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let bios = working(cx, redfish, system, "Bios").await?;
    let attributes = bios.get("Attributes")?;
    for name in attributes.keys()? {
        let value = &attributes.value()[name];
        let plain = !value.is_object() && !value.is_array();
        require!(attributes, plain, "the attribute `{name}` must be a text, a number or a truth value");
    }
    let settings = bios.get("@Redfish.Settings")?;
    let found = redfish.follow(&settings, "SettingsObject").await?;
    require!(settings, found.is_some(), "`@Redfish.Settings` must link `SettingsObject`, where attributes are set");
    let kind = found.as_ref().and_then(|found| found.value()["@odata.type"].as_str()).unwrap_or_default();
    require!(settings, kind.starts_with("#Bios."), "`SettingsObject` must lead to a `Bios`; its type is `{kind}`");
    let times = settings.value()["SupportedApplyTimes"].as_array();
    let on_reset = times.is_some_and(|times| times.contains(&json!("OnReset")));
    expect!(settings, on_reset, "`SupportedApplyTimes` should have `OnReset`");
    let registry = attribute_registry(redfish, &bios).await?;
    expect!(bios, registry.is_some(), "the `AttributeRegistry` of the BIOS should be among the registries");
    Ok(())
}

/// A BIOS attribute must be set to another value, which waits for a restart, and be set back, so that no change is pending.
#[conformance(
    id = "redfish.bios.change",
    spec = "redfish-schema#bios",
    covers = "2a602689-8283-4689-bb21-8cec7b255193",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn change(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let bios = working(cx, redfish, &machine.found, "Bios").await?;
    let Some(name) = &redfish.settings().bios_attribute else {
        let reason = "needs an attribute that tests may set: name one with `bios_attribute` in the deployment file";
        return Err(cx.skip(Lack::setting("bios_attribute"), reason));
    };
    let Some(before) = bios.find("Attributes").and_then(|attributes| attributes.find(name)) else {
        return Err(Stop::Error(format!("{} has no attribute `{name}`: correct `bios_attribute`", at(&bios))));
    };
    let before = before.value().clone();
    let Some(other) = another(redfish, &bios, name, &before).await? else {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "AttributeRegistry"),
            format!("nothing tells what else than {before} the attribute `{name}` may be"),
        ));
    };
    let settings = settings(cx, redfish, &bios).await?;
    let path = at(&settings);
    for value in [other, before.clone()] {
        // A task that comes of it waits for the restart, too.
        accepted(&redfish.change(&path, &json!({"Attributes": {name: value}})).await?)?;
        let waits = |settings: &Value| match settings["Attributes"].get(name) {
            Some(waiting) => *waiting == value,
            // Nothing waits: what holds is what was written.
            None => value == before,
        };
        let now = seen(cx, redfish, &path, SETTLING, waits).await?;
        require!(now, waits(now.value()), "`{name}` must wait to become {value}, as it was written");
    }
    let now = redfish.show(&path).await?;
    for (name, waiting) in now.value()["Attributes"].as_object().into_iter().flatten() {
        let known = [&settings.value()["Attributes"][name], &bios.value()["Attributes"][name]];
        require!(now, known.contains(&waiting), "nothing must wait at the end that did not before; `{name}` does");
    }
    Ok(())
}

/// An unknown attribute must be refused, by its name where the answer is 400, and no change is pending.
#[conformance(
    id = "redfish.bios.refused",
    spec = "redfish-schema#bios",
    covers = "2da0ffce-3838-41f9-9fee-30cff071d594",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn bios_refused(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    const NO_SUCH: &str = "AssayNoSuch";
    let bios = working(cx, redfish, &machine.found, "Bios").await?;
    let settings = settings(cx, redfish, &bios).await?;
    let path = at(&settings);
    let answer = redfish.attempt(&path, &json!({"Attributes": {NO_SUCH: 1}})).await?;
    refused(&answer, &["PropertyUnknown", "PropertyNotWritable"])?;
    let named = answer.status() != 400 || answer.text().contains(NO_SUCH);
    require!(answer, named, "the error must name the attribute that is refused");
    let now = redfish.show(&path).await?;
    require!(now, now.value()["Attributes"].get(NO_SUCH).is_none(), "what was refused must not wait for a restart");
    Ok(())
}

/// Where the attributes are set.
async fn settings(cx: &Cx, redfish: &Redfish, bios: &Json) -> Outcome<Json> {
    let Some(settings) = bios.find("@Redfish.Settings") else {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "@Redfish.Settings"),
            format!("{} has no `@Redfish.Settings`: its attributes cannot be set", at(bios)),
        ));
    };
    working(cx, redfish, &settings, "SettingsObject").await
}

/// The registry that describes the attributes, when the service has it.
async fn attribute_registry(redfish: &Redfish, bios: &Json) -> Outcome<Option<Json>> {
    let Some(wanted) = bios.value()["AttributeRegistry"].as_str() else { return Ok(None) };
    let root = redfish.root().await?;
    let Some(registries) = reached(redfish, &root, "Registries").await? else { return Ok(None) };
    for file in redfish.members(&registries).await? {
        let known = ["Id", "Registry"].iter().any(|key| file.value()[*key].as_str().is_some_and(|id| id == wanted));
        let uri = file.value()["Location"].as_array().into_iter().flatten().find_map(|place| place["Uri"].as_str());
        if let Some(uri) = uri.filter(|_| known).and_then(|uri| redfish.path_of(uri)) {
            let registry = redfish.get(&uri).send().await?;
            return Ok(registry.json().ok().filter(|_| registry.status() == 200));
        }
    }
    Ok(None)
}

/// Another value that an attribute may have, as its registry says; a truth value needs none.
async fn another(redfish: &Redfish, bios: &Json, name: &str, now: &Value) -> Outcome<Option<Value>> {
    if let Some(now) = now.as_bool() {
        return Ok(Some(json!(!now)));
    }
    let Some(registry) = attribute_registry(redfish, bios).await? else { return Ok(None) };
    let described = registry.value()["RegistryEntries"]["Attributes"].as_array().into_iter().flatten();
    let Some(entry) = described.into_iter().find(|entry| entry["AttributeName"] == name) else { return Ok(None) };
    if let Some(values) = entry["Value"].as_array() {
        let mut names = values.iter().map(|value| &value["ValueName"]);
        return Ok(names.find(|value| value.is_string() && *value != now).cloned());
    }
    let bounds = entry["LowerBound"].as_i64().zip(entry["UpperBound"].as_i64()).zip(now.as_i64());
    Ok(bounds
        .and_then(|((least, most), now)| [now + 1, now - 1].into_iter().find(|n| (least..=most).contains(n)))
        .map(Value::from))
}
