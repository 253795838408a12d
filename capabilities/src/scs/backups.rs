//! Backups of volumes: [scs-0117](https://docs.scs.community/standards/scs-0117-v1-volume-backup-service).

use std::time::Duration;

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

/// How long a volume or a backup may take to become available: as long as the published test case waits.
const PATIENCE: Duration = Duration::from_secs(110);
/// The size of the volume that is backed up, in GiB.
const SIZE: u64 = 1;

/// A volume or a backup, as it is looked at.
struct Made {
    /// What a body calls it, and a message.
    one: &'static str,
    path: String,
    id: String,
}

impl Made {
    fn new(one: &'static str, id: &str) -> Self {
        Self { one, path: format!("{one}s/{}", encode(id)), id: id.to_owned() }
    }

    /// Asks for one with these members, which have its name.
    async fn ask(cx: &Cx, one: &'static str, kind: Kind, members: Value) -> Outcome<Self> {
        let name = members["name"].as_str().unwrap_or_default();
        let planned = cx.will_create(Resource::new(kind, name))?;
        let request = cx.block_storage()?.post(&format!("{one}s")).json(&json!({ one: members }));
        let id = request.require(202).await?.json()?.get(one)?.get("id")?;
        planned.created(id.text()?);
        Ok(Self::new(one, id.text()?))
    }

    async fn show(&self, cx: &Cx) -> Outcome<Json> {
        cx.block_storage()?.get(&self.path).require(200).await?.json()?.get(self.one)
    }

    /// Waits until it is available; gives what the service says of it then.
    async fn available(&self, cx: &Cx) -> Outcome<Json> {
        let one = self.one;
        let what = format!("the {one} must become available");
        cx.wait_until(&what, PATIENCE, || async {
            let shown = self.show(cx).await?;
            let status = shown.get("status")?;
            if is_broken(status.text()?) {
                let expected = Some("available".to_owned());
                return Err(status.fail(what.clone(), expected, Some(told(shown.value()))));
            }
            Ok((status.value() == "available").then_some(shown))
        })
        .await
    }

    /// The one that the list of all has under this name.
    async fn named(cx: &Cx, one: &'static str, name: &str) -> Outcome<Option<Self>> {
        let listed = Pages::new(&cx.block_storage()?, &format!("{one}s")).query("name", name).all().await?;
        let Some(found) = listed.iter().find(|entry| entry.value()["name"] == name) else { return Ok(None) };
        Ok(Some(Self::new(one, found.get("id")?.text()?)))
    }
}

/// Whether nothing comes of a volume or a backup in this state.
fn is_broken(status: &str) -> bool {
    status.starts_with("error")
}

/// The state of a volume or a backup, and why, where its service says so.
fn told(shown: &Value) -> String {
    let status = shown["status"].as_str().unwrap_or_default();
    match shown["fail_reason"].as_str().filter(|reason| !reason.is_empty()) {
        Some(reason) => format!("{status}: {reason}"),
        None => status.to_owned(),
    }
}

/// A member must be able to back up a volume, and to restore it as a volume of another name: each must become available.
///
/// The backup should be shown and listed with its name, and shown with its volume and the size of that. The answer to the
/// restoration should name both, the restored volume should have that size, and the backup should be available again.
#[conformance(
    id = "scs-0117-test-backup",
    spec = "scs-0117-v1#standard",
    covers = "10cfc0ab-bebf-5580-ba46-1fcb4bbe342c",
    needs = [BlockStorage],
    holds = [Volumes, Volumes, Backups],
    seconds = 20,
)]
async fn test_backup(cx: &Cx) -> Outcome {
    let name = cx.name("volume");
    let volume = Made::ask(cx, "volume", Kind::Volume, json!({"name": name, "size": SIZE})).await?;
    volume.available(cx).await?;

    let name = cx.name("backup");
    let backup = Made::ask(cx, "backup", Kind::Backup, json!({"name": name, "volume_id": volume.id})).await?;
    let shown = backup.available(cx).await?;
    for (key, value) in [("name", json!(name)), ("volume_id", json!(volume.id)), ("size", json!(SIZE))] {
        expect_eq!(shown, shown.value()[key], value, "a backup should be shown with its `{key}`");
    }
    let is_listed = Made::named(cx, "backup", &name).await?.is_some_and(|listed| listed.id == backup.id);
    expect!(shown, is_listed, "the list of backups should have the new one with its name");

    let name = cx.name("volume-restored");
    let planned = cx.will_create(Resource::new(Kind::Volume, &name))?;
    let request = cx.block_storage()?.post(&format!("{}/restore", backup.path));
    let answer = request.json(&json!({"restore": {"name": name}})).require(202).await?.json()?.get("restore")?;
    let what = "the restored volume must be listed under the name that was asked for";
    let restored = cx.wait_until(what, PATIENCE, || Made::named(cx, "volume", &name)).await?;
    planned.created(&restored.id);
    for (key, value) in [("backup_id", &backup.id), ("volume_id", &restored.id)] {
        expect_eq!(answer, answer.value()[key], json!(value), "the answer to a restoration should have the `{key}`");
    }
    let shown = restored.available(cx).await?;
    expect_eq!(shown, shown.value()["size"], json!(SIZE), "a restored volume should have the size of the backup");
    let status = cx.settled(PATIENCE, || backup.show(cx), |shown| shown.value()["status"] == "available").await?;
    expect_eq!(status, status.value()["status"], "available", "a backup should be available again once it is restored");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_an_error_is_told_with_its_reason() {
        for status in ["error", "error_restoring", "error_deleting"] {
            assert!(is_broken(status), "{status}");
        }
        assert!(!is_broken("available") && !is_broken("restoring-backup") && !is_broken("creating"));
        assert_eq!(told(&json!({"status": "error", "fail_reason": "no driver"})), "error: no driver");
        assert_eq!(told(&json!({"status": "error", "fail_reason": null})), "error");
    }
}
