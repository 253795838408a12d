//! Little runs, built in code, that the tests score and render.

use assay_guidelines::Guideline;
use assay_guidelines::model::Rule;
use assay_reports::record::{Deployment, Exchange, Finding, GuidelineUsed, Lack, Run, TestRecord, Verdict};
use assay_reports::{Context, Doubt, MemoryEvidence, Report, Waiver, score};
use chrono::{DateTime, NaiveDate, Utc};

/// The target that the runs are scored under.
pub const TARGET: &str = "storage";

/// A guideline of a size that a person can read.
pub fn guideline() -> Guideline {
    serde_yaml::from_str(include_str!("guideline.yaml")).unwrap()
}

/// The same, with what nobody can vouch for.
pub fn scored_with(run: &Run, records: &[TestRecord], doubts: &[Doubt]) -> Report {
    let mut context = Context::new(run, day("2026-11-03"));
    context.doubts = doubts;
    score(&guideline(), TARGET, records, &context).unwrap()
}

/// The same under the rule that no test may fail.
pub fn guideline_without_failures() -> Guideline {
    Guideline { rule: Rule::NoFailures, ..guideline() }
}

/// The same guideline, in which no program decides the tests of these numbers.
pub fn with_manual(mut guideline: Guideline, numbers: &[u32]) -> Guideline {
    let uuids: Vec<_> = numbers.iter().map(|number| Some(uuid(*number))).collect();
    for test in guideline.capabilities.values_mut().flat_map(|capability| &mut capability.tests) {
        test.manual = uuids.contains(&test.uuid);
    }
    guideline
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The UUID of the test of this number.
pub fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

pub fn run() -> Run {
    Run {
        schema: "assay.run/1".into(),
        id: "assay-7f3a".into(),
        started: time("2026-11-02T09:00:00Z"),
        finished: Some(time("2026-11-02T09:01:30Z")),
        assay: "0.1.0".into(),
        source: None,
        guideline: Some(GuidelineUsed {
            id: "example/2026.11".into(),
            sha256: "0".repeat(64),
        }),
        target: Some(TARGET.into()),
        deployment: Deployment {
            name: "demo".into(),
            reference: false,
            auth_url: "https://cloud.example.org:5000/v3".into(),
            region: Some("RegionOne".into()),
            endpoints: [("object-store".to_owned(), "https://cloud.example.org/v1".to_owned())].into(),
            versions: [("identity".to_owned(), "v3.14".to_owned())].into(),
            tls_verified: true,
            ..Deployment::default()
        },
        product: Some(
            serde_yaml::from_str(
                "{vendor: Example Clouds, name: Nimbus, version: '4.2', type: public-cloud, contact: interop@example.org, designated_sections: [swift]}",
            )
            .unwrap(),
        ),
        accounts: [("alt-cloud".to_owned(), true), ("spare-cloud".to_owned(), false)].into(),
        configuration: [].into(),
        argv: vec!["assay".into(), "run".into()],
        selected: Vec::new(),
    }
}

/// A record of a native test that covers the test of this number.
pub fn record(number: u32, verdict: Verdict) -> TestRecord {
    let reason = match verdict {
        Verdict::Pass => None,
        Verdict::Fail => Some("the container was not listed"),
        Verdict::Error => Some("connection reset after 3 attempts"),
        Verdict::Skip => Some("needs a spare account: give --spare-cloud"),
        Verdict::Timeout => Some("not finished within 300 s"),
        Verdict::Interrupted => Some("stopped by the user"),
    };
    TestRecord {
        id: format!("native.test-{number}"),
        uuid: Some(uuid(number)),
        title: format!("Test {number} does what its title says."),
        spec: Some("object-store#containers".into()),
        verdict,
        started: Some(time("2026-11-02T09:00:01Z")),
        duration_ms: 1_250,
        reason: reason.map(str::to_owned),
        lacks: (verdict == Verdict::Skip).then(|| Lack::account("spare-cloud")),
        failure: (verdict == Verdict::Fail).then(|| finding("A container that was made is listed.")),
        deviations: Vec::new(),
        left_behind: Vec::new(),
        requests: 2,
    }
}

pub fn finding(requirement: &str) -> Finding {
    Finding {
        requirement: requirement.into(),
        expected: Some("status 200 and the container's name".into()),
        actual: Some("status 204 and no body".into()),
        exchange: Some(2),
        request_id: Some("tx0001".into()),
        curl: Some("curl -i -H \"X-Auth-Token: $OS_TOKEN\" https://cloud.example.org/v1/AUTH_1".into()),
    }
}

pub fn exchange(number: u32) -> Exchange {
    Exchange {
        number,
        started: time("2026-11-02T09:00:02Z"),
        duration_ms: 12,
        attempt: 1,
        account: Some("member".into()),
        method: if number == 1 { "PUT" } else { "GET" }.into(),
        url: "https://cloud.example.org/v1/AUTH_1/assay-7f3a-c1".into(),
        request_headers: vec![("X-Auth-Token".into(), "[redacted]".into())],
        request_body: None,
        status: Some(if number == 1 { 201 } else { 204 }),
        response_headers: vec![("X-Trans-Id".into(), format!("tx000{number}"))],
        response_body: (number == 2).then(|| "{\"containers\": []}".into()),
        error: None,
    }
}

pub fn evidence() -> MemoryEvidence {
    let tests = (1..=9).map(|n| (format!("native.test-{n}"), vec![exchange(1), exchange(2)]));
    MemoryEvidence(tests.collect())
}

/// Every test of the guideline passed.
pub fn all_pass() -> Vec<TestRecord> {
    (1..=9).map(|number| record(number, Verdict::Pass)).collect()
}

/// A bit of everything: fail, skip, error, a deviation, a flagged fail, and a test that nobody implements.
pub fn mixed() -> Vec<TestRecord> {
    let mut deviating = record(1, Verdict::Pass);
    deviating.deviations = vec![finding("Every response has a date.")];
    let mut failing = record(2, Verdict::Fail);
    failing.deviations = deviating.deviations.clone();
    vec![
        deviating,
        failing,
        record(3, Verdict::Skip),
        record(4, Verdict::Fail),
        record(5, Verdict::Error),
        record(7, Verdict::Fail),
        record(8, Verdict::Pass),
        record(99, Verdict::Pass),
    ]
}

pub fn waivers() -> Vec<Waiver> {
    serde_yaml::from_str(
        "
- {test: native.test-2, reason: the portal alone makes containers, link: 'https://tracker.example.org/42', expiry: 2027-01-31}
- {test: tests.objects.advice, reason: was broken once}
- {test: tests.objects.forgotten, reason: nobody knows}
",
    )
    .unwrap()
}

/// Scores records with the waivers and no knowledge of native tests.
pub fn scored(run: &Run, records: &[TestRecord]) -> Report {
    let context = Context::new(run, day("2026-11-03"));
    score(&guideline(), TARGET, records, &context).unwrap()
}

/// The same under the rule that no test may fail.
pub fn scored_without_failures(run: &Run, records: &[TestRecord]) -> Report {
    let context = Context::new(run, day("2026-11-03"));
    score(&guideline_without_failures(), TARGET, records, &context).unwrap()
}

/// Two skips for one reason and one for another, beside passes.
pub fn some_skips() -> Vec<TestRecord> {
    let mut records = all_pass();
    for number in [2, 5, 7] {
        records[number as usize - 1] = record(number, Verdict::Skip);
    }
    records[6].reason = Some("the service refuses uploads of this size".into());
    records
}

/// The report of the run with a bit of everything.
pub fn mixed_report() -> Report {
    let run = run();
    let waivers = waivers();
    let native = (1..=5).chain(7..=9).map(uuid).collect();
    let mut context = Context::new(&run, day("2026-11-03"));
    context.waivers = &waivers;
    context.native = Some(&native);
    score(&guideline(), TARGET, &mixed(), &context).unwrap()
}
