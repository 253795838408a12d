//! What a person sees while a run goes on: on stderr, a bar on a terminal and plain lines elsewhere.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use assay_kit::ConformanceTest;
use assay_reports::record::{TestRecord, Verdict};
use assay_runner::Observer;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::{colour, say};

/// How often a run that is watched by no terminal says how far it is.
const INTERVAL: Duration = Duration::from_secs(10);

/// Shows a run's progress, and a line for each test that is not a pass.
pub struct Progress {
    bar: Option<ProgressBar>,
    total: usize,
    done: usize,
    running: BTreeSet<&'static str>,
    said: Instant,
    colour: bool,
}

impl Progress {
    /// For a run of so many tests.
    pub fn new(total: usize) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(total as u64);
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {elapsed}  {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        let (running, said) = (BTreeSet::new(), Instant::now());
        Self { bar, total, done: 0, running, said, colour: colour(&io::stderr()) }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(line)),
            None => say(line),
        }
    }
}

impl Observer for Progress {
    fn started(&mut self, test: &'static ConformanceTest) {
        self.running.insert(test.id);
        if let Some(bar) = &self.bar {
            bar.set_message(self.running.iter().copied().collect::<Vec<_>>().join(" "));
        }
    }

    fn finished(&mut self, record: &TestRecord) {
        self.done += 1;
        self.running.retain(|id| *id != record.id);
        if record.verdict != Verdict::Pass {
            let reason = record.reason.as_deref().unwrap_or_default();
            self.line(&format!("{:11} {}: {reason}", verdict(record.verdict, self.colour), record.id));
        }
        for left in &record.left_behind {
            self.line(&format!("left behind {}: {left}", record.id));
        }
        match &self.bar {
            Some(bar) => bar.set_position(self.done as u64),
            None if self.said.elapsed() >= INTERVAL => {
                self.said = Instant::now();
                say(&format!("{} of {} tests done", self.done, self.total));
            }
            None => {}
        }
    }
}

/// A verdict as people read it.
pub fn verdict(verdict: Verdict, colour: bool) -> String {
    let (name, code) = match verdict {
        Verdict::Pass => ("pass", 32),
        Verdict::Fail => ("fail", 31),
        Verdict::Error => ("error", 35),
        Verdict::Skip => ("skip", 33),
        Verdict::Timeout => ("timeout", 35),
        Verdict::Interrupted => ("interrupted", 35),
    };
    if colour { format!("\u{1b}[{code}m{name}\u{1b}[0m") } else { name.to_owned() }
}
