//! Rules of security groups: create, show, list, delete.

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::fixture::{Made, ids, listed, require_cleared};
use super::security_groups::Groups;
use crate::refusal::Refusal as _;

/// Rules of TCP, UDP and ICMP are each made, shown as they were told, listed, and not listed any more once deleted.
///
/// Each should have the protocol that was asked for.
#[conformance(
    id = "network.security-group-rules.create-show-delete",
    spec = "network-v2#create-security-group-rule",
    covers = "cfb99e0e-7410-4a3d-8a0c-959a63ee77e9",
    needs = [Network, NetworkExtension("security-group")],
    shares = ["network.security-groups"],
    seconds = 3,
)]
async fn create_show_delete(cx: &Cx) -> Outcome {
    let groups = Groups::for_rules(cx).await?;
    let mut rules = Vec::new();
    for protocol in ["tcp", "udp", "icmp"] {
        let rule = make(cx, &groups.open, &json!({"protocol": protocol, "ethertype": "IPv4"})).await?;
        expect_eq!(rule, &rule.value()["protocol"], protocol, "a rule should have the protocol that was asked for");
        let shown = cx.network()?.get(&path(&rule)?).require(200).await?.json()?.get("security_group_rule")?;
        for key in rule.keys()? {
            let (now, before) = (shown.get(key)?, rule.get(key)?);
            require_eq!(now, now.value(), before.value(), "a rule must be shown with the `{key}` it was made with");
        }
        rules.push(rule);
    }
    let all = list(cx).await?;
    let listed = ids(&all)?;
    for rule in &rules {
        require!(all, listed.iter().any(|id| rule.value()["id"] == *id), "the list of rules must have the new ones");
    }
    for rule in &rules {
        cx.network()?.delete(&path(rule)?).require(204).await?;
    }
    require_unlisted(cx, &rules).await
}

/// A rule has the protocol, the direction, the kind of address and the port that it was made with.
#[conformance(
    id = "network.security-group-rules.create-with-port",
    spec = "network-v2#create-security-group-rule",
    covers = "87dfbcf9-1849-43ea-b1e4-efa3eeae9f71",
    needs = [Network, NetworkExtension("security-group")],
    shares = ["network.security-groups"],
    seconds = 2,
)]
async fn create_with_port(cx: &Cx) -> Outcome {
    let groups = Groups::for_rules(cx).await?;
    let rule =
        create(cx, &groups.open, &json!({"protocol": "tcp", "port_range_min": 77, "port_range_max": 77})).await?;
    clear(cx, &[rule]).await
}

/// A rule of ICMP has the type and the code that it was made with, also a type alone.
#[conformance(
    id = "network.security-group-rules.create-with-icmp-type-and-code",
    spec = "network-v2#create-security-group-rule",
    covers = "c9463db8-b44d-4f52-b6c0-8dbda99f26ce",
    needs = [Network, NetworkExtension("security-group")],
    shares = ["network.security-groups"],
    seconds = 3,
)]
async fn create_with_icmp_type_and_code(cx: &Cx) -> Outcome {
    let groups = Groups::for_rules(cx).await?;
    let mut rules = Vec::new();
    for (kind, code) in [(3, Some(2)), (3, Some(0)), (8, Some(0)), (0, Some(0)), (11, None)] {
        let members = json!({"protocol": "icmp", "port_range_min": kind, "port_range_max": code});
        rules.push(create(cx, &groups.open, &members).await?);
    }
    clear(cx, &rules).await
}

/// A rule has the remote security group that it was made with.
#[conformance(
    id = "network.security-group-rules.create-with-remote-group",
    spec = "network-v2#create-security-group-rule",
    covers = "c2ed2deb-7a0c-44d8-8b4c-a5825b5c310b",
    needs = [Network, NetworkExtension("security-group")],
    shares = ["network.security-groups"],
    seconds = 2,
)]
async fn create_with_remote_group(cx: &Cx) -> Outcome {
    let groups = Groups::for_rules(cx).await?;
    let remote = json!({
        "protocol": "udp",
        "port_range_min": 50,
        "port_range_max": 55,
        "remote_group_id": groups.closed.id,
    });
    let rule = create(cx, &groups.open, &remote).await?;
    clear(cx, &[rule]).await
}

/// A rule has the remote block of addresses that it was made with.
#[conformance(
    id = "network.security-group-rules.create-with-remote-prefix",
    spec = "network-v2#create-security-group-rule",
    covers = "16459776-5da2-4634-bce4-4b55ee3ec188",
    needs = [Network, NetworkExtension("security-group")],
    shares = ["network.security-groups"],
    seconds = 2,
)]
async fn create_with_remote_prefix(cx: &Cx) -> Outcome {
    let groups = Groups::for_rules(cx).await?;
    let remote = json!({
        "protocol": "tcp",
        "port_range_min": 76,
        "port_range_max": 77,
        "remote_ip_prefix": "10.100.0.0/16",
    });
    let rule = create(cx, &groups.open, &remote).await?;
    clear(cx, &[rule]).await
}

