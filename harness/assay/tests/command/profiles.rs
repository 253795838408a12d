//! Redfish services held against profiles: a good one, a broken one, and ones that make reading them hard.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use assay_reports::profile::{ProfileReport, ProfileVerdict, Verdict};
use assay_reports::record::Verdict as Outcome;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::Place;

/// What the user of the service is proved with, and what the service tells everybody that it is.
const PASSWORD: &str = "a-very-secret-password";

/// What a service answers to a path: a status and a body; nothing, where it closes the connection.
type Answer = dyn Fn(&str) -> Option<(u16, String)> + Send + Sync;

/// A Redfish service that remembers its requests.
struct Service {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Service {
    async fn start(answer: impl Fn(&str) -> Option<(u16, String)> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answer, kept): (Arc<Answer>, _) = (Arc::new(answer), requests.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answer.clone(), kept.clone()));
            }
        });
        Self { url, requests }
    }

    /// One with these resources and no others.
    async fn of(resources: &[(&str, Value)]) -> Self {
        let resources: BTreeMap<String, String> =
            resources.iter().map(|(uri, body)| ((*uri).to_owned(), body.to_string())).collect();
        Self::start(move |path| Some(resources.get(path).map_or((404, String::new()), |body| (200, body.clone()))))
            .await
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, answer: Arc<Answer>, requests: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let line = head.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
    requests.lock().unwrap().push(line.clone());
    let Some((status, body)) = answer(line.split(' ').nth(1).unwrap()) else { return };
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all((head + &body).as_bytes()).await;
}

fn root() -> Value {
    json!({
        "@odata.type": "#ServiceRoot.v1_5_0.ServiceRoot",
        "RedfishVersion": "1.6.0",
        "Product": "Toy",
        "Systems": {"@odata.id": "/redfish/v1/Systems"},
    })
}

