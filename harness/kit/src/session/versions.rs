//! Lists of versions, as services of every kind give them.

use serde_json::Value;

/// The entries of a list of versions, or the one of a document of a single version.
pub(crate) fn versions_in(body: &[u8]) -> Vec<Value> {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let listed = json["versions"]["values"].as_array().or_else(|| json["versions"].as_array()).cloned();
    listed.unwrap_or_else(|| json.get("version").cloned().into_iter().collect())
}
