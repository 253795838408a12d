//! What machines and managers noted (`LogService`, `LogEntry`).

use assay_kit::prelude::*;

use super::fixture::{Links, at, expect_members, reached};

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
    let mut links = Links::default();
    let logs = logs(cx, redfish, system, &mut links).await?;
    for log in &logs {
        log.get("Id")?.text()?;
        log.get("Name")?.text()?;
        let entries = log.get("Entries")?.get("@odata.id")?;
        links.look(redfish, "Entries", entries.text()?).await?;
        expect_members(log, &["DateTime", "LogEntryType", "OverWritePolicy"]);
    }
    links.all_lead_somewhere(system)?;
    require!(system, !logs.is_empty(), "the machine or its manager must keep a log");
    Ok(())
}

/// Each log entry must have its type, when it was created, how severe it is, and what happened. Each log must count its entries
/// correctly.
///
/// The time of each entry should be a right one, with its zone.
#[conformance(
    id = "redfish.logs.entries",
    spec = "redfish-schema#logentry",
    covers = "7f8beaab-fe6c-4734-9c11-b7479efbb20e",
    needs = [Redfish],
    seconds = 2,
)]
async fn entries(cx: &Cx, redfish: &Redfish, system: &Json) -> Outcome {
    let mut looked_at = 0;
    for log in logs(cx, redfish, system, &mut Links::default()).await? {
        let Some(entries) = reached(redfish, &log, "Entries").await? else { continue };
        let shown = entries.get("Members")?.elements()?;
        // A log grows, and may be long: the first page alone is looked at.
        let count = entries.get("Members@odata.count")?;
        let here = i64::try_from(shown.len()).unwrap_or(i64::MAX);
        let all = entries.find("Members@odata.nextLink").is_none();
        let right = if all { count.integer()? == here } else { count.integer()? >= here };
        require!(count, right, "`Members@odata.count` of {} must be the number of its members", at(&entries));
        for entry in shown.into_iter().take(LOOKED_AT) {
            // Most services show the entries themselves in the list.
            let expanded = entry.find("EntryType").is_some();
            let entry = if expanded { entry } else { redfish.show(entry.get("@odata.id")?.text()?).await? };
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
    let time = created.value().as_str().and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
    // A clock that was never set begins where computers count from.
    let set = time.is_some_and(|time| time.timestamp() >= 86_400);
    let shown = created.value();
    expect!(created, set, "`Created` should be a time with its zone, of a clock that is set; it is {shown}");
    entry.get("EntryType")?.text()?;
    let severity = entry.get("Severity")?;
    let value = severity.value();
    let known = value.is_null() || ["OK", "Warning", "Critical"].iter().any(|known| value == known);
    require!(severity, known, "`Severity` must be OK, Warning or Critical; it is {value}");
    let message = entry.get("Message")?;
    let value = message.value();
    require!(message, value.is_string() || value.is_null(), "`Message` must be a text; it is {value}");
    expect!(message, value.is_string(), "`Message` should say what happened");
    expect_members(entry, &["MessageId"]);
    Ok(())
}

/// The logs of a system and of its managers. Of links that lead nowhere those of the managers are noted: the system's own are
/// the matter of `redfish.systems.links`.
async fn logs(cx: &Cx, redfish: &Redfish, system: &Json, links: &mut Links) -> Outcome<Vec<Json>> {
    let (mut logs, mut offered) = (Vec::new(), false);
    if let Some(services) = reached(redfish, system, "LogServices").await? {
        offered = true;
        logs.extend(redfish.members(&services).await?);
    }
    for manager in super::managers::of(redfish, system).await? {
        if let Some(path) = redfish.path(&manager, "LogServices")? {
            offered = true;
            logs.extend(links.collection(redfish, "LogServices", &path).await?);
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
