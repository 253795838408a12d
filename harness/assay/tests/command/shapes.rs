//! Deployments that are sound and built in other ways than the one that the tests were written against: behind fronts, with
//! other catalogs, and with other things to choose from.

use std::io::Write as _;

use assay_decoys::{Access, Decoys};
use assay_hostile::{Answer, Front, Request, Turn};
use assay_reference::Reference;
use assay_reports::record::Verdict;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::{Ended, Place, clouds, login, reference};

/// The services that a reference deployment serves below one host, each with the version that its endpoint names.
const VERSIONS: [(&str, &str); 5] =
    [("identity", "v3"), ("image", "v2"), ("compute", "v2.1"), ("network", "v2.0"), ("volume", "v3")];

/// A deployment with decoys behind a front, and a place to run the command in.
pub struct Shape {
    pub place: Place,
    pub front: Front,
    decoys: Decoys,
    reference: Reference,
}

impl Shape {
    pub async fn new() -> Self {
        let reference = reference().await;
        let front = Front::start(reference.url()).await.unwrap();
        let place = Place::new();
        place.write("clouds.yaml", &front.before_it(&clouds(&reference)));
        let decoys = Decoys::fill(&Access::cloud(&reference.clouds_yaml()), None).await.unwrap();
        Self { place, front, decoys, reference }
    }

    pub async fn doctor(&self) -> Ended {
        self.spares(&["doctor", "--cloud", "member"]).await
    }

    pub async fn run(&self, arguments: &[&str]) -> Ended {
        let run = ["run", "--cloud", "member", "--test-threads", "32", "--out", "run"];
        self.spares(&[&run, arguments].concat()).await
    }

    /// Runs the command, and asserts that the decoys are as they were.
    async fn spares(&self, arguments: &[&str]) -> Ended {
        let ended = self.place.run(arguments).await;
        self.decoys.verify().await;
        ended
    }

    /// Asserts that a run of these tests was without a fail, an error and a skip.
    pub async fn passes(&self, arguments: &[&str]) {
        let ended = self.run(arguments).await;
        let records = self.place.records("run");
        let others: Vec<_> = records.iter().filter(|record| record.verdict != Verdict::Pass).collect();
        assert!(ended.code == Some(0) && others.is_empty() && !records.is_empty(), "{others:#?} {ended:#?}");
    }
}

/// Whether a request asks for the root of a service, where it lists its versions.
fn is_root(request: &Request) -> bool {
    VERSIONS.iter().any(|(service, _)| request.path.trim_end_matches('/') == format!("/{service}"))
}

/// Changes the catalog in an answer to a login.
fn catalog(request: &Request, answer: &mut Answer, change: impl Fn(&str, &mut String)) {
    if request.path != "/identity/v3/auth/tokens" || answer.status != 201 {
        return;
    }
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
    for service in body["token"]["catalog"].as_array_mut().unwrap() {
        let name = service["type"].as_str().unwrap().to_owned();
        for endpoint in service["endpoints"].as_array_mut().unwrap() {
            let mut url = endpoint["url"].as_str().unwrap().to_owned();
            change(&name, &mut url);
            endpoint["url"] = json!(url);
        }
    }
    answer.body = body.to_string().into_bytes();
}

