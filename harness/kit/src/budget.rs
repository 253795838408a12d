//! Time that is shared: what is undone, removed or waited for together has one budget, so that no part of it goes on
//! without end.
//!
//! ```text
//! let budget = Budget::new(Duration::from_secs(300));
//! match budget.run(resource.remove(&client)).await {
//!     Ok(removed) => …,
//!     Err(exhausted) => left.push(format!("{resource}: {exhausted}")),
//! }
//! ```

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// How much of the time of one piece of work is free, for each of them.
pub const GRACE: Duration = Duration::from_secs(30);
/// What a piece of work still gets once the budget is used up: one attempt, not a wait.
pub const LEAST: Duration = Duration::from_secs(3);
/// How much all pieces of work get of that, together.
pub const OVERTIME: Duration = Duration::from_secs(60);

tokio::task_local! {
    /// Work within a budget is in a hurry.
    static HURRIED: ();
}

/// Whether this is work within a budget, which should not wait for long.
#[must_use]
pub fn hurried() -> bool {
    HURRIED.try_with(|()| ()).is_ok()
}

/// A piece of work was not done within the time that was left for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Exhausted {
    /// The budget is used up.
    #[error("not done within {} s, all that was left of the {} s for clean-up (--cleanup-timeout)", given.as_secs(), total.as_secs())]
    Time {
        /// How long it went on.
        given: Duration,
        /// How much there was for all of it.
        total: Duration,
    },
    /// The user wants it to stop.
    #[error("broken off: the user stopped it")]
    Stopped,
}

/// What is left of a budget.
#[derive(Debug)]
struct Left {
    time: Duration,
    /// What is given where no time is left.
    over: Duration,
}

/// Time that pieces of work share. Copies share the same time.
#[derive(Debug, Clone)]
pub struct Budget {
    total: Duration,
    grace: Duration,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    left: Mutex<Left>,
    /// When all of it ends, whatever is left: told to work that is under way.
    end: watch::Sender<Option<Instant>>,
}

impl Budget {
    /// So much for all pieces of work together; a short one, up to [`GRACE`], takes nothing of it.
    #[must_use]
    pub fn new(total: Duration) -> Self {
        Self::with_grace(total, GRACE)
    }

    /// The same with another grace; none at all makes `total` the bound of the whole.
    #[must_use]
    pub fn with_grace(total: Duration, grace: Duration) -> Self {
        let (end, _) = watch::channel(None);
        let left = Mutex::new(Left { time: total, over: OVERTIME });
        Self { total, grace, shared: Arc::new(Shared { left, end }) }
    }

