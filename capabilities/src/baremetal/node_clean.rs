//! Manual cleaning: steps that a machine is put through while it is manageable.

use assay_kit::prelude::*;

use super::fixture::{at, patiently, refused, require_unchanged, require_untouched, show};
use super::node_bios::{Bios, clean};
use super::steps::{CLEAN, PROVISION, bring, provision, walk};

/// A manageable machine must be put through a cleaning step that writes a BIOS setting as it is: it must leave its state, and
/// be manageable again without an error. The setting must read back.
///
/// Where there is no BIOS behind the machine, a setting is invented, and taken away again by a second step.
#[conformance(
    id = "baremetal.clean.manual",
    spec = "baremetal-v1#change-node-provision-state",
    covers = "d5511f6b-e705-407b-83dd-8763ede08649",
    needs = [BareMetal, BareMetalMicroversion("1.40"), Machine],
    holds = [Machines],
    seconds = 4,
    timeout = 14400,
)]
async fn manual(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.40")?;
    let bios = Bios::of(cx, &ironic, &machine).await?;
    bring(cx, &ironic, &machine, "manageable").await?;
    let (name, value) = bios.as_it_is();
    clean(cx, &ironic, &machine, &bios.writing(&name, &value)).await?;
    let now = bios.read(&ironic, &machine, &name).await?;
    require_eq!(cx, now, value, "a setting that a step of cleaning wrote must read back");
    if bios.is_fake() {
        clean(cx, &ironic, &machine, &json!({"interface": "bios", "step": "factory_reset"})).await?;
        let left = bios.read(&ironic, &machine, &name).await?;
        require_eq!(cx, left, Value::Null, "a factory reset must take a setting away that was invented");
    }
    Ok(())
}

/// An unknown cleaning step must be refused and leave the machine as it is, or must end in `clean failed` with an error. Once
/// managed again, the machine must be manageable.
///
/// The error should name the step.
#[conformance(
    id = "baremetal.clean.fails-and-recovers",
    spec = "baremetal-v1#change-node-provision-state",
    covers = "8e44724b-c38d-4e58-848a-dd5fface0fa6",
    needs = [BareMetal, BareMetalMicroversion("1.15"), Machine],
    holds = [Machines],
    seconds = 3,
    timeout = 9000,
)]
async fn fails_and_recovers(cx: &Cx) -> Outcome {
    const STEP: &str = "assay_no_such_step";
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.15")?;
    bring(cx, &ironic, &machine, "manageable").await?;
    let change = json!({"target": "clean", "clean_steps": [{"interface": "raid", "step": STEP}]});
    let (answer, walked) = walk(cx, &ironic, &machine.path(), &change, CLEAN).await?;
    if answer.status() == 400 {
        let keys = ["provision_state", "target_provision_state", "reservation", "last_error"];
        return require_unchanged(&walked.before, &walked.node, &keys);
    }
    answer.require_status(202)?;
    walked.require_end()?;
    let node = &walked.node;
    require_eq!(node, walked.state(), "clean failed", "a cleaning with an unknown step must fail");
    require!(node, node.value()["reservation"].is_null(), "no conductor must keep the node reserved");
    let error = walked.erred.as_ref().unwrap_or(node).get("last_error")?;
    let text = error.value().as_str().unwrap_or_default();
    require!(error, !text.is_empty(), "a cleaning that failed must say why");
    expect!(error, text.contains(STEP), "the error should name the unknown step: {text}");
    if node.value()["maintenance"] == true {
        patiently(cx, ironic.delete(&format!("{}/maintenance", machine.path()))).await?.require_status(202)?;
    }
    let change = json!({"target": "manage"});
    provision(cx, &ironic, &machine.path(), &change, "manageable", PROVISION).await.map(drop)
}

/// Cleaning without steps, with an empty list of steps, and with a step of an unknown interface must be refused, and the
/// machine must stay manageable.
#[conformance(
    id = "baremetal.clean.refused",
    spec = "baremetal-v1#change-node-provision-state",
    covers = "3df6d1b5-8fd0-48da-94f8-c900243178f8",
    needs = [BareMetal, BareMetalMicroversion("1.15"), Machine],
    holds = [Machines],
    seconds = 3,
    timeout = 9000,
)]
async fn refusals(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.15")?;
    bring(cx, &ironic, &machine, "manageable").await?;
    let before = show(&ironic, &machine.path()).await?;
    let path = format!("{}/states/provision", machine.path());
    let wrong = [
        (json!({"target": "clean"}), "clean_steps"),
        (json!({"target": "clean", "clean_steps": []}), "clean_steps"),
        (json!({"target": "clean", "clean_steps": [{"interface": "x", "step": "assay_no_such_step"}]}), "x"),
    ];
    for (change, names) in wrong {
        refused(cx, ironic.put(&path).json(&change), 400, names).await?;
    }
    let change = json!({"target": "clean", "clean_steps": [{"step": "assay_no_such_step"}]});
    let answer = patiently(cx, ironic.put(&path).json(&change)).await?;
    expect_eq!(answer, answer.status(), 400, "a step without an interface should be refused with 400");
    require!(answer, !(200..300).contains(&answer.status()), "a step without an interface must not be accepted");
    let keys = ["provision_state", "target_provision_state", "reservation", "last_error"];
    require_untouched(cx, &ironic, &machine.path(), &before, &keys).await
}
