//! The rule that no required test may fail, and what it changes.

use assay_guidelines::Catalogue;
use assay_guidelines::model::Rule;
use assay_reports::record::{TestRecord, Verdict};
use assay_reports::refstack::{self, ListOptions};
use assay_reports::report::{CapabilityVerdict, Outcome, Tally, TargetVerdict};
use assay_reports::{Context, Format, Report, render, score};

use crate::runs::{
    TARGET, all_pass, day, evidence, finding, guideline_without_failures, record, run, scored, scored_without_failures,
    some_skips,
};

fn capability(report: &Report, name: &str) -> CapabilityVerdict {
    report.capabilities.iter().find(|capability| capability.name == name).unwrap().verdict
}

/// Holds off a skip that counts, and any other outcome but a pass that does not.
#[test]
fn each_outcome_gives_its_verdict() {
    for (verdict, capability_verdict, target_verdict, obstacles) in [
        (Verdict::Pass, CapabilityVerdict::Met, TargetVerdict::Conformant, 0),
        (Verdict::Skip, CapabilityVerdict::MetWithSkips, TargetVerdict::Conformant, 0),
        (Verdict::Fail, CapabilityVerdict::Unmet, TargetVerdict::NotConformant, 1),
        (Verdict::Error, CapabilityVerdict::Unknown, TargetVerdict::Unknown, 1),
        (Verdict::Timeout, CapabilityVerdict::Unknown, TargetVerdict::Unknown, 1),
        (Verdict::Interrupted, CapabilityVerdict::Unknown, TargetVerdict::Unknown, 1),
    ] {
        let mut records = all_pass();
        records[6] = record(7, verdict);
        let report = scored_without_failures(&run(), &records);
        assert_eq!(capability(&report, "objects-upload"), capability_verdict, "{verdict:?}");
        assert_eq!(report.verdict, target_verdict, "{verdict:?}");
        assert_eq!(report.obstacles.len(), obstacles, "{verdict:?}");
    }
}

/// Holds off a test that was never run, or that nobody implements, and passes for one that did not fail.
#[test]
fn what_has_no_record_is_not_determined() {
    let run = run();
    let mut records = all_pass();
    records.remove(6);
    let implemented = (1..=9).map(crate::runs::uuid).collect();
    let none = std::collections::BTreeSet::new();
    for (native, outcome) in [(&implemented, Outcome::NotRun), (&none, Outcome::Missing)] {
        let mut context = Context::new(&run, day("2026-11-03"));
        context.native = Some(native);
        let report = score(&guideline_without_failures(), TARGET, &records, &context).unwrap();
        assert_eq!(capability(&report, "objects-upload"), CapabilityVerdict::Unknown);
        assert_eq!(report.verdict, TargetVerdict::Unknown);
        let obstacles: Vec<_> = report.obstacles.iter().map(|obstacle| obstacle.verdict).collect();
        assert_eq!(obstacles, [outcome]);
    }
}

/// Holds off conformance that nothing shows.
#[test]
fn skips_alone_prove_nothing() {
    let skips: Vec<_> = (1..=9).map(|number| record(number, Verdict::Skip)).collect();
    let report = scored_without_failures(&run(), &skips);
    assert_eq!(report.verdict, TargetVerdict::Unknown);
    assert_eq!(report.counts.required.skip, 6);
    assert!(
        report.summary.answer.ends_with("passed; flags and skips alone prove nothing."),
        "{}",
        report.summary.answer
    );
    // One pass of an advisory test is none of a required one.
    let mut records = skips.clone();
    records[7] = record(8, Verdict::Pass);
    assert_eq!(scored_without_failures(&run(), &records).verdict, TargetVerdict::Unknown);
    let mut records = skips;
    records[0] = record(1, Verdict::Pass);
    assert_eq!(scored_without_failures(&run(), &records).verdict, TargetVerdict::Conformant);
}

