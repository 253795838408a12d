//! Lists of servers: filters, limits, and what they refuse.

use std::sync::Arc;

use assay_kit::prelude::*;

use super::changed::Turn;
use super::fixture::{PATIENCE, Reading};
use super::shapes::{self, checked};
use crate::refusal::Refusal as _;

/// A server is in the list of servers.
///
/// It should be there once, with its name.
#[conformance(
    id = "compute.servers.list",
    spec = "compute-v2.1#list-servers",
    covers = "9a438d88-10c6-4bcd-8b5b-5b6e25e1346f",
    needs = [Compute],
    shares = ["compute.server"],
)]
async fn list(cx: &Cx) -> Outcome {
    require_listed(cx, List::Brief).await
}

/// A server is in the list of servers in detail.
///
/// It should be there once, with its name, image, flavor and metadata.
#[conformance(
    id = "compute.servers.list-detailed",
    spec = "compute-v2.1#list-servers-detailed",
    covers = "585e934c-448e-43c4-acbf-d06a9b899997",
    needs = [Compute],
    shares = ["compute.server"],
)]
async fn list_detailed(cx: &Cx) -> Outcome {
    require_listed(cx, List::Detailed).await
}

async fn require_listed(cx: &Cx, list: List) -> Outcome {
    let reading = Reading::shared(cx).await?;
    let servers = list.get(cx, &[]).await?;
    let found = servers.elements()?;
    let found: Vec<_> = found.iter().filter(|server| server.value()["id"] == *reading.server.id).collect();
    require!(servers, !found.is_empty(), "server {} must be listed", reading.server.id);
    expect_eq!(servers, found.len(), 1, "a server should be listed once");
    let keys: &[&str] = if list == List::Detailed { &["name", "image", "flavor", "metadata"] } else { &["name"] };
    for key in keys {
        let listed = &found[0].value()[key];
        expect_eq!(servers, *listed, reading.shown[key], "the `{key}` in the list should be the one that is shown");
    }
    Ok(())
}

/// The list of servers with an image has those that were made of it, and no other.
#[conformance(
    id = "compute.servers.list-by-image",
    spec = "compute-v2.1#list-servers",
    covers = "05e8a8e7-9659-459a-989d-92c2f501f4ba",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server"],
    seconds = 2,
)]
async fn list_by_image(cx: &Cx) -> Outcome {
    by_image(cx, List::Brief).await
}

/// The list in detail of servers with an image has those that were made of it, and no other.
#[conformance(
    id = "compute.servers.list-detailed-by-image",
    spec = "compute-v2.1#list-servers-detailed",
    covers = "b3304c3b-97df-46d2-8cd3-e2b6659724e7",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server"],
    seconds = 2,
)]
async fn list_detailed_by_image(cx: &Cx) -> Outcome {
    by_image(cx, List::Detailed).await
}

async fn by_image(cx: &Cx, list: List) -> Outcome {
    let lacks = || {
        let lack = Lack::resource(Service::Image, "a second image");
        cx.skip(lack, "needs a second image that servers can be made of")
    };
    let choices = cx.choices().await?;
    if choices.image()? == choices.other_image()? {
        return Err(lacks());
    }
    let pair = Pair::take(cx).await?;
    let image = pair.reading.server.image.as_str();
    if image == pair.turn.image {
        // There is no host for a server of another one.
        pair.turn.done();
        return Err(lacks());
    }
    let servers = pair.require_filtered(cx, list, &[("image", image)], pair.reading_id()).await?;
    if list == List::Detailed {
        for server in servers.elements()? {
            let found = &server.value()["image"]["id"];
            expect_eq!(server, *found, image, "a listed server should have the image that was asked for");
        }
    }
    pair.turn.done();
    Ok(())
}

/// The list of servers with a flavor has those that have it, and no other.
#[conformance(
    id = "compute.servers.list-by-flavor",
    spec = "compute-v2.1#list-servers",
    covers = "573637f5-7325-47bb-9144-3476d0416908",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server"],
    seconds = 2,
)]
async fn list_by_flavor(cx: &Cx) -> Outcome {
    by_flavor(cx, List::Brief).await
}

/// The list in detail of servers with a flavor has those that have it, and no other.
#[conformance(
    id = "compute.servers.list-detailed-by-flavor",
    spec = "compute-v2.1#list-servers-detailed",
    covers = "80c574cc-0925-44ba-8602-299028357dd9",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server"],
    seconds = 2,
)]
async fn list_detailed_by_flavor(cx: &Cx) -> Outcome {
    by_flavor(cx, List::Detailed).await
}

