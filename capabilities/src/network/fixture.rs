//! What the tests make of each resource, and what they share.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use assay_kit::http::address::encode;
use assay_kit::prelude::*;
use assay_kit::{Planned, Request, Response, Statuses};

use super::addresses::Block;
use crate::refusal::Refusal as _;

/// How long something that is deleted may still be found.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long a subnet may be in use after its ports are deleted.
const IN_USE: Duration = Duration::from_secs(60);
/// What deleting something only to clean up may answer: for the published tests it may be gone already.
pub(super) const CLEARED: [u16; 2] = [204, 404];
/// How many blocks of addresses are tried for a subnet.
const BLOCKS: usize = 64;
/// How often a request that only cleans up is sent again after a fault of the service: the published tests pass over two.
const FAULTS: usize = 2;

/// A resource, as the API calls one of it and many.
pub(crate) struct Sort {
    kind: Kind,
    pub one: &'static str,
    pub many: &'static str,
    path: &'static str,
}

impl Sort {
    const fn new(kind: Kind, one: &'static str, many: &'static str, path: &'static str) -> Self {
        Self { kind, one, many, path }
    }
}

pub(super) static NETWORK: Sort = Sort::new(Kind::Network, "network", "networks", "networks");
pub(super) static SUBNET: Sort = Sort::new(Kind::Subnet, "subnet", "subnets", "subnets");
pub(super) static SUBNET_POOL: Sort = Sort::new(Kind::SubnetPool, "subnetpool", "subnetpools", "subnetpools");
pub(super) static PORT: Sort = Sort::new(Kind::Port, "port", "ports", "ports");
pub(super) static ROUTER: Sort = Sort::new(Kind::Router, "router", "routers", "routers");
pub(crate) static FLOATING_IP: Sort = Sort::new(Kind::FloatingIp, "floatingip", "floatingips", "floatingips");
pub(crate) static SECURITY_GROUP: Sort =
    Sort::new(Kind::SecurityGroup, "security_group", "security_groups", "security-groups");

/// Something that a test made.
pub(crate) struct Made {
    sort: &'static Sort,
    pub name: String,
    pub id: String,
    pub path: String,
    /// What the service said of it when it was made.
    pub json: Json,
    /// None of what is removed with its network.
    planned: Option<Planned>,
}

impl Made {
    /// Makes one of a new name, with these members.
    pub(crate) async fn new(cx: &Cx, sort: &'static Sort, members: &Value) -> Outcome<Self> {
        let (name, body, planned) = plan(cx, sort, members)?;
        let answer = cx.network()?.post(sort.path).json(&json!({sort.one: body})).require(201).await?;
        Self::adopt(sort, name, answer.json()?.get(sort.one)?, Some(planned))
    }

    /// Makes a network of its own for a test, without subnets.
    pub(super) async fn network(cx: &Cx) -> Outcome<Self> {
        Self::new(cx, &NETWORK, &json!({})).await
    }

    /// Makes a subnet that is removed with its network, of the next block that is free: some services allow no two subnets
    /// with the same addresses, whosever they are, and the published tests go on to another block then.
    pub(super) async fn subnet_in<B: Copy>(
        cx: &Cx,
        next: fn() -> B,
        request: impl Fn(B) -> Value,
    ) -> Outcome<(Self, B)> {
        let mut tried = 0;
        loop {
            let (name, block) = (cx.name("subnet"), next());
            let mut body = request(block);
            body["name"] = json!(name);
            let answer = cx.network()?.post("subnets").json(&json!({"subnet": body})).require([201, 400]).await?;
            tried += 1;
            if answer.status() == 400 && tried < BLOCKS && says(&answer, "overlaps with another subnet") {
                continue;
            }
            answer.require_status(201)?;
            return Ok((Self::adopt(&SUBNET, name, answer.json()?.get("subnet")?, None)?, block));
        }
    }

    /// Makes a subnet that is removed with its network, with just these members.
    pub(super) async fn subnet(cx: &Cx, members: &Value) -> Outcome<Self> {
        let name = cx.name("subnet");
        let mut body = members.clone();
        body["name"] = json!(name);
        let answer = cx.network()?.post("subnets").json(&json!({"subnet": body})).require(201).await?;
        Self::adopt(&SUBNET, name, answer.json()?.get("subnet")?, None)
    }

