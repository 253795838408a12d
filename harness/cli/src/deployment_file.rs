//! The file that `--deployment` names: a bare-metal deployment, and which of its machines tests may change.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use assay_kit::http::Tls;
use assay_kit::metal::RedfishSettings;
use assay_kit::session::clouds::Clouds;
use assay_kit::session::{Cloud, Credentials, endpoint, shown};
use assay_kit::{Metal, Role};
use assay_text::written::{self, Code, Collector, Kind, node, read};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exit::Failure;
use crate::inventory::Inventory;

/// The value of `schema` in a deployment file of this version.
pub const SCHEMA: &str = "assay.deployment/1";

/// Its kind. It may hold passwords, so that no message shows a value or a line of it.
static DEPLOYMENT: Kind = Kind {
    noun: "deployment file",
    version: SCHEMA,
    schema: LazyLock::new(written::schema::schema::<DeploymentFile>),
    file: None,
    help: "`assay schema deployment`",
    explain: |_, _| None,
    has_anchors: true,
    is_secret: true,
};

/// The largest file of a password that is read, in bytes.
const LARGEST_PASSWORD: u64 = 1024 * 1024;

/// A bare-metal deployment under test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeploymentFile {
    /// The version of the file format: `assay.deployment/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The name that reports print.
    #[schemars(length(min = 1))]
    pub name: String,
    /// The bare-metal service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ironic: Option<Ironic>,
    /// Machines, or enclosures of machines, that speak Redfish.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redfish: Vec<Redfish>,
    /// An Ansible inventory that supplies machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory: Option<Supply>,
}

/// An Ansible inventory, and which of its groups tests may change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Supply {
    /// A file in YAML, JSON or INI form; a relative path is taken from the folder of the deployment file. A program is asked with
    /// `--list`, and only when the command line says so: `--run-inventory`.
    pub source: PathBuf,
    /// The group whose hosts are the names of nodes that tests may change; `ironic` says whose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ironic: Option<String>,
    /// The group whose hosts have each a Redfish service, with one system, that tests may change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redfish: Option<String>,
    /// The variable that holds the address of a host's Redfish service; `https://` stands before it where it says no scheme.
    #[serde(default = "baseuri")]
    pub endpoint: String,
    /// The variable that holds the user; nobody asks where a host has none.
    #[serde(default = "username")]
    pub username: String,
    /// The variable that holds the password.
    #[serde(default = "password")]
    pub password: String,
    /// How the certificates of these services are handled.
    #[serde(default)]
    pub tls: TlsSettings,
}

// What Ansible's own modules for Redfish call them.
fn baseuri() -> String {
    "baseuri".into()
}

fn username() -> String {
    "username".into()
}

fn password() -> String {
    "password".into()
}

/// A bare-metal service: one that stands alone, or one that a cloud's catalog lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ironic {
    /// The address of a service that stands alone, such as `http://192.0.2.1:6385`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The entry of clouds.yaml whose catalog lists the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<String>,
    /// Who asks a service that stands alone; nobody unless given.
    #[serde(default)]
    pub auth: Auth,
    /// How certificates of a service that stands alone are handled.
    #[serde(default)]
    pub tls: TlsSettings,
    /// The nodes that tests may power, reconfigure and redeploy, by name or UUID. No other is changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub machines: Vec<String>,
}

/// A Redfish service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redfish {
    /// The name that reports print.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Its address, such as `https://192.0.2.7`, without `/redfish/v1`.
    pub endpoint: String,
    /// Who asks it; nobody unless given.
    #[serde(default)]
    pub auth: Auth,
    /// How its certificate is handled.
    #[serde(default)]
    pub tls: TlsSettings,
    /// The systems that are tested, by `Id`, `Name` or `UUID`; all unless given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub systems: Vec<String>,
    /// The systems that tests may power and reconfigure. No other is changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub machines: Vec<String>,
    /// The http or https address of a disc image that the machines can fetch, for virtual media; Assay serves an empty one
    /// unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medium: Option<String>,
    /// The name of a BIOS attribute of the machines that tests may set to another value. It is put back before any restart, so
    /// it never comes into force. Without one, that test is skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bios_attribute: Option<String>,
}