/// Holds off a fail that is hidden behind the skips of its capability.
#[test]
fn a_fail_or_an_error_among_skips_still_decides() {
    for (verdict, expected) in [(Verdict::Fail, CapabilityVerdict::Unmet), (Verdict::Error, CapabilityVerdict::Unknown)]
    {
        let mut records = all_pass();
        records[1] = record(2, Verdict::Skip);
        records[2] = record(3, verdict);
        let report = scored_without_failures(&run(), &records);
        assert_eq!(capability(&report, "containers-list"), expected);
        assert_eq!(report.obstacles.len(), 1, "the skip stands in no way");
    }
}

/// Holds off a harmless skip that hides the error of another record of the same test.
#[test]
fn of_several_records_a_skip_hides_nothing_that_was_not_determined() {
    for other in [Verdict::Error, Verdict::Timeout, Verdict::Interrupted, Verdict::Fail] {
        let mut records = all_pass();
        for (attributes, verdict) in [("[a]", Verdict::Skip), ("[b]", other)] {
            let mut named = record(7, verdict);
            named.id = format!("tests.objects.upload{attributes}");
            records.push(named);
        }
        let report = scored_without_failures(&run(), &records);
        let shown = report.capabilities.iter().flat_map(|capability| &capability.tests);
        let verdicts: Vec<_> =
            shown.filter(|test| test.name == "tests.objects.upload").map(|test| test.verdict).collect();
        assert_eq!(verdicts, [Outcome::from(other)]);
        assert_ne!(report.verdict, TargetVerdict::Conformant, "{other:?}");
    }
}

#[test]
fn flags_and_skips_are_both_told() {
    let mut records = all_pass();
    records[1] = record(2, Verdict::Skip);
    let report = scored_without_failures(&run(), &records);
    // The capability has a flagged test as well; the skip is what an unflagged one did.
    assert_eq!(capability(&report, "containers-list"), CapabilityVerdict::MetWithSkips);
    assert!(
        report
            .summary
            .answer
            .ends_with("of 7 tests, 1 is excused by a flag, and 1 is skipped, which the guideline allows."),
        "{}",
        report.summary.answer
    );
    let capabilities = &report.summary.capabilities;
    assert_eq!((capabilities.met, capabilities.met_with_flags, capabilities.met_with_skips), (3, 0, 1));
}

/// Holds off a flagged skip that is listed twice, as excused and as allowed.
#[test]
fn a_flagged_skip_is_excused_by_its_flag() {
    let mut records = all_pass();
    records[3] = record(4, Verdict::Skip);
    let report = scored_without_failures(&run(), &records);
    assert_eq!(capability(&report, "containers-list"), CapabilityVerdict::MetWithFlags);
    let text = render(Format::Text, &report, &evidence()).unwrap();
    assert!(!text.contains("Skipped, which the guideline allows"), "{text}");
}

/// Holds off a guideline whose file states the rule and whose score goes by another.
#[test]
fn scs_0128_v1_is_scored_by_its_own_rule() {
    let guideline = Catalogue::embedded().get("scs/0128-v1", day("2026-11-03")).unwrap().guideline;
    let run = run();
    let context = Context::new(&run, day("2026-11-03"));
    let mut records: Vec<_> = guideline
        .tests_of(guideline.target("iaas").unwrap())
        .unwrap()
        .iter()
        .zip(1..)
        .map(|(test, number)| TestRecord {
            id: test.test.name.clone(),
            uuid: test.test.uuid.clone(),
            ..record(number, if number % 10 == 0 { Verdict::Skip } else { Verdict::Pass })
        })
        .collect();
    let report = score(&guideline, "iaas", &records, &context).unwrap();
    assert_eq!(report.verdict, TargetVerdict::Conformant);
    let expected = Tally { total: 258, pass: 233, skip: 25, ..Tally::default() };
    assert_eq!(report.counts.required, expected);
    assert_eq!(report.summary.capabilities.total, 64);
    assert!(report.obstacles.is_empty());
    assert_eq!(report.summary.warnings, ["scs/0128-v1 is a draft"]);
    records[257].verdict = Verdict::Fail;
    let report = score(&guideline, "iaas", &records, &context).unwrap();
    assert_eq!((report.verdict, report.obstacles.len()), (TargetVerdict::NotConformant, 1));
}

