//! Values that are not as they should be: times, thresholds, and JSON by another name.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Controller, each, rewrites};

#[tokio::test(flavor = "multi_thread")]
async fn json_by_another_name_and_with_a_mark_before_it_is_told_and_read() {
    let controller = Controller::start().await;
    controller.front.after(|_, answer| {
        if let Some((_, kind)) = answer.headers.iter_mut().find(|(name, _)| name == "content-type")
            && kind.starts_with("application/json")
        {
            *kind = "application/hal+json".to_owned();
            answer.body.splice(0..0, *b"\xef\xbb\xbf");
        }
    });
    let told = controller.has_the_verdicts_of_a_sound_one().await;
    assert!(told.contains("JSON should have no byte order mark before it"), "{told:#?}");
    let kinds = |it: &&String| it.contains("should be application/json");
    assert_eq!(told.len(), 1 + told.iter().filter(kinds).count(), "{told:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn times_of_logs_that_are_zero_or_have_no_zone_are_told() {
    for time in ["0000-00-00T00:00:00Z", "1970-01-01T00:00:00Z", "2026-11-29T06:00:00", ""] {
        let controller = Controller::start().await;
        rewrites(&controller, move |_, body| {
            each(body, &|value| {
                if value.get("EntryType").is_some() && value.get("Created").is_some() {
                    value["Created"] = json!(time);
                }
            });
        });
        let told = controller.is_sound_in(&["redfish.logs", "redfish.systems.links"]).await;
        let of_times = |it: &&String| it.starts_with("`Created` should be a time with its zone");
        assert_eq!(told.iter().filter(of_times).count(), 1, "{time}: {told:#?}");
        assert_eq!(told.len(), 1, "{time}: {told:#?}");
    }
}

fn with_thresholds(controller: &Controller, threshold: Value, names: &'static str) {
    rewrites(controller, move |_, body| {
        each(body, &|value| {
            for (name, value) in value.as_object_mut().into_iter().flatten() {
                if name.contains(names) && value.is_number() {
                    *value = threshold.clone();
                } else if name.contains(names) && value.get("Reading").is_some() {
                    value["Reading"] = threshold.clone();
                }
            }
        });
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn thresholds_of_null_are_none_and_those_of_zero_are_told() {
    let controller = Controller::start().await;
    with_thresholds(&controller, Value::Null, "Upper");
    assert_eq!(controller.is_sound_in(&["redfish.thermal"]).await, BTreeSet::new());

    let controller = Controller::start().await;
    with_thresholds(&controller, json!(0), "Fatal");
    let told = controller.is_sound_in(&["redfish.thermal", "redfish.power"]).await;
    assert!(
        !told.is_empty() && told.iter().all(|it| it.starts_with("the thresholds of a temperature should rise")),
        "{told:#?}"
    );
}
