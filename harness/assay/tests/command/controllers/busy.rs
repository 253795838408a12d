//! Controllers that are busy with a machine, and those that take their time.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use assay_hostile::{Answer, Exchange, Request, Turn};

use super::{Controller, SYSTEM, error, machines, patches};
use crate::support::{HANGS, end};

/// Whether a request changes the machine, or asks it for something.
fn asks_the_machine(request: &Request) -> bool {
    !request.reads() && request.path.starts_with(SYSTEM)
}

/// A controller that is busy at every other change.
fn is_busy_at_every_other(controller: &Controller, busy: &Answer) {
    let (busy, asked) = (busy.clone(), AtomicU32::new(0));
    controller.front.before(move |request| {
        let turn = asks_the_machine(request) && asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        if turn { Turn::Answer(busy.clone()) } else { Turn::Pass }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_busy_at_every_other_change_is_asked_again() {
    const TESTS: [&str; 8] = [
        "redfish.boot",
        "redfish.reset.on-off",
        "redfish.systems.asset-tag",
        "redfish.indicator",
        "redfish.bios",
        "redfish.secure-boot",
        "redfish.errors",
        "redfish.vmedia",
    ];
    let in_use = |status: u16| error(status, "ResourceInUse", "The machine is busy: try again later.");
    let unavailable = error(503, "ServiceTemporarilyUnavailable", "Wait for one second.").with("retry-after", "1");
    let each = [in_use(409), in_use(400), unavailable, Answer::status(503)].map(|busy| async move {
        let controller = Controller::start().await;
        is_busy_at_every_other(&controller, &busy);
        assert_eq!(controller.is_sound_in(&TESTS).await, BTreeSet::new(), "{busy:?}");
    });
    futures::future::join_all(each).await;
}

/// Longer than a request waits by itself for who answers 503.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_unavailable_for_a_while_is_waited_for() {
    const LONG: Duration = Duration::from_secs(12);
    let controller = Controller::start().await;
    let since = Mutex::new(None::<Instant>);
    controller.front.before(move |request| {
        if !asks_the_machine(request) {
            return Turn::Pass;
        }
        let begun = *since.lock().unwrap().get_or_insert_with(Instant::now);
        if begun.elapsed() < LONG { Turn::Answer(Answer::status(503)) } else { Turn::Pass }
    });
    assert_eq!(controller.is_sound_in(&["redfish.boot.once"]).await, BTreeSet::new());
}

/// A controller whose changes are made at once, and show late.
fn shows_late(controller: &Controller, late: Duration) {
    // What each path answered before it was changed, and until when that is what it says.
    let seen = Arc::new(Mutex::new(HashMap::<String, Answer>::new()));
    let until = Arc::new(Mutex::new(HashMap::<String, (Instant, Answer)>::new()));
    let (known, old) = (seen.clone(), until.clone());
    controller.front.before(move |request| {
        let mut old = old.lock().unwrap();
        old.retain(|_, (until, _)| *until > Instant::now());
        if request.method == "GET"
            && let Some((_, answer)) = old.get(&request.target())
        {
            return Turn::Answer(answer.clone());
        }
        Turn::Pass
    });
    controller.front.after(move |request, answer| {
        let target = request.target();
        if request.method == "GET" && answer.status == 200 {
            known.lock().unwrap().insert(target, answer.clone());
        } else if patches(request)
            && answer.status < 300
            && let Some(before) = seen.lock().unwrap().get(&target)
        {
            answer.status = 204;
            answer.body.clear();
            until.lock().unwrap().insert(target, (Instant::now() + late, before.clone()));
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_shows_late_is_waited_for() {
    let tests: [&[&str]; 2] = [
        &["redfish.boot.once", "redfish.boot.continuous", "redfish.systems.asset-tag"],
        &["redfish.bios.change", "redfish.secure-boot.set", "redfish.indicator.set"],
    ];
    let each = tests.map(|tests| async move {
        let controller = Controller::start().await;
        shows_late(&controller, Duration::from_secs(8));
        assert_eq!(controller.is_sound_in(tests).await, BTreeSet::new());
    });
    futures::future::join_all(each).await;
}

/// What was asked for right before ctrl-C does not show yet when the machine is looked at: it is put back all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_still_to_come_is_undone_after_ctrl_c() {
    for (test, asked) in [("redfish.boot.once", "Pxe"), ("redfish.bios.change", "QuietBoot")] {
        let controller = Controller::start().await;
        shows_late(&controller, Duration::from_secs(20));
        let child = controller.place.start(&["run", "--deployment", "metal.yaml", "--out", "run", test]);
        let made = |it: &Exchange| patches(&it.request) && it.request.text().contains(asked) && it.answer.is_some();
        let begun = Instant::now();
        while !controller.front.seen().iter().any(made) {
            assert!(begun.elapsed() < HANGS, "{test} changes nothing");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // The answer comes to the run.
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_ne!(machines(&controller.reference).await, controller.before, "{test}");
        controller.place.shell(&format!("kill -INT {}", child.id().unwrap())).await.says(0, &[]);
        end(child).await.says(130, &["interrupted"]);
        assert_eq!(machines(&controller.reference).await, controller.before, "{test}");
        controller.told();
    }
}
