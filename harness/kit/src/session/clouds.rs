//! `clouds.yaml`, `secure.yaml` and `OS_*`, read where and as the OpenStack client reads them.
//!
//! <https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html>

use std::path::{Path, PathBuf};

use assay_text::excerpt as visible;
use serde_yaml::Value;

use super::cloud::{Cloud, Source};
use super::cloud_error::CloudError;
use super::entry;
use super::yaml::{HERE, Node, folders, merge, parse, read, run_above};

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
    environment: bool,
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
            environment: false,
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
        let (file, mut value) = found.unwrap_or_else(|| (searched[0].clone(), empty()));
        if let Some((secure, over)) = first(SECURE, &candidates(SECURE, "secure"))? {
            Node::new(&over, &secure, "").mapping()?;
            merge(&mut value, &over);
        }
        let vendors = first(VENDOR, &candidates(VENDOR, "clouds-public"))?.map_or_else(empty, |(_, value)| value);
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
        let mut cloud = entry::cloud(name, &Node { value: &value, ..entry })?;
        if cloud.region.is_none() {
            cloud.region.clone_from(&self.region);
        }
        cloud.sources.clone_from(&self.sources);
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
