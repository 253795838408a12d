//! Tests that no program decides, what people state of them, and the rule under which what was aborted fails.

use assay_guidelines::model::Rule;
use assay_guidelines::{Catalogue, Guideline};
use assay_reports::record::Verdict;
use assay_reports::report::{CapabilityVerdict, Outcome, TargetVerdict, TestReport};
use assay_reports::{Context, Format, Report, Stated, Statement, render, score};

use crate::runs::{TARGET, all_pass, day, evidence, guideline, record, run, uuid, with_manual};

/// The number of a required test, and of an advisory one.
const REQUIRED: u32 = 7;
const ADVISORY: u32 = 8;

fn statement(number: u32, verdict: Stated, date: &str) -> Statement {
    Statement {
        test: uuid(number),
        verdict,
        author: "Kim Example".into(),
        date: day(date),
        link: "https://cloud.example.org/docs".into(),
        expiry: None,
    }
}

fn scored(guideline: &Guideline, records: &[assay_reports::record::TestRecord], statements: &[Statement]) -> Report {
    let run = run();
    let mut context = Context::new(&run, day("2026-11-03"));
    context.statements = statements;
    score(guideline, TARGET, records, &context).unwrap()
}

/// Everything passed but the tests of these numbers, which nobody ran.
fn without(numbers: &[u32]) -> Vec<assay_reports::record::TestRecord> {
    let left_out: Vec<_> = numbers.iter().map(|number| Some(uuid(*number))).collect();
    all_pass().into_iter().filter(|record| !left_out.contains(&record.uuid)).collect()
}

fn test(report: &Report, number: u32) -> &TestReport {
    report.capabilities.iter().flat_map(|capability| &capability.tests).find(|test| test.uuid == uuid(number)).unwrap()
}

#[test]
fn without_a_statement_a_manual_test_is_not_determined() {
    let guideline = with_manual(guideline(), &[REQUIRED, ADVISORY]);
    let report = scored(&guideline, &without(&[REQUIRED, ADVISORY]), &[]);
    assert_eq!(test(&report, REQUIRED).verdict, Outcome::Manual);
    assert_eq!(report.verdict, TargetVerdict::Unknown);
    let [obstacle] = report.obstacles.as_slice() else { panic!("{:?}", report.obstacles) };
    assert!(obstacle.next.contains("--attest FILE") && obstacle.command.is_none(), "{obstacle:?}");
    assert_eq!(report.counts.advisory.missing, 1);
}

#[test]
fn a_statement_decides_and_every_format_says_whose_it_is() {
    let guideline = with_manual(guideline(), &[REQUIRED, ADVISORY]);
    let records = without(&[REQUIRED, ADVISORY]);
    let said = [statement(REQUIRED, Stated::Pass, "2026-11-01"), statement(ADVISORY, Stated::Fail, "2026-11-02")];
    let report = scored(&guideline, &records, &said);
    assert_eq!(report.verdict, TargetVerdict::Conformant);
    assert_eq!(
        (test(&report, REQUIRED).verdict, &test(&report, REQUIRED).stated),
        (Outcome::Pass, &Some(said[0].clone()))
    );
    let advised = test(&report, ADVISORY);
    assert_eq!(advised.verdict, Outcome::Fail);
    assert_eq!(advised.reason.as_deref(), Some("Kim Example states on 2026-11-02 that it does not hold"));
    assert!(report.summary.warnings.is_empty(), "{:?}", report.summary.warnings);
    for format in Format::ALL {
        let text = render(format, &report, &evidence()).unwrap().replace('\\', "");
        assert!(text.contains("Kim Example") && text.contains("2026-11-01"), "{format:?}: {text}");
    }
    let refused = scored(&guideline, &records, &[statement(REQUIRED, Stated::Fail, "2026-11-01")]);
    assert_eq!(refused.verdict, TargetVerdict::NotConformant);
    assert!(refused.obstacles[0].next.contains("--attest FILE"), "{:?}", refused.obstacles);
}

