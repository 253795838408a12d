//! `assay guideline timeline`: what can be certified against on a day, in families that are embedded and in those of a folder.

use serde_json::Value;

use crate::support::Place;

const GUIDELINE: &str = include_str!("../../../../guidelines/tests/good.yaml");

/// A folder with a family of a guideline every half year.
fn half_yearly() -> Place {
    let place = Place::new();
    std::fs::create_dir_all(place.path("ours/half")).unwrap();
    for (version, approved) in [
        ("2015.07", "2015-07-01"),
        ("2016.01", "2016-01-01"),
        ("2016.07", "2016-07-01"),
        ("2017.01", "2017-01-01"),
        ("2017.07", "2017-07-01"),
    ] {
        let text = GUIDELINE.replace("openstack-small/2020.06", &format!("half/{version}"));
        let text = text.replace("approved: 2020-06-01", &format!("approved: {approved}"));
        place.write(&format!("ours/half/{version}.yaml"), &text);
    }
    place
}

const TIMELINE: [&str; 5] = ["guideline", "timeline", "half", "--guidelines", "ours"];

async fn json(place: &Place, more: &[&str]) -> Value {
    let ended = place.run(&[&TIMELINE[..], more, &["--format", "json"]].concat()).await;
    serde_json::from_str(&ended.says(0, &[]).stdout).unwrap()
}

/// The reckoning that was published in 2015.
#[tokio::test(flavor = "multi_thread")]
async fn a_mark_taken_just_before_2016_01_is_superseded_in_january_2017_is_carried_until_january_2018() {
    let place = half_yearly();
    let ended = place.run(&[&TIMELINE[..], &["--date", "2016-12-31"]].concat()).await;
    ended.says(0, &[]).prints(&[
        "half/2016.01 effective ",
        "from 2016-01-01 to 2017-01-01 marks to 2018-01-01",
        "On 2016-12-31 a product can certify against half/2016.01, half/2016.07; a mark that it takes then lasts until 2017-12-31.",
    ]);
    let timeline = json(&place, &["--date", "2017-01-01"]).await;
    assert_eq!(timeline["schema"], "assay.timeline/1");
    let span = &timeline["guidelines"][1];
    assert_eq!((&span["id"], &span["state"]), (&"half/2016.01".into(), &"deprecated".into()));
    assert_eq!((&span["superseded"], &span["marks_until"]), (&"2017-01-01".into(), &"2018-01-01".into()));
    // As it was: 2016.01 was approved on 2016-01-27, and 2017.01 on 2017-01-24.
    let ended = place.run(&["guideline", "timeline", "openstack-powered", "--date", "2017-01-23"]).await;
    ended.says(0, &[]).prints(&["from 2016-01-27 to 2017-01-24 marks to 2018-01-24"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_family_file_of_a_folder_says_how_many_are_usable_and_how_long_a_mark_lasts() {
    let place = half_yearly();
    assert_eq!(json(&place, &["--date", "2016-12-31"]).await["title"], "half");
    place.write("ours/half/family.yaml", "schema: assay.family/1\ntitle: Ours\nusable: 1\nlicence_months: 6\n");
    let timeline = json(&place, &["--date", "2016-12-31"]).await;
    assert_eq!((&timeline["title"], &timeline["mark_taken_now_until"]), (&"Ours".into(), &"2017-06-30".into()));
    let states: Vec<_> = timeline["guidelines"].as_array().unwrap().iter().map(|span| &span["state"]).collect();
    assert_eq!(states, ["deprecated", "deprecated", "effective", "draft", "draft"]);
    place.run(&["guideline", "lint", "ours/half/family.yaml"]).await.says(0, &["ours/half/family.yaml: no problem"]);

    place.write("ours/half/family.yaml", "schema: assay.family/1\ntitle: Ours\nusable: two\nlicense_months: 6\n");
    let words =
        ["ours/half/family.yaml:3:9", "whole number", "ours/half/family.yaml:4:1", "did you mean `licence_months`?"];
    place.run(&TIMELINE).await.says(2, &words);
    place.run(&["guideline", "lint", "ours/half/family.yaml"]).await.says(2, &["2 problems"]).prints(&words);
    let list = ["guideline", "list", "--guidelines", "ours"];
    place.run(&list).await.says(0, &[]).prints(&["half/2017.07"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_states_that_scs_publishes_are_shown() {
    let place = Place::new();
    let scs = ["guideline", "timeline", "scs", "--date"];
    place.run(&[&scs[..], &["2025-03-01"]].concat()).await.says(0, &[]).prints(&[
        "v4   warn ",
        "v5.1 effective ",
        "v3   deprecated",
        "next not known",
        "certify against v4, v5.1; a mark that it takes then lasts until 2026-03-01.",
    ]);
    let ended = place.run(&[&scs[..], &["2025-09-09"]].concat()).await;
    ended.says(0, &[]).prints(&["next draft", "v4   deprecated", "certify against v5.1;"]);
    place.run(&[&scs[..], &["2020-01-01"]].concat()).await.says(0, &[]).prints(&["can certify against none of these"]);
    let misspelt = place.run(&["guideline", "timeline", "openstack-power"]).await;
    misspelt.says(2, &["`openstack-power`", "did you mean `openstack-powered`?"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schemas_of_both_files_are_published() {
    let place = Place::new();
    for (name, schema) in [("family", "assay.family/1"), ("timeline", "assay.timeline/1")] {
        let ended = place.run(&["schema", name]).await;
        let value: Value = serde_json::from_str(&ended.says(0, &[]).stdout).unwrap();
        assert_eq!(value["properties"]["schema"]["const"], schema, "{name}");
    }
    place.run(&["schema", "famly"]).await.says(2, &["famly", "family"]);
}
