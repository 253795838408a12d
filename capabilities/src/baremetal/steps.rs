//! What tests do with a listed machine: each step waits for its end, and looks at what came of it.
//!
//! That a request is accepted proves nothing: the wanted state is read back, with no error, nothing more aimed at, and no
//! conductor holding the node.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use assay_kit::prelude::*;
use assay_kit::{DEPLOYMENT_MARK, Machine};

use super::fixture::{patiently, require_holds, show};

/// How long a machine may take to be turned on or off: five times as long as the service waits unless it is told otherwise.
pub(super) const POWER: Duration = Duration::from_secs(300);
/// How long a change of state is waited for that does not start the machine.
pub(super) const PROVISION: Duration = Duration::from_secs(300);
/// How long a deployment, an inspection or a rescue is waited for.
pub(super) const DEPLOY: Duration = Duration::from_secs(1800);
/// How long cleaning is waited for.
pub(super) const CLEAN: Duration = Duration::from_secs(3600);

/// Waits until no conductor works on a machine; gives what it was when it told of an error, or else what it is in the end.
///
/// An error that a test saw once counts: the service forgets it when it next looks at the power.
pub(super) async fn idle(cx: &Cx, ironic: &Client, before: &Json, within: Duration) -> Outcome<Json> {
    let path = super::fixture::path("nodes", before.get("uuid")?.text()?);
    let erred: Mutex<Option<Json>> = Mutex::default();
    let rests = |node: &Json| {
        note_error(before, node, &erred);
        node.value()["reservation"].is_null()
    };
    let node = cx.settled(within, || show(ironic, &path), rests).await?;
    require!(node, node.value()["reservation"].is_null(), "no conductor must keep the node reserved");
    Ok(erred.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or(node))
}

/// Keeps a node that tells of an error that was not there before, the first time.
fn note_error(before: &Json, node: &Json, erred: &Mutex<Option<Json>>) {
    let error = &node.value()["last_error"];
    if !error.is_null() && *error != before.value()["last_error"] {
        erred.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| node.clone());
    }
}

/// Requires that there is no error but the one that there was before.
pub(super) fn require_no_error(before: &Json, after: &Json) -> Outcome {
    let error = after.get("last_error")?;
    if error.value().is_null() || *error.value() == before.value()["last_error"] {
        return Ok(());
    }
    Err(error.fail("there must be no error".into(), Some("null".into()), Some(error.value().to_string())))
}

/// Asks for a power state, and waits until the machine has the one that it leads to.
pub(super) async fn power(cx: &Cx, ironic: &Client, path: &str, change: &Value, state: &str) -> Outcome<Json> {
    power_within(cx, ironic, path, change, state, POWER).await
}

/// The same, with another limit of time.
pub(super) async fn power_within(
    cx: &Cx,
    ironic: &Client,
    path: &str,
    change: &Value,
    state: &str,
    within: Duration,
) -> Outcome<Json> {
    let before = show(ironic, path).await?;
    let answer = patiently(cx, ironic.put(&format!("{path}/states/power")).json(change)).await?;
    answer.require_status(202)?;
    let node = cx.settled(within, || show(ironic, path), power_settled).await?;
    require_power(&before, &node, state)?;
    Ok(node)
}

/// Whether nobody is about to change the power of a node.
pub(super) fn power_settled(node: &Json) -> bool {
    node.value()["target_power_state"].is_null() && node.value()["reservation"].is_null()
}

/// Requires that a change of power came to its end in this state.
pub(super) fn require_power(before: &Json, node: &Json, state: &str) -> Outcome {
    require_no_error(before, node)?;
    require_eq!(node, node.value()["target_power_state"], Value::Null, "the change of power must come to its end");
    require_eq!(node, node.value()["reservation"], Value::Null, "no conductor must keep the node reserved");
    require_eq!(node, node.value()["power_state"], state, "the power must be as it was asked for");
    Ok(())
}

/// Skips the test where a machine is never turned off.
pub(super) fn can_be_off(cx: &Cx, machine: &Machine) -> Outcome {
    if machine.found.value()["disable_power_off"] == true {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "power off"),
            "the machine is never turned off: its `disable_power_off` is true",
        ));
    }
    Ok(())
}