async fn by_flavor(cx: &Cx, list: List) -> Outcome {
    let lacks = || {
        let lack = Lack::resource(Service::Compute, "a second flavor");
        cx.skip(lack, "needs a second flavor that the image fits in")
    };
    if cx.choices().await?.other_flavor()?.is_none() {
        return Err(lacks());
    }
    let pair = Pair::take(cx).await?;
    let flavor = pair.turn.flavor.as_str();
    if flavor == pair.reading.server.flavor {
        // There is no host for a server with another one.
        pair.turn.done();
        return Err(lacks());
    }
    let servers = pair.require_filtered(cx, list, &[("flavor", flavor)], &pair.turn.id).await?;
    if list == List::Detailed {
        for server in servers.elements()? {
            let found = &server.value()["flavor"]["id"];
            expect_eq!(server, *found, flavor, "a listed server should have the flavor that was asked for");
        }
    }
    pair.turn.done();
    Ok(())
}

/// The list of servers with a name has those that have it, and no other.
#[conformance(
    id = "compute.servers.list-by-name",
    spec = "compute-v2.1#list-servers",
    covers = "9b067a7b-7fee-4f6a-b29c-be43fe18fc5a",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server"],
    seconds = 2,
)]
async fn list_by_name(cx: &Cx) -> Outcome {
    by_name(cx, List::Brief).await
}

/// The list in detail of servers with a name has those that have it, and no other.
#[conformance(
    id = "compute.servers.list-detailed-by-name",
    spec = "compute-v2.1#list-servers-detailed",
    covers = "f9eb2b70-735f-416c-b260-9914ac6181e4",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server"],
    seconds = 2,
)]
async fn list_detailed_by_name(cx: &Cx) -> Outcome {
    by_name(cx, List::Detailed).await
}

async fn by_name(cx: &Cx, list: List) -> Outcome {
    let pair = Pair::take(cx).await?;
    let name = &pair.reading.server.name;
    let servers = pair.require_filtered(cx, list, &[("name", name)], pair.reading_id()).await?;
    for server in servers.elements()? {
        let matches = server.value()["name"].as_str().is_some_and(|found| found.contains(name.as_str()));
        expect!(server, matches, "a listed server should have the name that was asked for");
    }
    pair.turn.done();
    Ok(())
}

/// The list of servers whose name has some part has all that have it in their names, and no other.
#[conformance(
    id = "compute.servers.list-by-part-of-name",
    spec = "compute-v2.1#list-servers",
    covers = "e9f624ee-92af-4562-8bec-437945a18dcb",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server"],
    seconds = 2,
)]
async fn list_by_part_of_name(cx: &Cx) -> Outcome {
    let pair = Pair::take(cx).await?;
    let (name, other) = (&pair.reading.server.name, &pair.turn.name);
    let common = name.bytes().zip(other.bytes()).take_while(|(one, another)| one == another).count();
    // Both names begin with that of the run, which is of ASCII letters: a part of it that is not its beginning.
    let servers = List::Brief.get(cx, &[("name", &name[3..common])]).await?;
    for id in [pair.reading_id(), &pair.turn.id] {
        require!(servers, contains(&servers, id)?, "server {id} must be listed by the part of its name that both have");
    }
    let own = &name[3..];
    pair.require_filtered(cx, List::Brief, &[("name", own)], pair.reading_id()).await?;
    pair.turn.done();
    Ok(())
}

/// The list of active servers has all that are.
#[conformance(
    id = "compute.servers.list-by-status",
    spec = "compute-v2.1#list-servers",
    covers = "ca78e20e-fddb-4ce6-b7f7-bcbf8605e66e",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server"],
    seconds = 2,
)]
async fn list_by_status(cx: &Cx) -> Outcome {
    by_status(cx, List::Brief).await.map(drop)
}

/// The list in detail of active servers has all that are, each once and with this status.
///
/// No server with another status should be in it.
#[conformance(
    id = "compute.servers.list-detailed-by-status",
    spec = "compute-v2.1#list-servers-detailed",
    covers = "de2612ab-b7dd-4044-b0b1-d2539601911f",
    needs = [Compute],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server"],
    seconds = 2,
)]
async fn list_detailed_by_status(cx: &Cx) -> Outcome {
    let (servers, both) = by_status(cx, List::Detailed).await?;
    let mut seen = 0_usize;
    for server in servers.elements()? {
        let (id, status) = (server.get("id")?, &server.value()["status"]);
        if both.iter().any(|known| id.value() == known.as_str()) {
            seen += 1;
            require_eq!(server, status, "ACTIVE", "a server in the list of active ones must be active");
        }
        expect_eq!(server, status, "ACTIVE", "a server in the list of active ones should be active");
    }
    require_eq!(servers, seen, both.len(), "each of the two active servers must be listed once");
    Ok(())
}

