//! Looks for services, and at which versions and features they have.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::{Deployment, NOTHING};
use crate::found::Found;
use crate::guard::Permit;
use crate::http::address::join;
use crate::http::busy::is_still_busy;
use crate::http::redirect::{HOPS, leads_to};
use crate::http::{RawRequest, RawResponse, TransportError};
use crate::need::Service;
use crate::recorder::TestLog;
use crate::session::catalog::list;
use crate::session::versions::versions_in;
use crate::session::{Cloud, Role};

/// How long a service may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(15);
/// The longest name of a version, in bytes. A longer one is invalid.
const LONGEST: usize = 64;

impl Deployment {
    pub(super) async fn look(&self, service: Service, log: &Arc<TestLog>) -> Found {
        let Some(session) = self.sessions.get(&Role::Member) else {
            return Found::Absent(format!("the deployment file names no {service} service"));
        };
        let cloud = session.cloud();
        let Ok(login) = session.login(log).await else { return NOTHING.clone() };
        if let Some(reason) = other_version(cloud, service) {
            return Found::Absent(reason);
        }
        let url = match cloud.named(service) {
            Some(url) => login.project_id.iter().fold(url.clone(), |url, project| {
                ["%(project_id)s", "%(tenant_id)s", "$(project_id)s", "$(tenant_id)s"]
                    .iter()
                    .fold(url, |url, place| url.replace(place, project))
            }),
            // The address that gave the token is the one that is known to work.
            None if cloud.credentials.standalone() => {
                return Found::Absent(format!("`{}` is a bare-metal service alone, without {service}", cloud.name));
            }
            None if service == Service::Identity => login.identity.clone(),
            None => match cloud.endpoint(&login.catalog, service) {
                Ok(endpoint) => endpoint.url.clone(),
                Err(reason) => return Found::Absent(reason),
            },
        };
        if let Err(reason) = session.audience().admits(&url) {
            return Found::Unreachable(format!("{service}: {reason}"));
        }
        match service.version() {
            None => self.look_at_store(&url, log).await,
            Some(version) => self.look_at_versions(service, &url, version, log).await,
        }
    }

    /// Requests go below the address that the catalog has; what a service tells of its versions is a hint. The address itself is
    /// asked first, and the service's root last: a front end may keep either from clients.
    async fn look_at_versions(&self, service: Service, url: &str, version: &str, log: &Arc<TestLog>) -> Found {
        let base = url.trim_end_matches('/');
        let (root, named) = versioned(base);
        let own = named.is_some_and(|named| is_version(named, version));
        let (mut answered, mut others, mut failure) = (None, Vec::new(), None);
        for address in places(base, root, named, version) {
            let answer = match self.ask_for_versions(&address, log).await {
                Ok(answer) => answer,
                Err(error) => {
                    failure.get_or_insert(format!("{service}: {error}"));
                    // It is the same server.
                    break;
                }
            };
            if is_still_busy(answer.status, &answer.headers, &answer.body) {
                failure.get_or_insert(format!(
                    "{service}: {address} still answered {} when it was asked again: the service is busy",
                    answer.status
                ));
                answered = None;
                break;
            }
            if answer.status >= 500 {
                failure.get_or_insert(format!("{service}: {address} answered {}", answer.status));
                continue;
            }
            answered.get_or_insert(format!("{address} answered {}", answer.status));
            let entries = versions_in(&answer.body);
            let ids: Vec<&str> =
                entries.iter().filter_map(|entry| entry["id"].as_str()).filter(|id| id.len() <= LONGEST).collect();
            // A version without a part behind a dot stands for all that have one.
            let fits = |id: &&&str| is_version(id, version) || id.split('.').next() == Some(version);
            let Some(newest) = ids.iter().filter(fits).max_by_key(|id| minor(id)) else {
                if others.is_empty() {
                    others = ids.iter().map(|id| (*id).to_owned()).collect();
                }
                continue;
            };
            let microversions =
                entries.iter().find(|entry| entry["id"].as_str().is_some_and(|id| is_version(id, version)));
            let microversions = microversions.and_then(|entry| {
                // Both are empty where the version has none.
                let most = entry["version"].as_str().or_else(|| entry["max_version"].as_str())?;
                let least = entry["min_version"].as_str()?;
                let are_sound = !most.is_empty() && most.len() <= LONGEST && least.len() <= LONGEST;
                are_sound.then(|| (least.to_owned(), most.to_owned()))
            });
            return Found::Ready {
                api: if own { base.to_owned() } else { join(root, version) },
                root: root.to_owned(),
                version: microversions.as_ref().map_or_else(|| (*newest).to_owned(), |(_, most)| format!("v{most}")),
                microversions,
            };
        }
        match answered {
            // The catalog has said that this version is there: a service may keep its list of versions from clients.
            Some(_) if own => Found::Ready {
                api: base.to_owned(),
                root: root.to_owned(),
                version: String::new(),
                microversions: None,
            },
            Some(_) if !others.is_empty() => {
                let others: Vec<&str> = others.iter().map(String::as_str).collect();
                Found::Absent(format!("the {service} service offers no {version}; it offers {}", list(&others)))
            }
            // The catalog names no version, and the root may belong to something else: the usual version is tried.
            Some(_) if named.is_none() && self.answers_at(service, &join(root, version), log).await => Found::Ready {
                api: join(root, version),
                root: root.to_owned(),
                version: String::new(),
                microversions: None,
            },
            Some(answered) => Found::Unreachable(format!("{service}: {answered} without a list of versions")),
            None => Found::Unreachable(failure.unwrap_or_else(|| format!("{service}: {base} cannot be asked"))),
        }
    }

