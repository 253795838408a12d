//! Ways to log in: tokens that expire in mid-run, application credentials, tokens, and `OS_*`.

use std::time::Duration;

use assay_reports::record::Verdict;
use assay_reports::{Evidence, RunFolder};

use crate::support::{Place, clouds, login, reference, reference_with_decoys, request};

#[tokio::test]
async fn a_token_that_expires_in_mid_run_is_renewed() {
    let options =
        assay_reference::Options { token_lifetime: Duration::from_secs(2), ..assay_reference::Options::default() };
    let reference = assay_reference::start(options).await.unwrap();
    let place = Place::of(&reference);
    // The test of expiry waits longer than a token lives.
    let run = ["run", "--cloud", "member", "--out", "run", "object-storage.objects.expire", "object-storage.info"];
    place.run(&run).await.says(0, &[]);
    let records = place.records("run");
    assert!(!records.is_empty() && records.iter().all(|record| record.verdict == Verdict::Pass), "{records:#?}");
    let folder = RunFolder::open(place.path("run")).unwrap();
    let exchanges = Evidence::transcript(&folder, "object-storage.objects.expire").exchanges;
    let logged_in = exchanges.iter().any(|exchange| exchange.url.ends_with("/auth/tokens"));
    assert!(logged_in, "no second login was needed: {exchanges:#?}");
}

#[tokio::test]
async fn an_application_credential_and_a_token_log_in_too() {
    let reference = reference().await;
    let clouds = clouds(&reference);
    let member = login(&clouds, "member").await;
    let url = format!("{}/identity/v3", reference.url());
    let body = r#"{"application_credential": {"name": "for-assay"}}"#;
    let path = format!("{url}/users/{}/application_credentials", member.user_id);
    let answer = request("POST", &path, &member.token, body).await;
    let json: serde_json::Value = serde_json::from_str(&answer[answer.find('{').unwrap()..]).unwrap();
    let made = &json["application_credential"];
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    let (project, token) = (member.project_id.as_deref().unwrap(), &member.token);

    let place = Place::new();
    place.write(
        "clouds.yaml",
        &format!(
            "clouds:\n  by-credential:\n    auth_type: v3applicationcredential\n    region_name: RegionOne\n    auth:\n      \
             auth_url: {url}\n      application_credential_id: {id}\n      application_credential_secret: {secret}\n  \
             by-token:\n    auth_type: token\n    auth: {{auth_url: '{url}', token: '{token}', project_id: '{project}'}}\n"
        ),
    );
    for cloud in ["by-credential", "by-token"] {
        let out = format!("run-{cloud}");
        place.run(&["run", "--cloud", cloud, "--out", &out, "image.images.list"]).await.says(0, &[]);
        assert!(place.records(&out).iter().all(|record| record.verdict == Verdict::Pass), "{:#?}", place.records(&out));
    }
}

#[tokio::test]
async fn variables_of_the_environment_describe_a_cloud() {
    let reference = reference().await;
    let clouds: serde_json::Value =
        serde_json::to_value(serde_yaml::from_str::<serde_yaml::Value>(&reference.clouds_yaml()).unwrap()).unwrap();
    let auth = &clouds["clouds"]["reference"]["auth"];
    let place = Place::new();
    let mut command = place.program(crate::support::assay());
    command.args(["doctor", "--json"]);
    for (key, value) in auth.as_object().unwrap() {
        command.env(format!("OS_{}", key.to_ascii_uppercase()), value.as_str().unwrap());
    }
    let ended = crate::support::end(command.spawn().unwrap()).await;
    let found: serde_json::Value = serde_json::from_str(&ended.says(0, &[]).stdout).unwrap();
    assert_eq!(found["accounts"][0]["user"], auth["username"]);
}

/// Who cannot show what the manager of a domain may do is refused by name, and nothing is changed.
#[tokio::test]
async fn accounts_that_are_not_managers_of_two_domains_are_refused_by_name() {
    let (reference, decoys) = reference_with_decoys().await;
    let given = reference.clouds_yaml();
    let admin = login(&given, "reference-admin").await;
    let url = format!("{}/identity/v3", reference.url());
    let answer = request("GET", &format!("{url}/roles?name=admin"), &admin.token, "").await;
    let roles: serde_json::Value = serde_json::from_str(&answer[answer.find('{').unwrap()..]).unwrap();
    let role = roles["roles"][0]["id"].as_str().unwrap();
    request("PUT", &format!("{url}/domains/default/users/{}/roles/{role}", admin.user_id), &admin.token, "").await;

    let place = Place::of(&reference);
    let (before, entry) = given.split_once("  reference-admin:").unwrap();
    let entry =
        entry.replace("project_domain_name: Default", "").replace("project_name: admin", "domain_name: Default");
    place.write("clouds.yaml", &format!("{before}  reference-admin:{entry}").replace("  reference:", "  member:"));
    let (first, second) = ("--domain-manager-cloud", "--alt-domain-manager-cloud");
    let manager = "reference-domain-manager";
    for (accounts, words) in [
        ([first, "reference-alt", second, manager], ["names `reference-alt`", "for a project"]),
        ([first, manager, second, "reference-admin"], ["names `reference-admin`", "is an administrator"]),
        ([first, manager, second, manager], [second, "of the same domain"]),
    ] {
        for command in ["run", "doctor"] {
            let arguments = [&[command, "--cloud", "member"][..], &accounts].concat();
            place.run(&arguments).await.says(2, &words);
        }
    }
    decoys.verify().await;
}
