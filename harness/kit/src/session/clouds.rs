//! `clouds.yaml`, `secure.yaml` and `OS_*`, read where and as the OpenStack client reads them.
//!
//! <https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html>

use std::path::{Path, PathBuf};
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::json;
use serde_yaml::Value;

use super::credentials::Credentials;
use super::yaml::{Node, folders, merge, parse, read};
use crate::http::Tls;
use crate::visible::visible;

/// The name of the cloud that `OS_*` describe, as the OpenStack client calls it.
const ENVIRONMENT: &str = "envvars";
/// The type of the service that an entry without an identity service is for.
const BARE_METAL: &str = "baremetal";

/// Why a cloud cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// A file is there and cannot be read.
    #[error("cannot read {}: {reason}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file is no YAML.
    #[error("{}:{line}:{column}: {}", file.display(), visible(reason))]
    Syntax {
        /// The file.
        file: PathBuf,
        /// The line, from 1; 0 when it is not known.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// A value is of another type than it should be.
    #[error("{}: `{}` must be {wanted}, but it is {found}", file.display(), visible(place))]
    Type {
        /// The file.
        file: PathBuf,
        /// The keys that lead to the value, joined by dots.
        place: String,
        /// What it should be.
        wanted: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// Something needed is not there.
    #[error("{}: `{}` is missing{help}", file.display(), visible(place))]
    Missing {
        /// The file.
        file: PathBuf,
        /// The keys that lead to the value, joined by dots.
        place: String,
        /// What to do.
        help: String,
    },
    /// A value is none that can be used.
    #[error("{}: `{}` is {}; {help}", file.display(), visible(place), visible(value))]
    Unusable {
        /// The file.
        file: PathBuf,
        /// The keys that lead to the value, joined by dots.
        place: String,
        /// The value.
        value: String,
        /// What to do.
        help: String,
    },
    /// No cloud has that name.
    #[error("no cloud is named `{}`; {found}", visible(name))]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// Which clouds there are, or where none was found.
        found: String,
    },
}

/// A user or project, by id, or by name and domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// By id.
    Id(String),
    /// By name, within a domain.
    Name {
        /// Its name.
        name: String,
        /// Its domain.
        domain: Domain,
    },
}

/// A domain, by id or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Domain {
    /// By id.
    Id(String),
    /// By name.
    Name(String),
}

impl Principal {
    pub(super) fn json(&self) -> serde_json::Value {
        match self {
            Self::Id(id) => json!({"id": id}),
            Self::Name { name, domain: Domain::Id(id) } => json!({"name": name, "domain": {"id": id}}),
            Self::Name { name, domain: Domain::Name(domain) } => json!({"name": name, "domain": {"name": domain}}),
        }
    }
}

/// What a token is to be valid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A project.
    Project(Principal),
    /// The deployment as a whole, for those who operate it.
    System,
    /// Nothing in particular, or what the credentials bring along.
    Unscoped,
}

/// An entry of clouds.yaml, as far as Assay uses it.
#[derive(Debug, Clone)]
pub struct Cloud {
    /// Its name.
    pub name: String,
    /// The identity service's address; that of the service itself where it stands alone.
    pub auth_url: String,
    /// Who logs in, and how.
    pub credentials: Credentials,
    /// What for.
    pub scope: Scope,
    /// Which endpoints of the catalog are used; `public` unless said otherwise.
    pub interface: String,
    /// Which region's.
    pub region: Option<String>,
    /// How certificates are handled.
    pub tls: Tls,
    /// How long a server may be silent, when the entry says so (`api_timeout`).
    pub silence: Option<Duration>,
    /// Endpoints that stand for the catalog's, by service type.
    pub overrides: IndexMap<String, String>,
}

/// The clouds that the user has, from files and the environment.
#[derive(Debug)]
pub struct Clouds {
    file: PathBuf,
    value: Value,
    vendors: Value,
    chosen: Option<String>,
    environment: bool,
    searched: Vec<PathBuf>,
    region: Option<String>,
}

