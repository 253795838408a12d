//! The rules of scoring, one test each.

use crate::runs::{TARGET, all_pass, day, guideline, mixed_report, record, run, scored, uuid};
use assay_reports::record::Verdict;
use assay_reports::report::{CapabilityVerdict, Outcome, Tally, TargetVerdict, WaiverStatus};
use assay_reports::{Context, Report, score};

fn capability(report: &Report, name: &str) -> CapabilityVerdict {
    report.capabilities.iter().find(|capability| capability.name == name).unwrap().verdict
}

fn outcome(report: &Report, name: &str) -> Outcome {
    report.capabilities.iter().flat_map(|capability| &capability.tests).find(|test| test.name == name).unwrap().verdict
}

#[test]
fn all_that_is_required_passes_and_a_flag_is_shown() {
    let report = scored(&run(), &all_pass());
    assert_eq!(report.verdict, TargetVerdict::Conformant);
    assert_eq!(capability(&report, "tokens-create"), CapabilityVerdict::Met);
    assert_eq!(capability(&report, "containers-list"), CapabilityVerdict::MetWithFlags);
    assert!(report.obstacles.is_empty());
}

#[test]
fn each_outcome_of_a_required_test_gives_its_verdict() {
    for (verdict, capability_verdict, target_verdict) in [
        (Verdict::Fail, CapabilityVerdict::Unmet, TargetVerdict::NotConformant),
        (Verdict::Skip, CapabilityVerdict::Unmet, TargetVerdict::NotConformant),
        (Verdict::Error, CapabilityVerdict::Unknown, TargetVerdict::Unknown),
        (Verdict::Timeout, CapabilityVerdict::Unknown, TargetVerdict::Unknown),
        (Verdict::Interrupted, CapabilityVerdict::Unknown, TargetVerdict::Unknown),
    ] {
        let mut records = all_pass();
        records[6] = record(7, verdict);
        let report = scored(&run(), &records);
        assert_eq!(capability(&report, "objects-upload"), capability_verdict, "{verdict:?}");
        assert_eq!(report.verdict, target_verdict, "{verdict:?}");
        assert_eq!(report.obstacles.len(), 1, "{verdict:?}");
    }
}

#[test]
fn a_flagged_test_blocks_nothing_whatever_it_did() {
    for verdict in [Verdict::Fail, Verdict::Skip, Verdict::Error, Verdict::Timeout] {
        let mut records = all_pass();
        records[3] = record(4, verdict);
        let report = scored(&run(), &records);
        assert_eq!(report.verdict, TargetVerdict::Conformant, "{verdict:?}");
        assert_eq!(outcome(&report, "tests.containers.flagged"), verdict.into());
        assert_eq!(report.counts.required.flagged, 1);
    }
}

#[test]
fn advisory_and_deprecated_tests_decide_nothing() {
    let mut records = all_pass();
    records[7] = record(8, Verdict::Fail);
    records[8] = record(9, Verdict::Error);
    let report = scored(&run(), &records);
    assert_eq!(report.verdict, TargetVerdict::Conformant);
    assert_eq!(report.counts.advisory.fail, 1);
    assert_eq!(report.counts.deprecated.error, 1);
}

#[test]
fn the_strongest_state_of_a_capability_decides_and_it_is_counted_once() {
    let report = scored(&run(), &all_pass());
    let copies = report.capabilities.iter().filter(|one| one.name == "objects-copy");
    assert_eq!(copies.count(), 1);
    assert_eq!(report.counts.required.total, 7);
    assert_eq!(report.counts.advisory.total, 1);
}

#[test]
fn an_empty_run_is_unknown_and_its_tests_are_missing() {
    let report = scored(&run(), &[]);
    assert_eq!(report.verdict, TargetVerdict::Unknown);
    assert_eq!(outcome(&report, "tests.tokens.create"), Outcome::NotRun);
    let expected = Tally { total: 7, flagged: 1, missing: 6, ..Tally::default() };
    assert_eq!(report.counts.required, expected);
}

#[test]
fn a_target_that_requires_nothing_is_unknown() {
    let run = run();
    let context = Context::new(&run, day("2026-11-03"));
    let report = score(&guideline(), "nothing", &all_pass(), &context).unwrap();
    assert_eq!(report.verdict, TargetVerdict::Unknown);
}

