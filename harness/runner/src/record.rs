//! What happened in a test, as its record.

use assay_kit::{ConformanceTest, Stop, TestLog};
use assay_record::{TestRecord, Verdict};
use chrono::{DateTime, Utc};

/// How a test ended, before its record is made.
#[derive(Debug)]
pub(crate) enum End {
    /// By itself.
    Outcome(assay_kit::Outcome),
    /// It panicked: a defect of ours.
    Panic(String),
    /// It took longer than allowed, in seconds.
    Timeout(u64),
    /// The user stopped the run.
    Interrupted,
}

impl End {
    /// Whether it was stopped in the middle of something.
    pub(crate) fn abrupt(&self) -> bool {
        !matches!(self, Self::Outcome(_))
    }
}

/// The record of a test that ended so.
pub(crate) fn record(
    test: &ConformanceTest,
    log: &TestLog,
    started: DateTime<Utc>,
    end: End,
    left_behind: Vec<String>,
) -> TestRecord {
    let redactor = log.redactor();
    let (verdict, reason) = match &end {
        End::Outcome(Ok(())) => (Verdict::Pass, None),
        End::Outcome(Err(stop)) => {
            let verdict = match stop {
                Stop::Fail(_) => Verdict::Fail,
                Stop::Error(_) => Verdict::Error,
                Stop::Skip(_) => Verdict::Skip,
            };
            // Redacted before it is cut: the beginning of a secret would not be known.
            (verdict, Some(one_line(&redactor.beginning(&stop.to_string(), 4096).0)))
        }
        End::Panic(message) => (Verdict::Error, Some(format!("a defect of Assay: the test panicked: {message}"))),
        End::Timeout(seconds) => (Verdict::Timeout, Some(format!("not finished within {seconds} s"))),
        End::Interrupted => (Verdict::Interrupted, Some("the run was stopped".to_owned())),
    };
    let (failure, lacks) = match end {
        End::Outcome(Err(Stop::Fail(finding))) => (Some(*finding), None),
        End::Outcome(Err(Stop::Skip(skip))) => (None, Some(skip.lacks)),
        _ => (None, None),
    };
    TestRecord {
        id: test.id.to_owned(),
        uuid: Some(test.covers.to_owned()),
        title: test.title(),
        spec: Some(test.spec.to_owned()),
        verdict,
        started: Some(started),
        duration_ms: u64::try_from((Utc::now() - started).num_milliseconds()).unwrap_or(0),
        reason: reason.map(|reason| redactor.text(&reason)),
        lacks,
        failure,
        deviations: log.deviations(),
        left_behind: left_behind.iter().map(|left| redactor.text(left)).collect(),
        requests: log.requests(),
    }
}

/// A text on one line, cut to a length that a person reads.
fn one_line(text: &str) -> String {
    const LENGTH: usize = 300;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LENGTH) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
