//! `assay guideline worksheet`, and `lint` for worksheets: what is imported, shown and checked.

use crate::support::Place;

/// A small worksheet in the published form, with much that is odd about it.
const PUBLISHED: &str = include_str!("../../../../guidelines/tests/worksheet/published.txt");
/// A small one of its own criteria, with open scores.
const GOOD: &str = include_str!("../../../../guidelines/tests/worksheet/good.yaml");

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_worksheet_says_what_it_repaired_and_is_shown() {
    let place = Place::new();
    place.write("scoring.txt", PUBLISHED);
    let import = ["guideline", "worksheet", "import", "scoring.txt", "--out", "imported.yaml"];
    let line = PUBLISHED.lines().position(|line| line.starts_with("compute-servers-wrong")).unwrap() + 1;
    let total = format!("scoring.txt:{line}:64: total: the total was written as `12`");
    let ended = place.run(&import).await;
    ended.says(0, &[&total, "listed-twice", "9 capabilities, scored for openstack-powered/2018.11", "repairs"]);
    assert_eq!(ended.stdout, "", "the worksheet is in the file");
    // A file that is there is not written over by mistake.
    place.run(&import).await.says(2, &["imported.yaml", "--force"]);
    place.run(&[&import[..], &["--force"]].concat()).await.says(0, &[]);

    let ended = place.run(&["guideline", "worksheet", "show", "imported.yaml"]).await;
    ended.says(0, &[]).prints(&["The cutoff is 74 of 100", "vetoed", "undecided", "compute-all (a group of 2)"]);
    ended.prints(&["Held against openstack-powered/2018.11"]);

    let json = ["guideline", "worksheet", "import", "scoring.txt", "--format", "json"];
    let value: serde_json::Value = serde_json::from_str(&place.run(&json).await.stdout).unwrap();
    let row = &value["worksheet"]["sections"]["Compute"]["capabilities"]["compute-servers-list"];
    assert_eq!((&row["scores"]["doc"], &row["scores"]["tools"]), (&"?".into(), &0.into()));
    assert!(value["repairs"].as_array().unwrap().len() > 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_worksheet_is_refused_with_its_place() {
    let place = Place::new();
    place.write("other.txt", "Nothing of that kind.\n");
    place
        .run(&["guideline", "worksheet", "import", "other.txt"])
        .await
        .says(2, &["other.txt:1:1", "has no line such as"]);
    place.run(&["guideline", "worksheet", "import", "missing.txt"]).await.says(2, &["missing.txt", "cannot read"]);
    place.write("scoring.txt", PUBLISHED);
    let other = ["guideline", "worksheet", "import", "scoring.txt", "--guideline", "openstack-powered/2018.12"];
    place.run(&other).await.says(2, &["did you mean"]);
    place.write("wrong.yaml", &GOOD.replace("doc: \"?\"", "doc: ?"));
    let line = GOOD.lines().position(|line| line.contains("doc: \"?\"")).unwrap() + 1;
    let at = format!("wrong.yaml:{line}:36");
    place.run(&["guideline", "worksheet", "show", "wrong.yaml"]).await.says(2, &[&at, "takes one of"]);
    place.run(&["guideline", "worksheet", "show", "missing.yaml"]).await.says(2, &["missing.yaml"]);
    // `lint` tells a worksheet from a guideline by what it says of itself, and ends as for a guideline.
    let ended = place.run(&["guideline", "lint", "wrong.yaml"]).await;
    ended.says(2, &["1 problems were found"]).prints(&[&at, "takes one of"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worksheet_is_shown_in_every_format() {
    let place = Place::new();
    let show = ["guideline", "worksheet", "show", "openstack-powered/worksheet", "--format"];
    let json = place.run(&[&show[..], &["json"]].concat()).await;
    let value: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(value["schema"], "assay.worksheet-evaluation/1");
    assert_eq!((&value["counts"]["over"], &value["counts"]["vetoed"]), (&103.into(), &4.into()));
    assert_eq!(value["compared"]["guideline"], "openstack-powered/2018.11");
    place.run(&[&show[..], &["markdown"]].concat()).await.says(0, &[]).prints(&["| Stands |", "compute-images-create"]);
    place.run(&[&show[..], &["html"]].concat()).await.says(0, &[]).prints(&["<svg", "cutoff 74", "</html>"]);
    let against = [&show[..], &["json", "--against", "openstack-powered/2016.01"]].concat();
    let value: serde_json::Value = serde_json::from_str(&place.run(&against).await.stdout).unwrap();
    assert_eq!(value["compared"]["guideline"], "openstack-powered/2016.01");

    for name in ["worksheet", "worksheet-evaluation"] {
        place.run(&["schema", name]).await.says(0, &[]).prints(&["\"type\": \"object\""]);
    }
}

/// Holds off a check that ends well although a rule is broken, and one that fails because of warnings.
#[tokio::test(flavor = "multi_thread")]
async fn lint_holds_a_worksheet_against_its_guideline() {
    let place = Place::new();
    let ended = place.run(&["guideline", "lint", "openstack-powered/worksheet"]).await;
    ended.says(1, &["3 errors", "held against openstack-powered/2018.11"]).prints(&[
        "error[AG603]",
        "warning[AG607]",
        "warning[AG608]",
        "openstack-powered/worksheet.yaml:",
    ]);
    place.write("small.yaml", GOOD);
    place.run(&["guideline", "lint", "small.yaml"]).await.says(0, &["0 errors", "1 warning"]).prints(&["AG600"]);
    let against = ["guideline", "lint", "small.yaml", "--against", "openstack-powered/2018.11", "--format", "json"];
    let ended = place.run(&against).await;
    ended.says(1, &[]);
    let value: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let found = &value["guidelines"][0];
    assert_eq!((&found["id"], &found["against"]), (&"A small one".into(), &"openstack-powered/2018.11".into()));
    assert_eq!(found["findings"][0]["code"], "AG601");
    place.run(&["explain", "AG604"]).await.says(0, &[]).prints(&["administrator", "Why:"]);
}
