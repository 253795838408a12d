//! The JUnit file fails exactly when the verdict is not conformant.

use assay_reports::record::Verdict;
use assay_reports::report::TargetVerdict;
use assay_reports::{Context, Format, Report, render, score};

use crate::runs::{all_pass, day, evidence, guideline, mixed_report, record, run, scored};

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
            let report = scored(&run(), &records);
            let conformant = report.verdict == TargetVerdict::Conformant;
            assert_eq!(breaks(&report), !conformant, "{verdict:?} of test {number}");
        }
    }
}

#[test]
fn an_empty_run_breaks_the_build() {
    assert!(breaks(&scored(&run(), &[])));
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
