//! How a controller writes its links, and where it leads requests.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use assay_hostile::{Answer, Request, Turn};
use serde_json::{Value, json};

use super::{Controller, rewrites, rewritten, texts};

const PATHS: &str = "a link should be a path of this service";

/// All links of an answer, but what a resource calls itself.
fn each_link(value: &mut Value, top: bool, change: &dyn Fn(&str) -> String) {
    match value {
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                match member {
                    Value::String(link) if key == "@odata.id" && !top && link.starts_with('/') => *link = change(link),
                    other => each_link(other, false, change),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| each_link(element, false, change)),
        _ => {}
    }
}

fn changes_links(controller: &Controller, change: impl Fn(&str) -> String + Send + Sync + 'static) {
    rewrites(controller, move |_, body| each_link(body, true, &change));
}

#[tokio::test(flavor = "multi_thread")]
async fn absolute_links_are_one_finding() {
    let controller = Controller::start().await;
    let url = controller.front.url().to_owned();
    changes_links(&controller, move |link| format!("{url}{link}"));
    assert_eq!(controller.has_the_verdicts_of_a_sound_one().await, texts(&[PATHS]));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_without_their_first_slash_are_one_finding() {
    let controller = Controller::start().await;
    changes_links(&controller, |link| link[1..].to_owned());
    assert_eq!(controller.has_the_verdicts_of_a_sound_one().await, texts(&[PATHS]));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_name_their_host_are_none() {
    let controller = Controller::start().await;
    let host = controller.front.url().trim_start_matches("http:").to_owned();
    changes_links(&controller, move |link| format!("{host}{link}"));
    assert_eq!(controller.has_the_verdicts_of_a_sound_one().await, BTreeSet::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn links_with_a_slash_at_the_end_are_none() {
    let controller = Controller::start().await;
    changes_links(&controller, |link| if link.contains('#') { link.to_owned() } else { format!("{link}/") });
    controller.front.before(|request| {
        let path = request.path.trim_end_matches('/').to_owned();
        if path == "/redfish/v1" { Turn::Pass } else { Turn::Rewrite(Request { path, ..request.clone() }) }
    });
    assert_eq!(controller.has_the_verdicts_of_a_sound_one().await, BTreeSet::new());
}

/// A controller to which the case of letters in paths makes no difference, and which writes its links as it likes.
#[tokio::test(flavor = "multi_thread")]
async fn links_in_another_case_of_letters_are_one_finding() {
    let controller = Controller::start().await;
    let paths = Arc::new(Mutex::new(HashMap::<String, String>::new()));
    let known = paths.clone();
    changes_links(&controller, move |link| {
        let lower = link.to_ascii_lowercase();
        known.lock().unwrap().insert(lower.clone(), link.to_owned());
        lower
    });
    controller.front.before(move |request| {
        let paths = paths.lock().unwrap();
        // What is below a link is asked for as well: the settings of a BIOS, a member that nobody has.
        let mut whole = (0..=request.path.len()).rev().filter(|at| request.path.is_char_boundary(*at));
        let known = whole.find_map(|at| Some((at, paths.get(&request.path[..at])?)));
        match known {
            Some((at, path)) => {
                Turn::Rewrite(Request { path: format!("{path}{}", &request.path[at..]), ..request.clone() })
            }
            None => Turn::Pass,
        }
    });
    let told = controller.has_the_verdicts_of_a_sound_one().await;
    assert_eq!(told, texts(&["a resource should name itself in the case of letters that leads to it"]));
}

/// Where whole addresses are allowed: in targets of actions, in `Location`, and as the next page of a collection.
#[tokio::test(flavor = "multi_thread")]
async fn absolute_targets_locations_and_pages_are_none() {
    let controller = Controller::start().await;
    let url = controller.front.url().to_owned();
    controller.front.after(move |request, answer| {
        for (name, value) in &mut answer.headers {
            if name == "location" && value.starts_with('/') {
                *value = format!("{url}{value}");
            }
        }
        rewritten(answer, |body| {
            let mut actions = body.get_mut("Actions").and_then(Value::as_object_mut);
            for (_, action) in actions.iter_mut().flat_map(|actions| actions.iter_mut()) {
                if let Some(target) = action["target"].as_str() {
                    action["target"] = json!(format!("{url}{target}"));
                }
            }
            let first_of_several = request.query.is_none() && body["Members"].as_array().is_some_and(|it| it.len() > 1);
            if first_of_several {
                body["Members"].as_array_mut().unwrap().truncate(1);
                body["Members@odata.nextLink"] = json!(format!("{url}{}?$skip=1", request.path));
            }
        });
    });
    assert_eq!(controller.has_the_verdicts_of_a_sound_one().await, BTreeSet::new());
}

/// A controller that leads from each path to the one with a slash at its end.
fn leads_on(controller: &Controller, reads: u16, changes: u16) {
    controller.front.before(move |request| {
        let path = request.path.trim_end_matches('/');
        if path == "/redfish/v1" || path == "/redfish" {
            return Turn::Pass;
        }
        if request.path.ends_with('/') {
            return Turn::Rewrite(Request { path: path.to_owned(), ..request.clone() });
        }
        let status = if request.reads() { reads } else { changes };
        let query = request.query.as_ref().map_or_else(String::new, |query| format!("?{query}"));
        if status == 0 {
            Turn::Pass
        } else {
            Turn::Answer(Answer::status(status).with("location", &format!("{path}/{query}")))
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn redirections_of_reads_are_followed() {
    let controller = Controller::start().await;
    leads_on(&controller, 301, 0);
    assert_eq!(controller.has_the_verdicts_of_a_sound_one().await, BTreeSet::new());
}

fn asks_no_other_machine(controller: &Controller) {
    let others = |it: &Request| it.path.contains("/Systems/") && !it.path.contains("/Systems/reference-1");
    assert!(!controller.front.changes().iter().any(others), "a machine that is not listed is asked for no change");
}

#[tokio::test(flavor = "multi_thread")]
async fn redirections_of_changes_are_followed() {
    let controller = Controller::start().await;
    leads_on(&controller, 307, 308);
    assert_eq!(controller.has_the_verdicts_of_a_sound_one().await, BTreeSet::new());
    asks_no_other_machine(&controller);
}

#[tokio::test(flavor = "multi_thread")]
async fn redirections_of_changes_with_301_are_one_finding() {
    let controller = Controller::start().await;
    leads_on(&controller, 0, 301);
    let told = controller.has_the_verdicts_of_a_sound_one().await;
    assert_eq!(told, texts(&["a change should be led elsewhere with 307 or 308, which keep its method"]));
    asks_no_other_machine(&controller);
}

/// A change that is led to another machine needs leave of its own, and does not get it.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_led_to_another_machine_is_not_made() {
    for status in [301, 307, 308] {
        let controller = Controller::start().await;
        controller.front.before(move |request| {
            if request.reads() || !request.path.contains("/Systems/reference-1") {
                return Turn::Pass;
            }
            let other = request.path.replace("/reference-1", "/reference-2");
            Turn::Answer(Answer::status(status).with("location", &other))
        });
        controller.run(&["redfish.systems.asset-tag"]).await.says(1, &[]);
        asks_no_other_machine(&controller);
    }
}