fn good() -> [(&'static str, Value); 3] {
    [
        ("/redfish/v1/", root()),
        (
            "/redfish/v1/Systems",
            json!({"@odata.type": "#ComputerSystemCollection.ComputerSystemCollection", "Members": [{"@odata.id": "/redfish/v1/Systems/1"}]}),
        ),
        (
            "/redfish/v1/Systems/1",
            json!({"@odata.type": "#ComputerSystem.v1_5_0.ComputerSystem", "PowerState": "On", "Password": "hush-hush-1", "Oem": {"told": PASSWORD}}),
        ),
    ]
}

/// A place with a profile that asks for these properties of systems, and a deployment file.
fn place(service: &Service, asked: Value) -> Place {
    let place = Place::new();
    let profile = json!({"ProfileName": "Toy", "ProfileVersion": "1.0.0", "Resources": {"ComputerSystem": {"PropertyRequirements": asked}}});
    place.write("toy.json", &profile.to_string());
    let auth = format!("auth: {{method: http_basic, username: operator, password: {PASSWORD}}}");
    let bmc = format!("redfish: [{{name: bmc, endpoint: '{}', {auth}}}]", service.url);
    place.write("metal.yaml", &format!("schema: assay.deployment/1\nname: rack\n{bmc}\n"));
    place
}

const RUN: [&str; 7] = ["profile", "run", "toy.json", "--deployment", "metal.yaml", "--out", "r"];

fn report(place: &Place) -> ProfileReport {
    serde_json::from_str(&place.read("r/profile.json")).unwrap()
}

#[tokio::test]
async fn a_profile_is_held_against_a_service_that_is_only_read() {
    let service = Service::of(&good()).await;
    let place = place(&service, json!({"PowerState": {}, "AssetTag": {"ReadRequirement": "Recommended"}}));
    place
        .run(&RUN)
        .await
        .says(0, &["bmc: 3 resources read", "r/profile.html"])
        .prints(&["Toy 1.0.0 on bmc: fulfilled"]);
    let asked = service.requests();
    assert!(asked.iter().all(|request| request.starts_with("GET /redfish/v1")), "{asked:?}");
    assert_eq!(report(&place).verdict, ProfileVerdict::Fulfilled);
    for name in ["profile.md", "profile.html", "profile.txt", "profile.junit.xml", "run.json", "redfish/001-bmc.json"] {
        let text = place.read(&format!("r/{name}"));
        assert!(!text.is_empty() && !text.contains(PASSWORD) && !text.contains("hush-hush-1"), "{name}: {text}");
    }
    let verdicts: Vec<_> = place.records("r").into_iter().map(|record| record.verdict).collect();
    assert_eq!(verdicts, [Outcome::Pass, Outcome::Pass, Outcome::Skip]);

    // What was read is held against another profile without asking anybody, and against the guideline that it makes.
    place.write(
        "other.json",
        r#"{"ProfileName": "Other", "ProfileVersion": "1.0.0", "Resources": {"ComputerSystem": {"PropertyRequirements": {"UUID": {}}}, "Chassis": {}}}"#,
    );
    let before = service.requests().len();
    let scored = place.run(&["profile", "score", "other.json", "r", "--out", "again"]).await;
    scored.says(1, &["again/profile.html"]).prints(&[
        "Broken (2)",
        "a Chassis is there",
        "ComputerSystem: UUID is there",
    ]);
    assert!(place.read("again/profile.junit.xml").contains("<failure"));
    assert_eq!(service.requests().len(), before);
    place.run(&["guideline", "import", "toy.json", "--out", "toy.yaml"]).await.says(0, &["toy/1.0.0", "3 tests"]);
    place.run(&["score", "r", "--guideline", "toy.yaml"]).await.says(0, &[]).prints(&["Conformant"]);
    place.run(&["guideline", "import", "other.json", "--out", "other.yaml"]).await.says(0, &[]);
    place.run(&["score", "r", "--guideline", "other.yaml"]).await.says(1, &[]);
}

#[tokio::test]
async fn what_is_broken_is_said_with_its_place_and_the_way_there() {
    let service = Service::of(&good()).await;
    let place = place(&service, json!({"PowerState": {"Comparison": "Equal", "Values": ["Off"]}, "UUID": {}}));
    place.run(&RUN).await.says(1, &[]).prints(&["not fulfilled", "ComputerSystem: UUID is there"]);
    let report = report(&place);
    let broken: Vec<_> = report.places.iter().filter(|place| place.verdict == Verdict::Fail).collect();
    assert_eq!(broken.len(), 2, "{broken:?}");
    assert_eq!(broken[0].way, ["/redfish/v1/", "/redfish/v1/Systems", "/redfish/v1/Systems/1"]);
    assert_eq!((broken[0].path.as_str(), broken[1].path.as_str()), ("/PowerState", "/UUID"));
    assert!(place.read("r/profile.html").contains("/redfish/v1/Systems → /redfish/v1/Systems/1"));
}

/// Holds off a page in which text of a service is more than text.
#[tokio::test]
async fn text_of_a_service_stays_text() {
    const HOSTILE: &str = "<script>alert(1)</script>|x`\u{1b}[2J";
    let mut resources = good();
    resources[2].1["PowerState"] = HOSTILE.into();
    resources[0].1["Product"] = HOSTILE.into();
    resources[0].1["Out"] = json!({"@odata.id": format!("https://evil.example/{HOSTILE}")});
    let service = Service::of(&resources).await;
    let place = place(&service, json!({"PowerState": {"Comparison": "Equal", "Values": ["On"]}}));
    let ended = place.run(&RUN).await;
    ended.says(1, &[]);
    assert!(!ended.stdout.contains('\u{1b}'), "{ended:#?}");
    for name in ["profile.html", "profile.md", "profile.txt", "profile.junit.xml"] {
        let text = place.read(&format!("r/{name}"));
        let is_text = name == "profile.txt";
        assert!(!text.contains('\u{1b}') && (is_text || !text.contains("<script>")), "{name}: {text}");
    }
    assert!(!place.read("r/profile.md").contains("</script>|x"), "a cell of a table is broken");
}

#[tokio::test]
async fn services_that_are_hard_to_read_get_a_bounded_run_and_a_clear_report() {
    // Links without an end: each resource names the next.
    let endless = Service::start(|path| {
        let next = format!("{}/n", path.trim_end_matches('/'));
        Some((200, json!({"@odata.type": "#Thing.v1_0_0.Thing", "Next": {"@odata.id": next}}).to_string()))
    })
    .await;
    let ask = json!({"PowerState": {}});
    let at = place(&endless, ask.clone());
    at.run(&RUN).await.says(1, &[]).prints(&["Not all of bmc could be read", "unknown"]);
    assert!(endless.requests().len() < 50, "{}", endless.requests().len());

    // The connection is closed on everything but the root and its systems.
    let dropping = Service::start(|path| match path {
        "/redfish/v1/" => Some((200, root().to_string())),
        "/redfish/v1/Systems" => {
            let members: Vec<_> =
                (0..30).map(|number| json!({"@odata.id": format!("/redfish/v1/Systems/{number}")})).collect();
            Some((
                200,
                json!({"@odata.type": "#ComputerSystemCollection.ComputerSystemCollection", "Members": members})
                    .to_string(),
            ))
        }
        _ => None,
    })
    .await;
    let at = place(&dropping, ask.clone());
    at.run(&RUN).await.says(1, &[]);
    let report = report(&at);
    assert!(!report.services[0].complete && report.services[0].unread.len() == 3, "{:?}", report.services);
    assert!(report.services[0].notes[0].message.contains("did not answer 3 times in a row"), "{:?}", report.services);
    assert_eq!(report.requirements[0].verdict, Verdict::NotTested);

    let locked = Service::start(|path| {
        Some(if path == "/redfish/v1/" { (200, root().to_string()) } else { (401, String::new()) })
    })
    .await;
    place(&locked, ask).run(&RUN).await.says(3, &["401"]);
}

#[tokio::test]
async fn the_time_that_reading_may_take_is_bounded() {
    let slow = Service::start(|path| {
        if path != "/redfish/v1/" && path != "/redfish/v1/Systems" {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        let next: Vec<_> = (0..50).map(|number| json!({"@odata.id": format!("/redfish/v1/x{number}")})).collect();
        let mut body = root();
        body["Next"] = next.into();
        Some((200, body.to_string()))
    })
    .await;
    let place = place(&slow, json!({"PowerState": {}}));
    let mut arguments = RUN.to_vec();
    arguments.extend(["--timeout", "1"]);
    place.run(&arguments).await.says(1, &[]);
    let notes = &report(&place).services[0].notes;
    assert!(notes.iter().any(|note| note.message.contains("the time was up after 1 s (--timeout)")), "{notes:?}");
}

#[tokio::test]
async fn what_is_wrong_with_the_arguments_is_said_before_anybody_is_asked() {
    let service = Service::of(&good()).await;
    let place = place(&service, json!({}));
    place.run(&["profile", "run", "toy.json"]).await.says(2, &["--deployment"]);
    place.run(&["run", "--profile", "toy.json"]).await.says(2, &["assay profile run"]);
    place.run(&["score", "r", "--profile", "toy.json"]).await.says(2, &["assay profile score"]);
    let both = [&RUN[..], &["--guideline", "x/1"]].concat();
    place.run(&both).await.says(2, &["--guideline"]);
    place.write("toy.json", "{\n\"ProfileName\": 7,\n\"ProfileVersion\": \"1.0.0\", \"Resources\": {}}");
    place.run(&RUN).await.says(2, &["toy.json:2:16", "`7`, and text belongs here"]);
    place.write(
        "toy.json",
        r#"{"ProfileName": "A", "ProfileVersion": "1.0.0", "RequiredProfiles": {"B": {"MinVersion": "1.2.0"}}}"#,
    );
    place.run(&RUN).await.says(2, &["requires the profile `B` 1.2.0 or newer", "B.v1_2_0.json"]);
    place.run(&["guideline", "import", "toy.json"]).await.says(2, &["requires the profile `B`"]);
    place
        .write("toy.json", r#"{"ProfileName": "A", "ProfileVersion": "1.0.0", "Resources": {"X": {"Colour": "red"}}}"#);
    place.write("metal.yaml", "schema: assay.deployment/1\nname: rack\nironic: {endpoint: 'http://127.0.0.1:1'}\n");
    place.run(&RUN).await.says(2, &["`Colour` has no meaning here", "names no Redfish service", "under `redfish`"]);
    place.run(&["profile", "score", "toy.json", "r"]).await.says(2, &["no folder r"]);
    assert!(service.requests().is_empty(), "{:?}", service.requests());
}
