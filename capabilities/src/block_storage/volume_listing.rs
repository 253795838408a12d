//! Lists of volumes, and their filters.

use assay_kit::prelude::*;

use super::fixture::{beyond, ids, read_list};
use super::shapes;
use super::shared::{KEY, Volumes, metadata_filter};

/// The list of volumes has those that were made, with their names.
#[conformance(
    id = "block-storage.volumes.list",
    spec = "block-storage-v3#list-accessible-volumes",
    covers = "0b6ddd39-b948-471f-8038-4787978747c4",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list(cx: &Cx) -> Outcome {
    let volumes = Volumes::shared(cx).await?;
    require_own_listed(&volumes, cx, Detail::No, &[]).await.map(drop)
}

/// The list of volumes with details has those that were made, just as they are shown.
#[conformance(
    id = "block-storage.volumes.list-with-details",
    spec = "block-storage-v3#list-accessible-volumes-with-details",
    covers = "adcbb5a7-5ad8-4b61-bd10-5380e111a877",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_with_details(cx: &Cx) -> Outcome {
    let volumes = Volumes::shared(cx).await?;
    require_own_listed(&volumes, cx, Detail::Yes, &[]).await.map(drop)
}

/// The list of volumes of a name has the one that has it.
#[conformance(
    id = "block-storage.volumes.list-by-name",
    spec = "block-storage-v3#list-accessible-volumes",
    covers = "a28e8da4-0b56-472f-87a8-0f4d3f819c02",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_by_name(cx: &Cx) -> Outcome {
    by_name(cx, Detail::No).await
}

/// The list with details of volumes of a name has the one that has it.
#[conformance(
    id = "block-storage.volumes.list-with-details-by-name",
    spec = "block-storage-v3#list-accessible-volumes-with-details",
    covers = "2de3a6d4-12aa-403b-a8f2-fdeb42a89623",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_with_details_by_name(cx: &Cx) -> Outcome {
    by_name(cx, Detail::Yes).await
}

async fn by_name(cx: &Cx, detail: Detail) -> Outcome {
    let volumes = Volumes::shared(cx).await?;
    let wanted = &volumes.made[0];
    let list = listed(cx, detail, &[("name", &wanted.name)]).await?;
    let found = list.elements()?;
    require_eq!(list, found.len(), 1, "the list by a name must have the one volume of that name");
    let name = found[0].get("name")?;
    require_eq!(name, name.value(), &wanted.name, "the volume in the list by a name must have that name");
    expect_eq!(found[0], found[0].value()["id"], json!(wanted.id), "it should be the one that was made with that name");
    Ok(())
}

/// The list of available volumes has those that were made.
#[conformance(
    id = "block-storage.volumes.list-by-status",
    spec = "block-storage-v3#list-accessible-volumes",
    covers = "39654e13-734c-4dab-95ce-7613bf8407ce",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_by_status(cx: &Cx) -> Outcome {
    let volumes = Volumes::shared(cx).await?;
    require_own_listed(&volumes, cx, Detail::No, &[("status", "available")]).await?;
    expect_unlisted(&volumes, cx, Detail::No, ("status", "in-use")).await
}

/// The list with details of available volumes has those that were made, just as they are shown, and no volume of another
/// status.
#[conformance(
    id = "block-storage.volumes.list-with-details-by-status",
    spec = "block-storage-v3#list-accessible-volumes-with-details",
    covers = "2943f712-71ec-482a-bf49-d5ca06216b9f",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_with_details_by_status(cx: &Cx) -> Outcome {
    let volumes = Volumes::shared(cx).await?;
    let listed = require_own_listed(&volumes, cx, Detail::Yes, &[("status", "available")]).await?;
    require_each(&listed, "status", &json!("available"))?;
    expect_unlisted(&volumes, cx, Detail::Yes, ("status", "in-use")).await
}

/// The list of volumes of an availability zone has those that were made in it.
#[conformance(
    id = "block-storage.volumes.list-by-availability-zone",
    spec = "block-storage-v3#list-accessible-volumes",
    covers = "c0cfa863-3020-40d7-b587-e35f597d5d87",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_by_availability_zone(cx: &Cx) -> Outcome {
    let volumes = Volumes::shared(cx).await?;
    let zone = volumes.shown[0].get("availability_zone")?;
    require_own_listed(&volumes, cx, Detail::No, &[("availability_zone", named(&zone))]).await?;
    expect_unlisted(&volumes, cx, Detail::No, ("availability_zone", &cx.name("zone"))).await
}

