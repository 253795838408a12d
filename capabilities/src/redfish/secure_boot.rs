//! Whether a system starts signed software alone (`SecureBoot`).

use assay_kit::prelude::*;

use super::fixture::{SETTLING, at, done, offered, powered, seen};

/// A machine that is off must have its secure boot switched and switched back. Each must read back.
///
/// A service that says no to the change keeps this to itself: only what it shows is required then.
#[conformance(
    id = "redfish.secure-boot.set",
    spec = "redfish-schema#secureboot",
    covers = "2ffba604-eb52-43c8-be70-088e3fc6a4ee",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 2,
    timeout = 600,
)]
async fn set(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let secure_boot = offered(cx, redfish, &machine.found, "SecureBoot").await?;
    let before = secure_boot.get("SecureBootEnable")?.truth()?;
    let current = secure_boot.get("SecureBootCurrentBoot")?;
    require!(current, matches!(current.text()?, "Enabled" | "Disabled"), "this start is `Enabled` or `Disabled`");
    powered(cx, redfish, machine, "Off").await?;
    let path = at(&secure_boot);
    for enable in [!before, before] {
        let answer = redfish.patch(&path, &json!({"SecureBootEnable": enable})).await?;
        if (400..500).contains(&answer.status()) && enable != before {
            let now = redfish.show(&path).await?;
            require_eq!(now, now.get("SecureBootEnable")?.truth()?, before, "what was refused changed nothing");
            break;
        }
        done(cx, redfish, &answer, SETTLING).await?;
        let now = seen(cx, redfish, &path, SETTLING / 6, |now| now["SecureBootEnable"] == enable).await?;
        require_eq!(now, now.get("SecureBootEnable")?.truth()?, enable, "`SecureBootEnable` is as it was written");
    }
    Ok(())
}