impl Clouds {
    /// Reads what the process's environment and the files that it points to say.
    pub fn find() -> Result<Self, CloudError> {
        Self::from_environment(&|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    /// Reads a clouds.yaml that is at hand as text; errors call it by this name.
    pub fn from_text(name: &str, text: &str) -> Result<Self, CloudError> {
        let file = PathBuf::from(name);
        let value = parse(&file, text)?;
        Node::new(&value, &file, "").mapping()?;
        let searched = vec![file.clone()];
        Ok(Self { file, value, vendors: empty(), chosen: None, environment: false, searched, region: None })
    }

    /// The same, of any environment.
    pub fn from_environment(environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, CloudError> {
        let candidates = |variable: &str, stem: &str| {
            let named = environment(variable).map(|file| vec![PathBuf::from(file)]);
            named.unwrap_or_else(|| {
                let endings = ["yaml", "yml", "json"];
                let files = folders(environment).into_iter();
                files.flat_map(|folder| endings.map(|ending| folder.join(format!("{stem}.{ending}")))).collect()
            })
        };
        let first = |candidates: &[PathBuf]| -> Result<Option<(PathBuf, Value)>, CloudError> {
            for file in candidates {
                if let Some(value) = read(file)? {
                    return Ok(Some((file.clone(), value)));
                }
            }
            Ok(None)
        };
        let searched = candidates("OS_CLIENT_CONFIG_FILE", "clouds");
        let found = first(&searched)?;
        if found.is_none() && environment("OS_CLIENT_CONFIG_FILE").is_some() {
            let reason = "there is no such file, although OS_CLIENT_CONFIG_FILE names it".into();
            return Err(CloudError::Unreadable { file: searched[0].clone(), reason });
        }
        let (file, mut value) = found.unwrap_or_else(|| (searched[0].clone(), empty()));
        if let Some((secure, over)) = first(&candidates("OS_CLIENT_SECURE_FILE", "secure"))? {
            Node::new(&over, &secure, "").mapping()?;
            merge(&mut value, &over);
        }
        let vendors =
            first(&candidates("OS_CLIENT_VENDOR_FILE", "clouds-public"))?.map_or_else(empty, |(_, value)| value);
        let described = environment_cloud(environment);
        let is_described = described.is_some();
        Node::new(&value, &file, "").mapping()?;
        if let Some(described) = described {
            let mut clouds = serde_yaml::Mapping::new();
            clouds.insert(ENVIRONMENT.into(), described);
            let mut over = serde_yaml::Mapping::new();
            over.insert("clouds".into(), Value::Mapping(clouds));
            merge(&mut value, &Value::Mapping(over));
        }
        Ok(Self {
            file,
            value,
            vendors,
            chosen: environment("OS_CLOUD"),
            environment: is_described,
            searched,
            region: environment("OS_REGION_NAME"),
        })
    }

    /// The names of the clouds, in the file's order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let clouds = self.value.get("clouds").and_then(Value::as_mapping);
        clouds.into_iter().flatten().filter_map(|(name, _)| Some(name.as_str()?.to_owned())).collect()
    }

    /// The cloud that the environment chooses: `OS_CLOUD`, or the one that `OS_*` describe.
    #[must_use]
    pub fn chosen(&self) -> Option<String> {
        self.chosen.clone().or_else(|| self.environment.then(|| ENVIRONMENT.to_owned()))
    }

    /// Which clouds there are, or where none was found, as a sentence's end.
    #[must_use]
    pub fn found(&self) -> String {
        let names = self.names();
        if names.is_empty() {
            let searched: Vec<_> = self.searched.iter().map(|file| file.display().to_string()).collect();
            format!("no clouds.yaml has any; searched: {}", searched.join(", "))
        } else {
            let names: Vec<_> = names.iter().map(|name| visible(name)).collect();
            format!("{} has {}", self.file.display(), names.join(", "))
        }
    }

    /// The cloud of that name.
    pub fn get(&self, name: &str) -> Result<Cloud, CloudError> {
        let root = Node::new(&self.value, &self.file, "");
        let clouds = root.find("clouds").map(Node::mapping).transpose()?;
        let Some(entry) = clouds.and_then(|clouds| clouds.find(name)) else {
            return Err(CloudError::Unknown { name: name.to_owned(), found: self.found() });
        };
        let entry = entry.mapping()?;
        let mut value = entry.value.clone();
        let profile = entry.text("profile")?.or(entry.text("cloud")?);
        if let Some(profile) = profile {
            let vendor = self.vendors.get("public-clouds").and_then(|vendors| vendors.get(profile.as_str()));
            let Some(vendor) = vendor else {
                return Err(CloudError::Unusable {
                    file: self.file.clone(),
                    place: format!("{}.profile", entry.place),
                    value: format!("`{profile}`"),
                    help: "no clouds-public.yaml has it; write its auth_url and regions into the entry".into(),
                });
            };
            value = vendor.clone();
            merge(&mut value, entry.value);
        }
        let mut cloud = cloud(name, &Node { value: &value, ..entry })?;
        if cloud.region.is_none() {
            cloud.region.clone_from(&self.region);
        }
        Ok(cloud)
    }
}

fn empty() -> Value {
    Value::Mapping(serde_yaml::Mapping::new())
}

/// The cloud that `OS_*` describe, when they describe one.
fn environment_cloud(environment: &dyn Fn(&str) -> Option<String>) -> Option<Value> {
    const AUTH: [&str; 19] = [
        "auth_url",
        "username",
        "user_id",
        "password",
        "token",
        "project_name",
        "project_id",
        "tenant_name",
        "tenant_id",
        "user_domain_name",
        "user_domain_id",
        "project_domain_name",
        "project_domain_id",
        "default_domain",
        "default_domain_id",
        "default_domain_name",
        "application_credential_id",
        "application_credential_name",
        "application_credential_secret",
    ];
    const OTHER: [&str; 7] = ["auth_type", "region_name", "interface", "endpoint_type", "cacert", "cert", "key"];
    let variable = |key: &str| environment(&format!("OS_{}", key.to_ascii_uppercase()));
    variable("auth_url")?;
    let mapping = |keys: &[&str]| {
        let found = keys.iter().filter_map(|key| Some((Value::from(*key), Value::from(variable(key)?))));
        found.collect::<serde_yaml::Mapping>()
    };
    let mut cloud = mapping(&OTHER);
    cloud.insert("auth".into(), Value::Mapping(mapping(&AUTH)));
    if let Some(insecure) = variable("insecure") {
        cloud.insert("insecure".into(), insecure.into());
    }
    Some(Value::Mapping(cloud))
}

fn cloud(name: &str, entry: &Node) -> Result<Cloud, CloudError> {
    let auth = match entry.find("auth") {
        Some(auth) => auth.mapping()?,
        None => entry.clone(),
    };
    // The client also takes what belongs under `auth` from the entry itself.
    let text = |key: &str| Ok::<_, CloudError>(auth.text(key)?.or(entry.text(key)?));
    let missing = |key: &str, help: &str| CloudError::Missing {
        file: entry.file.to_owned(),
        place: format!("{}.{key}", auth.place),
        help: help.to_owned(),
    };
    let unusable = |key: &str, value: String, help: &str| CloudError::Unusable {
        file: entry.file.to_owned(),
        place: format!("{}.{key}", entry.place),
        value,
        help: help.to_owned(),
    };

    let mut overrides = overrides(entry)?;
    let standalone = matches!(entry.text("auth_type")?.as_deref(), Some("none" | "http_basic"));
    let (key, auth_url) = if standalone {
        let endpoint = text("endpoint")?.or_else(|| overrides.get(BARE_METAL).cloned());
        ("auth.endpoint", endpoint.ok_or_else(|| missing("endpoint", ": the address of the service"))?)
    } else {
        let help = ": the address of the identity service";
        ("auth.auth_url", text("auth_url")?.ok_or_else(|| missing("auth_url", help))?)
    };
    match url::Url::parse(&auth_url) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {}
        _ => return Err(unusable(key, format!("`{auth_url}`"), "write an http or https address")),
    }
    if standalone {
        // The one service that is run without an identity service.
        overrides.entry(BARE_METAL.to_owned()).or_insert_with(|| auth_url.clone());
    }
    if text("trust_id")?.is_some() {
        let help = "trusts are not supported; a plain member of a project is what tests need";
        return Err(unusable("auth.trust_id", "set".into(), help));
    }
    let system = match text("system_scope")?.as_deref() {
        None => false,
        Some("all") => true,
        Some(other) => return Err(unusable("auth.system_scope", format!("`{other}`"), "the only one is `all`")),
    };

    let default_domain = match (text("default_domain_id")?.or(text("default_domain")?), text("default_domain_name")?) {
        (None, Some(name)) => Domain::Name(name),
        (id, _) => Domain::Id(id.unwrap_or_else(|| "default".to_owned())),
    };
    let domain = |prefix: &str| {
        let name = match text(&format!("{prefix}_domain_name"))? {
            Some(name) => Some(name),
            None => text("domain_name")?,
        };
        let id = match text(&format!("{prefix}_domain_id"))? {
            Some(id) => Some(id),
            None => text("domain_id")?,
        };
        Ok::<_, CloudError>(match (id, name) {
            (Some(id), _) => Domain::Id(id),
            (None, Some(name)) => Domain::Name(name),
            (None, None) => default_domain.clone(),
        })
    };
    let user = match (text("user_id")?, text("username")?.or(text("user_name")?)) {
        (Some(id), _) => Some(Principal::Id(id)),
        (None, Some(name)) => Some(Principal::Name { name, domain: domain("user")? }),
        (None, None) => None,
    };
    let project = match (text("project_id")?.or(text("tenant_id")?), text("project_name")?.or(text("tenant_name")?)) {
        (Some(id), _) => Some(Principal::Id(id)),
        (None, Some(name)) => Some(Principal::Name { name, domain: domain("project")? }),
        (None, None) => None,
    };

    let credentials = credentials(entry, user, &text, &missing)?;

    let interface = entry.text("interface")?.or(entry.text("endpoint_type")?).unwrap_or_else(|| "public".into());
    let interface = interface.strip_suffix("URL").unwrap_or(&interface).to_owned();
    if !matches!(interface.as_str(), "public" | "internal" | "admin") {
        return Err(unusable("interface", format!("`{interface}`"), "write public, internal or admin"));
    }
    Ok(Cloud {
        name: name.to_owned(),
        auth_url,
        credentials,
        scope: match project {
            _ if system => Scope::System,
            Some(project) => Scope::Project(project),
            None => Scope::Unscoped,
        },
        interface,
        region: entry.text("region_name")?.or(first_region(entry)?),
        tls: tls(entry)?,
        silence: silence(entry)?,
        overrides,
    })
}

/// Who logs in, and how: as `auth_type` says, or as what is given suggests.
fn credentials(
    entry: &Node,
    user: Option<Principal>,
    text: &dyn Fn(&str) -> Result<Option<String>, CloudError>,
    missing: &dyn Fn(&str, &str) -> CloudError,
) -> Result<Credentials, CloudError> {
    let application = text("application_credential_secret")?;
    let method = match entry.text("auth_type")? {
        Some(method) => method,
        None if application.is_some() => "v3applicationcredential".into(),
        None if text("token")?.is_some() && text("password")?.is_none() => "token".into(),
        None => "password".into(),
    };
    Ok(match method.as_str() {
        "password" | "v3password" => Credentials::Password {
            user: user.ok_or_else(|| missing("username", " (or `user_id`)"))?,
            password: text("password")?
                .ok_or_else(|| missing("password", ": in clouds.yaml or, better, in secure.yaml"))?,
        },
        "v3applicationcredential" => {
            let (id, name) = (text("application_credential_id")?, text("application_credential_name")?);
            if id.is_none() && (name.is_none() || user.is_none()) {
                return Err(missing("application_credential_id", " (or `application_credential_name` with a user)"));
            }
            let secret = application.ok_or_else(|| missing("application_credential_secret", ""))?;
            Credentials::ApplicationCredential { id, name, user, secret }
        }
        "token" | "v3token" => Credentials::Token(text("token")?.ok_or_else(|| missing("token", ""))?),
        "http_basic" => Credentials::HttpBasic {
            username: text("username")?.ok_or_else(|| missing("username", ""))?,
            password: text("password")?
                .ok_or_else(|| missing("password", ": in clouds.yaml or, better, in secure.yaml"))?,
        },
        "none" => Credentials::Nobody,
        other => {
            let help = "password, v3applicationcredential, token, http_basic and none can be used";
            return Err(CloudError::Unusable {
                file: entry.file.to_owned(),
                place: format!("{}.auth_type", entry.place),
                value: format!("`{other}`"),
                help: help.to_owned(),
            });
        }
    })
}

/// The first of `regions`, whose entries are names or mappings with a name.
fn first_region(entry: &Node) -> Result<Option<String>, CloudError> {
    let Some(regions) = entry.find("regions") else { return Ok(None) };
    let Some(first) = regions.value.as_sequence().and_then(|regions| regions.first()) else { return Ok(None) };
    if first.is_mapping() {
        Node::new(first, entry.file, &format!("{}.regions.0", entry.place)).text("name")
    } else {
        Ok(first.as_str().map(str::to_owned))
    }
}

fn tls(entry: &Node) -> Result<Tls, CloudError> {
    let path = |key: &str| Ok::<_, CloudError>(entry.text(key)?.map(|path| expand(&path)));
    Ok(Tls {
        ca: path("cacert")?,
        authority: None,
        certificate: path("cert")?,
        key: path("key")?,
        insecure: entry.truth("insecure")?.unwrap_or(false) || !entry.truth("verify")?.unwrap_or(true),
    })
}

/// `api_timeout`, in seconds.
fn silence(entry: &Node) -> Result<Option<Duration>, CloudError> {
    let Some(text) = entry.text("api_timeout")? else { return Ok(None) };
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > 0.0);
    let silence = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    silence.map(Some).ok_or_else(|| CloudError::Unusable {
        file: entry.file.to_owned(),
        place: format!("{}.api_timeout", entry.place),
        value: format!("`{text}`"),
        help: "write a number of seconds above 0".into(),
    })
}

