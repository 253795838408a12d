//! Machines that the service manages by Redfish: what it says of one, and what the machine's own controller says.

use std::time::Duration;

use assay_kit::http::address::join;
use assay_kit::prelude::*;
use assay_kit::{Machine, RedfishMachine};

use super::fixture::{at, patiently, show};
use super::steps::{POWER, can_be_off, power};

/// How long the service may take to see what was done behind its back.
const SYNC: Duration = Duration::from_secs(180);
/// How long the controller may take to tell what it was told.
const TELLS: Duration = Duration::from_secs(10);

/// A machine, seen from both sides.
struct Managed {
    machine: Machine,
    redfish: Redfish,
    system: RedfishMachine,
}

/// Where a node's driver finds a system.
fn address(node: &Value) -> Option<String> {
    let info = &node["driver_info"];
    let path = info["redfish_system_id"].as_str()?;
    Some(join(info["redfish_address"].as_str()?, path).trim_end_matches('/').to_owned())
}

impl Managed {
    /// One that is listed on both sides.
    async fn borrow(cx: &Cx) -> Outcome<Self> {
        for redfish in cx.redfish() {
            let redfish = redfish?;
            if redfish.settings().machines.is_empty() {
                continue;
            }
            for system in redfish.machines().await? {
                let path = system.get("@odata.id")?.text()?.to_owned();
                let place = redfish.client().url(&path).trim_end_matches('/').to_owned();
                let Some(machine) = cx.machine_that(|node| address(node).as_ref() == Some(&place)).await? else {
                    continue;
                };
                let system = redfish.machine_to_change(cx, &system).await?;
                return Ok(Self { machine, redfish, system });
            }
        }
        Err(cx.skip(
            Lack::machine(Service::Redfish),
            "no listed machine of the bare-metal service is a listed system of a Redfish service",
        ))
    }

    /// What the machine's own controller says of its power, once it is this.
    async fn require_power(&self, cx: &Cx, power: &str) -> Outcome {
        let look = || self.redfish.show(&self.system.path);
        let system = cx.settled(POWER, look, |system| system.value()["PowerState"] == power).await?;
        let seen = system.get("PowerState")?;
        require_eq!(seen, seen.value(), power, "the machine's own controller must agree on the power");
        Ok(())
    }

    /// What the machine's own controller says of its boot: as it is, and as it waits for the next start where settings do
    /// (DSP0266, "Settings resource").
    async fn boots(&self) -> Outcome<Vec<Json>> {
        let system = self.redfish.show(&self.system.path).await?;
        let mut boots = vec![system.get("Boot")?];
        let settings = system.find("@Redfish.Settings");
        let path = settings.and_then(|settings| self.redfish.path(&settings, "SettingsObject").ok().flatten());
        if let Some(path) = path {
            let waiting = self.redfish.get(&path).send().await?;
            boots.extend(waiting.json().ok().and_then(|waiting| waiting.find("Boot")));
        }
        Ok(boots)
    }
}

/// The driver of a machine must know enough to manage it by the Redfish service and the system that it names. The password of
/// the controller must not be shown.
///
/// The manufacturer should be the one that the system names.
#[conformance(
    id = "baremetal.managed.identity",
    spec = "baremetal-v1#show-node-details",
    covers = "0280647d-627c-4982-af89-c996fd08cb4f",
    needs = [BareMetal, BareMetalMicroversion("1.31"), Machine, Redfish, RedfishMachine],
    holds = [Machines, RedfishMachines],
)]
async fn identity(cx: &Cx) -> Outcome {
    let managed = Managed::borrow(cx).await?;
    let node = show(&at(cx, "1.31")?, &managed.machine.path()).await?;
    for key in ["power_interface", "management_interface"] {
        let interface = node.get(key)?;
        if !interface.text()?.contains("redfish") && node.value()["driver"] != "redfish" {
            return Err(cx.skip(
                Lack::feature(Service::BareMetal, "redfish"),
                format!("the machine is not managed by Redfish: its `{key}` is {}", interface.value()),
            ));
        }
    }
    let told = show(&at(cx, "1.31")?, &format!("{}/validate", managed.machine.path())).await?;
    for kind in ["power", "management"] {
        let result = told.at([kind, "result"])?;
        require_eq!(result, result.value(), true, "the driver must know enough for the `{kind}` of the machine");
    }
    let info = node.get("driver_info")?;
    if let Some(password) = info.find("redfish_password") {
        let masked = password.text()?.chars().all(|letter| letter == '*');
        require!(password, masked, "the password of the machine's controller must not be shown");
    }
    let maker = managed.system.found.value()["Manufacturer"].clone();
    let vendor = &node.value()["properties"]["vendor"];
    expect_eq!(node, *vendor, maker, "`vendor` should be the manufacturer that the system names");
    Ok(())
}