/// Holds off a mark that words alone give.
#[test]
fn statements_alone_prove_nothing() {
    let all: Vec<_> = (1..=9).collect();
    let guideline = with_manual(guideline(), &all);
    let said: Vec<_> = all.iter().map(|number| statement(*number, Stated::Pass, "2026-11-01")).collect();
    assert_eq!(scored(&guideline, &[], &said).verdict, TargetVerdict::Unknown);
}

/// Holds off an old, a future or an expired statement that decides, and one that hides a worse one of the same day.
#[test]
fn the_newest_statement_that_counts_decides() {
    let guideline = with_manual(guideline(), &[REQUIRED]);
    let expired = Statement { expiry: Some(day("2026-11-02")), ..statement(REQUIRED, Stated::Pass, "2026-11-02") };
    for (said, outcome) in [
        (
            vec![statement(REQUIRED, Stated::Pass, "2026-11-01"), statement(REQUIRED, Stated::Fail, "2026-10-01")],
            Outcome::Pass,
        ),
        (
            vec![statement(REQUIRED, Stated::Fail, "2026-11-01"), statement(REQUIRED, Stated::Pass, "2026-11-01")],
            Outcome::Fail,
        ),
        (vec![statement(REQUIRED, Stated::Pass, "2026-11-04")], Outcome::Manual),
        (vec![expired.clone()], Outcome::Manual),
        (vec![expired, statement(REQUIRED, Stated::Fail, "2026-10-01")], Outcome::Fail),
    ] {
        let report = scored(&guideline, &without(&[REQUIRED]), &said);
        assert_eq!(test(&report, REQUIRED).verdict, outcome, "{said:?}");
    }
}

/// Holds off a statement that decides what a program decides, and one that nobody notices to be misspelt.
#[test]
fn what_is_stated_of_other_tests_does_not_count_and_is_told() {
    let misspelt = Statement { test: "tests.objects.avdice".into(), ..statement(ADVISORY, Stated::Pass, "2026-11-01") };
    let records = without(&[REQUIRED]);
    let report = scored(&guideline(), &records, &[statement(REQUIRED, Stated::Pass, "2026-11-01"), misspelt]);
    assert_eq!(test(&report, REQUIRED).verdict, Outcome::NotRun);
    assert_eq!(report.verdict, TargetVerdict::Unknown);
    let of_a_program =
        format!("what Kim Example states of {} does not count: a program decides this test", uuid(REQUIRED));
    assert_eq!(
        report.summary.warnings,
        [of_a_program.as_str(), "what Kim Example states does not count: the target has no test tests.objects.avdice"]
    );
}

/// Holds off an aborted test that leaves the answer open under the rule of the Sovereign Cloud Stack, and one that was not run
/// and decides it.
#[test]
fn what_was_aborted_fails_where_the_rule_says_so() {
    let guideline = Guideline { rule: Rule::AbortedFails, ..guideline() };
    for (verdict, capability, target) in [
        (Verdict::Pass, CapabilityVerdict::Met, TargetVerdict::Conformant),
        (Verdict::Fail, CapabilityVerdict::Unmet, TargetVerdict::NotConformant),
        (Verdict::Skip, CapabilityVerdict::Unmet, TargetVerdict::NotConformant),
        (Verdict::Error, CapabilityVerdict::Unmet, TargetVerdict::NotConformant),
        (Verdict::Timeout, CapabilityVerdict::Unmet, TargetVerdict::NotConformant),
        (Verdict::Interrupted, CapabilityVerdict::Unknown, TargetVerdict::Unknown),
    ] {
        let mut records = all_pass();
        records[6] = record(REQUIRED, verdict);
        let report = scored(&guideline, &records, &[]);
        let of = report.capabilities.iter().find(|of| of.name == "objects-upload").unwrap();
        assert_eq!((of.verdict, report.verdict), (capability, target), "{verdict:?}");
    }
    assert_eq!(scored(&guideline, &without(&[REQUIRED]), &[]).verdict, TargetVerdict::Unknown);
}

/// Holds off guidelines of the Sovereign Cloud Stack that are judged by another rule than theirs.
#[test]
fn the_versions_of_scs_have_its_rule() {
    for id in ["scs/iaas-v4", "scs/iaas-v5.1", "scs/iaas-next"] {
        let guideline = Catalogue::embedded().get(id, day("2026-11-03")).unwrap().guideline;
        assert_eq!(guideline.rule, Rule::AbortedFails, "{id}");
    }
}

