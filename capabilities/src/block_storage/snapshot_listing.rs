//! Lists of snapshots: filters, limits, order and pages.

use std::time::Duration;

use assay_kit::prelude::*;

use super::fixture::{Listed, beyond, ids, read_list};
use super::shapes;
use super::shared::Snapshots;

/// The list of snapshots by name, by status, and by both has no other snapshots.
///
/// It should have those that fit.
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
/// It should have those that fit.
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
                let seen = snapshot.get(key)?;
                require_eq!(seen, seen.value(), *value, "each snapshot in the list must have the {key} asked for");
            }
        }
        let found = ids(&list)?;
        if filters.contains(&name) {
            expect_eq!(
                list,
                found,
                [wanted.id.as_str()],
                "the list should have the snapshot of that name, and no other"
            );
        } else {
            expect_eq!(
                list,
                snapshots.own(&found).len(),
                3,
                "the list of available snapshots should have the three that were made"
            );
        }
    }
    if let Some(none) = beyond(cx, listed(cx, path, &[name, ("status", "error")]).await)? {
        expect!(none, none.elements()?.is_empty(), "no snapshot should be listed by its name and another status");
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
    require_eq!(list, list.elements()?.len(), 1, "a list with `limit=1` must have one snapshot");
    Ok(())
}

/// A list of more snapshots at most than there are has all of them.
///
/// It should have them in the same order as a list without a limit.
#[conformance(
    id = "block-storage.snapshots.list-with-large-limit",
    spec = "block-storage-v3#list-accessible-snapshots",
    covers = "a1427f61-420e-48a5-b6e3-0b394fa95400",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
)]
async fn list_with_large_limit(cx: &Cx) -> Outcome {
    let snapshots = Snapshots::shared(cx).await?;
    let (whole, list) = undisturbed(cx, &snapshots, &[("limit", "100000")]).await?;
    let (mut all, mut found) = (whole.ids()?, list.ids()?);
    cut((&whole, &mut all), (&list, &mut found));
    require_eq!(
        list.last,
        found.len(),
        all.len(),
        "a list with a limit above the number of snapshots must have as many as the list without a limit"
    );
    expect_eq!(list.last, found, all, "a limit above the number of snapshots should change nothing");
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
    require_eq!(list, list.elements()?.len(), 0, "a list with `limit=0` must be empty");
    Ok(())
}

/// A list of snapshots that begins behind one of them has those that follow it in the whole list.
///
/// The three snapshots that were made should be in the whole list.
#[conformance(
    id = "block-storage.snapshots.list-from-marker",
    spec = "block-storage-v3#list-accessible-snapshots",
    covers = "05489dde-44bc-4961-a1f5-3ce7ee7824f7",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
)]
async fn list_from_marker(cx: &Cx) -> Outcome {
    let snapshots = Snapshots::shared(cx).await?;
    let whole = read(cx, &[], &snapshots.ids()).await?;
    let own = snapshots.own(&whole.ids()?);
    require!(whole.last, own.len() > 1, "the list of snapshots must have snapshots that were made");
    expect_eq!(whole.last, own.len(), 3, "the list of snapshots should have the three that were made");
    let marker = own[own.len() - 2].as_str();
    let (whole, list) = undisturbed(cx, &snapshots, &[("marker", marker)]).await?;
    let mut behind: Vec<_> = whole.ids()?.into_iter().skip_while(|id| id != marker).skip(1).collect();
    let mut found = list.ids()?;
    cut((&whole, &mut behind), (&list, &mut found));
    require_eq!(
        list.last,
        found,
        behind,
        "a list with a marker must have the snapshots that follow the marker in the whole list, in the same order"
    );
    Ok(())
}

