//! Subunit v2: a stream of packets, each with a length and a checksum.
//!
//! The protocol is that of <https://github.com/testing-cabal/subunit#version-2>. The crate `subunit` 0.3 panics on
//! packets whose fields are longer than they are, and says no place; so packets are taken apart here.

use std::collections::HashMap;
use std::io::{BufRead, Read};

use chrono::{DateTime, Utc};

use super::collect::{Attached, Collector, Found, MAX_NAME, Status};
use super::error::Fault;

/// The byte that begins each packet.
pub const SIGNATURE: u8 = 0xb3;

const TEST_ID: u16 = 0x0800;
const ROUTE_CODE: u16 = 0x0400;
const TIMESTAMP: u16 = 0x0200;
const TAGS: u16 = 0x0080;
const FILE_CONTENT: u16 = 0x0040;
const MIME_TYPE: u16 = 0x0020;
const RESERVED: u16 = 0x0008;

/// Reads a stream to its end.
pub fn read(input: impl BufRead, collector: &mut Collector) -> Result<(), Fault> {
    let mut stream = Stream { input, offset: 0, packet: Vec::new() };
    let mut waiting: HashMap<(String, String), Waiting> = HashMap::new();
    while stream.next(collector)? {
        let event = Event::parse(&stream.packet).map_err(|what| Fault::malformed(stream.start(), what))?;
        take(event, stream.start(), &mut waiting, collector)?;
    }
    let mut unended: Vec<_> = waiting.into_iter().filter(|(_, waiting)| waiting.begun).collect();
    unended.sort_by(|(one, _), (other, _)| one.cmp(other));
    for ((_, name), waiting) in unended {
        let found =
            Found { attached: waiting.attached, times: (waiting.started, None), ..Found::new(&name, Status::Unended) };
        collector.add(found, stream.offset)?;
    }
    Ok(())
}

/// A test that has no result yet.
#[derive(Debug, Default)]
struct Waiting {
    begun: bool,
    started: Option<DateTime<Utc>>,
    attached: Attached,
}

/// Takes note of a packet that begins at `offset`.
fn take(
    event: Event<'_>,
    offset: u64,
    waiting: &mut HashMap<(String, String), Waiting>,
    collector: &mut Collector,
) -> Result<(), Fault> {
    if let Some(time) = event.time {
        collector.saw(time);
    }
    let Some(name) = event.test else { return Ok(()) };
    Collector::check_name(name, offset)?;
    let status = match event.status {
        // The test exists; nothing is said of what it does.
        1 => return Ok(()),
        3 => Some(Status::Success),
        4 => Some(Status::UnexpectedSuccess),
        5 => Some(Status::Skip),
        6 => Some(Status::Fail),
        7 => Some(Status::ExpectedFail),
        _ => None,
    };
    let file = event.file.filter(|(name, _)| is_traceback(name) || is_reason(name));
    let begins = event.status == 2;
    if status.is_none() && !begins && file.is_none() {
        return Ok(());
    }
    let route = event.route.unwrap_or_default();
    if route.len() > MAX_NAME {
        return Err(Fault::TooMuch { offset, limit: MAX_NAME as u64, unit: "bytes in a route" });
    }
    let key = (route.to_owned(), name.to_owned());
    if !waiting.contains_key(&key) {
        collector.check_room(waiting.len(), offset)?;
    }
    let test = waiting.entry(key.clone()).or_default();
    if begins && !test.begun {
        test.begun = true;
        test.started = event.time;
    }
    if let Some((name, content)) = file {
        let tail = if is_traceback(name) { &mut test.attached.traceback } else { &mut test.attached.reason };
        collector.attach(tail, content);
    }
    if let Some(status) = status
        && let Some(test) = waiting.remove(&key)
    {
        let times = (test.started, event.time);
        collector.add(Found { attached: test.attached, times, ..Found::new(name, status) }, offset)?;
    }
    Ok(())
}

fn is_traceback(file: &str) -> bool {
    file.starts_with("traceback")
}

fn is_reason(file: &str) -> bool {
    matches!(file, "reason" | "message")
}

/// A stream, read packet by packet.
struct Stream<R> {
    input: R,
    /// How many bytes were read.
    offset: u64,
    /// The packet that was read last, whole.
    packet: Vec<u8>,
}

impl<R: BufRead> Stream<R> {
    /// Where the packet that was read last begins.
    fn start(&self) -> u64 {
        self.offset - self.packet.len() as u64
    }

    /// Reads the next packet, checked; says whether there is one.
    fn next(&mut self, collector: &mut Collector) -> Result<bool, Fault> {
        self.skip_foreign(collector)?;
        self.packet.clear();
        let start = self.offset;
        if !self.fill(1)? {
            return Ok(false);
        }
        let cut = |what: &str| Fault::truncated(start, format!("a packet stops in its {what}"));
        if !self.fill(4)? {
            return Err(cut("head"));
        }
        let flags = u16::from_be_bytes([self.packet[1], self.packet[2]]);
        if flags >> 12 != 2 {
            return Err(Fault::malformed(start, format!("a packet of version {}", flags >> 12)));
        }
        let length_bytes = usize::from(self.packet[3] >> 6) + 1;
        if length_bytes > 3 {
            return Err(Fault::malformed(start, "a packet that is longer than 4 MiB"));
        }
        if !self.fill(3 + length_bytes)? {
            return Err(cut("head"));
        }
        let (length, _) = number(&self.packet[3..]).map_err(|what| Fault::malformed(start, what))?;
        // The head and the checksum.
        if length < 3 + length_bytes + 4 {
            return Err(Fault::malformed(start, format!("a packet of {length} bytes is shorter than its own head")));
        }
        if !self.fill(length)? {
            return Err(Fault::truncated(
                start,
                format!("a packet of {length} bytes stops after {}", self.packet.len()),
            ));
        }
        let (content, sum) = self.packet.split_at(length - 4);
        let stated = u32::from_be_bytes([sum[0], sum[1], sum[2], sum[3]]);
        let found = crc32fast::hash(content);
        if found != stated {
            return Err(Fault::malformed(
                start,
                format!("a packet is damaged: its checksum is {found:08x} and should be {stated:08x}"),
            ));
        }
        Ok(true)
    }

