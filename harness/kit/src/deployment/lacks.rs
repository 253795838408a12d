//! What of a test's needs is missing.

use assay_record::Lack;

use super::{Deployment, no_account};
use crate::found::Found;
use crate::guest::{self, Probe};
use crate::metal;
use crate::need::{Need, Service};
use crate::outcome::Stop;

impl Deployment {
    /// Why a test that needs this cannot start: a [`Stop::Skip`] or [`Stop::Error`]. One that tests several Redfish services
    /// starts where one of them has what it needs.
    #[must_use]
    pub fn prevents(&self, need: Need) -> Option<Stop> {
        let one_has = || self.redfish.iter().any(|service| service.lacks(need).is_none());
        self.lacks(need).filter(|_| need.service() != Some(Service::Redfish) || !one_has())
    }

    /// Why a test that needs this cannot pass: a [`Stop::Skip`] or [`Stop::Error`].
    #[must_use]
    pub fn lacks(&self, need: Need) -> Option<Stop> {
        if let Some(role) = need.role() {
            return (!self.sessions.contains_key(&role)).then(|| no_account(role));
        }
        let service = need.service()?;
        if service == Service::Redfish {
            return metal::lacks_redfish(&self.redfish, need);
        }
        match self.service(service) {
            Found::Absent(reason) => return Some(Stop::skip(Lack::service(service), reason)),
            Found::Unreachable(reason) => return Some(Stop::Error(reason.clone())),
            Found::Ready { .. } => {}
        }
        match need {
            Need::Machine => self.machines.lack(),
            Need::BareMetalMicroversion(version) => self.lacks_microversion(Service::BareMetal, version),
            Need::NetworkExtension(extension) => {
                let lacks = self.extensions.as_ref().is_some_and(|extensions| !extensions.contains(extension));
                lacks.then(|| {
                    let reason = format!("the networking service does not list the extension `{extension}`");
                    Stop::skip(Lack::extension(service, extension), reason)
                })
            }
            Need::Guest => match self.probe.get() {
                Some(Ok(Probe::None(reason))) => Some(guest::absent(reason)),
                None if self.overrides.guest == Some(guest::Override::None) => Some(guest::absent("--guest none")),
                _ => None,
            },
            Need::ComputeMicroversion(version) => self.lacks_microversion(Service::Compute, version),
            Need::BlockStorageMicroversion(version) => self.lacks_microversion(Service::BlockStorage, version),
            _ => None,
        }
    }

    fn lacks_microversion(&self, service: Service, version: &str) -> Option<Stop> {
        let Found::Ready { microversions, version: told, .. } = self.service(service) else { return None };
        let reason = match microversions {
            Some((least, most)) if number(least) <= number(version) && number(version) <= number(most) => return None,
            Some((least, most)) => {
                format!("the {service} service has no microversion {version}; it has {least} to {most}")
            }
            None if told.is_empty() => {
                format!("the {service} service does not tell which microversions it has; {version} is needed")
            }
            None => format!("the {service} service has no microversions; {version} is needed"),
        };
        Some(Stop::skip(Lack::microversion(service, version), reason))
    }
}

/// A microversion such as `2.90`, to be compared.
fn number(microversion: &str) -> (u32, u32) {
    let (major, minor) = microversion.split_once('.').unwrap_or((microversion, "0"));
    (major.parse().unwrap_or(0), minor.parse().unwrap_or(0))
}
