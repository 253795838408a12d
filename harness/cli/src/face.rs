//! The face of Rust's test runner: each conformance test is a trial that waits for the scheduler's verdict.
//!
//! What it counts is never what is scored.

use std::collections::HashMap;
use std::sync::mpsc;
use std::thread::JoinHandle;

use assay_kit::{Caught, ConformanceTest};
use assay_reports::record::{TestRecord, Verdict};
use assay_runner::Observer;
use assay_text::visible_line;
use libtest_mimic::{Arguments, Completion, Conclusion, Failed, Trial};

use crate::progress;

/// Hands the verdicts of a run to trials.
#[derive(Debug, Default)]
pub struct Face(HashMap<String, mpsc::Sender<TestRecord>>);

impl Face {
    /// Shows these tests as trials, on a thread of its own, as `arguments` say; their number of threads is ignored: every
    /// trial waits, and the scheduler decides who runs.
    #[must_use]
    pub fn show(tests: &[&'static ConformanceTest], mut arguments: Arguments) -> (Self, JoinHandle<Conclusion>) {
        let mut senders = HashMap::new();
        let trials: Vec<Trial> = tests
            .iter()
            .map(|test| {
                let (send, receive) = mpsc::channel();
                senders.insert(test.id.to_owned(), send);
                trial(test, move || wait(&receive))
            })
            .collect();
        arguments.test_threads = Some(trials.len().max(2));
        // It panics when it cannot print, as when the reader of a pipe has gone: no failure of the run.
        let face = move || Caught::default().watch_thread(|| libtest_mimic::run(&arguments, trials));
        (Self(senders), std::thread::spawn(face))
    }
}

/// A test as the test runner knows it.
pub fn trial(test: &ConformanceTest, runner: impl FnOnce() -> Result<Completion, Failed> + Send + 'static) -> Trial {
    Trial::ignorable_test(test.id, runner)
}

impl Observer for Face {
    fn started(&mut self, _: &'static ConformanceTest) {}

    fn finished(&mut self, record: &TestRecord) {
        if let Some(trial) = self.0.remove(&record.id) {
            // A trial that is not shown does not wait.
            let _ = trial.send(record.clone());
        }
    }
}

fn wait(record: &mpsc::Receiver<TestRecord>) -> Result<Completion, Failed> {
    // Nothing comes when the run was stopped before the test began.
    let Ok(record) = record.recv() else { return Err(Failed::from("not run: the run ended before")) };
    let reason = record.reason.unwrap_or_default();
    match record.verdict {
        Verdict::Pass => Ok(Completion::Completed),
        // It prints by itself: what it gets must steer nothing.
        Verdict::Skip => Ok(Completion::ignored_with(visible_line(&reason))),
        other => Err(Failed::from(format!("{}: {}", progress::name(other), visible_line(&reason)))),
    }
}
