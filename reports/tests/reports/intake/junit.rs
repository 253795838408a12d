//! JUnit XML.

use assay_reports::InputFormat;
use assay_reports::record::Verdict;

use super::{read, refusal, results};

/// A file as `subunit2junitxml` writes it, which calls a skip `skip`, and one suite of another tool.
const FILE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites><testsuite name="" errors="0" failures="1" tests="4" time="3.5" timestamp="2026-01-02T03:04:05">
<testcase classname="a.B" name="test_c[id-6f8e4436-fc96-4282-8122-e41df57197a9,smoke]" time="1.250"/>
<testcase classname="a.B" name="test_d" time="0.1"><failure type="x">Traceback (most recent call last):
  File &quot;/opt/x.py&quot;, line 1
<![CDATA[ValueError: 1 < 2]]> &amp; more
</failure></testcase>
<testcase classname="a.B" name="test_e" time="0"><skip>no such service</skip></testcase>
<testcase classname="" name="setUpClass (a.F)" time="0"><skip>none of it</skip></testcase>
</testsuite>
<testsuite name="s">
<properties><property name="x" value="y"/></properties>
<testcase classname="a.G" name="a.G.test_h" time="1,000.5"><skipped message="needs &#x41;"/></testcase>
<testcase classname="a.G" name="test_i"><error message="boom">a long tale</error><system-out>out</system-out></testcase>
<testcase classname="a.G" name="test_j"><skipped/><failure message="worse"/></testcase>
<testcase classname="a.G" name="test_k"><system-out>failure</system-out></testcase>
<testcase classname="a.G" name="test_l" status="notrun"/>
</testsuite></testsuites>
"#;

#[test]
fn the_forms_of_several_tools_are_understood() {
    let intake = read(FILE.as_bytes()).unwrap();
    assert_eq!(intake.format, InputFormat::Junit);
    assert_eq!(
        results(&intake),
        [
            ("a.B.test_c", Verdict::Pass, ""),
            ("a.B.test_d", Verdict::Fail, "ValueError: 1 < 2 & more"),
            ("a.B.test_e", Verdict::Skip, "no such service"),
            ("setUpClass (a.F)", Verdict::Skip, "the class of the test was skipped: none of it"),
            ("a.G.test_h", Verdict::Skip, "needs A"),
            ("a.G.test_i", Verdict::Error, "boom"),
            ("a.G.test_j", Verdict::Fail, "worse"),
            ("a.G.test_k", Verdict::Pass, ""),
        ]
    );
    assert_eq!(intake.records[0].uuid.as_deref(), Some("6f8e4436-fc96-4282-8122-e41df57197a9"));
    assert_eq!((intake.records[0].duration_ms, intake.records[4].duration_ms), (1_250, 1_000_500));
    assert_eq!(intake.run.started.to_rfc3339(), "2026-01-02T03:04:05+00:00");
}

#[test]
fn a_file_that_stops_in_the_middle_is_refused_wherever_it_is_cut() {
    let end = FILE.trim_end().len();
    for cut in (1..end).filter(|cut| FILE.is_char_boundary(*cut)) {
        let shown = refusal(&FILE.as_bytes()[..cut]);
        // Before the first element, there is nothing that was cut short.
        assert!(shown.contains("truncated at byte ") || shown.contains("it has no element"), "{cut}: {shown}");
    }
}

#[test]
fn entities_that_could_grow_are_refused() {
    let bomb =
        "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><testsuite><testcase name=\"&c;\"/></testsuite>";
    assert!(refusal(bomb.as_bytes()).contains("document type"));
    let shown = refusal(b"<testsuite><testcase name=\"a\"><failure>&c;</failure></testcase></testsuite>");
    assert!(shown.contains("`&c;` is no entity of XML"), "{shown}");
    assert!(read(b"<testsuite><testcase name=\"&c;\"/></testsuite>").is_err());
}

#[test]
fn what_is_no_junit_is_refused_with_the_place() {
    assert!(refusal(b"<html><body/></html>").contains("its outermost element is `html`"));
    assert!(refusal(b"<testsuite><testcase/></testsuite>").contains("a `testcase` without a `name`"));
    let nested = refusal(b"<testsuite><testcase name=\"a\"><testcase name=\"b\"/></testcase></testsuite>");
    assert!(nested.contains("a `testcase` within another"), "{nested}");
    assert!(refusal(b"<testsuite></testsuites>").contains("byte "));
    assert!(refusal(b"<testsuite/><testsuite/>").contains("more than one outermost element"));
}

#[test]
fn files_that_are_deep_wide_or_long_take_little() {
    assert!(refusal("<testsuite>".repeat(100_000).as_bytes()).contains("64 deep"));
    let attributes: String = (0..200_000).map(|number| format!(" a{number}=''")).collect();
    let wide = format!("<testsuite><testcase name='a'{attributes}/></testsuite>");
    assert_eq!(results(&read(wide.as_bytes()).unwrap()), [("a", Verdict::Pass, "")]);
    let endless = format!("<testsuite><!--{}", "x".repeat(20_000_000));
    assert!(refusal(endless.as_bytes()).contains("bytes in one element"));
    let long = format!("<testsuite><testcase name='{}'/></testsuite>", "x".repeat(5_000));
    assert!(refusal(long.as_bytes()).contains("bytes in the name of a test"));
}

