//! What controllers make of `If-Match`: a change is refused with 412 or 428 unless it has what fits.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use assay_hostile::{Request, Turn};
use assay_reports::record::Verdict;

use super::{Controller, SETTINGS, error, patches, rewritten, texts};

const TAKEN: &str = "a change should be taken with the `ETag` that the resource gave in that header";

/// A controller that gives a tag for each look at a resource, and takes a change with what fits that tag.
///
/// `gives` is told the sound tag and how often the resource was looked at; what it gives stands in the header, or in the body
/// where it says so. `takes` is told what was sent in `If-Match`, and the tag that was given last.
fn wants_tags(
    controller: &Controller,
    in_header: bool,
    gives: impl Fn(&str, usize) -> String + Send + Sync + 'static,
    takes: impl Fn(Option<&str>, &str) -> bool + Send + Sync + 'static,
) {
    let given = Arc::new(Mutex::new(HashMap::<String, (String, usize)>::new()));
    let last = given.clone();
    controller.front.after(move |request, answer| {
        let Some(sound) = answer.header("etag").map(str::to_owned) else { return };
        if request.method != "GET" {
            return;
        }
        let mut given = given.lock().unwrap();
        let (tag, looks) = given.entry(request.path.clone()).or_default();
        *looks += 1;
        *tag = gives(&sound, *looks);
        answer.headers.retain(|(name, _)| name != "etag");
        if in_header {
            answer.headers.push(("etag".to_owned(), tag.clone()));
        }
        rewritten(answer, |body| body["@odata.etag"] = tag.as_str().into());
    });
    controller.front.before(move |request| {
        if !patches(request) {
            return Turn::Pass;
        }
        let sent = request.header("if-match");
        let tag = last.lock().unwrap().get(&request.path).map(|(tag, _)| tag.clone()).unwrap_or_default();
        if takes(sent, &tag) {
            let headers = request.headers.iter().filter(|(name, _)| name != "if-match").cloned().collect();
            return Turn::Rewrite(Request { headers, ..request.clone() });
        }
        Turn::Answer(match sent {
            Some(_) => error(412, "PreconditionFailed", "The tag is wrong."),
            None => error(428, "PreconditionRequired", "There must be a tag."),
        })
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_taken_without_its_quotes() {
    let controller = Controller::start().await;
    wants_tags(&controller, true, |sound, _| sound.to_owned(), |sent, tag| sent == Some(tag.trim_matches('"')));
    assert_eq!(controller.is_sound_in(&SETTINGS).await, texts(&[TAKEN]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_without_quotes_is_taken_with_them() {
    let controller = Controller::start().await;
    let quoted = |sent: Option<&str>, tag: &str| sent == Some(format!("\"{tag}\"").as_str());
    wants_tags(&controller, true, |sound, _| sound.trim_matches('"').to_owned(), quoted);
    assert_eq!(controller.is_sound_in(&SETTINGS).await, texts(&[TAKEN]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_tag_is_taken_as_a_strong_one() {
    let controller = Controller::start().await;
    wants_tags(
        &controller,
        true,
        |sound, _| format!("W/{sound}"),
        |sent, tag| sent.is_some() && sent == tag.strip_prefix("W/"),
    );
    assert_eq!(controller.is_sound_in(&SETTINGS).await, texts(&[TAKEN]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_star_is_taken() {
    let controller = Controller::start().await;
    wants_tags(&controller, true, |sound, _| sound.to_owned(), |sent, _| sent == Some("*"));
    assert_eq!(controller.is_sound_in(&SETTINGS).await, texts(&[TAKEN]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_taken_from_the_body_where_it_stands_there_alone() {
    let controller = Controller::start().await;
    wants_tags(&controller, false, |sound, _| sound.to_owned(), |sent, tag| sent == Some(tag));
    assert_eq!(controller.is_sound_in(&SETTINGS).await, texts(&[TAKEN]));
}

/// The tag of the last look is the right one, whoever looked: somebody else does between each look and the change.
#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_changes_with_each_look_is_read_again() {
    let (controller, asked) = (Controller::start().await, AtomicU32::new(0));
    let takes = move |sent: Option<&str>, tag: &str| {
        let is_late = asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(3);
        !is_late && sent == Some(tag)
    };
    wants_tags(&controller, true, |_, looks| format!("\"look-{looks}\""), takes);
    let more = [&SETTINGS[..], &["redfish.systems", "redfish.errors"]].concat();
    assert_eq!(controller.is_sound_in(&more).await, BTreeSet::new());
}

/// No tag fits that was ever given.
#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_is_never_right_is_left_out() {
    let controller = Controller::start().await;
    wants_tags(&controller, true, |_, looks| format!("\"look-{looks}\""), |sent, _| sent.is_none());
    assert_eq!(controller.is_sound_in(&SETTINGS).await, texts(&[TAKEN]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_tag_is_left_out() {
    for empty in ["", "\"\""] {
        let controller = Controller::start().await;
        wants_tags(&controller, true, |_, _| empty.to_owned(), |sent, _| sent.is_none());
        assert_eq!(controller.is_sound_in(&SETTINGS).await, texts(&["a system should have an `ETag`"]), "{empty}");
    }
}

/// Nothing can be tried where nothing can be changed: that is told, and no setting is blamed for it.
#[tokio::test(flavor = "multi_thread")]
async fn who_takes_no_tag_at_all_fails_no_setting() {
    let controller = Controller::start().await;
    wants_tags(&controller, true, |sound, _| sound.to_owned(), |_, _| false);
    let (others, told) = controller.compared(&SETTINGS).await;
    assert!(others.len() >= 8, "{others:#?}");
    assert!(others.values().all(|verdict| *verdict == Verdict::Skip), "{others:#?} {:#?}", controller.reasons());
    assert_eq!(told, texts(&[TAKEN]));
    let says = |it: &String| it.contains("whatever stands in `If-Match`");
    assert!(controller.reasons().iter().filter(|it| says(it)).count() >= others.len(), "{:#?}", controller.reasons());
}