/// A path whose `~` is the home folder, as the client expands it.
fn expand(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(path),
    }
}

/// `image_endpoint_override` and the like, by service type (`object-store`).
fn overrides(entry: &Node) -> Result<IndexMap<String, String>, CloudError> {
    let mut overrides = IndexMap::new();
    for (key, _) in entry.value.as_mapping().into_iter().flatten() {
        let Some(key) = key.as_str() else { continue };
        if let Some(service) = key.strip_suffix("_endpoint_override")
            && let Some(url) = entry.text(key)?
        {
            overrides.insert(service.replace('_', "-"), url);
        }
    }
    Ok(overrides)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clouds(text: &str, secure: Option<&str>) -> Clouds {
        let folder = tempfile::tempdir().unwrap();
        let (file, secret) = (folder.path().join("clouds.yaml"), folder.path().join("secure.yaml"));
        std::fs::write(&file, text).unwrap();
        if let Some(secure) = secure {
            std::fs::write(&secret, secure).unwrap();
        }
        let environment = |name: &str| match name {
            "OS_CLIENT_CONFIG_FILE" => Some(file.display().to_string()),
            "OS_CLIENT_SECURE_FILE" => secure.map(|_| secret.display().to_string()),
            _ => None,
        };
        Clouds::from_environment(&environment).unwrap()
    }

    #[test]
    fn secure_yaml_is_laid_over_clouds_yaml() {
        let clouds = clouds(
            "clouds:\n  a:\n    auth: {auth_url: 'http://h/v3', username: u, project_name: p}\n    verify: false\n",
            Some("clouds:\n  a:\n    auth: {password: 1234}\n"),
        );
        let cloud = clouds.get("a").unwrap();
        assert_eq!(cloud.credentials.secrets(), ["1234"]);
        assert!(cloud.tls.insecure);
        assert_eq!((cloud.interface.as_str(), cloud.region), ("public", None));
    }

    #[test]
    fn a_wrong_type_is_named_with_its_place_and_without_its_value() {
        let clouds = clouds("clouds:\n  a:\n    auth: {auth_url: 'http://h', username: u, password: [hush]}\n", None);
        let error = clouds.get("a").unwrap_err().to_string();
        assert!(error.ends_with("`clouds.a.auth.password` must be a string, but it is a list"), "{error}");
        assert!(!error.contains("hush"), "{error}");
    }

    #[test]
    fn a_service_that_stands_alone_needs_no_identity_service() {
        let clouds = clouds(
            "clouds:\n  a: {auth_type: http_basic, auth: {endpoint: 'http://h:6385', username: u}}\n  b: {auth_type: none, \
             baremetal_endpoint_override: 'http://h:1'}\n  c: {auth_type: none}\n",
            Some("clouds:\n  a:\n    auth: {password: hush}\n"),
        );
        let cloud = clouds.get("a").unwrap();
        assert_eq!((cloud.credentials.method(), cloud.credentials.secrets()), ("HTTP Basic", vec!["hush"]));
        assert_eq!(cloud.overrides["baremetal"], "http://h:6385");
        assert_eq!(clouds.get("b").unwrap().auth_url, "http://h:1");
        let error = clouds.get("c").unwrap_err().to_string();
        assert!(error.ends_with("`clouds.c.endpoint` is missing: the address of the service"), "{error}");
    }

    #[test]
    fn an_unknown_cloud_is_answered_with_those_there_are() {
        let error = clouds("clouds: {one: {}, two: {}}", None).get("three").unwrap_err().to_string();
        assert!(error.contains("`three`") && error.ends_with("has one, two"), "{error}");
    }

    #[test]
    fn os_variables_describe_a_cloud_of_their_own() {
        let environment = |name: &str| {
            Some(
                match name {
                    "OS_AUTH_URL" => "http://h:5000",
                    "OS_APPLICATION_CREDENTIAL_ID" => "id",
                    "OS_APPLICATION_CREDENTIAL_SECRET" => "hush",
                    "OS_ENDPOINT_TYPE" => "internalURL",
                    "HOME" => "/nowhere",
                    _ => return None,
                }
                .to_owned(),
            )
        };
        let clouds = Clouds::from_environment(&environment).unwrap();
        assert_eq!(clouds.chosen().as_deref(), Some("envvars"));
        let cloud = clouds.get("envvars").unwrap();
        assert_eq!(cloud.interface, "internal");
        assert!(matches!(cloud.credentials, Credentials::ApplicationCredential { id: Some(_), .. }));
        assert_eq!(cloud.scope, Scope::Unscoped);
    }
}