/// A machine must be powered off, on and off, and its controller must agree each time. When it is powered on at the controller,
/// the service must be brought to agree: by itself, or once it is asked to power the machine on.
///
/// The service should notice by itself within three minutes, or power the machine off again, and should not put it into
/// maintenance.
#[conformance(
    id = "baremetal.managed.power",
    spec = "baremetal-v1#change-node-power-state",
    covers = "77d32a33-b23c-4b26-b09b-eb08647b3f8a",
    needs = [BareMetal, Machine, Redfish, RedfishMachine],
    holds = [Machines, RedfishMachines],
    seconds = 60,
    timeout = 3600,
)]
async fn power_agrees(cx: &Cx) -> Outcome {
    let managed = Managed::borrow(cx).await?;
    can_be_off(cx, &managed.machine)?;
    let (ironic, path) = (cx.bare_metal()?, managed.machine.path());
    for (target, state) in [("power off", "Off"), ("power on", "On"), ("power off", "Off")] {
        managed.system.will_turn(state)?;
        power(cx, &ironic, &path, &json!({"target": target}), target).await?;
        managed.require_power(cx, state).await?;
        managed.system.has_turned()?;
    }
    let reset = managed.system.found.at(["Actions", "#ComputerSystem.Reset", "target"])?;
    managed.system.will_turn("On")?;
    // It may be a whole address (DSP0266, "Actions").
    let Some(target) = managed.redfish.path_of(reset.text()?) else {
        let requirement = "the target of a reset must be a path of the machine's own controller".to_owned();
        return Err(reset.fail(requirement, None, Some(reset.value().to_string())));
    };
    let answer = managed.redfish.act(&target, &json!({"ResetType": "On"})).await?;
    answer.require_status(200..=299)?;
    managed.require_power(cx, "On").await?;
    managed.system.has_turned()?;
    let agree = |(node, system): &(Json, Json)| {
        let same = matches!(
            (node.value()["power_state"].as_str(), system.value()["PowerState"].as_str()),
            (Some("power on"), Some("On")) | (Some("power off"), Some("Off"))
        );
        same && node.value()["reservation"].is_null()
    };
    let look = || async { Ok((show(&ironic, &path).await?, managed.redfish.show(&managed.system.path).await?)) };
    let (node, system) = cx.settled(SYNC, look, agree).await?;
    let said = (&node.value()["power_state"], &system.value()["PowerState"]);
    let agreed = agree(&(node.clone(), system.clone()));
    expect!(node, agreed, "both should agree on the power again by themselves, but they say {said:?}");
    expect_eq!(node, node.value()["maintenance"], false, "a change behind its back should not lead to maintenance");
    if !agreed {
        // How often the service looks at the power is for its operator to say.
        managed.system.will_turn("On")?;
        power(cx, &ironic, &path, &json!({"target": "power on"}), "power on").await?;
        managed.require_power(cx, "On").await?;
        managed.system.has_turned()?;
    }
    Ok(())
}

/// A boot device that is set for a machine must be set in its controller.
///
/// It should be set for one boot, as it is asked for.
#[conformance(
    id = "baremetal.managed.boot-device",
    spec = "baremetal-v1#set-boot-device",
    covers = "5ee26980-2bfa-4f8b-88bb-2f6fd6a6bd03",
    needs = [BareMetal, Machine, Redfish, RedfishMachine],
    holds = [Machines, RedfishMachines],
    seconds = 5,
)]
async fn boot_device_agrees(cx: &Cx) -> Outcome {
    let managed = Managed::borrow(cx).await?;
    let ironic = cx.bare_metal()?;
    let path = format!("{}/management/boot_device", managed.machine.path());
    let supported = show(&ironic, &format!("{path}/supported")).await?.get("supported_boot_devices")?.elements()?;
    let mut tried = 0;
    // Some controllers have a second name for their CD.
    for (device, sources) in [("pxe", ["Pxe", "Pxe"]), ("disk", ["Hdd", "Hdd"]), ("cdrom", ["Cd", "UsbCd"])] {
        if !supported.iter().any(|other| other.value() == device) {
            continue;
        }
        tried += 1;
        let change = json!({"boot_device": device, "persistent": false});
        patiently(cx, ironic.put(&path).json(&change)).await?.require_status(204)?;
        let is_one = |target: &Value| target.as_str().is_some_and(|target| sources.contains(&target));
        let is_set = |boot: &Json| is_one(&boot.value()["BootSourceOverrideTarget"]);
        let boots = cx.settled(TELLS, || managed.boots(), |boots| boots.iter().any(is_set)).await?;
        let Some(boot) = boots.iter().find(|boot| is_set(boot)).or(boots.first()) else { continue };
        let target = boot.get("BootSourceOverrideTarget")?;
        // What waits need not have both.
        let mut places = std::iter::once(boot).chain(&boots);
        let enabled = places.find_map(|boot| boot.find("BootSourceOverrideEnabled"));
        let enabled = enabled.map_or_else(|| boot.get("BootSourceOverrideEnabled"), Ok)?;
        let has = is_one(target.value());
        require!(target, has, "the machine's own controller must have `{device}`, but it has {}", target.value());
        require!(enabled, enabled.value() != "Disabled", "the boot device must not be passed over");
        expect_eq!(enabled, enabled.value(), "Once", "a boot device that is not persistent should be taken once");
    }
    if tried == 0 {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "boot device"),
            "the machine supports none of network, disk and CD as its boot device",
        ));
    }
    Ok(())
}
