//! Results that are damaged at random: each reader refuses or reads them, and none panics.
//!
//! `PROPTEST_CASES` sets how many damaged files are tried.

use assay_reports::InputFormat;
use assay_reports::record::Verdict;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::read_as;
use super::subunit_v2::{framed, test};

#[derive(Debug, Clone)]
enum Damage {
    Set(Index, u8),
    Remove(Index, usize),
    Insert(Index, Vec<u8>),
    Repeat(Index, Index, usize),
    Cut(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let bits: Vec<&[u8]> = vec![
        b"\xb3",
        b"\xb3\x2b\x03",
        b"\xff\xff\xff\xff",
        b"\0",
        b"\n",
        b"]\n",
        b" [\n",
        b" [ multipart\n",
        b"test: x\n",
        b"success: x\n",
        b"Content-Type: a/b\n",
        b"FFFFFFFF\r\n",
        b"<",
        b">",
        b"/>",
        b"&",
        b"&#x0;",
        b"&amp;",
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"<?x",
        b"<!DOCTYPE a>",
        b"<failure>",
        b"</testcase>",
        b"\"",
        b"'",
        b"{",
        b"}",
        b"[",
        b"\\u0000",
        b"\\ud800",
        b"null",
        b"1e999",
        b"\xc3",
    ];
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        (any::<Index>(), 1..60_usize).prop_map(|(at, count)| Damage::Remove(at, count)),
        (any::<Index>(), select(bits)).prop_map(|(at, bit)| Damage::Insert(at, bit.to_vec())),
        (any::<Index>(), any::<Index>(), 1..80_usize).prop_map(|(from, to, count)| Damage::Repeat(from, to, count)),
        any::<Index>().prop_map(Damage::Cut),
    ]
}

fn apply(mut bytes: Vec<u8>, damage: &Damage) -> Vec<u8> {
    if bytes.is_empty() {
        return bytes;
    }
    let length = bytes.len();
    match damage {
        Damage::Set(at, byte) => bytes[at.index(length)] = *byte,
        Damage::Remove(at, count) => {
            let at = at.index(length);
            bytes.drain(at..(at + count).min(length));
        }
        Damage::Insert(at, bit) => {
            let at = at.index(length + 1);
            bytes.splice(at..at, bit.iter().copied());
        }
        Damage::Repeat(from, to, count) => {
            let from = from.index(length);
            let part = bytes[from..(from + count).min(length)].to_vec();
            let to = to.index(length + 1);
            bytes.splice(to..to, part);
        }
        Damage::Cut(at) => bytes.truncate(at.index(length)),
    }
    bytes
}

/// The same two tests in every form: `good` passed, and `bad` did not where the form can say so.
fn whole() -> Vec<(InputFormat, Vec<u8>)> {
    let v2 = [
        test("good[id-6f8e4436-fc96-4282-8122-e41df57197a9]", 3, &[("traceback", "x")]),
        test("bad", 6, &[("traceback", "no")]),
    ];
    let v1 = b"time: 2026-01-02 03:04:05.5Z\ntest: good\nsuccess: good\ntest: bad\nfailure: bad [ multipart\n\
               Content-Type: text/plain\ntraceback\n2\r\nno0\r\n]\ntest: worse\nskip: worse [\nno\n]\n";
    let junit = b"<?xml version='1.0'?><testsuites><testsuite timestamp='2026-01-02T03:04:05'><testcase classname='a' \
                  name='good' time='1'/><testcase name='bad'><failure message='no'>x &amp; <![CDATA[y]]></failure></testcase>\
                  </testsuite></testsuites>";
    let refstack =
        b"{\"cpid\": \"c\", \"duration_seconds\": 1, \"created_at\": \"2018-11-02 09:00:00\", \"results\": [\"good\", \
                     {\"name\": \"b\", \"uuid\": \"6f8e4436-fc96-4282-8122-e41df57197a9\"}]}";
    vec![
        (InputFormat::SubunitV2, v2.concat()),
        (InputFormat::SubunitV1, v1.to_vec()),
        (InputFormat::Junit, junit.to_vec()),
        (InputFormat::Refstack, refstack.to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_results_are_refused_or_read_and_nothing_panics(damages in prop::collection::vec(damage(), 1..6)) {
        for (format, bytes) in whole() {
            let bytes = damages.iter().fold(bytes, apply);
            for format in [Some(format), None] {
                match read_as(&bytes, format) {
                    Ok(intake) => prop_assert!(intake.records.len() <= bytes.len()),
                    Err(error) => prop_assert!(error.to_string().starts_with("folder/results.x: "), "{error}"),
                }
            }
        }
    }

    /// A checksum keeps random damage from the fields, so they are damaged before it is made.
    #[test]
    fn packets_of_any_content_are_refused_or_read(flags in any::<u16>(), body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_as(&framed(0x2000 | (flags & 0x0fff), &body), Some(InputFormat::SubunitV2));
    }

    /// No single byte that is changed in a stream makes a failed test pass.
    #[test]
    fn a_changed_byte_makes_no_failure_a_pass(at in any::<Index>(), byte in any::<u8>()) {
        let mut stream = test("bad", 6, &[]);
        let at = at.index(stream.len());
        stream[at] = byte;
        if let Ok(intake) = read_as(&stream, Some(InputFormat::SubunitV2)) {
            prop_assert!(intake.records.iter().all(|record| record.verdict != Verdict::Pass));
        }
    }
}
