//! What the service says of itself.

use assay_kit::prelude::*;

use super::headers;

/// Anyone may ask which features are switched on, and gets JSON: an object, or nothing.
///
/// The answer should be an object with a member `swift`, which tells the version and the limits in force, and its headers
/// should be well formed.
#[conformance(
    id = "object-storage.info.list-features",
    spec = "object-storage-v1#list-activated-capabilities",
    covers = "6eb04a6a-4860-4e31-ba91-ea3347d76b58",
    needs = [ObjectStorage],
)]
async fn list_features(cx: &Cx) -> Outcome {
    let response = cx.object_storage()?.at_root().without_token().get("info").require(200).await?;
    let features = response.json()?;
    let is_empty = [json!(null), json!([]), json!("")].contains(features.value());
    require!(
        features,
        is_empty || features.value().is_object(),
        "/info must be an object with a member for each feature, or empty"
    );
    if let Err(Stop::Fail(broken)) = headers::well_formed(&response, false) {
        let broken = *broken;
        response.deviate(broken.requirement, broken.expected, broken.actual);
    }
    expect!(features, features.value().is_object(), "/info should be an object with a member for each feature");
    let limits = features.find("swift");
    expect!(features, limits.is_some(), "/info should have a member `swift`");
    if let Some(limits) = limits {
        for name in ["version", "max_file_size", "container_listing_limit", "account_listing_limit"] {
            expect!(limits, limits.find(name).is_some(), "the member `swift` of /info should tell `{name}`");
        }
    }
    Ok(())
}
