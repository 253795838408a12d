//! RefStack's JSON, its lists and its numbers.

use assay_guidelines::Catalogue;
use assay_guidelines::model::State::{self, Advisory, Deprecated, Required};
use assay_reports::InputFormat;
use assay_reports::record::{UNKNOWN_TIME, Verdict};
use assay_reports::refstack::{self, ListOptions};
use sha2::{Digest as _, Sha256};

use super::{read, refusal, results};
use crate::runs::{TARGET, day, guideline, record};

#[test]
fn what_the_client_uploaded_is_read() {
    let text = r#"{"cpid": "abc", "duration_seconds": 12, "results": [
        {"name": "a.B.test_c", "uuid": "6f8e4436-fc96-4282-8122-e41df57197a9"}, {"name": "a.B.test_d"},
        {"name": "a.B.test_e[id-0f8e4436-fc96-4282-8122-e41df57197a9,smoke]", "uuid": null}]}"#;
    let intake = read(text.as_bytes()).unwrap();
    assert_eq!(intake.format, InputFormat::Refstack);
    let names = ["a.B.test_c", "a.B.test_d", "a.B.test_e"];
    assert_eq!(results(&intake), names.map(|name| (name, Verdict::Pass, "")));
    assert_eq!(intake.records[0].uuid.as_deref(), Some("6f8e4436-fc96-4282-8122-e41df57197a9"));
    assert_eq!(intake.records[2].uuid.as_deref(), Some("0f8e4436-fc96-4282-8122-e41df57197a9"));
    assert_eq!(intake.run.started, UNKNOWN_TIME);
    assert_eq!(intake.run.configuration["cpid"], "abc");
}

#[test]
fn what_refstack_answered_is_read() {
    let text = r#"{"id": "1", "cpid": "abc", "created_at": "2018-11-02 09:00:00", "duration_seconds": 90,
        "meta": {"guideline": "2018.11.json"}, "product_version": null, "user_role": "user", "verification_status": 0,
        "results": ["a.B.test_c", "a.B.test_d"]}"#;
    let intake = read(text.as_bytes()).unwrap();
    assert_eq!(intake.records.len(), 2);
    assert_eq!(intake.run.started.to_rfc3339(), "2018-11-02T09:00:00+00:00");
    assert_eq!(intake.run.finished.unwrap().to_rfc3339(), "2018-11-02T09:01:30+00:00");
}

#[test]
fn what_is_no_answer_of_refstack_is_refused_with_the_place() {
    assert!(refusal(b"{\"cpid\": \"a\"}").contains("missing field `results`"));
    let shown = refusal(b"{\"cpid\": \"a\",\n\"results\": [7]}");
    assert!(shown.contains("byte 27: ") && shown.contains("line 2, column 13") && shown.contains("name"), "{shown}");
    assert!(refusal(b"{\"results\": [{\"uuid\": \"a\"}]}").contains("missing field `name`"));
    assert!(refusal(b"{\"results\": [\"a\", \"b").contains("truncated at byte 20, after 0 tests"));
    // Neither takes a stack of its own for each bracket.
    assert!(refusal(&[b"{\"x\": ".as_slice(), &b"[".repeat(500_000)].concat()).contains("truncated at byte"));
    assert!(refusal(&[b"{\"results\": ".as_slice(), &b"[".repeat(500_000)].concat()).contains("name of a test"));
    let many = format!("{{\"results\": [{}\"x\"]}}", "\"x\",".repeat(100_000));
    assert!(refusal(many.as_bytes()).contains("more than 100000 results"));
}

/// The SHA-256 of what RefStack's server gave for 2018.11 with `type=required&alias=true&flag=false`, as it was kept.
const LISTS: [(&str, &str); 3] = [
    ("compute", "a11d9b060daf407bd9a40334a29ceea0f6e3653310107dac82d1b7c32e77ad0e"),
    ("object", "386ad208f96e30fd3bee746b684621e4d87c18f9058c817cdaff165fad76a790"),
    ("platform", "1ce6770b76f3f7133391cb31d4858204ce5f50f0dbc1089fa2d57e027605f5aa"),
];

