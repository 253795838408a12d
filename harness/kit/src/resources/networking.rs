//! What the kinds of resources of the networking service have in common: <https://docs.openstack.org/api-ref/network/v2/>.

use crate::http::client::Client;
use crate::json::Json;
use crate::outcome::Outcome;

/// Deletes what is at a path; it may be gone.
pub(super) async fn delete(client: &Client, path: &str) -> Outcome {
    client.delete(path).require([204, 404]).await.map(drop)
}

pub(super) fn text(json: &Json, key: &str) -> String {
    json.value()[key].as_str().unwrap_or_default().to_owned()
}

/// Whether a port is a router's interface: such a one is removed by way of its router.
pub(crate) fn is_interface(port: &Json) -> bool {
    text(port, "device_owner").contains("interface")
}
