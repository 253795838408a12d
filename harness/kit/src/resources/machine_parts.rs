//! An indicator and the virtual media of a node that tests change, each put back by itself: reading them means to ask the
//! machine's controller, which only the tests that change them do.

use serde_json::{Value, json};

use super::Resource;
use super::bare_metal::newest;
use super::machine::{body, path};
use crate::http::address::encode;
use crate::http::client::Client;
use crate::outcome::Outcome;

/// The state of an indicator, told as `{"indicator", "state"}`.
pub(super) async fn put_back_indicator(client: &Client, resource: &Resource) -> Outcome {
    let (Some(id), Some(previous)) = (&resource.id, &resource.previous) else { return Ok(()) };
    let previous: Value = serde_json::from_str(previous).unwrap_or_default();
    let Some(indicator) = previous["indicator"].as_str() else { return Ok(()) };
    let client = newest(client);
    let at = format!("{}/management/indicators/{}", path(id), encode(indicator));
    let now = body(&client.get(&at).require(200).await?);
    if now["state"] != previous["state"] {
        client.put(&at).json(&json!({"state": previous["state"]})).require(204).await?;
    }
    Ok(())
}

/// Takes out what a test inserted: the device's name is in `previous`.
pub(super) async fn eject(client: &Client, resource: &Resource) -> Outcome {
    let (Some(id), Some(device)) = (&resource.id, &resource.previous) else { return Ok(()) };
    // A driver without virtual media had none inserted.
    let gone = newest(client).delete(&format!("{}/vmedia", path(id))).query("device_types", device);
    gone.require([204, 400, 404]).await.map(drop)
}