/// Skips the test where a machine never becomes available.
pub(super) fn can_be_available(cx: &Cx, machine: &Machine) -> Outcome {
    if machine.found.value()["retired"] == true {
        return Err(cx.skip(
            Lack::machine(Service::BareMetal),
            format!("machine `{}` is retired, and does not become available: list another one", machine.name),
        ));
    }
    Ok(())
}

/// What a change of the provision state came to.
pub(super) struct Walked {
    /// The node before, as it was at this microversion.
    pub before: Json,
    /// The node after.
    pub node: Json,
    /// Whether the node was seen in another state than at its beginning and its end.
    pub passed: bool,
    /// The node when it told of an error first; the service forgets it when it next looks at the power.
    pub erred: Option<Json>,
    /// Whether the node was seen to tell the password that it was to be rescued with.
    pub leaked: bool,
    /// How long it was waited for.
    within: Duration,
}

impl Walked {
    /// The provision state that it came to.
    pub(super) fn state(&self) -> &str {
        self.node.value()["provision_state"].as_str().unwrap_or_default()
    }

    /// Skips the test where the node is on its way still: nobody promises how long that takes, and there was no error.
    pub(super) fn require_end(&self) -> Outcome {
        if !aims(&self.node) {
            return Ok(());
        }
        let (state, seconds) = (self.state(), self.within.as_secs());
        let reason = format!("the machine was still in the state `{state}` after {seconds} s, without an error");
        Err(Stop::skip(Lack::feature(Service::BareMetal, "an end in time"), reason))
    }

    /// Whether anything tells that the node left its state.
    pub(super) fn moved(&self) -> bool {
        let time = |node: &Json| node.value()["provision_updated_at"].clone();
        self.passed || time(&self.before) != time(&self.node)
    }
}

/// Whether a node is on its way to another provision state.
fn aims(node: &Json) -> bool {
    let state = node.value()["provision_state"].as_str().unwrap_or_default();
    let failed = state.ends_with("failed") || state == "error";
    !node.value()["target_provision_state"].is_null() && !failed
}

/// Asks for a change of the provision state, and waits until the node rests again, be it where it should or not.
pub(super) async fn walk(
    cx: &Cx,
    ironic: &Client,
    path: &str,
    change: &Value,
    within: Duration,
) -> Outcome<(Response, Walked)> {
    let before = show(ironic, path).await?;
    let begin = before.value()["provision_state"].clone();
    let answer = patiently(cx, ironic.put(&format!("{path}/states/provision")).json(change)).await?;
    let (passed, leaked) = (AtomicBool::new(false), AtomicBool::new(false));
    let secret = change["rescue_password"].as_str().filter(|secret| !secret.is_empty());
    let erred: Mutex<Option<Json>> = Mutex::default();
    let rests = |node: &Json| {
        note_error(&before, node, &erred);
        if aims(node) && begin != node.value()["provision_state"] {
            passed.store(true, Ordering::Relaxed);
        }
        if secret.is_some_and(|secret| node.value().to_string().contains(secret)) {
            leaked.store(true, Ordering::Relaxed);
        }
        node.value()["reservation"].is_null() && !aims(node)
    };
    let node = cx.settled(within, || show(ironic, path), rests).await?;
    let (passed, leaked) = (passed.load(Ordering::Relaxed), leaked.load(Ordering::Relaxed));
    let erred = erred.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok((answer, Walked { before, node, passed, erred, leaked, within }))
}

/// Asks for a change of the provision state, and requires that it comes to this one.
pub(super) async fn provision(
    cx: &Cx,
    ironic: &Client,
    path: &str,
    change: &Value,
    to: &str,
    within: Duration,
) -> Outcome<Walked> {
    let (answer, walked) = walk(cx, ironic, path, change, within).await?;
    answer.require_status(202)?;
    require_rests(&walked, to)?;
    Ok(walked)
}

