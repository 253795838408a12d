//! The set-up of a class, which Tempest reports in place of its tests.

use assay_guidelines::Guideline;
use assay_reports::report::{CapabilityVerdict, Outcome, Report};
use assay_reports::{Context, score};

use super::read;
use super::subunit_v2::test;
use crate::runs::{TARGET, day, guideline};

fn scored(guideline: &Guideline, stream: &[u8]) -> Report {
    let intake = read(stream).unwrap();
    score(guideline, TARGET, &intake.records, &Context::new(&intake.run, day("2026-11-03"))).unwrap()
}

fn outcome<'a>(report: &'a Report, name: &str) -> (Outcome, &'a str) {
    let test =
        report.capabilities.iter().flat_map(|capability| &capability.tests).find(|test| test.name == name).unwrap();
    (test.verdict, test.reason.as_deref().unwrap_or_default())
}

#[test]
fn a_class_that_was_skipped_is_a_skip_of_each_test_without_a_result() {
    let stream = [
        test("setUpClass (tests.containers)", 5, &[("reason", "no object store")]),
        test("tests.containers.list", 3, &[]),
    ];
    let report = scored(&guideline(), &stream.concat());
    assert_eq!(outcome(&report, "tests.containers.list").0, Outcome::Pass);
    let skipped = (Outcome::Skip, "the class of the test was skipped: no object store");
    assert_eq!(outcome(&report, "tests.containers.secret"), skipped);
    assert_eq!(outcome(&report, "tests.objects.copy").0, Outcome::NotRun);
    // What it is shown under is used, and no test that nobody asked for.
    assert_eq!(report.others, []);
}

#[test]
fn a_class_that_could_not_be_set_up_leaves_its_tests_undetermined() {
    let report = scored(&guideline(), &test("setUpClass (tests.objects)", 6, &[("traceback", "Conflict: quota")]));
    let (verdict, reason) = outcome(&report, "tests.objects.upload");
    assert_eq!((verdict, reason), (Outcome::Error, "the class of the test could not be set up: Conflict: quota"));
    let upload = report.capabilities.iter().find(|capability| capability.name == "objects-upload").unwrap();
    assert_eq!(upload.verdict, CapabilityVerdict::Unknown);
}

#[test]
fn a_set_up_never_makes_a_test_pass_and_a_clean_up_says_nothing_of_it() {
    let stream = [
        test("setUpClass (tests.objects)", 3, &[]),
        test("tearDownClass (tests.containers)", 6, &[]),
        test("setUpClass (tests)", 5, &[]),
    ];
    let report = scored(&guideline(), &stream.concat());
    for name in ["tests.objects.copy", "tests.containers.list"] {
        assert_eq!(outcome(&report, name).0, Outcome::NotRun);
    }
}

#[test]
fn a_class_decides_before_a_uuid_that_another_test_shares() {
    let mut other = read(&test("admin.objects.copy[id-00000000-0000-4000-8000-000000000005]", 3, &[])).unwrap();
    let own = read(&test("setUpClass (tests.objects)", 5, &[])).unwrap();
    other.records.extend(own.records);
    let report = score(&guideline(), TARGET, &other.records, &Context::new(&other.run, day("2026-11-03"))).unwrap();
    assert_eq!(outcome(&report, "tests.objects.copy").0, Outcome::Skip);
}

#[test]
fn of_two_results_of_a_test_the_worst_counts() {
    let stream = [test("tests.tokens.create", 6, &[]), test("tests.tokens.create", 3, &[])].concat();
    let report = scored(&guideline(), &stream);
    assert_eq!(outcome(&report, "tests.tokens.create").0, Outcome::Fail);
}