    /// Asks an address for the versions that are there: without a token, as every service should answer, and with one where it
    /// is asked for.
    async fn ask_for_versions(&self, url: &str, log: &Arc<TestLog>) -> Result<RawResponse, TransportError> {
        let answer = self.ask("GET", url, false, log).await?;
        if matches!(answer.status, 401 | 403) { self.ask("GET", url, true, log).await } else { Ok(answer) }
    }

    /// Whether a service lists what it has below this address.
    async fn answers_at(&self, service: Service, api: &str, log: &Arc<TestLog>) -> bool {
        let (path, key) = match service {
            Service::Identity => ("auth/projects", "projects"),
            Service::Image => ("images", "images"),
            Service::Compute => ("flavors", "flavors"),
            Service::Network => ("networks", "networks"),
            Service::BlockStorage => ("types", "volume_types"),
            Service::KeyManager => ("secrets", "secrets"),
            Service::BareMetal => ("nodes", "nodes"),
            Service::ObjectStorage | Service::Redfish => return false,
        };
        let Ok(answer) = self.ask("GET", &join(api, path), true, log).await else { return false };
        let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        answer.status == 200 && json[key].is_array()
    }

    async fn look_at_store(&self, url: &str, log: &Arc<TestLog>) -> Found {
        let root = match url.rfind("/v1") {
            Some(at) => url[..at].to_owned(),
            None => url.trim_end_matches('/').to_owned(),
        };
        match self.ask("HEAD", url.trim_end_matches('/'), true, log).await {
            Ok(answer) if !is_store(&answer) => Found::Unreachable(format!(
                "object-store: {url} is no Object Storage v1: it answered {} without {COUNT}",
                answer.status
            )),
            Ok(_) => Found::Ready {
                root,
                api: url.trim_end_matches('/').to_owned(),
                version: String::new(),
                microversions: None,
            },
            Err(error) => Found::Unreachable(format!("object-store: {error}")),
        }
    }

    pub(super) async fn look_for_features(&self, log: &Arc<TestLog>) -> Option<Value> {
        let Found::Ready { root, .. } = self.service(Service::ObjectStorage) else { return None };
        let answer = self.ask("GET", &join(root, "info"), false, log).await.ok()?;
        let features: Value = serde_json::from_slice(&answer.body).ok()?;
        (answer.status == 200 && features.is_object()).then_some(features)
    }

    pub(super) async fn look_for_extensions(&self, log: &Arc<TestLog>) -> Option<BTreeSet<String>> {
        let client = self.client(Role::Member, Service::Network, log).ok()?;
        let answer = client.get("extensions").send().await.ok()?;
        let json: Value = serde_json::from_slice(answer.bytes()).ok()?;
        let aliases = json["extensions"].as_array()?.iter();
        Some(aliases.filter_map(|extension| Some(extension["alias"].as_str()?.to_owned())).collect())
    }

    /// The object-storage account of each account given.
    pub(super) async fn stores(&self) -> HashMap<Role, Result<String, String>> {
        let mut stores = HashMap::new();
        for (role, session) in &self.sessions {
            let cloud = session.cloud();
            let Some(login) = session.known_login().await else { continue };
            let found = cloud.endpoint(&login.catalog, Service::ObjectStorage);
            let url = cloud.named(Service::ObjectStorage).cloned().or_else(|| Some(found.ok()?.url.clone()));
            let usable = |url: String| match session.audience().admits(&url) {
                Ok(()) => Ok(url.trim_end_matches('/').to_owned()),
                Err(reason) => Err(format!("object-store of the {role} account: {reason}")),
            };
            stores.extend(url.map(|url| (*role, usable(url))));
        }
        stores
    }

    async fn ask(
        &self,
        method: &str,
        url: &str,
        authenticated: bool,
        log: &Arc<TestLog>,
    ) -> Result<RawResponse, TransportError> {
        self.ask_as(Role::Member, method, url, authenticated, log).await
    }

