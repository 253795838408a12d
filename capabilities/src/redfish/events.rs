//! Being told what happens (`EventService`, `EventDestination`).

use assay_kit::prelude::*;

use super::fixture::{SETTLING, at, counted, expect_members, offered, refused, same_path, working};

/// The event service must say whether it is enabled, and count its subscriptions correctly.
///
/// It should be enabled.
#[conformance(
    id = "redfish.events.service",
    spec = "redfish-schema#eventservice",
    covers = "64272af1-4c9f-4776-9753-1ddbf4aa1e2a",
    needs = [Redfish],
)]
async fn service(cx: &Cx, redfish: &Redfish) -> Outcome {
    let root = redfish.root().await?;
    let service = working(cx, redfish, &root, "EventService").await?;
    let enabled = service.get("ServiceEnabled")?;
    expect_eq!(enabled, enabled.value(), &json!(true), "the event service should be enabled");
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

/// A subscription must be created, be shown as it was sent, be listed, and be deleted. One without a destination must be
/// refused.
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
    let service = working(cx, redfish, &root, "EventService").await?;
    let subscriptions = at(&working(cx, redfish, &service, "Subscriptions").await?);
    let context = cx.name("subscription");
    let resource = |name: &str| Resource::new(Kind::RedfishSubscription, name).of(redfish.client().role());
    let planned = cx.will_create(resource(&context))?;
    let mut wanted = json!({"Destination": DESTINATION, "Protocol": "Redfish", "Context": context});
    let mut answer = redfish.client().post(&subscriptions).json(&wanted).send().await?;
    if answer.status() == 400 {
        // Services of old want to be told which events.
        wanted["EventTypes"] = json!(["Alert"]);
        answer = redfish.client().post(&subscriptions).json(&wanted).send().await?;
    }
    answer.require_status(201)?;
    let path = redfish.location(&answer)?;
    planned.created(&path);
    let made = redfish.show(&path).await?;
    for key in ["Destination", "Protocol", "Context"] {
        require_eq!(made, made.value()[key], wanted[key], "`{key}` must be as it was asked for");
    }
    let all = redfish.show(&subscriptions).await?;
    let listed = redfish.member_paths(&all).await?.iter().any(|other| same_path(other, &path));
    require!(all, listed, "a new subscription must be in the list of subscriptions, but {path} is not");
    redfish.client().delete(&path).require(200..=299).await?;
    let look = || async { redfish.get(&path).send().await };
    let gone = |answer: &Response| matches!(answer.status(), 404 | 410);
    cx.settled(SETTLING, look, gone).await?.require_status([404, 410])?;
    planned.removed();

    let nowhere = cx.name("subscription");
    cx.will_create(resource(&nowhere))?;
    let wanted = json!({"Protocol": "Redfish", "Context": nowhere});
    let answer = redfish.client().post(&subscriptions).json(&wanted).send().await?;
    refused(&answer, &["PropertyMissing", "CreateFailedMissingReqProperties"])
}
