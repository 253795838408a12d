//! The JUnit file fails exactly when the verdict is not conformant.

use assay_reports::record::Verdict;
use assay_reports::report::TargetVerdict;
use assay_reports::{Context, Format, Report, render, score};

use crate::runs::{all_pass, day, evidence, guideline, mixed_report, record, run, scored, scored_without_failures};

fn breaks(report: &Report) -> bool {
    let text = render(Format::Junit, report, &evidence()).unwrap();
    text.contains("<failure") || text.contains("<error")
}

#[test]
fn each_outcome_of_each_kind_of_test_breaks_the_build_when_it_decides() {
    for verdict in [Verdict::Pass, Verdict::Fail, Verdict::Error, Verdict::Skip, Verdict::Timeout, Verdict::Interrupted]
    {
        // Required, flagged and advisory.
        for number in [7, 4, 8] {
            let mut records = all_pass();
            records[number as usize - 1] = record(number, verdict);
            for report in [scored(&run(), &records), scored_without_failures(&run(), &records)] {
                let conformant = report.verdict == TargetVerdict::Conformant;
                assert_eq!(breaks(&report), !conformant, "{verdict:?} of test {number} under {:?}", report.rule);
            }
        }
    }
}

#[test]
fn an_empty_run_breaks_the_build() {
    assert!(breaks(&scored(&run(), &[])));
    assert!(breaks(&scored_without_failures(&run(), &[])));
}

/// Holds off a green build of a run in which everything was skipped.
#[test]
fn skips_alone_break_the_build() {
    let skips: Vec<_> = (1..=9).map(|number| record(number, Verdict::Skip)).collect();
    assert!(breaks(&scored_without_failures(&run(), &skips)));
}

/// Holds off a skip that is shown as a pass, or as what decides nothing.
#[test]
fn a_skip_that_is_allowed_is_skipped_with_its_reason_and_the_rule_is_named() {
    let mut records = all_pass();
    records[6] = record(7, Verdict::Skip);
    let text = render(Format::Junit, &scored_without_failures(&run(), &records), &evidence()).unwrap();
    assert!(text.contains("required, and the guideline allows skips (skip: needs a spare account"), "{text}");
    assert!(text.contains(r#"<property name="rule" value="no-failures"/>"#), "{text}");
    assert!(!text.contains("required, decides nothing"), "{text}");
}

#[test]
fn a_verdict_that_no_test_shows_breaks_the_build() {
    let run = run();
    let context = Context::new(&run, day("2026-11-03"));
    for target in ["nothing", "hollow", "excused"] {
        let report = score(&guideline(), target, &all_pass(), &context).unwrap();
        assert!(breaks(&report), "{target}");
    }
}

#[test]
fn a_flagged_fail_is_skipped_with_the_reason_of_its_flag() {
    let text = render(Format::Junit, &mixed_report(), &evidence()).unwrap();
    assert!(text.contains("flagged D404: needs a switch that is off by default"));
}
