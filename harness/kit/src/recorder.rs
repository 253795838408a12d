//! What a run and each of its tests have seen so far.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use std::time::Duration;

use assay_record::folder::{TRANSCRIPTS, transcript_name};
use assay_record::state::RunState;
use assay_record::{Exchange, Finding};

use tokio::sync::watch;

use crate::http::redact::Redactor;
use crate::journal::Journal;

/// How much of a text a finding keeps, in bytes.
const KEPT: usize = 16 * 1024;

/// Where a run writes, and what must not be written.
#[derive(Debug)]
pub struct Recorder {
    folder: Option<PathBuf>,
    redactor: Redactor,
    journal: Journal,
    broken: OnceLock<String>,
}

impl Recorder {
    /// One that writes transcripts and the journal of created resources into this folder, or nowhere.
    ///
    /// # Errors
    ///
    /// The folder cannot be written.
    pub fn new(folder: Option<&Path>, redactor: Redactor) -> io::Result<Arc<Self>> {
        Self::of_run(folder, redactor, None)
    }

    /// The same, whose journal is authenticated with the key of this run.
    ///
    /// # Errors
    ///
    /// The folder cannot be written.
    pub fn of_run(folder: Option<&Path>, redactor: Redactor, run: Option<&RunState>) -> io::Result<Arc<Self>> {
        if let Some(folder) = folder {
            assay_record::state::private_folder(&folder.join(TRANSCRIPTS))?;
        }
        let journal = Journal::open(folder, run).map_err(io::Error::other)?;
        Ok(Arc::new(Self { folder: folder.map(Path::to_owned), redactor, journal, broken: OnceLock::new() }))
    }

    /// The log of a test, or of another part of the run that talks to the deployment.
    #[must_use]
    pub fn log(self: &Arc<Self>, id: &str) -> Arc<TestLog> {
        Arc::new(TestLog {
            flights: Arc::new(watch::Sender::new(0)),
            id: id.to_owned(),
            recorder: self.clone(),
            seen: Mutex::default(),
        })
    }

    /// What must not be written.
    #[must_use]
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// What was created and is to be removed.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Why evidence could not be written, when some could not: the run must not go on as if it had any.
    #[must_use]
    pub fn broken(&self) -> Option<&str> {
        self.broken.get().map(String::as_str)
    }

    /// Notes that a file of evidence could not be written.
    pub fn breaks(&self, path: &Path, error: &io::Error) {
        // The first reason is the one that matters.
        let _ = self.broken.set(format!("cannot write {}: {error}", path.display()));
    }
}

/// What one test has seen so far.
#[derive(Debug)]
pub struct TestLog {
    /// How many requests are on their way.
    flights: Arc<watch::Sender<usize>>,
    id: String,
    recorder: Arc<Recorder>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    file: Option<File>,
    exchanges: Vec<Brief>,
    deviations: Vec<Finding>,
}

/// A request that is on its way.
#[derive(Debug)]
pub(crate) struct Flight(Arc<watch::Sender<usize>>);

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.send_modify(|flights| *flights -= 1);
    }
}

/// What a finding says of an exchange.
#[derive(Debug)]
struct Brief {
    curl: String,
    request_id: Option<String>,
}

impl TestLog {
    /// The test's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The recorder of the run.
    #[must_use]
    pub fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// What must not be written.
    #[must_use]
    pub fn redactor(&self) -> &Redactor {
        self.recorder.redactor()
    }

    /// How many requests were made, retries included.
    #[must_use]
    pub fn requests(&self) -> u32 {
        u32::try_from(self.seen().exchanges.len()).unwrap_or(u32::MAX)
    }

    /// Notes that a request is on its way, until what this gives is dropped.
    pub(crate) fn takes_off(&self) -> Flight {
        self.flights.send_modify(|flights| *flights += 1);
        Flight(self.flights.clone())
    }

    /// Waits until no request is on its way, or the time is up.
    pub(crate) async fn landed(&self, within: Duration) {
        let mut flights = self.flights.subscribe();
        // When the time is up, what is to be undone is looked for all the same.
        let _ = tokio::time::timeout(within, flights.wait_for(|flights| *flights == 0)).await;
    }

    /// What was promised and did not hold.
    #[must_use]
    pub fn deviations(&self) -> Vec<Finding> {
        self.seen().deviations.clone()
    }

    /// Whether this was promised and did not hold before.
    pub(crate) fn has_deviated(&self, requirement: &str) -> bool {
        self.seen().deviations.iter().any(|finding| finding.requirement == requirement)
    }

    pub(crate) fn deviate(&self, finding: Finding) {
        self.seen().deviations.push(finding);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // A test that panicked must not take its evidence with it.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Numbers an exchange, writes it to the transcript, and gives its number.
    pub(crate) fn exchange(&self, mut exchange: Exchange) -> u32 {
        let mut seen = self.seen();
        exchange.number = u32::try_from(seen.exchanges.len()).unwrap_or(u32::MAX) + 1;
        let request_id = ["x-openstack-request-id", "x-compute-request-id", "x-trans-id"].iter().find_map(|wanted| {
            let found = exchange.response_headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| value.clone())
        });
        seen.exchanges.push(Brief { curl: crate::http::curl(&exchange), request_id });
        if let Some(folder) = &self.recorder.folder {
            let name = Path::new(TRANSCRIPTS).join(transcript_name(&self.id));
            let path = folder.join(&name);
            if let Err(error) = write(&mut seen.file, folder, &name, &exchange) {
                self.recorder.breaks(&path, &error);
            }
        }
        exchange.number
    }

    /// A requirement that did not hold, with the exchange that shows it (the last one, when none is named).
    pub(crate) fn finding(
        &self,
        exchange: Option<u32>,
        requirement: String,
        expected: Option<String>,
        actual: Option<String>,
    ) -> Finding {
        let seen = self.seen();
        let redact = |text: String| match self.redactor().beginning(&text, KEPT) {
            (text, true) => text,
            (text, false) => text + "…",
        };
        let exchange = exchange.or_else(|| u32::try_from(seen.exchanges.len()).ok().filter(|last| *last > 0));
        let brief = exchange.and_then(|number| seen.exchanges.get(number as usize - 1));
        Finding {
            requirement: redact(requirement),
            expected: expected.map(redact),
            actual: actual.map(redact),
            exchange,
            request_id: brief.and_then(|brief| brief.request_id.clone()),
            curl: brief.map(|brief| brief.curl.clone()),
        }
    }
}

fn write(file: &mut Option<File>, folder: &Path, name: &Path, exchange: &Exchange) -> io::Result<()> {
    if file.is_none() {
        *file = Some(assay_record::writing::append(folder, name)?);
    }
    let mut line = serde_json::to_vec(exchange)?;
    line.push(b'\n');
    file.as_mut().map_or(Ok(()), |file| file.write_all(&line))
}
