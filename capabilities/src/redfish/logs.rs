//! What machines and managers noted (`LogService`, `LogEntry`).

use assay_kit::prelude::*;

use super::fixture::{at, counted, expect_members};

/// How many entries of a log are looked at.
const LOOKED_AT: usize = 10;

/// A system or its manager must have a log, and each log must lead to its entries.
#[conformance(
    id = "redfish.logs.services",
    spec = "redfish-schema#logservice",
    covers = "19d8f2fa-3e2c-4d91-a946-fa727f424c19",
    needs = [Redfish],
)]
async fn services(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let logs = logs(cx, redfish, system).await?;
    require!(system, !logs.is_empty(), "the machine or its manager keeps a log");
    for log in logs {
        log.get("Id")?.text()?;
        log.get("Name")?.text()?;
        log.get("Entries")?;
        redfish.follow(&log, "Entries").await?;
        expect_members(&log, &["DateTime", "LogEntryType", "OverWritePolicy"]);
    }
    Ok(())
}

/// Each log entry must say when it was created, how severe it is, and what happened. Each log must count its entries
/// correctly.
#[conformance(
    id = "redfish.logs.entries",
    spec = "redfish-schema#logentry",
    covers = "7f8beaab-fe6c-4734-9c11-b7479efbb20e",
    needs = [Redfish],
    seconds = 2,
)]
async fn entries(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let mut looked_at = 0;
    for log in logs(cx, redfish, system).await? {
        let Some(entries) = redfish.follow(&log, "Entries").await? else { continue };
        let paths = counted(redfish, &entries).await?;
        let shown = entries.get("Members")?.elements()?;
        for (entry, path) in shown.into_iter().zip(&paths).take(LOOKED_AT) {
            // Most services show the entries themselves in the list.
            let entry = if entry.find("EntryType").is_some() { entry } else { redfish.show(path).await? };
            judge(&entry)?;
            looked_at += 1;
        }
    }
    if looked_at == 0 {
        let reason = format!("every log of {} is empty", at(system));
        return Err(cx.skip(Lack::feature(Service::Redfish, "log entries"), reason));
    }
    Ok(())
}

fn judge(entry: &Json) -> Outcome {
    let created = entry.get("Created")?;
    let zoned = chrono::DateTime::parse_from_rfc3339(created.text()?).is_ok();
    require!(created, zoned, "`Created` is a time with its zone; it is {}", created.text()?);
    entry.get("EntryType")?.text()?;
    let severity = entry.get("Severity")?;
    let known = matches!(severity.text()?, "OK" | "Warning" | "Critical");
    require!(severity, known, "`Severity` is OK, Warning or Critical; it is {}", severity.text()?);
    entry.get("Message")?.text()?;
    expect_members(entry, &["MessageId"]);
    Ok(())
}

/// The logs of a system and of its managers.
async fn logs(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome<Vec<Json>> {
    let mut owners = vec![system.clone()];
    owners.extend(super::managers::of(redfish, system).await?);
    let (mut logs, mut offered) = (Vec::new(), false);
    for owner in owners {
        if let Some(services) = redfish.follow(&owner, "LogServices").await? {
            offered = true;
            logs.extend(redfish.members(&services).await?);
        }
    }
    if offered {
        Ok(logs)
    } else {
        Err(cx.skip(
            Lack::feature(Service::Redfish, "LogServices"),
            format!("neither {} nor its manager keeps a log", at(system)),
        ))
    }
}