    /// Reads on until the packet has this many bytes; says whether it has.
    fn fill(&mut self, length: usize) -> Result<bool, Fault> {
        let missing = length.saturating_sub(self.packet.len());
        let read = (&mut self.input).take(missing as u64).read_to_end(&mut self.packet)?;
        self.offset += read as u64;
        Ok(read == missing)
    }

    /// Leaves out what is no packet: what else the tool printed. The signature within a letter of UTF-8 is none.
    fn skip_foreign(&mut self, collector: &mut Collector) -> Result<(), Fault> {
        let start = self.offset;
        let mut within_letter = 0;
        loop {
            let buffer = self.input.fill_buf()?;
            let mut skipped = 0;
            for byte in buffer {
                let byte = *byte;
                if within_letter > 0 && byte & 0xc0 == 0x80 {
                    within_letter -= 1;
                } else if byte == SIGNATURE {
                    break;
                } else {
                    within_letter = match byte {
                        0xc2..=0xdf => 1,
                        0xe0..=0xef => 2,
                        0xf0..=0xf4 => 3,
                        _ => 0,
                    };
                }
                skipped += 1;
            }
            let done = skipped < buffer.len() || buffer.is_empty();
            self.input.consume(skipped);
            self.offset += skipped as u64;
            if done {
                break;
            }
        }
        if self.offset > start {
            collector.foreign(start, self.offset - start);
        }
        Ok(())
    }
}

/// What a packet says.
#[derive(Debug, Default, PartialEq)]
struct Event<'a> {
    status: u16,
    time: Option<DateTime<Utc>>,
    test: Option<&'a str>,
    file: Option<(&'a str, &'a [u8])>,
    route: Option<&'a str>,
}

impl<'a> Event<'a> {
    /// Takes a packet apart whose head and checksum were looked at.
    fn parse(packet: &'a [u8]) -> Result<Self, String> {
        let flags = u16::from_be_bytes([packet[1], packet[2]]);
        if flags & RESERVED != 0 {
            return Err("a packet has a flag that means nothing".to_owned());
        }
        let head = 3 + usize::from(packet[3] >> 6) + 1;
        let mut fields = Fields(&packet[head..packet.len() - 4]);
        let mut event = Self { status: flags & 7, ..Self::default() };
        if flags & TIMESTAMP != 0 {
            event.time = Some(fields.time()?);
        }
        if flags & TEST_ID != 0 {
            event.test = Some(fields.text("the name of the test")?);
        }
        if flags & TAGS != 0 {
            for _ in 0..fields.number("the number of tags")? {
                fields.text("a tag")?;
            }
        }
        if flags & MIME_TYPE != 0 {
            fields.text("the type of a file")?;
        }
        if flags & FILE_CONTENT != 0 {
            event.file = Some((fields.text("the name of a file")?, fields.bytes("a file")?));
        }
        if flags & ROUTE_CODE != 0 {
            event.route = Some(fields.text("the route")?);
        }
        if fields.0.is_empty() { Ok(event) } else { Err(format!("a packet has {} bytes too many", fields.0.len())) }
    }
}

/// What is left of a packet.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize, what: &str) -> Result<&'a [u8], String> {
        let Some((taken, rest)) = self.0.split_at_checked(length) else {
            return Err(format!("{what} goes beyond its packet: {length} bytes, and {} are left", self.0.len()));
        };
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self, what: &str) -> Result<usize, String> {
        let (value, length) = number(self.0).map_err(|_| format!("{what} goes beyond its packet"))?;
        self.take(length, what)?;
        Ok(value)
    }

    fn bytes(&mut self, what: &str) -> Result<&'a [u8], String> {
        let length = self.number(what)?;
        self.take(length, what)
    }

    fn text(&mut self, what: &str) -> Result<&'a str, String> {
        let bytes = self.bytes(what)?;
        std::str::from_utf8(bytes).map_err(|_| format!("{what} is not UTF-8"))
    }

    fn time(&mut self) -> Result<DateTime<Utc>, String> {
        let seconds = self.take(4, "the time")?;
        let seconds = u32::from_be_bytes([seconds[0], seconds[1], seconds[2], seconds[3]]);
        let nanoseconds = self.number("the time")?;
        u32::try_from(nanoseconds)
            .ok()
            .and_then(|nanoseconds| DateTime::from_timestamp(i64::from(seconds), nanoseconds))
            .ok_or_else(|| format!("a time with {nanoseconds} nanoseconds"))
    }
}

/// The number at the front, and how many bytes it has: the first two bits say how many more there are.
fn number(bytes: &[u8]) -> Result<(usize, usize), String> {
    let length = usize::from(*bytes.first().ok_or("a number is missing")? >> 6) + 1;
    let Some(taken) = bytes.get(..length) else { return Err("a number is cut short".to_owned()) };
    let first = usize::from(taken[0] & 0x3f);
    Ok((taken[1..].iter().fold(first, |value, byte| value << 8 | usize::from(*byte)), length))
}
