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
use crate::http::{RawRequest, RawResponse, TransportError};
use crate::need::Service;
use crate::recorder::TestLog;
use crate::session::Role;
use crate::session::catalog::list;

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
        let overriding = service.types().iter().find_map(|name| cloud.overrides.get(*name));
        let url = match overriding {
            Some(url) => url.clone(),
            // The address that gave the token is the one that is known to work.
            None if cloud.credentials.standalone() => {
                return Found::Absent(format!("`{}` is a bare-metal service alone, without {service}", cloud.name));
            }
            None if service == Service::Identity => cloud.auth_url.clone(),
            None => match login.catalog.find(service, &cloud.interface, cloud.region.as_deref()) {
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

    async fn look_at_versions(&self, service: Service, url: &str, version: &str, log: &Arc<TestLog>) -> Found {
        let root = unversioned(url);
        let answer = match self.ask("GET", &format!("{root}/"), false, log).await {
            Ok(answer) => answer,
            Err(error) => return Found::Unreachable(format!("{service}: {error}")),
        };
        if answer.status >= 500 {
            return Found::Unreachable(format!("{service}: {root}/ answered {}", answer.status));
        }
        let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let single = json.get("version").cloned().into_iter().collect();
        let listed = json["versions"]["values"].as_array().or_else(|| json["versions"].as_array()).cloned();
        let major = version.split('.').next().unwrap_or(version);
        let entries: Vec<Value> = listed.unwrap_or(single);
        let microversions =
            entries.iter().find(|entry| entry["id"] == version || entry["id"] == format!("{version}.0"));
        let microversions = microversions.and_then(|entry| {
            // Both are empty where the version has none.
            let (least, most) = (entry["min_version"].as_str()?, entry["version"].as_str()?);
            let are_sound = !most.is_empty() && most.len() <= LONGEST && least.len() <= LONGEST;
            are_sound.then(|| (least.to_owned(), most.to_owned()))
        });
        let ids: Vec<&str> = entries.iter().filter_map(|entry| entry["id"].as_str()).collect();
        let sound = ids.iter().filter(|id| id.len() <= LONGEST);
        let newest = sound.filter(|id| id.split('.').next() == Some(major)).max_by_key(|id| minor(id));
        // Where the endpoint itself is versioned, the catalog has said that this version is there: a service may keep its
        // list of versions from clients.
        let named = url.trim_end_matches('/') != root;
        match newest {
            None if ids.is_empty() && !named => {
                Found::Unreachable(format!("{service}: {root}/ answered {} without a list of versions", answer.status))
            }
            None if !ids.is_empty() => {
                Found::Absent(format!("the {service} service offers no {version}; it offers {}", list(&ids)))
            }
            newest => Found::Ready {
                api: join(&root, version),
                root,
                version: microversions.as_ref().map_or_else(
                    || newest.map(|id| (*id).to_owned()).unwrap_or_default(),
                    |(_, most)| format!("v{most}"),
                ),
                microversions,
            },
        }
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
            let found = login.catalog.find(Service::ObjectStorage, &cloud.interface, cloud.region.as_deref());
            let url = cloud.overrides.get("object-store").cloned().or_else(|| Some(found.ok()?.url.clone()));
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
        let request = RawRequest {
            method: method.into(),
            url: url.into(),
            headers,
            body: Bytes::new(),
            account: authenticated.then_some(role),
            permit: Permit::harmless(method, url)
                .ok_or_else(|| TransportError::Setup(format!("a defect of Assay: {method} is no first look")))?,
        };
        session.transport().impatient(PATIENCE).send(log, &request).await
    }
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

/// An address without the version at its end (`/v2`, `/v2.1`, `/v3/<project>`).
fn unversioned(url: &str) -> String {
    let url = url.trim_end_matches('/');
    let is_version = |segment: &str| {
        segment
            .strip_prefix('v')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
    };
    let mut at = url.len();
    while let Some(slash) = url[..at].rfind('/') {
        if is_version(&url[slash + 1..at]) {
            return url[..slash].to_owned();
        }
        at = slash;
    }
    url.to_owned()
}

/// The number after the dot of a version such as `v2.16`.
fn minor(id: &str) -> u32 {
    id.split_once('.').and_then(|(_, minor)| minor.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_at_the_end_of_an_endpoint_is_cut_off() {
        assert_eq!(unversioned("http://h:9292"), "http://h:9292");
        assert_eq!(unversioned("http://h/image/v2/"), "http://h/image");
        assert_eq!(unversioned("http://h/v3/0123abcd"), "http://h");
        assert_eq!(unversioned("http://vault/identity"), "http://vault/identity");
    }
}
