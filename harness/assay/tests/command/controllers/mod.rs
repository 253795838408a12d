//! Controllers as they are built: each does one thing in a way of its own. A sound one that does so has the verdicts of a sound
//! one, and each test tells at most what is one thing. Whatever it does, its machine is afterwards as it was before, and the
//! machines beside it are never touched.

mod broken;
mod busy;
mod links;
mod media;
mod power;
mod sessions;
mod settings;
mod tags;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use assay_hostile::{Answer, Exchange, Front, Request, Turn};
use assay_reference::{Options, Reference};
use assay_reports::record::{Finding, Verdict};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::support::{Ended, Place};

/// What a run of the tests of Redfish came to: the verdict of each test, and what it told beside it.
type Told = BTreeMap<String, (Verdict, BTreeSet<String>)>;
/// What machines are, by path.
type Machines = BTreeMap<String, Value>;

/// The machine that tests may change.
const SYSTEM: &str = "/redfish/v1/Systems/reference-1";
const SESSIONS: &str = "/redfish/v1/SessionService/Sessions";
/// The tests that change a setting.
const SETTINGS: [&str; 7] = [
    "redfish.boot",
    "redfish.systems.asset-tag",
    "redfish.indicator",
    "redfish.bios",
    "redfish.secure-boot",
    "redfish.errors.malformed",
    "redfish.protocol",
];

/// A sound controller behind a front.
struct Controller {
    reference: Reference,
    front: Front,
    place: Place,
    /// What its machines were at first.
    before: Machines,
}

impl Controller {
    async fn start() -> Self {
        let options = Options { machine_step: Duration::from_millis(20), ..Options::default() };
        let reference = assay_reference::start(options).await.unwrap();
        let front = Front::start(reference.redfish_url()).await.unwrap();
        let before = machines(&reference).await;
        let controller = Self { reference, front, place: Place::new(), before };
        controller.by("http_basic", controller.reference.redfish_password());
        controller
    }

    /// Writes the deployment file, with this method of authentication and this password.
    fn by(&self, method: &str, password: &str) {
        let (url, user) = (self.front.url(), self.reference.redfish_user());
        let text = format!(
            "schema: assay.deployment/1\nname: rack\nredfish:\n  - name: bmc\n    endpoint: {url}\n    auth: {{method: {method}, \
             username: {user}, password: {password}}}\n    machines: [reference-1]\n    bios_attribute: QuietBoot\n"
        );
        self.place.write("metal.yaml", &text);
    }

    async fn run(&self, tests: &[&str]) -> Ended {
        let run = ["run", "--deployment", "metal.yaml", "--out", "run", "--test-threads", "8"];
        let ended = self.place.run(&[&run, tests].concat()).await;
        assert_eq!(machines(&self.reference).await, self.before, "a machine is not as it was: {}", ended.stderr);
        ended
    }

    fn told(&self) -> Told {
        let records = self.place.records("run");
        for record in &records {
            assert_eq!(record.left_behind, Vec::<String>::new(), "{record:#?}");
        }
        let told = |findings: &[Finding]| findings.iter().map(|finding| finding.requirement.clone()).collect();
        records.into_iter().map(|it| (it.id.clone(), (it.verdict, told(&it.deviations)))).collect()
    }

    /// Runs these tests, and says which verdicts are others than those of the sound controller, and what is told beside what is
    /// told of that one.
    async fn compared(&self, tests: &[&str]) -> (BTreeMap<String, Verdict>, BTreeSet<String>) {
        static SOUND: OnceCell<Told> = OnceCell::const_new();
        let sound = SOUND.get_or_init(|| async {
            let sound = Controller::start().await;
            sound.run(&["redfish."]).await;
            sound.told()
        });
        let sound = sound.await;
        assert!(sound.len() > 50, "{sound:#?}");
        let ended = self.run(tests).await;
        let (mut others, mut more) = (BTreeMap::new(), BTreeSet::new());
        let told = self.told();
        assert!(!told.is_empty(), "{}", ended.stderr);
        assert!(tests != ["redfish."] || told.len() == sound.len(), "{}", ended.stderr);
        for (id, (verdict, deviations)) in told {
            let (expected, known) = &sound[&id];
            more.extend(deviations.difference(known).cloned());
            if verdict != *expected {
                others.insert(id, verdict);
            }
        }
        (others, more)
    }

    /// Runs these tests and requires the verdicts of the sound controller, but for these. Gives what is told beside.
    async fn differs(&self, tests: &[&str], expected: &[(&str, Verdict)]) -> BTreeSet<String> {
        let (others, more) = self.compared(tests).await;
        let expected = expected.iter().map(|(id, verdict)| ((*id).to_owned(), *verdict)).collect();
        assert_eq!(others, expected, "{:#?}", self.reasons());
        more
    }

