//! Whether a system starts signed software alone (`SecureBoot`).

use assay_kit::prelude::*;

use super::fixture::{SETTLING, at, done, powered, seen, working};

/// A machine that is off must have its secure boot switched and switched back. Each must read back.
///
/// A service may refuse the change: then only what it shows is required. It should say whether this start is a secure one.
#[conformance(
    id = "redfish.secure-boot.set",
    spec = "redfish-schema#secureboot",
    covers = "2ffba604-eb52-43c8-be70-088e3fc6a4ee",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
    seconds = 2,
)]
async fn set(cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let secure_boot = working(cx, redfish, &machine.found, "SecureBoot").await?;
    let before = secure_boot.get("SecureBootEnable")?;
    let current = &secure_boot.value()["SecureBootCurrentBoot"];
    expect!(secure_boot, current.is_string(), "`SecureBootCurrentBoot` should say whether this start is a secure one");
    let known = current.is_null() || current == "Enabled" || current == "Disabled";
    require!(secure_boot, known, "`SecureBootCurrentBoot` must be `Enabled` or `Disabled`; it is {current}");
    if before.value().is_null() {
        let reason = format!("{} does not know whether secure boot is enabled", at(&secure_boot));
        return Err(cx.skip(Lack::feature(Service::Redfish, "SecureBootEnable"), reason));
    }
    let before = before.truth()?;
    powered(cx, redfish, machine, "Off").await?;
    let path = at(&secure_boot);
    for enable in [!before, before] {
        let answer = redfish.change(&path, &json!({"SecureBootEnable": enable})).await?;
        if (400..500).contains(&answer.status()) && enable != before {
            let now = redfish.show(&path).await?;
            require_eq!(now, now.get("SecureBootEnable")?.truth()?, before, "what was refused must change nothing");
            break;
        }
        done(cx, redfish, &answer, SETTLING).await?;
        let now = seen(cx, redfish, &path, SETTLING, |now| now["SecureBootEnable"] == enable).await?;
        require_eq!(now, now.get("SecureBootEnable")?.truth()?, enable, "`SecureBootEnable` must be as it was written");
    }
    Ok(())
}
