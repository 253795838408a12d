//! Many objects in one request.

use assay_kit::prelude::*;

use super::features;
use super::headers::{self, Target};
use super::steps::{self, SETTLING};

/// A listing of the account that must have the container if the account does. It begins right before the container.
async fn account_listing(cx: &Cx, container: &str, there: bool) -> Outcome<Response> {
    let (before, _) = container.split_at(container.len() - 1);
    let request = cx.object_storage()?.get("").query("marker", before).query("limit", 200);
    let response = steps::settled(cx, &request, SETTLING, |response| {
        steps::names(response).iter().any(|name| name == container) == there
    });
    let response = response.await?;
    response.require_status([200, 204])?;
    Ok(response)
}

/// Sends an archive of a folder with the name of a container and of a file in it, to be unpacked.
pub(super) async fn send_archive(cx: &Cx, container: &str, content: &[u8]) -> Outcome<Response> {
    let archive = archive(container, "file", content)
        .map_err(|error| Stop::Error(format!("the archive cannot be made: {error}")))?;
    cx.will_write(container, "file")?;
    let put = cx.object_storage()?.put("").query("extract-archive", "tar").header("Accept", "application/json");
    put.bytes(archive).send().await
}

/// A tar archive is unpacked: the folder in it becomes a container, and the file in it an object.
///
/// The container must be deleted again with what is in it. The answer should count one file, the object should hold
/// what the file held, and nothing else should be in the container.
#[conformance(
    id = "object-storage.bulk.extract-archive",
    spec = "swift-middleware#bulk-operations-delete-and-archive-auto-extraction",
    covers = "a407de51-1983-47cc-9f14-47c2b059413c",
    needs = [ObjectStorage],
)]
async fn extract_archive(cx: &Cx) -> Outcome {
    features::bulk_upload(cx).await?;
    let content = steps::content(cx);
    let (container, _) = steps::plan(cx, "bulk")?;
    let response = send_archive(cx, &container, &content).await?;
    response.require_status(200)?;
    headers::check(cx, &response, Target::Account)?;
    if let Ok(report) = response.json() {
        expect_eq!(
            report,
            report.value()["Number Files Created"],
            json!(1),
            "the answer should count the files it unpacked"
        );
        expect_eq!(report, report.value()["Errors"], json!([]), "an archive without faults should give no errors");
        let status = &report.value()["Response Status"];
        expect_eq!(report, status, &json!("201 Created"), "the answer should tell the real status");
    } else {
        expect!(response, false, "the answer should be JSON where JSON is asked for");
    }

    let account = account_listing(cx, &container, true).await?;
    headers::check(cx, &account, Target::Account)?;
    require!(account, steps::names(&account).contains(&container), "the folder of the archive must become a container");
    let listing = cx.object_storage()?.get(&container).query("format", "json");
    let listing = steps::settled(cx, &listing, SETTLING, |response| response.text().contains("file")).await?;
    listing.require_status(200)?;
    headers::check(cx, &listing, Target::Container)?;
    let objects = listing.json()?.elements()?;
    let names = objects.iter().map(|object| Ok(object.get("name")?.text()?.to_owned())).collect::<Outcome<Vec<_>>>()?;
    require!(listing, names.iter().any(|name| name == "file"), "the file of the archive must become an object");
    expect_eq!(listing, names, ["file"], "nothing but the file should be in the container");
    let object = cx.object_storage()?.get(&steps::path(&container, "file")).send().await?;
    expect!(object, object.bytes() == &content, "the object should hold what the file held");
    steps::require_deleted(cx, &container).await
}

fn archive(folder: &str, file: &str, content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Directory);
    header.set_mode(0o755);
    header.set_size(0);
    archive.append_data(&mut header, format!("{folder}/"), std::io::empty())?;
    let mut header = tar::Header::new_ustar();
    // `0`: not every service takes the older form of a plain file, which has no sign there.
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mode(0o644);
    header.set_size(content.len() as u64);
    archive.append_data(&mut header, format!("{folder}/{file}"), content)?;
    archive.into_inner()
}

/// One request deletes an object and then its container, each named on a line of its own.
///
/// The container must not be listed any more. The answer should count two deletions, both should be gone, and an
/// object that was not named should stay.
#[conformance(
    id = "object-storage.bulk.delete",
    spec = "swift-middleware#bulk-operations-delete-and-archive-auto-extraction",
    covers = "c075e682-0d2a-43b2-808d-4116200d736d",
    needs = [ObjectStorage],
)]
async fn delete(cx: &Cx) -> Outcome {
    features::bulk_delete(cx).await?;
    let kept = steps::container(cx).await?;
    steps::offer(cx, &kept, "file", b"stays").await?;
    let (container, planned) = steps::plan(cx, "bulk")?;
    cx.object_storage()?.put(&container).require(steps::MADE).await?;
    steps::upload(cx, &container, "file", b"goes").await?;
    // Gone is only what was there before.
    let account = account_listing(cx, &container, true).await?;
    expect!(account, steps::names(&account).contains(&container), "a new container should be listed");

    let request = cx.object_storage()?.request("DELETE", "?bulk-delete").header("Accept", "application/json");
    let request = request.body("text/plain", format!("{container}/file\n{container}"));
    let response = request.clone().require(200).await?;
    headers::check(cx, &response, Target::Account)?;
    if let Ok(report) = response.json() {
        let busy = report.value()["Errors"].to_string().contains("409 Conflict");
        if busy {
            // The container had not learnt yet that it is empty.
            steps::settled(cx, &request, SETTLING, |again| !again.text().contains("409 Conflict")).await?;
        } else {
            expect_eq!(report, report.value()["Number Deleted"], json!(2), "the answer should count what it deleted");
            let status = &report.value()["Response Status"];
            expect_eq!(report, status, &json!("200 OK"), "the answer should tell the real status");
        }
    } else {
        expect!(response, false, "the answer should be JSON where JSON is asked for");
    }

    let account = account_listing(cx, &container, false).await?;
    headers::check(cx, &account, Target::Account)?;
    require!(account, !steps::names(&account).contains(&container), "a deleted container must not be listed");
    steps::expect_gone(cx, &container, "file").await?;
    let gone = cx.object_storage()?.head(&container).send().await?;
    expect_eq!(gone, gone.status(), 404, "a deleted container should be gone");
    if gone.status() == 404 {
        planned.removed();
    }
    let kept = cx.object_storage()?.head(&steps::path(&kept, "file")).send().await?;
    expect_eq!(kept, kept.status(), 200, "an object that was not named should stay");
    Ok(())
}
