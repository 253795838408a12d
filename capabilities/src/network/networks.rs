//! Networks.

use assay_kit::prelude::*;

use super::addresses::Block;
use super::fixture::{
    Made, NETWORK, Pair, SUBNET, has_extension, ids, list as list_of, require_fields_listed, require_only,
};
use crate::refusal::Refusal as _;

/// A network is shown with the id and the name that it was made with.
///
/// Its subnet should be shown with it.
#[conformance(
    id = "network.networks.show",
    spec = "network-v2#show-network-details",
    covers = "2bf13842-c93f-4a69-83ed-717d2ec3b44e",
    needs = [Network],
    shares = ["network.pair"],
)]
async fn show(cx: &Cx) -> Outcome {
    let pair = Pair::shared(cx).await?;
    let shown = pair.first.show(cx).await?;
    require_same(&shown, &pair.first, &["id", "name"])?;
    let subnets = &shown.value()["subnets"];
    let has = subnets.as_array().is_some_and(|subnets| subnets.contains(&json!(pair.subnet.id)));
    expect!(shown, has, "a network should be shown with its subnets");
    Ok(())
}

/// A network of which some fields are asked for is shown with these, and no others.
#[conformance(
    id = "network.networks.show-fields",
    spec = "network-v2#show-network-details",
    covers = "867819bb-c4b6-45f7-acf9-90edcf70aa5e",
    needs = [Network],
    shares = ["network.pair"],
)]
async fn show_fields(cx: &Cx) -> Outcome {
    let (pair, fields) = (Pair::shared(cx).await?, fields(cx));
    let shown = pair.first.show_fields(cx, &fields).await?;
    require_only(&shown, &fields)?;
    require_same(&shown, &pair.first, &fields)
}

/// A network is made active, gets a new name, gets a subnet that gets a new name, and is deleted with its subnet. It must
/// be gone then.
///
/// The new names should be shown, and nothing else should have changed.
#[conformance(
    id = "network.networks.create-update-delete",
    spec = "network-v2#update-network",
    covers = "0e269138-0da6-4efc-a46d-578161e7b221",
    needs = [Network],
    holds = [Networks, Subnets],
    seconds = 2,
)]
async fn create_update_delete(cx: &Cx) -> Outcome {
    let network = Made::network(cx).await?;
    let status = network.json.get("status")?;
    require_eq!(status, status.value(), "ACTIVE", "a new network must be active");
    let name = network.json.find("name");
    let named = name.is_some_and(|name| name.value() == &network.name);
    expect!(network.json, named, "a network should have the name it was given");
    rename(cx, &network, "network").await?;
    let (subnet, _) = Made::subnet_in(cx, Block::next, |block| block.subnet(&network.id)).await?;
    rename(cx, &subnet, "subnet").await?;
    network.delete(cx).await?;
    network.delete_again(cx).await
}

/// What an update may change beside what it is to change.
const CHANGING: [&str; 5] = ["name", "revision_number", "updated_at", "status", "subnets"];

async fn rename(cx: &Cx, made: &Made, kind: &str) -> Outcome {
    let name = cx.name(kind);
    let updated = made.update(cx, &json!({"name": name})).await?.get("name")?;
    require_eq!(updated, updated.value(), &name, "the answer must have the new name");
    let Some(shown) = made.expect_shown(cx).await? else { return Ok(()) };
    expect_eq!(shown, &shown.value()["name"], &name, "the new name should be shown");
    for (key, now) in shown.value().as_object().into_iter().flatten() {
        // Not all that is told when it is made is told later.
        if let Some(before) = made.json.find(key).filter(|_| !CHANGING.contains(&key.as_str())) {
            expect_eq!(shown, now, before.value(), "a new name should leave `{key}` as it was");
        }
    }
    Ok(())
}

/// A network that has a subnet is deleted, and its subnet with it. Both must be gone then.
#[conformance(
    id = "network.networks.delete-with-subnet",
    spec = "network-v2#delete-network",
    covers = "f04f61a9-b7f3-4194-90b2-9bcf660d1bfe",
    needs = [Network],
    holds = [Networks, Subnets],
    seconds = 2,
)]
async fn delete_with_subnet(cx: &Cx) -> Outcome {
    let network = Made::network(cx).await?;
    let (subnet, _) = Made::subnet_in(cx, Block::next, |block| block.subnet(&network.id)).await?;
    network.delete(cx).await?;
    cx.network()?.get(&subnet.path).require_refusal(404).await?;
    network.delete_again(cx).await
}

