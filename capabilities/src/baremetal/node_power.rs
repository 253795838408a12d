//! The power of nodes.

use std::time::Duration;

use assay_kit::prelude::*;
use assay_kit::{Machine, Worst};

use super::fixture::{at, fault, patiently, refused, require_unchanged, require_untouched, show};
use super::steps::{POWER, bring_power, can_be_off, power, power_settled, power_within, require_power};

/// The power of a machine must be known, on or off, and its state summary must agree with the node.
///
/// A machine that rests should have no error.
#[conformance(
    id = "baremetal.power.state",
    spec = "baremetal-v1#node-state-summary",
    covers = "1b838b90-85f9-4c3a-bb7c-03d360626627",
    needs = [BareMetal, Machine],
    holds = [Machines],
)]
async fn state(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = cx.bare_metal()?;
    let node = show(&ironic, &machine.path()).await?;
    let states = show(&ironic, &format!("{}/states", machine.path())).await?;
    let power = states.get("power_state")?;
    let known = matches!(power.value().as_str(), Some("power on" | "power off"));
    require!(power, known, "the power of the machine must be known, but it is {}", power.value());
    require_eq!(states, *power.value(), node.value()["power_state"], "the summary must agree with the node");
    let more = ["target_power_state", "provision_state", "target_provision_state", "last_error", "console_enabled"];
    for key in more {
        states.get(key)?;
    }
    expect_eq!(states, states.value()["last_error"], Value::Null, "a machine that rests should have no error");
    Ok(())
}

/// A machine must be powered off, on and off again, and each must read back without an error and without a reservation. The
/// same request once more must change nothing.
#[conformance(
    id = "baremetal.power.on-off",
    spec = "baremetal-v1#change-node-power-state",
    covers = "cf72c498-280f-40ed-a35d-7ede8869f4d1",
    needs = [BareMetal, Machine],
    holds = [Machines],
    seconds = 4,
    timeout = 1500,
)]
async fn on_off(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    can_be_off(cx, &machine)?;
    let ironic = cx.bare_metal()?;
    for target in ["power off", "power on", "power off", "power off"] {
        power(cx, &ironic, &machine.path(), &json!({"target": target}), target).await?;
    }
    Ok(())
}

/// A machine that is rebooted must be on afterwards, without an error and without a reservation.
#[conformance(
    id = "baremetal.power.reboot",
    spec = "baremetal-v1#change-node-power-state",
    covers = "50289e46-b20c-42c9-b09c-57f520d5166c",
    needs = [BareMetal, Machine],
    holds = [Machines],
    seconds = 3,
)]
async fn reboot(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    let ironic = cx.bare_metal()?;
    bring_power(cx, &ironic, &machine, "power on").await?;
    let change = json!({"target": "rebooting"});
    power_within(cx, &ironic, &machine.path(), &change, "power on", POWER * 2).await.map(drop)
}

/// An unknown power state and a missing one must be refused, and the machine must stay as it is.
///
/// A timeout of no seconds should be refused.
#[conformance(
    id = "baremetal.power.refused",
    spec = "baremetal-v1#change-node-power-state",
    covers = "8b3e28a2-3aa9-4394-bfb0-8cbfb19dd3f7",
    needs = [BareMetal, BareMetalMicroversion("1.27"), Machine],
    holds = [Machines],
    seconds = 3,
)]
async fn refusals(cx: &Cx) -> Outcome {
    const KEYS: [&str; 3] = ["power_state", "target_power_state", "last_error"];
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.27")?;
    let before = show(&ironic, &machine.path()).await?;
    let (node, path) = (machine.path(), format!("{}/states/power", machine.path()));
    for (body, names) in [(json!({"target": "explode"}), "explode"), (json!({}), "target")] {
        refused(cx, ironic.put(&path).json(&body), 400, names).await?;
    }
    // What was begun all the same shows by then.
    let changed = |node: &Json| KEYS.iter().any(|key| node.value()[*key] != before.value()[*key]);
    let after = cx.settled(Duration::from_secs(2), || show(&ironic, &node), changed).await?;
    require_unchanged(&before, &after, &KEYS)?;
    require_untouched(cx, &ironic, &node, &before, &["reservation"]).await?;
    let answer = patiently(cx, ironic.put(&path).json(&json!({"target": "power on", "timeout": 0}))).await?;
    expect_eq!(answer, answer.status(), 400, "a timeout of no seconds should be refused");
    if answer.status() == 202 {
        cx.settled(POWER, || show(&ironic, &node), power_settled).await?;
    }
    Ok(())
}

