//! Deployments that are broken or malicious: every command ends in bounded time and memory, and says what is wrong.

use assay_hostile::{Behaviour, Front, Refusing, Server};
use assay_reports::record::Verdict;
use serde_json::Value;

use crate::support::{Ended, Place, clouds, reference, reference_with_decoys, with_lines};

const HTML: &str = "<!doctype html><title>Please log in</title>";
const PATIENCE: [&str; 2] = ["--request-timeout", "1"];
const TESTS: [&str; 3] = ["identity.tokens.validate", "image.images.list", "object-storage.containers.create"];

fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Behaviour {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Behaviour::Answer(status, headers, body.to_owned())
}

/// A clouds.yaml whose identity service is at this address.
fn identity_at(url: &str) -> String {
    format!(
        "clouds:\n  bad:\n    auth: {{auth_url: '{url}/v3', username: someone, password: something-secret, \
         project_name: one}}\n"
    )
}

/// A run against an identity service at this address: no test is run.
async fn run_with_identity(url: &str) -> Ended {
    let place = Place::new();
    place.write("clouds.yaml", &identity_at(url));
    let ended = place.run(&[&["run", "--cloud", "bad", "--out", "run"], PATIENCE.as_slice()].concat()).await;
    assert!(!place.path("run/results.jsonl").exists(), "no test is run: {ended:#?}");
    assert!(!ended.stderr.contains("something-secret"), "{ended:#?}");
    ended
}

/// An identity service that behaves badly: the run ends before any test with status 3 and says these words.
async fn hostile_identity(behaviour: Behaviour, words: &[&str]) -> Server {
    let server = Server::start(behaviour).await.unwrap();
    let url = server.url();
    let ended = run_with_identity(&url).await;
    ended.says(3, &[&url]).says(3, words);
    server
}

/// A good identity service before an image and an object-storage service that behave badly: the tests of both are
/// errors whose reasons have these words, and the others go on.
async fn hostile_services(url: &str, words: &[&str]) {
    let (reference, decoys) = reference_with_decoys().await;
    let place = Place::new();
    let lines =
        format!("    image_endpoint_override: {url}\n    object_store_endpoint_override: {url}/v1/AUTH_somebody\n");
    place.write("clouds.yaml", &with_lines(&clouds(&reference), &lines));
    let arguments = ["run", "--cloud", "member", "--out", "run"];
    let ended = place.run(&[&arguments, PATIENCE.as_slice(), &TESTS].concat()).await;
    ended.says(1, &["error"]).prints(&["1 passed"]);
    let records = place.records("run");
    assert!(records.len() > 4, "{records:#?}");
    for record in &records {
        if record.id.starts_with("identity") {
            assert_eq!(record.verdict, Verdict::Pass, "{record:#?}");
        } else {
            assert_eq!(record.verdict, Verdict::Error, "{record:#?}");
            let reason = record.reason.as_deref().unwrap_or_default();
            assert!(words.iter().any(|word| reason.contains(word)), "{words:?} in {record:#?}");
        }
        assert_eq!(record.left_behind, Vec::<String>::new());
    }
    decoys.verify().await;
}

