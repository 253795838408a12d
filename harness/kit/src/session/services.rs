//! What an entry of `clouds.yaml` says of one service: `compute_region_name`, `image_endpoint_override` and the like.

use indexmap::IndexMap;

use super::cloud_error::CloudError;
use super::yaml::{Node, address};
use crate::need::Service;

/// What an entry says of one service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceSettings {
    /// Which endpoint of the catalog is used, where it is another one than that of other services.
    pub interface: Option<String>,
    /// Which region's, where it is another one.
    pub region: Option<String>,
    /// The version of its API that is wanted, as it is written.
    pub version: Option<String>,
}

/// The settings of single services, and the endpoints that stand for the catalog's, by service type (`object-store`).
#[derive(Debug, Default)]
pub(super) struct Services {
    pub settings: IndexMap<String, ServiceSettings>,
    pub overrides: IndexMap<String, String>,
}

/// Reads them. Keys go by any type of the service, as openstacksdk takes them: `volume_api_version`.
pub(super) fn read(entry: &Node) -> Result<Services, CloudError> {
    let mut services = Services::default();
    for service in Service::ALL {
        let mut settings = ServiceSettings::default();
        for name in service.types().iter().rev() {
            let key = |what: &str| format!("{}_{what}", name.replace('-', "_"));
            for (place, what) in [(&mut settings.region, "region_name"), (&mut settings.version, "api_version")] {
                if let Some(text) = entry.text(&key(what))? {
                    *place = Some(text);
                }
            }
            if let Some(found) = interface(entry, &key(""))? {
                settings.interface = Some(found);
            }
            for what in ["service_type", "service_name"] {
                let other = entry.text(&key(what))?.filter(|text| !service.types().contains(&text.as_str()));
                if other.is_some() {
                    return Err(CloudError::Unusable {
                        file: entry.file.to_owned(),
                        place: format!("{}.{}", entry.place, key(what)),
                        value: "set".into(),
                        help: "services are found by their official types: leave it out, or name the address with \
                               `{service}_endpoint_override`"
                            .into(),
                    });
                }
            }
        }
        if settings != ServiceSettings::default() {
            services.settings.insert(service.types()[0].to_owned(), settings);
        }
    }
    // Those of services that no test is about are read as well: a wrong one is a slip of the user's.
    let keys = || entry.value.as_mapping().into_iter().flatten().filter_map(|(key, _)| key.as_str());
    for ending in ["_endpoint_override", "_endpoint"] {
        for (key, service) in keys().filter_map(|key| Some((key, key.strip_suffix(ending)?))) {
            let Some(url) = entry.text(key)?.filter(|url| !url.is_empty() && !OF_PROVIDERS.contains(&key)) else {
                continue;
            };
            address(entry.file, &format!("{}.{key}", entry.place), &url)?;
            services.overrides.entry(service.replace('_', "-")).or_insert(url);
        }
    }
    Ok(services)
}

/// What belongs under `auth`, and is no endpoint of a service.
const OF_PROVIDERS: [&str; 4] =
    ["access_token_endpoint", "authorization_endpoint", "device_authorization_endpoint", "discovery_endpoint"];

/// Which endpoints of the catalog are used, under keys with this beginning: `compute_` for those of one service. Of both names,
/// the older one counts, as in the client.
pub(super) fn interface(entry: &Node, beginning: &str) -> Result<Option<String>, CloudError> {
    for what in ["endpoint_type", "interface"] {
        let key = format!("{beginning}{what}");
        if let Some(text) = entry.text(&key)?.filter(|text| !text.is_empty()) {
            return interface_of(entry, &key, &text).map(Some);
        }
    }
    Ok(None)
}

/// `public`, `internal` or `admin`, with or without `URL` behind.
fn interface_of(entry: &Node, key: &str, text: &str) -> Result<String, CloudError> {
    let interface = text.strip_suffix("URL").unwrap_or(text);
    if matches!(interface, "public" | "internal" | "admin") {
        return Ok(interface.to_owned());
    }
    Err(CloudError::Unusable {
        file: entry.file.to_owned(),
        place: format!("{}.{key}", entry.place),
        value: format!("`{interface}`"),
        help: "write public, internal or admin".to_owned(),
    })
}
