//! BIOS settings of nodes.

use assay_kit::Machine;
use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::fixture::{Refusal as _, at, offers};
use super::steps::{CLEAN, Walked, bring, provision};

/// What of a machine's BIOS can be written.
pub(super) struct Bios {
    settings: Vec<Json>,
    fake: bool,
}

impl Bios {
    /// The settings of a machine. Skips the test where none can be written.
    pub(super) async fn of(cx: &Cx, ironic: &Client, machine: &Machine) -> Outcome<Self> {
        let interface = machine.found.value()["bios_interface"].as_str().unwrap_or("no-bios");
        if interface == "no-bios" {
            return Err(cx.skip(
                Lack::feature(Service::BareMetal, "bios"),
                "the machine has no BIOS settings: its `bios_interface` is `no-bios`",
            ));
        }
        let list = if offers(cx, 74)? {
            at(cx, "1.74")?.get(&path(machine)).query("detail", true)
        } else {
            ironic.get(&path(machine))
        };
        let settings = list.require(200).await?.json()?.get("bios")?.elements()?;
        let fake = interface == "fake";
        if !fake && !settings.iter().any(writable) {
            return Err(cx.skip(
                Lack::feature(Service::BareMetal, "bios"),
                "no BIOS setting of the machine is known yet that can be written",
            ));
        }
        Ok(Self { settings, fake })
    }

    /// Whether there is no BIOS, and settings are what one is told.
    pub(super) fn is_fake(&self) -> bool {
        self.fake && self.settings.is_empty()
    }

    /// A setting and its value; an invented one if the node has no settings.
    pub(super) fn as_it_is(&self) -> (String, Value) {
        let surely = |setting: &&Json| {
            let setting = setting.value();
            setting["read_only"] == false && setting["attribute_type"] == "Enumeration"
        };
        let mut found: Vec<&Json> = self.settings.iter().filter(|setting| writable(setting)).collect();
        found.sort_by_key(|setting| !surely(setting));
        found.first().and_then(|setting| pair(setting)).unwrap_or_else(|| ("assay_setting".to_owned(), json!("on")))
    }

    /// A step that writes a setting.
    pub(super) fn writing(&self, name: &str, value: &Value) -> Value {
        // What stands in for a BIOS forgets what it is not told.
        let kept = self.settings.iter().filter(|_| self.fake).filter_map(pair).filter(|(other, _)| other != name);
        let all = kept.chain([(name.to_owned(), value.clone())]);
        let settings: Vec<_> = all.map(|(name, value)| json!({"name": name, "value": value})).collect();
        json!({"interface": "bios", "step": "apply_configuration", "args": {"settings": settings}})
    }

    /// What a setting reads as now; null where there is none.
    pub(super) async fn read(&self, ironic: &Client, machine: &Machine, name: &str) -> Outcome<Value> {
        let settings = ironic.get(&path(machine)).require(200).await?.json()?.get("bios")?.elements()?;
        let found = settings.iter().filter_map(pair).find(|(other, _)| other == name);
        Ok(found.map_or(Value::Null, |(_, value)| value))
    }
}

fn path(machine: &Machine) -> String {
    format!("{}/bios", machine.path())
}

/// Whether a setting has a value and, for all that is known, can be written.
fn writable(setting: &Json) -> bool {
    setting.value()["read_only"] != true && !setting.value()["value"].is_null()
}

fn pair(setting: &Json) -> Option<(String, Value)> {
    Some((setting.value()["name"].as_str()?.to_owned(), setting.value()["value"].clone()))
}

/// Puts a machine that is manageable through one step of cleaning.
pub(super) async fn clean(cx: &Cx, ironic: &Client, machine: &Machine, step: &Value) -> Outcome<Walked> {
    let change = json!({"target": "clean", "clean_steps": [step]});
    let walked = provision(cx, ironic, &machine.path(), &change, "manageable", CLEAN).await?;
    require!(walked.node, walked.moved(), "a machine that is cleaned must leave its state");
    Ok(walked)
}

