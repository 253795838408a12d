//! Controllers of machines that misbehave: every run ends, says what is wrong, and asks nobody for more than reads.

use std::time::Duration;

use assay_hostile::{Behaviour, Bmc, Certificate, Habit, Proxy, Refusing, Server};
use assay_reports::record::{TestRecord, Verdict};
use tokio::process::Child;

use crate::support::{Ended, HANGS, Place, end};

/// The tests of the list of systems, and of one.
const SYSTEMS: [&str; 3] = ["redfish.systems.list", "redfish.systems.show", "redfish.systems.power-state"];

/// A deployment file with one service at this address.
fn deployment(url: &str, lines: &str) -> String {
    format!("schema: assay.deployment/1\nname: rack\nredfish:\n  - name: bmc\n    endpoint: {url}\n{lines}")
}

/// A run of these tests against a service at this address.
async fn run(place: &Place, url: &str, lines: &str, arguments: &[&str]) -> Ended {
    place.write("metal.yaml", &deployment(url, lines));
    place.run(&[&["run", "--deployment", "metal.yaml", "--out", "run"], arguments].concat()).await
}

async fn of_systems(habit: Habit, arguments: &[&str]) -> (Vec<TestRecord>, Bmc) {
    let bmc = Bmc::start(habit).await.unwrap();
    let place = Place::new();
    run(&place, &bmc.url(), "", &[&SYSTEMS, arguments].concat()).await;
    let records = place.records("run");
    assert_eq!(records.len(), SYSTEMS.len(), "each test has a verdict: {records:#?}");
    assert!(records.iter().all(|record| record.left_behind.is_empty()), "{records:#?}");
    assert_eq!(bmc.changes_of_the_other(), Vec::<String>::new());
    (records, bmc)
}

#[track_caller]
fn all(records: &[TestRecord], verdict: Verdict) {
    assert!(records.iter().all(|record| record.verdict == verdict), "{verdict:?}: {records:#?}");
}

