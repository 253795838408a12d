//! The processors of a system (`Processor`).

use assay_kit::prelude::*;

use super::fixture::{at, expect_members, is_absent, offered, systems};

/// Each processor says what it is, and there are as many as the system sums up.
#[conformance(
    id = "redfish.processors.read",
    spec = "redfish-schema#processor",
    covers = "fba1dfd3-da04-4800-9efe-159f70dea9d5",
    needs = [Redfish],
)]
async fn read(cx: &Cx, redfish: &Redfish) -> Outcome {
    for system in systems(redfish).await? {
        let processors = offered(cx, redfish, &system, "Processors").await?;
        let mut count = 0;
        for processor in redfish.members(&processors).await?.iter().filter(|processor| !is_absent(processor)) {
            if processor.get("ProcessorType")?.text()? != "CPU" {
                continue;
            }
            count += 1;
            processor.get("ProcessorArchitecture")?.text()?;
            let threads = processor.get("TotalThreads")?;
            require!(threads, threads.integer()? > 0, "{} has a thread", at(processor));
            expect_members(processor, &["Manufacturer", "Model"]);
        }
        let summed = system.get("ProcessorSummary")?.get("Count")?;
        require_eq!(summed, summed.integer()?, count, "the system sums up as many processors as it has");
    }
    Ok(())
}
