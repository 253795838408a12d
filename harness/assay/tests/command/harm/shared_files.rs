//! Run folders whose files are other files of the user's as well: hard links.

use std::time::Duration;

use serde_json::json;

use super::world::World;
use crate::support::Ended;

/// What somebody lives from: it has no end of a line, as a cut line of a journal has none.
const THEIRS: &str = "hunter2-the-only-copy";

/// A file of the user's that also has this name.
fn link(world: &World, name: &str) {
    let theirs = world.place.write("theirs", THEIRS);
    let _ = std::fs::remove_file(world.place.path(name));
    std::fs::hard_link(theirs, world.place.path(name)).unwrap();
}

#[track_caller]
fn is_whole(world: &World, ended: &Ended) {
    assert_eq!(world.place.read("theirs"), THEIRS, "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_writes_into_no_file_that_stands_elsewhere_too() {
    let world = World::cloud().await;
    world.run(&["image.images.list"]).await.says(0, &[]);
    for known in [true, false] {
        if !known {
            world.forget_the_run();
        }
        link(&world, "run/resources.jsonl");
        for options in [&["run", "--dry-run"] as &[&str], &["run"], &["run", "--yes"]] {
            let ended = world.sweep(options).await;
            is_whole(&world, &ended);
            world.is_unharmed(&ended).await;
        }
    }
}

/// Until there is leave, a folder stays as it came.
#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_writes_nothing_before_there_is_leave() {
    let world = World::cloud().await;
    world.killed_in(&["image.images.delete"]).await;
    world.forget_the_run();
    // The last line is cut, as a kill cuts it.
    let journal = world.place.read("run/resources.jsonl") + &json!({"at": "2026"}).to_string()[..8];
    let path = world.place.write("run/resources.jsonl", &journal);
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(600);
    std::fs::File::options().append(true).open(path).unwrap().set_modified(long_ago).unwrap();
    world.sweep(&["run"]).await.says(2, &["--yes"]);
    assert_eq!(world.place.read("run/resources.jsonl"), journal);
    let ended = world.sweep(&["run", "--yes"]).await;
    ended.says(0, &[]);
    assert!(world.journal().iter().any(|line| line["test"] == "sweep"), "{}", world.place.read("run/resources.jsonl"));
    world.is_swept(&ended).await;
    world.is_unharmed(&ended).await;
}

/// What a report or a seal replaces stays as it is under its other name.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_anew_leaves_other_names_alone() {
    let world = World::cloud().await;
    let (guideline, score) = ("openstack-powered/2022.11", ["--target", "compute"]);
    world.run(&["image.images.list"]).await.says(0, &[]);
    std::fs::create_dir(world.place.path("out")).unwrap();
    for name in ["report.html", "report.json", "report.part"] {
        link(&world, &format!("out/{name}"));
        let arguments = [&["score", "run", "--out", "out", "--guideline", guideline], score.as_slice()].concat();
        let ended = world.place.run(&arguments).await;
        assert!(ended.stderr.contains("report:"), "{ended:#?}");
        is_whole(&world, &ended);
    }
}