#[test]
fn an_earlier_try_that_failed_is_a_result_of_its_own() {
    let file = r#"<testsuite>
<testcase classname="a.B" name="test_c"><flakyFailure message="boom">trace</flakyFailure><flakyError message="bang"/></testcase>
<testcase classname="a.B" name="test_d"><failure message="worse"/><rerunFailure message="bad"/></testcase>
<testcase classname="a.B" name="test_e"><flakyError message="bang"><stackTrace>long</stackTrace></flakyError></testcase>
</testsuite>"#;
    let intake = read(file.as_bytes()).unwrap();
    assert_eq!(
        results(&intake),
        [
            ("a.B.test_c", Verdict::Fail, "boom"),
            ("a.B.test_c", Verdict::Pass, ""),
            ("a.B.test_d", Verdict::Fail, "bad"),
            ("a.B.test_e", Verdict::Error, "bang"),
            ("a.B.test_e", Verdict::Pass, ""),
        ]
    );
    let warnings: Vec<String> = intake.warnings.iter().map(ToString::to_string).collect();
    assert!(warnings[0].starts_with("2 tests were reported more than once with different outcomes"), "{warnings:?}");
}

#[test]
fn what_pytest_expects_to_fail_is_no_skip_when_it_fails_and_no_pass_when_it_does_not() {
    let file = r#"<testsuites><testsuite name="pytest">
<testcase classname="t" name="test_a"><skipped type="pytest.xfail" message="known"/></testcase>
<testcase classname="t" name="test_b"><skipped type="pytest.skip" message="not here">t.py:1: not here</skipped></testcase>
<testcase classname="t" name="test_c"><failure message="[XPASS(strict)] known"/></testcase>
<testcase classname="t" name="test_d"><skipped/></testcase>
</testsuite></testsuites>"#;
    let intake = read(file.as_bytes()).unwrap();
    assert_eq!(
        results(&intake),
        [
            ("t.test_a", Verdict::Fail, "failed, as the authors of the test expected (xfail): known"),
            ("t.test_b", Verdict::Skip, "not here"),
            (
                "t.test_c",
                Verdict::Error,
                "passed, though the authors of the test expect it to fail (uxsuccess): [XPASS(strict)] known"
            ),
            ("t.test_d", Verdict::Skip, "skipped, and the results hold no reason"),
        ]
    );
}

#[test]
fn a_file_without_results_says_so() {
    let intake = read(b"<testsuites/>").unwrap();
    assert!(intake.records.is_empty());
    assert!(intake.warnings.iter().any(|warning| warning.to_string().starts_with("there is no result")));
}

/// Holds off a file whose failures were filtered out and that passes for a whole one.
#[test]
fn a_suite_that_tells_of_more_failures_than_it_has_is_refused() {
    let case = |attributes: &str| format!("<testcase classname='a.B' name='c' {attributes}/>");
    for (suite, says) in [
        (format!("<testsuite tests='1' failures='1'>{}</testsuite>", case("")), "results are left out"),
        (
            format!("<testsuite tests='1' errors='2'>{}</testsuite>", case("")),
            "0 failures and 2 errors, and has 0 and 0",
        ),
        (format!("<testsuites failures='1'><testsuite>{}</testsuite></testsuites>", case("")), "results are left out"),
        (format!("<testsuite><error message='boom'/>{}</testsuite>", case("")), "a suite failed as a whole"),
        ("<testsuite failures='18446744073709551615' errors='9'/>".to_owned(), "results are left out"),
    ] {
        let shown = refusal(suite.as_bytes());
        assert!(shown.contains(says) && shown.contains("byte "), "{suite}: {shown}");
    }
    let whole = "<testsuites failures='1' errors='1'><testsuite failures='2'><testcase name='a'><failure/></testcase>\
                 <testcase name='b'><error/></testcase></testsuite></testsuites>";
    assert_eq!(results(&read(whole.as_bytes()).unwrap()).len(), 2);
    let endless = "<testsuite tests='18446744073709551615'/>";
    assert!(read(format!("<testsuites>{endless}{endless}</testsuites>").as_bytes()).is_ok());
    for less in [
        format!("<testsuite tests='5'>{}</testsuite>", case("")),
        format!("<testsuites tests='5'><testsuite tests='4'>{}</testsuite></testsuites>", case("")),
        format!("<testsuites><testsuite tests='3'>{}</testsuite><testsuite tests='2'/></testsuites>", case("")),
    ] {
        let intake = read(less.as_bytes()).unwrap();
        let warnings: Vec<String> = intake.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(warnings, ["the results tell of 4 more tests than they have: these count as not run"], "{less}");
    }
}

#[test]
fn a_word_in_place_of_a_child_says_what_came_of_a_test() {
    for (attributes, verdict) in [
        ("status='failed'", Verdict::Fail),
        ("result='FAILED'", Verdict::Fail),
        ("status='run' result='error'", Verdict::Error),
        ("result='skipped'", Verdict::Skip),
        ("status='disabled'", Verdict::Skip),
        ("status='run' result='completed'", Verdict::Pass),
        ("status='passed'", Verdict::Pass),
    ] {
        let file = format!("<testsuite><testcase classname='a.B' name='c' {attributes}/></testsuite>");
        let intake = read(file.as_bytes()).unwrap();
        assert_eq!(intake.records[0].verdict, verdict, "{attributes}");
    }
    let counted = "<testsuite failures='1' errors='1'><testcase name='a' status='failed'/><testcase name='b' result='error'/></testsuite>";
    assert_eq!(results(&read(counted.as_bytes()).unwrap()).len(), 2, "what is stated so is counted");
    let both = "<testsuite><testcase name='c' status='failed'><failure message='why'/></testcase></testsuite>";
    assert_eq!(results(&read(both.as_bytes()).unwrap()), [("c", Verdict::Fail, "why")]);
}
