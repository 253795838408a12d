//! What controllers want to be told of a disc that a machine is given.

use std::collections::BTreeSet;

use assay_hostile::{Request, Turn};
use assay_reports::record::Verdict;
use serde_json::Value;

use super::{Controller, error, json_of, rewrites, texts};

const INSERT: &str = "#VirtualMedia.InsertMedia";
const EJECT: &str = "#VirtualMedia.EjectMedia";

fn inserts(request: &Request) -> bool {
    request.method == "POST" && request.path.ends_with("/Actions/VirtualMedia.InsertMedia")
}

/// A controller that wants these beside the image, one after the other, and says so with this message.
fn wants(
    controller: &Controller,
    names: &'static [&'static str],
    says: impl Fn(&str) -> (String, String) + Send + Sync + 'static,
) {
    controller.front.before(move |request| {
        let body = json_of(request);
        if !inserts(request) || body["Image"].is_null() {
            return Turn::Pass;
        }
        match names.iter().find(|name| body.get(**name).is_none()) {
            Some(missing) => {
                let (message, text) = says(missing);
                Turn::Answer(error(400, &message, &text))
            }
            None => Turn::Pass,
        }
    });
}

fn asks_for(names: &[&str]) -> BTreeSet<String> {
    let text = |name: &&str| format!("a disc should be inserted by its `Image` alone; the service asks for {name}");
    names.iter().map(text).collect()
}

fn missing(name: &str) -> (String, String) {
    ("ActionParameterMissing".to_owned(), format!("The action InsertMedia requires the parameter {name}."))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drive_is_told_what_it_asks_for() {
    let controller = Controller::start().await;
    wants(&controller, &["TransferProtocolType"], missing);
    assert_eq!(controller.is_sound_in(&["redfish.vmedia"]).await, asks_for(&["TransferProtocolType"]));

    let controller = Controller::start().await;
    let general = |name: &str| ("GeneralError".to_owned(), format!("{name} is not there."));
    wants(&controller, &["TransferProtocolType", "TransferMethod"], general);
    let both = asks_for(&["TransferProtocolType", "TransferMethod"]);
    assert_eq!(controller.is_sound_in(&["redfish.vmedia"]).await, both);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drive_is_told_a_user_and_a_password_where_it_asks_for_them() {
    let controller = Controller::start().await;
    wants(&controller, &["UserName", "Password"], missing);
    assert_eq!(controller.is_sound_in(&["redfish.vmedia"]).await, asks_for(&["UserName and Password"]));

    // Without a word as to which one.
    let controller = Controller::start().await;
    let nameless = |_: &str| ("GeneralError".to_owned(), "There is a parameter missing.".to_owned());
    wants(&controller, &["Password", "UserName"], nameless);
    assert_eq!(controller.is_sound_in(&["redfish.vmedia"]).await, asks_for(&["UserName and Password"]));
}

/// A drive may refuse a parameter that it does not need.
#[tokio::test(flavor = "multi_thread")]
async fn a_drive_that_takes_the_image_alone_is_told_no_more() {
    let controller = Controller::start().await;
    controller.front.before(|request| {
        let body = json_of(request);
        let more = body.as_object().into_iter().flatten().find(|(name, _)| *name != "Image");
        match more.filter(|_| inserts(request)) {
            Some((name, _)) => Turn::Answer(error(400, "ActionParameterUnknown", &format!("{name} is unknown."))),
            None => Turn::Pass,
        }
    });
    assert_eq!(controller.is_sound_in(&["redfish.vmedia"]).await, BTreeSet::new());
}

/// The image of a drive without actions is set with PATCH. Some drives accept `Image` alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_drive_without_actions_is_written() {
    for alone in [false, true] {
        let controller = Controller::start().await;
        controller.front.before(move |request| {
            let (body, drive) = (json_of(request), request.path.contains("/VirtualMedia/"));
            if drive && request.method == "POST" {
                return Turn::Answer(error(404, "ResourceMissingAtURI", "There is no such action."));
            }
            let more = body.as_object().is_some_and(|members| members.keys().any(|name| name != "Image"));
            if drive && alone && more && request.method == "PATCH" {
                return Turn::Answer(error(400, "PropertyNotWritable", "It can only be read."));
            }
            Turn::Pass
        });
        rewrites(&controller, |request, body| {
            if let Some(actions) = body.get_mut("Actions").and_then(Value::as_object_mut)
                && request.path.contains("/VirtualMedia/")
            {
                actions.retain(|name, _| name != INSERT && name != EJECT);
            }
        });
        // Without an action, its refusal cannot be tested.
        let told = controller.differs(&["redfish.vmedia"], &[("redfish.vmedia.refused", Verdict::Skip)]).await;
        assert_eq!(told, BTreeSet::new(), "{alone}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drive_that_ejects_without_a_body_is_asked_so() {
    let controller = Controller::start().await;
    controller.front.before(|request| {
        if request.path.ends_with("/Actions/VirtualMedia.EjectMedia") && !request.body.is_empty() {
            return Turn::Answer(error(415, "UnrecognizedRequestBody", "There must be no body."));
        }
        Turn::Pass
    });
    assert_eq!(controller.is_sound_in(&["redfish.vmedia"]).await, texts(&[]));
}
