//! What a system boots from, and how (`ComputerSystem`, `Boot`).

use assay_kit::prelude::*;

use super::fixture::{QUIET, SETTLING, accepted, done, judged, patched, powered, reached, refused};

const TARGET: &str = "BootSourceOverrideTarget";
const ENABLED: &str = "BootSourceOverrideEnabled";
const MODE: &str = "BootSourceOverrideMode";
/// The settings that tests change.
const OVERRIDE: [&str; 3] = [TARGET, ENABLED, MODE];

/// The boot settings of a machine.
struct Boot<'a> {
    cx: &'a Cx,
    redfish: &'a Redfish,
    machine: &'a RedfishMachine,
    /// As they were found.
    found: Json,
    /// Where those that wait for the next start are (DSP0266, "Settings resource"), and what they were. What stands there is
    /// changed there, and the rest in the machine itself.
    waiting: Option<(String, Json)>,
}

impl<'a> Boot<'a> {
    async fn of(cx: &'a Cx, redfish: &'a Redfish, machine: &'a RedfishMachine) -> Outcome<Self> {
        let mut boot = Self { cx, redfish, machine, found: machine.found.get("Boot")?, waiting: None };
        let Some(settings) = machine.found.find("@Redfish.Settings") else { return Ok(boot) };
        let path = redfish.path(&settings, "SettingsObject").ok().flatten();
        let owner = format!("{}/", machine.path.trim_end_matches('/')).to_ascii_lowercase();
        let within = |path: &String| path.to_ascii_lowercase().starts_with(&owner);
        let Some(path) = path.filter(within) else { return Ok(boot) };
        let shown = reached(redfish, &settings, "SettingsObject").await?;
        let Some(waiting) = shown.and_then(|shown| shown.find("Boot")) else { return Ok(boot) };
        let mut before = json!({});
        for name in OVERRIDE {
            // No machine takes a blank mode again.
            let is_kept =
                |value: &Json| name != MODE || value.value().as_str().is_some_and(|mode| !mode.trim().is_empty());
            if let Some(value) = waiting.find(name).filter(is_kept) {
                before[name] = value.value().clone();
            }
        }
        if before != json!({}) {
            // It is put back as the machine itself is, by its own path.
            cx.will_create(Resource {
                id: Some(path.clone()),
                previous: Some(json!({"boot": before}).to_string()),
                ..Resource::new(Kind::RedfishSystem, &path).of(redfish.client().role())
            })?;
            boot.waiting = Some((path, waiting));
        }
        Ok(boot)
    }

    /// All places where settings may stand.
    fn places(&self) -> impl Iterator<Item = &Json> {
        std::iter::once(&self.found).chain(self.waiting.iter().map(|(_, waiting)| waiting))
    }

    /// The values that a setting may have, as far as the machine tells.
    fn allowed(&self, name: &str) -> Option<Vec<String>> {
        let key = format!("{name}@Redfish.AllowableValues");
        self.places().find_map(|boot| {
            let values = boot.value()[&key].as_array()?;
            Some(values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect())
        })
    }

