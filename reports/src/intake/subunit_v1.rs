//! Subunit v1: lines of text that say which test begins and what came of it, between whatever else is printed.
//!
//! The protocol is that of <https://github.com/testing-cabal/subunit#version-1>:
//!
//! ```text
//! time: 2026-01-02 03:04:05.678900Z
//! test: tempest.api.x.Test.test_y
//! failure: tempest.api.x.Test.test_y [
//! what is said of it
//! ]
//! ```
//!
//! In place of `[`, `[ multipart` announces files with a type, a name, and chunks whose length is hexadecimal.

use std::io::{BufRead, Read};

use chrono::{DateTime, NaiveDateTime, Utc};

use super::collect::{Attached, Collector, Found, MAX_NAME, Status};
use super::error::Fault;
use super::reason::Tail;

/// The longest line that may be a directive, in bytes: a name, its result and its brackets.
const MAX_LINE: usize = MAX_NAME + 64;
/// How much of an attachment is read at once.
const PIECE: usize = 16 * 1024;

/// Whether a line of text begins a test, so that a form can be recognised by it.
pub fn begins_a_test(line: &[u8]) -> bool {
    [&b"test: "[..], b"testing: "].iter().any(|word| line.starts_with(word))
}

/// Reads a stream to its end.
pub fn read(input: impl BufRead, collector: &mut Collector) -> Result<(), Fault> {
    Stream { input, offset: 0, start: 0, line: Vec::new(), now: None, test: None }.read(collector)
}

/// A test that has no result yet.
struct Running {
    name: String,
    started: Option<DateTime<Utc>>,
}

struct Stream<R> {
    input: R,
    /// How many bytes were read.
    offset: u64,
    /// Where the line that was read last begins.
    start: u64,
    line: Vec<u8>,
    /// The time that was said last.
    now: Option<DateTime<Utc>>,
    test: Option<Running>,
}

impl<R: BufRead> Stream<R> {
    fn read(mut self, collector: &mut Collector) -> Result<(), Fault> {
        while self.next_line()? {
            let line = std::mem::take(&mut self.line);
            if !self.directive(&line, collector)? {
                collector.foreign(self.start, self.offset - self.start);
            }
            self.line = line;
        }
        self.give_up_test(collector)
    }

