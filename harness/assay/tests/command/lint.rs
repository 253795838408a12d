//! `assay guideline lint` and `assay explain`: findings, their places, and the status that a script goes by.

use crate::support::Place;

const GUIDELINE: &str = include_str!("../../../../guidelines/tests/good.yaml");

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_rule_is_shown_with_its_place_and_ends_with_1() {
    let place = Place::new();
    place.write("admin.yaml", GUIDELINE);
    let line = GUIDELINE.lines().position(|line| line.contains("admin: true")).unwrap() + 1;
    let ended = place.run(&["guideline", "lint", "admin.yaml", "--date", "2020-06-01"]).await;
    let at = format!("admin.yaml:{line}:12");
    ended.says(1, &["2 errors", "1 warning", "assay explain"]).prints(&[
        "error[AG204]",
        &at,
        "warning[AG305]",
        "help: ",
    ]);

    let ended = place.run(&["guideline", "lint", "admin.yaml", "--date", "2020-06-01", "--format", "json"]).await;
    ended.says(1, &[]);
    let value: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&value["schema"], &value["date"]), (&"assay.lint/1".into(), &"2020-06-01".into()));
    let found = &value["guidelines"][0];
    assert_eq!((&found["errors"], &found["warnings"]), (&2.into(), &1.into()));
    assert_eq!((&found["findings"][0]["code"], &found["findings"][0]["line"]), (&"AG204".into(), &line.into()));

    // Warnings alone are no failure.
    let calm = GUIDELINE.replace("admin: true", "admin: false").replace("cutoff: 6", "cutoff: 0");
    place.write("calm.yaml", &calm);
    place.run(&["guideline", "lint", "calm.yaml"]).await.says(0, &["0 errors", "1 warning"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guideline_is_held_against_the_one_it_replaces_or_the_one_that_is_named() {
    let place = Place::new();
    let ended = place.run(&["guideline", "lint", "openstack-powered/2015.05"]).await;
    ended.says(1, &["held against openstack-powered/2015.04"]).prints(&["AG101", "without having been advisory"]);
    let itself = ["guideline", "lint", "openstack-powered/2015.05", "--against", "openstack-powered/2015.05"];
    let ended = place.run(&itself).await;
    assert!(!ended.stdout.contains("AG101"), "{}", ended.stdout);
    let unknown = ["guideline", "lint", "openstack-powered/2015.05", "--against", "openstack-powered/2015.06"];
    place.run(&unknown).await.says(2, &["openstack-powered/2015.06", "did you mean"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn tests_that_are_gone_are_found_with_a_list_of_those_there_are() {
    let place = Place::new();
    place.write("small.yaml", GUIDELINE);
    place.write("tempest.txt", "a.flavors.one[id-e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59,smoke]\nb.images.one\n");
    let lint = |list| ["guideline", "lint", "small.yaml", "--tests", list];
    place.run(&lint("tempest.txt")).await.says(1, &[]).prints(&["warning[AG502]", "a.flavors.two"]);
    place.write("none.txt", "bash: tempest: command not found\n");
    place.run(&lint("none.txt")).await.says(2, &["none.txt", "names no test"]);
    place.run(&lint("missing.txt")).await.says(2, &["missing.txt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_is_a_chart_or_data() {
    let place = Place::new();
    let timeline = ["guideline", "timeline", "openstack-powered", "--date", "2016-12-31"];
    place.run(&timeline).await.says(0, &[]).prints(&[
        "openstack-powered/2016.01",
        "effective",
        "to 2017-01-24 marks to 2018-01-24",
        "█",
    ]);
    let ended = place.run(&[&timeline[..], &["--format", "json"]].concat()).await;
    let value: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(value["schema"], "assay.timeline/1");
    place.run(&["guideline", "timeline", "openstack-power"]).await.says(2, &["openstack-power"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_explained_by_its_code() {
    let place = Place::new();
    place.run(&["explain"]).await.says(0, &[]).prints(&["AG101", "AG503"]);
    place.run(&["explain", "ag101"]).await.says(0, &[]).prints(&["advisory before it is required", "Why:", "To do:"]);
    place.run(&["explain", "scs-0100", "SCS-4V-16-50s_kvm", "SCS-8C-32"]).await.says(0, &[]).prints(&[
        "SCS-4V-16-50s_kvm (syntax v2)",
        "scs:cpu-type=shared-core, scs:disk0-type=ssd",
        "SCS-8C-32 (syntax v2)",
        "dedicated core",
    ]);
    place.run(&["explain", "scs-0100"]).await.says(0, &[]).prints(&["SCS-4V-16-2x50s"]);
    place.run(&["explain", "scs-0100", "SCS-4X-16"]).await.says(1, &[]).prints(&["invalid: `SCS-4` reads well"]);
    place.run(&["explain", "AG101", "SCS-4V-16"]).await.says(2, &["only `scs-0100` explains names"]);
    place.run(&["explain", "AG999"]).await.says(2, &["AG999", "assay explain"]);
}