    fn adopt(sort: &'static Sort, name: String, json: Json, planned: Option<Planned>) -> Outcome<Self> {
        let id = json.get("id")?.text()?.to_owned();
        if let Some(planned) = &planned {
            planned.created(&id);
        }
        Ok(Self { sort, path: format!("{}/{}", sort.path, encode(&id)), name, id, json, planned })
    }

    /// What the service says of it now.
    pub(super) async fn show(&self, cx: &Cx) -> Outcome<Json> {
        cx.network()?.get(&self.path).require(200).await?.json()?.get(self.sort.one)
    }

    /// What the service says of it now, where a test only promises that it is shown.
    pub(super) async fn expect_shown(&self, cx: &Cx) -> Outcome<Option<Json>> {
        let answer = cx.network()?.get(&self.path).send().await?;
        let shown = answer.json().ok().and_then(|body| body.find(self.sort.one));
        expect!(answer, answer.status() == 200 && shown.is_some(), "a {} should be shown", self.sort.one);
        Ok(shown)
    }

    /// What the service says of it now, of these members only.
    pub(super) async fn show_fields(&self, cx: &Cx, fields: &[&str]) -> Outcome<Json> {
        let request =
            fields.iter().fold(cx.network()?.get(&self.path), |request, field| request.query("fields", field));
        request.require(200).await?.json()?.get(self.sort.one)
    }

    /// Changes these members; gives the body of the answer.
    pub(super) async fn change(&self, cx: &Cx, members: &Value) -> Outcome<Json> {
        let body = json!({self.sort.one: members});
        cx.network()?.put(&self.path).json(&body).require(200).await?.json()
    }

    /// Changes these members; gives what the service says of it then.
    pub(super) async fn update(&self, cx: &Cx, members: &Value) -> Outcome<Json> {
        self.change(cx, members).await?.get(self.sort.one)
    }

    /// Deletes it. It is promised to be gone at once.
    pub(super) async fn delete(&self, cx: &Cx) -> Outcome {
        self.remove(cx).await?;
        let shown = cx.network()?.get(&self.path).send().await?;
        expect_eq!(shown, shown.status(), 404, "a deleted {} should not be found", self.sort.one);
        if shown.status() == 404 {
            self.is_gone();
        }
        Ok(())
    }

    /// Deletes it where the published test does so only to clean up: it may be gone already.
    pub(super) async fn clear(&self, cx: &Cx) -> Outcome {
        let answer = require_cleared(cx.network()?.delete(&self.path), 204).await?;
        expect_eq!(answer, answer.status(), 204, "a {} that is there should be deleted", self.sort.one);
        Ok(())
    }

    /// Deletes it once more, as the published tests do to clean up: it must be gone, or be deleted.
    pub(super) async fn delete_again(&self, cx: &Cx) -> Outcome {
        require_cleared(cx.network()?.delete(&self.path), 204).await.map(drop)
    }

    /// Deletes it as soon as nothing uses it any more; gives the answer.
    pub(super) async fn delete_once_free(&self, cx: &Cx) -> Outcome<Response> {
        let network = cx.network()?;
        let is_free = |answer: &Response| answer.status() != 409;
        cx.settled(IN_USE, || async { network.delete(&self.path).send().await }, is_free).await
    }

    /// Ends the test as failed unless it is not found any more after a while.
    pub(super) async fn require_gone(&self, cx: &Cx) -> Outcome {
        let network = cx.network()?;
        cx.wait_until(&format!("a deleted {} must not be found any more", self.sort.one), PATIENCE, || async {
            let shown = network.get(&self.path).require([200, 404]).await?;
            Ok((shown.status() == 404).then_some(()))
        })
        .await?;
        self.is_gone();
        Ok(())
    }

    /// Notes that it was seen gone.
    fn is_gone(&self) {
        if let Some(planned) = &self.planned {
            planned.removed();
        }
    }