/// Six changes of power at once must each be accepted, or refused as a conflict or for want of free workers, and one at least
/// must be accepted. All must end, and the machine must be on or off and able to be powered on.
#[conformance(
    id = "baremetal.power.at-once",
    spec = "baremetal-v1#change-node-power-state",
    covers = "3aefd905-1d17-4904-a8cf-468ecca96ae0",
    needs = [BareMetal, Machine],
    holds = [Machines],
    seconds = 4,
    timeout = 1500,
)]
async fn at_once(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    can_be_off(cx, &machine)?;
    let ironic = cx.bare_metal()?;
    let path = format!("{}/states/power", machine.path());
    let ask = |at: u8| {
        let target = if at.is_multiple_of(2) { "power on" } else { "power off" };
        ironic.put(&path).json(&json!({"target": target})).send()
    };
    let answers = tokio::join!(ask(0), ask(1), ask(2), ask(3), ask(4), ask(5));
    let answers = [answers.0?, answers.1?, answers.2?, answers.3?, answers.4?, answers.5?];
    for answer in &answers {
        answer.require_status([202, 409, 503])?;
    }
    let accepted = answers.iter().any(|answer| answer.status() == 202);
    require!(cx, accepted, "one of six changes at once must be accepted at least");
    let node_path = machine.path();
    let node = cx.settled(POWER * 3, || show(&ironic, &node_path), power_settled).await?;
    let end = node.value()["power_state"].as_str().unwrap_or_default().to_owned();
    require!(node, matches!(end.as_str(), "power on" | "power off"), "the machine must be on or off in the end: {end}");
    require_power(&machine.found, &node, &end)?;
    power(cx, &ironic, &machine.path(), &json!({"target": "power on"}), "power on").await.map(drop)
}

/// A machine that is on must power off softly and, powered on again, must reboot softly: each must come to its end without an
/// error. The test is skipped where nothing that runs on the machine heeds it in time.
#[conformance(
    id = "baremetal.power.soft",
    spec = "baremetal-v1#change-node-power-state",
    covers = "d538bd2e-5496-4874-b578-5879dbab51e5",
    needs = [BareMetal, BareMetalMicroversion("1.27"), Machine],
    holds = [Machines],
    seconds = 4,
    timeout = 1800,
)]
async fn soft(cx: &Cx) -> Outcome {
    let machine = cx.machine().await?;
    can_be_off(cx, &machine)?;
    let ironic = at(cx, "1.27")?;
    // That one is not offered hides nothing of the other.
    let mut worst = Worst::default();
    for (target, state) in [("soft power off", "power off"), ("soft rebooting", "power on")] {
        worst.add(softly(cx, &ironic, &machine, target, state).await);
    }
    worst.outcome()
}

/// Asks a machine that is on for a soft change of its power, and requires that it comes to this state.
async fn softly(cx: &Cx, ironic: &Client, machine: &Machine, target: &str, state: &str) -> Outcome {
    /// How long the machine is given to heed it, in seconds, and how long it is waited for.
    const HEED: u64 = 120;
    const SOFT: Duration = Duration::from_secs(HEED + 180);
    bring_power(cx, ironic, machine, "power on").await?;
    let path = machine.path();
    let before = show(ironic, &path).await?;
    let change = json!({"target": target, "timeout": HEED});
    let answer = patiently(cx, ironic.put(&format!("{path}/states/power")).json(&change)).await?;
    if answer.status() == 400 {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "soft power"),
            format!("the driver does not offer `{target}`: {}", fault(&answer)),
        ));
    }
    answer.require_status(202)?;
    let node = cx.settled(SOFT, || show(ironic, &path), power_settled).await?;
    let error = &node.value()["last_error"];
    if power_settled(&node) && !error.is_null() && *error != before.value()["last_error"] {
        // The service gives up when nothing happens in time: a machine that is free may have no system to heed it.
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "soft power"),
            format!("nothing on the machine heeded `{target}` within {HEED} s: {error}"),
        ));
    }
    require_power(&before, &node, state)
}