    /// Reads a line; of a longer one than any directive, the beginning. Says whether there is one.
    fn next_line(&mut self) -> Result<bool, Fault> {
        self.line.clear();
        self.start = self.offset;
        let mut any = false;
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(any);
            }
            any = true;
            let (length, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), false),
            };
            let room = MAX_LINE.saturating_sub(self.line.len());
            self.line.extend_from_slice(&buffer[..length.min(room)]);
            self.input.consume(length);
            self.offset += length as u64;
            if ended {
                return Ok(true);
            }
        }
    }

    /// Does what a line says; says whether it was a directive.
    fn directive(&mut self, line: &[u8], collector: &mut Collector) -> Result<bool, Fault> {
        let text = line.strip_suffix(b"\n").map(|text| text.strip_suffix(b"\r").unwrap_or(text));
        let Some(at) = line.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'\n')) else { return Ok(false) };
        let word = &line[..at];
        let (word, colon) = match word.strip_suffix(b":") {
            Some(word) => (word, true),
            None => (word, false),
        };
        let status = match word {
            b"test" | b"testing" => None,
            b"success" | b"successful" => Some(Status::Success),
            // Version 2 makes no difference between these.
            b"failure" | b"error" => Some(Status::Fail),
            b"skip" => Some(Status::Skip),
            b"xfail" => Some(Status::ExpectedFail),
            b"uxsuccess" => Some(Status::UnexpectedSuccess),
            b"time" if colon => {
                if let Some(time) = text.and_then(|text| time(&text[at..])) {
                    self.now = Some(time);
                    collector.saw(time);
                }
                return Ok(true);
            }
            b"tags" | b"progress" => return Ok(colon),
            _ => return Ok(false),
        };
        let Some(text) = text else {
            // A line that does not end may have been cut anywhere: its name cannot be trusted.
            if colon && self.offset - self.start <= MAX_LINE as u64 {
                return Err(Fault::truncated(self.start, "the last line has no end"));
            }
            return Ok(false);
        };
        let name = text[at..].trim_ascii_start();
        match status {
            // Prose may begin with the word; within a test, only the form with a colon is believed.
            None if name.is_empty() || (self.test.is_some() && !colon) => return Ok(false),
            None => {
                self.give_up_test(collector)?;
                let name = std::str::from_utf8(name)
                    .map_err(|_| Fault::malformed(self.start, "the name of the test is not UTF-8"))?;
                Collector::check_name(name, self.start)?;
                self.test = Some(Running { name: name.to_owned(), started: self.now });
            }
            Some(status) => {
                let Some(details) = self.test.as_ref().and_then(|test| details(name, &test.name)) else {
                    return Ok(false);
                };
                let start = self.start;
                let mut attached = Attached::default();
                match details {
                    Details::None => {}
                    Details::Text => self.text(start, status, &mut attached, collector)?,
                    Details::Files => self.files(start, &mut attached, collector)?,
                }
                if let Some(test) = self.test.take() {
                    let times = (test.started, self.now);
                    collector.add(Found { attached, times, ..Found::new(&test.name, status) }, start)?;
                }
                // What was read with it belongs to it.
                self.start = self.offset;
            }
        }
        Ok(true)
    }

    /// Records a test that has no result.
    fn give_up_test(&mut self, collector: &mut Collector) -> Result<(), Fault> {
        match self.test.take() {
            Some(test) => {
                let times = (test.started, None);
                collector.add(Found { times, ..Found::new(&test.name, Status::Unended) }, self.start)
            }
            None => Ok(()),
        }
    }

    /// Reads text up to the line that closes the bracket.
    fn text(
        &mut self,
        result: u64,
        status: Status,
        attached: &mut Attached,
        collector: &mut Collector,
    ) -> Result<(), Fault> {
        let tail = if status == Status::Skip { &mut attached.reason } else { &mut attached.traceback };
        while self.next_line()? {
            let line: &[u8] = &self.line;
            if matches!(line, b"]\n" | b"]\r\n") {
                return Ok(());
            }
            // A line that begins with a bracket is quoted by a space.
            collector.attach(tail, if line.starts_with(b" ]") { &line[1..] } else { line });
        }
        Err(Fault::truncated(result, "what is said of the last result does not end"))
    }

    /// Reads files up to the line that closes the bracket.
    fn files(&mut self, result: u64, attached: &mut Attached, collector: &mut Collector) -> Result<(), Fault> {
        let cut = || Fault::truncated(result, "the files of the last result do not end");
        loop {
            if !self.next_line()? {
                return Err(cut());
            }
            match self.line.trim_ascii_end() {
                b"]" => return Ok(()),
                line if line.starts_with(b"Content-Type:") => {}
                _ if !self.line.ends_with(b"\n") => return Err(cut()),
                _ => return Err(Fault::malformed(self.start, "a file without a `Content-Type`")),
            }
            if !self.next_line()? || !self.line.ends_with(b"\n") {
                return Err(cut());
            }
            let name = self.line.trim_ascii_end();
            let tail = if name.starts_with(b"traceback") {
                Some(&mut attached.traceback)
            } else if matches!(name, b"reason" | b"message") {
                Some(&mut attached.reason)
            } else {
                None
            };
            self.chunks(result, tail, collector)?;
        }
    }

    /// Reads the chunks of one file.
    fn chunks(&mut self, result: u64, mut tail: Option<&mut Tail>, collector: &mut Collector) -> Result<(), Fault> {
        let cut = || Fault::truncated(result, "a file of the last result does not end");
        let mut piece = Vec::new();
        loop {
            if !self.next_line()? || !self.line.ends_with(b"\n") {
                return Err(cut());
            }
            let length = std::str::from_utf8(self.line.trim_ascii()).ok();
            let Some(mut left) = length.and_then(|length| u64::from_str_radix(length, 16).ok()) else {
                return Err(Fault::malformed(self.start, "the length of a chunk is no hexadecimal number"));
            };
            if left == 0 {
                return Ok(());
            }
            while left > 0 {
                piece.clear();
                let read = (&mut self.input).take(left.min(PIECE as u64)).read_to_end(&mut piece)? as u64;
                if read == 0 {
                    return Err(cut());
                }
                self.offset += read;
                left -= read;
                if let Some(tail) = tail.as_deref_mut() {
                    collector.attach(tail, &piece);
                }
            }
        }
    }
}

/// What follows a result.
#[derive(Debug, PartialEq, Eq)]
enum Details {
    None,
    Text,
    Files,
}

/// What follows the result of this test; nothing, where the line names another.
fn details(line: &[u8], test: &str) -> Option<Details> {
    match line.strip_prefix(test.as_bytes())?.trim_ascii_end() {
        b"" => Some(Details::None),
        b" [" => Some(Details::Text),
        b" [ multipart" => Some(Details::Files),
        _ => None,
    }
}

/// A time such as `2026-01-02 03:04:05.678900Z`.
fn time(text: &[u8]) -> Option<DateTime<Utc>> {
    let text = std::str::from_utf8(text).ok()?.trim().strip_suffix('Z')?;
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok().map(|time| time.and_utc())
}