/// The list of active servers, and the ids of the two that must be in it.
async fn by_status(cx: &Cx, list: List) -> Outcome<(Json, [String; 2])> {
    let pair = Pair::take(cx).await?;
    let servers = list.get(cx, &[("status", "active")]).await?;
    let both = [pair.reading_id().to_owned(), pair.turn.id.clone()];
    for id in &both {
        require!(servers, contains(&servers, id)?, "active server {id} must be in the list of active servers");
    }
    pair.turn.done();
    Ok((servers, both))
}

/// The list of servers with an address has the one that has it, and no other.
#[conformance(
    id = "compute.servers.list-by-address",
    spec = "compute-v2.1#list-servers",
    covers = "43a1242e-7b31-48d1-88f2-3f72aa9f2077",
    needs = [Compute, Network],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server"],
    seconds = 2,
)]
async fn list_by_address(cx: &Cx) -> Outcome {
    let pair = Pair::take(cx).await?;
    let own =
        [(pair.reading_id(), pair.own_address(cx).await?), (pair.turn.id.as_str(), pair.other_address(cx).await?)];
    // The filter matches a part too, so that a short address may match a longer one.
    let (id, address) = if own[0].1.len() >= own[1].1.len() { &own[0] } else { &own[1] };
    pair.require_filtered(cx, List::Brief, &[(filter_of(address), address)], id).await?;
    pair.turn.done();
    Ok(())
}

/// The list of servers whose address has some part has all that have it in their addresses.
#[conformance(
    id = "compute.servers.list-by-part-of-address",
    spec = "compute-v2.1#list-servers",
    covers = "a905e287-c35e-42f2-b132-d02b09f3654a",
    needs = [Compute, Network],
    holds = [ChangedServer],
    shares = ["compute.server", "compute.changed-server"],
    seconds = 2,
)]
async fn list_by_part_of_address(cx: &Cx) -> Outcome {
    let pair = Pair::take(cx).await?;
    let (own, other) = (pair.own_address(cx).await?, pair.other_address(cx).await?);
    let common = own.bytes().zip(other.bytes()).take_while(|(one, another)| one == another).count();
    // The published test reads this list too, to show it should something go wrong.
    List::Detailed.get(cx, &[]).await?;
    let servers = List::Brief.get(cx, &[(filter_of(&own), &own[..common])]).await?;
    for id in [pair.reading_id(), &pair.turn.id] {
        let listed = contains(&servers, id)?;
        require!(servers, listed, "server {id} must be listed by the part of its address that both have");
    }
    pair.turn.done();
    Ok(())
}

/// A list of one server at most has one server.
///
/// It should lead to the rest.
#[conformance(
    id = "compute.servers.list-with-limit",
    spec = "compute-v2.1#list-servers",
    covers = "614cdfc1-d557-4bac-915b-3e67b48eee76",
    needs = [Compute],
    shares = ["compute.server"],
)]
async fn list_with_limit(cx: &Cx) -> Outcome {
    with_limit(cx, List::Brief).await
}

/// A list in detail of one server at most has one server.
///
/// It should lead to the rest.
#[conformance(
    id = "compute.servers.list-detailed-with-limit",
    spec = "compute-v2.1#list-servers-detailed",
    covers = "67aec2d0-35fe-4503-9f92-f13272b867ed",
    needs = [Compute],
    shares = ["compute.server"],
)]
async fn list_detailed_with_limit(cx: &Cx) -> Outcome {
    with_limit(cx, List::Detailed).await
}

async fn with_limit(cx: &Cx, list: List) -> Outcome {
    let _reading = Reading::shared(cx).await?;
    let response = cx.compute()?.get(list.path()).query("limit", 1).require(200).await?;
    let page = checked(&response, &list.shape())?;
    let servers = page.get("servers")?;
    require_eq!(servers, servers.elements()?.len(), 1, "a list of one server at most must have one server");
    let next = page.value()["servers_links"].as_array().into_iter().flatten().any(|link| link["rel"] == "next");
    expect!(page, next, "a full page should lead to the next one");
    Ok(())
}

