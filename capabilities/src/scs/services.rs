//! Services in the catalog: [scs-0123](https://docs.scs.community/standards/scs-0123-v2-services), versions 1 and 2, and the key
//! manager of [scs-0116](https://docs.scs.community/standards/scs-0116-v1-key-manager-standard).

use std::sync::Arc;

use assay_kit::prelude::*;

use super::told::expect_none;

/// The key of the catalog, as `shares` names it.
const SHARED: &str = "scs.catalog";

/// The catalog of the member's token.
pub(super) struct Catalog {
    entries: Vec<Json>,
    pub json: Json,
}

impl Catalog {
    pub(super) async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared(SHARED, |cx| async move {
            let json = cx.identity()?.get("auth/catalog").require(200).await?.json()?.get("catalog")?;
            Ok(Self { entries: json.elements()?, json })
        })
        .await
    }

    /// The entries of these types.
    pub(super) fn of<'a>(&'a self, types: &'a [&str]) -> impl Iterator<Item = &'a Json> {
        self.entries.iter().filter(|entry| types.contains(&kind(entry)))
    }

    /// Ends the test as failed unless the catalog has a service of one of these types. It should be there under the first, with
    /// an address for everybody.
    pub(super) fn require(&self, cx: &Cx, types: &[&str]) -> Outcome {
        let words = format!("`{}`", types.join("` or `"));
        if self.of(types).next().is_none() {
            let there: Vec<&str> = self.entries.iter().map(kind).collect();
            let seen = if there.is_empty() { "no service".to_owned() } else { there.join(", ") };
            let requirement = format!("the catalog must have a service of the type {words}");
            return Err(self.json.fail(requirement, Some(words), Some(seen)));
        }
        let first = &types[..1];
        expect!(
            cx,
            self.of(first).next().is_some(),
            "a service of the type {words} should be in the catalog as `{}`",
            types[0]
        );
        let hidden = self.of(types).filter(|entry| !is_public(entry.value())).map(|entry| format!("`{}`", kind(entry)));
        let hidden: Vec<String> = hidden.collect();
        expect_none(cx, "a service in the catalog should have a public endpoint with an address", &hidden);
        Ok(())
    }
}

/// The type of a service; empty where it has none.
fn kind(entry: &Json) -> &str {
    entry.value()["type"].as_str().unwrap_or_default()
}

/// Whether a service in the catalog has an address for everybody.
fn is_public(entry: &Value) -> bool {
    let mut endpoints = entry["endpoints"].as_array().into_iter().flatten();
    endpoints.any(|endpoint| {
        let address = endpoint["url"].as_str().is_some_and(|url| url::Url::parse(url).is_ok());
        endpoint["interface"] == "public" && address
    })
}

/// The catalog must have a service of the type `{kind}`.
///
/// It should have a public endpoint with an address.
#[conformance(
    spec = "scs-0123-v2#mandatory-iaas-apis",
    needs = [Identity],
    shares = ["scs.catalog"],
    cases = [
        ("scs-0123-service-compute", "842975f7-9fa8-5f74-be6d-09a745f822fa", "compute"),
        ("scs-0123-service-identity", "55dabc3e-6d83-5d8f-af73-9739599b17bc", "identity"),
        ("scs-0123-service-image", "0ce17378-ecdf-59c9-976a-8433096933c0", "image"),
        ("scs-0123-service-network", "4c457bf5-a5b2-598c-b85d-4e7be429a7ce", "network"),
        ("scs-0123-service-load-balancer", "e051511f-9d56-5b37-b2ed-6aaf80f99eee", "load-balancer"),
        ("scs-0123-service-placement", "7a2b609b-f33a-59e0-ac05-56df99a41959", "placement"),
        ("scs-0123-service-s3", "740e2d25-c973-55b2-8448-35597d233b59", "object-store-s3"),
    ],
)]
async fn service(cx: &Cx, kind: &str) -> Outcome {
    Catalog::shared(cx).await?.require(cx, &[kind])
}

/// The catalog must have a service of the type `block-storage`, `volumev3` or `volume`.
///
/// It should be the first, which is its official type, and have a public endpoint with an address.
#[conformance(
    id = "scs-0123-storage-apis",
    spec = "scs-0123-v2#mandatory-iaas-apis",
    covers = "0e23c739-a8a5-511c-8f13-b6cb550f6b5b",
    needs = [Identity],
    shares = ["scs.catalog"],
)]
async fn storage(cx: &Cx) -> Outcome {
    Catalog::shared(cx).await?.require(cx, &["block-storage", "volumev3", "volume"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_endpoint_has_an_address() {
        let entry =
            |interface: &str, url: &str| json!({"type": "s3", "endpoints": [{"interface": interface, "url": url}]});
        assert!(is_public(&entry("public", "https://h/v1")));
        assert!(!is_public(&entry("internal", "https://h/v1")) && !is_public(&entry("public", "")));
        assert!(!is_public(&json!({"type": "s3"})));
    }
}
