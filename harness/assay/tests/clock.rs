//! A tester's clock that is a day off changes no verdict: what goes by time goes by the deployment's clock.

#![expect(clippy::unwrap_used, reason = "all of this is a test")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use assay_kit::http::redact::Redactor;
use assay_kit::session::clouds::Clouds;
use assay_kit::{ConformanceTest, Deployment, Metal, Recorder, Role, clock};
use assay_reference::Options;
use assay_reports::RunFolder;
use assay_reports::record::{self, Run, TestRecord, Verdict};
use assay_runner::{Job, Observer, Settings};
use chrono::TimeDelta;
use indexmap::IndexMap;
use tokio::sync::watch;

/// What goes by time, and a few that do not.
const TESTS: [&str; 7] = [
    "identity.tokens",
    "identity.application-credentials",
    "identity.users.change-password",
    "object-storage.temp-url",
    "object-storage.objects.expire",
    "image.images.delete",
    "compute.servers.list",
];

struct Silent;

impl Observer for Silent {
    fn started(&mut self, _: &'static ConformanceTest) {}
    fn finished(&mut self, _: &TestRecord) {}
}

/// The verdict of each test, and what it saw that was promised and did not hold.
type Verdicts = BTreeMap<String, (Verdict, Vec<String>)>;

/// Runs the tests while this process takes its own clock to be so far ahead.
async fn run(ahead: TimeDelta, folder: &Path) -> Verdicts {
    clock::set_wrong_by(ahead);
    // Tokens that have less life than the clock is off: what went by the tester's clock would take them for expired.
    let options = Options { token_lifetime: Duration::from_secs(3600), ..Options::default() };
    let reference = assay_reference::start(options).await.unwrap();
    let clouds = Clouds::from_text("clouds.yaml", &reference.clouds_yaml()).unwrap();
    let account = |role, name: &str| (role, clouds.get(name).unwrap());
    let accounts = vec![account(Role::Member, "reference"), account(Role::Spare, "reference-spare")];
    let recorder = Recorder::new(Some(folder), Redactor::default()).unwrap();
    let connected = Deployment::connect("assay-0a1b2c3d", accounts, Metal::default(), &recorder, None).await;
    let deployment = Arc::new(connected.unwrap());
    assay_capabilities::link();
    let mut tests = assay_kit::registered().unwrap();
    tests.retain(|test| TESTS.iter().any(|id| test.id.starts_with(id)));
    let (_tell, stopping) = watch::channel(false);
    let folder = RunFolder::at(folder);
    let settings = Settings { concurrency: 4, timeout: Duration::from_secs(120) };
    let job = Job { deployment: &deployment, recorder: &recorder, folder: &folder, tests: &tests, settings, stopping };
    let outcome = assay_runner::run(job, description(reference.url()), &mut Silent).await.unwrap();
    reference.stop().await;
    assert_eq!(outcome.left_behind, Vec::<String>::new());
    let logins = std::fs::read_to_string(folder.path().join("transcripts/start.jsonl")).unwrap();
    assert!(logins.matches("/auth/tokens").count() <= 4, "it logs in again and again:\n{logins}");
    let requirements = |record: &TestRecord| record.deviations.iter().map(|it| it.requirement.clone()).collect();
    let verdicts = outcome.records.into_iter();
    verdicts.map(|record| (record.id.clone(), (record.verdict, requirements(&record)))).collect()
}

fn description(url: &str) -> Run {
    Run {
        source: None,
        schema: record::SCHEMA.to_owned(),
        id: "assay-0a1b2c3d".to_owned(),
        started: clock::here(),
        finished: None,
        assay: String::new(),
        guideline: None,
        target: None,
        deployment: record::Deployment {
            name: "reference".to_owned(),
            reference: true,
            auth_url: url.to_owned(),
            tls_verified: true,
            ..record::Deployment::default()
        },
        product: None,
        accounts: IndexMap::new(),
        configuration: IndexMap::new(),
        argv: Vec::new(),
        selected: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_a_day_off_changes_no_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let right = run(TimeDelta::zero(), &folder.path().join("right")).await;
    let unsound: Vec<_> = right.iter().filter(|(_, (verdict, _))| *verdict != Verdict::Pass).collect();
    assert!(right.len() > 20 && unsound.is_empty(), "{unsound:#?}");
    for (name, days) in [("ahead", 1), ("behind", -1), ("years", 4000)] {
        assert_eq!(run(TimeDelta::days(days), &folder.path().join(name)).await, right, "{name}");
    }
}
