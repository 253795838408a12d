//! The processors of a system (`Processor`).

use assay_kit::prelude::*;

use super::fixture::{at, expect_members, is_absent, offered};

/// Each processor must say what it is. The system must sum up as many processors as there are, with or without empty sockets.
#[conformance(
    id = "redfish.processors.read",
    spec = "redfish-schema#processor",
    covers = "fba1dfd3-da04-4800-9efe-159f70dea9d5",
    needs = [Redfish],
)]
async fn read(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let processors = offered(cx, redfish, system, "Processors").await?;
    let (mut sockets, mut count) = (0, 0);
    for processor in &redfish.members(&processors).await? {
        if processor.get("ProcessorType")?.text()? != "CPU" {
            continue;
        }
        sockets += 1;
        if is_absent(processor) {
            continue;
        }
        count += 1;
        processor.get("ProcessorArchitecture")?.text()?;
        let threads = processor.get("TotalThreads")?;
        require!(threads, threads.integer()? > 0, "{} has a thread", at(processor));
        expect_members(processor, &["Manufacturer", "Model"]);
    }
    let summed = system.get("ProcessorSummary")?.get("Count")?;
    let right = (count..=sockets).contains(&summed.integer()?);
    require!(summed, right, "the system sums up as many processors as it has, {count} in {sockets} sockets");
    Ok(())
}