/// Lets each endpoint of the catalog name its version.
fn versioned(request: &Request, answer: &mut Answer) {
    catalog(request, answer, |_, url| {
        let of = VERSIONS.iter().find(|(service, _)| url.ends_with(&format!("/{service}")));
        if let Some((_, version)) = of {
            url.push('/');
            url.push_str(version);
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_found_by_its_own_address_whatever_its_root_answers() {
    let html =
        || Answer { body: b"<html>a console</html>".to_vec(), ..Answer::status(200) }.with("content-type", "text/html");
    let roots = [Answer::status(404), Answer::status(503), html(), Answer::status(401), Answer::status(300)];
    for root in roots {
        let shape = Shape::new().await;
        let status = root.status;
        shape.front.before(move |request| if is_root(request) { Turn::Answer(root.clone()) } else { Turn::Pass });
        shape.front.after(versioned);
        let ended = shape.doctor().await;
        ended.says(0, &[]);
        for service in ["image", "compute", "network", "block-storage"] {
            let ready = ended.stdout.lines().any(|line| {
                let words: Vec<_> = line.split_whitespace().collect();
                words.first() == Some(&service) && words.get(1) == Some(&"ready")
            });
            assert!(ready, "{service} behind a root that answers {status}: {ended:#?}");
        }
        // The address itself tells of its microversions.
        assert!(!ended.stdout.contains("no microversions"), "{status}: {ended:#?}");
    }
}

/// The catalog names the services' roots, and a web console stands there. openstacksdk takes the usual version.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_found_where_neither_the_catalog_nor_its_root_names_a_version() {
    let html = Answer { body: b"<html>a console</html>".to_vec(), ..Answer::status(200) };
    for root in [html.with("content-type", "text/html"), Answer::status(404), Answer::status(200)] {
        let shape = Shape::new().await;
        let status = root.status;
        // Below the version stands what services answer there: nothing of use.
        shape.front.before(move |request| match request.path.as_str() {
            "/image/v2/" | "/network/v2.0/" => Turn::Answer(Answer::status(404)),
            _ if is_root(request) => Turn::Answer(root.clone()),
            _ => Turn::Pass,
        });
        let ended = shape.doctor().await;
        ended.says(0, &[]);
        assert!(!ended.stdout.contains("unreachable"), "behind a root that answers {status}: {ended:#?}");
        shape.passes(&["image.images.list", "network.networks.list"]).await;
    }
    // Where the console is all there is, the service is not there.
    let shape = Shape::new().await;
    shape.front.before(|request| match request.path.strip_prefix("/image") {
        Some(_) => Turn::Answer(Answer { body: b"<html>a console</html>".to_vec(), ..Answer::status(200) }),
        None => Turn::Pass,
    });
    shape.doctor().await.prints(&["image", "unreachable", "without a list of versions"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_versions_may_be_for_those_with_a_token() {
    let shape = Shape::new().await;
    shape.front.before(|request| {
        let closed = is_root(request) && !request.path.starts_with("/identity");
        if closed && request.header("x-auth-token").is_none() { Turn::Answer(Answer::status(401)) } else { Turn::Pass }
    });
    let ended = shape.doctor().await;
    assert!(!ended.says(0, &[]).stdout.contains("unreachable"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_go_below_the_address_in_the_catalog() {
    let shape = Shape::new().await;
    let project = login(&clouds(&shape.reference), "member").await.project_id.unwrap();
    let path = format!("/compute/v2.1/{project}");
    let own = path.clone();
    shape.front.before(move |request| match request.path.strip_prefix(&own) {
        Some(rest) => Turn::Rewrite(Request { path: format!("/compute/v2.1{rest}"), ..request.clone() }),
        None if request.path.starts_with("/compute/") => Turn::Answer(Answer::json(404, r#"{"error": "no such API"}"#)),
        None => Turn::Pass,
    });
    shape.front.after(move |request, answer| {
        catalog(request, answer, |service, url| {
            if service == "compute" {
                *url = url.replace("/compute/v2.1", &path);
            }
        });
    });
    shape.passes(&["compute.flavors", "compute.keypairs", "compute.servers.create"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_may_come_packed() {
    let shape = Shape::new().await;
    shape.front.after(|_, answer| {
        let json = answer.header("content-type").is_some_and(|kind| kind.contains("json"));
        if json && !answer.body.is_empty() {
            let mut packer = GzEncoder::new(Vec::new(), Compression::default());
            packer.write_all(&answer.body).unwrap();
            answer.body = packer.finish().unwrap();
            answer.headers.push(("content-encoding".into(), "gzip".into()));
        }
    });
    shape.passes(&["image.tags", "identity.tokens", "compute.keypairs"]).await;
    let records = shape.place.read("run/transcripts/image.tags.add-and-delete.jsonl");
    assert!(records.contains("\\\"tags\\\""), "a packed body is read, and recorded as it reads: {records}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_led_on() {
    for status in [301, 302, 307, 308] {
        let shape = Shape::new().await;
        let url = shape.front.url().to_owned();
        shape.front.before(move |request| match request.path.strip_prefix("/identity2") {
            Some(rest) => Turn::Rewrite(Request { path: format!("/identity{rest}"), ..request.clone() }),
            None => match request.path.strip_prefix("/identity") {
                Some(rest) => Turn::Answer(Answer::status(status).with("location", &format!("{url}/identity2{rest}"))),
                None => Turn::Pass,
            },
        });
        let ended = shape.doctor().await;
        ended.says(0, &[]).prints(&["/identity2/v3"]);
        assert!(!ended.stdout.contains("unreachable"), "{ended:#?}");
    }
    // Nothing secret goes to another host, whoever says so.
    let shape = Shape::new().await;
    let elsewhere = "http://127.0.0.2:9/identity/v3/auth/tokens";
    shape.front.before(move |request| match request.path.as_str() {
        "/identity/v3/auth/tokens" => Turn::Answer(Answer::status(307).with("location", elsewhere)),
        _ => Turn::Pass,
    });
    shape.doctor().await.says(3, &["leads to another host", "http://127.0.0.2:9/", "if that is right, name it"]);
}

/// Leads a path on to the same with a slash at its end, within the origin.
fn to_a_slash(request: &Request, status: u16) -> Turn {
    match request.path.strip_suffix('/') {
        Some(path) => Turn::Rewrite(Request { path: path.to_owned(), ..request.clone() }),
        None => Turn::Answer(Answer::status(status).with("location", &format!("{}/", request.path))),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_may_be_led_on_to_the_same_with_a_slash() {
    let shape = Shape::new().await;
    shape.front.before(|request| match request.path.trim_end_matches('/') {
        "/identity/v3/auth/tokens" if request.method == "POST" => to_a_slash(request, 308),
        _ => Turn::Pass,
    });
    shape.passes(&["identity.tokens.", "identity.domains", "identity.application-credentials.create"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_may_be_led_on_within_their_origin() {
    let shape = Shape::new().await;
    shape.front.before(|request| {
        let path = request.path.trim_end_matches('/');
        let is_led = path.starts_with("/compute/v2.1/os-keypairs") || path.starts_with("/network/v2.0/networks");
        if is_led { to_a_slash(request, 308) } else { Turn::Pass }
    });
    shape.passes(&["compute.keypairs", "network.networks.create-update-delete"]).await;
    let records = shape.place.records("run");
    let deviates = |record: &assay_reports::record::TestRecord| {
        record.deviations.iter().any(|deviation| deviation.requirement.contains("and not be led on"))
    };
    assert!(records.iter().all(deviates), "{records:#?}");
    // A 302 must not lead a POST to another path.
    let shape = Shape::new().await;
    shape.front.before(|request| match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/compute/v2.1/os-keypairs") => {
            Turn::Answer(Answer::status(302).with("location", "/compute/v2.1/servers"))
        }
        _ => Turn::Pass,
    });
    shape.run(&["compute.keypairs.create"]).await.says(1, &[]);
    assert!(shape.front.changes().iter().all(|request| request.path != "/compute/v2.1/servers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_may_be_led_on_and_told_with_an_older_word() {
    let shape = Shape::new().await;
    shape.front.before(|request| match request.path.strip_prefix("/documents") {
        Some(rest) => Turn::Rewrite(Request { path: rest.to_owned(), ..request.clone() }),
        None if request.path == "/compute/v2.1/" || (is_root(request) && request.path.starts_with("/compute")) => {
            Turn::Answer(Answer::status(302).with("location", &format!("/documents{}", request.path)))
        }
        None => Turn::Pass,
    });
    shape.front.after(|request, answer| {
        versioned(request, answer);
        if request.path.starts_with("/documents") || request.path.trim_end_matches('/').ends_with("/compute/v2.1") {
            let mut told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let single = told.get("version").is_some_and(Value::is_object);
            let entries = match told["versions"].as_array_mut() {
                Some(listed) => listed.iter_mut().collect(),
                None if single => vec![&mut told["version"]],
                None => return,
            };
            for entry in entries.into_iter().filter_map(Value::as_object_mut) {
                let most = entry.remove("version").unwrap();
                entry.insert("max_version".into(), most);
            }
            answer.body = told.to_string().into_bytes();
        }
    });
    shape.doctor().await.says(0, &[]);
    shape.passes(&["compute.server-tags.", "compute.keypairs.create-with-type"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn identity_is_where_its_list_of_versions_says() {
    for auth_url in ["", "/identity/v3"] {
        let shape = Shape::new().await;
        let url = shape.front.url().to_owned();
        let text = clouds(&shape.reference)
            .replace(&format!("{}/identity/v3", shape.reference.url()), &format!("{url}{auth_url}"));
        shape.place.write("clouds.yaml", &text);
        shape.front.before(move |request| match request.path.strip_prefix("/keystone") {
            Some(rest) => Turn::Rewrite(Request { path: format!("/identity{rest}"), ..request.clone() }),
            None if request.path == "/" || request.path.starts_with("/identity") => {
                let links = json!([{"rel": "self", "href": format!("{url}/keystone/v3/")}]);
                let versions = json!({"versions": {"values": [{"id": "v3.14", "status": "stable", "links": links}]}});
                Turn::Answer(Answer::json(300, versions.to_string()))
            }
            None => Turn::Pass,
        });
        shape.doctor().await.says(0, &[]).prints(&["/keystone/v3"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_stays_busy_is_named_so_and_not_called_another() {
    let shape = Shape::new().await;
    shape.front.before(|request| match request.path.trim_end_matches('/') {
        "/compute" | "/compute/v2.1" => Turn::Answer(Answer::json(429, "{}").with("retry-after", "3600")),
        _ => Turn::Pass,
    });
    shape.doctor().await.prints(&["unreachable", "the service is busy"]);
    let shape = Shape::new().await;
    shape.front.before(|request| match request.path.as_str() {
        "/identity/v3/auth/tokens" => Turn::Answer(Answer::status(503)),
        _ => Turn::Pass,
    });
    shape.doctor().await.says(3, &["still answered 503", "busy or not available"]);
    // A service that is busy for 3 s must be waited for, whatever `Retry-After` says.
    for (status, after) in [(429, "0"), (503, "Sunday, 06-Nov-94 08:49:37 GMT"), (498, "-1")] {
        let shape = Shape::new().await;
        let begun = std::time::Instant::now();
        shape.front.before(move |request| {
            let busy = request.path.starts_with("/compute") && begun.elapsed() < std::time::Duration::from_secs(3);
            if busy { Turn::Answer(Answer::json(status, "{}").with("retry-after", after)) } else { Turn::Pass }
        });
        shape.passes(&["compute.flavors"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_of_an_image_get_a_flavor_with_a_disk() {
    let shape = Shape::new().await;
    shape.front.before(|request| {
        let mut body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let diskless = |flavor: &Value| flavor.as_str().is_some_and(|id| id.starts_with("diskless-"));
        match () {
            () if diskless(&body["server"]["flavorRef"]) && body["server"]["imageRef"].is_string() => {
                let message = "Only volume-backed servers are allowed for flavors with zero disk.";
                Turn::Answer(Answer::json(403, json!({"forbidden": {"code": 403, "message": message}}).to_string()))
            }
            () if diskless(&body["resize"]["flavorRef"]) => {
                body["badRequest"] = json!({"code": 400, "message": "Resize to zero disk flavor is not allowed."});
                Turn::Answer(Answer::json(400, body.to_string()))
            }
            () if request.path.contains("/flavors/diskless-") => {
                Turn::Rewrite(Request { path: request.path.replace("diskless-", ""), ..request.clone() })
            }
            () => Turn::Pass,
        }
    });
    shape.front.after(|request, answer| {
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let strip = |flavor: &Value| {
            let mut flavor = flavor.clone();
            for key in ["id", "name"] {
                flavor[key] = json!(format!("diskless-{}", flavor[key].as_str().unwrap_or_default()));
            }
            if flavor.get("disk").is_some() {
                flavor["disk"] = json!(0);
            }
            flavor
        };
        if let Some(flavors) = body["flavors"].as_array_mut() {
            let more: Vec<Value> = flavors.iter().map(strip).collect();
            flavors.splice(0..0, more);
        } else if request.path.contains("/flavors/diskless-") && body["flavor"].is_object() {
            body["flavor"] = strip(&body["flavor"]);
        } else {
            return;
        }
        answer.body = body.to_string().into_bytes();
    });
    let tests = [
        "compute.servers.create",
        "compute.server-actions.resize",
        "compute.server-actions.rebuild",
        "compute.flavors",
    ];
    shape.passes(&tests).await;
    let named = ["run", "--cloud", "member", "--flavor", "reference.tiny", "--out", "named"];
    shape.place.run(&[&named[..], &["compute.server-actions.resize-and-confirm"]].concat()).await.says(0, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_without_a_network_gets_one_for_its_servers() {
    let shape = Shape::new().await;
    // The member sees the external network alone, and what it makes itself.
    shape.front.after(|request, answer| {
        let list = request.method == "GET" && request.path == "/network/v2.0/networks";
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if let Some(networks) = body["networks"].as_array_mut().filter(|_| list) {
            networks.retain(|network| {
                let own = network["name"].as_str().is_some_and(|name| name.starts_with("assay-"));
                own || network["router:external"] == true
            });
            answer.body = body.to_string().into_bytes();
        }
    });
    shape.doctor().await.says(0, &[]).prints(&["the run makes one for them"]);
    shape.passes(&["compute.servers.create", "network.networks.create-update-delete", "compute.servers.show"]).await;
    let created = shape.front.changes();
    let networks =
        created.iter().filter(|request| request.method == "POST" && request.path == "/network/v2.0/networks");
    assert!(networks.count() >= 2, "one of a test, and one for the servers");
    let records = shape.place.records("run");
    assert!(records.iter().all(|record| record.left_behind.is_empty()), "{records:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_found_on_any_page() {
    let shape = Shape::new().await;
    shape.front.before(|request| {
        if request.method == "GET" && request.path == "/image/v2/images" {
            let query =
                request.without("limit").query.map_or_else(|| "limit=1".into(), |query| format!("{query}&limit=1"));
            return Turn::Rewrite(Request { query: Some(query), ..request.clone() });
        }
        Turn::Pass
    });
    shape.passes(&["--image", "reference", "compute.servers.create-with-existing-name"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_networks_that_was_empty_once_is_read_again() {
    let shape = Shape::new().await;
    let seen = std::sync::atomic::AtomicU32::new(0);
    shape.front.after(move |request, answer| {
        let list = request.method == "GET" && request.path == "/network/v2.0/networks" && request.query.is_none();
        if list && seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 {
            answer.body = br#"{"networks": []}"#.to_vec();
        }
    });
    shape.passes(&["compute.servers.create", "network.floating-ips"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_is_accepted_and_not_made_is_a_fail() {
    let shape = Shape::new().await;
    shape.front.before(|request| {
        let keypair = request.method == "DELETE" && request.path.contains("/os-keypairs/");
        if keypair { Turn::Answer(Answer::status(202)) } else { Turn::Pass }
    });
    let ended = shape.run(&["compute.keypairs.create-server-with-keypair"]).await;
    assert!(matches!(ended.code, Some(1 | 5)), "{ended:#?}");
    let records = shape.place.records("run");
    assert!(records.iter().all(|record| record.verdict == Verdict::Fail), "{records:#?}");
}
