//! The listing of an account's containers.
//!
//! The account may hold containers of its user and of other tests, before, after and between any two moments. All tests
//! share six containers whose names stand side by side in every listing, and judge those; a `marker` right before them and
//! a `limit` keep the listing of a large account short.

use std::sync::Arc;

use assay_kit::prelude::*;

use super::headers::{self, Target};
use super::steps::{self, SETTLING};

/// More containers than the tests share, and few enough to be listed at once.
const PAGE: usize = 50;

/// The containers that all tests here list.
struct Containers {
    /// It sorts right before the first of them.
    before: String,
    /// Their names, sorted.
    names: Vec<String>,
}

async fn containers(cx: &Cx) -> Outcome<Arc<Containers>> {
    cx.shared("object-storage.containers", |cx| async move {
        let before = cx.name("listing");
        let names: Vec<String> = ["a", "b", "c", "d", "e", "f"].map(|last| format!("{before}-{last}")).into();
        // The other way round: a listing in the order of creation is told from a sorted one.
        for name in names.iter().rev() {
            cx.will_create(Resource::new(Kind::Container, name))?;
            cx.object_storage()?.put(name).require(steps::MADE).await?;
        }
        Ok(Containers { before, names })
    })
    .await
}

/// What a listing is bounded by.
#[derive(Default, Clone, Copy)]
struct Bounds<'a> {
    marker: Option<&'a str>,
    end_marker: Option<&'a str>,
    limit: Option<usize>,
}

/// What a listing has.
struct Listing {
    response: Response,
    names: Vec<String>,
    /// Those of the shared containers.
    own: Vec<String>,
}

impl Containers {
    /// Those of the names that are of the shared containers, sorted.
    fn own<'a>(&self, names: &'a [String]) -> Vec<&'a str> {
        let mut own: Vec<_> = names.iter().filter(|name| self.names.contains(name)).map(String::as_str).collect();
        own.sort_unstable();
        own
    }

    /// The listing with these bounds, once the shared containers in it are those expected or the time is up.
    ///
    /// What any listing promises is looked at on the way: its headers, its order, its bounds.
    async fn list(&self, cx: &Cx, bounds: Bounds<'_>, expected: &[String]) -> Outcome<Listing> {
        let mut request = cx.object_storage()?.get("");
        if let Some(marker) = bounds.marker {
            request = request.query("marker", marker);
        }
        if let Some(end) = bounds.end_marker {
            request = request.query("end_marker", end);
        }
        if let Some(limit) = bounds.limit {
            request = request.query("limit", limit);
        }
        let response = steps::settled(cx, &request, SETTLING, |response| {
            let names = steps::names(response);
            self.own(&names) == expected && bounds.limit.is_none_or(|limit| names.len() <= limit)
        });
        let response = response.await?;
        response.require_status([200, 204])?;
        headers::check(cx, &response, Target::Account)?;
        let names = steps::names(&response);
        expect!(response, names.is_sorted(), "the listing should be sorted by name");
        if let Some(marker) = bounds.marker {
            expect!(
                response,
                names.iter().all(|name| name.as_str() > marker),
                "the listing should begin after `marker`"
            );
        }
        if let Some(end) = bounds.end_marker {
            expect!(
                response,
                names.iter().all(|name| name.as_str() < end),
                "the listing should end before `end_marker`"
            );
        }
        if let Some(limit) = bounds.limit {
            expect!(response, names.len() <= limit, "the listing should have no more names than `limit` says");
        }
        let own = self.own(&names).into_iter().map(str::to_owned).collect();
        Ok(Listing { response, names, own })
    }
}

