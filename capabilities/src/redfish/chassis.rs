//! What a machine stands in, and what is measured there (`Thermal`, `ThermalSubsystem`, `Sensor`, `Power`, `PowerSubsystem`).

use std::collections::BTreeSet;

use assay_kit::prelude::*;

use super::fixture::{Links, at, is_absent};

/// The thresholds of a temperature, from the lowest to the highest: as `Thermal` and as `Sensor` name them.
const THRESHOLDS: [(&str, &str); 6] = [
    ("LowerThresholdFatal", "LowerFatal"),
    ("LowerThresholdCritical", "LowerCritical"),
    ("LowerThresholdNonCritical", "LowerCaution"),
    ("UpperThresholdNonCritical", "UpperCaution"),
    ("UpperThresholdCritical", "UpperCritical"),
    ("UpperThresholdFatal", "UpperFatal"),
];

/// What a machine tells of its temperatures.
#[derive(Default)]
struct Found {
    /// Whether there is any place for them.
    offered: bool,
    thermal: Vec<Json>,
    temperatures: Vec<Temperature>,
}

/// A temperature that is measured.
struct Temperature {
    from: Json,
    enabled: bool,
    reading: Option<f64>,
    context: Option<String>,
    thresholds: Vec<f64>,
}

impl Temperature {
    fn is_plausible(&self) -> bool {
        self.enabled && self.reading.is_some_and(|reading| (-50.0..=150.0).contains(&reading))
    }
}

/// A machine that offers `Thermal` must list temperatures there, each with a reading, which may be null. Each link to what is
/// measured must lead somewhere.
///
/// One temperature should be plausible, thresholds should rise, and CPU, intake and system board should be measured.
#[conformance(
    id = "redfish.thermal.temperatures",
    spec = "redfish-schema#thermal",
    covers = "dd822c58-f157-459b-aeb5-3ee1add37b8f",
    needs = [Redfish],
    seconds = 3,
)]
async fn temperatures(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let (mut links, mut found) = (Links::default(), Found::default());
    for chassis in of(redfish, system).await? {
        measured(redfish, &chassis, &mut links, &mut found).await?;
    }
    links.all_lead_somewhere(system)?;
    if !found.offered {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "Sensors"),
            format!("no chassis of {} offers Thermal, ThermalSubsystem or Sensors", at(system)),
        ));
    }
    if let Some(thermal) = found.thermal.first() {
        let listed = |thermal: &Json| thermal.value()["Temperatures"].as_array().is_some_and(|all| !all.is_empty());
        require!(thermal, found.thermal.iter().any(listed), "`Thermal` must list a temperature in `Temperatures`");
    }
    let found = found.temperatures;
    let evidence = found.first().map_or(system, |one| &one.from);
    let plausible = found.iter().any(Temperature::is_plausible);
    expect!(evidence, plausible, "a temperature should be measured that is between -50 and 150 degrees");
    for one in &found {
        let rising = one.thresholds.windows(2).all(|pair| pair[0] <= pair[1]);
        expect!(one.from, rising, "the thresholds of a temperature should rise; they are {:?}", one.thresholds);
    }
    let contexts: BTreeSet<&str> = found.iter().filter_map(|one| one.context.as_deref()).collect();
    for context in ["CPU", "Intake", "SystemBoard"] {
        expect!(evidence, contexts.contains(context), "a temperature should be that of the {context}");
    }
    Ok(())
}

/// The chassis of a system.
async fn of(redfish: &Redfish, system: &Json) -> Outcome<Vec<Json>> {
    match system.find("Links") {
        Some(links) => redfish.follow_all(&links, "Chassis").await,
        None => Ok(Vec::new()),
    }
}

/// Whether what is measured counts: where no state is told, it does.
fn is_enabled(resource: &Json) -> bool {
    let state = &resource.value()["Status"]["State"];
    state.is_null() || state == "Enabled"
}

/// Requires a number, or null where none is measured.
fn reading(from: &Json, key: &str) -> Outcome<Option<f64>> {
    let reading = from.get(key)?;
    let value = reading.value();
    require!(reading, value.is_number() || value.is_null(), "`{key}` must be a number or null; it is {value}");
    Ok(value.as_f64())
}

/// The elements of an array; none where it is missing or null.
fn elements(from: &Json, key: &str) -> Outcome<Vec<Json>> {
    match from.find(key).filter(|all| !all.value().is_null()) {
        Some(all) => all.elements(),
        None => Ok(Vec::new()),
    }
}