/// The list with details of volumes of an availability zone has those that were made in it, just as they are shown, and
/// no volume of another zone.
#[conformance(
    id = "block-storage.volumes.list-with-details-by-availability-zone",
    spec = "block-storage-v3#list-accessible-volumes-with-details",
    covers = "e1b80d13-94f0-4ba2-a40e-386af29f8db1",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_with_details_by_availability_zone(cx: &Cx) -> Outcome {
    let volumes = Volumes::shared(cx).await?;
    let zone = volumes.shown[0].get("availability_zone")?;
    let listed = require_own_listed(&volumes, cx, Detail::Yes, &[("availability_zone", named(&zone))]).await?;
    require_each(&listed, "availability_zone", zone.value())?;
    expect_unlisted(&volumes, cx, Detail::Yes, ("availability_zone", &cx.name("zone"))).await
}

/// An availability zone as the published tests ask for it: a volume may tell none.
fn named(zone: &Json) -> &str {
    zone.value().as_str().unwrap_or("None")
}

/// The list of volumes can be asked for by metadata.
///
/// It should have the volumes with that metadata and no others.
#[conformance(
    id = "block-storage.volumes.list-by-metadata",
    spec = "block-storage-v3#list-accessible-volumes",
    covers = "b5ebea1b-0603-40a0-bb41-15fcd0a53214",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_by_metadata(cx: &Cx) -> Outcome {
    let volumes = Volumes::shared(cx).await?;
    let list = listed(cx, Detail::No, &[("metadata", &volumes.filter())]).await?;
    expect_exactly(&volumes, &list)?;
    expect_unlisted(&volumes, cx, Detail::No, ("metadata", &metadata_filter(&cx.name("play")))).await
}

/// The list with details of volumes of some metadata has no volume without that metadata.
///
/// It should have each that has it.
#[conformance(
    id = "block-storage.volumes.list-with-details-by-metadata",
    spec = "block-storage-v3#list-accessible-volumes-with-details",
    covers = "1ca92d3c-4a8e-4b43-93f5-e4c7fb3b291d",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_with_details_by_metadata(cx: &Cx) -> Outcome {
    let volumes = Volumes::shared(cx).await?;
    let list = listed(cx, Detail::Yes, &[("metadata", &volumes.filter())]).await?;
    for volume in list.elements()? {
        let metadata = volume.get("metadata")?;
        let value = metadata.value().get(KEY);
        require_eq!(metadata, value, Some(&json!(volumes.label)), "each volume in the list must have that metadata");
    }
    expect_exactly(&volumes, &list)?;
    expect_unlisted(&volumes, cx, Detail::Yes, ("metadata", &metadata_filter(&cx.name("play")))).await
}

/// The list of volumes can be asked for by name and status together.
///
/// It should have the available volume of that name and no other, and none when the status is another one.
#[conformance(
    id = "block-storage.volumes.list-by-name-and-status",
    spec = "block-storage-v3#list-accessible-volumes",
    covers = "777c87c1-2fc4-4883-8b8e-5c0b951d1ec8",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_by_name_and_status(cx: &Cx) -> Outcome {
    by_name_and_status(cx, Detail::No).await.map(drop)
}

/// The list with details of available volumes of a name has no volume of another name or status.
///
/// It should have the one of that name, and none when the status is another one.
#[conformance(
    id = "block-storage.volumes.list-with-details-by-name-and-status",
    spec = "block-storage-v3#list-accessible-volumes-with-details",
    covers = "856ab8ca-6009-4c37-b691-be1065528ad4",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_with_details_by_name_and_status(cx: &Cx) -> Outcome {
    let (list, name) = by_name_and_status(cx, Detail::Yes).await?;
    let listed = list.elements()?;
    require_each(&listed, "name", &json!(name))?;
    require_each(&listed, "status", &json!("available"))
}

async fn by_name_and_status(cx: &Cx, detail: Detail) -> Outcome<(Json, String)> {
    let volumes = Volumes::shared(cx).await?;
    let wanted = &volumes.made[1];
    let by_status = async |status| listed(cx, detail, &[("name", &wanted.name), ("status", status)]).await;
    if let Some(none) = beyond(cx, by_status("in-use").await)? {
        expect!(none, none.elements()?.is_empty(), "no volume should be listed by its name and another status");
    }
    let list = by_status("available").await?;
    expect_eq!(
        list,
        ids(&list)?,
        [wanted.id.as_str()],
        "the list should have the volume of that name and status, and no other"
    );
    Ok((list, wanted.name.clone()))
}

/// The list of volumes of a name that none has is empty.
#[conformance(
    id = "block-storage.volumes.list-by-unknown-name",
    spec = "block-storage-v3#list-accessible-volumes",
    covers = "0f4aa809-8c7b-418f-8fb3-84c7a5dfc52f",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_by_unknown_name(cx: &Cx) -> Outcome {
    require_none(cx, Detail::No, "name", &cx.name("volume")).await
}

