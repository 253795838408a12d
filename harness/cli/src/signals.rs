//! Ctrl-C, a request to end and a terminal that is gone, for every command.
//!
//! They are handled on a thread of their own with a runtime of its own: however busy the command is, it ends when it
//! should. A command ends at once unless it says, for as long as it keeps a [`Stopping`], how it ends in order: the first
//! signal tells it to stop, and the second, or the time being up, ends the process with a word of what is left.

use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError, mpsc};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::exit::Code;
use crate::output::say;

/// How long a command that was told to stop may go on with cleaning up.
pub const CLEANUP: Duration = Duration::from_secs(30);
/// How long it may then take to notice.
const NOTICE: Duration = Duration::from_secs(5);
/// How often it is said that it still cleans up.
const STILL: Duration = Duration::from_secs(10);
/// How long the last word may take: whoever reads it may be gone, or slow.
const LAST_WORD: Duration = Duration::from_millis(700);

/// How a command ends in order.
pub struct Order {
    /// What is said at the first signal.
    pub stopping: String,
    /// What is done at the first signal, beside telling the command.
    pub stop: Box<dyn Fn() + Send>,
    /// How long it may take from then on; none at all where nothing is in hand.
    pub within: Duration,
    /// What is said when it ends without order: what is left, as far as it is known.
    pub left: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Order {
    /// One that only has this to say, at the first signal and at the second.
    pub fn plain(stopping: &str, left: &str) -> Self {
        let left = left.to_owned();
        Self {
            stopping: stopping.to_owned(),
            stop: Box::new(|| {}),
            within: CLEANUP,
            left: Arc::new(move || left.clone()),
        }
    }
}

/// A command that ends in order as long as it keeps this.
#[derive(Debug)]
pub struct Stopping(watch::Receiver<bool>);

impl Stopping {
    /// Ends in this order from now on.
    pub fn orderly(order: Order) -> Self {
        start();
        let (tell, told) = watch::channel(false);
        *current() = Some(Current { order, tell, end: None });
        Self(told)
    }

    /// Ends at once, with this as the last word: nothing is in hand.
    pub fn at_once(left: &str) -> Self {
        Self::orderly(Order { within: Duration::ZERO, ..Order::plain("", left) })
    }

    /// Whether the command was told to stop.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the command is told to stop.
    pub async fn stopped(&self) {
        let mut told = self.0.clone();
        if told.wait_for(|told| *told).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// What tells others.
    pub fn receiver(&self) -> watch::Receiver<bool> {
        self.0.clone()
    }
}

impl Drop for Stopping {
    fn drop(&mut self) {
        *current() = None;
    }
}

struct Current {
    order: Order,
    tell: watch::Sender<bool>,
    /// When it must have ended, once it was told to stop.
    end: Option<Instant>,
}

static CURRENT: Mutex<Option<Current>> = Mutex::new(None);

fn current() -> MutexGuard<'static, Option<Current>> {
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Handles signals from now on.
pub fn start() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let (ready, wait) = mpsc::channel();
        let thread = std::thread::Builder::new().name("signals".into()).spawn(move || handle(&ready));
        // A signal that comes before would end the process, as it always does.
        if thread.is_ok() {
            let _ = wait.recv_timeout(LAST_WORD);
        }
    });
}

fn handle(ready: &mpsc::Sender<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return };
    runtime.block_on(async {
        let Ok(mut signals) = Signals::new() else { return };
        let _ = ready.send(());
        let mut still = None;
        loop {
            let end = current().as_ref().and_then(|current| current.end);
            let next = end.map(|end| still.map_or(end, |still: Instant| still.min(end)));
            tokio::select! {
                biased;
                () = signals.next() => {
                    first_or_last();
                    still = Some(Instant::now() + STILL);
                }
                () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                    let now = Instant::now();
                    match end.map(|end| end.saturating_duration_since(now)) {
                        // Unless it has ended meanwhile.
                        Some(left) if left.is_zero() && current().as_ref().is_some_and(|current| current.end.is_some()) => {
                            last_word(current().as_ref().map(|current| current.order.left.clone()));
                        }
                        Some(left) => {
                            let seconds = left.saturating_sub(NOTICE).as_secs();
                            aside(format!("still cleaning up; ends within {seconds} s"));
                            still = Some(now + STILL);
                        }
                        None => {}
                    }
                }
            }
        }
    });
}

fn first_or_last() {
    let mut now = current();
    match now.as_mut() {
        Some(current) if current.end.is_none() && !current.order.within.is_zero() => {
            current.end = Some(Instant::now() + current.order.within + NOTICE);
            (current.order.stop)();
            let (said, tell) = (current.order.stopping.clone(), current.tell.clone());
            drop(now);
            // The command may end as soon as it is told.
            let _ = aside(said).recv_timeout(LAST_WORD / 2);
            let _ = tell.send(true);
        }
        Some(current) => {
            let left = current.order.left.clone();
            drop(now);
            last_word(Some(left));
        }
        None => {
            drop(now);
            last_word(None);
        }
    }
}

/// Says something, without waiting for whoever holds standard error.
fn aside(text: String) -> mpsc::Receiver<()> {
    let (done, wait) = mpsc::channel();
    let _ = std::thread::Builder::new().spawn(move || {
        say(&text);
        let _ = done.send(());
    });
    wait
}

/// Says what is left and ends the process.
fn last_word(left: Option<Arc<dyn Fn() -> String + Send + Sync>>) {
    let (done, wait) = mpsc::channel();
    let thread = std::thread::Builder::new().spawn(move || {
        say(&left.map_or_else(|| "interrupted".to_owned(), |left| left()));
        let _ = done.send(());
    });
    if thread.is_ok() {
        let _ = wait.recv_timeout(LAST_WORD);
    }
    #[expect(clippy::exit, reason = "the user does not want to wait for anything any more")]
    std::process::exit(Code::Interrupted as i32);
}

/// The signals that end a command.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// None where it was ignored when the process began, as `nohup` has it: it stays ignored.
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let hang_up = if ignores_hang_up() { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())?, hang_up })
    }

    async fn next(&mut self) {
        let Self { interrupt, terminate, hang_up } = self;
        let hang_up = async {
            match hang_up {
                Some(hang_up) => hang_up.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up => {}
        }
    }
}

/// Whether SIGHUP is ignored, as far as the system tells.
#[cfg(unix)]
fn ignores_hang_up() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores(&status, 1))
}

/// Whether the state of a process (`/proc/PID/status`) says that it ignores a signal.
#[cfg(unix)]
fn ignores(status: &str, signal: u32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u128::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::ignores;

    #[test]
    fn what_is_ignored_is_read_from_the_mask() {
        let status = |mask: &str| format!("Name:\tassay\nSigBlk:\t0000000000000001\nSigIgn:\t{mask}\nSigCgt:\t01\n");
        assert!(ignores(&status("0000000000000001"), 1) && ignores(&status("0000000000001001"), 13));
        assert!(!ignores(&status("0000000000001000"), 1) && !ignores(&status("none"), 1) && !ignores("", 1));
    }
}