/// Who asks a service. The password stands in one of three places.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// How; `none` unless given.
    #[serde(default)]
    pub method: Method,
    /// The user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The password itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// The file that holds the password; a relative path is taken from the folder of the deployment file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// The environment variable that holds the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("method", &self.method).field("username", &self.username).finish_non_exhaustive()
    }
}

/// How a service learns who asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// It does not.
    #[default]
    None,
    /// By a user and a password in each request (RFC 7617). A Redfish service that refuses these with 401 is logged in to
    /// instead, as with `session`.
    HttpBasic,
    /// By a session, for which a user and a password are given once (DSP0266, "Redfish session login authentication"). It is
    /// ended when it is not needed any more. For Redfish services alone.
    Session,
}

/// How certificates are handled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// A file of certificates to trust beside the system's; a relative path is taken from the folder of the deployment file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Whether any certificate is taken; the reports say so.
    #[serde(default)]
    pub insecure: bool,
}

/// What a deployment file comes to.
#[derive(Debug)]
pub struct Resolved {
    /// The name that reports print.
    pub name: String,
    /// The accounts.
    pub clouds: Vec<(Role, Cloud)>,
    /// What is tested, and what tests may change.
    pub metal: Metal,
}

/// Reads a deployment file and everything that it points to; an inventory that is a program is run only with `run_inventory`.
pub fn read(path: &Path, run_inventory: bool) -> Result<Resolved, Failure> {
    let text = read::text_of(&DEPLOYMENT, path).map_err(Failure::usage)?;
    let name = path.display().to_string();
    let file: DeploymentFile = read::parse_as(&DEPLOYMENT, &name, &text, |_, _| {}).map_err(Failure::usage)?;
    let place = Place { name, text, folder: path.parent().unwrap_or(Path::new("")) };
    if file.schema != SCHEMA {
        return Err(place.wrong("schema", format!("is `{}`; this program reads `{SCHEMA}`", file.schema)));
    }
    if file.ironic.is_none() && file.redfish.is_empty() && file.inventory.is_none() {
        return Err(place.wrong("ironic", "is missing, and `redfish` too: name what is to be tested".into()));
    }
    let (mut clouds, mut metal) = (Vec::new(), Metal::default());
    if let Some(ironic) = &file.ironic {
        clouds.push((Role::Member, place.ironic(&file.name, ironic)?));
        metal.ironic = true;
        metal.machines.clone_from(&ironic.machines);
    }
    for (at, redfish) in file.redfish.iter().enumerate() {
        if let Some(first) = file.redfish[..at].iter().position(|other| other.name == redfish.name) {
            let what = format!("is `{}`, as in redfish.{first}: give each service a name of its own", redfish.name);
            return Err(place.wrong(&format!("redfish.{at}.name"), what));
        }
        let role = Role::Redfish(u16::try_from(at).unwrap_or(u16::MAX));
        let key = format!("redfish.{at}");
        clouds.push((role, place.alone(&key, &redfish.name, &redfish.endpoint, &redfish.auth, &redfish.tls)?));
        if !redfish.systems.is_empty()
            && let Some(other) = redfish.machines.iter().find(|machine| !redfish.systems.contains(machine))
        {
            let what = format!("has `{other}`, which `systems` does not have: add it there, or leave `systems` out");
            return Err(place.wrong(&format!("{key}.machines"), what));
        }
        if let Some(medium) = &redfish.medium {
            place.address(&format!("{key}.medium"), medium, "leave the user out: the machine's controller keeps it")?;
        }
        metal.redfish.push(RedfishSettings {
            name: redfish.name.clone(),
            systems: redfish.systems.clone(),
            machines: redfish.machines.clone(),
            medium: redfish.medium.clone(),
            bios_attribute: redfish.bios_attribute.clone(),
            sole: false,
        });
    }
    if let Some(supply) = &file.inventory {
        place.supply(supply, run_inventory, &mut clouds, &mut metal)?;
    }
    Ok(Resolved { name: file.name, clouds, metal })
}