/// A list of more servers at most than there are has all of them.
///
/// It should have them in the order of a list without a limit.
#[conformance(
    id = "compute.servers.list-with-high-limit",
    spec = "compute-v2.1#list-servers",
    covers = "d47c17fb-eebd-4287-8e95-f20a7e627b18",
    needs = [Compute],
    shares = ["compute.server"],
)]
async fn list_with_high_limit(cx: &Cx) -> Outcome {
    let _reading = Reading::shared(cx).await?;
    // Other tests create and delete servers meanwhile: only what is the same before and after can be compared.
    let (limited, before, after) = cx
        .settled(
            PATIENCE,
            || async {
                let before = ids(&List::Brief.get(cx, &[]).await?)?;
                let limit = (before.len() + 100).to_string();
                let limited = List::Brief.get(cx, &[("limit", &limit)]).await?;
                let after = ids(&List::Brief.get(cx, &[]).await?)?;
                Ok((limited, before, after))
            },
            |(_, before, after)| before == after,
        )
        .await?;
    let found = ids(&limited)?;
    let has_all = before.iter().filter(|id| after.contains(id)).all(|id| found.contains(id));
    require!(limited, has_all, "a list of more servers at most than there are must have all of them");
    // Where servers come and go all the time, no more can be said.
    if before == after {
        require_eq!(limited, found.len(), before.len(), "a list with a high limit must have as many as one without");
        expect_eq!(limited, found, before, "a limit that is higher than the number of servers should change nothing");
    }
    Ok(())
}

/// A list of servers cannot have a word as its limit (400).
#[conformance(
    id = "compute.servers.list-with-word-as-limit",
    spec = "compute-v2.1#list-servers",
    covers = "679bc053-5e70-4514-9800-3dfab1a380a6",
    needs = [Compute],
)]
async fn list_with_word_as_limit(cx: &Cx) -> Outcome {
    list_refused(cx, "limit", "testing").await
}

/// A list of servers cannot have a negative limit (400).
#[conformance(
    id = "compute.servers.list-with-negative-limit",
    spec = "compute-v2.1#list-servers",
    covers = "62610dd9-4713-4ee0-8beb-fd2c1aa7f950",
    needs = [Compute],
)]
async fn list_with_negative_limit(cx: &Cx) -> Outcome {
    list_refused(cx, "limit", "-1").await
}

/// The list of servers that changed since a date cannot have a date that is no ISO 8601 (400).
#[conformance(
    id = "compute.servers.list-by-invalid-date",
    spec = "compute-v2.1#list-servers",
    covers = "87d12517-e20a-4c9c-97b6-dd1628d6d6c9",
    needs = [Compute],
)]
async fn list_by_invalid_date(cx: &Cx) -> Outcome {
    list_refused(cx, "changes-since", "2011/01/01").await
}

async fn list_refused(cx: &Cx, filter: &str, value: &str) -> Outcome {
    cx.compute()?.get("servers").query(filter, value).require_refusal(400).await.map(drop)
}

/// The list of active servers that changed since a date in the future is empty.
#[conformance(
    id = "compute.servers.list-by-future-date",
    spec = "compute-v2.1#list-servers",
    covers = "74745ad8-b346-45b5-b9b8-509d7447fc1f",
    needs = [Compute],
    shares = ["compute.server"],
)]
async fn list_by_future_date(cx: &Cx) -> Outcome {
    require_none(cx, &[("changes-since", "2051-01-01T12:34:00Z"), ("status", "ACTIVE")]).await
}

/// The list of servers with an image that does not exist is empty.
#[conformance(
    id = "compute.servers.list-by-unknown-image",
    spec = "compute-v2.1#list-servers",
    covers = "ff01387d-c7ad-47b4-ae9e-64fa214638fe",
    needs = [Compute],
    shares = ["compute.server"],
)]
async fn list_by_unknown_image(cx: &Cx) -> Outcome {
    require_none(cx, &[("image", "non_existing_image")]).await
}

/// The list of servers with a flavor that does not exist is empty.
#[conformance(
    id = "compute.servers.list-by-unknown-flavor",
    spec = "compute-v2.1#list-servers",
    covers = "5913660b-223b-44d4-a651-a0fbfd44ca75",
    needs = [Compute],
    shares = ["compute.server"],
)]
async fn list_by_unknown_flavor(cx: &Cx) -> Outcome {
    require_none(cx, &[("flavor", "non_existing_flavor")]).await
}

/// The list of servers with a name that none has is empty.
#[conformance(
    id = "compute.servers.list-by-unknown-name",
    spec = "compute-v2.1#list-servers",
    covers = "e2c77c4a-000a-4af3-a0bd-629a328bde7c",
    needs = [Compute],
    shares = ["compute.server"],
)]
async fn list_by_unknown_name(cx: &Cx) -> Outcome {
    require_none(cx, &[("name", "non_existing_server_name")]).await
}