    /// Deletes it, where what the test is about is something else.
    pub(super) async fn remove(&self, cx: &Cx) -> Outcome {
        cx.network()?.delete(&self.path).require(204).await.map(drop)
    }

    /// Ends the test as failed unless the list of all has it; its filter by id is promised to give it alone.
    pub(super) async fn require_listed(&self, cx: &Cx) -> Outcome {
        let all = list(cx, self.sort, &[]).await?;
        require!(all, ids(&all)?.contains(&self.id), "the list of {} must have the one that was made", self.sort.many);
        if let Some(filtered) = expect_list(cx, self.sort, &[("id", &self.id)]).await? {
            let wanted = json!(self.id);
            expect_eq!(filtered, told_ids(&filtered), [&wanted], "a list filtered by an id should have only its own");
        }
        Ok(())
    }
}

/// Sends a request that only cleans up, as the published tests do: what it is about may be gone already (404), and a fault of
/// the service is passed over twice.
pub(super) async fn require_cleared(request: Request, done: u16) -> Outcome<Response> {
    let mut answer = request.clone().send().await?;
    for _ in 0..FAULTS {
        if answer.status() != 500 {
            break;
        }
        expect!(answer, false, "{answer} should not answer 500");
        answer = request.clone().send().await?;
    }
    answer.require_status([done, 404])?;
    Ok(answer)
}

/// The external network that floating IPs and gateways of routers are on: of several, the first that has an address left.
pub(super) async fn external_network(cx: &Cx) -> Outcome<String> {
    const SHARED: &str = "network.external";
    if !cx.choices().await?.has_several_external() {
        return cx.external_network().await;
    }
    let first = |cx: Cx| async move { cx.external_network().await };
    let found = cx.shared(SHARED, move |cx| with_room(cx, &FLOATING_IP, "floating_network_id", first));
    Ok(found.await?.to_string())
}

/// The network of servers that was chosen: of several, the first that has an address left.
pub(crate) async fn chosen_network(cx: &Cx) -> Outcome<String> {
    const SHARED: &str = "network.chosen";
    let first = |cx: Cx| async move {
        let choices = cx.choices().await?;
        let network = choices.network()?.map(|network| network.id.clone());
        network.ok_or_else(|| Stop::Error("a defect of Assay: no network of servers was chosen".to_owned()))
    };
    if !cx.choices().await?.has_several_networks() {
        return first(cx.clone()).await;
    }
    Ok(cx.shared(SHARED, move |cx| with_room(cx, &PORT, "network_id", first)).await?.to_string())
}

/// The first network of which an address can be had: something that takes one is made there, and removed again. How many
/// addresses a network has, and who may use it, is the operator's to say.
async fn with_room<F: Future<Output = Outcome<String>>>(
    cx: Cx,
    sort: &'static Sort,
    member: &'static str,
    first: impl Fn(Cx) -> F,
) -> Outcome<String> {
    loop {
        let (id, choices) = (first(cx.clone()).await?, cx.choices().await?);
        let (name, body, planned) = plan(&cx, sort, &json!({member: id}))?;
        let answer = cx.network()?.post(sort.path).json(&json!({sort.one: body})).send().await?;
        // It is full, or not for this account.
        if matches!(answer.status(), 400 | 403 | 404 | 409) && choices.gives_up(&id) {
            continue;
        }
        if answer.status() == 201 {
            Made::adopt(sort, name, answer.json()?.get(sort.one)?, Some(planned))?.delete(&cx).await?;
        }
        // Whatever else is wrong with it, the tests say.
        return Ok(id);
    }
}

fn plan(cx: &Cx, sort: &'static Sort, members: &Value) -> Outcome<(String, Value, Planned)> {
    let name = cx.name(&sort.one.replace('_', "-"));
    let mut body = members.clone();
    // A floating IP has no name. Where it has no description either, only its id tells it.
    if sort.kind != Kind::FloatingIp {
        body["name"] = json!(name);
    } else if has_extension(cx, "standard-attr-description") {
        body["description"] = json!(name);
    }
    let planned = cx.will_create(Resource::new(sort.kind, &name))?;
    Ok((name, body, planned))
}

