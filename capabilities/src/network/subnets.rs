//! Subnets.

use assay_kit::prelude::*;

use super::addresses::Block;
use super::fixture::{Made, Pair, SUBNET, require_fields_listed, require_members, require_only};

/// The list of subnets has the one that was made; filtered by its id, it is promised to have no other.
#[conformance(
    id = "network.subnets.list",
    spec = "network-v2#list-subnets",
    covers = "db68ba48-f4ea-49e9-81d1-e367f6d0b20a",
    needs = [Network],
    shares = ["network.pair"],
)]
async fn list(cx: &Cx) -> Outcome {
    Pair::shared(cx).await?.subnet.require_listed(cx).await
}

/// A list of subnets of which some fields are asked for has subnets, and these fields of each, and no others.
#[conformance(
    id = "network.subnets.list-fields",
    spec = "network-v2#list-subnets",
    covers = "842589e3-9663-46b0-85e4-7f01273b0412",
    needs = [Network],
    shares = ["network.pair"],
)]
async fn list_fields(cx: &Cx) -> Outcome {
    Pair::shared(cx).await?;
    require_fields_listed(cx, &SUBNET, &["id", "network_id"]).await
}

/// A subnet is made without a gateway, and is deleted with its network.
#[conformance(
    id = "network.subnets.create-without-gateway",
    spec = "network-v2#create-subnet",
    covers = "d2d596e2-8e76-47a9-ac51-d4648009f4d3",
    needs = [Network],
    holds = [Networks, Subnets],
    seconds = 2,
)]
async fn create_without_gateway(cx: &Cx) -> Outcome {
    create(cx, &[]).await
}

/// A subnet has the gateway that it was made with, and is deleted with its network.
#[conformance(
    id = "network.subnets.create-with-gateway",
    spec = "network-v2#create-subnet",
    covers = "9393b468-186d-496d-aa36-732348cd76e7",
    needs = [Network],
    holds = [Networks, Subnets],
    seconds = 2,
)]
async fn create_with_gateway(cx: &Cx) -> Outcome {
    create(cx, &["gateway_ip"]).await
}

/// A subnet has the allocation pools that it was made with, and is deleted with its network.
#[conformance(
    id = "network.subnets.create-with-allocation-pools",
    spec = "network-v2#create-subnet",
    covers = "bec949c4-3147-4ba6-af5f-cd2306118404",
    needs = [Network],
    holds = [Networks, Subnets],
    seconds = 2,
)]
async fn create_with_allocation_pools(cx: &Cx) -> Outcome {
    create(cx, &["allocation_pools"]).await
}

/// A subnet has the gateway and the allocation pools that it was made with, and is deleted with its network.
#[conformance(
    id = "network.subnets.create-with-gateway-and-allocation-pools",
    spec = "network-v2#create-subnet",
    covers = "8217a149-0c6c-4cfb-93db-0486f707d13f",
    needs = [Network],
    holds = [Networks, Subnets],
    seconds = 2,
)]
async fn create_with_gateway_and_allocation_pools(cx: &Cx) -> Outcome {
    create(cx, &["gateway_ip", "allocation_pools"]).await
}

/// A subnet has the host routes and the name servers that it was made with, and is deleted with its network.
#[conformance(
    id = "network.subnets.create-with-host-routes-and-name-servers",
    spec = "network-v2#create-subnet",
    covers = "d830de0a-be47-468f-8f02-1fd996118289",
    needs = [Network],
    holds = [Networks, Subnets],
    seconds = 2,
)]
async fn create_with_host_routes_and_name_servers(cx: &Cx) -> Outcome {
    create(cx, &["host_routes", "dns_nameservers"]).await
}

/// A subnet is made with DHCP, and is deleted with its network.
#[conformance(
    id = "network.subnets.create-with-dhcp",
    spec = "network-v2#create-subnet",
    covers = "94ce038d-ff0a-4a4c-a56b-09da3ca0b55d",
    needs = [Network],
    holds = [Networks, Subnets],
    seconds = 2,
)]
async fn create_with_dhcp(cx: &Cx) -> Outcome {
    create(cx, &["enable_dhcp"]).await
}

/// A subnet has the gateway, host routes, name servers and DHCP that it was made with, and is deleted with its network.
#[conformance(
    id = "network.subnets.create-with-all-attributes",
    spec = "network-v2#create-subnet",
    covers = "a4d9ec4c-0306-4111-a75c-db01a709030b",
    needs = [Network],
    holds = [Networks, Subnets],
    seconds = 2,
)]
async fn create_with_all_attributes(cx: &Cx) -> Outcome {
    create(cx, &["enable_dhcp", "gateway_ip", "host_routes", "dns_nameservers"]).await
}

/// A subnet is shown with the id and the block of addresses that it was made with.
///
/// It should be shown as it was when it was made.
#[conformance(
    id = "network.subnets.show",
    spec = "network-v2#show-subnet-details",
    covers = "bd635d81-6030-4dd1-b3b9-31ba0cfdf6cc",
    needs = [Network],
    shares = ["network.pair"],
)]
async fn show(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let shown = pair.subnet.show(cx).await?;
    require_same(&shown, &pair.subnet, &["id", "cidr"])?;
    expect_eq!(shown, shown.value(), pair.subnet.json.value(), "a subnet should be shown as it was when it was made");
    Ok(())
}

