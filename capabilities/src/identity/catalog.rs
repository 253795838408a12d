//! The service catalog.

use assay_kit::deployment::Found;
use assay_kit::prelude::*;
use assay_kit::session::Catalog;

use super::login::wants_project;

/// Services by the name under which OpenStack installs them. Their types are facts of the
/// [service types authority](https://service-types.openstack.org/).
const SERVICES: [(&str, Service); 4] = [
    ("keystone", Service::Identity),
    ("nova", Service::Compute),
    ("glance", Service::Image),
    ("swift", Service::ObjectStorage),
];

/// The catalog lists the identity service, and compute, image and object storage where they are offered, under their
/// standard types.
///
/// A service counts as offered when the catalog lists it under its usual name, or when the user named its address and
/// it is there. Each entry should have an id, a name and endpoints with addresses. The catalog should be that of the
/// token.
#[conformance(
    id = "identity.catalog.standard-types",
    spec = "identity-v3#get-service-catalog",
    covers = "56b57ced-22b8-4127-9b8a-565dfb0207e2",
    needs = [Identity],
)]
async fn standard_types(cx: &Cx) -> Outcome {
    let (identity, login) = (cx.identity()?, cx.login(Role::Member).await?);
    let answer = identity.get("auth/catalog").send().await?;
    if answer.status() == 403 && login.project_id.is_none() {
        return Err(wants_project(cx, "a token for none has no catalog"));
    }
    answer.require_status(200)?;
    let catalog = answer.json()?.get("catalog")?;
    let (mut types, mut names) = (Vec::new(), Vec::new());
    for entry in catalog.elements()? {
        types.push(entry.get("type")?.value().clone());
        names.push(entry.value()["name"].as_str().unwrap_or_default().to_lowercase());
        expect_entry(&entry);
    }
    for (name, service) in SERVICES {
        let is_there = matches!(cx.deployment().service(service), Found::Ready { .. });
        if name == "keystone" || is_there || names.iter().any(|found| found == name) {
            let standard = service.types()[0];
            require!(catalog, types.contains(&json!(standard)), "the catalog must list {name} as `{standard}`");
        }
    }
    expect_eq!(catalog, Catalog::new(catalog.value()), login.catalog, "the catalog is the one that the token has");
    Ok(())
}

fn expect_entry(entry: &Json) {
    let service = entry.value();
    for key in ["id", "name"] {
        expect!(entry, service[key].is_string(), "a service of the catalog has `{key}`");
    }
    let Some(endpoints) = service["endpoints"].as_array() else {
        expect!(entry, false, "a service of the catalog has a list of endpoints");
        return;
    };
    for endpoint in endpoints {
        let complete = ["id", "url", "interface", "region_id"].iter().all(|key| endpoint[*key].is_string());
        expect!(entry, complete, "an endpoint has an id, an address, an interface and a region, unlike {endpoint}");
        let interface = endpoint["interface"].as_str().unwrap_or_default();
        expect!(
            entry,
            ["public", "internal", "admin"].contains(&interface),
            "an endpoint's interface is public, internal or admin, not {interface}"
        );
    }
}