/// Makes several at once, with these members each.
pub(super) async fn make_bulk(cx: &Cx, sort: &'static Sort, members: &[Value]) -> Outcome<Vec<Made>> {
    let planned = members.iter().map(|members| plan(cx, sort, members)).collect::<Outcome<Vec<_>>>()?;
    let bodies: Vec<_> = planned.iter().map(|(_, body, _)| body).collect();
    let answer = cx.network()?.post(sort.path).json(&json!({sort.many: bodies})).require(201).await?.json()?;
    let made = answer.get(sort.many)?;
    let (told, wanted) = (made.length()?, members.len());
    require!(made, told >= wanted, "the answer must have each of the {wanted} {} that were asked for", sort.many);
    expect_eq!(made, told, wanted, "the answer should have as many {} as were asked for", sort.many);
    let adopted = planned.into_iter().zip(made.elements()?);
    adopted.map(|((name, _, planned), json)| Made::adopt(sort, name, json, Some(planned))).collect()
}

/// Asks for one that must be refused with this status. Nothing is promised to be made.
pub(super) async fn require_refused(cx: &Cx, sort: &'static Sort, members: &Value, status: u16) -> Outcome<Response> {
    let (name, body, planned) = plan(cx, sort, members)?;
    let refused = cx.network()?.post(sort.path).json(&json!({sort.one: body})).require_refusal(status).await?;
    // Whether something was made tells its label only.
    let label = if sort.kind == Kind::FloatingIp { "description" } else { "name" };
    if let Some(wanted) = body.get(label)
        && let Some(found) = expect_list(cx, sort, &[(label, &name)]).await?
    {
        let listed = found.value().as_array().into_iter().flatten();
        let made = listed.filter(|listed| listed[label] == *wanted).count();
        expect_eq!(found, made, 0, "a {} that is refused should not be made", sort.one);
        if made == 0 {
            planned.removed();
        }
    }
    Ok(refused)
}

/// The list of a resource with these filters.
pub(super) async fn list(cx: &Cx, sort: &Sort, filters: &[(&str, &str)]) -> Outcome<Json> {
    listed(|| listing(cx, sort, filters)).await?.json()?.get(sort.many)
}

/// How often a list is asked for that is answered 404.
const ASKED: usize = 4;

/// The answer to a list. Neutron may answer 404 to all of it when something that it would show is deleted at that moment, whoever did so:
/// it is asked again.
pub(super) async fn listed(list: impl Fn() -> Outcome<Request>) -> Outcome<Response> {
    for _ in 1..ASKED {
        let answer = list()?.send().await?;
        expect!(answer, answer.status() != 404, "a list should be answered 200, whatever is deleted at that moment");
        if answer.status() != 404 {
            answer.require_status(200)?;
            return Ok(answer);
        }
    }
    list()?.require(200).await
}

/// The same, where a test only promises that there is one.
pub(super) async fn expect_list(cx: &Cx, sort: &Sort, filters: &[(&str, &str)]) -> Outcome<Option<Json>> {
    let answer = listing(cx, sort, filters)?.send().await?;
    let listed = answer.json().ok().and_then(|body| body.find(sort.many)).filter(|listed| listed.value().is_array());
    expect!(answer, answer.status() == 200 && listed.is_some(), "{} should be listed by a filter", sort.many);
    Ok(listed)
}

fn listing(cx: &Cx, sort: &Sort, filters: &[(&str, &str)]) -> Outcome<Request> {
    let list = cx.network()?.get(sort.path);
    Ok(filters.iter().fold(list, |request, (key, value)| request.query(key, value)))
}

/// Deletes some of a resource; the list of it must not have them then.
pub(super) async fn delete_unlisted(cx: &Cx, sort: &Sort, made: &[&Made]) -> Outcome {
    for one in made {
        one.delete(cx).await?;
    }
    require_unlisted(cx, sort, made).await
}

/// Ends the test as failed if the list of a resource has one of these, which were deleted.
pub(super) async fn require_unlisted(cx: &Cx, sort: &Sort, made: &[&Made]) -> Outcome {
    let left = list(cx, sort, &[]).await?;
    let found = ids(&left)?;
    let listed = made.iter().any(|one| found.contains(&one.id));
    require!(left, !listed, "the list of {} must have no deleted one", sort.many);
    Ok(())
}

