//! Being told what happens (`EventService`, `EventDestination`).

use assay_kit::prelude::*;

use super::fixture::{at, counted, error, expect_members, offered};

/// The event service must be enabled, and count its subscriptions correctly.
#[conformance(
    id = "redfish.events.service",
    spec = "redfish-schema#eventservice",
    covers = "64272af1-4c9f-4776-9753-1ddbf4aa1e2a",
    needs = [Redfish],
)]
async fn service(cx: &Cx, redfish: &Redfish) -> Outcome {
    let root = redfish.root().await?;
    let service = offered(cx, redfish, &root, "EventService").await?;
    require_eq!(service, service.get("ServiceEnabled")?.truth()?, true, "the event service is enabled");
    for key in ["DeliveryRetryAttempts", "DeliveryRetryIntervalSeconds"] {
        if let Some(number) = service.find(key) {
            number.integer()?;
        }
    }
    service.get("Subscriptions")?;
    let subscriptions = offered(cx, redfish, &service, "Subscriptions").await?;
    counted(redfish, &subscriptions).await?;
    expect_members(&service, &["EventFormatTypes", "ResourceTypes", "RegistryPrefixes"]);
    Ok(())
}

/// A subscription must be created, be shown as it was sent, and be deleted. One without a destination must be refused.
#[conformance(
    id = "redfish.events.subscription",
    spec = "redfish-schema#eventdestination",
    covers = "486abc65-db7c-4db7-b636-ea197b0915dc",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn subscription(cx: &Cx, redfish: &Redfish) -> Outcome {
    // An address that nobody has (RFC 5737): no event goes anywhere.
    const DESTINATION: &str = "https://192.0.2.1/events";
    let root = redfish.root().await?;
    let service = offered(cx, redfish, &root, "EventService").await?;
    let subscriptions = at(&offered(cx, redfish, &service, "Subscriptions").await?);
    let context = cx.name("subscription");
    let resource = |name: &str| Resource::new(Kind::RedfishSubscription, name).of(redfish.client().role());
    let planned = cx.will_create(resource(&context))?;
    let wanted = json!({"Destination": DESTINATION, "Protocol": "Redfish", "Context": context});
    let answer = redfish.client().post(&subscriptions).json(&wanted).require(201).await?;
    let path = redfish.location(&answer)?;
    planned.created(&path);
    let made = redfish.show(&path).await?;
    for (key, value) in wanted.as_object().into_iter().flatten() {
        require_eq!(made, &made.value()[key], value, "`{key}` is as it was asked for");
    }
    redfish.client().delete(&path).require([200, 204]).await?;
    redfish.get(&path).require(404).await?;
    planned.removed();

    let nowhere = cx.name("subscription");
    cx.will_create(resource(&nowhere))?;
    let wanted = json!({"Protocol": "Redfish", "Context": nowhere});
    let answer = redfish.client().post(&subscriptions).json(&wanted).require(400).await?;
    error(&answer).map(drop)
}