/// Collects what is measured of the temperatures of a chassis.
async fn measured(redfish: &Redfish, chassis: &Json, links: &mut Links, found: &mut Found) -> Outcome {
    if let Some(path) = redfish.path(chassis, "Thermal")? {
        found.offered = true;
        let thermal = links.look(redfish, "Thermal", &path).await?;
        for one in thermal.as_ref().map(|thermal| elements(thermal, "Temperatures")).transpose()?.unwrap_or_default() {
            if is_absent(&one) {
                continue;
            }
            found.temperatures.push(Temperature {
                enabled: is_enabled(&one),
                reading: reading(&one, "ReadingCelsius")?,
                context: one.value()["PhysicalContext"].as_str().map(str::to_owned),
                thresholds: THRESHOLDS.iter().filter_map(|(name, _)| one.value()[*name].as_f64()).collect(),
                from: one,
            });
        }
        found.thermal.extend(thermal);
    }
    if let Some(path) = redfish.path(chassis, "ThermalSubsystem")? {
        found.offered = true;
        let subsystem = links.look(redfish, "ThermalSubsystem", &path).await?;
        let metrics = subsystem.map(|subsystem| redfish.path(&subsystem, "ThermalMetrics")).transpose()?.flatten();
        let metrics = match metrics {
            Some(path) => links.look(redfish, "ThermalMetrics", &path).await?,
            None => None,
        };
        let readings = metrics.map(|metrics| elements(&metrics, "TemperatureReadingsCelsius")).transpose()?;
        for one in readings.unwrap_or_default() {
            let reading = one.value()["Reading"].as_f64();
            let thresholds = Vec::new();
            found.temperatures.push(Temperature { enabled: true, reading, context: None, thresholds, from: one });
        }
    }
    if let Some(path) = redfish.path(chassis, "Sensors")? {
        found.offered = true;
        let sensors = links.collection(redfish, "Sensors", &path).await?;
        for one in sensors.into_iter().filter(|one| one.value()["ReadingType"] == "Temperature") {
            let threshold = |name: &str| one.value()["Thresholds"][name]["Reading"].as_f64();
            found.temperatures.push(Temperature {
                enabled: is_enabled(&one),
                reading: one.value()["Reading"].as_f64(),
                context: one.value()["PhysicalContext"].as_str().map(str::to_owned),
                thresholds: THRESHOLDS.iter().filter_map(|(_, name)| threshold(name)).collect(),
                from: one,
            });
        }
    }
    Ok(())
}

/// A machine that offers `Power` must have a place there for the power that it takes, or for the state of a power supply. Each
/// link to them must lead somewhere.
///
/// The power that is taken, or the state of a power supply, should be told, and the power capacity as well.
#[conformance(
    id = "redfish.power.readings",
    spec = "redfish-schema#power",
    covers = "7c965b40-cec5-4c2e-adc0-57bddd9db637",
    needs = [Redfish],
)]
async fn readings(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let (mut links, mut offered) = (Links::default(), false);
    // Of `Power`, of which there may be several: the last one, and whether one has a place for what is taken.
    let (mut power, mut has_place) = (None, false);
    let (mut told, mut capacity) = (false, false);
    let watts = |value: &Value| value.as_f64().is_some_and(|watts| watts >= 0.0);
    for chassis in of(redfish, system).await? {
        if let Some(path) = redfish.path(&chassis, "Power")? {
            offered = true;
            if let Some(shown) = links.look(redfish, "Power", &path).await? {
                let controls = shown.value()["PowerControl"].as_array().cloned().unwrap_or_default();
                let supplies = shown.value()["PowerSupplies"].as_array().cloned().unwrap_or_default();
                has_place |= controls.iter().any(|control| control.get("PowerConsumedWatts").is_some());
                has_place |= supplies.iter().any(|supply| supply.get("Status").is_some());
                told |= controls.iter().any(|control| watts(&control["PowerConsumedWatts"]));
                told |= supplies.iter().any(|supply| supply["Status"]["State"].is_string());
                capacity |= controls.iter().chain(&supplies).any(|part| part["PowerCapacityWatts"].is_number());
                power = Some(shown);
            }
        }
        if let Some(path) = redfish.path(&chassis, "PowerSubsystem")? {
            offered = true;
            if let Some(subsystem) = links.look(redfish, "PowerSubsystem", &path).await? {
                capacity |= subsystem.value()["CapacityWatts"].is_number();
                if let Some(path) = redfish.path(&subsystem, "PowerSupplies")? {
                    let supplies = links.collection(redfish, "PowerSupplies", &path).await?;
                    told |= supplies.iter().any(|supply| supply.value()["Status"]["State"].is_string());
                }
            }
            if let Some(path) = redfish.path(&chassis, "EnvironmentMetrics")? {
                let metrics = links.look(redfish, "EnvironmentMetrics", &path).await?;
                told |= metrics.is_some_and(|metrics| watts(&metrics.value()["PowerWatts"]["Reading"]));
            }
        }
    }
    links.all_lead_somewhere(system)?;
    if !offered {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "Power"),
            format!("no chassis of {} offers Power or PowerSubsystem", at(system)),
        ));
    }
    if let Some(power) = &power {
        let requirement = "`Power` must have `PowerConsumedWatts` in `PowerControl`, or the `Status` of power supplies";
        require!(power, has_place, "{requirement}");
    }
    let evidence = power.as_ref().unwrap_or(system);
    expect!(evidence, told, "the power that is taken should be told, or the state of the power supplies");
    expect!(evidence, capacity, "the power capacity should be told (`PowerCapacityWatts`)");
    Ok(())
}
