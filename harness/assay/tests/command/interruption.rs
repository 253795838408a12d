//! Ctrl-C, `kill` and `kill -9` in the middle of a run: nothing is left, and nothing else is touched.
//!
//! The proxy holds answers back: at the moment of the signal, resources are there whose creation the run does not know of.

use assay_decoys::{Access, Decoys};
use assay_hostile::Proxy;
use assay_reports::record::Verdict;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;

use crate::support::{Ended, HANGS, Place, address, end, login, member_renamed, request, through};

/// Tests that create a container, an image, an application credential, and what several tests share.
pub const TESTS: [&str; 4] = [
    "object-storage.containers.create-again",
    "image.images.delete",
    "identity.application-credentials.create-with-expiry",
    "object-storage.containers.list-objects-with-limit",
];
/// The requests that create them.
const CREATIONS: [&str; 3] = ["PUT /object-store/", "POST /image/v2/images", "POST /identity/v3/users/"];

/// Containers that are added while a run goes on: of another run, with a name that only looks so, and the user's.
const ADDED: [&str; 3] = ["assay-0a1b2c3d-container-1", "assay-notes-too", "mine"];

/// A reference deployment in a process of its own, and a folder to run the command in.
pub struct Served {
    pub place: Place,
    clouds: String,
    pub proxy: Proxy,
    /// What must survive, and everything that is in the member's account before the run.
    decoys: Decoys,
    before: Vec<String>,
    _process: Child,
}

impl Served {
    pub async fn start() -> Self {
        let place = Place::new();
        let mut process = place.start(&["reference", "serve", "--clouds", "served.yaml"]);
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let first = lines.next_line().await.unwrap().unwrap();
        let url = first.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned();
        let decoys = Decoys::fill(&Access::cloud(&place.read("served.yaml")), None).await.unwrap();
        let clouds = member_renamed(&place.read("served.yaml"));
        let proxy = Proxy::start(address(&url)).await.unwrap();
        place.write("clouds.yaml", &through(&clouds, &url, proxy.url()).await);
        let mut served = Self { place, clouds, proxy, decoys, before: Vec::new(), _process: process };
        served.before = served.things().await;
        served
    }

    /// A run that has created what its tests create, and waits for the answers.
    pub async fn run_in_the_middle(&self) -> Child {
        self.hold_creations();
        let run = ["run", "--cloud", "member", "--out", "run", "--guideline", "openstack-powered/2022.11", "--target"];
        let child = self.place.start(&[run.as_slice(), &["platform", "--exact"], &TESTS].concat());
        self.created().await;
        child
    }

    /// Asserts that what is nobody's but the user's is as it was.
    pub async fn keeps_its_decoys(&self) {
        self.decoys.verify().await;
    }

    /// Asserts that the account has what it had before the run.
    async fn is_as_before(&self, ended: &Ended) {
        assert_eq!(self.things().await, self.before, "{ended:#?}");
        self.decoys.verify().await;
    }

    /// Holds back the answers to what creates something.
    pub fn hold_creations(&self) {
        for request in CREATIONS {
            self.proxy.hold(request);
        }
    }

    /// Waits until a run has created what its tests create.
    pub async fn created(&self) {
        self.held(TESTS.len()).await;
        let created = self.things().await.len() - self.before.len();
        assert!(created >= TESTS.len(), "the tests have created something");
    }

    pub async fn held(&self, count: usize) {
        let held = tokio::time::timeout(HANGS, self.proxy.held(count)).await;
        held.expect("the requests whose answers are held back are made");
    }

    /// Everything that is in the member's account: containers, images and application credentials.
    pub async fn things(&self) -> Vec<String> {
        let login = login(&self.clouds, "member").await;
        let store = login.catalog.endpoints().iter().find(|endpoint| endpoint.service == "object-store").unwrap();
        let mut things = names(&request("GET", &format!("{}?format=json", store.url), &login.token, "").await);
        let url = store.url.split("/object-store").next().unwrap();
        things.extend(names(&request("GET", &format!("{url}/image/v2/images"), &login.token, "").await));
        let path = format!("{url}/identity/v3/users/{}/application_credentials", login.user_id);
        things.extend(names(&request("GET", &path, &login.token, "").await));
        things
    }

    pub async fn create_container(&self, name: &str) {
        let login = login(&self.clouds, "member").await;
        let store = login.catalog.endpoints().iter().find(|endpoint| endpoint.service == "object-store").unwrap();
        let answer = request("PUT", &format!("{}/{name}", store.url), &login.token, "").await;
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
}

/// The names in a listing.
fn names(answer: &str) -> Vec<String> {
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let found =
        body.split("\"name\":").skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
    found.map(str::to_owned).collect()
}

pub async fn signal(place: &Place, child: &Child, signal: &str) {
    let script = format!("kill -{signal} {}", child.id().unwrap());
    place.shell(&script).await.says(0, &[]);
}

async fn stops_cleanly(name: &str) {
    let served = Served::start().await;
    let child = served.run_in_the_middle().await;
    signal(&served.place, &child, name).await;
    let ended = end(child).await;
    ended.says(130, &["stopping", "interrupted"]);
    served.is_as_before(&ended).await;
    let records = served.place.records("run");
    assert!(records.iter().any(|record| record.verdict == Verdict::Interrupted), "{records:#?}");
    for report in ["report.html", "report.json", "report.junit.xml", "report.md", "report.txt"] {
        assert!(served.place.path("run").join(report).is_file(), "{report} is missing: {ended:#?}");
    }
    assert!(served.place.read("run/run.json").contains("\"finished\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_cleans_up_and_still_writes_the_reports() {
    stops_cleanly("INT").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_to_end_cleans_up_as_ctrl_c_does() {
    stops_cleanly("TERM").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_is_gone_cleans_up_as_ctrl_c_does() {
    stops_cleanly("HUP").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_ctrl_c_ends_at_once_and_says_how_to_clean_up() {
    let served = Served::start().await;
    let child = served.run_in_the_middle().await;
    served.proxy.hold("DELETE ");
    signal(&served.place, &child, "INT").await;
    served.held(TESTS.len() + 1).await;
    signal(&served.place, &child, "INT").await;
    end(child).await.says(130, &["assay sweep run", "\n  container `assay-"]);
    served.proxy.release();
    let ended = served.place.run(&["sweep", "run"]).await;
    ended.says(0, &[]);
    served.is_as_before(&ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_after_a_kill_removes_what_the_run_left_and_touches_nothing_else() {
    let served = Served::start().await;
    let mut child = served.run_in_the_middle().await;
    child.start_kill().unwrap();
    child.wait().await.unwrap();
    served.proxy.release();
    for name in ADDED {
        served.create_container(name).await;
    }
    let left = served.things().await;
    let ended = served.place.run(&["sweep", "run", "--dry-run"]).await;
    ended.says(0, &[]).prints(&["would remove container", "would remove image", "would remove application credential"]);
    assert_eq!(served.things().await, left, "a dry run changes nothing");

    let ended = served.place.run(&["sweep", "run"]).await;
    ended.says(0, &[]).prints(&["removed container", "removed image", "removed application credential"]);
    let (mut things, mut wanted) = (served.things().await, served.before.clone());
    wanted.extend(ADDED.map(str::to_owned));
    things.sort();
    wanted.sort();
    assert_eq!(things, wanted);
    served.decoys.verify().await;
    served.place.run(&["sweep", "run"]).await.says(0, &["nothing of the run is left"]);
}
