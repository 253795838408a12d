//! `clouds.yaml`, `secure.yaml` and `OS_*`, read where and as the OpenStack client reads them.
//!
//! <https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html>

use std::path::{Path, PathBuf};

use assay_text::excerpt as visible;
use serde_yaml::Value;

use super::cloud::{Cloud, Source};
use super::cloud_error::CloudError;
use super::entry;
use super::regions;
use super::yaml::{HERE, Node, folders, lay_over, normalized, parse, read, run_above};
use crate::need::Service;

/// The public clouds that openstacksdk knows by name.
const PROFILES: &str = include_str!("profiles.yaml");

/// The name of the cloud that `OS_*` describe, as the OpenStack client calls it.
const ENVIRONMENT: &str = "envvars";

/// The variables that name the files.
const FILE: &str = "OS_CLIENT_CONFIG_FILE";
const SECURE: &str = "OS_CLIENT_SECURE_FILE";
const VENDOR: &str = "OS_CLIENT_VENDOR_FILE";

/// The clouds that the user has, from files and the environment.
#[derive(Debug)]
pub struct Clouds {
    file: PathBuf,
    value: Value,
    vendors: Value,
    chosen: Option<String>,
    /// The name of the cloud that `OS_*` describe, where they do.
    environment: Option<String>,
    searched: Vec<PathBuf>,
    region: Option<String>,
    sources: Vec<Source>,
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
        Ok(Self {
            file,
            value,
            vendors: empty(),
            chosen: None,
            environment: None,
            searched,
            region: None,
            sources: Vec::new(),
        })
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
        let here = std::env::current_dir().unwrap_or_default();
        let run = run_above(&here);
        let mut sources = Vec::new();
        let mut first =
            |variable: &'static str, candidates: &[PathBuf]| -> Result<Option<(PathBuf, Value)>, CloudError> {
                for file in candidates {
                    let is_here = environment(variable).is_none() && file.parent() == Some(Path::new(HERE));
                    if let Some(run) = run.filter(|_| is_here)
                        && file.symlink_metadata().is_ok()
                    {
                        return Err(CloudError::OfRun { file: file.clone(), run: run.to_owned(), variable });
                    }
                    if let Some(value) = read(file)? {
                        sources.push(Source { file: file.clone(), variable, is_here });
                        return Ok(Some((file.clone(), value)));
                    }
                }
                Ok(None)
            };
        let searched = candidates(FILE, "clouds");
        let found = first(FILE, &searched)?;
        if found.is_none() && environment(FILE).is_some() {
            let reason = "there is no such file, although OS_CLIENT_CONFIG_FILE names it".into();
            return Err(CloudError::Unreadable { file: searched[0].clone(), reason });
        }
        for variable in [SECURE, VENDOR] {
            let Some(file) = environment(variable).map(PathBuf::from) else { continue };
            if file.metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
                let reason = format!("there is no such file, although {variable} names it");
                return Err(CloudError::Unreadable { file, reason });
            }
        }
        let (file, mut value) = found.unwrap_or_else(|| (searched[0].clone(), empty()));
        if let Some((secure, over)) = first(SECURE, &candidates(SECURE, "secure"))? {
            Node::new(&over, &secure, "").mapping()?;
            lay_over(&mut value, &over);
        }
        let vendors = first(VENDOR, &candidates(VENDOR, "clouds-public"))?.map_or_else(empty, |(_, value)| value);
        let described = environment_cloud(environment);
        let named = environment("OS_CLOUD_NAME").unwrap_or_else(|| ENVIRONMENT.to_owned());
        let is_described = described.is_some();
        Node::new(&value, &file, "").mapping()?;
        if is_described && value.get("clouds").is_some_and(|clouds| clouds.get(&named).is_some()) {
            return Err(CloudError::Unusable {
                file: file.clone(),
                place: format!("clouds.{named}"),
                value: "the name of the cloud that OS_* describe as well".into(),
                help: "rename one of them: OS_CLOUD_NAME names the one of the environment".into(),
            });
        }
        if let Some(described) = described {
            let mut clouds = serde_yaml::Mapping::new();
            clouds.insert(named.as_str().into(), described);
            let mut over = serde_yaml::Mapping::new();
            over.insert("clouds".into(), Value::Mapping(clouds));
            lay_over(&mut value, &Value::Mapping(over));
        }
        Ok(Self {
            file,
            value,
            vendors,
            chosen: environment("OS_CLOUD"),
            environment: is_described.then_some(named),
            searched,
            region: environment("OS_REGION_NAME"),
            sources,
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
        self.chosen.clone().or_else(|| self.environment.clone())
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
        let own = normalized(entry.value);
        let (mut value, note) = self.profile(&Node { value: &own, ..entry.clone() })?;
        lay_over(&mut value, &own);
        regions::settle(&mut value, &own, entry.file, &entry.place, self.region.as_deref())?;
        let mut cloud = entry::cloud(name, &Node { value: &value, ..entry })?;
        cloud.notes.extend(note);
        cloud.sources.clone_from(&self.sources);
        Ok(cloud)
    }
}

