//! The processors of a system (`Processor`).

use assay_kit::prelude::*;

use super::fixture::{at, expect_members, is_absent, readable, told, working};

/// Each processor must have its architecture and its number of threads, which may be null.
///
/// Both should be told. The system should sum up as many processors as there are, with or without empty sockets.
#[conformance(
    id = "redfish.processors.read",
    spec = "redfish-schema#processor",
    covers = "fba1dfd3-da04-4800-9efe-159f70dea9d5",
    needs = [Redfish],
)]
async fn read(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let processors = working(cx, redfish, system, "Processors").await?;
    let (mut sockets, mut count) = (0, 0);
    for processor in &readable(cx, redfish, &processors, "Processors").await? {
        expect_members(processor, &["ProcessorType"]);
        if processor.value()["ProcessorType"] != "CPU" {
            continue;
        }
        sockets += 1;
        if is_absent(processor) {
            continue;
        }
        count += 1;
        told(processor, &["ProcessorArchitecture"])?;
        let threads = processor.get("TotalThreads")?;
        let value = threads.value();
        require!(threads, value.is_u64() || value.is_null(), "`TotalThreads` of {} must be a number", at(processor));
        expect!(threads, value.as_u64().is_some_and(|threads| threads > 0), "{} should have a thread", at(processor));
        expect_members(processor, &["Manufacturer", "Model"]);
    }
    expect!(processors, sockets > 0, "one of the processors should be a `CPU`");
    let summed = system.value()["ProcessorSummary"]["Count"].as_i64();
    let right = summed.is_some_and(|summed| (count..=sockets).contains(&summed));
    expect!(
        system,
        right,
        "`ProcessorSummary` should count the processors, {count} in {sockets} sockets; it counts {summed:?}"
    );
    Ok(())
}
