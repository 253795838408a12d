//! Sweeps of another cloud's run, of one that goes on, and of two things with one name.

use assay_hostile::{Request, Turn, ask};
use assay_kit::Kind;

use super::creators::creator;
use super::world::World;
use crate::support::{clouds, end, login, member_renamed, reference};

const IMAGE: &str = "image.images.delete";

/// The run was made in one cloud, and another is named.
#[tokio::test(flavor = "multi_thread")]
async fn another_cloud_than_the_run_s_is_refused_by_name() {
    let mut world = World::cloud().await;
    world.killed_in(&[IMAGE]).await;
    world.fill().await;
    let journal = world.place.read("run/resources.jsonl");
    // Another deployment with the same names, and another project of the same one.
    let other = reference().await;
    let entries = member_renamed(&other.clouds_yaml()).replace("  member:", "  elsewhere:");
    let both = format!("{}{}", world.place.read("clouds.yaml"), entries.split_once('\n').unwrap().1);
    let mut known = std::collections::BTreeSet::new();
    // An entry of a name that both have is the first one's.
    let mut text = String::new();
    let mut is_kept = true;
    for line in both.split_inclusive('\n') {
        if line.starts_with("  ") && !line.starts_with("   ") {
            is_kept = known.insert(line.to_owned());
        }
        if is_kept {
            text.push_str(line);
        }
    }
    world.place.write("clouds.yaml", &text);
    for cloud in ["elsewhere", "reference-alt"] {
        let ended = world.place.run(&["sweep", "run", "--cloud", cloud]).await;
        let said = ended.says(2, &["the run", "--cloud"]);
        assert_eq!(world.place.read("run/resources.jsonl"), journal, "the journal is as it was: {said:#?}");
        world.is_unharmed(&ended).await;
    }
    // With the right one, all of it goes.
    let ended = world.sweep(&["run"]).await;
    ended.prints(&["removed image"]);
    world.is_unharmed(&ended).await;
    world.is_swept(&ended).await;
}

/// Two images have one generated name: the run's, and one that was made again when its answer was lost.
#[tokio::test(flavor = "multi_thread")]
async fn two_of_one_name_are_both_removed_or_both_named() {
    let mut world = World::cloud().await;
    world.killed_in(&[IMAGE]).await;
    let journal = world.journal();
    let image = journal.iter().rev().find(|line| line["resource"]["kind"] == "image").unwrap();
    let name = image["resource"]["name"].as_str().unwrap().to_owned();
    let text = clouds(&world.reference);
    let login = login(&text, "member").await;
    let body = format!(r#"{{"name": "{name}", "disk_format": "raw", "container_format": "bare"}}"#);
    let headers = [("x-auth-token", login.token.as_str()), ("content-type", "application/json")];
    let headers: Vec<_> = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let second = Request {
        method: "POST".into(),
        path: "/image/v2/images".into(),
        headers: headers.clone(),
        body: body.into(),
        query: None,
    };
    assert_eq!(ask(world.reference.url(), &second).await.unwrap().status, 201);
    world.fill().await;
    let ended = world.sweep(&["run"]).await;
    let list = Request {
        method: "GET".into(),
        path: "/image/v2/images".into(),
        headers,
        query: Some(format!("name={name}")),
        body: Vec::new(),
    };
    let answer = ask(world.reference.url(), &list).await.unwrap();
    let left = serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap()["images"].as_array().unwrap().clone();
    if !left.is_empty() {
        let ids: Vec<_> = left.iter().map(|image| image["id"].as_str().unwrap()).collect();
        ended.says(5, &ids);
    }
    let removed = ended.stdout.lines().filter(|line| line.starts_with("removed image")).collect::<Vec<_>>();
    let distinct: std::collections::BTreeSet<_> = removed.iter().collect();
    assert_eq!(removed.len(), distinct.len(), "nothing is removed twice: {ended:#?}");
    let of_the_name = removed.iter().filter(|line| line.contains(&name)).count();
    assert_eq!(of_the_name + left.len(), 2, "{ended:#?}");
    world.is_unharmed(&ended).await;
}

/// A folder in which a run is at work is not swept.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_goes_on_is_not_swept() {
    let world = World::cloud().await;
    let deletes = |request: &Request| request.method == "DELETE";
    world.front.before(
        move |request| {
            if deletes(request) { Turn::Late(std::time::Duration::from_secs(3)) } else { Turn::Pass }
        },
    );
    let child = world.start(&[IMAGE, creator(Kind::Container).unwrap()]);
    while !world.front.changes().iter().any(deletes) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let before = world.front.changes().len();
    let ended = world.sweep(&["run"]).await;
    assert!(matches!(ended.code, Some(2 | 5)), "{ended:#?}");
    assert!(!ended.stdout.contains("removed"), "{ended:#?}");
    let run = end(child).await;
    run.says(0, &[]);
    let own = world.front.changes().len();
    assert!(own >= before, "the run's own requests go on");
    world.is_unharmed(&run).await;
}

/// The user's state does not know the run: nobody is there to ask, so nothing is removed without `--yes`.
#[tokio::test(flavor = "multi_thread")]
async fn the_run_of_a_stranger_is_shown_and_not_swept_unasked() {
    let mut world = World::cloud().await;
    world.killed_in(&[IMAGE]).await;
    world.fill().await;
    world.forget_the_run();
    world.front.forget();
    let ended = world.sweep(&["run"]).await;
    assert!(matches!(ended.code, Some(2 | 5)), "{ended:#?}");
    ended.says(ended.code.unwrap(), &["--yes"]);
    let all = format!("{}{}", ended.stdout, ended.stderr);
    assert!(all.contains("image"), "what would go is shown: {ended:#?}");
    assert_eq!(world.front.changes(), Vec::new(), "{ended:#?}");
    world.decoys.verify().await;
}
