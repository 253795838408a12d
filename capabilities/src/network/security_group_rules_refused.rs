//! Rules of security groups that are refused.

use assay_kit::prelude::*;

use super::fixture::says;
use super::security_group_rules::{make, request};
use super::security_groups::Groups;
use crate::refusal::Refusal as _;

/// A rule of a protocol that does not exist must be refused with 400.
#[conformance(
    id = "network.security-group-rules.create-with-unknown-protocol",
    spec = "network-v2#create-security-group-rule",
    covers = "981bdc22-ce48-41ed-900a-73148b583958",
    needs = [Network, NetworkExtension("security-group")],
    shares = ["network.security-groups"],
)]
async fn create_with_unknown_protocol(cx: &Cx) -> Outcome {
    let wrong = json!({"protocol": "wrong_protocol", "ethertype": "IPv4"});
    require_refused(cx, &[(wrong, None)], 400).await
}

/// A rule with an invalid remote IP prefix must be refused with 400.
#[conformance(
    id = "network.security-group-rules.create-with-bad-remote-prefix",
    spec = "network-v2#create-security-group-rule",
    covers = "5f8daf69-3c5f-4aaa-88c9-db1d66f68679",
    needs = [Network, NetworkExtension("security-group")],
    shares = ["network.security-groups"],
)]
async fn create_with_bad_remote_prefix(cx: &Cx) -> Outcome {
    let wrong = ["192.168.1./24", "192.168.1.1/33", "wrong_prefix", "256"];
    let wrong = wrong.map(|prefix| (tcp(&json!({"remote_ip_prefix": prefix})), None));
    require_refused(cx, &wrong, 400).await
}

/// A rule whose remote security group does not exist must be refused with 404, be its id a UUID or not.
#[conformance(
    id = "network.security-group-rules.create-with-unknown-remote-group",
    spec = "network-v2#create-security-group-rule",
    covers = "4bf786fd-2f02-443c-9716-5b98e159a49a",
    needs = [Network, NetworkExtension("security-group")],
    shares = ["network.security-groups"],
)]
async fn create_with_unknown_remote_group(cx: &Cx) -> Outcome {
    let wrong = ["wrong_group".to_owned(), cx.unused_uuid()];
    let wrong = wrong.map(|group| (tcp(&json!({"remote_group_id": group})), None));
    require_refused(cx, &wrong, 404).await
}

/// A rule of a kind of address that does not exist must be refused with 400.
#[conformance(
    id = "network.security-group-rules.create-with-unknown-ethertype",
    spec = "network-v2#create-security-group-rule",
    covers = "5666968c-fff3-40d6-9efc-df1c8bd01abb",
    needs = [Network, NetworkExtension("security-group")],
    shares = ["network.security-groups"],
)]
async fn create_with_unknown_ethertype(cx: &Cx) -> Outcome {
    let wrong = json!({"protocol": "udp", "ethertype": "wrong_ethertype"});
    require_refused(cx, &[(wrong, None)], 400).await
}

/// A rule whose ports, or whose ICMP type and code, are out of range or out of order must be refused with 400, and the answer
/// says what is wrong.
#[conformance(
    id = "network.security-group-rules.create-with-invalid-ports",
    spec = "network-v2#create-security-group-rule",
    covers = "0d9c7791-f2ad-4e2f-ac73-abf2373b0d2d",
    needs = [Network, NetworkExtension("security-group")],
    shares = ["network.security-groups"],
    seconds = 2,
)]
async fn create_with_invalid_ports(cx: &Cx) -> Outcome {
    // What the answers must say is fixed by the published test.
    let wrong = [
        ("tcp", Some(-16), 80, "Invalid value for port -16"),
        ("tcp", Some(80), 79, "port_range_min must be <= port_range_max"),
        ("tcp", Some(80), 65536, "Invalid value for port 65536"),
        ("tcp", None, 6, "port_range_min must be <= port_range_max"),
        ("tcp", Some(-16), 65536, "Invalid value for port"),
        ("icmp", Some(1), 256, "Invalid value for ICMP code"),
        ("icmp", Some(-1), 25, "Invalid value"),
        ("icmp", None, 6, "ICMP type (port-range-min) is missing"),
        ("icmp", Some(300), 1, "Invalid value for ICMP type"),
    ];
    let wrong = wrong.map(|(protocol, least, most, reason)| {
        let ports = json!({
            "protocol": protocol,
            "ethertype": "IPv4",
            "port_range_min": least,
            "port_range_max": most,
        });
        (ports, Some(reason))
    });
    require_refused(cx, &wrong, 400).await
}

/// A rule that the group has already must be refused with 409.
///
/// The group should have the rule once.
#[conformance(
    id = "network.security-group-rules.create-duplicate",
    spec = "network-v2#create-security-group-rule",
    covers = "8fde898f-ce88-493b-adc9-4e4692879fc5",
    needs = [Network, NetworkExtension("security-group")],
    shares = ["network.security-groups"],
    seconds = 2,
)]
async fn create_duplicate(cx: &Cx) -> Outcome {
    let groups = Groups::for_rules(cx).await?;
    let ports = tcp(&json!({"port_range_min": 66, "port_range_max": 67}));
    make(cx, &groups.open, &ports).await?;
    let again = request(&groups.open.id, &ports);
    cx.network()?.post("security-group-rules").json(&again).require_refusal(409).await?;
    if let Some(shown) = groups.open.expect_shown(cx).await? {
        let rules = shown.value()["security_group_rules"].as_array();
        let same = rules.into_iter().flatten().filter(|rule| rule["port_range_min"] == 66).count();
        expect_eq!(shown, same, 1, "the group should have the rule once");
    }
    Ok(())
}

/// A rule of a security group that does not exist must be refused with 404.
#[conformance(
    id = "network.security-group-rules.create-for-unknown-group",
    spec = "network-v2#create-security-group-rule",
    covers = "be308db6-a7cf-4d5c-9baf-71bafd73f35e",
    needs = [Network, NetworkExtension("security-group")],
)]
async fn create_for_unknown_group(cx: &Cx) -> Outcome {
    let request = request(&cx.unused_uuid(), &json!({"ethertype": "IPv4"}));
    cx.network()?.post("security-group-rules").json(&request).require_refusal(404).await.map(drop)
}

fn tcp(members: &Value) -> Value {
    let mut rule = json!({"protocol": "tcp", "ethertype": "IPv4"});
    for (key, value) in members.as_object().into_iter().flatten() {
        rule[key] = value.clone();
    }
    rule
}

/// Asks for rules that must be refused with this status, and whose refusals must say this. The group should get none.
async fn require_refused(cx: &Cx, wrong: &[(Value, Option<&str>)], status: u16) -> Outcome {
    let groups = Groups::for_rules(cx).await?;
    for (members, reason) in wrong {
        let asked = request(&groups.closed.id, members);
        let refused = cx.network()?.post("security-group-rules").json(&asked).require_refusal(status).await?;
        if let Some(reason) = reason {
            require!(refused, says(&refused, reason), "the refusal must say: {reason}");
        }
    }
    if let Some(shown) = groups.closed.expect_shown(cx).await? {
        // New groups may have such rules where an administrator says so.
        let (now, before) = (ingress(&shown), ingress(&groups.closed.json));
        expect_eq!(shown, now, before, "a rule that is refused should not be made");
    }
    Ok(())
}

/// How many rules for what comes in a group has.
fn ingress(group: &Json) -> usize {
    let rules = group.value()["security_group_rules"].as_array();
    rules.into_iter().flatten().filter(|rule| rule["direction"] == "ingress").count()
}