/// The BIOS settings of a machine must be listed with name and value, and the first five must be shown by their names. An
/// unknown setting must not be found, and a microversion before 1.40 must not know any.
///
/// Where there is no BIOS behind the machine, a setting is invented.
#[conformance(
    id = "baremetal.bios.read",
    spec = "baremetal-v1#list-all-bios-settings-by-node",
    covers = "1a30e2e8-6fc4-4e66-977a-99b2957af6b8",
    needs = [BareMetal, BareMetalMicroversion("1.40"), Machine],
    holds = [Machines],
    seconds = 3,
    timeout = 9000,
)]
async fn read(cx: &Cx) -> Outcome {
    /// How many settings are asked for by their names: a machine may have hundreds.
    const SHOWN: usize = 5;
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.40")?;
    let bios = Bios::of(cx, &ironic, &machine).await?;
    if bios.is_fake() {
        bring(cx, &ironic, &machine, "manageable").await?;
        let (name, value) = bios.as_it_is();
        clean(cx, &ironic, &machine, &bios.writing(&name, &value)).await?;
    }
    let listed = ironic.get(&path(&machine)).require(200).await?.json()?.get("bios")?;
    require!(listed, listed.length()? > 0, "the settings of the machine must be listed");
    let listed = listed.elements()?;
    for setting in &listed {
        let name = setting.get("name")?;
        require!(name, !name.text()?.is_empty(), "a setting must have a name");
        setting.get("value")?;
    }
    for (name, value) in listed.iter().take(SHOWN).filter_map(pair) {
        let shown = ironic.get(&format!("{}/{}", path(&machine), encode(&name))).require(200).await?.json()?;
        let one = shown.get(&name)?.get("value")?;
        require_eq!(one, *one.value(), value, "a setting by its name must have the value that it has in the list");
    }
    if offers(cx, 74)? {
        let detailed = at(cx, "1.74")?.get(&path(&machine)).query("detail", true).require(200).await?.json()?;
        let detailed = detailed.get("bios")?.elements()?;
        require_eq!(cx, detailed.len(), listed.len(), "the detailed list must have the same settings");
        for setting in &detailed {
            for key in ["name", "value"] {
                setting.get(key)?;
            }
        }
    }
    ironic.get(&format!("{}/{}", path(&machine), cx.name("setting"))).require_refusal(404).await?;
    if offers(cx, 39)? {
        at(cx, "1.39")?.get(&path(&machine)).require_refusal(404).await?;
    }
    Ok(())
}

/// A cleaning step must write another value to a BIOS setting, and a second one must write the first value back. Each must
/// read back.
///
/// Where there is no BIOS behind the machine, a setting is invented.
#[conformance(
    id = "baremetal.bios.apply",
    spec = "baremetal-v1#change-node-provision-state",
    covers = "66967561-b914-4213-b643-04af257f430c",
    needs = [BareMetal, BareMetalMicroversion("1.74"), Machine],
    holds = [Machines],
    seconds = 4,
    timeout = 14400,
)]
async fn apply(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.74")?;
    let bios = Bios::of(cx, &ironic, &machine).await?;
    let values = if bios.fake {
        ("assay_setting".to_owned(), json!("on"), json!("off"))
    } else {
        harmless(cx, &ironic, &machine).await?
    };
    let (name, before, other) = values;
    bring(cx, &ironic, &machine, "manageable").await?;
    let mut ways = vec![&other, &before];
    if bios.fake {
        ways.insert(0, &before);
    }
    for value in ways {
        clean(cx, &ironic, &machine, &bios.writing(&name, value)).await?;
        let now = bios.read(&ironic, &machine, &name).await?;
        require_eq!(cx, now, *value, "a BIOS setting that was written must read back");
    }
    Ok(())
}

/// A setting with two values that does not keep a machine from starting, its value and another.
async fn harmless(cx: &Cx, ironic: &Client, machine: &Machine) -> Outcome<(String, Value, Value)> {
    /// What vendors call settings of how much is said and waited for while a machine starts.
    const HARMLESS: [&str; 6] = ["QuietBoot", "Quiet Boot", "NumLock", "BootupNumLock", "PostVideoSupport", "AssetTag"];
    let detailed = ironic.get(&path(machine)).query("detail", true).require(200).await?.json()?;
    for setting in detailed.get("bios")?.elements()? {
        let Some((name, value)) = pair(&setting) else { continue };
        let values = setting.value()["allowable_values"].as_array().cloned().unwrap_or_default();
        let other = values.into_iter().find(|other| *other != value);
        if let (true, Some(other)) = (HARMLESS.contains(&name.as_str()) && setting.value()["read_only"] != true, other)
        {
            return Ok((name, value, other));
        }
    }
    Err(cx.skip(
        Lack::feature(Service::BareMetal, "bios"),
        format!("the machine has no setting that is known to be harmless: none of {}", HARMLESS.join(", ")),
    ))
}
