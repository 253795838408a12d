//! Each kind of resource as a line of a table: what it is called, where it is read, and how it tells whose it is.

use serde_json::Value;

use super::kind::Kind;
use crate::need::Service;

/// What is known of a kind.
#[derive(Debug)]
pub(crate) struct Facts {
    /// What people call it.
    pub name: &'static str,
    /// The service that it belongs to.
    pub service: Service,
    /// How it is proved to be the run's.
    pub proof: Proof,
}

/// How something is proved to be the run's before it is removed or changed back.
#[derive(Debug)]
pub(crate) enum Proof {
    /// It is read by its id, and its description tells.
    Read(Telling),
    /// Its address ends with its generated name: a container.
    Name,
    /// It is a setting of an account, which only the value or the name that the run gave it tells from others.
    Setting,
    /// It belongs to a machine that the deployment file of this command lists.
    Listed,
    /// It is a member of a collection of a Redfish service, and is read by its path: the property holds the generated name,
    /// or, for a session, the user's.
    Member(&'static str),
}

/// Where a description tells what proves it.
#[derive(Debug)]
pub(crate) struct Telling {
    /// The collection's path below the versioned API.
    pub collection: &'static str,
    /// The key under which a single one is described; empty where the body is the description.
    pub wrapped: &'static str,
    /// The key of its id; of its address, which ends with the id, where the key ends with `_ref`.
    pub id: &'static str,
    /// The keys of which one holds the generated name: the name, and, of what has no name, the description.
    pub labels: &'static [&'static str],
    /// The keys of which one holds the id of its project; of its domain, where it belongs to one.
    pub project: &'static [&'static str],
    /// Whether a description without a project is no proof. A path that names the project stands for it.
    pub told: bool,
    /// The key of its user's id, where it belongs to a user and tells whom.
    pub user: &'static str,
    /// The key of the time of its creation, where it tells.
    pub created: &'static str,
}

/// What a test puts before a name in a description, to see that it may have any signs.
pub(crate) const SIGNS: &str = "@#$%^* ";

const NAME: &[&str] = &["name"];
const LABELS: &[&str] = &["name", "description"];
const DOMAIN: &[&str] = &["domain_id"];
const PROJECT: &[&str] = &["project_id", "tenant_id"];

/// It has no name: the run chooses its access key, which is its id here.
const EC2_CREDENTIAL: Telling = Telling {
    collection: "credentials/OS-EC2",
    wrapped: "credential",
    id: "access",
    labels: &["access"],
    project: &["tenant_id", "project_id"],
    told: true,
    user: "user_id",
    created: "",
};

/// Its project is that of the token; it tells who made it.
const SECRET: Telling = Telling {
    collection: "secrets",
    wrapped: "",
    id: "secret_ref",
    labels: NAME,
    project: &[],
    told: false,
    user: "creator_id",
    created: "created",
};

const fn read(telling: Telling) -> Proof {
    Proof::Read(telling)
}

/// What belongs to a domain, or is one: none tells a time.
const fn identity(collection: &'static str, wrapped: &'static str, owner: &'static [&'static str]) -> Proof {
    read(Telling {
        collection,
        wrapped,
        id: "id",
        labels: NAME,
        project: owner,
        told: !owner.is_empty(),
        user: "",
        created: "",
    })
}

const fn network(collection: &'static str, wrapped: &'static str) -> Proof {
    read(Telling {
        collection,
        wrapped,
        id: "id",
        labels: LABELS,
        project: PROJECT,
        told: true,
        user: "",
        created: "created_at",
    })
}

const fn block_storage(collection: &'static str, wrapped: &'static str, project: &'static [&'static str]) -> Proof {
    read(Telling {
        collection,
        wrapped,
        id: "id",
        labels: LABELS,
        project,
        told: false,
        user: "",
        created: "created_at",
    })
}

const fn bare_metal(collection: &'static str) -> Proof {
    // Operators work in no project.
    read(Telling {
        collection,
        wrapped: "",
        id: "uuid",
        labels: NAME,
        project: &[],
        told: false,
        user: "",
        created: "created_at",
    })
}

impl Telling {
    /// The id that a description tells.
    pub fn id<'a>(&self, description: &'a Value) -> Option<&'a str> {
        let told = description[self.id].as_str()?;
        let id = if self.id.ends_with("_ref") { told.rsplit('/').next()? } else { told };
        Some(id).filter(|id| !id.is_empty())
    }

    /// What a description calls itself: its name, or, where it has none, what stands for one. Where there is a name, nothing else
    /// counts: somebody may note beside it what it was made of.
    pub fn label<'a>(&self, description: &'a Value) -> Option<&'a str> {
        let text = |key: &&str| description[*key].as_str().filter(|text| !text.is_empty());
        let label = self.labels.iter().find_map(text)?;
        Some(if description["name"] == label { label } else { label.strip_prefix(SIGNS).unwrap_or(label) })
    }
}