/// The list with details of volumes of a name that none has is empty.
#[conformance(
    id = "block-storage.volumes.list-with-details-by-unknown-name",
    spec = "block-storage-v3#list-accessible-volumes-with-details",
    covers = "9ca17820-a0e7-4cbd-a7fa-f4468735e359",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_with_details_by_unknown_name(cx: &Cx) -> Outcome {
    require_none(cx, Detail::Yes, "name", &cx.name("volume")).await
}

/// The list of volumes of a status that does not exist is empty.
#[conformance(
    id = "block-storage.volumes.list-by-unknown-status",
    spec = "block-storage-v3#list-accessible-volumes",
    covers = "143b279b-7522-466b-81be-34a87d564a7c",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_by_unknown_status(cx: &Cx) -> Outcome {
    require_none(cx, Detail::No, "status", "null").await
}

/// The list with details of volumes of a status that does not exist is empty.
#[conformance(
    id = "block-storage.volumes.list-with-details-by-unknown-status",
    spec = "block-storage-v3#list-accessible-volumes-with-details",
    covers = "ba94b27b-be3f-496c-a00e-0283b373fa75",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_with_details_by_unknown_status(cx: &Cx) -> Outcome {
    require_none(cx, Detail::Yes, "status", "null").await
}

async fn require_none(cx: &Cx, detail: Detail, filter: &str, value: &str) -> Outcome {
    // Without a volume, every list would be empty.
    Volumes::shared(cx).await?;
    let list = listed(cx, detail, &[(filter, value)]).await?;
    require_eq!(list, list.elements()?.len(), 0, "the list must be empty: no volume has the {filter} `{value}`");
    Ok(())
}

/// Whether a list is asked for with details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    Yes,
    No,
}

impl Detail {
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Yes => "volumes/detail",
            Self::No => "volumes",
        }
    }

    /// Ends the test as failed unless a page of the list has the right shape.
    pub(super) fn require_shape(self, page: &Json) -> Outcome {
        match self {
            Self::Yes => {
                shapes::volumes_detail().require(page)?;
                page.get("volumes")?.elements()?.iter().try_for_each(shapes::require_host)
            }
            Self::No => shapes::volumes().require(page),
        }
    }
}

/// The list of volumes, with these parameters.
pub(super) async fn listed(cx: &Cx, detail: Detail, parameters: &[(&str, &str)]) -> Outcome<Json> {
    let request = cx.block_storage()?.get(detail.path());
    let request = parameters.iter().fold(request, |request, (name, value)| request.query(name, value));
    let page = request.require(200).await?.json()?;
    detail.require_shape(&page)?;
    page.get("volumes")
}

fn require_each(listed: &[Json], key: &str, value: &Value) -> Outcome {
    for volume in listed {
        let seen = volume.get(key)?;
        require_eq!(seen, seen.value(), value, "each volume in the list must have the `{key}` asked for");
    }
    Ok(())
}

/// Ends the test as failed unless the list with these parameters has each of the shared volumes: with its name, or, with
/// details, just as it was shown. Gives what was read of the list.
async fn require_own_listed(
    volumes: &Volumes,
    cx: &Cx,
    detail: Detail,
    parameters: &[(&str, &str)],
) -> Outcome<Vec<Json>> {
    let check = |page: &Json| detail.require_shape(page);
    let list = read_list(cx, detail.path(), parameters, check, &volumes.ids()).await?;
    for (made, shown) in volumes.made.iter().zip(&volumes.shown) {
        let found = list.entries.iter().find(|listed| listed.value()["id"] == *made.id);
        let Some(found) = found else {
            return Err(list.last.fail(format!("the list must have the volume {}", made.id), None, None));
        };
        if detail == Detail::No {
            let name = found.get("name")?;
            require_eq!(name, name.value(), &made.name, "each volume in the list must have its name");
            continue;
        }
        let (mut found_value, mut shown) = (found.value().clone(), shown.value().clone());
        for value in [&mut found_value, &mut shown] {
            // It may change for reasons of the service's own.
            value.as_object_mut().map(|volume| volume.remove("updated_at"));
        }
        require_eq!(found, found_value, shown, "a volume must be listed with the same details as it is shown with");
    }
    Ok(list.entries)
}

/// Records a deviation unless none of the volumes is in the list with this filter.
async fn expect_unlisted(volumes: &Volumes, cx: &Cx, detail: Detail, parameter: (&str, &str)) -> Outcome {
    let (filter, value) = parameter;
    let Some(list) = beyond(cx, listed(cx, detail, &[parameter]).await)? else { return Ok(()) };
    let ids = ids(&list)?;
    let found = volumes.made.iter().any(|made| ids.contains(&made.id));
    expect!(list, !found, "the list with `{filter}={value}` should not have a volume that does not fit");
    Ok(())
}

fn expect_exactly(volumes: &Volumes, list: &Json) -> Outcome {
    let mut found = ids(list)?;
    found.sort();
    expect_eq!(list, found, volumes.ids(), "the list should have the volumes of that metadata, and no others");
    Ok(())
}
