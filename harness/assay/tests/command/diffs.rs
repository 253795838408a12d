//! `assay diff`: what it prints in each form, and the status that a script goes by.

use serde_json::Value;

use crate::support::Place;

/// Results of these tests: whether each passes.
fn junit(tests: &[(&str, bool)]) -> String {
    let case = |(name, passes): &(&str, bool)| {
        let inner = if *passes { "" } else { r#"<failure message="it was 500"/>"# };
        format!(r#"<testcase classname="tests.a" name="{name}" time="0.1">{inner}</testcase>"#)
    };
    let cases: String = tests.iter().map(case).collect();
    let failures = tests.iter().filter(|(_, passes)| !passes).count();
    format!(r#"<testsuite name="a" tests="{}" failures="{failures}" errors="0">{cases}</testsuite>"#, tests.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_got_worse_and_better_is_told_in_each_form() {
    let place = Place::new();
    place.write("old.xml", &junit(&[("kept", true), ("lost", true), ("won", false)]));
    place.write("new.xml", &junit(&[("kept", true), ("lost", false), ("won", true)]));
    let words = ["tests.a.lost", "it was 500", "tests.a.won"];
    for (form, begins) in [("text", "From"), ("json", "{"), ("markdown", "# "), ("html", "<!DOCTYPE html>")] {
        let ended = place.run(&["diff", "old.xml", "new.xml", "--format", form]).await;
        ended.says(1, &[]).prints(&words);
        assert!(ended.stdout.trim_start().starts_with(begins), "{form}: {}", ended.stdout);
    }
    let ended = place.run(&["diff", "old.xml", "new.xml", "--format", "json"]).await;
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&told["schema"], &told["same"]), (&"assay.changes/1".into(), &1.into()));
    assert_eq!((&told["changes"][0]["way"], &told["changes"][1]["way"]), (&"worse".into(), &"better".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_got_worse_is_status_0_and_what_cannot_be_read_is_2() {
    let place = Place::new();
    place.write("old.xml", &junit(&[("won", false)]));
    place.write("new.xml", &junit(&[("won", true), ("more", false)]));
    place
        .run(&["diff", "old.xml", "new.xml"])
        .await
        .says(0, &[])
        .prints(&["Passes now (1)", "Only in the later run (1)"]);
    place.run(&["diff", "old.xml", "old.xml"]).await.says(0, &[]).prints(&["Nothing changed in 1 test."]);
    place.run(&["diff", "old.xml", "gone.xml"]).await.says(2, &["gone.xml"]);
}