impl Kind {
    /// What is known of it.
    pub(crate) const fn facts(self) -> Facts {
        use Service::{BareMetal, BlockStorage, Compute, Identity, Image, KeyManager, Network, ObjectStorage, Redfish};
        let (name, service, proof) = match self {
            Self::SparePassword => ("password", Identity, Proof::Setting),
            Self::ApplicationCredential => {
                let telling = Telling {
                    collection: "application_credentials",
                    wrapped: "application_credential",
                    id: "id",
                    labels: NAME,
                    project: &["project_id"],
                    told: false,
                    user: "",
                    created: "",
                };
                ("application credential", Identity, read(telling))
            }
            Self::Ec2Credential => ("EC2 credential", Identity, read(EC2_CREDENTIAL)),
            Self::User => ("user", Identity, identity("users", "user", DOMAIN)),
            Self::Group => ("group of users", Identity, identity("groups", "group", DOMAIN)),
            Self::Project => ("project", Identity, identity("projects", "project", DOMAIN)),
            Self::IdentityRole => ("role", Identity, identity("roles", "role", &[])),
            Self::Domain => ("domain", Identity, identity("domains", "domain", &[])),
            Self::Server => {
                let telling = Telling {
                    collection: "servers",
                    wrapped: "server",
                    id: "id",
                    labels: NAME,
                    project: &["tenant_id", "project_id"],
                    told: true,
                    user: "",
                    created: "created",
                };
                ("server", Compute, read(telling))
            }
            Self::Keypair => {
                // It belongs to a user, and its name is its id.
                let telling = Telling {
                    collection: "os-keypairs",
                    wrapped: "keypair",
                    id: "name",
                    labels: NAME,
                    project: &[],
                    told: false,
                    user: "",
                    created: "created_at",
                };
                ("keypair", Compute, read(telling))
            }
            Self::Backup => {
                let project = &["os-backup-project-attr:project_id"];
                ("volume backup", BlockStorage, block_storage("backups", "backup", project))
            }
            Self::Snapshot => {
                let project = &["os-extended-snapshot-attributes:project_id"];
                ("volume snapshot", BlockStorage, block_storage("snapshots", "snapshot", project))
            }
            Self::Volume => {
                ("volume", BlockStorage, block_storage("volumes", "volume", &["os-vol-tenant-attr:tenant_id"]))
            }
            Self::Secret => ("secret", KeyManager, read(SECRET)),
            Self::Image => {
                let telling = Telling {
                    collection: "images",
                    wrapped: "",
                    id: "id",
                    labels: NAME,
                    project: &["owner"],
                    told: true,
                    user: "",
                    created: "created_at",
                };
                ("image", Image, read(telling))
            }
            Self::FloatingIp => ("floating IP", Network, network("floatingips", "floatingip")),
            Self::Router => ("router", Network, network("routers", "router")),
            Self::Port => ("port", Network, network("ports", "port")),
            Self::Subnet => ("subnet", Network, network("subnets", "subnet")),
            Self::Network => ("network", Network, network("networks", "network")),
            Self::SubnetPool => ("subnet pool", Network, network("subnetpools", "subnetpool")),
            Self::SecurityGroup => ("security group", Network, network("security-groups", "security_group")),
            Self::AccountQuota => ("account quota", ObjectStorage, Proof::Setting),
            Self::TempUrlKey => ("key of temporary URLs", ObjectStorage, Proof::Setting),
            Self::AccountMetadata => ("item of account metadata", ObjectStorage, Proof::Setting),
            Self::Container => ("container", ObjectStorage, Proof::Name),
            Self::Object => ("object", ObjectStorage, Proof::Name),
            Self::Indicator => ("indicator of the machine", BareMetal, Proof::Listed),
            Self::VirtualMedia => ("virtual media of the machine", BareMetal, Proof::Listed),
            Self::Allocation => ("allocation", BareMetal, bare_metal("allocations")),
            Self::Machine => ("state of the machine", BareMetal, Proof::Listed),
            Self::Node => ("node", BareMetal, bare_metal("nodes")),
            Self::RedfishSession => ("Redfish session", Redfish, Proof::Member("UserName")),
            Self::RedfishAccount => ("Redfish account", Redfish, Proof::Member("UserName")),
            Self::RedfishSubscription => ("Redfish event subscription", Redfish, Proof::Member("Context")),
            Self::RedfishSystem => ("state of the system", Redfish, Proof::Listed),
        };
        Facts { name, service, proof }
    }

    /// The service that it belongs to.
    #[must_use]
    pub fn service(self) -> Service {
        self.facts().service
    }

    /// Whether it is a setting that is put back, and nothing that is removed.
    #[must_use]
    pub fn is_setting(self) -> bool {
        matches!(self, Self::SparePassword | Self::AccountQuota) || matches!(self.facts().proof, Proof::Listed)
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.facts().name
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_tells_an_id_with_its_end() {
        let Proof::Read(secret) = Kind::Secret.facts().proof else { panic!("a secret is read by its id") };
        let told = |address: &str| secret.id(&json!({"secret_ref": address, "id": "other"})).map(str::to_owned);
        assert_eq!(told("http://h:9311/v1/secrets/5b8a").as_deref(), Some("5b8a"));
        assert_eq!(told("5b8a").as_deref(), Some("5b8a"));
        assert_eq!(told("http://h:9311/v1/secrets/"), None);
        let Proof::Read(volume) = Kind::Volume.facts().proof else { panic!("a volume is read by its id") };
        assert_eq!(volume.id(&json!({"id": "a/5b8a"})), Some("a/5b8a"), "an id is no address");
    }
}
