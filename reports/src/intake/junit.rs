//! JUnit XML, as `subunit2junitxml`, stestr, pytest and others write it.
//!
//! A test is a `testcase`; its name is its class and its name, as `subunit2junitxml` takes them apart. A child tells what
//! came of it: `failure`, `error`, `skipped` (or `skip`), and none is a pass. `flakyFailure` and its like tell of earlier tries,
//! each of which is a result of its own. pytest writes an expected failure as `skipped`. Entities beyond those of XML itself need a
//! document type, which is refused: nothing can be made to grow.

use std::io::{self, BufRead, Read};

use chrono::{DateTime, NaiveDateTime, Utc};
use quick_xml::errors::IllFormedError;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::collect::{Attached, Collector, Found, MAX_NAME, Status};
use super::error::Fault;

/// The most bytes of one tag or one text.
const MAX_EVENT: usize = 16 * 1024 * 1024;
/// How deep elements may stand within each other.
const MAX_DEPTH: usize = 64;
/// The most attributes of one element that are looked at.
const MAX_ATTRIBUTES: usize = 64;

/// Reads a file to its end.
pub fn read(input: impl BufRead, collector: &mut Collector) -> Result<(), Fault> {
    let mut reader = Reader::from_reader(Metered { input, left: MAX_EVENT });
    reader.config_mut().check_comments = false;
    let mut state = State::default();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        reader.get_mut().left = MAX_EVENT;
        let event = reader.read_event_into(&mut buffer);
        let offset = reader.buffer_position();
        match event {
            Ok(Event::Eof) => break,
            Ok(event) => state.take(event, offset, collector)?,
            Err(quick_xml::Error::Io(error)) if error.kind() == io::ErrorKind::FileTooLarge => {
                return Err(Fault::TooMuch { offset, limit: MAX_EVENT as u64, unit: "bytes in one element" });
            }
            Err(quick_xml::Error::Io(error)) => return Err(Fault::Read(io::Error::new(error.kind(), error))),
            Err(quick_xml::Error::Syntax(error)) => return Err(Fault::truncated(offset, error.to_string())),
            Err(quick_xml::Error::IllFormed(error @ IllFormedError::UnclosedReference))
                if reader.get_mut().fill_buf()?.is_empty() =>
            {
                return Err(Fault::truncated(offset, error.to_string()));
            }
            Err(error) => return Err(Fault::malformed(offset, error.to_string())),
        }
    }
    let offset = reader.buffer_position();
    match state.open.last() {
        Some(element) => Err(Fault::truncated(offset, format!("`{}` is not closed", String::from_utf8_lossy(element)))),
        None if !state.rooted => Err(Fault::malformed(offset, "it has no element")),
        None => Ok(()),
    }
}

/// Where the reader is, and the test that it is in.
#[derive(Default)]
struct State {
    /// The names of the elements that are open.
    open: Vec<Vec<u8>>,
    rooted: bool,
    test: Option<Test>,
    /// The depth of the child of the test whose text is being read.
    told: Option<usize>,
    /// Whether that child tells of an earlier try.
    earlier: bool,
    /// The suites that are open.
    suites: Vec<Suite>,
}

/// The counts that a suite states, and those that were found in it.
#[derive(Default)]
struct Suite {
    told: Counts,
    found: Counts,
    /// How many tests it counts and does not have.
    left_out: u64,
}

#[derive(Default, Clone, Copy)]
struct Counts {
    tests: u64,
    failures: u64,
    errors: u64,
}

struct Test {
    name: String,
    status: Status,
    /// The result that `status` or `result` states.
    attribute: Status,
    /// What came of an earlier try that did not pass, the worst of them.
    before: Option<(Status, Attached)>,
    run: bool,
    attached: Attached,
    duration_ms: u64,
    offset: u64,
}

