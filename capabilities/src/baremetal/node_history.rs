//! The history of nodes.

use assay_kit::prelude::*;

use super::fixture::{Refusal as _, at, offers, show};

/// Each event of a machine's history must say when it happened, how severe it is, its type, what happened, and on which
/// conductor. One must be shown by its UUID. An unknown event must not be found, and a microversion before 1.78 must not know
/// any.
#[conformance(
    id = "baremetal.history.read",
    spec = "baremetal-v1#list-history-entries-for-a-node",
    covers = "ca168c5a-b8d3-4cf2-a138-2d5f318d96a0",
    needs = [BareMetal, BareMetalMicroversion("1.78"), Machine],
    holds = [Machines],
)]
async fn read(cx: &Cx) -> Outcome {
    const KEYS: [&str; 6] = ["uuid", "created_at", "severity", "event", "event_type", "conductor"];
    let machine = cx.machine().await?;
    let ironic = at(cx, "1.78")?;
    let path = format!("{}/history", machine.path());
    ironic.get(&format!("{path}/{}", cx.unused_uuid())).require_refusal(404).await?;
    if offers(cx, 77)? {
        at(cx, "1.77")?.get(&path).require_refusal(404).await?;
    }
    let history = ironic.get(&path).query("detail", true).require(200).await?.json()?.get("history")?;
    let entries = history.elements()?;
    let mut times = Vec::new();
    for entry in &entries {
        for key in KEYS {
            entry.get(key)?;
        }
        times.push(entry.get("created_at")?.time()?);
    }
    let Some(first) = entries.first() else {
        return Err(cx.skip(Lack::feature(Service::BareMetal, "history"), "the machine has no history yet"));
    };
    let shown = show(&ironic, &format!("{path}/{}", first.get("uuid")?.text()?)).await?;
    for key in KEYS {
        require_eq!(shown, shown.value()[key], first.value()[key], "an event by its UUID must have the same `{key}`");
    }
    let ordered = times.is_sorted() || times.iter().rev().is_sorted();
    expect!(history, ordered, "the events should be in one order throughout");
    Ok(())
}
