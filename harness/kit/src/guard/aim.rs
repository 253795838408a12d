//! What a request is about to change, told by its method and path alone.

use std::borrow::Cow;

use crate::need::Service;
use crate::resources::Kind;

/// What a request is about to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Aim {
    /// Something new in a collection.
    Creation,
    /// Something that is there, or what belongs to it.
    Thing(Kind, String),
    /// That several things, all there, belong to each other.
    Relation(Vec<(Kind, String)>),
    /// What belongs to something of the bare-metal service that has no name of its own: a port or port group of a node.
    Part(&'static str, String),
    /// Nothing that has an id: the collection itself, as a caller asks that forgot the id.
    Nothing,
    /// A token: a new one.
    Login,
    /// A token: one that is revoked.
    Token,
    /// The password of a user.
    Password(String),
    /// Settings of an object-storage account, in headers.
    Account,
    /// Objects that an archive brings.
    Archive,
    /// Objects and containers that the body lists, to be deleted.
    Bulk,
    /// A container: made, or its settings changed.
    Container(String),
    /// A container, to be deleted.
    ContainerGone(String),
    /// An object: written.
    Object(String, String),
    /// An object, to be deleted.
    ObjectGone(String, String),
    /// An object that is copied elsewhere, as a header says.
    Copy(String),
    /// Something that no test changes.
    Unknown,
}