/// Requires that a node came to rest in this state, without an error.
pub(super) fn require_rests(walked: &Walked, to: &str) -> Outcome {
    walked.require_end()?;
    let node = &walked.node;
    if walked.state() != to {
        let error = &walked.erred.as_ref().unwrap_or(node).value()["last_error"];
        let actual = format!("`{}`, last error {error}", walked.state());
        return Err(node.fail(
            "the node must come to the state that it was asked for".into(),
            Some(to.into()),
            Some(actual),
        ));
    }
    require_eq!(node, node.value()["target_provision_state"], Value::Null, "no further state must be aimed at");
    require_eq!(node, node.value()["reservation"], Value::Null, "no conductor must keep the node reserved");
    require_eq!(node, node.value()["maintenance"], false, "the node must not be put into maintenance");
    require_no_error(&walked.before, node)
}

/// Brings a machine that was found available or manageable into the one of these states that a test needs.
pub(super) async fn bring(cx: &Cx, ironic: &Client, machine: &Machine, to: &str) -> Outcome {
    if to == "available" {
        can_be_available(cx, machine)?;
    }
    let now = show(ironic, &machine.path()).await?;
    if now.value()["provision_state"] == to {
        return Ok(());
    }
    let (verb, within) = if to == "available" { ("provide", CLEAN) } else { ("manage", PROVISION) };
    provision(cx, ironic, &machine.path(), &json!({"target": verb}), to, within).await.map(drop)
}

/// Brings the power of a machine into the state that a test needs.
pub(super) async fn bring_power(cx: &Cx, ironic: &Client, machine: &Machine, to: &str) -> Outcome {
    if to == "power off" {
        can_be_off(cx, machine)?;
    }
    if show(ironic, &machine.path()).await?.value()["power_state"] == to {
        return Ok(());
    }
    power(cx, ironic, &machine.path(), &json!({"target": to}), to).await.map(drop)
}

/// What a machine is deployed with: what its owner put into `instance_info`, or anything where nothing is written to a
/// disk; with a name of the run, by which the deployment is known.
pub(super) fn image(cx: &Cx, machine: &Machine) -> Outcome<Value> {
    let mut info = machine.found.value()["instance_info"].clone();
    let told = ["image_source", "boot_iso", "kernel", "ks_template"].iter().any(|key| info.get(*key).is_some());
    let interface = machine.found.value()["deploy_interface"].as_str().unwrap_or_default();
    if !told {
        if !matches!(interface, "fake" | "noop") {
            return Err(cx.skip(Lack::setting("image_source"), format!(
                "machine `{}` does not say what it can be deployed with: put `image_source` and what goes with it into its \
                 `instance_info`",
                machine.name
            )));
        }
        // Nobody fetches it: nothing is written to a disk.
        info = json!({"image_source": "http://192.0.2.1/assay.raw", "image_checksum": "0".repeat(32), "root_gb": 10});
    }
    info[DEPLOYMENT_MARK] = json!(cx.name("deployment"));
    Ok(info)
}

/// A machine that was deployed for the test.
pub(super) async fn deployed(cx: &Cx, ironic: &Client) -> Outcome<Machine> {
    let machine = cx.machine().await?;
    deploy(cx, ironic, &machine).await?;
    Ok(machine)
}

/// Deploys a machine, from whatever state it was found in.
pub(super) async fn deploy(cx: &Cx, ironic: &Client, machine: &Machine) -> Outcome {
    let image = image(cx, machine)?;
    bring(cx, ironic, machine, "available").await?;
    write_image(cx, ironic, machine, &image).await?;
    let change = json!({"target": "active"});
    provision(cx, ironic, &machine.path(), &change, "active", DEPLOY).await.map(drop)
}

/// Writes what a machine is deployed with, and requires that it is kept; being made available may have taken it away.
pub(super) async fn write_image(cx: &Cx, ironic: &Client, machine: &Machine, image: &Value) -> Outcome {
    let change = json!([{"op": "add", "path": "/instance_info", "value": image}]);
    let answer = patiently(cx, ironic.patch(&machine.path()).json(&change)).await?;
    answer.require_status(200)?;
    require_holds(&answer.json()?.get("instance_info")?, image, "`instance_info`")
}
