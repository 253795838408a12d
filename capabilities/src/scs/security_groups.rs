//! The rules that a security group has from the start:
//! [scs-0115](https://docs.scs.community/standards/scs-0115-v1-default-rules-for-security-groups).

use assay_kit::prelude::*;

use super::told::{expect_none, require_none};
use crate::network::fixture::{Made, SECURITY_GROUP};

/// What Networking calls the group that has the rule itself.
const ITSELF: &str = "PARENT";
/// The kinds of traffic.
const FAMILIES: [&str; 2] = ["IPv4", "IPv6"];

/// What is wrong with rules, and what should be otherwise, in words.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    wrong: Vec<String>,
    advice: Vec<String>,
}

/// A security group that has no rules but those it has from the start must let nothing in, and out to everywhere by IPv4 and by
/// IPv6: the group `default` of a project and each other one. The group `default` may let in what comes from itself.
///
/// It should let in what comes from itself, by both. Where Networking does not show these rules (before 2023.2), a new group is
/// looked at, which must have no rule for what comes in.
#[conformance(
    id = "scs-0115-default-rules",
    spec = "scs-0115-v1#standard",
    covers = "dfc5a450-0f42-5bfc-993d-ee5d7ba8dada",
    needs = [Network, NetworkExtension("security-group")],
    holds = [SecurityGroups],
)]
async fn default_rules(cx: &Cx) -> Outcome {
    let answer = cx.network()?.get("default-security-group-rules").send().await?;
    if answer.status() == 404 {
        let group = Made::new(cx, &SECURITY_GROUP, &json!({})).await?;
        let rules = group.json.get("security_group_rules")?;
        let values: Vec<Value> = rules.elements()?.iter().map(|rule| rule.value().clone()).collect();
        return require_none(
            &rules,
            "a new security group must let nothing in, and out to everywhere",
            &of_a_new_group(&values),
        );
    }
    answer.require_status(200)?;
    let mut pages = Pages::new(&cx.network()?, "default-security-group-rules");
    let (mut rules, mut first) = (Vec::new(), None);
    while let Some(page) = pages.next().await? {
        rules.extend(page.get("default_security_group_rules")?.elements()?.iter().map(|rule| rule.value().clone()));
        first.get_or_insert(page);
    }
    let Seen { wrong, advice } = of_each_group(&rules);
    let requirement =
        "the rules that each security group has from the start must let nothing in, and out to everywhere";
    require_none(&first.map_or_else(|| answer.json(), Ok)?, requirement, &wrong)?;
    expect_none(cx, "the group `default` should let in what comes from itself", &advice);
    Ok(())
}

/// A rule as a message shows it.
fn told(rule: &Value) -> String {
    let text = |key: &str| rule[key].as_str().unwrap_or("any");
    let ports = match (&rule["port_range_min"], &rule["port_range_max"]) {
        (Value::Null, Value::Null) => String::new(),
        (least, most) => format!(", ports {least} to {most}"),
    };
    format!(
        "{} {} {}{ports}, prefix {}, group {}",
        text("direction"),
        text("ethertype"),
        text("protocol"),
        text("remote_ip_prefix"),
        text("remote_group_id")
    )
}

/// Whether a rule is for all addresses.
fn is_for_all(rule: &Value) -> bool {
    matches!(rule["remote_ip_prefix"].as_str(), None | Some("" | "0.0.0.0/0" | "::/0"))
}