async fn hostile_service(behaviour: Behaviour, words: &[&str]) -> Server {
    let server = Server::start(behaviour).await.unwrap();
    hostile_services(&server.url(), words).await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_service_that_refuses_connections_is_named() {
    let refusing = Refusing::start().unwrap();
    let url = refusing.url().unwrap();
    run_with_identity(&url).await.says(3, &[&url, "refused"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_refuses_connections_is_an_error_of_its_tests() {
    let refusing = Refusing::start().unwrap();
    hostile_services(&refusing.url().unwrap(), &["refused"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_identity_service_is_given_up() {
    hostile_identity(Behaviour::Silent, &["nothing came for 1 s"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_service_is_given_up() {
    hostile_service(Behaviour::Silent, &["nothing came for 1 s"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_trickles_for_ever_is_given_up() {
    hostile_identity(Behaviour::Trickle, &["not complete after 5 s"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_closed_at_once_is_named() {
    hostile_identity(Behaviour::Closing, &["connection"]).await;
    hostile_service(Behaviour::Closing, &["connection"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_body_is_no_answer() {
    hostile_identity(Behaviour::HalfBody, &["body"]).await;
    hostile_service(Behaviour::HalfBody, &["body", "X-Account-Container-Count"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_without_end_are_not_read_for_ever() {
    let server = hostile_identity(Behaviour::EndlessHeaders, &["head"]).await;
    assert!(server.sent() < 64 << 20, "{} bytes were read", server.sent());
    hostile_service(Behaviour::EndlessHeaders, &["head"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_is_named() {
    hostile_identity(Behaviour::NoHttp, &["HTTP"]).await;
    hostile_service(Behaviour::NoHttp, &["HTTP"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_with_status_200_is_no_service() {
    let page = answer(200, &[("Content-Type", "text/html")], HTML);
    hostile_identity(page.clone(), &["no Identity v3 service", "200", "auth_url"]).await;
    hostile_service(page, &["without a list of versions", "X-Account-Container-Count"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_of_another_shape_is_no_service() {
    let shape = r#"{"token": [1, 2], "versions": {"values": {"id": 7}}, "error": "no"}"#;
    let json = [("Content-Type", "application/json"), ("X-Subject-Token", "not-a-token")];
    hostile_identity(answer(201, &json, shape), &["no Identity v3 service", "names no user"]).await;
    hostile_identity(answer(201, &json, "{}garbage"), &["no Identity v3 service", "no JSON"]).await;
    hostile_identity(answer(201, &json[..1], shape), &["no Identity v3 service", "X-Subject-Token"]).await;
    hostile_identity(answer(404, &json, "[[[[]]]]"), &["no Identity v3 service", "404"]).await;
    hostile_service(answer(200, &json, shape), &["without a list of versions", "X-Account-Container-Count"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_answers_503_to_everything_is_named() {
    hostile_identity(answer(503, &[], "try later"), &["503"]).await;
    hostile_service(answer(503, &[], "try later"), &["503"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirection_in_a_loop_is_not_followed() {
    let server = hostile_identity(Behaviour::RedirectLoop, &["302"]).await;
    // A login is led on a few times.
    assert!(server.requests().len() <= 6, "{:?}", server.requests());
    hostile_service(Behaviour::RedirectLoop, &["302"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_does_not_follow_a_redirection_to_another_host() {
    let other = Server::start(answer(200, &[], "{}")).await.unwrap();
    hostile_service(answer(307, &[("Location", &other.url())], ""), &["307"]).await;
    assert_eq!(other.requests(), Vec::<String>::new());
}

/// A service that refuses every token must not make the command log in for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_refuses_every_token_is_asked_twice_at_most() {
    let refusing = Server::start(answer(401, &[("Content-Type", "application/json")], "{}")).await.unwrap();
    let (reference, decoys) = reference_with_decoys().await;
    let place = Place::new();
    let lines = format!("    object_store_endpoint_override: {}/v1/AUTH_somebody\n", refusing.url());
    place.write("clouds.yaml", &with_lines(&clouds(&reference), &lines));
    let arguments = ["run", "--cloud", "member", "--out", "run", "--exact", "object-storage.containers.create"];
    place.run(&[arguments.as_slice(), &PATIENCE].concat()).await.says(5, &["401", "left behind"]);
    let records = place.records("run");
    assert!(!records.is_empty() && records.iter().all(|record| record.verdict != Verdict::Pass), "{records:#?}");
    // Each with the token at hand and with a new one: the first look, the creation, and the clean-up with its retries.
    let requests = refusing.requests().len();
    assert!(requests < 40, "{requests} requests");
    decoys.verify().await;
}

/// Ten gigabytes, sent as long as somebody reads: neither memory nor time may go with them.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_ten_gigabytes_is_refused() {
    let server = Server::start(Behaviour::LargeBody(10_000_000_000)).await.unwrap();
    let place = Place::new();
    place.write("clouds.yaml", &identity_at(&server.url()));
    // The limit of the address space is what makes the promise testable: half of one body would break it.
    let ended = place.shell("ulimit -v 2000000; exec \"$assay\" run --cloud bad --out run").await;
    ended.says(3, &["longer than", "MiB"]);
    assert!(server.sent() < 1_000_000_000, "{} bytes were read", server.sent());
    hostile_service(Behaviour::LargeBody(10_000_000_000), &["longer than", "X-Account-Container-Count"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_says_which_service_is_ill() {
    let server = Server::start(Behaviour::Silent).await.unwrap();
    let (reference, decoys) = reference_with_decoys().await;
    let place = Place::new();
    let lines = format!("    image_endpoint_override: {}\n    api_timeout: 1\n", server.url());
    place.write("clouds.yaml", &with_lines(&clouds(&reference), &lines));
    let ended = place.run(&["doctor", "--cloud", "member"]).await;
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    ended.prints(&["unreachable", "nothing came for 1 s", &server.url(), "image.images.list"]);
    decoys.verify().await;
}

/// Tests that need what the catalog does not have are skipped, and the run says why.
#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_without_object_storage_skips_its_tests() {
    let (reference, decoys) = reference_with_decoys().await;
    let place = Place::of(&reference);
    // In this region there is no service at all; identity and images are reached by their addresses.
    let lines = format!("    image_endpoint_override: {}/image\n", reference.url());
    place.write("clouds.yaml", &with_lines(&clouds(&reference), &lines));
    let arguments = ["run", "--cloud", "member", "--region", "elsewhere", "--out", "run"];
    let ended = place.run(&[&arguments, TESTS.as_slice()].concat()).await;
    ended.says(0, &["skip", "object-storage.containers.create", "object-store", "`elsewhere`"]);
    let records = place.records("run");
    let (store, others): (Vec<_>, Vec<_>) = records.iter().partition(|record| record.id.starts_with("object-storage"));
    assert!(!store.is_empty() && store.iter().all(|record| record.verdict == Verdict::Skip), "{store:#?}");
    assert!(others.len() > 2 && others.iter().all(|record| record.verdict == Verdict::Pass), "{others:#?}");
    let scored = ["score", "run", "--guideline", "openstack-powered/2022.11", "--target", "storage"];
    let ended = place.run(&scored).await;
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    decoys.verify().await;
}

/// What a deployment says without end is said to the user in a few words.
#[tokio::test(flavor = "multi_thread")]
async fn endless_addresses_and_names_are_hardly_shown() {
    let reference = reference().await;
    let place = Place::new();
    let front = Front::start(reference.url()).await.unwrap();
    place.write("clouds.yaml", &front.before_it(&clouds(&reference)));
    place.run(&["run", "--cloud", "member", "--out", "run", "image.images.list"]).await.says(0, &[]);
    front.after(|request, answer| {
        if request.method != "POST" || !request.path.ends_with("/auth/tokens") || answer.status != 201 {
            return;
        }
        let endless = "n".repeat(2 << 20);
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
        let token = &mut body["token"];
        token["user"]["name"] = endless.as_str().into();
        token["project"]["name"] = endless.as_str().into();
        for service in token["catalog"].as_array_mut().unwrap() {
            if service["type"] == "network" {
                for endpoint in service["endpoints"].as_array_mut().unwrap() {
                    endpoint["url"] = format!("{}/{endless}", endpoint["url"].as_str().unwrap()).into();
                }
            }
        }
        answer.body = body.to_string().into_bytes();
    });
    for arguments in [
        &["doctor", "--cloud", "member"] as &[&str],
        &["doctor", "--cloud", "member", "--json"],
        &["run", "--cloud", "member", "--out", "again", "image.images.list"],
        &["sweep", "run", "--dry-run"],
    ] {
        let ended = place.run(arguments).await;
        let said = ended.stdout.len() + ended.stderr.len();
        assert!(said < 100_000, "{said} bytes are said of it: {arguments:?}");
        if arguments[0] != "run" {
            assert!(ended.stdout.contains("network") || ended.stderr.contains("network"), "{ended:#?}");
        }
    }
    let run = place.read("again/run.json");
    assert!(run.len() < 20_000, "{} bytes", run.len());
}
