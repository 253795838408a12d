//! The service catalog of a token.

use serde_json::Value;

use crate::need::Service;

/// An endpoint of the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The service's type, such as `image`.
    pub service: String,
    /// The service's name, such as `glance`.
    pub name: String,
    /// `public`, `internal` or `admin`.
    pub interface: String,
    /// Its region.
    pub region: String,
    /// Its address.
    pub url: String,
}

/// Every endpoint that an account sees, in the catalog's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog(Vec<Endpoint>);

impl Catalog {
    /// Reads the `catalog` of a token; entries that are none are left out.
    #[must_use]
    pub fn new(catalog: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let entries = catalog.as_array().into_iter().flatten();
        let endpoints = entries.flat_map(|entry| {
            entry["endpoints"].as_array().into_iter().flatten().map(move |endpoint| Endpoint {
                service: text(&entry["type"]),
                name: text(&entry["name"]),
                interface: text(&endpoint["interface"]),
                // `region` is what older services send.
                region: text(if endpoint["region_id"].is_null() {
                    &endpoint["region"]
                } else {
                    &endpoint["region_id"]
                }),
                url: text(&endpoint["url"]),
            })
        });
        Self(endpoints.filter(|endpoint| !endpoint.url.is_empty()).collect())
    }

    /// The endpoints, in the catalog's order.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.0
    }

    /// The endpoint of a service: of the interface and, when one is named, the region that were chosen.
    ///
    /// # Errors
    ///
    /// Why there is none, naming what there is instead.
    pub fn find(&self, service: Service, interface: &str, region: Option<&str>) -> Result<&Endpoint, String> {
        for wanted in service.types() {
            let found = self.0.iter().find(|endpoint| {
                endpoint.service == *wanted
                    && endpoint.interface == interface
                    && region.is_none_or(|region| endpoint.region == region)
            });
            if let Some(endpoint) = found {
                return Ok(endpoint);
            }
        }
        let mut elsewhere: Vec<_> = self.0.iter().filter(|e| service.types().contains(&e.service.as_str())).collect();
        elsewhere.dedup_by_key(|endpoint| (endpoint.interface.clone(), endpoint.region.clone()));
        let place = region.map_or_else(String::new, |region| format!(" in region `{region}`"));
        if elsewhere.is_empty() {
            let mut types: Vec<_> = self.0.iter().map(|endpoint| endpoint.service.as_str()).collect();
            types.dedup();
            return Err(format!("the catalog has no service of type {service}; it has {}", list(&types)));
        }
        let there: Vec<_> = elsewhere.iter().map(|e| format!("{} in `{}`", e.interface, e.region)).collect();
        let there: Vec<_> = there.iter().map(String::as_str).collect();
        Err(format!("the catalog has no {interface} endpoint of {service}{place}; it has {}", list(&there)))
    }
}

fn list(items: &[&str]) -> String {
    if items.is_empty() { "nothing".to_owned() } else { items.join(", ") }
}
