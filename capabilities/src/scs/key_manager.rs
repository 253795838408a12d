//! The key manager: [scs-0116](https://docs.scs.community/standards/scs-0116-v1-key-manager-standard).

use assay_kit::prelude::*;

use super::services::Catalog;

/// The catalog must have a service of the type `key-manager`.
///
/// It should have a public endpoint with an address.
#[conformance(
    id = "scs-0116-presence",
    spec = "scs-0116-v1#key-manager-standard",
    covers = "4fb9b487-c690-51a5-8395-5a1967993dff",
    needs = [Identity],
    shares = ["scs.catalog"],
)]
async fn presence(cx: &Cx) -> Outcome {
    Catalog::shared(cx).await?.require(cx, &["key-manager"])
}