fn text(record: &TestRecord) -> String {
    format!("{record:?}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_controller_is_waited_for() {
    let (records, _bmc) = of_systems(Habit::Slow(Duration::from_millis(400)), &["--request-timeout", "5"]).await;
    all(&records, Verdict::Pass);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_that_drops_connections_is_asked_again() {
    let (records, _bmc) = of_systems(Habit::Dropping, &[]).await;
    assert!(records.iter().all(|record| matches!(record.verdict, Verdict::Pass | Verdict::Error)), "{records:#?}");
    assert!(records.iter().any(|record| record.verdict == Verdict::Pass), "{records:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_that_is_busy_is_asked_again_when_it_says() {
    let (records, _bmc) = of_systems(Habit::BusyOnce, &[]).await;
    all(&records, Verdict::Pass);
}

/// What stays busy is given up once, and not waited for again by each request.
#[tokio::test(flavor = "multi_thread")]
async fn a_controller_that_stays_busy_is_given_up() {
    let (records, bmc) = of_systems(Habit::Busy(1), &["--test-threads", "1"]).await;
    all(&records, Verdict::Error);
    assert!(records.iter().all(|record| text(record).contains("503")), "{records:#?}");
    let asked = bmc.requests().iter().filter(|request| request.ends_with("/Systems")).count();
    // Five times at the first look, five times by the first test at most, once by each of the others.
    assert!(asked < 5 + 5 + SYSTEMS.len(), "asked {asked} times");
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_lead_in_a_circle_come_to_an_end() {
    let (records, bmc) = of_systems(Habit::Circle, &[]).await;
    all(&records, Verdict::Fail);
    assert!(records.iter().all(|record| text(record).contains("come to an end")), "{records:#?}");
    assert!(bmc.requests().len() < 40, "{:?}", bmc.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_is_the_list_itself_is_no_system() {
    let (records, bmc) = of_systems(Habit::Itself, &[]).await;
    for record in records.iter().filter(|record| record.id != "redfish.systems.list") {
        assert_eq!(record.verdict, Verdict::Fail, "{record:#?}");
    }
    assert!(bmc.requests().len() < 40, "{:?}", bmc.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_another_host_is_not_followed() {
    let other = Server::start(Behaviour::Answer(200, Vec::new(), "{}".to_owned())).await.unwrap();
    let (records, bmc) = of_systems(Habit::Elsewhere(other.url()), &[]).await;
    all(&records, Verdict::Fail);
    // Two tests read the system, and name its invalid link. The list must lead to a system.
    let told = records.iter().filter(|record| text(record).contains("is a path of this service"));
    assert_eq!(told.count(), 2, "{records:#?}");
    let is_missing = |record: &&TestRecord| text(record).contains("must lead to a system of this service");
    assert!(records.iter().any(|record| is_missing(&record)), "{records:#?}");
    assert_eq!(other.requests(), Vec::<String>::new());
    assert!(bmc.requests().iter().all(|request| !request.contains(&other.url())), "{:?}", bmc.requests());
}

/// A machine that nobody listed receives nothing but reads: the service's own log says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_not_listed_receives_reads_alone() {
    let bmc = Bmc::start(Habit::Good).await.unwrap();
    let place = Place::new();
    run(&place, &bmc.url(), "", &["redfish"]).await.says(1, &["list one under `machines` of `bmc`"]);
    let (requests, records) = (bmc.requests(), place.records("run"));
    assert!(requests.len() > 50, "{requests:?}");
    let reads = |request: &&String| request.starts_with("GET ") || request.starts_with("HEAD ");
    assert_eq!(requests.iter().filter(|request| !reads(request)).collect::<Vec<_>>(), Vec::<&String>::new());
    let skipped = |record: &&TestRecord| record.id == "redfish.reset.on-off" && record.verdict == Verdict::Skip;
    assert!(records.iter().any(|record| skipped(&record)), "{records:#?}");
}

/// Where none of the services answers there is nothing to test.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_in_which_nothing_answers_does_not_begin() {
    let refusing = Refusing::start().unwrap();
    let url = refusing.url().unwrap();
    let place = Place::new();
    run(&place, &url, "", &[]).await.says(3, &["`bmc`", &url, "refused"]);
    assert!(!place.path("run/results.jsonl").exists());
    place.run(&["run", "--deployment", "metal.yaml", "--dry-run"]).await.says(3, &[&url]);

    let silent = Server::start(Behaviour::Silent).await.unwrap();
    let place = Place::new();
    let ended = run(&place, &silent.url(), "", &["--request-timeout", "1"]).await;
    ended.says(3, &[&silent.url(), "nothing came for 1 s"]);

    let busy = answer_503().await;
    let place = Place::new();
    run(&place, &busy.url(), "", &[]).await.says(3, &[&busy.url(), "503"]);
}

async fn answer_503() -> Server {
    let headers = vec![("Retry-After", "3600".to_owned())];
    Server::start(Behaviour::Answer(503, headers, "later".to_owned())).await.unwrap()
}

/// One service that answers and one that does not: the tests say which.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_does_not_answer_beside_one_that_does_is_an_error() {
    let (bmc, refusing) = (Bmc::start(Habit::Good).await.unwrap(), Refusing::start().unwrap());
    let place = Place::new();
    let other = format!("  - name: gone\n    endpoint: {}\n", refusing.url().unwrap());
    run(&place, &bmc.url(), &other, &SYSTEMS).await.says(1, &["error", "`gone`", "refused"]);
    all(&place.records("run"), Verdict::Error);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_is_named_and_fails_its_test_where_any_is_taken() {
    let bmc = Bmc::start(Habit::Good).await.unwrap();
    let certificate = Certificate::expired(&["127.0.0.1"]).unwrap();
    let proxy = Proxy::start_tls(bmc.address(), &certificate).await.unwrap();
    let place = Place::new();
    place.write("bmc.pem", certificate.pem());
    let trusting = "    tls: {ca: bmc.pem}\n";
    run(&place, proxy.url(), trusting, &[]).await.says(3, &["certificate", "expired", proxy.url()]);
    std::fs::remove_dir_all(place.path("run")).unwrap();
    let any = "    tls: {insecure: true}\n";
    let ended = run(&place, proxy.url(), any, &["redfish.tls", "redfish.systems.show"]).await;
    ended.says(1, &["not verified", "expired on 2020-12-31"]);
    let failed: Vec<String> = place
        .records("run")
        .iter()
        .filter(|record| record.verdict != Verdict::Pass)
        .map(|record| record.id.clone())
        .collect();
    assert_eq!(failed, ["redfish.tls.certificate"]);
}

/// The certificate that a controller makes for itself calls itself an authority; naming it is enough.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_its_own_authority_is_trusted_when_it_is_named() {
    let bmc = Bmc::start(Habit::Good).await.unwrap();
    let certificate = Certificate::of_an_authority(&["127.0.0.1"]).unwrap();
    let proxy = Proxy::start_tls(bmc.address(), &certificate).await.unwrap();
    let place = Place::new();
    run(&place, proxy.url(), "", &[]).await.says(3, &["certificate", "tls: {ca: FILE}"]);
    std::fs::remove_dir_all(place.path("run")).unwrap();
    place.write("bmc.pem", certificate.pem());
    run(&place, proxy.url(), "    tls: {ca: bmc.pem}\n", &["redfish.tls"]).await.says(0, &[]);
    all(&place.records("run"), Verdict::Pass);

    let other = Certificate::of_an_authority(&["bmc.example"]).unwrap();
    let proxy = Proxy::start_tls(bmc.address(), &other).await.unwrap();
    let place = Place::new();
    place.write("bmc.pem", other.pem());
    run(&place, proxy.url(), "    tls: {ca: bmc.pem}\n", &[]).await.says(3, &["certificate", "bmc.example"]);
}

/// A run that has just asked for the machine, which was off, to be turned on.
async fn turning_on(bmc: &Bmc, place: &Place) -> Child {
    place.write("metal.yaml", &deployment(&bmc.url(), "    machines: [one]\n"));
    let child = place.start(&["run", "--deployment", "metal.yaml", "--out", "run", "redfish.reset.on-off"]);
    let asked = async {
        while !bmc.requests().iter().any(|request| request.starts_with("POST ")) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(HANGS, asked).await.expect("the machine is turned on");
    child
}

/// The machine still says that it is off, and passes over being told to be: it must be waited for.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_was_off_is_off_after_a_kill_and_a_sweep() {
    let (bmc, place) = (Bmc::start(Habit::Good).await.unwrap(), Place::new());
    let mut child = turning_on(&bmc, &place).await;
    child.start_kill().unwrap();
    child.wait().await.unwrap();
    place.run(&["sweep", "run"]).await.says(0, &[]).prints(&["put back state of the system `/redfish/v1/Systems/1`"]);
    assert_eq!(bmc.power().await, "Off", "{:?}", bmc.requests());
    assert_eq!(bmc.changes_of_the_other(), Vec::<String>::new());
    place.run(&["sweep", "run"]).await.says(0, &["nothing of the run is left"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_was_off_is_off_after_ctrl_c() {
    let (bmc, place) = (Bmc::start(Habit::Good).await.unwrap(), Place::new());
    let child = turning_on(&bmc, &place).await;
    place.shell(&format!("kill -INT {}", child.id().unwrap())).await.says(0, &[]);
    end(child).await.says(130, &["stopping", "interrupted"]);
    assert_eq!(bmc.power().await, "Off", "{:?}", bmc.requests());
    assert_eq!(bmc.changes_of_the_other(), Vec::<String>::new());
    let records = place.records("run");
    assert_eq!(records[0].left_behind, Vec::<String>::new(), "{records:#?}");
}