    fn left(&self) -> MutexGuard<'_, Left> {
        self.shared.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much is left for what goes beyond the grace.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.left().time
    }

    /// Takes time that a piece of work had as its grace and wasted: it failed.
    pub fn charge(&self, time: Duration) {
        let mut left = self.left();
        left.time = left.time.saturating_sub(time.min(self.grace));
    }

    /// Ends all work after this time, what is under way and what is to come. An end that was set before and comes sooner
    /// stays.
    pub fn end_within(&self, time: Duration) {
        let end = Instant::now() + time;
        self.shared.end.send_modify(|old| *old = Some(old.map_or(end, |old| old.min(end))));
    }

    /// Does a piece of work within the time that is left: the grace, then what is left of the budget, then nothing.
    ///
    /// # Errors
    ///
    /// The time was up before the work was done; the work is dropped.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, Exhausted> {
        let begun = Instant::now();
        let mut end = self.shared.end.subscribe();
        let work = HURRIED.scope((), work);
        tokio::pin!(work);
        let (mut due, mut beyond) = (begun + self.first(), false);
        let done = loop {
            let last = *end.borrow_and_update();
            let (until, stopped) = match last {
                Some(last) if last < due => (last, true),
                _ => (due, false),
            };
            tokio::select! {
                biased;
                done = &mut work => break Ok(done),
                () = tokio::time::sleep_until(until) => {
                    if stopped {
                        break Err(Exhausted::Stopped);
                    }
                    // Time is taken in slices, so that work side by side cannot spend the same second twice.
                    match self.slice() {
                        Some(slice) => (due, beyond) = (due + slice, true),
                        None => break Err(Exhausted::Time { given: begun.elapsed(), total: self.total }),
                    }
                }
                // The sender lives as long as this budget.
                _ = end.changed() => {}
            }
        };
        if beyond {
            // What was not used of the last slice.
            self.left().time += due.saturating_duration_since(Instant::now());
        }
        done
    }

    /// What a piece of work has in any case.
    fn first(&self) -> Duration {
        let mut left = self.left();
        if !left.time.is_zero() {
            return self.grace;
        }
        let least = LEAST.min(left.over);
        left.over -= least;
        least
    }

    fn slice(&self) -> Option<Duration> {
        const SLICE: Duration = Duration::from_secs(1);
        let mut left = self.left();
        let slice = SLICE.min(left.time);
        left.time -= slice;
        (!slice.is_zero()).then_some(slice)
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    const TOTAL: Duration = Duration::from_secs(300);

    fn paused() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
    }

    #[test]
    fn what_is_short_takes_nothing_of_it() {
        paused().block_on(async {
            let budget = Budget::new(TOTAL);
            for _ in 0..100 {
                budget.run(tokio::time::sleep(GRACE / 2)).await.unwrap();
            }
            assert_eq!(budget.remaining(), TOTAL);
        });
    }

    #[test]
    fn what_is_long_takes_what_goes_beyond_its_grace() {
        paused().block_on(async {
            let budget = Budget::new(TOTAL);
            budget.run(tokio::time::sleep(GRACE + Duration::from_millis(2500))).await.unwrap();
            let taken = TOTAL.saturating_sub(budget.remaining());
            assert!((2490..2520).contains(&taken.as_millis()), "{taken:?}");
        });
    }

    #[test]
    fn what_never_ends_ends_and_leaves_little_to_the_next() {
        paused().block_on(async {
            let (budget, begun) = (Budget::new(TOTAL), Instant::now());
            for at in 0..1000 {
                let Err(Exhausted::Time { given, .. }) = budget.run(pending::<()>()).await else { panic!("{at}") };
                assert!(
                    given <= if at == 0 { GRACE + TOTAL } else { LEAST } + Duration::from_secs(1),
                    "{at}: {given:?}"
                );
            }
            assert!(begun.elapsed() < TOTAL + GRACE + OVERTIME + Duration::from_secs(5), "{:?}", begun.elapsed());
            // What is done at once is done all the same.
            assert_eq!(budget.run(async { 1 }).await, Ok(1));
            assert!(budget.remaining().is_zero());
        });
    }

    #[test]
    fn what_fails_is_taken_off() {
        let budget = Budget::new(TOTAL);
        budget.charge(GRACE / 2);
        assert_eq!(budget.remaining(), TOTAL.saturating_sub(GRACE / 2));
        budget.charge(10 * GRACE);
        assert_eq!(budget.remaining(), TOTAL.saturating_sub(GRACE * 3 / 2));
    }

    #[test]
    fn side_by_side_they_share_it() {
        paused().block_on(async {
            let (budget, begun) = (Budget::new(TOTAL), Instant::now());
            let all = futures::future::join_all((0..4).map(|_| budget.run(pending::<()>()))).await;
            assert!(all.iter().all(Result::is_err));
            let took = begun.elapsed();
            assert!(took <= GRACE + TOTAL / 4 + Duration::from_secs(2), "{took:?}");
        });
    }

    #[test]
    fn an_end_that_is_set_ends_what_is_under_way_and_what_comes() {
        paused().block_on(async {
            let (budget, begun) = (Budget::new(TOTAL), Instant::now());
            let other = budget.clone();
            let set = async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                other.end_within(Duration::from_secs(5));
                other.end_within(Duration::from_secs(50));
            };
            let (ended, ()) = tokio::join!(budget.run(pending::<()>()), set);
            assert_eq!((ended, begun.elapsed().as_secs()), (Err(Exhausted::Stopped), 6));
            assert_eq!(budget.run(pending::<()>()).await, Err(Exhausted::Stopped));
            // What is done at once is done.
            assert_eq!(budget.run(async { 1 }).await, Ok(1));
        });
    }
}