#[test]
fn the_lists_of_2018_11_are_those_that_refstack_gave() {
    let loaded = Catalogue::embedded().get("openstack-powered/2018.11", day("2019-01-01")).unwrap();
    let options = ListOptions { states: &[Required], aliases: true, flagged: false };
    for (target, sha256) in LISTS {
        let list = refstack::list(&loaded.guideline, target, &options).unwrap();
        let found: String = Sha256::digest(&list).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, sha256, "{target}: {} lines", list.lines().count());
    }
}

/// How many lines RefStack's server gave for 2022.11 with the same options.
#[test]
fn the_lists_of_2022_11_are_as_long_as_those_that_refstack_gave() {
    let loaded = Catalogue::embedded().get("openstack-powered/2022.11", day("2026-01-01")).unwrap();
    let options = ListOptions { states: &[Required], aliases: true, flagged: false };
    for (target, lines) in [("platform", 432), ("compute", 368), ("object", 66)] {
        let list = refstack::list(&loaded.guideline, target, &options).unwrap();
        assert_eq!(list.lines().count(), lines, "{target}");
        assert!(!list.contains('|'), "two names in one line");
    }
}

#[test]
fn a_list_has_what_its_options_say() {
    let guideline = guideline();
    let list = |states: &[State], aliases, flagged| {
        refstack::list(&guideline, TARGET, &ListOptions { states, aliases, flagged }).unwrap()
    };
    assert_eq!(list(&[Advisory], true, true), "tests.objects.advice[id-00000000-0000-4000-8000-000000000008]\n");
    assert_eq!(list(&[Advisory, Deprecated], true, true).lines().count(), 2);
    // Six tests without a flag, one with, and one alias.
    assert_eq!(list(&[Required], true, true).lines().count(), 8);
    assert_eq!(list(&[Required], false, true).lines().count(), 7);
    assert_eq!(list(&[Required], false, false).lines().count(), 6);
    assert_eq!(list(&[], true, true).lines().count(), 10);
    assert!(refstack::list(&guideline, "none", &ListOptions { states: &[], aliases: true, flagged: true }).is_err());
}

#[test]
fn a_test_of_two_capabilities_counts_twice_and_an_alias_counts_as_the_test() {
    let mut guideline = guideline();
    // As the published 2020.06 does with a test of its own.
    let again = guideline.capabilities["containers-list"].tests[0].clone();
    guideline.capabilities["tokens-create"].tests.push(again);
    let named = |name: &str| {
        let mut record = record(1, Verdict::Pass);
        record.id = name.into();
        record
    };
    let mut failing = named("tests.tokens.create");
    failing.verdict = Verdict::Fail;
    let published = [named("tests.old.list"), named("tests.containers.flagged"), failing];
    let score = refstack::score(&guideline, TARGET, &[], &published).unwrap();
    assert_eq!((score.required.tests, score.required.passed), (8, 3));
    assert_eq!((score.required.flagged_passed, score.required.flagged_not_passed), (1, 0));
    assert_eq!((score.unflagged, score.unflagged_passed, score.compliant), (7, 2, false));
    assert_eq!(score.required_passed_percent, Some(37.5));
    assert!(score.text().contains("unflagged   28.6 % (2 of 7 tests)"), "{}", score.text());
}

#[test]
fn a_uuid_decides_for_a_native_test_and_not_for_a_published_one() {
    let guideline = guideline();
    let native = [record(1, Verdict::Pass)];
    assert_eq!(refstack::score(&guideline, TARGET, &native, &[]).unwrap().required.passed, 1);
    assert_eq!(refstack::score(&guideline, TARGET, &[], &native).unwrap().required.passed, 0);
}
