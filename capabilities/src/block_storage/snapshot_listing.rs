//! Lists of snapshots: filters, limits, order and pages.

use std::time::Duration;

use assay_kit::prelude::*;

use super::fixture::{beyond, ids};
use super::shapes;
use super::shared::Snapshots;

/// The list of snapshots by name, by status, and by both has no other snapshots.
///
/// It is promised to have those that fit.
#[conformance(
    id = "block-storage.snapshots.list-by-name-and-status",
    spec = "block-storage-v3#list-accessible-snapshots",
    covers = "59f41f43-aebf-48a9-ab5d-d76340fab32b",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
)]
async fn list_by_name_and_status(cx: &Cx) -> Outcome {
    by_name_and_status(cx, "snapshots").await
}

/// The list of snapshots with details by name, by status, and by both has no other snapshots.
///
/// It is promised to have those that fit.
#[conformance(
    id = "block-storage.snapshots.list-with-details-by-name-and-status",
    spec = "block-storage-v3#list-snapshots-and-details",
    covers = "220a1022-1fcd-4a74-a7bd-6b859156cda2",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
)]
async fn list_with_details_by_name_and_status(cx: &Cx) -> Outcome {
    by_name_and_status(cx, "snapshots/detail").await
}

async fn by_name_and_status(cx: &Cx, path: &str) -> Outcome {
    let snapshots = Snapshots::shared(cx).await?;
    let wanted = &snapshots.made[1];
    let (name, status) = (("name", wanted.name.as_str()), ("status", "available"));
    for filters in [vec![name], vec![status], vec![name, status]] {
        let list = listed(cx, path, &filters).await?;
        for snapshot in list.elements()? {
            for (key, value) in &filters {
                require_eq!(snapshot, snapshot.get(key)?.value(), *value, "a snapshot fits the filter by {key}");
            }
        }
        let found = ids(&list)?;
        if filters.contains(&name) {
            expect_eq!(list, found, [wanted.id.as_str()], "the list has the snapshot of that name, and no other");
        } else {
            expect_eq!(
                list,
                snapshots.own(&found).len(),
                3,
                "the list of available snapshots has those that were made"
            );
        }
    }
    if let Some(none) = beyond(cx, listed(cx, path, &[name, ("status", "error")]).await)? {
        expect!(none, none.elements()?.is_empty(), "no snapshot has that name and another status");
    }
    Ok(())
}

/// A list of one snapshot at most has one snapshot.
#[conformance(
    id = "block-storage.snapshots.list-with-limit",
    spec = "block-storage-v3#list-accessible-snapshots",
    covers = "db4d8e0a-7a2e-41cc-a712-961f6844e896",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
)]
async fn list_with_limit(cx: &Cx) -> Outcome {
    Snapshots::shared(cx).await?;
    let list = listed(cx, "snapshots", &[("limit", "1")]).await?;
    require_eq!(list, list.elements()?.len(), 1, "a list of one snapshot at most has one snapshot");
    Ok(())
}

/// A list of more snapshots at most than there are has all of them.
#[conformance(
    id = "block-storage.snapshots.list-with-large-limit",
    spec = "block-storage-v3#list-accessible-snapshots",
    covers = "a1427f61-420e-48a5-b6e3-0b394fa95400",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
)]
async fn list_with_large_limit(cx: &Cx) -> Outcome {
    Snapshots::shared(cx).await?;
    let (all, list) = undisturbed(cx, &[("limit", "100000")]).await?;
    require_eq!(list, ids(&list)?.len(), all.len(), "a limit that is not reached leaves no snapshot out");
    expect_eq!(list, ids(&list)?, all, "a limit that is not reached changes nothing");
    Ok(())
}

/// A list of no snapshot at most is empty.
#[conformance(
    id = "block-storage.snapshots.list-with-limit-zero",
    spec = "block-storage-v3#list-accessible-snapshots",
    covers = "e3b44b7f-ae87-45b5-8a8c-66110eb24d0a",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
)]
async fn list_with_limit_zero(cx: &Cx) -> Outcome {
    // Without a snapshot, every list would be empty.
    Snapshots::shared(cx).await?;
    let list = listed(cx, "snapshots", &[("limit", "0")]).await?;
    require_eq!(list, list.elements()?.len(), 0, "a list of no snapshot at most is empty");
    Ok(())
}

/// A list of snapshots that begins behind one of them has those that follow it in the whole list.
#[conformance(
    id = "block-storage.snapshots.list-from-marker",
    spec = "block-storage-v3#list-accessible-snapshots",
    covers = "05489dde-44bc-4961-a1f5-3ce7ee7824f7",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
)]
async fn list_from_marker(cx: &Cx) -> Outcome {
    let snapshots = Snapshots::shared(cx).await?;
    let whole = ids(&listed(cx, "snapshots", &[]).await?)?;
    let own = snapshots.own(&whole);
    require_eq!(cx, own.len(), 3, "the list of snapshots has those that were made");
    let (all, list) = undisturbed(cx, &[("marker", &own[1])]).await?;
    let behind: Vec<_> = all.iter().skip_while(|id| **id != own[1]).skip(1).cloned().collect();
    require_eq!(list, ids(&list)?, behind, "a list from a marker has what follows it in the whole list");
    Ok(())
}

