//! RefStack's JSON: what refstack-client uploaded, and what RefStack's `/v1/results/{id}` answered.
//!
//! Both list nothing but the tests that passed: the upload as objects with a name and a UUID, the answer as names
//! alone. What is not listed failed, was skipped or was not run, and nobody can tell which.

use std::fmt;
use std::io::{BufRead, Read};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::collect::{Collector, Found, MAX_RESULTS, Status};
use super::error::Fault;
use super::name::bare_uuid;

/// The largest file that is read, in bytes: more than [`MAX_RESULTS`] results take.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Reads the file to its end.
pub fn read(mut input: impl BufRead, collector: &mut Collector) -> Result<(), Fault> {
    let mut bytes = Vec::new();
    (&mut input).take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Fault::TooMuch { offset: MAX_BYTES, limit: MAX_BYTES, unit: "bytes" });
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let file: File = serde_json::from_slice(text).map_err(|error| fault(&error, &bytes))?;
    if let Some(cpid) = file.cpid {
        collector.facts.insert("cpid".to_owned(), cpid.into());
    }
    if let Some(began) = file.created_at.as_deref().and_then(time) {
        collector.saw(began);
        let took = file.duration_seconds.and_then(|seconds| TimeDelta::try_seconds(i64::from(seconds)));
        if let Some(ended) = took.and_then(|took| began.checked_add_signed(took)) {
            collector.saw(ended);
        }
    }
    for result in &file.results.0 {
        let uuid = result.uuid.as_deref().and_then(bare_uuid);
        collector.add(Found { uuid, ..Found::new(&result.name, Status::Success) }, 0)?;
    }
    Ok(())
}

/// What `serde_json` says, with the place in bytes.
fn fault(error: &serde_json::Error, bytes: &[u8]) -> Fault {
    let before: usize =
        bytes.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    let offset = (before + error.column()).min(bytes.len()) as u64;
    let message = error.to_string();
    let what = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
    if error.is_eof() {
        return Fault::truncated(offset, "the JSON does not end");
    }
    Fault::malformed(offset, format!("line {}, column {}: {what}", error.line(), error.column()))
}

/// A time such as `2018-11-02 09:00:00`, which RefStack keeps in UTC.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f"));
    naive.ok().map(|time| time.and_utc())
}

/// The members that are read; RefStack's answer has others.
#[derive(Debug, Deserialize)]
struct File {
    results: Results,
    #[serde(default)]
    cpid: Option<String>,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    duration_seconds: Option<u32>,
}

/// The tests that passed.
#[derive(Debug)]
struct Results(Vec<Passed>);

#[derive(Debug)]
struct Passed {
    name: String,
    uuid: Option<String>,
}

impl<'de> Deserialize<'de> for Results {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Results;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of the tests that passed")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut results = Vec::new();
                while let Some(result) = list.next_element()? {
                    if results.len() == MAX_RESULTS {
                        return Err(de::Error::custom(format!("more than {MAX_RESULTS} results")));
                    }
                    results.push(result);
                }
                Ok(Results(results))
            }
        }
        deserializer.deserialize_seq(List)
    }
}

impl<'de> Deserialize<'de> for Passed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One;
        impl<'de> Visitor<'de> for One {
            type Value = Passed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a test, or an object with its `name` and `uuid`")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Passed { name: name.to_owned(), uuid: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                let (mut name, mut uuid) = (None, None);
                while let Some(key) = members.next_key::<String>()? {
                    match key.as_str() {
                        "name" if name.is_some() => return Err(de::Error::duplicate_field("name")),
                        "name" => name = Some(members.next_value()?),
                        "uuid" => uuid = members.next_value()?,
                        _ => drop(members.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(Passed { name: name.ok_or_else(|| de::Error::missing_field("name"))?, uuid })
            }
        }
        deserializer.deserialize_any(One)
    }
}
