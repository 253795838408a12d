//! The console of nodes.

use std::time::Duration;

use assay_kit::prelude::*;

use super::fixture::{fault, patiently, refused_usually, show};
use super::steps::{idle, require_no_error};

/// A console must be enabled, say how it is reached, and be disabled again. A value that is neither true nor false must be
/// refused.
///
/// How it is reached should be an object, and nothing while the console is disabled.
#[conformance(
    id = "baremetal.console.switch",
    spec = "baremetal-v1#start-stop-console",
    covers = "82b5459a-fd4d-4014-9ced-6c502e416678",
    needs = [BareMetal, Machine],
    holds = [Machines],
    seconds = 2,
)]
async fn switch(cx: &Cx) -> Outcome {
    const CONSOLE: Duration = Duration::from_secs(120);
    let machine = cx.machine().await?;
    let ironic = cx.bare_metal()?;
    let path = format!("{}/states/console", machine.path());
    let answer = ironic.get(&path).require([200, 400]).await?;
    if answer.status() == 400 {
        return Err(cx.skip(
            Lack::feature(Service::BareMetal, "console"),
            format!("the machine has no console: {}", fault(&answer)),
        ));
    }
    for enabled in [true, false] {
        let before = show(&ironic, &machine.path()).await?;
        let answer = patiently(cx, ironic.put(&path).json(&json!({"enabled": enabled}))).await?;
        // A console may have to be told something that the machine is not set up with.
        if enabled && answer.status() == 400 {
            return Err(cx.skip(
                Lack::feature(Service::BareMetal, "console"),
                format!("the machine has no console: {}", fault(&answer)),
            ));
        }
        answer.require_status(202)?;
        let node = idle(cx, &ironic, &before, CONSOLE).await?;
        require_no_error(&before, &node)?;
        let console = show(&ironic, &path).await?;
        let (flag, info) = (console.get("console_enabled")?, console.get("console_info")?);
        require_eq!(flag, flag.value(), enabled, "the console must be as it was switched");
        if enabled {
            require!(info, !info.value().is_null(), "a console that is on must say how it is reached");
            expect!(info, info.value().is_object(), "how a console is reached should be an object");
        } else {
            expect!(info, info.value().is_null(), "a console that is off should not say how it is reached");
        }
    }
    refused_usually(cx, ironic.put(&path).json(&json!({"enabled": "perhaps"})), 400, "perhaps").await?;
    let flag = show(&ironic, &path).await?.get("console_enabled")?;
    require_eq!(flag, flag.value(), false, "a refused request must leave the console off");
    Ok(())
}
