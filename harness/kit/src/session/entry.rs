//! Reads an entry of `clouds.yaml`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::cloud::{Cloud, Scope};
use super::cloud_error::CloudError;
use super::credentials;
use super::principal::{Domain, Principal};
use super::services;
use super::yaml::{Node, address, method};
use crate::http::{Tls, check_authority};

/// What counts before the same key under `auth` where it stands in the entry itself ("Setting Precedence" of openstacksdk's
/// documentation). Of other keys, the one under `auth` counts.
const OVERRIDING: [&str; 13] = [
    "domain_id",
    "domain_name",
    "user_domain_id",
    "user_domain_name",
    "project_domain_id",
    "project_domain_name",
    "project_id",
    "project_name",
    "tenant_id",
    "tenant_name",
    "token",
    "auth_token",
    "passcode",
];

/// The type of the service that an entry without an identity service is for.
const BARE_METAL: &str = "baremetal";

pub(super) fn cloud(name: &str, entry: &Node) -> Result<Cloud, CloudError> {
    let auth = match entry.find("auth") {
        Some(auth) => auth.mapping()?,
        None => entry.clone(),
    };
    // The client also takes what belongs under `auth` from the entry itself.
    let text = |key: &str| {
        let given = |node: &Node| {
            // What was written is not known any more: to the client, `1e5` is a text, and a long row of digits is one.
            if let Some(number) = node.find(key).filter(|node| node.value.is_f64()) {
                return Err(number.wrong("a string in quotes"));
            }
            Ok(node.text(key)?.filter(|text| !text.is_empty()))
        };
        let (own, within) = (given(entry)?, given(&auth)?);
        Ok::<_, CloudError>(if OVERRIDING.contains(&key) { own.or(within) } else { within.or(own) })
    };
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

    let services::Services { settings, mut overrides } = services::read(entry)?;
    let region = entry.text("region_name")?;
    let regional = |text: String| text.replace("{region_name}", region.as_deref().unwrap_or_default());
    for url in overrides.values_mut() {
        *url = regional(std::mem::take(url));
    }
    let standalone = matches!(method(entry)?.as_deref(), Some("none" | "http_basic"));
    let (key, auth_url) = if standalone {
        let endpoint = text("endpoint")?.or_else(|| overrides.get(BARE_METAL).cloned());
        ("auth.endpoint", endpoint.ok_or_else(|| missing("endpoint", ": the address of the service"))?)
    } else {
        let help = ": the address of the identity service";
        ("auth.auth_url", text("auth_url")?.map(regional).ok_or_else(|| missing("auth_url", help))?)
    };
    address(entry.file, &format!("{}.{key}", entry.place), &auth_url)?;
    if standalone {
        // The one service that is run without an identity service.
        overrides.entry(BARE_METAL.to_owned()).or_insert_with(|| auth_url.clone());
    }
    let system = match text("system_scope")?.as_deref() {
        None => false,
        Some("all") => true,
        Some(other) => return Err(unusable("auth.system_scope", format!("`{other}`"), "the only one is `all`")),
    };

    let (user, project) = principals(&text)?;
    let credentials = credentials::read(entry, user, &text, &missing)?;

    let interface = services::interface(entry, "")?.unwrap_or_else(|| "public".to_owned());
    let scope = scope(project, system, &text).map_err(|value| match value {
        Ok(error) => error,
        Err(value) => CloudError::Unusable {
            file: entry.file.to_owned(),
            place: auth.place.clone(),
            value,
            help: "a token is valid for one of them: leave the other out".into(),
        },
    })?;
    Ok(Cloud {
        name: name.to_owned(),
        auth_url,
        credentials,
        scope,
        interface,
        region,
        tls: tls(entry)?,
        silence: silence(entry)?,
        overrides,
        services: settings,
        notes: Vec::new(),
        sources: Vec::new(),
    })
}

/// Reads a text of an entry by its key.
type Text<'a> = &'a dyn Fn(&str) -> Result<Option<String>, CloudError>;

/// The user and the project that an entry names.
fn principals(text: Text) -> Result<(Option<Principal>, Option<Principal>), CloudError> {
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
    Ok((user, project))
}

/// What a token is to be valid for; the two things, in words, where an entry names more than one.
fn scope(project: Option<Principal>, system: bool, text: Text) -> Result<Scope, Result<CloudError, String>> {
    let text = |key: &str| text(key).map_err(Ok);
    // With a project, it is that of the user and of the project.
    let own_domain = match (text("domain_id")?, text("domain_name")?) {
        _ if project.is_some() => None,
        (Some(id), _) => Some(Domain::Id(id)),
        (None, name) => name.map(Domain::Name),
    };
    let scopes = [
        project.map(|project| ("a project", Scope::Project(project))),
        own_domain.map(|domain| ("a domain", Scope::Domain(domain))),
        text("trust_id")?.map(|trust| ("a trust", Scope::Trust(trust))),
        system.then_some(("system_scope", Scope::System)),
    ];
    let mut scopes = scopes.into_iter().flatten();
    let scope = scopes.next();
    if let (Some((one, _)), Some((other, _))) = (&scope, scopes.next()) {
        return Err(Err(format!("for {one} and for {other}")));
    }
    Ok(scope.map_or(Scope::Unscoped, |(_, scope)| scope))
}

fn tls(entry: &Node) -> Result<Tls, CloudError> {
    // A template that had nothing to fill in leaves an empty text.
    let given = |key: &str| Ok::<_, CloudError>(entry.text(key)?.filter(|text| !text.trim().is_empty()));
    let path = |key: &str| Ok::<_, CloudError>(given(key)?.map(|path| expand(&path)));
    // Other clients of the file take the certificates themselves as well.
    let authority = given("cacert")?.filter(|text| text.contains("-----BEGIN"));
    if let Some(Err(reason)) = authority.as_deref().map(check_authority) {
        return Err(CloudError::Unusable {
            file: entry.file.to_owned(),
            place: format!("{}.cacert", entry.place),
            value: format!("a text that is no certificate ({reason})"),
            help: "write the path of a file, or the certificates themselves in PEM form".into(),
        });
    }
    // In the place of a truth value, `verify` may be a file of certificates.
    let verify = given("verify").ok().flatten().filter(|text| text.contains('/'));
    let verified = verify.is_some() || entry.truth("verify")?.unwrap_or(true);
    Ok(Tls {
        ca: if authority.is_some() { None } else { path("cacert")?.or(verify.as_deref().map(expand)) },
        authority,
        certificate: path("cert")?,
        key: path("key")?,
        cleartext: false,
        insecure: entry.truth("insecure")?.unwrap_or(false) || !verified,
    })
}

/// `api_timeout`, in seconds; 0 stands for none. A timeout that is said of one service holds for all, as in the client.
fn silence(entry: &Node) -> Result<Option<Duration>, CloudError> {
    let keys = entry.value.as_mapping().into_iter().flatten().filter_map(|(key, _)| key.as_str());
    let of_service = keys.filter(|key| key.ends_with("timeout") && !matches!(*key, "timeout" | "api_timeout")).last();
    let key = of_service.unwrap_or("api_timeout");
    let Some(text) = entry.text(key)? else { return Ok(None) };
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds >= 0.0);
    let silence = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let silence = silence.ok_or_else(|| CloudError::Unusable {
        file: entry.file.to_owned(),
        place: format!("{}.{key}", entry.place),
        value: format!("`{text}`"),
        help: "write a number of seconds".into(),
    })?;
    Ok(Some(silence).filter(|silence| !silence.is_zero()))
}

/// A path whose `~` is the home folder, as the client expands it.
fn expand(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(path),
    }
}