/// What a request below the versioned API of a service is about to change; segments are decoded, and none for the API
/// itself.
pub(super) fn aim(service: Service, method: &str, segments: &[Cow<'_, str>], query: &str) -> Aim {
    let names: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    let thing = |kind: Kind, id: &str| Aim::Thing(kind, id.to_owned());
    // A POST to a collection makes something; whatever else it is that goes there names nothing.
    let collection = if method == "POST" { Aim::Creation } else { Aim::Nothing };
    match service {
        Service::ObjectStorage => store(method, &names, query),
        Service::Identity => match names.as_slice() {
            ["auth", "tokens"] => match method {
                "POST" => Aim::Login,
                "DELETE" => Aim::Token,
                _ => Aim::Unknown,
            },
            ["users", user, "password"] => Aim::Password((*user).to_owned()),
            // Only here can a credential be given an access key, which has to prove whose it is: see `weigh_credential`.
            ["credentials"] if method == "POST" => collection,
            ["users", _, "credentials", "OS-EC2", access] => thing(Kind::Ec2Credential, access),
            ["users", _, "application_credentials"] => collection,
            ["users", _, "application_credentials", id] => thing(Kind::ApplicationCredential, id),
            _ => Aim::Unknown,
        },
        Service::Compute => match names.as_slice() {
            ["servers" | "os-keypairs" | "os-security-groups" | "os-security-group-rules" | "images"] => collection,
            ["servers", id, ..] => thing(Kind::Server, id),
            ["os-keypairs", name] => thing(Kind::Keypair, name),
            ["os-security-groups", id] => thing(Kind::SecurityGroup, id),
            ["os-security-group-rules", id] => Aim::Part("security-group-rules", (*id).to_owned()),
            ["images", id, ..] => thing(Kind::Image, id),
            _ => Aim::Unknown,
        },
        Service::Image => match names.as_slice() {
            ["images"] => collection,
            ["images", id, ..] => thing(Kind::Image, id),
            _ => Aim::Unknown,
        },
        Service::BlockStorage => match names.as_slice() {
            ["volumes" | "snapshots" | "backups"] => collection,
            ["volumes", id, ..] => thing(Kind::Volume, id),
            ["snapshots", id, ..] => thing(Kind::Snapshot, id),
            ["backups", id, ..] => thing(Kind::Backup, id),
            _ => Aim::Unknown,
        },
        Service::KeyManager => match names.as_slice() {
            ["secrets"] => collection,
            ["secrets", id, ..] => thing(Kind::Secret, id),
            _ => Aim::Unknown,
        },
        Service::Network => network(&names, collection),
        Service::BareMetal => match names.as_slice() {
            ["nodes" | "ports" | "portgroups" | "allocations"] => collection,
            ["nodes", id, ..] => thing(Kind::Node, id),
            ["allocations", id] => thing(Kind::Allocation, id),
            ["ports", id] => Aim::Part("ports", (*id).to_owned()),
            ["portgroups", id] => Aim::Part("portgroups", (*id).to_owned()),
            _ => Aim::Unknown,
        },
        // Its paths are links, which only the service knows.
        Service::Redfish => Aim::Unknown,
    }
}

fn network(names: &[&str], collection: Aim) -> Aim {
    let [kind, rest @ ..] = names else { return Aim::Unknown };
    let kind = match *kind {
        "networks" => Kind::Network,
        "subnets" => Kind::Subnet,
        "ports" => Kind::Port,
        "routers" => Kind::Router,
        "floatingips" => Kind::FloatingIp,
        "subnetpools" => Kind::SubnetPool,
        "security-groups" => Kind::SecurityGroup,
        "security-group-rules" => {
            return match rest {
                [] => collection,
                [id] => Aim::Part("security-group-rules", (*id).to_owned()),
                _ => Aim::Unknown,
            };
        }
        _ => return Aim::Unknown,
    };
    match rest {
        [] => collection,
        [id, ..] => Aim::Thing(kind, (*id).to_owned()),
    }
}

fn store(method: &str, names: &[&str], query: &str) -> Aim {
    let asks = |name: &str| query.split('&').any(|part| part.split('=').next() == Some(name));
    match names {
        [] => match method {
            "POST" | "DELETE" if asks("bulk-delete") => Aim::Bulk,
            "POST" => Aim::Account,
            "PUT" if asks("extract-archive") => Aim::Archive,
            _ => Aim::Unknown,
        },
        [container] => match method {
            "PUT" | "POST" => Aim::Container((*container).to_owned()),
            "DELETE" => Aim::ContainerGone((*container).to_owned()),
            _ => Aim::Unknown,
        },
        [container, object @ ..] => {
            let (container, object) = ((*container).to_owned(), object.join("/"));
            match method {
                "PUT" | "POST" => Aim::Object(container, object),
                "DELETE" => Aim::ObjectGone(container, object),
                "COPY" => Aim::Copy(container),
                _ => Aim::Unknown,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(service: Service, method: &str, path: &str) -> Aim {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let segments: Vec<_> = path.split('/').filter(|part| !part.is_empty()).map(Cow::Borrowed).collect();
        aim(service, method, &segments, query)
    }

    #[test]
    fn what_belongs_to_a_thing_is_that_thing() {
        let server = Aim::Thing(Kind::Server, "1".into());
        for path in ["servers/1", "servers/1/action", "servers/1/metadata/key", "servers/1/os-volume_attachments/2"] {
            assert_eq!(of(Service::Compute, "DELETE", path), server, "{path}");
        }
        assert_eq!(of(Service::BlockStorage, "POST", "backups/1/restore"), Aim::Thing(Kind::Backup, "1".into()));
        assert_eq!(of(Service::Network, "PUT", "routers/1/add_router_interface"), Aim::Thing(Kind::Router, "1".into()));
    }

    #[test]
    fn a_collection_is_added_to_and_never_deleted() {
        assert_eq!(of(Service::Image, "POST", "images"), Aim::Creation);
        assert_eq!(of(Service::Image, "DELETE", "images/"), Aim::Nothing);
        assert_eq!(of(Service::ObjectStorage, "DELETE", ""), Aim::Unknown, "an account is no test's to delete");
    }

    #[test]
    fn what_no_test_changes_is_unknown() {
        for (service, path) in [
            (Service::Compute, "flavors/1"),
            (Service::Compute, "os-quota-sets/1"),
            (Service::Identity, "projects/1"),
            (Service::Identity, "users/1"),
            (Service::Identity, "credentials"),
            (Service::Identity, "credentials/1"),
            (Service::Identity, "users/1/credentials/OS-EC2"),
            (Service::Network, "quotas/1"),
            (Service::Network, "address-groups/1"),
            (Service::BlockStorage, "types/1"),
            (Service::KeyManager, "containers/1"),
            (Service::BareMetal, "conductors/1"),
            (Service::Image, "metadefs/namespaces"),
        ] {
            assert_eq!(of(service, "DELETE", path), Aim::Unknown, "{path}");
        }
    }
}
