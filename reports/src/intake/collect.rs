//! Where the readers bring what they find: records, within bounds.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use indexmap::IndexMap;

use super::error::Fault;
use super::name::published;
use super::reason::Tail;
use crate::record::{TestRecord, Verdict};
use crate::warning::Warning;

/// The most results of one file: some sixty times as many as Tempest has tests.
pub const MAX_RESULTS: usize = 100_000;
/// The longest name of a test, in bytes.
pub const MAX_NAME: usize = 1024;
/// The most bytes of attachments, and of reasons, that are held at one time.
const MAX_HELD: usize = 64 * 1024 * 1024;

/// What stands in place of a reason for which there was no room.
const NO_ROOM: &str = "the reason is left out: the results hold more of them than are kept";

/// What another tool says of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Success,
    Fail,
    Error,
    Skip,
    ExpectedFail,
    UnexpectedSuccess,
    Unended,
}

/// What is said of a test while its result is awaited.
#[derive(Debug, Clone, Default)]
pub struct Attached {
    pub traceback: Tail,
    pub reason: Tail,
}

impl Attached {
    /// How many bytes are held.
    pub fn held(&self) -> usize {
        self.traceback.held() + self.reason.held()
    }

    fn said(&self) -> Option<String> {
        let best = if self.traceback.is_empty() { &self.reason } else { &self.traceback };
        best.reason()
    }
}

/// One result, as a reader found it.
#[derive(Debug)]
pub struct Found<'a> {
    /// The name as the tool reports it.
    pub name: &'a str,
    /// The UUID, where it is not part of the name.
    pub uuid: Option<String>,
    /// What came of it.
    pub status: Status,
    /// What is said of it.
    pub attached: Attached,
    /// When it began and when it ended.
    pub times: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    /// How long it took in milliseconds, where no times are given.
    pub duration_ms: u64,
}

impl<'a> Found<'a> {
    /// A result of which nothing else is known.
    pub fn new(name: &'a str, status: Status) -> Self {
        Self { name, uuid: None, status, attached: Attached::default(), times: (None, None), duration_ms: 0 }
    }
}

/// The records found so far.
#[derive(Debug, Default)]
pub struct Collector {
    records: Vec<TestRecord>,
    /// What is known of the run, by a name of ours.
    pub facts: IndexMap<String, serde_json::Value>,
    began: Option<DateTime<Utc>>,
    ended: Option<DateTime<Utc>>,
    unended: usize,
    left_out: u64,
    foreign: Option<(u64, u64)>,
    attached: usize,
    reasons: usize,
}

impl Collector {
    /// How many results there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// The earliest time that was seen.
    pub fn began(&self) -> Option<DateTime<Utc>> {
        self.began
    }

    /// The latest time that was seen.
    pub fn ended(&self) -> Option<DateTime<Utc>> {
        self.ended
    }

    /// Notes a time at which the tool was at work.
    pub fn saw(&mut self, time: DateTime<Utc>) {
        self.began = Some(self.began.map_or(time, |known| known.min(time)));
        self.ended = Some(self.ended.map_or(time, |known| known.max(time)));
    }

    /// Notes how many results the suites count and do not have.
    pub fn left_out(&mut self, tests: u64) {
        self.left_out += tests;
    }

    /// Notes bytes that are no result.
    pub fn foreign(&mut self, offset: u64, bytes: u64) {
        let known = self.foreign.get_or_insert((offset, 0));
        known.1 += bytes;
    }

    /// Keeps the end of an attachment, where there is room.
    pub fn attach(&mut self, tail: &mut Tail, bytes: &[u8]) {
        if self.attached < MAX_HELD {
            let before = tail.held();
            tail.push(bytes);
            self.attached = self.attached + tail.held() - before;
        }
    }

    /// Forgets what was attached to something that is no result.
    pub fn forget(&mut self, attached: &mut Attached) {
        self.attached = self.attached.saturating_sub(attached.held());
        *attached = Attached::default();
    }

    /// Refuses a name that no test has.
    pub fn check_name(name: &str, offset: u64) -> Result<(), Fault> {
        if name.len() > MAX_NAME {
            return Err(Fault::TooMuch { offset, limit: MAX_NAME as u64, unit: "bytes in the name of a test" });
        }
        if name.trim().is_empty() {
            return Err(Fault::malformed(offset, "a test without a name"));
        }
        Ok(())
    }

    /// Refuses more tests than any tool reports: `waiting` are begun beside those that are recorded.
    pub fn check_room(&self, waiting: usize, offset: u64) -> Result<(), Fault> {
        if self.records.len() + waiting >= MAX_RESULTS {
            return Err(Fault::TooMuch { offset, limit: MAX_RESULTS as u64, unit: "results" });
        }
        Ok(())
    }