/// A list of three snapshots at most, from the third on, has what the whole list has there.
#[conformance(
    id = "block-storage.snapshots.list-from-offset",
    spec = "block-storage-v3#list-accessible-snapshots",
    covers = "ca96d551-17c6-4e11-b0e8-52d3bb8a63c7",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
)]
async fn list_from_offset(cx: &Cx) -> Outcome {
    Snapshots::shared(cx).await?;
    let (all, list) = undisturbed(cx, &[("offset", "2"), ("limit", "3")]).await?;
    let (found, wanted): (_, Vec<_>) = (ids(&list)?, all.into_iter().skip(2).take(3).collect());
    require_eq!(list, found.len(), wanted.len(), "a list from an offset leaves out so many, and ends at its limit");
    expect_eq!(list, found, wanted, "a list from an offset has what the whole list has there");
    Ok(())
}

/// A list of snapshots sorted by time of creation must have ascending times of creation.
#[conformance(
    id = "block-storage.snapshots.list-by-creation-ascending",
    spec = "block-storage-v3#list-accessible-snapshots",
    covers = "4052c3a0-2415-440a-a8cc-305a875331b0",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
    seconds = 3,
)]
async fn list_by_creation_ascending(cx: &Cx) -> Outcome {
    in_order(cx, "created_at", "asc").await
}

/// A list of snapshots sorted by time of creation must have descending times of creation.
#[conformance(
    id = "block-storage.snapshots.list-by-creation-descending",
    spec = "block-storage-v3#list-accessible-snapshots",
    covers = "dcbbe24a-f3c0-4ec8-9274-55d48db8d1cf",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
)]
async fn list_by_creation_descending(cx: &Cx) -> Outcome {
    in_order(cx, "created_at", "desc").await
}

/// A list of snapshots sorted by id must have ascending ids.
#[conformance(
    id = "block-storage.snapshots.list-by-id-ascending",
    spec = "block-storage-v3#list-accessible-snapshots",
    covers = "c5513ada-64c1-4d28-83b9-af3307ec1388",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
)]
async fn list_by_id_ascending(cx: &Cx) -> Outcome {
    in_order(cx, "id", "asc").await
}

/// A list of snapshots sorted by id must have descending ids.
#[conformance(
    id = "block-storage.snapshots.list-by-id-descending",
    spec = "block-storage-v3#list-accessible-snapshots",
    covers = "8a7fe058-0b41-402a-8afd-2dbc5a4a718b",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
)]
async fn list_by_id_descending(cx: &Cx) -> Outcome {
    in_order(cx, "id", "desc").await
}

/// A list of snapshots sorted by name must have ascending names.
#[conformance(
    id = "block-storage.snapshots.list-by-name-ascending",
    spec = "block-storage-v3#list-accessible-snapshots",
    covers = "d58b5fed-0c37-42d3-8c5d-39014ac13c00",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
)]
async fn list_by_name_ascending(cx: &Cx) -> Outcome {
    in_order(cx, "display_name", "asc").await
}

/// A list of snapshots sorted by name must have descending names.
#[conformance(
    id = "block-storage.snapshots.list-by-name-descending",
    spec = "block-storage-v3#list-accessible-snapshots",
    covers = "96ba6f4d-1f18-47e1-b4bc-76edc6c21250",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
)]
async fn list_by_name_descending(cx: &Cx) -> Outcome {
    in_order(cx, "display_name", "desc").await
}

/// The order of the shared snapshots is judged: others may have names whose order is a matter of the database.
async fn in_order(cx: &Cx, key: &str, direction: &str) -> Outcome {
    let snapshots = Snapshots::shared(cx).await?;
    let list = listed(cx, "snapshots", &[("sort_key", key), ("sort_dir", direction)]).await?;
    // To be sorted by, a name has another name than to be shown.
    let member = if key == "display_name" { "name" } else { key };
    let mut seen = Vec::new();
    for snapshot in list.elements()? {
        if snapshots.made.iter().any(|made| snapshot.value()["id"] == *made.id) {
            seen.push(snapshot.get(member)?.text()?.to_owned());
        }
    }
    require_eq!(list, seen.len(), 3, "the list of snapshots has those that were made");
    let mut sorted = seen.clone();
    sorted.sort();
    if direction == "desc" {
        sorted.reverse();
    }
    require_eq!(list, seen, sorted, "the list is sorted by {member}, {direction}");
    Ok(())
}

/// The list of snapshots, with these parameters.
async fn listed(cx: &Cx, path: &str, parameters: &[(&str, &str)]) -> Outcome<Json> {
    let request = cx.block_storage()?.get(path);
    let request = parameters.iter().fold(request, |request, (name, value)| request.query(name, value));
    let page = request.require(200).await?.json()?;
    let shape = if path == "snapshots" { shapes::snapshots() } else { shapes::snapshots_detail() };
    shape.require(&page)?;
    page.get("snapshots")
}

/// The ids of the whole list, and the list with these parameters, of a moment in which no snapshot came or went.
async fn undisturbed(cx: &Cx, parameters: &[(&str, &str)]) -> Outcome<(Vec<String>, Json)> {
    const PATIENCE: Duration = Duration::from_secs(60);
    let look = || async {
        let before = ids(&listed(cx, "snapshots", &[]).await?)?;
        let list = listed(cx, "snapshots", parameters).await?;
        let after = ids(&listed(cx, "snapshots", &[]).await?)?;
        Ok((before, list, after))
    };
    let (before, list, after) = cx.settled(PATIENCE, look, |(before, _, after)| before == after).await?;
    if before != after {
        let reason = format!("snapshots came and went for {} s: what a list must have is unknown", PATIENCE.as_secs());
        return Err(Stop::Error(reason));
    }
    Ok((before, list))
}