/// A rule whose protocol is given as a number has that protocol.
#[conformance(
    id = "network.security-group-rules.create-with-protocol-number",
    spec = "network-v2#create-security-group-rule",
    covers = "0a307599-6655-4220-bebc-fd70c64f2290",
    needs = [Network, NetworkExtension("security-group")],
    shares = ["network.security-groups"],
    seconds = 2,
)]
async fn create_with_protocol_number(cx: &Cx) -> Outcome {
    // In the open group it would be the same rule as that of UDP which another test makes.
    let groups = Groups::for_rules(cx).await?;
    let rule = make(cx, &groups.spare, &json!({"protocol": 17})).await?;
    let direction = rule.get("direction")?;
    require_eq!(direction, direction.value(), "ingress", "a rule must have the direction that was asked for");
    let protocol = rule.get("protocol")?;
    let number = protocol.value().as_i64().or_else(|| protocol.value().as_str()?.parse().ok());
    require_eq!(protocol, number, Some(17), "a rule must have the protocol that was asked for");
    Ok(())
}

/// Showing an unknown rule must answer 404.
#[conformance(
    id = "network.security-group-rules.show-unknown",
    spec = "network-v2#show-security-group-rule",
    covers = "4c094c09-000b-4e41-8100-9617600c02a6",
    needs = [Network, NetworkExtension("security-group")],
)]
async fn show_unknown(cx: &Cx) -> Outcome {
    cx.network()?.get(&format!("security-group-rules/{}", cx.unused_uuid())).require_refusal(404).await.map(drop)
}

/// The request for a rule for what comes in to a group.
pub(super) fn request(group: &str, members: &Value) -> Value {
    let mut rule = json!({"security_group_id": group, "direction": "ingress"});
    for (key, value) in members.as_object().into_iter().flatten() {
        rule[key] = value.clone();
    }
    json!({"security_group_rule": rule})
}

/// Makes a rule for what comes in. It needs no undo of its own: it is removed with its group.
pub(super) async fn make(cx: &Cx, group: &Made, members: &Value) -> Outcome<Json> {
    let request = cx.network()?.post("security-group-rules").json(&request(&group.id, members));
    request.require(201).await?.json()?.get("security_group_rule")
}

/// Makes an IPv4 rule, with all that a rule can say; ends the test as failed unless it is as was asked for.
async fn create(cx: &Cx, group: &Made, members: &Value) -> Outcome<Json> {
    let mut all = json!({
        "ethertype": "IPv4",
        "port_range_min": null,
        "port_range_max": null,
        "remote_group_id": null,
        "remote_ip_prefix": null,
    });
    for (key, value) in members.as_object().into_iter().flatten() {
        all[key] = value.clone();
    }
    let rule = make(cx, group, &all).await?;
    all["direction"] = json!("ingress");
    for (key, wanted) in all.as_object().into_iter().flatten() {
        let told = rule.get(key)?;
        require_eq!(told, told.value(), wanted, "a rule must have the `{key}` that was asked for");
    }
    let told = rule.find("security_group_id");
    let belongs = told.is_some_and(|told| told.value() == &group.id);
    expect!(rule, belongs, "a rule should belong to the group that was asked for");
    Ok(rule)
}

/// Deletes rules where the published tests do so only to clean up: they may be gone already. The list of rules must not have
/// them then.
async fn clear(cx: &Cx, rules: &[Json]) -> Outcome {
    for rule in rules {
        let answer = require_cleared(cx.network()?.delete(&path(rule)?), 204).await?;
        expect_eq!(answer, answer.status(), 204, "a rule that is there should be deleted");
    }
    require_unlisted(cx, rules).await
}

/// Ends the test as failed if the list of rules has one of these, which were deleted.
async fn require_unlisted(cx: &Cx, rules: &[Json]) -> Outcome {
    let left = list(cx).await?;
    let listed = ids(&left)?;
    let gone = !rules.iter().any(|rule| listed.iter().any(|id| rule.value()["id"] == *id));
    require!(left, gone, "the list of rules must have no deleted one");
    Ok(())
}

async fn list(cx: &Cx) -> Outcome<Json> {
    listed(|| Ok(cx.network()?.get("security-group-rules"))).await?.json()?.get("security_group_rules")
}

fn path(rule: &Json) -> Outcome<String> {
    Ok(format!("security-group-rules/{}", encode(rule.get("id")?.text()?)))
}
