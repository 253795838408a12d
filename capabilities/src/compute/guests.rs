//! Servers, as they look from the inside.

use assay_kit::guest::{Endpoint, absent, host_name, processors};
use assay_kit::prelude::*;

use super::fixture::Reading;
use super::flavors;
use super::guest_access::{Guests, enter, guests};

/// The host name that a server's system has is the server's name, without what may follow its first dot.
#[conformance(
    id = "compute.guests.host-name",
    spec = "compute-v2.1#create-server",
    covers = "ac1ad47f-984b-4441-9274-c9079b7a0666",
    needs = [Compute, Guest],
    shares = ["compute.server", "compute.guest"],
    seconds = 60,
)]
async fn has_name_of_server(cx: &Cx) -> Outcome {
    let endpoint = required(cx).await?;
    let reading = Reading::shared(cx).await?;
    let session = enter(cx, &endpoint).await?;
    let (answer, name) = host_name(&session).await?;
    session.close().await;
    require_eq!(answer, name, reading.server.name.to_lowercase(), "the host name must be the server's name");
    Ok(())
}

/// A server's system has as many processors as the server's flavor.
#[conformance(
    id = "compute.guests.processors",
    spec = "compute-v2.1#create-server",
    covers = "cbc0f52f-05aa-492b-bdc1-84b575ca294b",
    needs = [Compute, Guest],
    shares = ["compute.server", "compute.guest"],
    seconds = 60,
)]
async fn has_processors_of_flavor(cx: &Cx) -> Outcome {
    let endpoint = required(cx).await?;
    let reading = Reading::shared(cx).await?;
    let promised = flavors::shown(cx, &reading.server.flavor).await?.get("vcpus")?;
    let session = enter(cx, &endpoint).await?;
    let (answer, count) = processors(&session).await?;
    session.close().await;
    require_eq!(answer, json!(count), promised.value().clone(), "the server must have the processors of its flavor");
    Ok(())
}

/// The endpoint of the server that tests only read; the end of the test where nobody logs in to servers.
async fn required(cx: &Cx) -> Outcome<Endpoint> {
    match &*guests(cx).await? {
        Guests::Answer(endpoint) => Ok(endpoint.clone()),
        Guests::Absent(reason) => Err(absent(reason)),
    }
}