    /// What ended the tests that did not pass.
    fn reasons(&self) -> Vec<String> {
        let records = self.place.records("run");
        let reason = |it: &assay_reports::record::TestRecord| format!("{}: {:?} {:?}", it.id, it.failure, it.reason);
        records.iter().filter(|it| it.verdict != Verdict::Pass).map(reason).collect()
    }

    /// Runs all tests of Redfish and requires the verdicts of the sound controller. Gives what is told beside these.
    async fn has_the_verdicts_of_a_sound_one(&self) -> BTreeSet<String> {
        self.differs(&["redfish."], &[]).await
    }

    /// The same of these tests alone.
    async fn is_sound_in(&self, tests: &[&str]) -> BTreeSet<String> {
        self.differs(tests, &[]).await
    }

    /// The sessions that were made, and those that were ended.
    fn sessions(&self) -> (usize, usize) {
        let seen = self.front.seen();
        let of = |method: &str, wanted: fn(&str) -> bool| {
            let ok = |it: &&Exchange| it.answer.as_ref().is_some_and(|answer| answer.status < 300);
            seen.iter().filter(ok).filter(|it| it.request.method == method && wanted(&it.request.path)).count()
        };
        (of("POST", |path| path == SESSIONS), of("DELETE", |path| path.starts_with(SESSIONS)))
    }
}

/// What the machines of a controller are, asked past its front; without what changes with each start, and with each look.
async fn machines(reference: &Reference) -> Machines {
    const PARTS: [&str; 6] = ["", "/Bios", "/Bios/Settings", "/SecureBoot", "/VirtualMedia/Cd", "/VirtualMedia/Usb"];
    const MOVING: [&str; 4] = ["@odata.etag", "LastResetTime", "BootProgress", "@Redfish.Settings"];
    let basic = STANDARD.encode(format!("{}:{}", reference.redfish_user(), reference.redfish_password()));
    let mut machines = Machines::new();
    for number in 1..=3 {
        let mut holds = Value::Null;
        for part in PARTS {
            let path = format!("/redfish/v1/Systems/reference-{number}{part}");
            let headers = vec![("authorization".to_owned(), format!("Basic {basic}"))];
            let request = Request { method: "GET".to_owned(), path: path.clone(), headers, ..Request::default() };
            let answer = assay_hostile::ask(reference.redfish_url(), &request).await.unwrap();
            assert_eq!(answer.status, 200, "{path}");
            let mut shown: Value = serde_json::from_slice(&answer.body).unwrap();
            let members = shown.as_object_mut().unwrap();
            members.retain(|name, _| !MOVING.contains(&name.as_str()));
            if part == "/Bios" {
                holds = members["Attributes"].clone();
            } else if part == "/Bios/Settings" {
                // What waits to become what it is changes nothing.
                members["Attributes"].as_object_mut().unwrap().retain(|name, waits| holds[name.as_str()] != *waits);
            }
            machines.insert(path, shown);
        }
    }
    machines
}

/// Changes the JSON of answers.
fn rewrites(controller: &Controller, change: impl Fn(&Request, &mut Value) + Send + Sync + 'static) {
    controller.front.after(move |request, answer| rewritten(answer, |body| change(request, body)));
}

fn rewritten(answer: &mut Answer, change: impl FnOnce(&mut Value)) {
    if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
        change(&mut body);
        answer.body = body.to_string().into_bytes();
    }
}

/// Everything that stands in JSON, from the top down.
fn each(value: &mut Value, change: &dyn Fn(&mut Value)) {
    change(value);
    match value {
        Value::Object(members) => members.values_mut().for_each(|member| each(member, change)),
        Value::Array(elements) => elements.iter_mut().for_each(|element| each(element, change)),
        _ => {}
    }
}

/// A refusal with this message of the Base registry.
fn error(status: u16, message: &str, text: &str) -> Answer {
    let id = format!("Base.1.12.{message}");
    let info = json!([{"MessageId": id, "Message": text, "Severity": "Warning", "Resolution": "None."}]);
    let body = json!({"error": {"code": id, "message": text, "@Message.ExtendedInfo": info}});
    Answer::json(status, body.to_string()).with("odata-version", "4.0").with("cache-control", "no-cache")
}

/// The JSON of a request, where that is its body.
fn json_of(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap_or_default()
}

/// Whether a request changes a setting of the machine.
fn patches(request: &Request) -> bool {
    request.method == "PATCH" && request.path.starts_with(SYSTEM)
}

/// Whether a request is one of those that somebody who is not logged in may make.
fn is_open(request: &Request) -> bool {
    matches!(request.path.trim_end_matches('/'), "/redfish" | "/redfish/v1")
        || request.method == "POST" && request.path.trim_end_matches('/') == SESSIONS
}

/// A request with another body.
fn with_body(request: &Request, body: &Value) -> Turn {
    let mut request = Request { body: body.to_string().into_bytes(), ..request.clone() };
    request.headers.retain(|(name, _)| name != "content-length");
    Turn::Rewrite(request)
}

/// These texts, as they are told.
fn texts(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
