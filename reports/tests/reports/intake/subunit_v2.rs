//! Subunit v2: the packets that the protocol publishes, what is made of them, and what is refused.

use assay_reports::InputFormat;
use assay_reports::record::Verdict;

use super::{read, refusal, results};

/// A writer of packets, as small as the tests need.
#[derive(Default, Clone)]
pub struct Packet {
    flags: u16,
    time: Vec<u8>,
    test: Vec<u8>,
    tags: Vec<u8>,
    mime: Vec<u8>,
    file: Vec<u8>,
    route: Vec<u8>,
}

pub fn number(value: usize) -> Vec<u8> {
    let value = u32::try_from(value).unwrap();
    match value {
        0..0x40 => value.to_be_bytes()[3..].to_vec(),
        0x40..0x4000 => (value | 0x4000).to_be_bytes()[2..].to_vec(),
        0x4000..0x40_0000 => (value | 0x80_0000).to_be_bytes()[1..].to_vec(),
        _ => (value | 0xc000_0000).to_be_bytes().to_vec(),
    }
}

fn bytes(content: &[u8]) -> Vec<u8> {
    [number(content.len()), content.to_vec()].concat()
}

impl Packet {
    /// A packet about a test, with the number of a status.
    pub fn of(test: &str, status: u16) -> Self {
        Self { flags: 0x2800 | status, test: bytes(test.as_bytes()), ..Self::default() }
    }

    pub fn runnable(mut self) -> Self {
        self.flags |= 0x0100;
        self
    }

    pub fn at(mut self, seconds: u32, nanoseconds: usize) -> Self {
        self.flags |= 0x0200;
        self.time = [seconds.to_be_bytes().to_vec(), number(nanoseconds)].concat();
        self
    }

    pub fn tagged(mut self, tag: &str) -> Self {
        self.flags |= 0x0080;
        self.tags = [number(1), bytes(tag.as_bytes())].concat();
        self
    }

    pub fn mime(mut self, mime: &str) -> Self {
        self.flags |= 0x0020;
        self.mime = bytes(mime.as_bytes());
        self
    }

    pub fn file(mut self, name: &str, content: &[u8]) -> Self {
        self.flags |= 0x0040;
        self.file = [bytes(name.as_bytes()), bytes(content)].concat();
        self
    }

    pub fn routed(mut self, route: &str) -> Self {
        self.flags |= 0x0400;
        self.route = bytes(route.as_bytes());
        self
    }

    pub fn write(&self) -> Vec<u8> {
        let body =
            [&self.time, &self.test, &self.tags, &self.mime, &self.file, &self.route].map(Vec::as_slice).concat();
        framed(self.flags, &body)
    }
}

/// A packet with any body.
pub fn framed(flags: u16, body: &[u8]) -> Vec<u8> {
    let rest = 1 + 2 + body.len() + 4;
    let length = (1..=3).map(|own| number(rest + own)).find(|length| rest + length.len() == value(length)).unwrap();
    let mut packet = [&[0xb3], &flags.to_be_bytes()[..], &length, body].concat();
    packet.extend(crc32fast::hash(&packet).to_be_bytes());
    packet
}

fn value(number: &[u8]) -> usize {
    number[1..].iter().fold(usize::from(number[0] & 0x3f), |value, byte| value << 8 | usize::from(*byte))
}