    /// A drive for discs: machines that know it as one of USB alone say so.
    fn disc(&self) -> &'static str {
        let allowed = self.allowed(TARGET).unwrap_or_default();
        let has = |target: &str| allowed.iter().any(|other| other == target);
        if has("UsbCd") && !has("Cd") { "UsbCd" } else { "Cd" }
    }

    /// The path where a setting is changed.
    fn path_for(&self, name: &str) -> &str {
        match &self.waiting {
            Some((path, waiting)) if waiting.find(name).is_some() => path,
            _ => &self.machine.path,
        }
    }

    /// Changes settings, each where it stands, and requires that this is accepted.
    async fn write(&self, change: &Value) -> Outcome {
        let (mut later, mut now) = (json!({}), json!({}));
        for (name, value) in change.as_object().into_iter().flatten() {
            let part = if self.path_for(name) == self.machine.path { &mut now } else { &mut later };
            part[name.as_str()] = value.clone();
        }
        if let Some((path, _)) = self.waiting.as_ref().filter(|_| later != json!({})) {
            accepted(&self.redfish.change(path, &json!({"Boot": later})).await?)?;
        }
        if now != json!({}) {
            patched(self.cx, self.redfish, &self.machine.path, &json!({"Boot": now})).await?;
        }
        Ok(())
    }

    /// Requires that settings read back: as they are, or as they will be at the next start.
    async fn reads(&self, change: &Value) -> Outcome {
        let wanted = || change.as_object().into_iter().flatten();
        let all = |shown: &Shown| wanted().all(|(name, value)| shown.has(name, value));
        let shown = self.cx.settled(SETTLING, || self.show(), all).await?;
        let boot = shown.system.get("Boot")?;
        for (name, value) in wanted() {
            if !shown.has(name, value) {
                require_eq!(boot, &boot.value()[name], value, "`{name}` must be as it was written");
            }
        }
        Ok(())
    }

    /// Changes settings, and requires that they read back.
    async fn set(&self, change: &Value) -> Outcome {
        self.write(change).await?;
        self.reads(change).await
    }

    /// Writes a setting as it is: one that is refused could not be put back.
    async fn again(&self, name: &str, value: &str) -> Outcome<Response> {
        self.redfish.change(self.path_for(name), &json!({"Boot": {name: value}})).await
    }

    /// Says it beforehand where the machine does not take its own mode: some change it along with what they boot from.
    async fn says_whether_the_mode_is_kept(&self) -> Outcome {
        let Some(mode) = self.mode().filter(|mode| !mode.trim().is_empty()) else { return Ok(()) };
        let answer = self.again(MODE, &mode).await?;
        judged(&answer)?;
        if (400..500).contains(&answer.status()) && !is_idle(&answer) {
            self.machine.cannot_put_back(MODE)?;
            let promise = "the present boot mode should be taken: it cannot be put back where the machine changes it";
            expect!(answer, false, "{promise}");
        }
        Ok(())
    }

    /// The boot mode, as it was found.
    fn mode(&self) -> Option<String> {
        self.places().find_map(|boot| boot.value()[MODE].as_str().map(str::to_owned))
    }

    /// Asks for a setting that must be refused, and requires that nothing changes.
    async fn refuses(&self, name: &str, value: &str) -> Outcome {
        let before = (overrides(self.found.value()), self.waiting.as_ref().map(|(_, boot)| overrides(boot.value())));
        let answer = self.redfish.attempt(self.path_for(name), &json!({"Boot": {name: value}})).await?;
        let names =
            ["PropertyValueNotInList", "PropertyValueTypeError", "PropertyValueFormatError", "PropertyNotWritable"];
        refused(&answer, &names)?;
        let shown = self.cx.settled(QUIET / 5, || self.show(), |shown| shown.overrides() != before).await?;
        require_eq!(shown.system, shown.overrides(), before, "the boot settings must be as before");
        Ok(())
    }

    /// The settings as they are now.
    async fn show(&self) -> Outcome<Shown> {
        let system = self.redfish.show(&self.machine.path).await?;
        let waiting = match &self.waiting {
            Some((path, _)) => Some(self.redfish.show(path).await?),
            None => None,
        };
        Ok(Shown { system, waiting })
    }
}

/// Whether an answer says, with an error, that a change changes nothing.
fn is_idle(answer: &Response) -> bool {
    answer.status() == 400 && answer.text().contains("NoOperation")
}

/// A machine as it is now, and what waits for its next start.
struct Shown {
    system: Json,
    waiting: Option<Json>,
}

impl Shown {
    fn has(&self, name: &str, value: &Value) -> bool {
        std::iter::once(&self.system).chain(&self.waiting).any(|shown| shown.value()["Boot"][name] == *value)
    }

    fn overrides(&self) -> (Value, Option<Value>) {
        let of = |shown: &Json| overrides(&shown.value()["Boot"]);
        (of(&self.system), self.waiting.as_ref().map(of))
    }
}

fn overrides(boot: &Value) -> Value {
    OVERRIDE.iter().map(|name| boot[*name].clone()).collect()
}

/// A one-time boot override to the network must be set and read back.
///
/// `Pxe`, `Hdd` and `Cd`, or `UsbCd` in its place, should be among the targets that the system offers.
#[conformance(
    id = "redfish.boot.once",
    spec = "redfish-schema#computersystem",
    covers = "906fcef2-a40c-487a-931b-8f92a3df986b",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn once(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let boot = Boot::of(cx, redfish, machine).await?;
    let allowed = boot.allowed(TARGET).unwrap_or_default();
    for target in ["Pxe", "Hdd", boot.disc()] {
        let told = allowed.iter().any(|other| other == target);
        expect!(boot.found, told, "{target} should be among the targets that the system says it can boot from");
    }
    boot.says_whether_the_mode_is_kept().await?;
    boot.set(&json!({TARGET: "Pxe", ENABLED: "Once"})).await
}