/// The ids of what a list has.
pub(super) fn ids(list: &Json) -> Outcome<Vec<String>> {
    list.elements()?.iter().map(|listed| Ok(listed.get("id")?.text()?.to_owned())).collect()
}

/// The ids of what a list has, whatever they are.
pub(super) fn told_ids(list: &Json) -> Vec<&Value> {
    list.value().as_array().into_iter().flatten().map(|listed| &listed["id"]).collect()
}

/// Whether an answer says this: as it stands, or as its JSON is read, which may write some letters otherwise.
pub(super) fn says(answer: &Response, words: &str) -> bool {
    answer.text().contains(words) || answer.json().is_ok_and(|body| body.value().to_string().contains(words))
}

/// Ends the test as failed unless the members that it has of these are these; each is promised to be there.
pub(super) fn require_members(json: &Json, members: &Value) -> Outcome {
    for (key, wanted) in members.as_object().into_iter().flatten() {
        match json.find(key) {
            Some(found) => require_eq!(found, found.value(), wanted, "`{key}` must be what was asked for"),
            None => expect!(json, false, "the answer should have `{key}`"),
        }
    }
    Ok(())
}

/// Ends the test as failed unless it has exactly these members.
pub(super) fn require_only(json: &Json, fields: &[&str]) -> Outcome {
    let (mut found, mut wanted) = (json.keys()?, fields.to_vec());
    found.sort_unstable();
    wanted.sort_unstable();
    require_eq!(json, found, wanted, "the answer must have the fields that were asked for, and no others");
    Ok(())
}

/// Ends the test as failed unless the list of these fields has something, and of each exactly these.
pub(super) async fn require_fields_listed(cx: &Cx, sort: &Sort, fields: &[&str]) -> Outcome {
    let filters: Vec<_> = fields.iter().map(|field| ("fields", *field)).collect();
    let all = list(cx, sort, &filters).await?;
    let listed = all.elements()?;
    require!(all, !listed.is_empty(), "the list of {} must have some", sort.many);
    listed.iter().try_for_each(|listed| require_only(listed, fields))
}

pub(super) fn has_extension(cx: &Cx, alias: &str) -> bool {
    cx.deployment().network_extensions().is_some_and(|extensions| extensions.contains(alias))
}

/// Makes a network with a subnet, for the servers of a project that has none.
pub(crate) async fn network_of_servers(cx: &Cx) -> Outcome<String> {
    let network = Made::network(cx).await?;
    Made::subnet_in(cx, Block::next, |block| block.subnet(&network.id)).await?;
    Ok(network.id)
}

/// The key of the shared networks, as `shares` names it.
const PAIR: &str = "network.pair";
assay_kit::share!(PAIR, [Networks, Networks, Subnets, Subnets, Subnets, Subnets, Ports]);

/// Two networks with subnets, and a port on one of them, which the tests share. A test that shares them makes no network
/// itself: with two networks in all, it would need more than a project of three may have at a time. What is refused beyond the
/// networks and the first subnet fails the tests that need it, and no others.
///
/// A test may put ports on them, but no subnets: the service locks all subnets of a network while it makes a port, and
/// refuses to as long as one is being deleted.
pub(super) struct Pair {
    pub first: Made,
    pub second: Made,
    /// The subnet of the first network, which the shared router with a gateway is on.
    pub subnet: Made,
    /// The addresses that this subnet gives out, as it was asked for.
    pub pool: [Ipv4Addr; 2],
    /// Another subnet of the first network, which tests put on a router in turn.
    pub other_subnet: Outcome<Made>,
    /// The subnet of the second network, which the shared router without a gateway is on, and its addresses.
    pub inner_subnet: Outcome<(Made, Block)>,
    /// A subnet of the first network with the addresses of that one.
    pub overlapping_subnet: Outcome<Made>,
    /// A port on the subnet of the second network.
    pub port: Outcome<Made>,
    /// What was answered when another subnet and another network were deleted.
    deleted: Outcome<[Response; 2]>,
}