/// A stream as stestr keeps it: begun, told, ended.
pub fn test(name: &str, status: u16, attached: &[(&str, &str)]) -> Vec<u8> {
    let mut stream = Packet::of(name, 2).runnable().at(1_000_000_000, 0).tagged("worker-0").write();
    for (file, content) in attached {
        stream.extend(Packet::of(name, 0).mime("text/plain").file(file, content.as_bytes()).write());
    }
    stream.extend(Packet::of(name, status).at(1_000_000_001, 500_000_000).tagged("worker-0").write());
    stream
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Packets whose bytes `python-subunit` and the description of the protocol state.
const PUBLISHED: [(u16, &str); 3] =
    [(1, "b3 2901 0c 03 666f6f 08555f1b"), (2, "b3 2902 0c 03 666f6f 8ec12db5"), (3, "b3 2903 0c 03 666f6f 459dfe10")];

#[test]
fn the_published_packets_are_written_and_read() {
    for (status, packet) in PUBLISHED {
        assert_eq!(Packet::of("foo", status).runnable().write(), hex(packet));
    }
    let stream: Vec<u8> = PUBLISHED.iter().flat_map(|(_, packet)| hex(packet)).collect();
    let intake = read(&stream).unwrap();
    assert_eq!(intake.format, InputFormat::SubunitV2);
    assert_eq!(results(&intake), [("foo", Verdict::Pass, "")]);
}

#[test]
fn every_status_has_its_verdict_and_only_success_is_a_pass() {
    let stream: Vec<u8> = (1..=7).flat_map(|status| test(&format!("t{status}"), status, &[])).collect();
    let intake = read(&stream).unwrap();
    let found: Vec<_> = results(&intake).into_iter().map(|(name, verdict, _)| (name, verdict)).collect();
    assert_eq!(
        found,
        [
            ("t3", Verdict::Pass),
            ("t4", Verdict::Error),
            ("t5", Verdict::Skip),
            ("t6", Verdict::Fail),
            ("t7", Verdict::Fail),
            // `exists` and `inprogress` say nothing of what came of a test that began.
            ("t1", Verdict::Interrupted),
            ("t2", Verdict::Interrupted),
        ]
    );
    assert!(intake.warnings.iter().any(|warning| warning.to_string().starts_with("2 tests were begun")));
}

#[test]
fn a_test_that_exists_and_was_not_begun_has_no_result() {
    assert_eq!(read(&Packet::of("foo", 1).write()).unwrap().records, []);
}

#[test]
fn a_traceback_becomes_the_reason_and_a_log_does_not() {
    let log = ("pythonlogging:''", "X-Auth-Token: hush");
    let traceback = ("traceback", "Traceback (most recent call last):\n  File \"/opt/x.py\", line 1\nValueError: no");
    let stream = [
        test("a", 6, &[log, traceback]),
        test("b", 5, &[log, ("reason", "no such service")]),
        test("c", 6, &[log]),
        test("d", 3, &[log, traceback]),
    ];
    let intake = read(&stream.concat()).unwrap();
    assert_eq!(
        results(&intake),
        [
            ("a", Verdict::Fail, "ValueError: no"),
            ("b", Verdict::Skip, "no such service"),
            ("c", Verdict::Fail, "failed, and the results hold no reason"),
            ("d", Verdict::Pass, ""),
        ]
    );
}

#[test]
fn the_times_of_a_test_and_of_the_run_are_kept() {
    let intake = read(&test("a.B.c[id-6f8e4436-fc96-4282-8122-e41df57197a9,smoke]", 3, &[])).unwrap();
    let [record] = &intake.records[..] else { panic!("{intake:#?}") };
    assert_eq!((record.id.as_str(), record.duration_ms), ("a.B.c", 1_500));
    assert_eq!(record.uuid.as_deref(), Some("6f8e4436-fc96-4282-8122-e41df57197a9"));
    assert_eq!(record.started.unwrap().timestamp(), 1_000_000_000);
    assert_eq!(intake.run.started.timestamp(), 1_000_000_000);
    assert_eq!(intake.run.finished.unwrap().timestamp_millis(), 1_000_000_001_500);
    assert_eq!((intake.run.id.as_str(), intake.run.deployment.name.as_str()), ("results.x", "results"));
}

#[test]
fn one_test_on_two_routes_is_two_results_and_the_worst_counts() {
    let begin = |route| Packet::of("a", 2).routed(route).write();
    let end = |route, status| Packet::of("a", status).routed(route).write();
    let stream = [begin("0"), begin("1"), end("0", 3), end("1", 6)].concat();
    let intake = read(&stream).unwrap();
    let verdicts: Vec<_> = intake.records.iter().map(|record| record.verdict).collect();
    assert_eq!(verdicts, [Verdict::Pass, Verdict::Fail]);
    assert!(intake.warnings[0].to_string().contains("different outcomes, such as a"), "{:?}", intake.warnings);
}

#[test]
fn the_same_result_twice_is_one_result_and_is_told() {
    let intake = read(&[test("a", 3, &[]), test("a", 3, &[]), test("a", 3, &[])].concat()).unwrap();
    assert_eq!(intake.records.len(), 1);
    assert!(intake.warnings[0].to_string().starts_with("1 tests were reported more than once, each time"));
}

#[test]
fn what_is_printed_between_packets_is_left_out_and_told() {
    // The signature is the second byte of `ó`.
    let stream = ["razón ".as_bytes(), &test("a", 3, &[]), b"bye\n", &test("b", 6, &[])].concat();
    let intake = read(&stream).unwrap();
    assert_eq!(intake.records.len(), 2);
    assert!(intake.warnings[0].to_string().starts_with("11 bytes, from byte 0 on"), "{:?}", intake.warnings);
}

#[test]
fn a_stream_that_stops_within_a_packet_is_refused_with_the_place() {
    let whole = test("a", 3, &[]);
    let stream = [whole.clone(), test("b", 3, &[])].concat();
    // The second test's last packet is the one that is cut.
    let last = stream.len() - Packet::of("b", 3).at(1, 500_000_000).tagged("worker-0").write().len();
    let shown = refusal(&stream[..stream.len() - 1]);
    assert!(shown.starts_with(&format!("folder/results.x: truncated at byte {last}, after 1 tests: ")), "{shown}");
    for cut in 1..stream.len() {
        match read(&stream[..cut]) {
            // Between two packets, a test may be left without a result.
            Ok(intake) => {
                assert!(intake.records.iter().all(|record| record.id == "a" || record.verdict != Verdict::Pass));
            }
            Err(error) => assert!(error.to_string().contains(": truncated at byte "), "{error}"),
        }
    }
}

#[test]
fn a_damaged_packet_is_refused_with_the_place() {
    let first = test("a", 3, &[]);
    let mut stream = [first.clone(), test("b", 6, &[])].concat();
    // A letter of the second test's name, which would make it another test.
    let letter = first.len() + stream[first.len()..].iter().position(|byte| *byte == b'b').unwrap();
    stream[letter] = b'c';
    let shown = refusal(&stream);
    let place = format!("byte {}: not subunit v2: a packet is damaged", first.len());
    assert!(shown.contains(&place), "{shown}");
}

#[test]
fn fields_that_go_beyond_their_packet_are_refused() {
    for (flags, body, what) in [
        (0x2083, &[5, 0][..], "a tag goes beyond its packet"),
        (0x2083, &[0xff, 0xff, 0xff, 0xff], "a tag goes beyond its packet"),
        (0x2803, &[5, b'a'], "the name of the test goes beyond its packet: 5 bytes, and 1 are left"),
        (0x2803, &[0xc0], "goes beyond its packet"),
        (0x2203, &[0, 0], "the time goes beyond its packet"),
        (0x2203, &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], "a time with 1073741823 nanoseconds"),
        (0x2803, &[1, 0xff], "the name of the test is not UTF-8"),
        (0x2003, &[1], "1 bytes too many"),
        (0x200b, &[], "a flag that means nothing"),
        (0x3003, &[], "version 3"),
        (0x2803, &[1, b' '], "a test without a name"),
    ] {
        let shown = refusal(&framed(flags, body));
        assert!(shown.contains("byte 0: ") && shown.contains(what), "{body:?}: {shown}");
    }
    assert!(refusal(&[0xb3, 0x20, 0x03]).contains("truncated at byte 0"));
    assert!(refusal(&[0xb3, 0x20, 0x03, 0x04, 0, 0, 0, 0]).contains("shorter than its own head"));
    assert!(refusal(&[0xb3, 0x20, 0x03, 0xff, 0xff, 0xff, 0xff]).contains("longer than 4 MiB"));
}

#[test]
fn names_and_attachments_without_end_are_held_in_little_memory() {
    assert!(refusal(&Packet::of(&"x".repeat(2_000), 3).write()).contains("more than 1024 bytes in the name"));
    let piece = "x".repeat(1_000_000);
    let mut stream = Vec::new();
    for _ in 0..20 {
        stream.extend(Packet::of("a", 0).file("traceback", piece.as_bytes()).write());
    }
    stream.extend(test("a", 6, &[]));
    let intake = read(&stream).unwrap();
    assert!(intake.records[0].reason.as_ref().unwrap().len() < 5_000);
}