/// A deployment file, for what is wrong in it.
struct Place<'a> {
    name: String,
    text: String,
    folder: &'a Path,
}

impl Place<'_> {
    fn wrong(&self, key: &str, what: String) -> Failure {
        let mut found = Collector::of(&DEPLOYMENT, &self.name, &self.text);
        let span = node::tree(&self.text, &mut found).map_or(0..0, |root| root.at(key).span.clone());
        found.add(Code::BadValue, &span, format!("`{key}` {what}"), None);
        Failure::usage(found.into_errors())
    }

    /// Refuses what is no plain address, without showing what may be secret in it.
    fn address(&self, key: &str, address: &str, instead_of_user: &str) -> Result<(), Failure> {
        let Err(reason) = endpoint(address) else { return Ok(()) };
        let what = match reason.split_once(": ") {
            None if reason.ends_with("http or https address") => {
                format!("is `{}`: write an http or https address", shown(address))
            }
            Some(_) if reason.contains(" holds a user: ") => format!("holds a user: {instead_of_user}"),
            _ => format!("cannot be used: {reason}: write it with scheme, host, port and path alone"),
        };
        Err(self.wrong(key, what))
    }

    /// Adds what an inventory says.
    fn supply(
        &self,
        supply: &Supply,
        run_inventory: bool,
        clouds: &mut Vec<(Role, Cloud)>,
        metal: &mut Metal,
    ) -> Result<(), Failure> {
        if supply.ironic.is_none() && supply.redfish.is_none() {
            let what = "names no group: write which one under `ironic` or `redfish`";
            return Err(self.wrong("inventory", what.into()));
        }
        let source = self.folder.join(&supply.source);
        if !run_inventory && Inventory::is_program(&source) {
            let what = format!(
                "is {}, a program, which is run only with --run-inventory; give that option, or write \
                 what `{} --list` prints into a file that ends in .json and name that; if it is not a program, make it a file that cannot be run (`chmod -x`)",
                source.display(),
                source.display()
            );
            return Err(self.wrong("inventory.source", what));
        }
        let inventory = Inventory::read(&source).map_err(Failure::usage)?;
        if let Some(group) = &supply.ironic {
            if clouds.iter().all(|(role, _)| *role != Role::Member) {
                let what = "names nodes, but no bare-metal service that they belong to: name it under `ironic`";
                return Err(self.wrong("inventory.ironic", what.into()));
            }
            let hosts = inventory.hosts_of(group).map_err(Failure::usage)?;
            metal.machines.extend(hosts.into_iter().map(|host| host.name));
        }
        let Some(group) = &supply.redfish else { return Ok(()) };
        for host in inventory.hosts_of(group).map_err(Failure::usage)? {
            let text = |variable: &String| host.text(variable).map_err(Failure::usage);
            let Some(endpoint) = text(&supply.endpoint)? else {
                let what = format!("`{}`, and host `{}` has no such variable", supply.endpoint, host.name);
                return Err(self.wrong("inventory.endpoint", format!("is {what}: where is its Redfish service?")));
            };
            let endpoint = if endpoint.contains("://") { endpoint } else { format!("https://{endpoint}") };
            let (username, password) = (text(&supply.username)?, text(&supply.password)?);
            let method = if username.is_some() { Method::HttpBasic } else { Method::None };
            let auth = Auth { method, username, password, ..Auth::default() };
            if metal.redfish.iter().any(|other| other.name == host.name) {
                let what = format!("has the host `{}`, which `redfish` names as well: leave one out", host.name);
                return Err(self.wrong("inventory.redfish", what));
            }
            let role = Role::Redfish(u16::try_from(metal.redfish.len()).unwrap_or(u16::MAX));
            let key = format!("inventory.redfish: host {}", host.name);
            clouds.push((role, self.alone(&key, &host.name, &endpoint, &auth, &supply.tls)?));
            metal.redfish.push(RedfishSettings { name: host.name, sole: true, ..RedfishSettings::default() });
        }
        Ok(())
    }

    fn ironic(&self, name: &str, ironic: &Ironic) -> Result<Cloud, Failure> {
        match (&ironic.endpoint, &ironic.cloud) {
            (Some(endpoint), None) => {
                let mut cloud = self.alone("ironic", name, endpoint, &ironic.auth, &ironic.tls)?;
                cloud.overrides.insert("baremetal".into(), endpoint.clone());
                Ok(cloud)
            }
            (None, Some(cloud)) => {
                if ironic.auth != Auth::default() || ironic.tls != TlsSettings::default() {
                    let what = "has `auth` or `tls`, which the entry of clouds.yaml says already: leave them out";
                    return Err(self.wrong("ironic", what.into()));
                }
                Clouds::find().map_err(Failure::usage)?.get(cloud).map_err(Failure::usage)
            }
            (None, None) => {
                Err(self.wrong("ironic", "has neither `endpoint` (a service that stands alone) nor `cloud`".into()))
            }
            (Some(_), Some(_)) => Err(self.wrong("ironic", "has both `endpoint` and `cloud`: leave one out".into())),
        }
    }

    /// A service without a catalog.
    fn alone(&self, key: &str, name: &str, endpoint: &str, auth: &Auth, tls: &TlsSettings) -> Result<Cloud, Failure> {
        self.address(&format!("{key}.endpoint"), endpoint, "name one under `auth` instead, where it is kept secret")?;
        let endpoint = endpoint.trim_end_matches('/');
        let endpoint = endpoint.strip_suffix("/redfish/v1").or(endpoint.strip_suffix("/redfish")).unwrap_or(endpoint);
        let credentials = self.credentials(&format!("{key}.auth"), auth)?;
        let tls =
            Tls { ca: tls.ca.as_ref().map(|path| self.folder.join(path)), insecure: tls.insecure, ..Tls::default() };
        Ok(Cloud::standalone(name, endpoint, credentials, tls))
    }

    fn credentials(&self, key: &str, auth: &Auth) -> Result<Credentials, Failure> {
        let places = [auth.password.is_some(), auth.password_file.is_some(), auth.password_env.is_some()];
        let given = places.into_iter().filter(|given| *given).count();
        if auth.method == Method::None {
            return match (&auth.username, given) {
                (None, 0) => Ok(Credentials::Nobody),
                _ => Err(self.wrong(key, "has a user, but its `method` is none: write `method: http_basic`".into())),
            };
        }
        if auth.method == Method::Session && key == "ironic.auth" {
            let what = "has the method `session`, which Redfish services have alone: write `method: http_basic`";
            return Err(self.wrong(key, what.into()));
        }
        let username = auth.username.clone().ok_or_else(|| self.wrong(key, "has no `username`".into()))?;
        if given != 1 {
            let what = "needs one of `password_file`, `password_env` and `password`, and no two of them";
            return Err(self.wrong(key, what.into()));
        }
        let password = match (&auth.password, &auth.password_file, &auth.password_env) {
            (Some(password), ..) => password.clone(),
            (_, Some(file), _) => {
                let file = self.folder.join(file);
                let text = assay_text::files::read_to_string(&file, LARGEST_PASSWORD).map_err(|error| {
                    self.wrong(&format!("{key}.password_file"), format!("names {}: {error}", file.display()))
                })?;
                text.trim_end_matches(['\r', '\n']).to_owned()
            }
            (_, _, variable) => {
                let variable = variable.clone().unwrap_or_default();
                std::env::var(&variable).map_err(|_| {
                    let what = format!("names the environment variable `{variable}`, which is not set");
                    self.wrong(&format!("{key}.password_env"), what)
                })?
            }
        };
        if password.is_empty() {
            return Err(self.wrong(key, "has an empty password".into()));
        }
        Ok(match auth.method {
            Method::Session => Credentials::Session { username, password },
            _ => Credentials::HttpBasic { username, password },
        })
    }
}

/// The JSON Schema of a deployment file.
#[must_use]
pub fn schema() -> String {
    format!("{:#}\n", *DEPLOYMENT.schema)
}
