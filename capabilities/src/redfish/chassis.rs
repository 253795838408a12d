//! What a machine stands in, and what is measured there (`Thermal`, `ThermalSubsystem`, `Sensor`, `Power`, `PowerSubsystem`).

use std::collections::BTreeSet;

use assay_kit::prelude::*;

use super::fixture::at;

/// The thresholds of a temperature, from the lowest to the highest: as `Thermal` and as `Sensor` name them.
const THRESHOLDS: [(&str, &str); 6] = [
    ("LowerThresholdFatal", "LowerFatal"),
    ("LowerThresholdCritical", "LowerCritical"),
    ("LowerThresholdNonCritical", "LowerCaution"),
    ("UpperThresholdNonCritical", "UpperCaution"),
    ("UpperThresholdCritical", "UpperCritical"),
    ("UpperThresholdFatal", "UpperFatal"),
];

/// A temperature that is measured.
struct Temperature {
    from: Json,
    enabled: bool,
    reading: Option<f64>,
    context: Option<String>,
    thresholds: Vec<f64>,
}

/// A machine must tell a plausible temperature, and the thresholds of each must rise.
#[conformance(
    id = "redfish.thermal.temperatures",
    spec = "redfish-schema#thermal",
    covers = "dd822c58-f157-459b-aeb5-3ee1add37b8f",
    needs = [Redfish],
    seconds = 3,
)]
async fn temperatures(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let (mut found, mut offered) = (Vec::new(), false);
    for chassis in of(redfish, system).await? {
        offered |= measured(redfish, &chassis, &mut found).await?;
    }
    if !offered {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "Sensors"),
            format!("no chassis of {} offers Thermal, ThermalSubsystem or Sensors", at(system)),
        ));
    }
    let sound =
        |one: &&Temperature| one.enabled && one.reading.is_some_and(|reading| (-50.0..=150.0).contains(&reading));
    let evidence = found.first().map_or(system, |one| &one.from);
    require!(evidence, found.iter().any(|one| sound(&one)), "a temperature is measured, and can be one");
    for one in &found {
        let rising = one.thresholds.windows(2).all(|pair| pair[0] <= pair[1]);
        require!(one.from, rising, "the thresholds of a temperature rise; they are {:?}", one.thresholds);
    }
    let contexts: BTreeSet<&str> = found.iter().filter_map(|one| one.context.as_deref()).collect();
    for context in ["CPU", "Intake", "SystemBoard"] {
        expect!(evidence, contexts.contains(context), "a temperature is that of the {context}");
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

/// Collects what is measured of the temperatures of a chassis; says whether it offers any place for them.
async fn measured(redfish: &Redfish, chassis: &Json, found: &mut Vec<Temperature>) -> Outcome<bool> {
    let mut offered = false;
    if let Some(thermal) = redfish.follow(chassis, "Thermal").await? {
        offered = true;
        let temperatures = thermal.find("Temperatures").map(|all| all.elements()).transpose()?;
        found.extend(temperatures.unwrap_or_default().into_iter().map(|one| Temperature {
            enabled: one.value()["Status"]["State"] == "Enabled",
            reading: one.value()["ReadingCelsius"].as_f64(),
            context: one.value()["PhysicalContext"].as_str().map(str::to_owned),
            thresholds: THRESHOLDS.iter().filter_map(|(name, _)| one.value()[*name].as_f64()).collect(),
            from: one,
        }));
    }
    if let Some(subsystem) = redfish.follow(chassis, "ThermalSubsystem").await? {
        offered = true;
        let metrics = redfish.follow(&subsystem, "ThermalMetrics").await?;
        let readings = metrics.and_then(|metrics| metrics.find("TemperatureReadingsCelsius"));
        for one in readings.map(|all| all.elements()).transpose()?.unwrap_or_default() {
            let reading = one.value()["Reading"].as_f64();
            found.push(Temperature { enabled: true, reading, context: None, thresholds: Vec::new(), from: one });
        }
    }
    if let Some(sensors) = redfish.follow(chassis, "Sensors").await? {
        offered = true;
        for one in
            redfish.members(&sensors).await?.into_iter().filter(|one| one.value()["ReadingType"] == "Temperature")
        {
            let threshold = |name: &str| one.value()["Thresholds"][name]["Reading"].as_f64();
            found.push(Temperature {
                enabled: one.value()["Status"]["State"] == "Enabled",
                reading: one.value()["Reading"].as_f64(),
                context: one.value()["PhysicalContext"].as_str().map(str::to_owned),
                thresholds: THRESHOLDS.iter().filter_map(|(_, name)| threshold(name)).collect(),
                from: one,
            });
        }
    }
    Ok(offered)
}

/// A machine must tell how much power it takes, or the state of its power supplies.
#[conformance(
    id = "redfish.power.readings",
    spec = "redfish-schema#power",
    covers = "7c965b40-cec5-4c2e-adc0-57bddd9db637",
    needs = [Redfish],
)]
async fn readings(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let (mut evidence, mut told, mut capacity) = (None, false, false);
    for chassis in of(redfish, system).await? {
        if let Some(power) = redfish.follow(&chassis, "Power").await? {
            let controls = power.value()["PowerControl"].as_array().cloned().unwrap_or_default();
            told |=
                controls.iter().any(|control| control["PowerConsumedWatts"].as_f64().is_some_and(|watts| watts >= 0.0));
            let supplies = power.value()["PowerSupplies"].as_array().cloned().unwrap_or_default();
            told |= supplies.iter().any(|supply| supply["Status"]["State"].is_string());
            capacity |= controls.iter().chain(&supplies).any(|part| part["PowerCapacityWatts"].is_number());
            evidence = Some(power);
        }
        if let Some(subsystem) = redfish.follow(&chassis, "PowerSubsystem").await? {
            capacity |= subsystem.value()["CapacityWatts"].is_number();
            if let Some(supplies) = redfish.follow(&subsystem, "PowerSupplies").await? {
                let members = redfish.members(&supplies).await?;
                told |= members.iter().any(|supply| supply.value()["Status"]["State"].is_string());
            }
            if let Some(metrics) = redfish.follow(&chassis, "EnvironmentMetrics").await? {
                told |= metrics.value()["PowerWatts"]["Reading"].as_f64().is_some_and(|watts| watts >= 0.0);
            }
            evidence = Some(subsystem);
        }
    }
    let Some(evidence) = evidence else {
        return Err(cx.skip(
            Lack::feature(Service::Redfish, "Power"),
            format!("no chassis of {} offers Power or PowerSubsystem", at(system)),
        ));
    };
    require!(evidence, told, "the power that is taken is told, or how the power supplies are");
    expect!(evidence, capacity, "the power capacity should be told (`PowerCapacityWatts`)");
    Ok(())
}
