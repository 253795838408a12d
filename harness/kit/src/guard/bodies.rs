//! What the body of a request names besides what its path does: a change may reach it as well.

use assay_text::excerpt;
use serde_json::Value;

use super::{Guard, Path, Wanted, refuse};
use crate::http::Caller;
use crate::need::Service;
use crate::outcome::Outcome;
use crate::resources::Kind;
use crate::resources::facts::Proof;

/// How many letters a name of anything may have.
const LONGEST_NAME: usize = 255;

impl Guard {
    /// Ends the test unless everything that the body would change is the run's.
    pub(super) async fn weigh_body(
        &self,
        caller: &Caller,
        service: Service,
        path: &Path,
        wanted: &Wanted<'_>,
    ) -> Outcome {
        if service == Service::Identity && path.segments.first().is_some_and(|first| first == "credentials") {
            return self.weigh_credential(caller, wanted);
        }
        if service == Service::Identity && caller.role().manages() {
            return self.weigh_making(caller, path, wanted);
        }
        if matches!(service, Service::ObjectStorage | Service::Identity) {
            if let (Some(container), true) = (path.segments.first(), path.segments.len() > 1)
                && wanted.method == "PUT"
            {
                let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
                let object: Vec<_> = path.segments[1..].iter().map(|segment| decoded(segment)).collect();
                return self.note_object(caller, &decoded(container), &object.join("/"));
            }
            return Ok(());
        }
        // A body that is no JSON holds the bytes of an image.
        let Ok(body) = serde_json::from_slice::<Value>(wanted.body) else { return Ok(()) };
        let mut named = Vec::new();
        collect(service, path, &body, &mut named);
        for (kind, id) in named {
            Box::pin(self.require(caller, wanted, kind, &id)).await?;
        }
        Ok(())
    }

    /// Ends the test unless a credential that is made is an EC2 credential of the account itself, whose access key is a name of
    /// the run: nothing else proves whose it is.
    fn weigh_credential(&self, caller: &Caller, wanted: &Wanted<'_>) -> Outcome {
        let body = serde_json::from_slice(wanted.body).unwrap_or_default();
        let is_own = new_ec2_credential(&body).is_some_and(|(user, project, access)| {
            self.user(caller.role()).is_some_and(|own| own == user)
                && self.project(caller.role()).is_some_and(|own| own == project)
                && self.is_ours(Kind::Ec2Credential, &access)
        });
        if is_own {
            return Ok(());
        }
        Err(refuse(caller, wanted, "it makes no EC2 credential of the account itself under a name of this run"))
    }

    /// Ends the test if a thing would get a name that is not the run's: after a kill, no sweep could prove whose it is.
    pub(super) fn keeps_its_name(&self, caller: &Caller, wanted: &Wanted<'_>, kind: Kind) -> Outcome {
        let (Proof::Read(telling), "PUT" | "PATCH") = (kind.facts().proof, wanted.method) else { return Ok(()) };
        let Ok(body) = serde_json::from_slice::<Value>(wanted.body) else { return Ok(()) };
        let Some(name) = new_label(&body, telling.wrapped, "name") else { return Ok(()) };
        // What cannot be a name is sent to be refused.
        if !(1..=LONGEST_NAME).contains(&name.chars().count()) || self.is_ours(kind, name) {
            return Ok(());
        }
        Err(refuse(caller, wanted, &format!("`{}` is no name of this run", excerpt(name))))
    }
}

/// The user, the project and the access key of an EC2 credential that a body makes
/// (<https://docs.openstack.org/api-ref/identity/v3/#create-credential>).
fn new_ec2_credential(body: &Value) -> Option<(&str, &str, String)> {
    let credential = &body["credential"];
    let blob: Value = serde_json::from_str(credential["blob"].as_str()?).ok()?;
    let access = blob["access"].as_str()?.to_owned();
    (credential["type"] == "ec2").then_some(())?;
    Some((credential["user_id"].as_str()?, credential["project_id"].as_str()?, access))
}

/// What a body gives a thing as a label: as a member, or as an operation of a JSON Patch (RFC 6902).
fn new_label<'a>(body: &'a Value, wrapped: &str, label: &str) -> Option<&'a str> {
    let operations = body.as_array().into_iter().flatten();
    let patched = operations.filter(|operation| operation["path"] == format!("/{label}"));
    let member = if wrapped.is_empty() { &body[label] } else { &body[wrapped][label] };
    patched.map(|operation| &operation["value"]).next_back().unwrap_or(member).as_str()
}