/// A list of three snapshots at most, from the third on, must have as many as the whole list has there.
///
/// They should be the same ones.
#[conformance(
    id = "block-storage.snapshots.list-from-offset",
    spec = "block-storage-v3#list-accessible-snapshots",
    covers = "ca96d551-17c6-4e11-b0e8-52d3bb8a63c7",
    needs = [BlockStorage],
    shares = ["block-storage.snapshots", "block-storage.volumes"],
)]
async fn list_from_offset(cx: &Cx) -> Outcome {
    let snapshots = Snapshots::shared(cx).await?;
    let (whole, list) = undisturbed(cx, &snapshots, &[("offset", "2"), ("limit", "3")]).await?;
    let (mut found, wanted): (_, Vec<_>) = (list.ids()?, whole.ids()?.into_iter().skip(2).take(3).collect());
    // What the whole list has on a page that was not read is unknown.
    if whole.goes_on {
        found.truncate(wanted.len());
    }
    require_eq!(
        list.last,
        found.len(),
        wanted.len(),
        "a list with `offset=2` and `limit=3` must have as many snapshots as follow the second one, three at most"
    );
    expect_eq!(
        list.last,
        found,
        wanted,
        "a list with an offset should have the snapshots that the whole list has there"
    );
    Ok(())
}

/// A list of snapshots sorted by time of creation must have ascending times of creation.
///
/// The three snapshots that were made should be in it.
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
///
/// The three snapshots that were made should be in it.
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
///
/// The three snapshots that were made should be in it.
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
///
/// The three snapshots that were made should be in it.
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
///
/// The three snapshots that were made should be in it.
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
///
/// The three snapshots that were made should be in it.
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

/// Of names, only the order of the shared snapshots is judged: the order of others may be a matter of the database.
async fn in_order(cx: &Cx, key: &str, direction: &str) -> Outcome {
    let snapshots = Snapshots::shared(cx).await?;
    let list = read(cx, &[("sort_key", key), ("sort_dir", direction)], &snapshots.ids()).await?;
    require!(list.last, !list.entries.is_empty(), "the sorted list of snapshots must not be empty");
    let own = snapshots.own(&list.ids()?);
    expect_eq!(list.last, own.len(), 3, "the sorted list of snapshots should have the three that were made");
    // To be sorted by, a name has another name than to be shown.
    let member = if key == "display_name" { "name" } else { key };
    let mut seen = Vec::new();
    for snapshot in &list.entries {
        match member {
            // One time may be written in several ways.
            "created_at" => {
                let created = snapshot.get(member)?.time()?.to_utc();
                seen.push(created.format("%Y-%m-%dT%H:%M:%S%.9fZ").to_string());
            }
            "name" if !own.iter().any(|id| snapshot.value()["id"] == **id) => {}
            _ => seen.push(snapshot.get(member)?.text()?.to_owned()),
        }
    }
    let mut sorted = seen.clone();
    sorted.sort();
    if direction == "desc" {
        sorted.reverse();
    }
    require_eq!(list.last, seen, sorted, "the list must be sorted by {member}, {direction}");
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

/// The list of snapshots with these parameters, read until it has these.
async fn read(cx: &Cx, parameters: &[(&str, &str)], ids: &[&str]) -> Outcome<Listed> {
    read_list(cx, "snapshots", parameters, |page| shapes::snapshots().require(page), ids).await
}

/// The whole list, read until it has the shared snapshots, and the first page of the list with these parameters, of a
/// moment in which no snapshot came or went.
async fn undisturbed(cx: &Cx, snapshots: &Snapshots, parameters: &[(&str, &str)]) -> Outcome<(Listed, Listed)> {
    const PATIENCE: Duration = Duration::from_secs(60);
    let own = snapshots.ids();
    let look = || async {
        let before = read(cx, &[], &own).await?;
        let list = read(cx, parameters, &[]).await?;
        let after = read(cx, &[], &own).await?;
        let same = before.ids()? == after.ids()?;
        Ok((before, list, same))
    };
    let (whole, list, same) = cx.settled(PATIENCE, look, |(_, _, same)| *same).await?;
    if !same {
        let reason = format!("snapshots came and went for {} s: what a list must have is unknown", PATIENCE.as_secs());
        return Err(Stop::Error(reason));
    }
    Ok((whole, list))
}

/// Cuts two lists of ids to what can be compared: one may be longer where the other goes on with a page that was not read.
fn cut((whole, wanted): (&Listed, &mut Vec<String>), (list, found): (&Listed, &mut Vec<String>)) {
    if whole.goes_on {
        found.truncate(wanted.len());
    }
    if list.goes_on {
        wanted.truncate(found.len());
    }
}
