//! Signals at other times than in the middle of a run's tests: commands that change nothing end at once, a sweep ends soon,
//! and what nohup has ignored stays ignored.

use std::time::{Duration, Instant};

use assay_hostile::{Answer, Front, Turn};

use crate::interruption::{Served, TESTS, signal};
use crate::support::{Ended, Place, clouds, end, reference};

/// Within which time a command ends that was told to.
const SOON: Duration = Duration::from_secs(8);

/// Starts a command, waits until the deployment has seen a request that begins so, and sends signals, one a moment after
/// the other.
async fn interrupted(place: &Place, front: &Front, arguments: &[&str], request: &str, signals: &[&str]) -> Ended {
    let child = place.start(arguments);
    let seen = || {
        front
            .seen()
            .iter()
            .any(|seen| format!("{} {}", seen.request.method, seen.request.target()).starts_with(request))
    };
    let begun = Instant::now();
    while !seen() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{request} is never asked for");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for name in signals {
        tokio::time::sleep(Duration::from_millis(400)).await;
        signal(place, &child, name).await;
    }
    let begun = Instant::now();
    let ended = end(child).await;
    assert!(begun.elapsed() < SOON, "it went on for {:?}: {ended:#?}", begun.elapsed());
    ended
}

/// A deployment that never answers requests whose path has this.
async fn silent_about(part: &'static str) -> (assay_reference::Reference, Front, Place) {
    let reference = reference().await;
    let front = Front::start(reference.url()).await.unwrap();
    front.before(move |request| if request.path.contains(part) { Turn::Silence } else { Turn::Pass });
    let place = Place::new();
    place.write("clouds.yaml", &front.before_it(&clouds(&reference)));
    (reference, front, place)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_nothing_ends_at_once() {
    let (_reference, front, place) = silent_about("/network/").await;
    for name in ["INT", "TERM", "HUP"] {
        for command in [["doctor", "--cloud", "member"].as_slice(), &["run", "--cloud", "member", "--dry-run"]] {
            front.forget();
            let ended = interrupted(&place, &front, command, "GET /network/", &[name]).await;
            ended.says(130, &["interrupted"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_ends_soon() {
    let (_reference, front, place) = silent_about("/image/v2/").await;
    for name in ["INT", "TERM", "HUP"] {
        front.forget();
        let sweep = ["sweep", "assay-0a1b2c3d", "--cloud", "member"];
        interrupted(&place, &front, &sweep, "GET /image/v2/", &[name]).await.says(130, &["nothing was removed"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_deployment_ends_at_each_of_them() {
    for name in ["INT", "TERM", "HUP"] {
        let place = Place::new();
        let child = place.start(&["reference", "serve", "--clouds", "served.yaml"]);
        let begun = Instant::now();
        while !place.path("served.yaml").exists() {
            assert!(begun.elapsed() < Duration::from_secs(60));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        signal(&place, &child, name).await;
        end(child).await.says(0, &["ends"]);
    }
}

/// While a body that takes long to be read through keeps the threads busy, the second signal ends the command all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_a_busy_command() {
    let (_reference, front, place) = silent_about("nothing").await;
    let members: Vec<_> = (0..60_000).map(|at| format!("\"password\": \"something-{at}-secret\"")).collect();
    let body = format!("{{\"images\": [], \"more\": [{{{}}}]}}", members.join("}, {"));
    front.before(move |request| {
        let listing = request.method == "GET" && request.path.ends_with("/v2/images");
        if listing { Turn::Answer(Answer::json(200, body.clone())) } else { Turn::Pass }
    });
    let run = ["run", "--cloud", "member", "--out", "run", "--exact", "image.images.list"];
    let ended = interrupted(&place, &front, &run, "GET /image/v2/images", &["INT", "INT"]).await;
    // Where it was not busy for so long, it had ended by itself.
    assert!(matches!(ended.code, Some(130 | 1)), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nohup_ignores_stays_ignored() {
    let served = Served::start().await;
    served.hold_creations();
    let script = format!("trap '' HUP; exec $assay run --cloud member --out run --exact {}", TESTS.join(" "));
    let assay = crate::support::assay();
    let child = served.place.program("bash").args(["-c", &script]).env("assay", assay).spawn().unwrap();
    served.created().await;
    signal(&served.place, &child, "HUP").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    served.proxy.release();
    let ended = end(child).await;
    ended.says(0, &[]).prints(&["4 passed"]);
    assert!(!ended.stderr.contains("stopping"), "{ended:#?}");
}