/// The things that a body names and that a request changes: by ids that stand under these keys.
fn collect(service: Service, path: &Path, body: &Value, named: &mut Vec<(Kind, String)>) {
    let first = path.segments.first().map_or("", String::as_str);
    let interface = path.segments.last().is_some_and(|last| last.ends_with("_router_interface"));
    match body {
        Value::Object(members) => {
            for (key, value) in members {
                let kind = match (service, key.as_str()) {
                    (Service::Network, "security_group_id") | (Service::Compute, "parent_group_id") => {
                        Some(Kind::SecurityGroup)
                    }
                    (Service::Network, "subnet_id") if interface => Some(Kind::Subnet),
                    (Service::Network, "network_id") if first == "subnets" => Some(Kind::Network),
                    (Service::Network | Service::Compute, "port_id") | (Service::Compute, "port") => Some(Kind::Port),
                    (Service::Compute, "volumeId" | "volume_id") => Some(Kind::Volume),
                    (Service::Compute, "uuid") if body["source_type"] == "volume" => Some(Kind::Volume),
                    // A backup is made of a volume, or of a snapshot of it, and restored onto one.
                    (Service::BlockStorage, "volume_id") if matches!(first, "snapshots" | "backups") => {
                        Some(Kind::Volume)
                    }
                    (Service::BlockStorage, "snapshot_id") if first == "backups" => Some(Kind::Snapshot),
                    (Service::BareMetal, "node_uuid" | "node") => Some(Kind::Node),
                    (Service::BareMetal, "candidate_nodes") => {
                        let nodes = value.as_array().into_iter().flatten().filter_map(Value::as_str);
                        named.extend(nodes.map(|id| (Kind::Node, id.to_owned())));
                        None
                    }
                    _ => None,
                };
                match (kind, value) {
                    (Some(kind), Value::String(id)) => named.push((kind, id.clone())),
                    _ => collect(service, path, value, named),
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect(service, path, element, named)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(service: Service, path: &str, body: &Value) -> Vec<(Kind, String)> {
        let path = Path { segments: path.split('/').map(str::to_owned).collect(), query: String::new() };
        let mut found = Vec::new();
        collect(service, &path, body, &mut found);
        found
    }

    #[test]
    fn a_new_name_is_found() {
        assert_eq!(new_label(&json!({"server": {"name": "n"}}), "server", "name"), Some("n"));
        assert_eq!(new_label(&json!({"server": {"name": "n"}}), "server", "description"), None);
        let patch =
            json!([{"op": "add", "path": "/tags", "value": []}, {"op": "replace", "path": "/name", "value": "n"}]);
        assert_eq!(new_label(&patch, "", "name"), Some("n"));
        assert_eq!(new_label(&json!({"name": "n"}), "", "name"), Some("n"));
    }

    #[test]
    fn of_an_ec2_credential_it_is_known_whose_it_is_and_what_it_is_called() {
        let blob = json!({"access": "n", "secret": "s"}).to_string();
        let body = |kind: &str, blob: &str| json!({"credential": {"type": kind, "user_id": "u", "project_id": "p", "blob": blob}});
        assert_eq!(new_ec2_credential(&body("ec2", &blob)), Some(("u", "p", "n".to_owned())));
        for other in [body("totp", &blob), body("ec2", "{}"), body("ec2", "n"), json!({"credential": {"blob": blob}})] {
            assert_eq!(new_ec2_credential(&other), None, "{other}");
        }
    }

    #[test]
    fn what_a_body_would_change_is_found() {
        let rule = json!({"security_group_rule": {"security_group_id": "g", "remote_group_id": "other"}});
        assert_eq!(named(Service::Network, "security-group-rules", &rule), [(Kind::SecurityGroup, "g".into())]);
        let server = json!({"server": {"networks": [{"port": "p"}, {"uuid": "n"}], "block_device_mapping_v2":
            [{"source_type": "volume", "uuid": "v"}, {"source_type": "image", "uuid": "i"}]}});
        assert_eq!(named(Service::Compute, "servers", &server), [(Kind::Port, "p".into()), (Kind::Volume, "v".into())]);
        let port = json!({"port": {"network_id": "n", "fixed_ips": [{"subnet_id": "s"}]}});
        assert_eq!(named(Service::Network, "ports", &port), []);
        let interface = json!({"subnet_id": "s"});
        assert_eq!(named(Service::Network, "routers/1/add_router_interface", &interface), [(Kind::Subnet, "s".into())]);
        let backup = json!({"backup": {"volume_id": "v", "snapshot_id": "s", "name": "n"}});
        let made_of = [(Kind::Snapshot, "s".into()), (Kind::Volume, "v".into())];
        let mut found = named(Service::BlockStorage, "backups", &backup);
        found.sort_by_key(|(_, id)| id.clone());
        assert_eq!(found, made_of);
        let restore = json!({"restore": {"volume_id": "v"}});
        assert_eq!(named(Service::BlockStorage, "backups/1/restore", &restore), [(Kind::Volume, "v".into())]);
        let claim = json!({"candidate_nodes": ["a", "b"]});
        assert_eq!(named(Service::BareMetal, "allocations", &claim).len(), 2);
    }
}
