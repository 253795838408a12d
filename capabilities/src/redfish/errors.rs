//! What a service answers to requests that cannot be served (DSP0266, "Error responses").

use assay_kit::prelude::*;

use super::fixture::{expect_error, parts, refused};

/// What of a system must not change by a request that is refused.
const KEPT: [&str; 5] = ["Id", "Name", "AssetTag", "PowerState", "Boot"];

/// An unknown resource must answer 404. Each message of the error must have its id.
///
/// The body should be an error in the form of Redfish, and say that there is no such resource.
#[conformance(
    id = "redfish.errors.unknown-resource",
    spec = "redfish#error-responses",
    covers = "712e0bad-d09d-4e6b-8231-7c5dbf99ce56",
    needs = [Redfish],
)]
async fn unknown_resource(cx: &Cx, redfish: &Redfish) -> Outcome {
    let root = redfish.root().await?;
    let systems = redfish.path(&root, "Systems")?.unwrap_or_else(|| "/redfish/v1/Systems".into());
    for parent in [systems.as_str(), "/redfish/v1"] {
        let path = format!("{}/{}", parent.trim_end_matches('/'), cx.unused_uuid());
        let answer = redfish.get(&path).require(404).await?;
        let error = answer.json().ok().and_then(|body| body.find("error"));
        if let Some(messages) = error.and_then(|error| error.find("@Message.ExtendedInfo")) {
            for message in messages.elements()? {
                message.get("MessageId")?.text()?;
            }
        }
        expect_error(&answer, &["ResourceMissingAtURI", "ResourceNotFound"]);
    }
    Ok(())
}

/// A method that a resource does not support must be refused with 405 or 501, and change nothing.
///
/// An answer with 405 should say in `Allow` which methods there are.
#[conformance(
    id = "redfish.errors.method-not-allowed",
    spec = "redfish#status-codes",
    covers = "51e682f5-e589-4996-b750-f4c2c1b25cda",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn method_not_allowed(_cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let deleted = redfish.client().delete("/redfish/v1/").send().await?;
    let posted = redfish.ask(&machine.path, &json!({})).await?;
    let system = redfish.show(&machine.path).await?;
    require_eq!(system, parts(&system, &KEPT), parts(&machine.found, &KEPT), "the system must be as before");
    for answer in [deleted, posted] {
        answer.require_status([405, 501])?;
        if answer.status() == 405 {
            expect!(answer, answer.header("allow").is_some(), "`Allow` should say which methods the resource has");
        }
    }
    Ok(())
}

/// A body that is not JSON must be refused, and change nothing.
///
/// It should be refused with 400, and with a message that says what is wrong.
#[conformance(
    id = "redfish.errors.malformed-body",
    spec = "redfish#error-responses",
    covers = "7070304e-dc7b-475b-884e-9f523dfc44a7",
    needs = [Redfish, RedfishMachine],
    holds = [RedfishMachines],
)]
async fn malformed_body(_cx: &Cx, redfish: &Redfish, machine: &RedfishMachine) -> Outcome {
    let answer = redfish.attempt_text(&machine.path, "{\"x").await?;
    let system = redfish.show(&machine.path).await?;
    require_eq!(system, parts(&system, &KEPT), parts(&machine.found, &KEPT), "the system must be as before");
    refused(&answer, &["MalformedJSON", "UnrecognizedRequestBody"])
}
