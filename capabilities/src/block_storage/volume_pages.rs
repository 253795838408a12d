//! Lists of volumes in pages and in order.

use assay_kit::Walk;
use assay_kit::prelude::*;

use super::fixture::{beyond, ids};
use super::shared::Volumes;
use super::volume_listing::{Detail, listed};

/// A list with details of two available volumes at most, in ascending and in descending order of their ids, has two, and
/// in that order.
///
/// Metadata should narrow it down to the volumes that have it.
#[conformance(
    id = "block-storage.volumes.list-with-details-by-several-parameters",
    spec = "block-storage-v3#list-accessible-volumes-with-details",
    covers = "2a7064eb-b9c3-429b-b888-33928fc5edd3",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_by_several_parameters(cx: &Cx) -> Outcome {
    let volumes = Volumes::shared(cx).await?;
    for direction in ["asc", "desc"] {
        let mut parameters = vec![("limit", "2"), ("status", "available"), ("sort_dir", direction), ("sort_key", "id")];
        let list = listed(cx, Detail::Yes, &parameters).await?;
        let found = list.elements()?;
        require_eq!(list, found.len(), 2, "a list with `limit=2` must have two volumes, since there are so many");
        for volume in &found {
            let status = volume.get("status")?;
            require_eq!(status, status.value(), "available", "each volume in the list must be available");
        }
        let order = ids(&list)?;
        let sorted = if direction == "asc" { order[0] < order[1] } else { order[0] > order[1] };
        require!(list, sorted, "the list must be sorted by id, {direction}");

        let (mut own, filter) = (volumes.ids(), volumes.filter());
        if direction == "desc" {
            own.reverse();
        }
        parameters.push(("metadata", &filter));
        if let Some(list) = beyond(cx, listed(cx, Detail::Yes, &parameters).await)? {
            expect_eq!(list, ids(&list)?, own, "metadata should narrow the list down and leave its order alone");
        }
    }
    Ok(())
}

/// The pages of the list of volumes, of one volume each, lead through all volumes, each once, and a page leads to the
/// next as long as it is full.
#[conformance(
    id = "block-storage.volumes.list-in-pages",
    spec = "block-storage-v3#list-accessible-volumes",
    covers = "af55e775-8e4b-4feb-8719-215c43b0238c",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_in_pages(cx: &Cx) -> Outcome {
    in_pages(cx, Detail::No).await
}

/// The pages of the list of volumes with details, of one volume each, lead through all volumes, each once, and a page
/// leads to the next as long as it is full.
#[conformance(
    id = "block-storage.volumes.list-with-details-in-pages",
    spec = "block-storage-v3#list-accessible-volumes-with-details",
    covers = "e9138a2c-f67b-4796-8efa-635c196d01de",
    needs = [BlockStorage],
    shares = ["block-storage.volumes"],
)]
async fn list_with_details_in_pages(cx: &Cx) -> Outcome {
    in_pages(cx, Detail::Yes).await
}

/// The list is narrowed down to the shared volumes, since others come and go; those that are listed all the same are no
/// matter of paging.
async fn in_pages(cx: &Cx, detail: Detail) -> Outcome {
    let (volumes, client) = (Volumes::shared(cx).await?, cx.block_storage()?);
    let own = volumes.ids();
    let mut found: Vec<String> = Vec::new();
    let mut foreign = 0;
    let mut request = client.get(detail.path()).query("limit", 1).query("metadata", volumes.filter());
    // A chain of links without an end must not hold up the run.
    let mut walk = Walk::default();
    loop {
        let answer = request.send().await?;
        // Where metadata does not narrow the list down, a page may begin behind a volume of others that is gone by now.
        let behind_others = found.last().is_some_and(|id| !own.contains(&id.as_str()));
        if behind_others && matches!(answer.status(), 400 | 404) {
            let reason = "volumes of others came and went while the pages were read: what they must have is unknown";
            return Err(Stop::Error(reason.into()));
        }
        answer.require_status(200)?;
        let page = answer.json()?;
        detail.require_shape(&page)?;
        let list = page.get("volumes")?;
        let listed = ids(&list)?;
        require!(list, listed.len() <= 1, "a page must not have more volumes than the limit says");
        for id in &listed {
            require!(list, !found.contains(id), "no volume must be on two pages");
            foreign += usize::from(!own.contains(&id.as_str()));
            found.push(id.clone());
        }
        let next = page.value()["volumes_links"].as_array().into_iter().flatten().find(|link| link["rel"] == "next");
        let next = next.and_then(|link| link["href"].as_str());
        require_eq!(
            page,
            next.is_some(),
            !listed.is_empty(),
            "a page with a volume must have a link to the next page, and an empty page must have none"
        );
        let Some(next) = next else {
            let mut own_found: Vec<_> = found.iter().map(String::as_str).filter(|id| own.contains(id)).collect();
            own_found.sort_unstable();
            require_eq!(page, own_found, own, "the pages together must have all volumes that were made");
            expect_eq!(page, foreign, 0, "the pages should have no volume without the metadata asked for");
            return Ok(());
        };
        let (address, query) = next.split_once('?').unwrap_or((next, ""));
        let asked = client.url(detail.path());
        require!(page, !next.contains('#'), "the link to the next page must have no fragment");
        require_eq!(
            page,
            without_port(address),
            without_port(&asked),
            "the link to the next page must have the scheme, the host and the path of the first page"
        );
        let walked = walk.read(listed.len(), answer.bytes().len()).and_then(|()| walk.go(query));
        walked.map_err(|endless| page.fail("the pages must come to an end".into(), None, Some(endless.to_string())))?;
        request = client.get(&format!("{}?{query}", detail.path()));
    }
}

/// An address without its port: a service behind another one may not know it.
fn without_port(address: &str) -> Option<(String, String, String)> {
    let url = url::Url::parse(address).ok()?;
    Some((url.scheme().to_owned(), url.host_str()?.to_owned(), url.path().to_owned()))
}