/// The account's containers are listed, one name a line.
///
/// Where the account has more than one listing holds, the rest must be listed after a marker. The names should be
/// sorted, and each should be there once.
#[conformance(
    id = "object-storage.accounts.list-containers",
    spec = "object-storage-v1#show-account-details-and-list-containers",
    covers = "3499406a-ae53-4f8c-b43a-133d4dc6fe3f",
    needs = [ObjectStorage],
)]
async fn list_containers(cx: &Cx) -> Outcome {
    let shared = containers(cx).await?;
    let features = cx.deployment().object_storage_features();
    let most = features.and_then(|features| features.pointer("/swift/account_listing_limit")?.as_u64());
    let full = usize::try_from(most.unwrap_or(10_000)).unwrap_or(usize::MAX);
    // A listing that is full ends before names that are greater than its last.
    let due = |listed: &[String]| -> Vec<String> {
        let last = listed.last().filter(|_| listed.len() >= full);
        shared.names.iter().filter(|name| last.is_none_or(|last| *name <= last)).cloned().collect()
    };
    let request = cx.object_storage()?.get("");
    let response = steps::settled(cx, &request, SETTLING, |response| {
        let names = steps::names(response);
        shared.own(&names) == due(&names)
    });
    let response = response.await?;
    response.require_status([200, 204])?;
    headers::check(cx, &response, Target::Account)?;
    let names = steps::names(&response);
    let due = due(&names);
    let missing: Vec<_> = due.iter().filter(|name| !names.contains(name)).collect();
    require!(response, missing.is_empty(), "the account's containers must be listed; missing: {missing:?}");
    expect!(response, names.is_sorted_by(|a, b| a < b), "the listing should be sorted by name and have each name once");
    if due.len() < shared.names.len() {
        let rest = &shared.names[due.len()..];
        // More names than another listing holds may stand between the last one and the shared containers.
        let after = names.last().map_or(shared.before.as_str(), |last| last.as_str().max(shared.before.as_str()));
        let bounds = Bounds { marker: Some(after), ..Bounds::default() };
        let Listing { response, own, .. } = shared.list(cx, bounds, rest).await?;
        require_eq!(response, own, rest, "what a full listing has no room for must be listed after a marker");
    }
    Ok(())
}

/// Requires the headers that a listing has even where the account never had a container.
fn require_headers(response: &Response) -> Outcome {
    for name in [
        "x-timestamp",
        "x-account-bytes-used",
        "x-account-container-count",
        "x-account-object-count",
        "content-type",
        "x-trans-id",
        "date",
    ] {
        response.require_header(name)?;
    }
    headers::well_formed(response, false)
}

/// A listing that has no container to show answers with the headers of every listing and without a body.
///
/// The account of a user is never empty for certain, so containers are asked for whose names begin with one that nothing
/// has, and stand right after it. Where the user named a second account, its listing must show none of the containers that
/// the first one has. The status should be 204, and the listing as JSON an empty array.
#[conformance(
    id = "object-storage.accounts.list-no-containers",
    spec = "object-storage-v1#show-account-details-and-list-containers",
    covers = "884ec421-fbad-4fcc-916b-0580f2699565",
    needs = [ObjectStorage],
)]
async fn list_no_containers(cx: &Cx) -> Outcome {
    let name = cx.name("no-such-container");
    // One of the bounds is enough: none of them is what is tested.
    let none = cx.object_storage()?.get("").query("prefix", &name).query("marker", &name);
    let none = none.query("end_marker", format!("{name}-"));
    let response = none.clone().require([200, 204]).await?;
    require_headers(&response)?;
    require_eq!(response, steps::names(&response), [""; 0], "a listing without containers must be empty");
    expect_eq!(response, response.status(), 204, "a plain listing without names should have no content");
    let empty = none.query("format", "json").send().await?;
    expect_eq!(empty, empty.text(), "[]", "a JSON listing without names should be an empty array");
    // No test needs a second account for this: where there is one, it tells whose containers a listing shows.
    if let Ok(other) = cx.client(Role::Alt, Service::ObjectStorage)
        && cx.deployment().project(Role::Alt) != cx.deployment().project(Role::Member)
        && other.url("") != cx.object_storage()?.url("")
    {
        let shared = containers(cx).await?;
        let listing = other.get("").send().await?;
        // Its user may have no right to an account, or none may be there.
        if matches!(listing.status(), 200 | 204) {
            require_headers(&listing)?;
            let names = steps::names(&listing);
            require_eq!(listing, shared.own(&names), [""; 0], "an account must not list containers of another one");
        }
    }
    Ok(())
}

