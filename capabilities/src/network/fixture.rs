//! What the tests make of each resource, and what they share.

use std::net::Ipv4Addr;
use std::sync::Arc;

use assay_kit::Planned;
use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::addresses::Block;
use crate::refusal::Refusal as _;

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

    /// Makes a subnet that is removed with its network.
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

    /// What the service says of it now, of these members only.
    pub(super) async fn show_fields(&self, cx: &Cx, fields: &[&str]) -> Outcome<Json> {
        let request =
            fields.iter().fold(cx.network()?.get(&self.path), |request, field| request.query("fields", field));
        request.require(200).await?.json()?.get(self.sort.one)
    }

    /// Changes these members; gives what the service says of it then.
    pub(super) async fn update(&self, cx: &Cx, members: &Value) -> Outcome<Json> {
        let body = json!({self.sort.one: members});
        cx.network()?.put(&self.path).json(&body).require(200).await?.json()?.get(self.sort.one)
    }

    /// Deletes it. It is promised to be gone at once.
    pub(super) async fn delete(&self, cx: &Cx) -> Outcome {
        self.remove(cx).await?;
        let shown = cx.network()?.get(&self.path).send().await?;
        expect_eq!(shown, shown.status(), 404, "a deleted {} is not found", self.sort.one);
        Ok(())
    }

    /// Deletes it, where what the test is about is something else.
    pub(super) async fn remove(&self, cx: &Cx) -> Outcome {
        cx.network()?.delete(&self.path).require(204).await?;
        if let Some(planned) = &self.planned {
            planned.removed();
        }
        Ok(())
    }

    /// Ends the test as failed unless the list of all has it; its filter by id is promised to give it alone.
    pub(super) async fn require_listed(&self, cx: &Cx) -> Outcome {
        let all = list(cx, self.sort, &[]).await?;
        require!(all, ids(&all)?.contains(&self.id), "the list of {} has the one that was made", self.sort.many);
        let filtered = list(cx, self.sort, &[("id", &self.id)]).await?;
        expect_eq!(filtered, ids(&filtered)?, [self.id.as_str()], "a list filtered by an id has the one of it");
        Ok(())
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
    require_eq!(made, made.elements()?.len(), members.len(), "as many {} are made as were asked for", sort.many);
    let adopted = planned.into_iter().zip(made.elements()?);
    adopted.map(|((name, _, planned), json)| Made::adopt(sort, name, json, Some(planned))).collect()
}

/// Asks for one that must be refused with this status. Nothing is promised to be made.
pub(super) async fn require_refused(cx: &Cx, sort: &'static Sort, members: &Value, status: u16) -> Outcome<Response> {
    let (name, body, planned) = plan(cx, sort, members)?;
    let refused = cx.network()?.post(sort.path).json(&json!({sort.one: body})).require_refusal(status).await?;
    // Whether something was made tells its label only.
    let label = if sort.kind == Kind::FloatingIp { "description" } else { "name" };
    if let Some(wanted) = body.get(label) {
        let found = list(cx, sort, &[(label, &name)]).await?;
        let made = found.elements()?.iter().filter(|listed| listed.value()[label] == *wanted).count();
        expect_eq!(found, made, 0, "what is refused is not made");
        if made == 0 {
            planned.removed();
        }
    }
    Ok(refused)
}

/// The list of a resource with these filters.
pub(super) async fn list(cx: &Cx, sort: &Sort, filters: &[(&str, &str)]) -> Outcome<Json> {
    let request = filters.iter().fold(cx.network()?.get(sort.path), |request, (key, value)| request.query(key, value));
    request.require(200).await?.json()?.get(sort.many)
}

/// The ids of what a list has.
pub(super) fn ids(list: &Json) -> Outcome<Vec<String>> {
    list.elements()?.iter().map(|listed| Ok(listed.get("id")?.text()?.to_owned())).collect()
}

/// Ends the test as failed unless the members that it has of these are these; each is promised to be there.
pub(super) fn require_members(json: &Json, members: &Value) -> Outcome {
    for (key, wanted) in members.as_object().into_iter().flatten() {
        match json.find(key) {
            Some(found) => require_eq!(found, found.value(), wanted, "`{key}` is as asked for"),
            None => expect!(json, false, "what is told has `{key}`"),
        }
    }
    Ok(())
}

/// Ends the test as failed unless it has exactly these members.
pub(super) fn require_only(json: &Json, fields: &[&str]) -> Outcome {
    let (mut found, mut wanted) = (json.keys()?, fields.to_vec());
    found.sort_unstable();
    wanted.sort_unstable();
    require_eq!(json, found, wanted, "what is told has the fields that were asked for, and no others");
    Ok(())
}

/// Ends the test as failed unless the list of these fields has something, and of each exactly these.
pub(super) async fn require_fields_listed(cx: &Cx, sort: &Sort, fields: &[&str]) -> Outcome {
    let filters: Vec<_> = fields.iter().map(|field| ("fields", *field)).collect();
    let all = list(cx, sort, &filters).await?;
    let listed = all.elements()?;
    require!(all, !listed.is_empty(), "the list of {} has some", sort.many);
    listed.iter().try_for_each(|listed| require_only(listed, fields))
}

pub(super) fn has_extension(cx: &Cx, alias: &str) -> bool {
    cx.deployment().network_extensions().is_some_and(|extensions| extensions.contains(alias))
}

/// The external network, or the end of the test as skipped.
pub(super) async fn external_network(cx: &Cx) -> Outcome<&str> {
    let external = cx.choices().await?.external_network.as_deref();
    external.ok_or_else(|| {
        cx.skip(Lack::resource(Service::Network, "external network"), "no external network is visible to the member")
    })
}

/// The key of the shared networks, as `shares` names it.
const PAIR: &str = "network.pair";
assay_kit::share!(PAIR, [Networks, Networks, Subnets, Subnets, Subnets, Subnets, Ports]);

/// Two networks with subnets, and a port on one of them, which the tests share. A test that shares them makes no network
/// itself: with two networks in all, it would need more than a project of three may have at a time.
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
    /// Another subnet of the first network, for what tests do in turn with the shared router without a gateway.
    pub other_subnet: Made,
    /// The subnet of the second network, which the shared router without a gateway is on.
    pub inner_subnet: Made,
    /// The addresses of that subnet.
    pub inner_block: Block,
    /// A subnet of the first network with the addresses of that one, unless the service refuses it.
    pub overlapping_subnet: Outcome<Made>,
    /// A port on the subnet of the second network.
    pub port: Made,
}

impl Pair {
    pub(super) async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared(PAIR, |cx| async move {
            let first = Made::network(&cx).await?;
            let (block, inner_block) = (Block::next(), Block::next());
            let pool = [block.host(2), block.host(14)];
            let mut request = block.subnet(&first.id);
            request["allocation_pools"] = json!([{"start": pool[0], "end": pool[1]}]);
            let subnet = Made::subnet(&cx, &request).await?;
            let other_subnet = Made::subnet(&cx, &Block::next().subnet(&first.id)).await?;
            let overlapping_subnet = Made::subnet(&cx, &inner_block.subnet(&first.id)).await;
            let second = Made::network(&cx).await?;
            let inner_subnet = Made::subnet(&cx, &inner_block.subnet(&second.id)).await?;
            let port = Made::new(&cx, &PORT, &json!({"network_id": second.id})).await?;
            Ok(Self { first, second, subnet, pool, other_subnet, inner_subnet, inner_block, overlapping_subnet, port })
        })
        .await
    }
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
    cx.network()?.put(&format!("{}/remove_router_interface", router.path)).json(interface).require(200).await?.json()
}
