//! Two runs at once with the same accounts, and a sweep beside a run.

use std::collections::BTreeMap;

use assay_reports::record::Verdict;

use super::world::{ACCOUNTS, World};
use crate::support::end;

fn verdicts(world: &World, run: &str) -> BTreeMap<String, Verdict> {
    world.place.records(run).into_iter().map(|record| (record.id.clone(), record.verdict)).collect()
}

/// What the member's accounts hold of what runs create: everything that is called after one.
fn left(world: &World, runs: &[String]) -> Vec<String> {
    let seen = world.front.seen();
    let created = runs.iter().flat_map(|run| super::strays::created(&seen, run));
    created.map(|request| request.target()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_have_the_verdicts_of_one() {
    let world = World::cloud().await;
    let start = |out: &str| {
        let run = ["run", "--out", out, "--cloud", "member"];
        world.place.start(&[run.as_slice(), &ACCOUNTS].concat())
    };
    let (one, other) = (start("one"), start("other"));
    let (one, other) = (end(one).await, end(other).await);
    for ended in [&one, &other] {
        ended.says(0, &[]);
    }
    let (first, second) = (verdicts(&world, "one"), verdicts(&world, "other"));
    assert_eq!(first, second);
    assert!(first.values().all(|verdict| matches!(verdict, Verdict::Pass | Verdict::Skip)), "{first:#?}");
    world.decoys.verify().await;
    let names: Vec<String> = ["one", "other"].map(|run| name(&world, run)).into();
    assert!(!left(&world, &names).is_empty(), "they created something");
    for name in &names {
        world.is_swept_of(name, &one).await;
    }
}

/// A killed run is swept beside one that goes on: the other one loses nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_takes_nothing_from_a_run_that_goes_on() {
    let world = World::cloud().await;
    world.killed_in(&["image.images.delete", "network.networks.create-update-delete"]).await;
    let other = ["run", "--out", "other", "--cloud", "member", "image.", "network.", "object-storage."];
    let child = world.place.start(&other);
    let swept = world.sweep(&["run"]).await;
    let ended = end(child).await;
    ended.says(0, &[]);
    world.decoys.verify().await;
    world.is_swept(&swept).await;
    let verdicts = verdicts(&world, "other");
    assert!(verdicts.values().all(|verdict| matches!(verdict, Verdict::Pass | Verdict::Skip)), "{verdicts:#?}");
}

fn name(world: &World, run: &str) -> String {
    let text = world.place.read(&format!("{run}/run.json"));
    let run: serde_json::Value = serde_json::from_str(&text).unwrap();
    run["id"].as_str().unwrap().to_owned()
}
