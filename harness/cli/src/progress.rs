//! What a person sees while a run goes on: on stderr, a bar on a terminal and plain lines elsewhere.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use assay_kit::ConformanceTest;
use assay_reports::record::{TestRecord, Verdict};
use assay_runner::Observer;
use assay_text::paint::paint;
use assay_text::visible_line;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::{is_watched, say};

/// How often a run that is watched by no terminal says how far it is.
const INTERVAL: Duration = Duration::from_secs(10);

/// Shows a run's progress, and a line for each test that is not a pass.
pub struct Progress {
    bar: Option<ProgressBar>,
    total: usize,
    done: usize,
    running: BTreeSet<&'static str>,
    said: Instant,
}

impl Progress {
    /// For a run of so many tests.
    pub fn new(total: usize) -> Self {
        let bar = is_watched().then(|| {
            let bar = ProgressBar::new(total as u64);
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {elapsed}  {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        let (running, said) = (BTreeSet::new(), Instant::now());
        Self { bar, total, done: 0, running, said }
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
            let reason = visible_line(record.reason.as_deref().unwrap_or_default());
            self.line(&format!("{} {}: {reason}", verdict(record.verdict), record.id));
        }
        for left in &record.left_behind {
            self.line(&format!("left behind {}: {}", record.id, visible_line(left)));
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

/// A verdict as people read it, in its colour and as wide as the widest.
fn verdict(verdict: Verdict) -> String {
    let colour = match verdict {
        Verdict::Pass => "32",
        Verdict::Fail => "31",
        Verdict::Skip => "33",
        Verdict::Error | Verdict::Timeout | Verdict::Interrupted => "35",
    };
    let name = name(verdict);
    format!("{}{}", paint(colour, name), " ".repeat(11_usize.saturating_sub(name.len())))
}

/// The name of a verdict.
pub fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Error => "error",
        Verdict::Skip => "skip",
        Verdict::Timeout => "timeout",
        Verdict::Interrupted => "interrupted",
    }
}