/// Holds off a report for the monitor that has other results than the report for people, or another form than it reads.
#[test]
fn the_report_for_the_monitor_has_each_result() {
    let scope = assay_reports::report::ScopeShown {
        uuid: "50393e6f-2ae1-4c5c-a62c-3b75f2abef3f".into(),
        name: "SCS-compatible IaaS".into(),
        link: "https://example.org/scope.yaml".into(),
        subject: "nimbus".into(),
    };
    let guideline = with_manual(guideline(), &[ADVISORY]);
    let mut records = without(&[ADVISORY, 5]);
    records[1] = record(2, Verdict::Fail);
    records[2] = record(3, Verdict::Timeout);
    // The monitor puts what it says of a test into its pages as it is.
    records[2].reason = Some("<script>alert(1)</script>".into());
    let (run, said) = (run(), [statement(ADVISORY, Stated::Pass, "2026-11-01")]);
    let mut context = Context::new(&run, day("2026-11-03"));
    context.statements = &said;
    let report = score(&guideline, TARGET, &records, &context).unwrap();
    let refused = render(Format::ScsReport, &report, &evidence()).unwrap_err();
    assert!(refused.to_string().contains("`scs/iaas`"), "{refused}");
    context.scope = Some(&scope);
    let report = score(&guideline, TARGET, &records, &context).unwrap();
    let text = render(Format::ScsReport, &report, &evidence()).unwrap();
    assert_eq!(text, render(Format::ScsReport, &report, &evidence()).unwrap());
    let it: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&it["spec"]["uuid"], &it["subject"]), (&scope.uuid.as_str().into(), &"nimbus".into()));
    assert_eq!(
        (&it["checked_at"], &it["reference_date"]),
        (&"2026-11-02T09:01:30.000000".into(), &"2026-11-03".into())
    );
    let invocations: Vec<_> = it["run"]["invocations"].as_object().unwrap().iter().collect();
    let [(id, tests), (_, statements)] = invocations.as_slice() else { panic!("{it:#}") };
    assert_eq!(tests["id"], id.as_str());
    let result = |name: &str| tests["results"][name].clone();
    assert_eq!(result("tests.tokens.create"), 1);
    assert_eq!(result("tests.containers.list"), -1);
    assert_eq!(result("tests.containers.secret"), 0);
    assert_eq!(result("tests.objects.copy"), serde_json::Value::Null);
    assert_eq!((&tests["rc"], &tests["error"], &tests["critical"]), (&1.into(), &1.into(), &1.into()));
    let told = tests["stderr"].as_array().unwrap().iter().filter_map(|line| line.as_str());
    assert_eq!(
        told.filter(|line| line.starts_with("CRITICAL: ")).collect::<Vec<_>>(),
        ["CRITICAL: tests.containers.secret: ‹script›alert(1)‹/script›"]
    );
    assert!(tests["stdout"].as_array().unwrap().contains(&"tests.containers.list: FAIL".into()), "{tests:#}");
    assert_eq!(statements["results"], serde_json::json!({"tests.objects.advice": 1}));
    // The monitor takes a run's UUID once: what is stated later, or comes to another verdict, must not be refused for that.
    let uuid = |records: &[assay_reports::record::TestRecord], said: &[Statement]| {
        let context = Context { statements: said, scope: Some(&scope), ..Context::new(&run, day("2026-11-04")) };
        let report = score(&guideline, TARGET, records, &context).unwrap();
        let it: serde_json::Value =
            serde_json::from_str(&render(Format::ScsReport, &report, &evidence()).unwrap()).unwrap();
        it["run"]["uuid"].as_str().unwrap().to_owned()
    };
    assert_eq!(uuid(&records, &said), it["run"]["uuid"]);
    let by_another = Statement { author: "Sam Example".into(), ..said[0].clone() };
    let mut passed = records.clone();
    passed[1] = record(2, Verdict::Pass);
    let all = [uuid(&records, &said), uuid(&records, &[]), uuid(&records, &[by_another]), uuid(&passed, &said)];
    assert_eq!(std::collections::BTreeSet::from(all).len(), 4);
}