    /// Records a result that stands at `offset`.
    pub fn add(&mut self, found: Found<'_>, offset: u64) -> Result<(), Fault> {
        Self::check_name(found.name, offset)?;
        self.check_room(0, offset)?;
        self.attached = self.attached.saturating_sub(found.attached.held());
        let (started, ended) = found.times;
        started.into_iter().chain(ended).for_each(|time| self.saw(time));
        let (id, uuid) = published(found.name);
        let said = if found.status == Status::Success { None } else { found.attached.said() };
        let (verdict, reason) = judged(&id, found.status, said);
        let reason = reason.map(|reason| self.within_room(reason));
        self.unended += usize::from(found.status == Status::Unended);
        let took = started.zip(ended).map(|(started, ended)| (ended - started).num_milliseconds());
        self.records.push(TestRecord {
            id,
            uuid: uuid.or(found.uuid),
            title: String::new(),
            spec: None,
            verdict,
            started,
            duration_ms: took.and_then(|took| u64::try_from(took).ok()).unwrap_or(found.duration_ms),
            reason,
            lacks: None,
            failure: None,
            deviations: Vec::new(),
            left_behind: Vec::new(),
            requests: 0,
        });
        Ok(())
    }

    fn within_room(&mut self, reason: String) -> String {
        self.reasons += reason.len();
        if self.reasons <= MAX_HELD { reason } else { NO_ROOM.to_owned() }
    }

    /// The records, and what is worth knowing of them. Of equal results of one test, one is left.
    pub fn finish(self) -> (Vec<TestRecord>, Vec<Warning>) {
        let mut warnings = Vec::new();
        if let Some((offset, bytes)) = self.foreign {
            warnings.push(Warning::Foreign { bytes, offset });
        }
        if self.records.is_empty() {
            warnings.push(Warning::Empty);
        }
        if self.left_out > 0 {
            warnings.push(Warning::LeftOut { tests: self.left_out });
        }
        if self.unended > 0 {
            warnings.push(Warning::Unended { tests: self.unended });
        }
        let mut outcomes: HashMap<String, (Vec<Verdict>, bool)> = HashMap::new();
        let mut contradicted: Option<(String, usize)> = None;
        let mut again = 0;
        let mut records = Vec::with_capacity(self.records.len());
        for record in self.records {
            let (known, counted) = outcomes.entry(record.id.clone()).or_default();
            let new = !known.contains(&record.verdict);
            if known.len() == 1 && new {
                contradicted.get_or_insert_with(|| (record.id.clone(), 0)).1 += 1;
                // Until now, it looked as if the results agreed.
                again -= usize::from(std::mem::take(counted));
            } else if known.len() == 1 && !*counted {
                *counted = true;
                again += 1;
            }
            if new {
                known.push(record.verdict);
                records.push(record);
            }
        }
        if let Some((id, tests)) = contradicted {
            warnings.push(Warning::Contradicted { id, tests });
        }
        if again > 0 {
            warnings.push(Warning::ReportedAgain { tests: again });
        }
        (records, warnings)
    }
}

/// The verdict of a record, and its reason.
fn judged(id: &str, status: Status, said: Option<String>) -> (Verdict, Option<String>) {
    let class = crate::score::class_set_up(id).is_some();
    let with = |prefix: &str, otherwise: &str| match &said {
        Some(said) => Some(format!("{prefix}: {said}")),
        None => Some(format!("{prefix}; {otherwise}")),
    };
    let bare = |otherwise: &str| Some(said.clone().unwrap_or_else(|| otherwise.to_owned()));
    match status {
        Status::Success => (Verdict::Pass, None),
        Status::Fail | Status::Error if class => {
            (Verdict::Error, with("the class of the test could not be set up", "the results hold no reason"))
        }
        Status::Skip if class => {
            (Verdict::Skip, with("the class of the test was skipped", "the results hold no reason"))
        }
        Status::Fail => (Verdict::Fail, bare("failed, and the results hold no reason")),
        Status::Error => (Verdict::Error, bare("ended in an error, and the results hold no reason")),
        Status::Skip => (Verdict::Skip, bare("skipped, and the results hold no reason")),
        Status::ExpectedFail => {
            (Verdict::Fail, with("failed, as the authors of the test expected (xfail)", "the results hold no reason"))
        }
        Status::UnexpectedSuccess => (
            Verdict::Error,
            with(
                "passed, though the authors of the test expect it to fail (uxsuccess)",
                "what that shows is not known",
            ),
        ),
        Status::Unended => (Verdict::Interrupted, with("begun and not ended", "the run stopped before its end")),
    }
}
