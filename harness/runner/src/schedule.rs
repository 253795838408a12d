//! Who runs when: the longest first, as many at a time as allowed, none that holds a limit another one has.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use assay_kit::elsewhere::{LOOK, PATIENCE, taken};
use assay_kit::{Busy, Caught, ConformanceTest, Cx, Deployment, Limit, Recorder, Stop, Undone};
use assay_record::TestRecord;
use chrono::Utc;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::record::{End, record};

/// Tells a run to stop: tests under way are broken off and cleaned up, others do not start.
pub type Stopping = watch::Receiver<bool>;

/// What a schedule goes by.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub deployment: Arc<Deployment>,
    pub recorder: Arc<Recorder>,
    pub concurrency: usize,
    pub timeout: Duration,
    pub stopping: Stopping,
}

/// What a schedule tells while it goes on.
#[derive(Debug)]
pub(crate) enum News {
    Started(&'static ConformanceTest),
    Finished(Box<TestRecord>),
}

impl Schedule {
    /// Runs the tests; each start and each record is sent as it happens.
    pub(crate) async fn run(self, tests: &[&'static ConformanceTest], news: mpsc::UnboundedSender<News>) {
        let mut waiting: Vec<_> = tests.to_vec();
        waiting.sort_by_key(|test| (std::cmp::Reverse(test.seconds), test.id));
        let mut waiting = VecDeque::from(waiting);
        let mut running = JoinSet::new();
        self.deployment.expect_sharing(tests);
        // What no quota has room for would wait for ever.
        for test in tests {
            if let Some(reason) = self.deployment.never(test) {
                waiting.retain(|other| other.id != test.id);
                self.cannot(test, reason, &news).await;
            }
        }
        // Since when a test waits for another run, and for what of it.
        let mut elsewhere: HashMap<&str, (Instant, Limit)> = HashMap::new();
        loop {
            while running.len() < self.concurrency.max(1) && !self.stops() {
                // The first that can start: one whose limits are taken must not hold up the others.
                let free = waiting.iter().enumerate().find_map(|(at, test)| match self.deployment.claim(test) {
                    Ok(claim) => Some((at, claim)),
                    Err(Busy::Here) => {
                        elsewhere.remove(test.id);
                        None
                    }
                    Err(Busy::Elsewhere(limit)) => {
                        elsewhere.entry(test.id).or_insert((Instant::now(), limit));
                        None
                    }
                });
                let Some((at, claim)) = free else { break };
                let Some(test) = waiting.remove(at) else { break };
                let (schedule, news) = (self.clone(), news.clone());
                running.spawn(async move {
                    // The receiver is gone only when the run itself is.
                    let _ = news.send(News::Started(test));
                    let record = schedule.one(test).await;
                    drop(claim);
                    let _ = news.send(News::Finished(Box::new(record)));
                });
            }
            elsewhere.retain(|id, _| waiting.iter().any(|test| test.id == *id));
            for (id, (since, limit)) in elsewhere.clone() {
                if since.elapsed() >= PATIENCE
                    && let Some(at) = waiting.iter().position(|test| test.id == id)
                    && let Some(test) = waiting.remove(at)
                {
                    self.cannot(test, taken(limit), &news).await;
                }
            }
            let awaits = elsewhere.keys().any(|id| waiting.iter().any(|test| test.id == *id)) && !self.stops();
            if running.is_empty() && !awaits {
                // What is used up may be another run's, which gives it back.
                if waiting.is_empty() || self.stops() || !self.finds_room().await {
                    break;
                }
                continue;
            }
            tokio::select! {
                _ = running.join_next(), if !running.is_empty() => {}
                () = self.deployment.shared_news() => {}
                // Other runs do not tell when they are done.
                () = tokio::time::sleep(LOOK), if awaits => {}
            }
        }
        if !self.stops() {
            for test in waiting {
                self.cannot(test, self.deployment.no_room(test), &news).await;
            }
        }
    }

    /// Looks for room in the project's quotas for a while, when nothing else is left to do.
    async fn finds_room(&self) -> bool {
        const WITHIN: Duration = Duration::from_secs(20);
        let (log, begun) = (self.recorder.log("start"), Instant::now());
        loop {
            if self.deployment.look_for_room(&log).await {
                return true;
            }
            if self.stops() || begun.elapsed() >= WITHIN {
                return false;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Records that a test cannot run within the project's quotas.
    async fn cannot(&self, test: &'static ConformanceTest, reason: String, news: &mpsc::UnboundedSender<News>) {
        let left = self.release(test).await;
        let end = End::Outcome(Err(Stop::Error(reason)));
        let record = record(test, &self.recorder.log(test.id), Utc::now(), end, left);
        let _ = news.send(News::Finished(Box::new(record)));
    }

    /// Whether no further test may start: the user said so, or evidence can no longer be written.
    fn stops(&self) -> bool {
        *self.stopping.borrow() || self.recorder.broken().is_some()
    }

    async fn one(&self, test: &'static ConformanceTest) -> TestRecord {
        let started = Utc::now();
        let log = self.recorder.log(test.id);
        if let Some(stop) = test.needs.iter().find_map(|need| self.deployment.prevents(*need)) {
            let left = self.release(test).await;
            return record(test, &log, started, End::Outcome(Err(stop)), left);
        }
        let cx = Cx::new(self.deployment.clone(), log.clone());
        let had = |cx: &Cx| cx.untried_machines().len();
        let (end, mut left) = loop {
            let untried = had(&cx);
            let end = self.attempt(test, cx.clone()).await;
            let Undone { left, lasts } = cx.undo().undo(&cx, end.abrupt()).await;
            // A deletion that is accepted and not made is seen by the clean-up first, and counts as if the test had waited for it.
            let end = match (end, lasts) {
                (End::Outcome(Ok(())), Some(stop)) => End::Outcome(Err(stop)),
                (end, _) => end,
            };
            let skipped = matches!(end, End::Outcome(Err(Stop::Skip(_))));
            // What one machine lacks says nothing of the others.
            let another = had(&cx) < untried && had(&cx) > 0;
            if !(skipped && another && left.is_empty()) || self.stops() {
                break (end, left);
            }
        };
        left.extend(self.release(test).await);
        record(test, &log, started, end, left)
    }

    /// Removes what the test shared with others and nobody shares any more; gives what could not be removed.
    async fn release(&self, test: &ConformanceTest) -> Vec<String> {
        let mut left = Vec::new();
        for unshared in self.deployment.release_shared(test) {
            left.extend(unshared.cx.undo().undo(&unshared.cx, unshared.abrupt).await.left);
        }
        left
    }

    async fn attempt(&self, test: &'static ConformanceTest, cx: Cx) -> End {
        let timeout = test.timeout.map_or(self.timeout, |own| self.timeout.max(Duration::from_secs(own.into())));
        let mut stopping = self.stopping.clone();
        // A task of its own: a panic stays in it, and it can be broken off at any point.
        let caught = Caught::default();
        let mut task = tokio::spawn(caught.watch((test.run)(cx)));
        let end = tokio::select! {
            outcome = &mut task => return finished(outcome, &caught),
            () = tokio::time::sleep(timeout) => End::Timeout(timeout.as_secs()),
            () = stopped(&mut stopping) => End::Interrupted,
        };
        task.abort();
        match task.await {
            // It ended in the same moment: what happened counts.
            Ok(outcome) => End::Outcome(outcome),
            Err(error) if error.is_panic() => End::Panic(caught.message()),
            Err(_) => end,
        }
    }
}

fn finished(outcome: Result<assay_kit::Outcome, tokio::task::JoinError>, caught: &Caught) -> End {
    match outcome {
        Ok(outcome) => End::Outcome(outcome),
        Err(error) if error.is_panic() => End::Panic(caught.message()),
        Err(_) => End::Interrupted,
    }
}

/// Waits until the run is told to stop; for ever, when nobody is left to tell.
async fn stopped(stopping: &mut Stopping) {
    if stopping.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests;
