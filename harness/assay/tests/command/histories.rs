//! `assay guideline diff` and `assay guideline history`: what they print in each form, and what they say of bad input.

use serde_json::Value;

use crate::support::{Ended, Place};

/// Each form, with how it begins.
const FORMS: [(&str, &str); 4] = [("text", ""), ("json", "{"), ("markdown", "# "), ("html", "<!DOCTYPE html>")];

async fn printed(place: &Place, arguments: &[&str], format: &str) -> Ended {
    let ended = place.run(&[arguments, &["--format", format]].concat()).await;
    ended.says(0, &[]);
    assert_eq!(ended.stderr, "", "{format}");
    ended
}

async fn json(place: &Place, arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(place, arguments, "json").await.stdout).unwrap()
}

/// Every form has the words, which are such that Markdown escapes nothing in them; the page needs nothing beside itself.
async fn every_form_has(place: &Place, arguments: &[&str], words: &[&str]) {
    for (format, begin) in FORMS {
        let ended = printed(place, arguments, format).await;
        assert!(ended.stdout.starts_with(begin) && ended.stdout.ends_with('\n'), "{format}: {ended:#?}");
        ended.prints(words);
        if format == "html" {
            assert!(!ended.stdout.contains("<script") && !ended.stdout.contains("src="), "{}", ended.stdout);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diff_has_every_change_in_every_form() {
    let place = Place::new();
    let diff = ["guideline", "diff", "openstack-powered/2018.02", "openstack-powered/2018.11"];
    // A capability that changed state, a test that came, and one whose flag was lifted.
    let words = ["openstack-powered/2018.11", "identity-v3-catalog"];
    every_form_has(&place, &diff, &words).await;
    let value = json(&place, &diff).await;
    assert_eq!(value["schema"], "assay.guideline-diff/1");
    let head = |side: &str| ["capabilities", "tests", "flagged"].map(|key| value[side][key].as_u64().unwrap());
    assert_eq!((head("old"), head("new")), ([84, 282, 16], [75, 281, 11]));
    let changes = value["changes"].as_array().unwrap();
    let state = |capability: &str| {
        let of = changes.iter().find(|change| change["subject"] == capability && change["fact"] == "state");
        of.map(|change| (change["before"].as_str().unwrap_or("-"), change["after"].as_str().unwrap_or("-")))
    };
    assert_eq!(state("identity-v3-catalog"), Some(("advisory", "required")));
    let areas: std::collections::BTreeSet<_> = changes.iter().map(|change| change["area"].as_str().unwrap()).collect();
    for area in ["guideline", "capability", "test", "flag"] {
        assert!(areas.contains(area), "{area} is not among {areas:?}");
    }
    // The other way round, what came has gone.
    let back = json(&place, &["guideline", "diff", "openstack-powered/2018.11", "openstack-powered/2018.02"]).await;
    let of = |value: &Value, kind: &str| {
        value["changes"].as_array().unwrap().iter().filter(|change| change["kind"] == kind).count()
    };
    assert_eq!((of(&value, "new"), of(&value, "gone")), (of(&back, "gone"), of(&back, "new")));
    assert_eq!(changes.len(), back["changes"].as_array().unwrap().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diff_of_a_guideline_and_itself_is_empty_and_one_of_a_draft_names_its_file() {
    let place = Place::new();
    let same = ["guideline", "diff", "openstack-powered/2020.06", "openstack-powered/2020.06"];
    assert_eq!(json(&place, &same).await["changes"].as_array().unwrap().len(), 0);
    let draft = include_str!("../../../../guidelines/tests/good.yaml");
    place.write("old.yaml", draft);
    place.write("new.yaml", &draft.replace("cutoff: 6", "cutoff: 7"));
    let ended = place.run(&["guideline", "diff", "old.yaml", "new.yaml"]).await;
    ended.says(0, &[]).prints(&["2 changes", "reaches the cutoff  yes     no", "cutoff  6       7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_compared_is_said_with_its_place() {
    let place = Place::new();
    let diff = |old, new| ["guideline", "diff", old, new];
    let known = "openstack-powered/2020.06";
    place.run(&diff(known, "openstack-powered/2020.6")).await.says(2, &["`openstack-powered/2020.6`", "did you mean"]);
    place.run(&diff("none.yaml", known)).await.says(2, &["none.yaml", "cannot read the guideline"]);
    place.write("wrong.yaml", "schema: assay.guideline/1\ntitel: x\n");
    place.run(&diff(known, "wrong.yaml")).await.says(2, &["wrong.yaml:2:1", "`titel`", "did you mean `title`?"]);
    place.run(&["guideline", "diff", known]).await.says(2, &["<NEW>"]);
    let ended = place.run(&[&diff(known, known)[..], &["--format", "csv"]].concat()).await;
    ended.says(2, &["csv", "text, json, markdown, html"]);
}

/// The share that was flagged, as the published files have it.
#[tokio::test(flavor = "multi_thread")]
async fn a_family_shows_how_much_it_required_and_what_share_was_flagged() {
    let place = Place::new();
    let family = ["guideline", "history", "--family", "openstack-powered"];
    every_form_has(&place, &family, &["openstack-powered/2015.04", "openstack-powered/next"]).await;
    let value = json(&place, &family).await;
    assert_eq!(value["schema"], "assay.family-history/1");
    let guidelines = value["guidelines"].as_array().unwrap();
    assert_eq!(guidelines.len(), 15);
    let numbers = |id: &str| {
        let found = guidelines.iter().find(|guideline| guideline["guideline"] == id).unwrap();
        ["capabilities", "tests", "flagged"].map(|key| found[key].as_u64().unwrap())
    };
    assert_eq!(numbers("openstack-powered/2015.04"), [10, 127, 51]);
    assert_eq!(numbers("openstack-powered/2020.06"), [78, 284, 11]);
    assert_eq!(guidelines[14]["guideline"], "openstack-powered/next", "drafts come last");
    // The same numbers, and a plot of them, for people.
    printed(&place, &family, "text").await.prints(&["10            127    51       40.2 %  #########!!!!!!!\n"]);
    printed(&place, &family, "markdown").await.prints(&["| 78 | 284 | 11 | 3.9 % | "]);
    let page = printed(&place, &family, "html").await;
    page.prints(&[
        "<svg ",
        "2015.04: 10 capabilities, 127 tests, 51 flagged (40.2 %)",
        "2020.06: 78 capabilities, 284 tests, 11 flagged (3.9 %)",
    ]);
    assert_eq!(page.stdout.matches("<rect class=\"flagged\"").count(), 15);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capability_a_test_and_a_flag_are_followed_in_every_form() {
    let place = Place::new();
    let history = |name| ["guideline", "history", name];
    every_form_has(&place, &history("identity-v3-catalog"), &["identity-v3-catalog", "openstack-powered/2018.02"])
        .await;
    let capability = json(&place, &history("identity-v3-catalog")).await;
    assert_eq!(
        (&capability["schema"], &capability["kind"]),
        (&"assay.guideline-history/1".into(), &"capability".into())
    );
    let states: Vec<_> =
        capability["states"].as_array().unwrap().iter().map(|span| (&span["state"], &span["since"])).collect();
    let (advisory, required) = (Value::from("advisory"), Value::from("required"));
    let (first, second) = (Value::from("openstack-powered/2018.02"), Value::from("openstack-powered/2018.11"));
    assert_eq!(states, [(&advisory, &first), (&required, &second)]);

    // A test under each of its names, and under its UUID, bare and with `id-`.
    let name = "tempest.api.identity.v3.test_tokens.TokensV3Test.test_create_token";
    let uuid = "6f8e4436-fc96-4282-8122-e41df57197a9";
    let test = json(&place, &history(name)).await;
    assert_eq!(test["kind"], "test");
    let with_id = format!("id-{uuid}");
    for other in [uuid, &with_id] {
        assert_eq!(json(&place, &history(other)).await["guidelines"], test["guidelines"], "{other}");
    }
    every_form_has(&place, &history(uuid), &["identity-v3-tokens-create", "TokensV3Test"]).await;

    every_form_has(&place, &history("D401"), &["D401", "compute-servers-list"]).await;
    let flag = json(&place, &[&history("D401")[..], &["--date", "2018-03-31"]].concat()).await;
    let span = &flag["flagged"][0];
    assert_eq!((&flag["kind"], &span["since"]), (&"flag".into(), &"openstack-powered/2015.07".into()));
    assert_eq!((&span["set"], span["days"].as_u64()), (&"2016-03-31".into(), Some(730)), "{span}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_guideline_has_ends_with_4_and_the_nearest_name() {
    let place = Place::new();
    let ended = place.run(&["guideline", "history", "identity-v3-catalg"]).await;
    ended.says(4, &["`identity-v3-catalg`", "did you mean `identity-v3-catalog`?", "a flag by its code"]);
    assert_eq!(ended.stdout, "");
    place
        .run(&["guideline", "history", "D401", "--family", "openstack-nfv"])
        .await
        .says(4, &["`D401`", "openstack-nfv"]);
    let ended = place.run(&["guideline", "history", "--family", "openstack-powerd"]).await;
    ended.says(2, &["`openstack-powerd`", "did you mean `openstack-powered`?"]);
    let ended = place.run(&["guideline", "history", "D401", "--date", "2018-02-30"]).await;
    ended.says(2, &["2018-02-30", "--date"]);
}

/// A family of a folder has a history too, and a broken file of it is shown with its place.
#[tokio::test(flavor = "multi_thread")]
async fn a_family_of_a_folder_is_followed() {
    let place = Place::new();
    let guideline = include_str!("../../../../guidelines/tests/good.yaml");
    std::fs::create_dir_all(place.path("ours/openstack-small")).unwrap();
    place.write("ours/openstack-small/2020.06.yaml", guideline);
    let history = ["guideline", "history", "flavors-list", "--family", "openstack-small", "--guidelines", "ours"];
    let value = json(&place, &history).await;
    assert_eq!(value["guidelines"][0]["guideline"], "openstack-small/2020.06");
    place.write("ours/openstack-small/2020.06.yaml", &guideline.replace("status:", "statu:"));
    place.run(&history).await.says(2, &["ours/openstack-small/2020.06.yaml:", "`statu`", "did you mean `status`?"]);
}