/// The list of networks has the one that was made; filtered by its id, it is promised to have no other.
#[conformance(
    id = "network.networks.list",
    spec = "network-v2#list-networks",
    covers = "f7ffdeda-e200-4a7a-bcbe-05716e86bf43",
    needs = [Network],
    shares = ["network.pair"],
)]
async fn list(cx: &Cx) -> Outcome {
    Pair::shared(cx).await?.first.require_listed(cx).await
}

/// A list of networks of which some fields are asked for has networks, and these fields of each, and no others.
#[conformance(
    id = "network.networks.list-fields",
    spec = "network-v2#list-networks",
    covers = "6ae6d24f-9194-4869-9c85-c313cb20e080",
    needs = [Network],
    shares = ["network.pair"],
)]
async fn list_fields(cx: &Cx) -> Outcome {
    Pair::shared(cx).await?;
    require_fields_listed(cx, &NETWORK, &fields(cx)).await
}

/// The list of external networks must have the one that floating IPs come from and no network that is not external. Its
/// subnets must be listed if it is shared, or if the service shows the subnets of external networks to all; else they must
/// not be.
#[conformance(
    id = "network.networks.list-external",
    spec = "network-v2#list-networks",
    covers = "af774677-42a9-4e4b-bb58-16fe6a5bc1ec",
    needs = [Network, NetworkExtension("external-net")],
)]
async fn list_external(cx: &Cx) -> Outcome {
    let chosen = cx.external_network().await?;
    let external = list_of(cx, &NETWORK, &[("router:external", "True")]).await?;
    let networks = external.elements()?;
    for network in &networks {
        let is_external = network.get("router:external")?;
        require!(is_external, is_external.truth()?, "the list of external networks must have no others");
    }
    let found = networks.iter().find(|network| network.value()["id"] == chosen);
    let Some(found) = found else {
        let requirement = "the list of external networks must have the one that floating IPs come from";
        return Err(external.fail(requirement.into(), Some(chosen), None));
    };
    let own = cx.deployment().project(Role::Member);
    let owner = found.value().get("project_id").or_else(|| found.value().get("tenant_id"));
    if own.is_some() && own == owner.and_then(Value::as_str) {
        let lacks = Lack::resource(Service::Network, "external network of another project");
        return Err(cx.skip(lacks, "the external network is the project's own, whose subnets it sees anyway"));
    }
    let shared = found.get("shared")?.truth()?;
    let subnets = list_of(cx, &SUBNET, &[("network_id", &chosen)]).await?;
    let visible = !ids(&subnets)?.is_empty();
    // Since 2024.1 services show them to all, and say so. Of one that tells no extensions nobody knows.
    let extensions = cx.deployment().network_extensions();
    let shown_to_all = extensions.map(|extensions| extensions.contains("subnet-external-network"));
    if shared || shown_to_all == Some(true) {
        let has_none = found.value()["subnets"].as_array().is_some_and(Vec::is_empty);
        if has_none && !visible {
            let lacks = Lack::resource(Service::Network, "external network with a subnet");
            return Err(cx.skip(lacks, "the external network says that it has no subnets"));
        }
        require!(subnets, visible, "the subnets of this external network must be listed: all may see them");
    } else if shown_to_all == Some(false) {
        require!(subnets, !visible, "the subnets of an external network that is not shared must not be listed");
    } else {
        expect!(subnets, !visible, "the subnets of an external network that is not shared should not be listed");
    }
    Ok(())
}

/// The fields that are asked for: the MTU too, where networks have one.
fn fields(cx: &Cx) -> Vec<&'static str> {
    let mut fields = vec!["id", "name"];
    if has_extension(cx, "net-mtu") {
        fields.push("mtu");
    }
    fields
}

/// Ends the test as failed unless these fields are as they were when it was made.
fn require_same(shown: &Json, made: &Made, fields: &[&str]) -> Outcome {
    for field in fields {
        let (now, before) = (shown.get(field)?, made.json.get(field)?);
        require_eq!(now, now.value(), before.value(), "`{field}` must be what it was when the network was made");
    }
    Ok(())
}