    /// A first look at a service: an answer is not awaited for long.
    pub(super) async fn ask_as(
        &self,
        role: Role,
        method: &str,
        url: &str,
        authenticated: bool,
        log: &Arc<TestLog>,
    ) -> Result<RawResponse, TransportError> {
        let Some(session) = self.sessions.get(&role) else {
            return Err(TransportError::Setup(format!("there is no {role} account")));
        };
        let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        session.permits(url)?;
        if authenticated && let Ok(Some((name, value))) = session.proof_header(url, log).await {
            headers.push((name.to_owned(), value));
        }
        let mut request = RawRequest {
            method: method.into(),
            url: url.into(),
            headers,
            body: Bytes::new(),
            account: authenticated.then_some(role),
            permit: Permit::harmless(method, url)
                .ok_or_else(|| TransportError::Setup(format!("a defect of Assay: {method} is no first look")))?,
        };
        let transport = session.transport().impatient(PATIENCE);
        for _ in 0..HOPS {
            let answer = transport.send(log, &request).await?;
            let to = leads_to(method, answer.status, &answer.headers, &request.url);
            match to {
                Some(to) => request.url = to,
                None => return Ok(answer),
            }
        }
        transport.send(log, &request).await
    }
}

/// Why a service is as good as absent for a user who wants another version of its API than the tests speak.
fn other_version(cloud: &Cloud, service: Service) -> Option<String> {
    let wanted = cloud.settings(service)?.version.as_deref()?;
    let spoken = service.version().unwrap_or("v1");
    let major = |version: &str| version.trim_start_matches('v').split('.').next().unwrap_or_default().to_owned();
    (major(wanted) != major(spoken)).then(|| {
        format!("`{}` asks for version {wanted} of the {service} service, and tests speak {spoken}", cloud.name)
    })
}

/// A header of every account (Object Storage v1, "Show account metadata").
const COUNT: &str = "X-Account-Container-Count";

/// Whether an object-storage service answers so when it is asked for an account.
///
/// An account that is not there yet, or may not be seen, is one of its answers as well.
fn is_store(answer: &RawResponse) -> bool {
    match answer.status {
        200..300 => answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(COUNT)),
        status => (400..500).contains(&status),
    }
}

/// An address without the version in it and what follows (`/v2`, `/v2.1`, `/v3/<project>`), and that version.
fn versioned(url: &str) -> (&str, Option<&str>) {
    let is_version = |segment: &str| {
        segment
            .strip_prefix('v')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
    };
    let mut at = url.len();
    while let Some(slash) = url[..at].rfind('/') {
        if is_version(&url[slash + 1..at]) {
            return (&url[..slash], Some(&url[slash + 1..at]));
        }
        at = slash;
    }
    (url, None)
}

/// Where a service may tell of its versions, the likeliest first: its address in the catalog, the same without what follows
/// the version there, and the root. One whose address names no version may have none at its root either.
fn places(base: &str, root: &str, named: Option<&str>, version: &str) -> Vec<String> {
    let below = |version: &str| format!("{}/", join(root, version));
    let root = || format!("{root}/");
    match named {
        Some(named) if base.ends_with(&format!("/{named}")) => vec![below(named), root()],
        Some(named) => vec![format!("{base}/"), below(named), root()],
        None => vec![root(), below(version)],
    }
}

/// Whether a service calls this version so: `v3.0` is `v3`.
fn is_version(id: &str, version: &str) -> bool {
    id == version || id.strip_suffix(".0").is_some_and(|id| id == version)
}

/// The number after the dot of a version such as `v2.16`.
fn minor(id: &str) -> u32 {
    id.split_once('.').and_then(|(_, minor)| minor.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_in_an_endpoint_is_told_from_what_is_before_it() {
        assert_eq!(versioned("http://h:9292"), ("http://h:9292", None));
        assert_eq!(versioned("http://h/image/v2"), ("http://h/image", Some("v2")));
        assert_eq!(versioned("http://h/v3/0123abcd"), ("http://h", Some("v3")));
        assert_eq!(versioned("http://vault/identity"), ("http://vault/identity", None));
    }

    #[test]
    fn the_address_in_the_catalog_is_asked_before_the_root() {
        let asked = |base: &str, version: &str| {
            let (root, named) = versioned(base);
            places(base, root, named, version)
        };
        assert_eq!(asked("http://h/compute/v2.1", "v2.1"), ["http://h/compute/v2.1/", "http://h/compute/"]);
        assert_eq!(asked("http://h/v3/0123", "v3"), ["http://h/v3/0123/", "http://h/v3/", "http://h/"]);
        assert_eq!(asked("http://h:9696", "v2.0"), ["http://h:9696/", "http://h:9696/v2.0/"]);
    }
}