/// A continuous boot override must be set and changed, and disabled where the machine takes that. Each must read back.
///
/// A machine should take that its override is disabled.
#[conformance(
    id = "redfish.boot.continuous",
    spec = "redfish-schema#computersystem",
    covers = "113eab9c-1019-4249-9e9d-1791d02c64b4",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn continuous(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let boot = Boot::of(cx, redfish, machine).await?;
    boot.says_whether_the_mode_is_kept().await?;
    boot.set(&json!({TARGET: boot.disc(), ENABLED: "Continuous"})).await?;
    boot.set(&json!({TARGET: "Hdd", ENABLED: "Continuous"})).await?;
    let off = json!({ENABLED: "Disabled"});
    match boot.write(&off).await {
        Err(Stop::Fail(_)) => {
            expect!(boot.found, false, "a boot override should be disabled with `{ENABLED}`: Disabled");
            Ok(())
        }
        written => {
            written?;
            boot.reads(&off).await
        }
    }
}

/// An unknown boot target and an unknown duration must be refused, and the boot settings stay as they are.
#[conformance(
    id = "redfish.boot.refused",
    spec = "redfish-schema#computersystem",
    covers = "69e5fb02-f868-486e-800b-5d82ebbf79ce",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn boot_refused(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let boot = Boot::of(cx, redfish, machine).await?;
    boot.refuses(TARGET, "Toaster").await?;
    boot.refuses(ENABLED, "Perhaps").await
}

/// A machine that is off must be set to the other boot mode, UEFI or legacy, and back. Each must read back, as the present
/// setting or as a pending one.
///
/// The present mode comes first: one that cannot be written is not left for another. A machine that does not say which modes it
/// has may have one alone: it should take the other one. One that is in no mode that it takes is left alone, and the test is
/// skipped.
#[conformance(
    id = "redfish.boot-mode.set",
    spec = "redfish-schema#computersystem",
    covers = "0f00ce26-1aa3-4b36-a8ea-8a1594d32892",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 2,
)]
async fn mode_set(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let boot = Boot::of(cx, redfish, machine).await?;
    let Some(before) = boot.mode() else {
        return Err(cx.skip(Lack::feature(Service::Redfish, MODE), format!("{} has no `{MODE}`", machine.path)));
    };
    let allowed = boot.allowed(MODE);
    // What could not be put back is not changed.
    let is_taken = !before.trim().is_empty() && allowed.as_ref().is_none_or(|allowed| allowed.contains(&before));
    if !is_taken {
        let reason =
            format!("`{MODE}` of {} is `{before}`, which could not be put back: it stays as it is", machine.path);
        return Err(cx.skip(Lack::feature(Service::Redfish, MODE), reason));
    }
    let other = if before == "UEFI" { "Legacy" } else { "UEFI" };
    powered(cx, redfish, machine, "Off").await?;
    let answer = boot.again(MODE, &before).await?;
    if !is_idle(&answer) {
        done(cx, redfish, &answer, SETTLING).await?;
    }
    if allowed.as_ref().is_none_or(|allowed| allowed.iter().any(|mode| mode == other)) {
        let change = json!({MODE: other});
        match boot.write(&change).await {
            Err(Stop::Fail(_)) if allowed.is_none() => {
                let promise = "the other boot mode should be taken, for the machine does not say which it has";
                expect!(boot.found, false, "{promise}: {other}");
            }
            written => {
                written?;
                boot.reads(&change).await?;
            }
        }
    }
    boot.set(&json!({MODE: before})).await
}

/// An unknown boot mode must be refused, and the boot settings stay as they are.
#[conformance(
    id = "redfish.boot-mode.refused",
    spec = "redfish-schema#computersystem",
    covers = "01f6fffe-6b8d-44e6-9902-d4f3937e2c27",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn mode_refused(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let boot = Boot::of(cx, redfish, machine).await?;
    if boot.places().all(|boot| boot.find(MODE).is_none()) {
        return Err(cx.skip(Lack::feature(Service::Redfish, MODE), format!("{} has no `{MODE}`", machine.path)));
    }
    boot.refuses(MODE, "Punchcard").await
}
