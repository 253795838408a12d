//! Which hosts are spoken to, and how safely.

use std::collections::BTreeSet;
use std::sync::Arc;

use url::Url;

use super::Deployment;
use crate::found::Found;
use crate::need::Service;
use crate::session::{self, Credentials, Role, Session};

impl Deployment {
    /// Why nothing can be tested, when none of the services that there should be answers.
    #[must_use]
    pub fn unreachable(&self) -> Option<String> {
        let mut reasons = Vec::new();
        for found in self.services.values().chain(self.redfish.iter().map(|service| &service.found)) {
            match found {
                Found::Ready { .. } => return None,
                Found::Absent(_) => {}
                Found::Unreachable(reason) => reasons.push(reason.as_str()),
            }
        }
        reasons.sort_unstable();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    /// The hosts other than the identity service's to which the accounts' tokens are sent, as origins.
    #[must_use]
    pub fn other_hosts(&self) -> Vec<String> {
        let Some(member) = self.sessions.get(&Role::Member) else { return Vec::new() };
        session::elsewhere(member.audience(), self.used().map(|(_, url)| url)).into_iter().collect()
    }

    /// The services that get tokens or passwords in clear text: on another machine, or although the identity service has TLS.
    #[must_use]
    pub fn in_clear(&self) -> Vec<String> {
        let clear = |role, url: &str| {
            let session: Option<&Arc<Session>> = self.sessions.get(&role);
            let proves = |session: &&Arc<Session>| !matches!(session.cloud().credentials, Credentials::Nobody);
            let audience = session.filter(proves).map(|session| session.audience());
            audience.zip(Url::parse(url).ok()).is_some_and(|(audience, url)| audience.in_clear(&url))
        };
        let used = self.used().filter(|(_, url)| clear(Role::Member, url)).map(|(service, _)| service.to_string());
        let redfish = self.redfish.iter().filter_map(|service| match &service.found {
            Found::Ready { api, .. } if clear(service.role, api) => Some(format!("redfish {}", service.settings.name)),
            _ => None,
        });
        used.chain(redfish).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether anything that is used has no TLS.
    #[must_use]
    pub fn any_without_tls(&self) -> bool {
        let redfish = self.sessions.values().map(|session| session.cloud().auth_url.as_str());
        self.used().map(|(_, url)| url).chain(redfish).any(|url| url.starts_with("http:"))
    }

    /// The services of the catalog that are used, each with where.
    fn used(&self) -> impl Iterator<Item = (Service, &str)> {
        let services = self.services.iter().filter_map(|(service, found)| match found {
            Found::Ready { api, .. } => Some((*service, api.as_str())),
            _ => None,
        });
        let stores = self.stores.values().filter_map(|store| Some((Service::ObjectStorage, store.as_deref().ok()?)));
        services.chain(stores)
    }
}