impl State {
    fn take(&mut self, event: Event<'_>, offset: u64, collector: &mut Collector) -> Result<(), Fault> {
        match event {
            Event::Start(element) => {
                self.start(&element, offset, collector)?;
                if self.open.len() == MAX_DEPTH {
                    return Err(Fault::malformed(offset, format!("elements stand {MAX_DEPTH} deep")));
                }
                self.open.push(element.name().as_ref().to_vec());
            }
            Event::Empty(element) => {
                self.start(&element, offset, collector)?;
                match element.name().as_ref() {
                    b"testcase" => self.end_test(collector)?,
                    b"testsuite" | b"testsuites" => self.end_suite(offset, collector)?,
                    _ => {}
                }
                self.told = self.told.filter(|depth| *depth < self.open.len());
            }
            Event::End(_) => {
                let name = self.open.pop().unwrap_or_default();
                self.told = self.told.filter(|depth| *depth < self.open.len());
                match name.as_slice() {
                    b"testcase" => self.end_test(collector)?,
                    b"testsuite" | b"testsuites" => self.end_suite(offset, collector)?,
                    _ => {}
                }
            }
            Event::Text(text) => self.text(&text, collector),
            Event::CData(text) => self.text(&text, collector),
            Event::GeneralRef(name) => {
                let known = match name.resolve_char_ref() {
                    Ok(Some(letter)) => Some(letter.to_string()),
                    Ok(None) => {
                        let name = std::str::from_utf8(&name).unwrap_or_default();
                        quick_xml::escape::resolve_xml_entity(name).map(str::to_owned)
                    }
                    Err(error) => return Err(Fault::malformed(offset, error.to_string())),
                };
                let Some(known) = known else {
                    let name = String::from_utf8_lossy(&name).chars().take(40).collect::<String>();
                    return Err(Fault::malformed(offset, format!("`&{name};` is no entity of XML")));
                };
                self.text(known.as_bytes(), collector);
            }
            Event::DocType(_) => {
                return Err(Fault::malformed(offset, "it has a document type, which no results need"));
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn start(&mut self, element: &BytesStart<'_>, offset: u64, collector: &mut Collector) -> Result<(), Fault> {
        if self.open.is_empty() {
            let name = element.name();
            if self.rooted {
                return Err(Fault::malformed(offset, "it has more than one outermost element"));
            }
            if !matches!(name.as_ref(), b"testsuites" | b"testsuite") {
                let name = String::from_utf8_lossy(name.as_ref()).chars().take(40).collect::<String>();
                let what = format!("its outermost element is `{name}`, and not `testsuites` or `testsuite`");
                return Err(Fault::malformed(offset, what));
            }
            self.rooted = true;
        }
        let name = element.name();
        match (name.as_ref(), &mut self.test) {
            (b"testcase", Some(_)) => return Err(Fault::malformed(offset, "a `testcase` within another")),
            (b"testcase", None) => self.test = Some(test(element, offset)?),
            (b"testsuite" | b"testsuites", None) => {
                let [timestamp, tests, failures, errors] =
                    attributes(element, offset, ["timestamp", "tests", "failures", "errors"])?;
                if let Some(time) = timestamp.as_deref().and_then(time) {
                    collector.saw(time);
                }
                let count = |text: Option<String>| text.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
                let told = Counts { tests: count(tests), failures: count(failures), errors: count(errors) };
                self.suites.push(Suite { told, ..Suite::default() });
            }
            (b"failure" | b"error", None) if self.open.last().is_some_and(|name| name.starts_with(b"testsuite")) => {
                let what = "a suite failed as a whole, and nobody knows which of its tests: make the file anew";
                return Err(Fault::malformed(offset, what));
            }
            (kind, Some(test)) if self.told.is_none() => {
                let (status, earlier) = match kind {
                    b"failure" => (Status::Fail, false),
                    b"error" => (Status::Error, false),
                    b"skipped" | b"skip" => (Status::Skip, false),
                    // Of Maven Surefire, Gradle and cargo-nextest.
                    b"flakyFailure" | b"rerunFailure" => (Status::Fail, true),
                    b"flakyError" | b"rerunError" => (Status::Error, true),
                    _ => return Ok(()),
                };
                if let Some(suite) = self.suites.last_mut().filter(|_| !earlier) {
                    suite.found.failures += u64::from(kind == b"failure");
                    suite.found.errors += u64::from(kind == b"error");
                }
                let [message, sort] = attributes(element, offset, ["message", "type"])?;
                let status = as_pytest_means(status, message.as_deref(), sort.as_deref());
                // Of several results, the worst: a failure is never hidden by what follows it.
                let known = if earlier { test.before.as_ref().map(|(status, _)| *status) } else { Some(test.status) };
                if known.is_none_or(|known| severity(status) > severity(known)) {
                    if earlier {
                        let (_, mut attached) =
                            test.before.replace((status, Attached::default())).unwrap_or((status, Attached::default()));
                        collector.forget(&mut attached);
                    } else {
                        test.status = status;
                        collector.forget(&mut test.attached);
                    }
                    self.earlier = earlier;
                    if let (Some(message), Some(attached)) = (message, test.attached(earlier)) {
                        collector.attach(&mut attached.reason, message.as_bytes());
                    }
                    self.told = Some(self.open.len());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Text within an element that tells what came of a test.
    fn text(&mut self, text: &[u8], collector: &mut Collector) {
        if self.told.is_some_and(|depth| depth + 1 == self.open.len())
            && let Some(attached) = self.test.as_mut().and_then(|test| test.attached(self.earlier))
            // A message is the shorter one of the two.
            && attached.reason.is_empty()
        {
            collector.attach(&mut attached.traceback, text);
        }
    }

    /// Compares the counts that a suite states with those found in it: missing results may have failed.
    fn end_suite(&mut self, offset: u64, collector: &mut Collector) -> Result<(), Fault> {
        let Some(Suite { told, found, left_out }) = self.suites.pop() else { return Ok(()) };
        if told.failures.saturating_add(told.errors) > found.failures + found.errors {
            let what = format!(
                "a suite tells of {} failures and {} errors, and has {} and {}: results are left out; give the whole file",
                told.failures, told.errors, found.failures, found.errors
            );
            return Err(Fault::malformed(offset, what));
        }
        let left_out = left_out.max(told.tests.saturating_sub(found.tests));
        match self.suites.last_mut() {
            Some(outer) => {
                outer.left_out = outer.left_out.saturating_add(left_out);
                outer.found.tests += found.tests;
                outer.found.failures += found.failures;
                outer.found.errors += found.errors;
            }
            None => collector.left_out(left_out),
        }
        Ok(())
    }

    fn end_test(&mut self, collector: &mut Collector) -> Result<(), Fault> {
        let Some(mut test) = self.test.take() else { return Ok(()) };
        if let Some(suite) = self.suites.last_mut() {
            suite.found.tests += 1;
        }
        // A failure may be stated by an attribute alone.
        if severity(test.attribute) > severity(test.status) {
            test.status = test.attribute;
            if let Some(suite) = self.suites.last_mut() {
                suite.found.failures += u64::from(test.status == Status::Fail);
                suite.found.errors += u64::from(test.status == Status::Error);
            }
        }
        if !test.run {
            collector.forget(&mut test.attached);
            test.before.iter_mut().for_each(|(_, attached)| collector.forget(attached));
            return Ok(());
        }
        if let Some((status, attached)) = test.before {
            collector.add(Found { attached, ..Found::new(&test.name, status) }, test.offset)?;
        }
        let (attached, duration_ms) = (test.attached, test.duration_ms);
        collector.add(Found { attached, duration_ms, ..Found::new(&test.name, test.status) }, test.offset)
    }
}

impl Test {
    /// What is attached to its result, or to an earlier try.
    fn attached(&mut self, earlier: bool) -> Option<&mut Attached> {
        if earlier { self.before.as_mut().map(|(_, attached)| attached) } else { Some(&mut self.attached) }
    }
}

/// How bad a result is.
fn severity(status: Status) -> u8 {
    match status {
        Status::Fail | Status::ExpectedFail => 3,
        Status::Error | Status::UnexpectedSuccess => 2,
        Status::Skip => 1,
        Status::Success | Status::Unended => 0,
    }
}

/// What pytest means where it writes an expected failure as a skip, and an unexpected success, where that is an error, as a
/// failure.
fn as_pytest_means(status: Status, message: Option<&str>, sort: Option<&str>) -> Status {
    let says = |text: &str| message.is_some_and(|message| message.trim_start().starts_with(text));
    match status {
        Status::Skip if sort == Some("pytest.xfail") || says("expected test failure") => Status::ExpectedFail,
        Status::Fail if says("[XPASS(strict)]") => Status::UnexpectedSuccess,
        status => status,
    }
}

/// The result that a word in `status` or `result` of a test stands for.
fn meant(word: &str) -> Status {
    match word.trim().to_ascii_lowercase().as_str() {
        "fail" | "failed" | "failure" => Status::Fail,
        "error" | "errored" => Status::Error,
        "skip" | "skipped" | "disabled" | "ignored" | "suppressed" => Status::Skip,
        _ => Status::Success,
    }
}

/// The test of a `testcase`.
fn test(element: &BytesStart<'_>, offset: u64) -> Result<Test, Fault> {
    let [class, name, time, status, result] =
        attributes(element, offset, ["classname", "name", "time", "status", "result"])?;
    let Some(name) = name else { return Err(Fault::malformed(offset, "a `testcase` without a `name`")) };
    let class = class.unwrap_or_default();
    let prefix = format!("{class}.");
    let name = if class.is_empty() || name.starts_with(&prefix) { name } else { prefix + &name };
    if name.len() > MAX_NAME {
        return Err(Fault::TooMuch { offset, limit: MAX_NAME as u64, unit: "bytes in the name of a test" });
    }
    Ok(Test {
        name,
        status: Status::Success,
        attribute: {
            let words = [&status, &result].into_iter().flatten();
            let meant = words.map(|word| meant(word)).max_by_key(|status| severity(*status));
            meant.unwrap_or(Status::Success)
        },
        before: None,
        // A test that a tool lists and did not run has no result.
        run: status.as_deref() != Some("notrun"),
        attached: Attached::default(),
        duration_ms: time.as_deref().and_then(milliseconds).unwrap_or(0),
        offset,
    })
}

/// A number of seconds such as `1,234.567`, in milliseconds.
fn milliseconds(text: &str) -> Option<u64> {
    let seconds: f64 = text.trim().replace(',', "").parse().ok()?;
    // A week is longer than any test.
    let seconds = if seconds.is_finite() { seconds.clamp(0.0, 604_800.0) } else { return None };
    u64::try_from(std::time::Duration::from_secs_f64(seconds).as_millis()).ok()
}

/// A time with or without a zone, which is UTC then.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let zoned = DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    zoned.or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok().map(|time| time.and_utc()))
}

/// The values of these attributes.
fn attributes<const N: usize>(
    element: &BytesStart<'_>,
    offset: u64,
    names: [&str; N],
) -> Result<[Option<String>; N], Fault> {
    let mut values = [const { None }; N];
    let decoder = element.decoder();
    // Looking for the same name twice would take the square of their number.
    for attribute in element.attributes().with_checks(false).take(MAX_ATTRIBUTES) {
        let attribute = attribute.map_err(|error| Fault::malformed(offset, error.to_string()))?;
        let Some(at) = names.iter().position(|name| name.as_bytes() == attribute.key.as_ref()) else { continue };
        let value = attribute
            .decoded_and_normalized_value(XmlVersion::Implicit1_0, decoder)
            .map_err(|error| Fault::malformed(offset, error.to_string()))?;
        values[at].get_or_insert(value.into_owned());
    }
    Ok(values)
}

/// A reader that ends in an error when more is read than is left.
struct Metered<R> {
    input: R,
    left: usize,
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let buffer = self.input.fill_buf()?;
        if self.left == 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(&buffer[..buffer.len().min(self.left)])
    }

    fn consume(&mut self, length: usize) {
        self.left = self.left.saturating_sub(length);
        self.input.consume(length);
    }
}
