//! Scoring the results of other tools, under several guidelines and under RefStack's rules.

use serde_json::Value;

use crate::support::Place;

/// The one test that 2020.06 and 2019.11 require of every token, and one that failed.
const RESULTS: &str = "\
test: tempest.api.identity.v3.test_tokens.TokensV3Test.test_create_token[id-6f8e4436-fc96-4282-8122-e41df57197a9]
success: tempest.api.identity.v3.test_tokens.TokensV3Test.test_create_token[id-6f8e4436-fc96-4282-8122-e41df57197a9]
test: tempest.api.object_storage.test_object_version.ContainerTest.test_versioned_container
failure: tempest.api.object_storage.test_object_version.ContainerTest.test_versioned_container [
Traceback (most recent call last):
  File \"/opt/x.py\", line 1
ValueError: X-Auth-Token: hush-hush
]
";

const ONE: &str = "openstack-powered/2020.06";
const TWO: &str = "openstack-powered/2019.11";

#[tokio::test(flavor = "multi_thread")]
async fn results_of_another_tool_are_scored_and_shown_as_what_they_are() {
    let place = Place::new();
    place.write("nimbus.subunit", RESULTS);
    let ended = place.run(&["score", "nimbus.subunit", "--guideline", ONE, "--target", "storage"]).await;
    ended.says(1, &[]).prints(&["Results “nimbus”", "(subunit v1)", "assay score nimbus.subunit --guideline"]);
    for word in ["hush-hush", "/opt/x.py", "assay run", "assay doctor"] {
        assert!(!ended.stdout.contains(word), "{word}: {}", ended.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_guidelines_make_one_array_and_one_page_each() {
    let place = Place::new();
    place.write("nimbus.subunit", RESULTS);
    let score = ["score", "nimbus.subunit", "--guideline", ONE, "--guideline", TWO, "--target", "storage"];
    let ended = place.run(&[&score[..], &["--format", "json"]].concat()).await;
    let reports: Value = serde_json::from_str(&ended.stdout).unwrap();
    let ids: Vec<_> = reports.as_array().unwrap().iter().map(|report| report["guideline"].as_str().unwrap()).collect();
    assert_eq!((ended.code, ids), (Some(1), vec![ONE, TWO]));
    // Two pages one after the other are none.
    place.run(&[&score[..], &["--format", "html"]].concat()).await.says(2, &["--out"]);
    place.run(&[&score[..], &["--format", "html", "--out", "out"]].concat()).await.says(1, &["report.html"]);
    assert!(place.path("out/openstack-powered-2019.11/report.html").is_file());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_files_the_worst_result_of_a_test_counts_and_is_told() {
    let place = Place::new();
    place.write("nimbus.subunit", RESULTS);
    let name = "tempest.api.object_storage.test_object_version.ContainerTest.test_versioned_container";
    place.write("again.subunit", &format!("test: {name}\nsuccess: {name}\n"));
    let score = ["score", "again.subunit", "nimbus.subunit", "--guideline", ONE, "--target", "storage"];
    let ended = place.run(&score).await;
    ended.says(1, &[]).prints(&["1 tests were reported more than once with different outcomes", "fail"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn results_of_another_tool_stand_beside_a_run_of_our_own() {
    let place = Place::new();
    place.write("nimbus.subunit", RESULTS);
    let run =
        ["run", "identity.tokens", "--cloud", "reference", "--guideline", ONE, "--target", "storage", "--out", "own"];
    place.run(&run).await.says(1, &[]);
    let score = ["score", "nimbus.subunit", "own", "--guideline", ONE, "--target", "storage", "--format", "json"];
    let report: Value = serde_json::from_str(&place.run(&score).await.says(1, &[]).stdout).unwrap();
    assert_eq!(report["deployment"], "reference", "a run's folder describes the run, wherever it is named");
    let capabilities = report["capabilities"].as_array().unwrap();
    let tests: Vec<_> = capabilities.iter().flat_map(|capability| capability["tests"].as_array().unwrap()).collect();
    let verdict = |part: &str| {
        let test = tests.iter().find(|test| test["name"].as_str().unwrap().contains(part)).unwrap();
        (test["verdict"].as_str().unwrap(), test["id"].as_str().unwrap())
    };
    assert_eq!(verdict("ContainerTest.test_versioned_container").0, "fail");
    assert_eq!(verdict("test_token_auth_creation").0, "pass");
    // A result under the published name decides before one that is found by the UUID.
    assert!(verdict("TokensV3Test.test_create_token").1.starts_with("tempest."));
}

#[tokio::test(flavor = "multi_thread")]
async fn refstacks_rules_give_its_numbers() {
    let place = Place::new();
    place.write("nimbus.subunit", RESULTS);
    let score = ["score", "nimbus.subunit", "--guideline", ONE, "--target", "object", "--rules", "refstack"];
    let ended = place.run(&score).await;
    ended.says(1, &[]).prints(&["RefStack's numbers for storage under openstack-powered/2020.06", "compliant   NO"]);
    let ended = place.run(&[&score[..], &["--format", "json"]].concat()).await;
    let numbers: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&numbers["schema"], &numbers["required"]["passed"]), (&"assay.refstack-score/1".into(), &1.into()));
    place.run(&[&score[..], &["--format", "html"]].concat()).await.says(2, &["--format text or json"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn results_that_are_damaged_or_unknown_are_refused_with_the_place() {
    let place = Place::new();
    place.write("cut.subunit", &RESULTS[..RESULTS.len() - 3]);
    let score = |file| ["score", file, "--guideline", ONE, "--target", "storage"];
    place.run(&score("cut.subunit")).await.says(2, &["cut.subunit: truncated at byte", "after 1 tests"]);
    place.write("text", "hello");
    place.run(&score("text")).await.says(2, &["text: its form is not known", "JUnit XML"]);
    place.run(&score("none")).await.says(2, &["cannot read none"]);
    place.run(&["score", "cut.subunit"]).await.says(2, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_refstack_takes_refstacks_options() {
    let place = Place::new();
    let list = ["list", "--guideline", ONE, "--target", "compute", "--format", "refstack", "--type", "required"];
    let all = place.run(&[&list[..], &["--flag", "true"]].concat()).await;
    let unflagged = place.run(&[&list[..], &["--flag", "false", "--alias", "true"]].concat()).await;
    assert!(all.stdout.lines().count() > unflagged.stdout.lines().count(), "{}", unflagged.stdout);
    unflagged.says(0, &[]).prints(&["test_list_flavors[id-e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59]\n"]);
    place.run(&["list", "--format", "refstack"]).await.says(2, &["--guideline"]);
    place.run(&[&list[..], &["--flagged", "no"]].concat()).await.says(2, &["--flag"]);
    place.run(&["list", "--guideline", ONE, "--alias", "true"]).await.says(2, &["--format refstack"]);
}
