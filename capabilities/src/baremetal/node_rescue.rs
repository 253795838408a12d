//! Rescuing machines: another system starts on them, which their owner logs in to.

use assay_kit::Machine;
use assay_kit::prelude::*;

use super::fixture::{at, fault, refused, require_untouched, show};
use super::steps::{CLEAN, DEPLOY, deploy, provision, require_rests, walk};

/// A deployed machine that can be rescued.
async fn rescuable(cx: &Cx, ironic: &Client) -> Outcome<Machine> {
    let machine = cx.machine().await?;
    if machine.found.value()["rescue_interface"] == "no-rescue" {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "rescue"),
            "the machine cannot be rescued: its `rescue_interface` is `no-rescue`",
        ));
    }
    deploy(cx, ironic, &machine).await?;
    Ok(machine)
}

/// An active machine must be rescued with a password, and unrescued. It must be active again, without an error.
///
/// No answer should show the password.
#[conformance(
    id = "baremetal.rescue.run",
    spec = "baremetal-v1#change-node-provision-state",
    covers = "4f7312db-cf3b-425b-9e4e-e419fe1363d2",
    needs = [BareMetal, BareMetalMicroversion("1.38"), Machine],
    holds = [Machines],
    seconds = 6,
    timeout = 14400,
)]
async fn run(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.38")?;
    let machine = rescuable(cx, &ironic).await?;
    let secret = cx.unused_uuid();
    let change = json!({"target": "rescue", "rescue_password": secret});
    let (answer, walked) = walk(cx, &ironic, &machine.path(), &change, DEPLOY).await?;
    if answer.status() == 400 {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "rescue"),
            format!("the machine cannot be rescued: {}", fault(&answer)),
        ));
    }
    answer.require_status(202)?;
    require_rests(&walked, "rescue")?;
    expect!(walked.node, !walked.leaked, "the password should be in no answer while the machine is being rescued");
    for path in [machine.path(), format!("{}/states", machine.path())] {
        let told = ironic.get(&path).require(200).await?;
        expect!(told, !told.text().contains(&secret), "the password should be in no answer");
    }
    provision(cx, &ironic, &machine.path(), &json!({"target": "unrescue"}), "active", DEPLOY).await?;
    Ok(())
}

/// Rescuing an active machine without a password or with an empty one, unrescuing one that is not in rescue, and rescuing an
/// available one must be refused, and the machine must stay as it is.
#[conformance(
    id = "baremetal.rescue.refused",
    spec = "baremetal-v1#change-node-provision-state",
    covers = "13b42203-40f4-432f-ad6c-8c2eb4ebf910",
    needs = [BareMetal, BareMetalMicroversion("1.38"), Machine],
    holds = [Machines],
    seconds = 6,
    timeout = 14400,
)]
async fn refusals(cx: &Cx) -> Outcome {
    const KEYS: [&str; 4] = ["provision_state", "target_provision_state", "reservation", "last_error"];
    let ironic = at(cx, "1.38")?;
    let machine = rescuable(cx, &ironic).await?;
    let path = format!("{}/states/provision", machine.path());
    let before = show(&ironic, &machine.path()).await?;
    let wrong = [
        (json!({"target": "rescue"}), "rescue_password"),
        (json!({"target": "rescue", "rescue_password": ""}), "rescue_password"),
        (json!({"target": "unrescue"}), "unrescue"),
    ];
    for (change, names) in wrong {
        refused(cx, ironic.put(&path).json(&change), 400, names).await?;
    }
    require_untouched(cx, &ironic, &machine.path(), &before, &KEYS).await?;
    let change = json!({"target": "deleted"});
    provision(cx, &ironic, &machine.path(), &change, "available", CLEAN).await?;
    let before = show(&ironic, &machine.path()).await?;
    let change = json!({"target": "rescue", "rescue_password": cx.unused_uuid()});
    refused(cx, ironic.put(&path).json(&change), 400, "rescue").await?;
    require_untouched(cx, &ironic, &machine.path(), &before, &KEYS).await
}
