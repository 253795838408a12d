//! The service catalog of a token.

use serde::Serialize;
use serde_json::Value;

use crate::need::Service;

/// An endpoint of the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Catalog(Vec<Endpoint>);

impl Catalog {
    /// Reads the `catalog` of a token; invalid entries are left out.
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
    /// Why it is missing, with what there is instead.
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

/// The first of what a catalog, or a service, has. What is long is nobody's name and may hold a secret: it is left out, and not cut in two.
pub(crate) fn list(items: &[&str]) -> String {
    /// How many are named.
    const NAMED: usize = 30;
    /// The longest name that is shown, in bytes.
    const LONGEST: usize = 150;
    if items.is_empty() {
        return "nothing".to_owned();
    }
    let name = |item: &&str| {
        if item.len() > LONGEST { format!("a name of {} bytes", item.len()) } else { (*item).to_owned() }
    };
    let mut named: Vec<String> = items.iter().take(NAMED).map(name).collect();
    if items.len() > NAMED {
        named.push(format!("{} more", items.len() - NAMED));
    }
    named.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_catalog_has_instead_is_said_in_few_words() {
        let endpoints = |region: String| json!([{"interface": "internal", "region": region, "url": "http://h"}]);
        let mut entries: Vec<Value> = (0..1000)
            .map(|number| json!({"type": "image", "endpoints": endpoints(format!("region-{number}"))}))
            .collect();
        entries.insert(0, json!({"type": "image", "endpoints": endpoints("n".repeat(1 << 20))}));
        let catalog = Catalog::new(&Value::from(entries));
        let reason = catalog.find(Service::Image, "public", None).unwrap_err();
        assert!(reason.contains("a name of ") && reason.ends_with("971 more") && reason.len() < 1500, "{reason}");
        let types: Vec<Value> =
            (0..1000).map(|number| json!({"type": format!("t{number}"), "endpoints": endpoints("r".into())})).collect();
        let reason = Catalog::new(&Value::from(types)).find(Service::Image, "public", None).unwrap_err();
        assert!(reason.contains("it has t0, t1") && reason.len() < 1000, "{reason}");
    }
}