impl Clouds {
    /// What the profile of an entry says, and what is worth knowing of it. A profile that nobody knows says nothing, as the client
    /// takes it.
    fn profile(&self, entry: &Node) -> Result<(Value, Option<String>), CloudError> {
        let Some(profile) = entry.text("profile")?.or(entry.text("cloud")?) else { return Ok((empty(), None)) };
        if self.environment.as_ref() == Some(&profile) {
            return Ok((empty(), None));
        }
        let find = |vendors: &Value| Some(normalized(vendors.get("public-clouds")?.get(profile.as_str())?));
        if let Some(found) = find(&self.vendors) {
            return Ok((found, None));
        }
        let about =
            |what: &str| Some(format!("the profile `{}` of `{}` {what}", visible(&profile), visible(&entry.place)));
        let known = serde_yaml::from_str(PROFILES).ok().and_then(|vendors: Value| find(&vendors));
        let Some(found) = known else {
            let what = if is_address(&profile) {
                ASKED
            } else {
                "is not known: what is not written into the entry is not known either"
            };
            return Ok((empty(), about(what)));
        };
        if found.get("profile").and_then(Value::as_str).is_some_and(is_address) {
            return Ok((empty(), about(ASKED)));
        }
        match found.get("status").and_then(Value::as_str) {
            Some("shutdown") if entry.find("auth").is_none_or(|auth| auth.find("auth_url").is_none()) => {
                Err(CloudError::Unusable {
                    file: self.file.clone(),
                    place: format!("{}.profile", entry.place),
                    value: format!("`{profile}`, a cloud that is no more"),
                    help: "write the `auth_url` of another one into the entry".into(),
                })
            }
            Some("shutdown" | "deprecated") => {
                Ok((found, about("is that of a cloud that is no more, or will be no more")))
            }
            _ => Ok((found, None)),
        }
    }
}

/// What is said of a profile that is an address.
const ASKED: &str = "is an address, which is not asked: what is not written into the entry is not known";

fn is_address(profile: &str) -> bool {
    profile.contains("://")
}

fn empty() -> Value {
    Value::Mapping(serde_yaml::Mapping::new())
}

/// What `OS_*` say of a login, and what else of a cloud.
pub(super) const AUTH: [&str; 36] = [
    "auth_url",
    "endpoint",
    "username",
    "user_id",
    "password",
    "passcode",
    "token",
    "auth_token",
    "project_name",
    "project_id",
    "tenant_name",
    "tenant_id",
    "domain_name",
    "domain_id",
    "user_domain_name",
    "user_domain_id",
    "project_domain_name",
    "project_domain_id",
    "default_domain",
    "default_domain_id",
    "default_domain_name",
    "trust_id",
    "system_scope",
    "application_credential_id",
    "application_credential_name",
    "application_credential_secret",
    "identity_provider",
    "protocol",
    "client_id",
    "client_secret",
    "access_token",
    "access_token_endpoint",
    "access_token_type",
    "discovery_endpoint",
    "openid_scope",
    "user_name",
];
pub(super) const OTHER: [&str; 12] = [
    "auth_type",
    "auth_plugin",
    "auth_methods",
    "region_name",
    "interface",
    "endpoint_type",
    "cacert",
    "cert",
    "key",
    "insecure",
    "verify",
    "api_timeout",
];

/// The cloud that `OS_*` describe, when they describe one: with the address of an identity service, or of a service that stands
/// alone.
fn environment_cloud(environment: &dyn Fn(&str) -> Option<String>) -> Option<Value> {
    let variable = |key: &str| environment(&format!("OS_{}", key.to_ascii_uppercase()));
    variable("auth_url").or_else(|| variable("endpoint"))?;
    let mapping = |keys: &mut dyn Iterator<Item = String>| {
        let found = keys.filter_map(|key| Some((Value::from(key.as_str()), Value::from(variable(&key)?))));
        found.collect::<serde_yaml::Mapping>()
    };
    let types = Service::ALL.into_iter().flat_map(Service::types);
    let of_services = types.flat_map(|name| {
        ["interface", "endpoint_type", "region_name", "api_version", "endpoint_override", "endpoint"]
            .map(|what| format!("{}_{what}", name.replace('-', "_")))
    });
    let mut cloud = mapping(&mut OTHER.iter().map(|key| (*key).to_owned()).chain(of_services));
    let auth = mapping(&mut AUTH.iter().map(|key| (*key).to_owned()));
    cloud.insert("auth".into(), Value::Mapping(auth));
    Some(Value::Mapping(cloud))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::cloud::Scope;
    use crate::session::credentials::Credentials;

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
