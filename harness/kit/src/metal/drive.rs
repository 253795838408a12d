//! Virtual drives: whether there is a medium in one, and how it is taken out.

use serde_json::{Value, json};

use super::Redfish;
use crate::http::response::Response;
use crate::json::Json;
use crate::outcome::Outcome;

/// Whether there is a medium in a drive: where it does not say so itself, its connection tells, or the name of the medium.
#[must_use]
pub fn is_loaded(drive: &Value) -> bool {
    let named = || ["Image", "ImageName"].iter().any(|key| drive[*key].as_str().is_some_and(|name| !name.is_empty()));
    match (drive["Inserted"].as_bool(), drive["ConnectedVia"].as_str()) {
        (Some(inserted), _) => inserted,
        (None, Some(connected)) => connected != "NotConnected",
        (None, None) => named(),
    }
}

/// Asks for the medium of a drive to be taken out, in the way that the drive offers, whatever is answered. Some refuse the body
/// of an action that needs none, and some what is said beside the image.
pub async fn take_out(redfish: &Redfish, drive: &Json) -> Outcome<Response> {
    let target = drive.value()["Actions"]["#VirtualMedia.EjectMedia"]["target"].as_str();
    if let Some(target) = target.and_then(|target| redfish.path_of(target)) {
        let answer = redfish.act(&target, &json!({})).await?;
        if matches!(answer.status(), 400 | 415) {
            return redfish.client().post(&target).send().await;
        }
        return Ok(answer);
    }
    let path = drive.get("@odata.id")?.text()?.to_owned();
    let answer = redfish.change(&path, &json!({"Image": null, "Inserted": false})).await?;
    if answer.status() == 400 {
        return redfish.change(&path, &json!({"Image": null})).await;
    }
    Ok(answer)
}