#[test]
fn a_deviation_still_fails_a_required_test_when_strict() {
    let run = run();
    let mut records = all_pass();
    records[0].deviations = vec![finding("Every response has a date.")];
    let mut context = Context::new(&run, day("2026-11-03"));
    context.strict = true;
    let report = score(&guideline_without_failures(), TARGET, &records, &context).unwrap();
    assert_eq!(report.verdict, TargetVerdict::NotConformant);
}

/// Holds off a skip that nobody sees, and a rule that a reader has to guess.
#[test]
fn every_format_names_the_rule_and_shows_each_skip_with_its_reason() {
    let skips = scored_without_failures(&run(), &some_skips());
    assert_eq!((skips.rule, skips.verdict), (Rule::NoFailures, TargetVerdict::Conformant));
    let strict = scored(&run(), &some_skips());
    assert_eq!((strict.rule, strict.verdict), (Rule::AllRequiredPass, TargetVerdict::NotConformant));
    for format in Format::ALL {
        let text = render(format, &skips, &evidence()).unwrap().replace('\\', "");
        for shown in ["native.test-2", "native.test-5", "native.test-7", "needs a spare account", "refuses uploads"] {
            assert!(text.contains(shown), "{shown} in {format:?}");
        }
        let (lax, all) = match format {
            Format::Json | Format::Junit => ("\"no-failures\"", "\"all-required-pass\""),
            _ => ("no required test fails", "every required test passes"),
        };
        assert!(text.contains(lax), "{format:?}");
        assert!(render(format, &strict, &evidence()).unwrap().contains(all), "{format:?}");
    }
}

/// Holds off a target that asks for the tests of another interface, in its verdict or in its list.
#[test]
fn a_target_is_judged_by_the_tests_of_its_interfaces() {
    let guideline = Catalogue::embedded().get("metal/2026.11", day("2026-11-27")).unwrap().guideline;
    let run = run();
    let context = Context::new(&run, day("2026-11-27"));
    let through = |prefix: &str| -> Vec<TestRecord> {
        let all = guideline.capabilities.values().flat_map(|capability| &capability.tests);
        let named = all.filter(|test| test.name.starts_with(prefix)).zip(1..);
        let passed = |(test, number): (&assay_guidelines::model::Test, _)| TestRecord {
            id: test.name.clone(),
            uuid: test.uuid.clone(),
            ..record(number, Verdict::Pass)
        };
        named.map(passed).collect()
    };
    for (target, prefix, other) in
        [("redfish-server", "redfish.", "ironic"), ("ironic", "baremetal.", "redfish-server")]
    {
        let records = through(prefix);
        let report = score(&guideline, target, &records, &context).unwrap();
        assert_eq!(report.verdict, TargetVerdict::Conformant, "{target}");
        let tests = report.capabilities.iter().flat_map(|capability| &capability.tests);
        assert!(tests.clone().count() > 50 && tests.clone().all(|test| test.name.starts_with(prefix)), "{target}");
        assert!(score(&guideline, other, &records, &context).unwrap().verdict != TargetVerdict::Conformant, "{other}");
        let both = score(&guideline, "managed-metal", &records, &context).unwrap();
        assert!(both.verdict != TargetVerdict::Conformant, "one side is not enough");
        let options = ListOptions { states: &[], aliases: true, flagged: true };
        let list = refstack::list(&guideline, target, &options).unwrap();
        assert!(list.lines().count() > 50 && list.lines().all(|line| line.starts_with(prefix)), "{target}");
        let page = render(Format::Html, &report, &evidence()).unwrap();
        assert!(page.contains("From OpenStackIronicProfile 1.2.0: Protocol.MinVersion 1.6.0;"), "{target}");
    }
    let report = score(&guideline, "managed-metal", &[through("redfish."), through("baremetal.")].concat(), &context);
    assert_eq!(report.unwrap().verdict, TargetVerdict::Conformant);
}
