//! Reads an entry of `clouds.yaml`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use indexmap::IndexMap;

use super::address::{endpoint, shown};
use super::cloud::{Cloud, Scope};
use super::cloud_error::CloudError;
use super::credentials::Credentials;
use super::principal::{Domain, Principal};
use super::yaml::Node;
use crate::http::Tls;

/// The type of the service that an entry without an identity service is for.
const BARE_METAL: &str = "baremetal";

pub(super) fn cloud(name: &str, entry: &Node) -> Result<Cloud, CloudError> {
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
    address(entry.file, &format!("{}.{key}", entry.place), &auth_url)?;
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
        sources: Vec::new(),
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

/// Refuses what is no plain address of a service, without showing what may be secret in it.
fn address(file: &Path, place: &str, address: &str) -> Result<(), CloudError> {
    let Err(reason) = endpoint(address) else { return Ok(()) };
    let (value, help) = match reason.split_once(": ") {
        Some(_) => {
            (format!("an address that cannot be used: {reason}"), "write it with scheme, host, port and path alone")
        }
        None => (format!("`{}`", shown(address)), "write an http or https address"),
    };
    Err(CloudError::Unusable { file: file.to_owned(), place: place.to_owned(), value, help: help.to_owned() })
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
        cleartext: false,
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
            address(entry.file, &format!("{}.{key}", entry.place), &url)?;
            overrides.insert(service.replace('_', "-"), url);
        }
    }
    Ok(overrides)
}