/// The list of servers with a status that does not exist is empty, before microversion 2.38.
#[conformance(
    id = "compute.servers.list-by-unknown-status",
    spec = "compute-v2.1#list-servers",
    covers = "fcdf192d-0f74-4d89-911f-1ec002b822c4",
    needs = [Compute],
    shares = ["compute.server"],
)]
async fn list_by_unknown_status(cx: &Cx) -> Outcome {
    require_none(cx, &[("status", "non_existing_status")]).await
}

/// Ends the test as failed unless no server fits these filters, while there is a server.
async fn require_none(cx: &Cx, filters: &[(&str, &str)]) -> Outcome {
    let _reading = Reading::shared(cx).await?;
    let servers = List::Brief.get(cx, filters).await?;
    require_eq!(servers, ids(&servers)?, Vec::<String>::new(), "the list must be empty: no server fits the filter");
    Ok(())
}

/// A list of servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Brief,
    Detailed,
}

impl List {
    fn path(self) -> &'static str {
        match self {
            Self::Brief => "servers",
            Self::Detailed => "servers/detail",
        }
    }

    fn shape(self) -> assay_kit::shape::Shape {
        match self {
            Self::Brief => shapes::servers(),
            Self::Detailed => shapes::servers_in_detail(),
        }
    }

    /// The servers that fit these filters.
    async fn get(self, cx: &Cx, filters: &[(&str, &str)]) -> Outcome<Json> {
        let mut compute = cx.compute()?;
        // Before it, this filter is for administrators.
        if filters.iter().any(|(name, _)| *name == "ip6") {
            compute = compute.microversion(Service::Compute, "2.5");
        }
        let request = compute.get(self.path());
        let request = filters.iter().fold(request, |request, (name, value)| request.query(name, value));
        checked(&request.require(200).await?, &self.shape())?.get("servers")
    }
}

/// The server that tests only read, and the one that they change in turn, which has another image and another flavor.
struct Pair {
    reading: Arc<Reading>,
    turn: Turn,
}

impl Pair {
    async fn take(cx: &Cx) -> Outcome<Self> {
        Ok(Self { reading: Reading::shared(cx).await?, turn: Turn::take(cx).await? })
    }

    fn reading_id(&self) -> &str {
        &self.reading.server.id
    }

    /// Ends the test as failed unless the list with these filters has the one of the two that fits, and not the other.
    async fn require_filtered(&self, cx: &Cx, list: List, filters: &[(&str, &str)], fits: &str) -> Outcome<Json> {
        let servers = list.get(cx, filters).await?;
        for id in [self.reading_id(), &self.turn.id] {
            let listed = contains(&servers, id)?;
            let (name, value) = filters[0];
            if id == fits {
                require!(servers, listed, "the list with `{name}={value}` must have server {id}: it fits");
            } else {
                require!(servers, !listed, "the list with `{name}={value}` must not have server {id}: it does not fit");
            }
        }
        Ok(servers)
    }

    async fn own_address(&self, cx: &Cx) -> Outcome<String> {
        address(&self.reading.server.show(cx).await?)
    }

    async fn other_address(&self, cx: &Cx) -> Outcome<String> {
        address(&self.turn.show(cx).await?)
    }
}

/// The first fixed address of a server, one of version 4 if it has any: it can be looked for at every microversion.
///
/// Where there is a networking service, every server is made on a network.
fn address(server: &Json) -> Outcome<String> {
    let networks = server.get("addresses")?;
    let mut found = Vec::new();
    for network in networks.value().as_object().into_iter().flatten() {
        for one in network.1.as_array().into_iter().flatten() {
            if one["OS-EXT-IPS:type"] != "floating" {
                found.extend(one["addr"].as_str());
            }
        }
    }
    found.sort_by_key(|address| address.contains(':'));
    let first = found.first().map(|address| (*address).to_owned());
    first.ok_or_else(|| {
        let seen = Some(networks.value().to_string());
        networks.fail("a server on a network must have a fixed address".into(), None, seen)
    })
}

/// The filter that looks for addresses of this version.
fn filter_of(address: &str) -> &'static str {
    if address.contains(':') { "ip6" } else { "ip" }
}

fn ids(servers: &Json) -> Outcome<Vec<String>> {
    servers.elements()?.iter().map(|server| Ok(server.get("id")?.text()?.to_owned())).collect()
}

fn contains(servers: &Json, id: &str) -> Outcome<bool> {
    Ok(ids(servers)?.iter().any(|listed| listed == id))
}