impl Pair {
    pub(super) async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared(PAIR, |cx| async move {
            let deleted = Self::delete_others(&cx).await;
            let first = Made::network(&cx).await?;
            let pool_of = |block: Block| [block.host(2), block.host(14)];
            let with_pool = |block: Block| {
                let ([start, end], mut request) = (pool_of(block), block.subnet(&first.id));
                request["allocation_pools"] = json!([{"start": start, "end": end}]);
                request
            };
            let (subnet, block) = Made::subnet_in(&cx, Block::next, with_pool).await?;
            let pool = pool_of(block);
            let other = Made::subnet_in(&cx, Block::next, |block| block.subnet(&first.id)).await;
            let other_subnet = other.map(|(subnet, _)| subnet);
            let second = Made::network(&cx).await?;
            let inner_subnet = Made::subnet_in(&cx, Block::next, |block| block.subnet(&second.id)).await;
            let overlapping_subnet = match &inner_subnet {
                Ok((_, block)) => Made::subnet(&cx, &block.subnet(&first.id)).await,
                Err(stop) => Err(stop.clone()),
            };
            let port = Made::new(&cx, &PORT, &json!({"network_id": second.id})).await;
            Ok(Self { first, second, subnet, pool, other_subnet, inner_subnet, overlapping_subnet, port, deleted })
        })
        .await
    }

    /// Makes another network with a subnet, and deletes both: the published tests delete theirs.
    async fn delete_others(cx: &Cx) -> Outcome<[Response; 2]> {
        let network = Made::network(cx).await?;
        let (subnet, _) = Made::subnet_in(cx, Block::next, |block| block.subnet(&network.id)).await?;
        let of_subnet = subnet.delete_once_free(cx).await?;
        let of_network = cx.network()?.delete(&network.path).send().await?;
        Ok([of_subnet, of_network])
    }

    /// Ends the test as failed unless another subnet was deleted, which answered one of these.
    pub(super) fn require_subnet_deleted(&self, statuses: impl Statuses) -> Outcome {
        let [of_subnet, _] = there(&self.deleted)?;
        of_subnet.require_status(statuses)
    }

    /// Ends the test as failed unless another network was deleted; it may have been gone already.
    pub(super) fn require_network_deleted(&self) -> Outcome {
        let [_, of_network] = there(&self.deleted)?;
        of_network.require_status(CLEARED)
    }
}

/// What tests share. Where it could not be made, the reason for that.
pub(super) fn there<T>(made: &Outcome<T>) -> Outcome<&T> {
    made.as_ref().map_err(Clone::clone)
}

/// The request for a port on a subnet.
pub(super) fn port_on(subnet: &Made) -> Outcome<Value> {
    let network = subnet.json.get("network_id")?;
    Ok(json!({"network_id": network.value(), "fixed_ips": [{"subnet_id": subnet.id}]}))
}

/// Puts a subnet, or a port, on a router; gives the interface.
pub(super) async fn add_interface(cx: &Cx, router: &Made, interface: &Value) -> Outcome<Json> {
    cx.network()?.put(&format!("{}/add_router_interface", router.path)).json(interface).require(200).await?.json()
}

/// Takes it off again.
pub(super) async fn remove_interface(cx: &Cx, router: &Made, interface: &Value) -> Outcome<Json> {
    removal(cx, router, interface)?.require(200).await?.json()
}

/// Takes it off again where the published test does so only to clean up: it may be gone already.
pub(super) async fn clear_interface(cx: &Cx, router: &Made, interface: &Value) -> Outcome {
    let answer = require_cleared(removal(cx, router, interface)?, 200).await?;
    expect_eq!(answer, answer.status(), 200, "an interface that is there should be taken off its router");
    Ok(())
}

/// Takes off once more what was taken off, as the published test does to clean up: it must not be there, or be taken off.
pub(super) async fn remove_interface_again(cx: &Cx, router: &Made, interface: &Value) -> Outcome {
    require_cleared(removal(cx, router, interface)?, 200).await.map(drop)
}

fn removal(cx: &Cx, router: &Made, interface: &Value) -> Outcome<Request> {
    Ok(cx.network()?.put(&format!("{}/remove_router_interface", router.path)).json(interface))
}