/// `format=json` lists each container with its name, the number of its objects, and their bytes.
///
/// Six containers without objects should each be listed once, sorted by name, with no objects and no bytes.
#[conformance(
    id = "object-storage.accounts.list-containers-as-json",
    spec = "object-storage-v1#show-account-details-and-list-containers",
    covers = "1c7efa35-e8a2-4b0b-b5ff-862c7fd83704",
    needs = [ObjectStorage],
)]
async fn list_containers_as_json(cx: &Cx) -> Outcome {
    let shared = containers(cx).await?;
    let request = cx.object_storage()?.get("").query("format", "json");
    let request = request.query("marker", &shared.before).query("limit", PAGE);
    let response = steps::settled(cx, &request, SETTLING, |response| {
        let text = response.text();
        shared.names.iter().all(|name| text.contains(name.as_str()))
    });
    let response = response.await?;
    response.require_status(200)?;
    headers::check(cx, &response, Target::Account)?;
    let listed = response.json()?.elements()?;
    require!(response, !listed.is_empty(), "the account's containers must be listed");
    let mut own = Vec::new();
    for container in &listed {
        let name = container.get("name")?;
        let (count, bytes) = (container.get("count")?, container.get("bytes")?);
        if shared.names.iter().any(|shared| name.value() == shared.as_str()) {
            own.push(name.text()?.to_owned());
            expect_eq!(count, count.value(), &json!(0), "a container without objects should count none");
            expect_eq!(bytes, bytes.value(), &json!(0), "a container without objects should have no bytes");
        }
    }
    expect_eq!(response, own, shared.names, "the account's containers should be listed, each once and sorted by name");
    expect!(
        response,
        response.header("content-type").is_some_and(|kind| kind.starts_with("application/json")),
        "a JSON listing should say that it is one"
    );
    Ok(())
}

/// `limit` bounds a listing: to one container, to three, to six, of which the account has so many.
///
/// The names should be sorted; after a `marker` they should be the first ones.
#[conformance(
    id = "object-storage.accounts.list-containers-with-limit",
    spec = "object-storage-v1#show-account-details-and-list-containers",
    covers = "5cfa4ab2-4373-48dd-a41f-a532b12b08b2",
    needs = [ObjectStorage],
)]
async fn list_containers_with_limit(cx: &Cx) -> Outcome {
    let shared = containers(cx).await?;
    for limit in [1, shared.names.len() / 2, shared.names.len()] {
        let request = cx.object_storage()?.get("").query("limit", limit);
        let response = steps::settled(cx, &request, SETTLING, |response| steps::names(response).len() == limit);
        let response = response.await?;
        response.require_status([200, 204])?;
        headers::check(cx, &response, Target::Account)?;
        let names = steps::names(&response);
        require_eq!(
            response,
            names.len(),
            limit,
            "the listing must have as many names as `limit` says, where there are so many"
        );
        expect!(response, names.is_sorted(), "the listing should be sorted by name");
    }
    let first = cx.object_storage()?.get("").query("marker", &shared.before).query("limit", 2);
    let first =
        steps::settled(cx, &first, steps::MOMENT, |response| shared.own(&steps::names(response)) == shared.names[..2]);
    let first = first.await?;
    let names = steps::names(&first);
    expect_eq!(first, shared.own(&names), &shared.names[..2], "a bounded listing should have the first names");
    Ok(())
}

/// `marker` begins a listing after a name: none of six containers after the last, two after the fourth.
#[conformance(
    id = "object-storage.accounts.list-containers-with-marker",
    spec = "object-storage-v1#show-account-details-and-list-containers",
    covers = "638f876d-6a43-482a-bbb3-0840bca101c6",
    needs = [ObjectStorage],
)]
async fn list_containers_with_marker(cx: &Cx) -> Outcome {
    let shared = containers(cx).await?;
    for at in [5, 3] {
        let rest = &shared.names[at + 1..];
        let bounds = Bounds { marker: Some(&shared.names[at]), limit: Some(PAGE), ..Bounds::default() };
        let Listing { response, own, .. } = shared.list(cx, bounds, rest).await?;
        require_eq!(response, own, rest, "the listing must begin after `marker`");
    }
    Ok(())
}

/// `end_marker` ends a listing before a name: none of six containers before the first, three before the fourth.
#[conformance(
    id = "object-storage.accounts.list-containers-with-end-marker",
    spec = "object-storage-v1#show-account-details-and-list-containers",
    covers = "5ca164e4-7bde-43fa-bafb-913b53b9e786",
    needs = [ObjectStorage],
)]
async fn list_containers_with_end_marker(cx: &Cx) -> Outcome {
    let shared = containers(cx).await?;
    for at in [0, 3] {
        let bounds = Bounds { marker: Some(&shared.before), end_marker: Some(&shared.names[at]), limit: Some(PAGE) };
        let Listing { response, own, .. } = shared.list(cx, bounds, &shared.names[..at]).await?;
        require_eq!(response, own, &shared.names[..at], "the listing must end before `end_marker`");
    }
    Ok(())
}