/// A subnet of which some fields are asked for is shown with these, and no others.
#[conformance(
    id = "network.subnets.show-fields",
    spec = "network-v2#show-subnet-details",
    covers = "270fff0b-8bfc-411f-a184-1e8fd35286f0",
    needs = [Network],
    shares = ["network.pair"],
)]
async fn show_fields(cx: &Cx) -> Outcome {
    let (pair, fields) = (Pair::shared(cx).await?, ["id", "network_id"]);
    let shown = pair.subnet.show_fields(cx, &fields).await?;
    require_only(&shown, &fields)?;
    require_same(&shown, &pair.subnet, &fields)
}

/// A subnet gets a new name, gateway, name servers, host routes and DHCP.
///
/// All should be shown then, and its allocation pools should be what they were.
#[conformance(
    id = "network.subnets.update",
    spec = "network-v2#update-subnet",
    covers = "3d3852eb-3009-49ec-97ac-5ce83b73010a",
    needs = [Network],
    holds = [Networks, Subnets],
    seconds = 2,
)]
async fn update(cx: &Cx) -> Outcome {
    let network = Made::network(cx).await?;
    let request = |block: Block| {
        let mut request = block.subnet(&network.id);
        for key in ["host_routes", "dns_nameservers", "allocation_pools"] {
            request[key] = attribute(block, key);
        }
        request
    };
    let (subnet, block) = Made::subnet_in(cx, Block::next, request).await?;
    subnet.json.get("dns_nameservers")?;
    let changes = json!({
        "name": cx.name("subnet"),
        "gateway_ip": block.host(2),
        "host_routes": [{"destination": "198.51.100.0/24", "nexthop": block.host(4)}],
        "enable_dhcp": true,
    });
    let servers = ["192.0.2.63", "192.0.2.64"];
    let mut body = changes.clone();
    body["dns_nameservers"] = json!(servers);
    let updated = subnet.update(cx, &body).await?;
    updated.get("dns_nameservers")?;
    require_name_servers(&updated, servers)?;
    require_members(&updated, &changes)?;
    if let Some(shown) = subnet.expect_shown(cx).await? {
        for (key, value) in changes.as_object().into_iter().flatten() {
            expect_eq!(shown, &shown.value()[key], value, "the new `{key}` should be shown");
        }
        let pools = &shown.value()["allocation_pools"];
        let wanted = attribute(block, "allocation_pools");
        expect_eq!(shown, *pools, wanted, "the allocation pools should stay what they were");
    }
    network.clear(cx).await
}

/// Makes a subnet with these attributes on a network of its own, and deletes the network.
async fn create(cx: &Cx, attributes: &[&str]) -> Outcome {
    let network = Made::network(cx).await?;
    let asked = |block: Block| {
        let mut request = block.subnet(&network.id);
        // The published tests have no gateway where they do not say which.
        request["gateway_ip"] = Value::Null;
        for key in attributes {
            request[*key] = attribute(block, key);
        }
        request
    };
    let (subnet, block) = Made::subnet_in(cx, Block::next, asked).await?;
    let request = asked(block);
    if attributes.contains(&"dns_nameservers") {
        require_name_servers(&subnet.json, NAME_SERVERS)?;
    }
    let wanted: Vec<_> = attributes.iter().filter(|key| **key != "dns_nameservers").collect();
    for key in wanted {
        require_members(&subnet.json, &json!({*key: request[*key]}))?;
    }
    for key in ["network_id", "cidr", "ip_version", "gateway_ip", "name"] {
        let wanted = if key == "name" { &json!(subnet.name) } else { &request[key] };
        expect_eq!(subnet.json, &subnet.json.value()[key], wanted, "`{key}` should be what was asked for");
    }
    network.delete(cx).await?;
    let left = cx.network()?.get(&subnet.path).send().await?;
    expect_eq!(left, left.status(), 404, "the subnet of a deleted network should not be found");
    Ok(())
}

const NAME_SERVERS: [&str; 2] = ["192.0.2.53", "192.0.2.54"];

/// The value that an attribute of a subnet of this block is given.
fn attribute(block: Block, key: &str) -> Value {
    match key {
        "gateway_ip" => json!(block.host(1)),
        "allocation_pools" => json!([{"start": block.host(3), "end": block.host(7)}]),
        "host_routes" => json!([{"destination": "198.51.100.0/24", "nexthop": block.host(3)}]),
        "dns_nameservers" => json!(NAME_SERVERS),
        _ => json!(true),
    }
}

/// Ends the test as failed unless the name servers are these; their order is promised to stay.
fn require_name_servers(subnet: &Json, wanted: [&str; 2]) -> Outcome {
    let Some(servers) = subnet.find("dns_nameservers") else {
        expect!(subnet, false, "the answer should have `dns_nameservers`");
        return Ok(());
    };
    let mut found =
        servers.elements()?.iter().map(|server| Ok(server.text()?.to_owned())).collect::<Outcome<Vec<_>>>()?;
    expect_eq!(servers, found, wanted, "the name servers should stay in their order");
    found.sort();
    require_eq!(servers, found, wanted, "the name servers must be those that were asked for");
    Ok(())
}

/// Ends the test as failed unless these fields are as they were when it was made.
fn require_same(shown: &Json, made: &Made, fields: &[&str]) -> Outcome {
    for field in fields {
        let (now, before) = (shown.get(field)?, made.json.get(field)?);
        require_eq!(now, now.value(), before.value(), "`{field}` must be what it was when the subnet was made");
    }
    Ok(())
}
