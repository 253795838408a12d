//! Whom secrets are for: no token goes to anybody but the services that the user and the catalog of the login name, and never
//! from TLS to clear text; nothing secret is in an address; and no program runs that the command line does not name.

use std::sync::{Arc, Mutex};

use assay_hostile::{Behaviour, Certificate, Proxy, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::support::{Place, address, clouds, reference, with_lines};

const TOKEN: &str = "gAAAAA-the-token-of-this-login";

/// A service on a host of its own, which is asked and remembers what.
struct Host {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl Host {
    async fn start(host: &str) -> Self {
        let listener = TcpListener::bind((host, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = asked.clone();
        let serving = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let seen = seen.clone();
                tokio::spawn(async move {
                    let mut request = vec![0; 16 * 1024];
                    let length = stream.read(&mut request).await.unwrap_or_default();
                    seen.lock().unwrap().push(String::from_utf8_lossy(&request[..length]).into_owned());
                    let body = r#"{"versions": [{"id": "v2.9", "status": "CURRENT"}], "images": []}"#;
                    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
                    let answer = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        Self { url, asked, serving }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// An identity service whose catalog has this endpoint of the image service.
async fn identity(image: &str) -> Server {
    let catalog = serde_json::json!([{"type": "image", "name": "glance", "endpoints": [
        {"interface": "public", "region_id": "one", "url": image}]}]);
    let project = serde_json::json!({"id": "0a1b2c", "name": "one"});
    let user = serde_json::json!({"id": "3d4e5f", "name": "someone", "domain": {"id": "default"}});
    let body = serde_json::json!({
        "token": {"user": user, "project": project, "roles": [{"name": "member"}], "catalog": catalog},
        "versions": {"values": [{"id": "v3.14"}]},
    });
    let headers = vec![("Content-Type", "application/json".to_owned()), ("X-Subject-Token", TOKEN.to_owned())];
    Server::start(Behaviour::Answer(201, headers, body.to_string())).await.unwrap()
}

fn entry(url: &str, more: &str) -> String {
    format!(
        "clouds:\n  one:\n    auth: {{auth_url: '{url}/v3', username: someone, password: something-secret, project_name: \
         one}}\n    api_timeout: 5\n{more}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_does_not_go_from_tls_to_clear_text() {
    let image = Host::start("127.0.0.1").await;
    let identity = identity(&format!("{}/image", image.url)).await;
    let certificate = Certificate::for_hosts(&["127.0.0.1"]).unwrap();
    let proxy = Proxy::start_tls(address(&identity.url()), &certificate).await.unwrap();
    let place = Place::new();
    let file = place.write("authority.pem", certificate.pem());
    place.write("clouds.yaml", &entry(proxy.url(), &format!("    cacert: {}\n", file.display())));

    let ended = place.run(&["doctor", "--cloud", "one"]).await;
    ended.says(3, &[]).prints(&["image", "unreachable", &image.url, "--allow-cleartext"]);
    assert_eq!(image.asked(), Vec::<String>::new(), "not even without a token");
    // An endpoint that the user wrote is no other matter.
    let more = format!("    cacert: {}\n    image_endpoint_override: {}\n", file.display(), image.url);
    place.write("clouds.yaml", &entry(proxy.url(), &more));
    place.run(&["doctor", "--cloud", "one"]).await.says(3, &[]).prints(&["unreachable", "--allow-cleartext"]);
    assert_eq!(image.asked(), Vec::<String>::new());

    let allowed = ["--cloud", "one", "--allow-cleartext"];
    let ended = place.run(&[&["doctor"], &allowed[..]].concat()).await;
    ended.prints(&["ready", "warning: tokens and passwords go in clear text to image"]);
    let run =
        ["run", "--guideline", "openstack-powered/2022.11", "--target", "compute", "--out", "run", "image.images.list"];
    let ended = place.run(&[&run, &allowed[..]].concat()).await;
    ended.says(1, &["warning: tokens and passwords go in clear text to image"]);
    assert!(image.asked().iter().any(|request| request.contains(TOKEN)), "{:?}", image.asked());
    let described = place.read("run/run.json");
    assert!(described.contains("\"tls_verified\": false"), "{described}");
    assert!(described.contains("\"cleartext\": ["), "{described}");
    for report in ["run/report.html", "run/report.md", "run/report.txt"] {
        assert!(place.read(report).contains("clear text"), "{report} does not say it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_hosts_are_listed() {
    let image = Host::start("127.0.0.2").await;
    let identity = identity(&format!("{}/image", image.url)).await;
    let place = Place::new();
    place.write("clouds.yaml", &entry(&identity.url(), ""));
    place.run(&["doctor", "--cloud", "one"]).await.prints(&["Hosts beside the identity service's", &image.url]);
    let ended = place.run(&["doctor", "--cloud", "one", "--json"]).await;
    let found: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(found["other_hosts"], serde_json::json!([image.url]));
    let run =
        ["run", "--guideline", "openstack-powered/2022.11", "--target", "compute", "--out", "run", "--cloud", "one"];
    place.run(&[&run[..], &["image.images.list"]].concat()).await.says(1, &[]);
    for file in ["run/run.json", "run/report.html", "run/report.md", "run/report.txt", "run/report.json"] {
        assert!(place.read(file).contains(&image.url), "{file} does not say it");
    }
    assert!(image.asked().iter().any(|request| request.contains(TOKEN)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_of_the_catalog_that_is_not_what_it_seems_is_refused() {
    let image = Host::start("127.0.0.2").await;
    let host = image.url.trim_start_matches("http://").to_owned();
    for (endpoint, word) in [
        (format!("http://me:hush-hush@{host}/image"), "holds a user"),
        (format!("http://{host}/image?x="), "holds `?` or `#`"),
        (format!("http://{host}/image#"), "holds `?` or `#`"),
        (format!("http://{host}/image/../admin"), "`..`"),
        (format!("http://{host}/image/%2e%2E/admin"), "`..`"),
        (format!("gopher://{host}/image"), "no http or https address"),
        ("http://".to_owned(), "no http or https address"),
    ] {
        let identity = identity(&endpoint).await;
        let place = Place::new();
        place.write("clouds.yaml", &entry(&identity.url(), ""));
        let ended = place.run(&["doctor", "--cloud", "one"]).await;
        ended.prints(&["unreachable", word]);
        assert!(!ended.stdout.contains("hush-hush") && !ended.stderr.contains("hush-hush"), "{ended:#?}");
        let ended = place.run(&["run", "--cloud", "one", "--out", "run", "image.images.list"]).await;
        for text in [ended.stdout, ended.stderr, place.read("run/run.json"), place.read("run/results.jsonl")] {
            assert!(!text.contains("hush-hush"), "{text}");
        }
    }
    assert_eq!(image.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn an_address_of_the_user_with_a_secret_in_it_is_an_error_that_does_not_show_it() {
    let place = Place::new();
    let clouds = |auth_url: &str, more: &str| {
        format!("clouds: {{one: {{auth: {{auth_url: '{auth_url}', username: u, password: p}}{more}}}}}\n")
    };
    for (text, place_of_it) in [
        (clouds("https://me:hush-hush@h/v3", ""), "`clouds.one.auth.auth_url`"),
        (clouds("https://h/v3?token=hush-hush", ""), "`clouds.one.auth.auth_url`"),
        (clouds("https://h/v3#x", ""), "`clouds.one.auth.auth_url`"),
        (clouds("ftp://me:hush-hush@h/v3", ""), "`clouds.one.auth.auth_url`"),
        (
            clouds("https://h/v3", ", image_endpoint_override: 'https://me:hush-hush@h'"),
            "`clouds.one.image_endpoint_override`",
        ),
        (
            clouds("https://h/v3", ", image_endpoint_override: 'https://h/?sig=hush-hush'"),
            "`clouds.one.image_endpoint_override`",
        ),
        (
            "clouds: {one: {auth_type: none, auth: {endpoint: 'http://me:hush-hush@h'}}}\n".to_owned(),
            "`clouds.one.auth.endpoint`",
        ),
    ] {
        place.write("clouds.yaml", &text);
        for command in [&["doctor", "--cloud", "one"][..], &["run", "--dry-run", "--cloud", "one"]] {
            let ended = place.run(command).await;
            ended.says(2, &["clouds.yaml", place_of_it, "write"]);
            assert!(!ended.stderr.contains("hush-hush"), "{ended:#?}");
        }
    }
    let variables = "OS_AUTH_URL=https://me:hush-hush@h/v3 OS_USERNAME=u OS_PASSWORD=p \"$assay\" doctor";
    let ended = place.shell(variables).await;
    ended.says(2, &["auth_url", "holds a user"]);
    assert!(!ended.stderr.contains("hush-hush"), "{ended:#?}");
}

#[tokio::test]
async fn so_is_one_in_a_deployment_file() {
    let place = Place::new();
    place.write("hosts.ini", "[metal]\nrack-1 baseuri=me:hush-hush@192.0.2.1\n");
    let head = "schema: assay.deployment/1\nname: rack\n";
    for (text, place_of_it) in [
        ("ironic: {endpoint: 'http://me:hush-hush@h'}", "`ironic.endpoint`"),
        ("ironic: {endpoint: 'http://h?token=hush-hush'}", "`ironic.endpoint`"),
        ("redfish: [{name: b, endpoint: 'https://h/#'}]", "`redfish.0.endpoint`"),
        ("redfish: [{name: b, endpoint: 'https://h', medium: 'http://me:hush-hush@h/a.iso'}]", "`redfish.0.medium`"),
        ("redfish: [{name: b, endpoint: 'https://h', medium: 'http://h/a.iso?sig=hush-hush'}]", "`redfish.0.medium`"),
        ("inventory: {source: hosts.ini, redfish: metal}", "`inventory.redfish: host rack-1.endpoint`"),
    ] {
        place.write("metal.yaml", &format!("{head}{text}\n"));
        let ended = place.run(&["doctor", "--deployment", "metal.yaml"]).await;
        ended.says(2, &["metal.yaml", place_of_it]);
        assert!(!ended.stderr.contains("hush-hush"), "{ended:#?}");
    }
}

/// What is wrong may be a password that stands where it should not.
#[tokio::test]
async fn what_is_wrong_in_a_deployment_file_is_said_without_its_value() {
    let place = Place::new();
    for (auth, words) in [
        (
            "{method: http_basic, username: u, pasword: hush-hush}",
            &["`pasword` is not a key", "did you mean `password`?"],
        ),
        ("{method: hush-hush}", &["metal.yaml:3:59", "`http_basic`"]),
        ("hush-hush", &["an auth takes keys and values", "metal.yaml:3:50"]),
        ("{method: http_basic, username: {hush-hush: 1}}", &["`username` takes text", "metal.yaml:3:82"]),
        ("{password: [hush-hush]}", &["`password` takes text", "metal.yaml:3:62"]),
        ("{password, hush-hush}", &["what stands there is not a key", "the keys are"]),
        ("{password: hush-hush, password: hush-hush}", &["the key `password` is written twice", "metal.yaml:3:72"]),
        (
            "{password: hush-hush}, tls: {insecure: hush-hush}",
            &["`insecure` takes `true` or `false`", "metal.yaml:3:89"],
        ),
        ("{password: hush-hush", &["this is not YAML", "metal.yaml:"]),
    ] {
        let service = format!("redfish: [{{name: b, endpoint: 'https://h', auth: {auth}}}]\n");
        place.write("metal.yaml", &format!("schema: assay.deployment/1\nname: rack\n{service}"));
        let ended = place.run(&["doctor", "--deployment", "metal.yaml"]).await;
        ended.says(2, words);
        assert!(!ended.stderr.contains("hush"), "{ended:#?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_runs_only_when_the_command_line_says_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let hosts = "{\"metal\": {\"hosts\": [\"bmc\"]}, \"_meta\": {\"hostvars\": {\"bmc\": {\"baseuri\": \"http://127.0.0.1:1\"}}}}";
    let program = place.write("hosts", &format!("#!/bin/sh\ntouch ran\necho '{hosts}'\n"));
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    place.write("metal.yaml", "schema: assay.deployment/1\nname: rack\ninventory: {source: hosts, redfish: metal}\n");
    for command in ["doctor", "run"] {
        let ended = place.run(&[command, "--deployment", "metal.yaml"]).await;
        ended.says(2, &["`inventory.source`", "a program", "--run-inventory"]);
        assert!(!place.path("ran").exists(), "it ran: {ended:#?}");
    }
    let ended = place.run(&["doctor", "--deployment", "metal.yaml", "--run-inventory"]).await;
    ended.says(3, &[]).prints(&["redfish bmc", "unreachable"]);
    assert!(place.path("ran").exists());
}

/// An account that is not the member's speaks to the services of the member's entry, and to nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_user_names_for_one_account_serves_the_others() {
    let reference = reference().await;
    let place = Place::new();
    let proxy = Proxy::start(address(reference.url())).await.unwrap();
    let text = clouds(&reference);
    let (member, others) = text.split_once("  reference-alt:").unwrap();
    let member = with_lines(member, &format!("    image_endpoint_override: {}/image\n", proxy.url()));
    place.write("clouds.yaml", &format!("{member}  reference-alt:{others}"));
    let run = ["run", "--cloud", "member", "--alt-cloud", "reference-alt", "--out", "run", "image.members"];
    let ended = place.run(&run).await;
    assert!(!ended.stderr.contains("not sent"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_is_named_without_its_password() {
    let reference = reference().await;
    let place = Place::of(&reference);
    let ended = place
        .shell("https_proxy=http://me:hush-hush@127.0.0.1:9 no_proxy=127.0.0.1 \"$assay\" doctor --cloud member")
        .await;
    ended.prints(&["Proxies that the environment names", "https_proxy", "127.0.0.1:9"]);
    assert!(!ended.stdout.contains("hush-hush") && !ended.stderr.contains("hush-hush"), "{ended:#?}");
}