#[test]
fn a_required_capability_without_a_test_is_unknown_and_stands_in_the_way() {
    let run = run();
    let context = Context::new(&run, day("2026-11-03"));
    let report = score(&guideline(), "hollow", &all_pass(), &context).unwrap();
    assert_eq!(report.verdict, TargetVerdict::Unknown);
    assert_eq!(report.obstacles.len(), 1);
    assert_eq!(report.obstacles[0].test, None);
}

#[test]
fn flags_alone_meet_a_capability_and_prove_no_target() {
    let run = run();
    let context = Context::new(&run, day("2026-11-03"));
    let report = score(&guideline(), "excused", &[], &context).unwrap();
    assert_eq!(capability(&report, "excused"), CapabilityVerdict::MetWithFlags);
    assert_eq!(report.verdict, TargetVerdict::Unknown);
}

#[test]
fn a_flag_excuses_to_its_last_day_and_not_beyond() {
    let run = run();
    let records = [record(10, Verdict::Fail)];
    for (today, expected) in [("2026-12-31", CapabilityVerdict::MetWithFlags), ("2027-01-01", CapabilityVerdict::Unmet)]
    {
        let context = Context::new(&run, day(today));
        let report = score(&guideline(), "excused", &records, &context).unwrap();
        assert_eq!(capability(&report, "excused"), expected, "{today}");
    }
}

#[test]
fn a_test_without_an_implementation_is_missing_and_not_merely_not_run() {
    let report = mixed_report();
    assert_eq!(outcome(&report, "tests.objects.rename"), Outcome::Missing);
    assert_eq!(outcome(&report, "tests.objects.old"), Outcome::NotRun);
}

#[test]
fn a_record_under_an_alias_or_with_attributes_is_found_by_its_name() {
    for name in ["tests.old.list", "tests.containers.list[id-ffff,smoke]"] {
        let mut records = all_pass();
        records[1].id = name.to_owned();
        records[1].uuid = None;
        assert_eq!(scored(&run(), &records).verdict, TargetVerdict::Conformant, "{name}");
    }
}

/// Tempest gives one UUID to several tests; the pass of one must not count for another.
#[test]
fn a_uuid_does_not_lend_a_result_to_a_test_of_another_name() {
    let mut records = all_pass();
    records.remove(1);
    records[0].id = "tests.tokens.create".into();
    records[0].uuid = Some(uuid(2));
    let report = scored(&run(), &records);
    assert_eq!(outcome(&report, "tests.tokens.create"), Outcome::Pass);
    assert_eq!(outcome(&report, "tests.containers.list"), Outcome::NotRun);
}

#[test]
fn the_name_decides_against_another_record_with_the_uuid() {
    let mut records = all_pass();
    let mut named = record(2, Verdict::Fail);
    named.id = "tests.containers.list".into();
    records.push(named);
    assert_eq!(outcome(&scored(&run(), &records), "tests.containers.list"), Outcome::Fail);
}

#[test]
fn of_several_records_with_one_uuid_the_worst_decides() {
    let mut records = all_pass();
    let mut other = record(2, Verdict::Fail);
    other.id = "another.test".into();
    records.insert(0, other);
    let report = scored(&run(), &records);
    assert_eq!(outcome(&report, "tests.containers.list"), Outcome::Fail);
    assert!(report.others.is_empty());
}

#[test]
fn of_several_records_with_one_name_the_worst_decides() {
    for verdicts in [[Verdict::Pass, Verdict::Fail], [Verdict::Fail, Verdict::Pass]] {
        let mut records = all_pass();
        for (attributes, verdict) in ["[a]", "[b]"].into_iter().zip(verdicts) {
            let mut named = record(2, verdict);
            named.id = format!("tests.containers.list{attributes}");
            records.push(named);
        }
        let report = scored(&run(), &records);
        assert_eq!(outcome(&report, "tests.containers.list"), Outcome::Fail);
    }
}

#[test]
fn a_uuid_is_found_however_it_is_written() {
    let mut records = all_pass();
    records[1].uuid = Some(format!("id-{}", uuid(2).to_uppercase()));
    assert_eq!(scored(&run(), &records).verdict, TargetVerdict::Conformant);
}