/// `marker` and `end_marker` together leave what stands between them: four of six containers.
#[conformance(
    id = "object-storage.accounts.list-containers-with-marker-and-end-marker",
    spec = "object-storage-v1#show-account-details-and-list-containers",
    covers = "ac8502c2-d4e4-4f68-85a6-40befea2ef5e",
    needs = [ObjectStorage],
)]
async fn list_containers_with_marker_and_end_marker(cx: &Cx) -> Outcome {
    let shared = containers(cx).await?;
    let bounds = Bounds { marker: Some(&shared.names[0]), end_marker: Some(&shared.names[5]), limit: None };
    let Listing { response, own, .. } = shared.list(cx, bounds, &shared.names[1..5]).await?;
    let between = &shared.names[1..5];
    require_eq!(response, own, between, "the listing must have what stands between `marker` and `end_marker`");
    Ok(())
}

/// `limit` bounds what comes after `marker`: to two containers, to one, and to none.
///
/// There must be no more than `limit` says, and they should be the first ones.
#[conformance(
    id = "object-storage.accounts.list-containers-with-limit-and-marker",
    spec = "object-storage-v1#show-account-details-and-list-containers",
    covers = "f7064ae8-dbcc-48da-b594-82feef6ea5af",
    needs = [ObjectStorage],
)]
async fn list_containers_with_limit_and_marker(cx: &Cx) -> Outcome {
    let shared = containers(cx).await?;
    for limit in [2, 1, 0] {
        let expected = &shared.names[2..2 + limit];
        let bounds = Bounds { marker: Some(&shared.names[1]), limit: Some(limit), ..Bounds::default() };
        let Listing { response, names, own } = shared.list(cx, bounds, expected).await?;
        require!(response, names.len() <= limit, "the listing must have no more names than `limit` says");
        expect_eq!(response, own, expected, "the listing should have the first names after `marker`");
    }
    Ok(())
}

/// `limit` bounds what comes before `end_marker`: to two of three containers; five are more than there are.
///
/// There must be as many as `limit` says, or as there are, and they should be the first ones.
#[conformance(
    id = "object-storage.accounts.list-containers-with-limit-and-end-marker",
    spec = "object-storage-v1#show-account-details-and-list-containers",
    covers = "888a3f0e-7214-4806-8e50-5e0c9a69bb5e",
    needs = [ObjectStorage],
)]
async fn list_containers_with_limit_and_end_marker(cx: &Cx) -> Outcome {
    let shared = containers(cx).await?;
    let end = &shared.names[3];
    for limit in [2, 5] {
        let expected = &shared.names[..limit.min(3)];
        let bounds = Bounds { marker: Some(&shared.before), end_marker: Some(end), limit: Some(limit) };
        let Listing { response, names, own } = shared.list(cx, bounds, expected).await?;
        // Where `marker`, which is not what is tested, does nothing, others stand before the shared containers.
        let is_full = names.len() == limit && names.iter().all(|name| name < end);
        if !is_full {
            let requirement =
                "the listing must have as many names before `end_marker` as `limit` says, or as there are";
            require_eq!(response, own, expected, "{requirement}");
        }
        expect_eq!(response, own, expected, "the listing should have the first names before `end_marker`");
    }
    Ok(())
}

/// `limit` bounds what stands between `marker` and `end_marker`: to two of four containers; six are more than there are.
///
/// There must be as many as `limit` says, or as there are, and they should be the first ones.
#[conformance(
    id = "object-storage.accounts.list-containers-with-limit-marker-and-end-marker",
    spec = "object-storage-v1#show-account-details-and-list-containers",
    covers = "8cf98d9c-e3a0-4e44-971b-c87656fdddbd",
    needs = [ObjectStorage],
)]
async fn list_containers_with_limit_marker_and_end_marker(cx: &Cx) -> Outcome {
    let shared = containers(cx).await?;
    for limit in [2, 6] {
        let expected = &shared.names[1..=limit.min(4)];
        let bounds = Bounds { marker: Some(&shared.names[0]), end_marker: Some(&shared.names[5]), limit: Some(limit) };
        let Listing { response, names, own } = shared.list(cx, bounds, expected).await?;
        let requirement = "the listing must have as many names between the markers as `limit` says, or as there are";
        require_eq!(response, names.len(), expected.len(), "{requirement}");
        expect_eq!(response, own, expected, "the listing should have the first names between the markers");
    }
    Ok(())
}
