//! Input that is wrong: what is said names what, where, and what to do.

use crate::support::{Place, clouds, reference};

const GUIDELINE: &str = include_str!("../../../../guidelines/tests/good.yaml");

#[tokio::test(flavor = "multi_thread")]
async fn a_typo_in_a_guideline_is_shown_with_its_place_and_the_key_that_was_meant() {
    let place = Place::new();
    let wrong = GUIDELINE.replacen("status:", "statsu:", 1);
    let line = wrong.lines().position(|line| line.starts_with("statsu:")).unwrap() + 1;
    place.write("wrong.yaml", &wrong);
    let at = format!("wrong.yaml:{line}:1");
    let ended = place.run(&["run", "--guideline", "wrong.yaml", "--cloud", "reference"]).await;
    ended.says(2, &[&at, "statsu", "status", "did you mean"]);
    let ended = place.run(&["guideline", "lint", "wrong.yaml"]).await;
    ended.says(2, &["found"]).prints(&[&at, "statsu", "did you mean"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_named_twice_is_shown_with_both_places() {
    let place = Place::new();
    let mut lines: Vec<&str> = GUIDELINE.lines().collect();
    let first = lines.iter().position(|line| line.trim_start().starts_with("- name: ")).unwrap();
    let end = first + 1 + lines[first + 1..].iter().position(|line| !line.starts_with("        ")).unwrap();
    let again = lines[first..end].to_vec();
    for (at, line) in again.into_iter().enumerate() {
        lines.insert(end + at, line);
    }
    place.write("twice.yaml", &(lines.join("\n") + "\n"));
    let ended = place.run(&["run", "--guideline", "twice.yaml", "--cloud", "reference"]).await;
    ended.says(2, &[&format!("twice.yaml:{}", end + 1), "first listed here"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_guideline_or_target_is_answered_with_those_there_are() {
    let place = Place::new();
    let run = |guideline, target| ["run", "--cloud", "reference", "--guideline", guideline, "--target", target];
    let ended = place.run(&run("openstack-powered/2022.10", "storage")).await;
    ended.says(2, &["openstack-powered/2022.10", "openstack-powered/2022.11"]);
    let ended = place.run(&run("openstack-powered/2022.11", "storag")).await;
    ended.says(2, &["`storag`", "storage"]);
    // A target must be named where there are several.
    let ended = place.run(&["run", "--cloud", "reference", "--guideline", "openstack-powered/2022.11"]).await;
    ended.says(2, &["--target", "storage"]);
    assert!(!place.path("assay-runs").exists(), "nothing is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clouds_yaml_that_is_wrong_is_shown_with_its_place_and_without_its_secrets() {
    let place = Place::new();
    place.write("clouds.yaml", "clouds:\n  one:\n    auth:\n      auth_url: http://127.0.0.1:1/v3\n      password: [hush-hush]\n      username: me\n");
    let ended = place.run(&["run", "--cloud", "one"]).await;
    ended.says(2, &["clouds.yaml", "`clouds.one.auth.password`", "must be a string", "a list"]);
    assert!(!ended.stderr.contains("hush"), "{ended:#?}");

    place.write("clouds.yaml", "clouds:\n  one:\n    auth: {auth_url: 'http://127.0.0.1:1/v3\n    region_name: x\n");
    place.run(&["run", "--cloud", "one"]).await.says(2, &["clouds.yaml:", "line 3"]);

    place.write("clouds.yaml", "- one\n- two\n");
    place.run(&["run", "--cloud", "one"]).await.says(2, &["clouds.yaml", "must be a mapping", "a list"]);

    place.write("clouds.yaml", "clouds:\n  one:\n    api_timeout: soon\n    auth: {auth_url: 'http://127.0.0.1:1', username: u, password: p}\n");
    place.run(&["run", "--cloud", "one"]).await.says(2, &["`clouds.one.api_timeout`", "`soon`", "seconds"]);

    std::fs::write(place.path("clouds.yaml"), b"clouds:\n  \xff\xfe: {}\n").unwrap();
    place.run(&["run", "--cloud", "one"]).await.says(2, &["clouds.yaml"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_that_is_unknown_or_not_chosen_is_answered_with_those_there_are() {
    let reference = reference().await;
    let place = Place::of(&reference);
    place.run(&["run", "--cloud", "membre"]).await.says(2, &["`membre`", "clouds.yaml", "member, reference-alt"]);
    let ended = place.run(&["run"]).await;
    ended.says(2, &["--cloud", "--cloud reference", "member", "reference-alt", "clouds.yaml"]);
    let ended = place.run(&["run", "--cloud", "member", "--spare-cloud", "member"]).await;
    ended.says(2, &["--spare-cloud", "`member`", "password"]);
    // No file at all: where it was looked for.
    Place::new().run(&["run"]).await.says(2, &["--cloud", "clouds.yaml", "/etc/openstack"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_ends_the_run_before_any_test() {
    let reference = reference().await;
    let place = Place::new();
    let text = clouds(&reference);
    let wrong: Vec<_> = text
        .lines()
        .map(|line| if line.contains("password:") { "      password: 'not-the-password'" } else { line })
        .collect();
    place.write("clouds.yaml", &(wrong.join("\n") + "\n"));
    let ended = place.run(&["run", "--cloud", "member", "--out", "run"]).await;
    ended.says(3, &["`member`", "401", "check", "password", "clouds.yaml"]);
    assert!(!ended.stderr.contains("not-the-password"), "{ended:#?}");
    assert!(!place.path("run/results.jsonl").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_used_is_refused() {
    let place = Place::new();
    std::fs::create_dir(place.path("full")).unwrap();
    place.write("full/notes.txt", "mine");
    let run = |out| ["run", "--cloud", "reference", "--out", out];
    place.run(&run("full")).await.says(2, &["full", "is not empty", "--out"]);
    assert_eq!(place.read("full/notes.txt"), "mine");
    place.write("file", "");
    place.run(&run("file")).await.says(2, &["file", "--out"]);
    place.run(&run("file/under")).await.says(2, &["file/under", "--out"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_or_waivers_file_that_is_wrong_is_shown_with_its_place() {
    let place = Place::new();
    place.write("product.yaml", "vendor: V\nname: P\nverison: 1\n");
    let with = |option, file| ["run", "--cloud", "reference", option, file];
    place
        .run(&with("--product", "product.yaml"))
        .await
        .says(2, &["product.yaml:3:1", "verison", "did you mean `version`?"]);
    place.run(&with("--product", "missing.yaml")).await.says(2, &["missing.yaml"]);
    place.write("waivers.yaml", "- test: a.b.c\n  reson: because\n");
    place
        .run(&with("--waivers", "waivers.yaml"))
        .await
        .says(2, &["waivers.yaml:2:3", "reson", "did you mean `reason`?"]);
    place.write("waivers.yaml", "- test: [\n");
    place.run(&with("--waivers", "waivers.yaml")).await.says(2, &["waivers.yaml"]);
    assert!(!place.path("assay-runs").exists(), "nothing is run");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_no_run_or_a_damaged_one_is_not_scored() {
    let place = Place::new();
    std::fs::create_dir(place.path("empty")).unwrap();
    place.run(&["score", "empty"]).await.says(2, &["empty", "run.json"]);
    place.run(&["score", "missing"]).await.says(2, &["missing"]);
    let run = ["run", "--cloud", "reference", "--guideline", "openstack-powered/2022.11", "--target", "storage"];
    let ended =
        place.run(&[run.as_slice(), &["--out", "run", "--exact", "object-storage.containers.create"]].concat()).await;
    ended.says(1, &[]);

    let results = place.read("run/results.jsonl");
    place.write("run/results.jsonl", &format!("{results}{{\"id\": 7}}\n{results}"));
    place.run(&["score", "run"]).await.says(2, &["results.jsonl:", ":2"]);
    place.write("run/results.jsonl", "\u{0}\u{1}garbage\n");
    place.run(&["score", "run"]).await.says(2, &["results.jsonl"]);
    place.run(&["sweep", "run", "--cloud", "reference"]).await.says(2, &["results.jsonl"]);
    // A last line that a kill cut short is a warning.
    place.write("run/results.jsonl", &format!("{results}{}", &results[..40]));
    let ended = place.run(&["score", "run"]).await;
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    place.write("run/run.json", "{\"schema\": \"assay.run/99\"}");
    place.run(&["score", "run"]).await.says(2, &["run.json", "assay.run/99"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_of_nonsense_is_refused() {
    let reference = reference().await;
    let place = Place::of(&reference);
    for nonsense in ["nonsense", "assay-", "assay-1234", "assay-0123456g", "..", "a*"] {
        let ended = place.run(&["sweep", nonsense, "--cloud", "member"]).await;
        ended.says(2, &[nonsense]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_flag_or_filter_is_answered_with_help() {
    let place = Place::new();
    place.run(&["run", "--guidelin", "x"]).await.says(2, &["--guidelin", "'--guideline'"]);
    place.run(&["rnu"]).await.says(2, &["rnu", "--help"]);
    place.run(&["run", "--target", "storage"]).await.says(2, &["--guideline"]);
    place.run(&["run", "--cloud", "reference", "--test-threads", "0"]).await.says(2, &["--test-threads", "1"]);
    place.run(&["run", "--cloud", "reference", "no.such.test"]).await.says(4, &["no.such.test", "assay list"]);
    place.run(&["list", "no.such.test"]).await.says(4, &["no test matches"]);
    place.run(&[]).await.says(2, &["run", "doctor", "Usage"]);
}