/// The rules from which each security group begins (<https://docs.openstack.org/api-ref/network/v2/#security-group-default-rules>).
fn of_each_group(rules: &[Value]) -> Seen {
    let is = |rule: &Value, key: &str, value: &str| rule[key] == value;
    let from_itself = |rule: &Value| is(rule, "remote_group_id", ITSELF) && rule["used_in_non_default_sg"] != true;
    let mut seen = Seen::default();
    let inwards = rules.iter().filter(|rule| is(rule, "direction", "ingress"));
    seen.wrong.extend(inwards.filter(|rule| !from_itself(rule)).map(|rule| format!("this lets in: {}", told(rule))));
    for family in FAMILIES {
        let of_family = |rule: &&Value| is(rule, "ethertype", family);
        for (key, group) in [("used_in_default_sg", "the group `default`"), ("used_in_non_default_sg", "another group")]
        {
            let lets_out = |rule: &Value| is(rule, "direction", "egress") && is_for_all(rule) && rule[key] == true;
            if !rules.iter().filter(of_family).any(lets_out) {
                seen.wrong.push(format!("no rule lets {family} out of {group} to everywhere"));
            }
        }
        let lets_in =
            |rule: &Value| is(rule, "direction", "ingress") && from_itself(rule) && rule["used_in_default_sg"] == true;
        if !rules.iter().filter(of_family).any(lets_in) {
            seen.advice.push(format!("no rule lets {family} in from the group itself"));
        }
    }
    seen
}

/// What is wrong with the rules of a new security group, in words.
fn of_a_new_group(rules: &[Value]) -> Vec<String> {
    let inwards = rules.iter().filter(|rule| rule["direction"] == "ingress");
    let mut wrong: Vec<String> = inwards.map(|rule| format!("this lets in: {}", told(rule))).collect();
    for family in FAMILIES {
        if !rules.iter().any(|rule| rule["direction"] == "egress" && rule["ethertype"] == family) {
            wrong.push(format!("no rule lets {family} out"));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rule from which groups begin: used in the group `default`, and in others.
    fn rule(direction: &str, family: &str, from: Value, used: [bool; 2]) -> Value {
        json!({
            "direction": direction, "ethertype": family, "remote_group_id": from, "remote_ip_prefix": null, "protocol": null,
            "port_range_min": null, "port_range_max": null, "used_in_default_sg": used[0], "used_in_non_default_sg": used[1],
        })
    }

    fn usual() -> Vec<Value> {
        FAMILIES
            .into_iter()
            .flat_map(|family| {
                [
                    rule("egress", family, Value::Null, [true; 2]),
                    rule("ingress", family, json!("PARENT"), [true, false]),
                ]
            })
            .collect()
    }

    #[test]
    fn the_usual_rules_are_right() {
        assert_eq!(of_each_group(&usual()), Seen::default());
        // An address may be named that stands for all.
        let mut named = usual();
        named[0]["remote_ip_prefix"] = json!("0.0.0.0/0");
        assert_eq!(of_each_group(&named), Seen::default());
    }

    #[test]
    fn what_lets_in_or_does_not_let_out_is_told() {
        let mut open = usual();
        open.push(rule("ingress", "IPv4", Value::Null, [true, true]));
        assert_eq!(of_each_group(&open).wrong, ["this lets in: ingress IPv4 any, prefix any, group any"]);
        // From the group itself, in another group than `default`.
        let mut itself = usual();
        itself[1]["used_in_non_default_sg"] = json!(true);
        assert_eq!(of_each_group(&itself).wrong.len(), 1);
        let mut narrow = usual();
        narrow[2]["remote_ip_prefix"] = json!("2001:db8::/32");
        assert_eq!(
            of_each_group(&narrow).wrong,
            [
                "no rule lets IPv6 out of the group `default` to everywhere",
                "no rule lets IPv6 out of another group to everywhere"
            ]
        );
        let strict: Vec<Value> = usual().into_iter().filter(|rule| rule["direction"] == "egress").collect();
        assert_eq!(of_each_group(&strict).wrong, Vec::<String>::new());
        assert_eq!(of_each_group(&strict).advice.len(), 2);
        assert_eq!(of_each_group(&[]).wrong.len(), 4);
    }

    #[test]
    fn a_new_group_lets_nothing_in() {
        let out = |family: &str| rule("egress", family, Value::Null, [false; 2]);
        assert_eq!(of_a_new_group(&[out("IPv4"), out("IPv6")]), Vec::<String>::new());
        let port = json!({"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22});
        assert_eq!(
            of_a_new_group(&[out("IPv4"), port]),
            ["this lets in: ingress IPv4 tcp, ports 22 to 22, prefix any, group any", "no rule lets IPv6 out"]
        );
    }
}
