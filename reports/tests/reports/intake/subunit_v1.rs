//! Subunit v1: lines of text.

use assay_reports::InputFormat;
use assay_reports::record::Verdict;

use super::{read, read_as, refusal, results};

#[test]
fn every_result_of_the_protocol_is_understood() {
    let text = "\
test: a
success: a
testing: b
successful: b
test: c
failure: c [
Traceback (most recent call last):
  File \"/opt/x.py\", line 1
ValueError: no
]
test: d
error: d
test: e
skip: e [
no such service
]
test: f
xfail: f
test: g
uxsuccess: g
";
    let intake = read(text.as_bytes()).unwrap();
    assert_eq!(intake.format, InputFormat::SubunitV1);
    let found = results(&intake);
    assert_eq!(found[0], ("a", Verdict::Pass, ""));
    assert_eq!(found[1], ("b", Verdict::Pass, ""));
    assert_eq!(found[2], ("c", Verdict::Fail, "ValueError: no"));
    assert_eq!(found[3], ("d", Verdict::Fail, "failed, and the results hold no reason"));
    assert_eq!(found[4], ("e", Verdict::Skip, "no such service"));
    assert_eq!((found[5].0, found[5].1), ("f", Verdict::Fail));
    assert_eq!((found[6].0, found[6].1), ("g", Verdict::Error));
    assert_eq!(found.len(), 7);
}

#[test]
fn files_in_chunks_are_read_and_may_hold_anything() {
    let hidden = "]\nsuccess: a\n";
    let text = format!(
        "time: 2026-01-02 03:04:05.500000Z\ntest: a[id-6f8e4436-fc96-4282-8122-e41df57197a9]\n\
         time: 2026-01-02 03:04:07.000000Z\n\
         failure: a[id-6f8e4436-fc96-4282-8122-e41df57197a9] [ multipart\n\
         Content-Type: text/plain;charset=utf8\npythonlogging:''\n{:X}\r\n{hidden}0\r\n\
         Content-Type: text/x-traceback\ntraceback\n5\r\nValue6\r\nError!0\r\n]\ntags: -worker-0\n",
        hidden.len()
    );
    let intake = read(text.as_bytes()).unwrap();
    assert_eq!(results(&intake), [("a", Verdict::Fail, "ValueError!")]);
    assert_eq!(intake.records[0].duration_ms, 1_500);
    assert_eq!(intake.warnings, []);
}

#[test]
fn a_bracket_in_what_is_said_is_quoted_and_ends_nothing() {
    let intake = read(b"test: a\nskip: a [\n ]\nmore\n]\n").unwrap();
    assert_eq!(results(&intake), [("a", Verdict::Skip, "] more")]);
}

#[test]
fn a_result_of_another_test_is_none() {
    let intake = read(b"test: a\nsuccess: b\nsuccess: abc\nfailure: a\nsuccess: a\n").unwrap();
    assert_eq!(results(&intake), [("a", Verdict::Fail, "failed, and the results hold no reason")]);
}

#[test]
fn a_test_without_a_result_was_interrupted() {
    let intake = read(b"test: a\ntest: b\nsuccess: b\ntest: c\n").unwrap();
    let verdicts: Vec<_> = results(&intake).into_iter().map(|(name, verdict, _)| (name, verdict)).collect();
    assert_eq!(verdicts, [("a", Verdict::Interrupted), ("b", Verdict::Pass), ("c", Verdict::Interrupted)]);
}

#[test]
fn what_else_is_printed_is_left_out_and_told() {
    let intake = read(b"hello\ntest: a\nsuccess is near\nsuccess: a\nbye").unwrap();
    assert_eq!(results(&intake), [("a", Verdict::Pass, "")]);
    assert!(intake.warnings[0].to_string().starts_with("25 bytes, from byte 0 on"), "{:?}", intake.warnings);
}

#[test]
fn a_file_that_stops_in_the_middle_is_refused_with_the_place() {
    // Cut here, the test `ab` would look as if the test `a` had passed.
    assert!(refusal(b"test: a\nsuccess: a").contains("truncated at byte 8, after 0 tests"));
    assert!(
        refusal(b"test: a\nsuccess: a\ntest: b\nfailure: b [\nsome").contains("truncated at byte 27, after 1 tests")
    );
    for cut in [
        "test: a\nskip: a [ multipart\n",
        "test: a\nskip: a [ multipart\nContent-Type: text/plain\n",
        "test: a\nskip: a [ multipart\nContent-Type: text/plain\nreason\n",
        "test: a\nskip: a [ multipart\nContent-Type: text/plain\nreason\n5\r\nab",
        "test: a\nskip: a [ multipart\nContent-Type: text/plain\nreason\nFFFFFFFFFFFFFFFF\r\nab",
        "test: a\nskip: a [ multipart\nContent-Type: text/plain\nreason\n0\r\n",
    ] {
        let shown = refusal(cut.as_bytes());
        assert!(shown.contains("truncated at byte 8, after 0 tests"), "{cut:?}: {shown}");
    }
}

#[test]
fn files_that_break_the_protocol_are_refused_with_the_place() {
    let shown = refusal(b"test: a\nskip: a [ multipart\nreason\n5\r\nabcde0\r\n]\n");
    assert!(shown.contains("byte 28: not subunit v1: a file without a `Content-Type`"), "{shown}");
    let shown = refusal(b"test: a\nskip: a [ multipart\nContent-Type: a/b\nreason\nxyz\r\nabcde0\r\n]\n");
    assert!(shown.contains("byte 53: not subunit v1: the length of a chunk"), "{shown}");
}

#[test]
fn a_line_without_end_is_held_in_little_memory() {
    let text = ["test: a\n", &"x".repeat(50_000_000), "\nsuccess: a\n"].concat();
    let intake = read_as(text.as_bytes(), Some(InputFormat::SubunitV1)).unwrap();
    assert_eq!(results(&intake), [("a", Verdict::Pass, "")]);
    let long = format!("test: {}\n", "x".repeat(1_040));
    assert!(refusal(long.as_bytes()).contains("more than 1024 bytes in the name"));
}