#[test]
fn a_deviation_is_kept_with_the_pass_and_fails_a_required_test_when_strict() {
    let run = run();
    let mut records = all_pass();
    records[0].deviations = vec![crate::runs::finding("Every response has a date.")];
    records[7].deviations = vec![crate::runs::finding("Advice is dated.")];
    let mut context = Context::new(&run, day("2026-11-03"));
    let lenient = score(&guideline(), TARGET, &records, &context).unwrap();
    assert_eq!(lenient.verdict, TargetVerdict::Conformant);
    assert_eq!(lenient.capabilities[0].tests[0].deviations.len(), 1);
    context.strict = true;
    let strict = score(&guideline(), TARGET, &records, &context).unwrap();
    assert_eq!(strict.verdict, TargetVerdict::NotConformant);
    assert_eq!(outcome(&strict, "tests.tokens.create"), Outcome::Fail);
    assert_eq!(outcome(&strict, "tests.objects.advice"), Outcome::Pass);
    assert_eq!(strict.obstacles.len(), 1);
}

#[test]
fn a_waiver_is_shown_and_changes_nothing() {
    let report = mixed_report();
    assert_eq!(report.verdict, TargetVerdict::NotConformant);
    let statuses: Vec<_> = report.waivers.iter().map(|waiver| waiver.status).collect();
    assert_eq!(statuses, [WaiverStatus::Expected, WaiverStatus::UnexpectedPass, WaiverStatus::NoSuchTest]);
    let waived = report.obstacles.iter().filter(|obstacle| obstacle.waived);
    assert_eq!(waived.count(), 1);
}

#[test]
fn a_waiver_holds_to_its_last_day() {
    let run = run();
    let waivers = crate::runs::waivers();
    for (today, expected) in [("2027-01-31", WaiverStatus::Expected), ("2027-02-01", WaiverStatus::Expired)] {
        let mut context = Context::new(&run, day(today));
        context.waivers = &waivers;
        let report = score(&guideline(), TARGET, &crate::runs::mixed(), &context).unwrap();
        assert_eq!(report.waivers[0].status, expected, "{today}");
    }
}

#[test]
fn the_parts_of_every_tally_add_up() {
    let report = mixed_report();
    let counts = &report.counts;
    for tally in [&counts.required, &counts.advisory, &counts.deprecated, &counts.removed]
        .into_iter()
        .chain(report.summary.projects.values())
    {
        let parts = tally.pass + tally.flagged + tally.fail + tally.skip + tally.error + tally.missing;
        assert_eq!(parts, tally.total, "{tally:?}");
    }
    assert_eq!(counts.required.fail, 2);
    assert_eq!(counts.required.missing, 1);
}

#[test]
fn a_skip_for_want_of_an_account_says_which_option_gives_it() {
    let report = mixed_report();
    let skipped = report.obstacles.iter().find(|obstacle| obstacle.verdict == Outcome::Skip).unwrap();
    let command = skipped.command.as_deref().unwrap();
    assert!(command.ends_with("--spare-cloud NAME"), "{command}");
}

/// A run's folder may come from anyone, and its command is there to be pasted into a shell.
#[test]
fn the_name_of_a_cloud_cannot_carry_a_command() {
    let mut run = run();
    run.deployment.name = "x; rm -rf ~ '".into();
    let report = scored(&run, &[]);
    let command = report.obstacles[0].command.as_deref().unwrap();
    assert!(command.contains(r"--cloud 'x; rm -rf ~ '\'''"), "{command}");
}

#[test]
fn a_record_that_the_target_does_not_ask_for_is_shown_apart() {
    let report = mixed_report();
    let others: Vec<_> = report.others.iter().map(|other| other.id.as_str()).collect();
    assert_eq!(others, ["native.test-99"]);
}

#[test]
fn an_unknown_target_is_answered_with_those_that_there_are() {
    let run = run();
    let context = Context::new(&run, day("2026-11-03"));
    let error = score(&guideline(), "strorage", &[], &context).unwrap_err();
    assert!(error.to_string().contains("did you mean `storage`?"), "{error}");
}

#[test]
fn a_report_begins_as_other_programs_expect_and_reads_back() {
    let report = mixed_report();
    let text = serde_json::to_string(&report).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<_> = value.as_object().unwrap().keys().take(7).collect();
    assert_eq!(keys, ["schema", "guideline", "target", "deployment", "verdict", "counts", "capabilities"]);
    let tally: Vec<_> = value["counts"]["required"].as_object().unwrap().keys().collect();
    assert_eq!(tally, ["total", "pass", "flagged", "fail", "skip", "error", "missing"]);
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
}
