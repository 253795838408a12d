//! A run: its folder, its tests, and what is left when it ends.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use assay_kit::{ConformanceTest, Deployment, Recorder};
use assay_record::{Run, RunFolder, TestRecord, writing};
use chrono::Utc;
use tokio::sync::mpsc;

use crate::schedule::{News, Schedule, Stopping};

/// How a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How many tests run at the same time.
    pub concurrency: usize,
    /// After how long a test is given up.
    pub timeout: Duration,
}

/// Learns what happens while it happens.
pub trait Observer: Send {
    /// A test starts.
    fn started(&mut self, test: &'static ConformanceTest);
    /// A test ended.
    fn finished(&mut self, record: &TestRecord);
}

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    /// A record of each test that began.
    pub records: Vec<TestRecord>,
    /// What could not be removed, each with the reason.
    pub left_behind: Vec<String>,
    /// Whether the user stopped it.
    pub interrupted: bool,
}

/// Why a run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The run's folder cannot be written.
    #[error("cannot write {}: {source}; free space or name another folder with --out", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Evidence of a test cannot be written.
    #[error("{0}; free space or name another folder with --out")]
    Evidence(String),
}

/// Writes `run.json`: complete or not at all.
pub fn write_run(folder: &RunFolder, run: &Run) -> Result<(), RunError> {
    let path = folder.run_json();
    let name = Path::new(path.file_name().unwrap_or_default());
    let written = serde_json::to_string_pretty(run)
        .map_err(io::Error::from)
        .and_then(|text| writing::replace(folder.path(), name, (text + "\n").as_bytes()));
    written.map_err(|source| RunError::Write { path, source })
}

/// What a run needs beside the description that it leaves.
#[derive(Debug)]
pub struct Job<'a> {
    /// The deployment under test.
    pub deployment: &'a Arc<Deployment>,
    /// Where its evidence goes.
    pub recorder: &'a Arc<Recorder>,
    /// Where its records go.
    pub folder: &'a RunFolder,
    /// The tests.
    pub tests: &'a [&'static ConformanceTest],
    /// How it goes.
    pub settings: Settings,
    /// Tells it to stop.
    pub stopping: Stopping,
}

/// Runs the tests, records them in the folder, and removes what they created.
///
/// `run.json` is written at the start and, with the time of its end, at the end.
pub async fn run(job: Job<'_>, mut run: Run, observer: &mut dyn Observer) -> Result<Outcome, RunError> {
    let Job { deployment, recorder, folder, tests, settings, stopping } = job;
    write_run(folder, &run)?;
    let mut results = Results::open(folder)?;
    let (send, mut news) = mpsc::unbounded_channel();
    let schedule = Schedule {
        deployment: deployment.clone(),
        recorder: recorder.clone(),
        concurrency: settings.concurrency,
        timeout: settings.timeout,
        stopping: stopping.clone(),
    };
    let tests = tests.to_vec();
    let scheduling = tokio::spawn(async move { schedule.run(&tests, send).await });
    let mut outcome = Outcome { records: Vec::new(), left_behind: Vec::new(), interrupted: false };
    while let Some(news) = news.recv().await {
        match news {
            News::Started(test) => observer.started(test),
            News::Finished(record) => {
                // No further test starts then; those under way go on to their clean-up.
                if recorder.broken().is_none()
                    && let Err(error) = results.write(&record)
                {
                    recorder.breaks(&folder.results(), &error);
                }
                observer.finished(&record);
                outcome.left_behind.extend(record.left_behind.iter().map(|left| format!("{}: {left}", record.id)));
                outcome.records.push(*record);
            }
        }
    }
    // The schedule sends its last news before it ends; a panic in it would be a defect that the records show.
    let _ = scheduling.await;
    for unshared in deployment.end_shared() {
        outcome.left_behind.extend(unshared.cx.undo().undo(&unshared.cx, unshared.abrupt).await.left);
    }
    outcome.interrupted = *stopping.borrow();
    run.finished = Some(Utc::now());
    if let Some(reason) = recorder.broken() {
        return Err(RunError::Evidence(reason.to_owned()));
    }
    write_run(folder, &run)?;
    Ok(outcome)
}

/// `results.jsonl`, written a line at a time.
struct Results(File);

impl Results {
    fn open(folder: &RunFolder) -> Result<Self, RunError> {
        let path = folder.results();
        let file = writing::append(folder.path(), Path::new(path.file_name().unwrap_or_default()));
        file.map(Self).map_err(|source| RunError::Write { path, source })
    }

    fn write(&mut self, record: &TestRecord) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }
}
