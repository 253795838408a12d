//! Comparing products under guidelines.

use serde_json::Value;

use crate::support::Place;

const ONE: &str = "test: tempest.api.identity.v3.test_tokens.TokensV3Test.test_create_token\n\
                   success: tempest.api.identity.v3.test_tokens.TokensV3Test.test_create_token\n";
const TWO: &str = "{\"cpid\": \"x\", \"duration_seconds\": 1, \"results\": [{\"name\": \"a.b\"}]}";

fn place() -> Place {
    let place = Place::new();
    place.write("nimbus.subunit", ONE);
    place.write("stratus.json", TWO);
    place
}

const COMPARE: [&str; 7] =
    ["compare", "nimbus.subunit", "stratus.json", "--target", "storage", "--guideline", "openstack-powered/2020.06"];

#[tokio::test(flavor = "multi_thread")]
async fn products_stand_beside_each_other_under_several_guidelines_and_a_draft() {
    let place = place();
    let draft = include_str!("../../../../guidelines/tests/good.yaml");
    place.write("draft.yaml", draft);
    let ended = place.run(&[&COMPARE[..], &["openstack-powered/2019.11", "--format", "json"]].concat()).await;
    let comparison: Value = serde_json::from_str(&ended.says(0, &[]).stdout).unwrap();
    assert_eq!(comparison["schema"], "assay.comparison/1");
    assert_eq!(comparison["columns"].as_array().unwrap().len(), 2);
    let names: Vec<_> = comparison["products"].as_array().unwrap().iter().map(|product| &product["name"]).collect();
    assert_eq!(names, ["nimbus", "stratus"]);
    let ended = place.run(&["compare", "nimbus.subunit", "--guideline", "draft.yaml"]).await;
    ended.says(0, &[]).prints(&["[1] "]);
    for (format, sign) in
        [("csv", "product,vendor,"), ("markdown", "# Products"), ("html", "<!DOCTYPE html>"), ("text", "[1]")]
    {
        place.run(&[&COMPARE[..], &["--format", format]].concat()).await.says(0, &[]).prints(&[sign]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supposition_shows_what_it_changes_and_a_misspelt_one_is_refused() {
    let place = place();
    let flagged = "tempest.api.compute.servers.test_create_server.ServersTestJSON.test_verify_server_details";
    let compare =
        |what: &str| [&COMPARE[..], &["--what-if", what]].concat().iter().map(ToString::to_string).collect::<Vec<_>>();
    let run = async |what: &str| {
        let arguments = compare(what);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        place.run(&arguments).await
    };
    run("lift-flag=no.such.test").await.says(2, &["no.such.test", "--flagged yes"]);
    // It has no flag to lift.
    run(&format!("lift-flag={flagged}")).await.says(2, &[flagged]);
    run("require=no-such-capability").await.says(2, &["no-such-capability", "guideline show"]);
    run("drop=x").await.says(2, &["lift-flag=TEST"]);
    run("require=networks-l3-router").await.says(0, &[]).prints(&["if require=networks-l3-router"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_given_in_the_order_of_the_inputs() {
    let place = place();
    let ended = place.run(&[&COMPARE[..], &["--name", "Nimbus 4,Stratus 5"]].concat()).await;
    ended.says(0, &[]).prints(&["Nimbus 4", "Stratus 5"]);
    place.run(&[&COMPARE[..], &["--name", "Nimbus"]].concat()).await.says(2, &["1 times for 2 inputs"]);
    place
        .run(&["compare", "nimbus.subunit", "--guideline", "openstack-powered/2020.06", "--target", "none"])
        .await
        .says(2, &["none", "compute"]);
}
