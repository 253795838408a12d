//! The one thing that a test asks to be deleted although no run made it: a project's default security group. A published test
//! requires that this is refused.
//!
//! A broken service might do it. So it is asked only where nothing could be lost: the group has the rules that every new one
//! has, and no port has it but those of the run's own. A service makes such a group anew.

use serde_json::{Value, json};

use crate::context::Cx;
use crate::guard::{Proved, is_id};
use crate::http::address::encode;
use crate::json::Json;
use crate::outcome::Outcome;
use crate::pages::Pages;
use crate::resources::Kind;
use crate::session::Role;

impl Cx {
    /// Whether the default security group of this id holds nothing that anybody could miss, and may be asked to be deleted;
    /// why not, if it may not.
    pub async fn idle_default_group(&self, id: &str) -> Outcome<Result<(), String>> {
        let network = self.network()?;
        if !is_id(id) {
            return Ok(Err("its id is invalid".into()));
        }
        let shown = network.get(&format!("security-groups/{}", encode(id))).require(200).await?.json()?;
        let group = shown.get("security_group")?;
        if group.value()["id"] != id || group.value()["name"] != "default" {
            return Ok(Err("what is found under its id is another group".into()));
        }
        let told = ["project_id", "tenant_id"].into_iter().find_map(|key| group.value()[key].as_str());
        if told.is_none() || told != self.deployment().project(Role::Member) {
            return Ok(Err("it does not tell that it is the project's own".into()));
        }
        if !has_first_rules(group.value()) {
            return Ok(Err("its rules are not those of a new project".into()));
        }
        let guard = self.deployment().guard();
        let fields = ["id", "security_groups", "device_owner", "device_id", "network_id"];
        let ports = fields.iter().fold(Pages::new(&network, "ports"), |pages, field| pages.query("fields", field));
        for port in ports.all().await? {
            let has = |group: &Json| group.value().as_array().is_some_and(|groups| groups.contains(&json!(id)));
            if port.find("security_groups").is_some_and(|groups| has(&groups)) {
                let port = port.get("id")?.text()?.to_owned();
                if guard.prove(&network.caller, Kind::Port, &port).await? != Proved::Yes {
                    return Ok(Err(format!("the port {port} has it, which this run did not make")));
                }
            }
        }
        guard.lets_go(id);
        Ok(Ok(()))
    }
}

/// Whether a group has the rules that a new project's default group has: all out, and in from the group itself, for both
/// versions of IP.
fn has_first_rules(group: &Value) -> bool {
    let (Some(id), Some(rules)) = (group["id"].as_str(), group["security_group_rules"].as_array()) else {
        return false;
    };
    let mut seen = Vec::new();
    for rule in rules {
        let open = ["protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_address_group_id"]
            .iter()
            .all(|key| rule[*key].is_null());
        let remote = rule["remote_group_id"].as_str();
        let direction = rule["direction"].as_str().unwrap_or_default();
        let first = match direction {
            "egress" => remote.is_none(),
            "ingress" => remote == Some(id),
            _ => false,
        };
        let one = (direction.to_owned(), rule["ethertype"].as_str().unwrap_or_default().to_owned());
        if !open || !first || seen.contains(&one) {
            return false;
        }
        seen.push(one);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_of_the_user_s_is_noticed() {
        let rule = |direction: &str, version: &str, remote: Option<&str>| json!({"direction": direction, "ethertype": version, "remote_group_id": remote, "protocol": null});
        let first = vec![rule("egress", "IPv4", None), rule("ingress", "IPv4", Some("g"))];
        let group = |rules: &[Value]| json!({"id": "g", "security_group_rules": rules});
        assert!(has_first_rules(&group(&first)));
        let mut ssh = rule("ingress", "IPv4", None);
        ssh["protocol"] = json!("tcp");
        for more in [ssh, rule("ingress", "IPv6", Some("other")), rule("ingress", "IPv6", None), first[0].clone()] {
            assert!(!has_first_rules(&group(&[first.clone(), vec![more]].concat())));
        }
        assert!(!has_first_rules(&json!({"id": "g"})));
    }
}
