//! What several tests only read, made once for all of them.
//!
//! What such a thing takes of the project's quotas is declared ([`Share`]) and taken together with what the test that
//! makes it takes: a maker that waited for room would wait for tests that wait for it.

use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OnceCell, OwnedSemaphorePermit};
use tokio::task::AbortHandle;

use crate::context::Cx;
use crate::elsewhere::{Elsewhere, Held};
use crate::limit::{Limit, Limits};
use crate::outcome::{Outcome, Stop};
use crate::panics::Caught;

type Made = Result<Arc<dyn Any + Send + Sync>, Stop>;

/// What something that tests share takes of the project's quotas as long as there is it.
#[derive(Debug)]
pub struct Share {
    /// What tests name in `shares` and [`Cx::shared`].
    pub key: &'static str,
    /// What it takes; a limit of which it takes two is named twice.
    pub holds: &'static [Limit],
}

inventory::collect!(Share);

/// Declares what something that tests share takes of the project's quotas: `share!(KEY, [Servers, Ports])`.
#[macro_export]
macro_rules! share {
    ($key:expr, [$($limit:ident),+ $(,)?]) => {
        $crate::inventory::submit! {
            $crate::Share { key: $key, holds: &[$($crate::Limit::$limit),+] }
        }
    };
}

/// The shared things of a run, and what has to be undone at its end.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    things: Mutex<HashMap<&'static str, Thing>>,
    makers: Mutex<Vec<Maker>>,
    /// Told when something was made.
    news: Notify,
}

/// One of them.
#[derive(Debug, Default)]
struct Thing {
    cell: Arc<OnceCell<Made>>,
    /// The test that was started to make it, until it is made.
    maker: Option<&'static str>,
    /// What it takes of the quotas, from the start of that test until it is undone.
    permits: Permits,
    /// How many tests that share it have not ended.
    users: usize,
}

/// What something takes of the limits, here and of other runs.
#[derive(Debug, Default)]
struct Permits {
    own: Vec<OwnedSemaphorePermit>,
    _held: Held,
}

/// Something that is no longer shared.
#[derive(Debug)]
pub struct Unshared {
    /// The context under which it was made, for its creations to be undone.
    pub cx: Cx,
    /// Whether its making was broken off.
    pub abrupt: bool,
    /// What it takes of the quotas, until this is dropped.
    _permits: Permits,
}

/// What a test takes of the limits while it runs.
#[derive(Debug)]
pub struct Claim {
    _permits: Vec<OwnedSemaphorePermit>,
    _held: Held,
}

/// Why a test cannot start now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// Another test has what it needs, or makes it.
    Here,
    /// Another run has what this limit is about. It is not told when that is over.
    Elsewhere(Limit),
}

/// Who makes a shared thing, or has made it.
#[derive(Debug)]
struct Maker {
    key: &'static str,
    cx: Cx,
    task: AbortHandle,
}

impl Maker {
    /// Makes nothing any more.
    fn end(self, permits: Permits) -> Unshared {
        let abrupt = !self.task.is_finished();
        self.task.abort();
        Unshared { cx: self.cx, abrupt, _permits: permits }
    }
}

/// What a shared thing takes.
fn holds(key: &str) -> &'static [Limit] {
    inventory::iter::<Share>.into_iter().find(|share| share.key == key).map_or(&[], |share| share.holds)
}

/// What a test takes itself and with what it shares.
pub(crate) fn all_holds(own: &[Limit], shares: &[&str]) -> Vec<Limit> {
    own.iter().chain(shares.iter().flat_map(|key| holds(key))).copied().collect()
}

impl Shared {
    /// The thing of that key; made, by the first that asks, under a log of its own.
    pub(crate) async fn get<T, F, M>(&self, cx: &Cx, key: &'static str, make: M) -> Outcome<Arc<T>>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Outcome<T>> + Send + 'static,
        M: FnOnce(Cx) -> F + Send + 'static,
    {
        let cell = {
            let mut things = self.things();
            let thing = things.entry(key).or_default();
            if thing.permits.own.is_empty() && !holds(key).is_empty() {
                return Err(Stop::Error(format!(
                    "a defect of Assay: a test uses `{key}` without naming it in `shares`"
                )));
            }
            thing.cell.clone()
        };
        let outcome = cell
            .get_or_init(|| async {
                let own = cx.apart(&format!("shared.{key}"));
                let cx = own.clone();
                // In a task of its own: the test that asked first may be stopped before it is made.
                let caught = Caught::default();
                let making = async move { Ok(Arc::new(make(own).await?) as Arc<dyn Any + Send + Sync>) };
                let task = tokio::spawn(caught.watch(making));
                let maker = Maker { key, cx, task: task.abort_handle() };
                self.makers.lock().unwrap_or_else(PoisonError::into_inner).push(maker);
                task.await.unwrap_or_else(|error| {
                    Err(Stop::Error(if error.is_panic() {
                        format!("a defect of Assay: making `{key}` panicked: {}", caught.message())
                    } else {
                        format!("the run ended while `{key}` was made")
                    }))
                })
            })
            .await;
        self.news.notify_one();
        let thing = outcome.as_ref().map_err(|stop| match stop {
            Stop::Error(reason) => Stop::Error(format!("what this test shares with others: {reason}")),
            other => other.clone(),
        })?;
        let thing = thing.clone().downcast::<T>();
        thing.map_err(|_| Stop::Error(format!("shared `{key}` is asked for as two different types")))
    }

    fn things(&self) -> MutexGuard<'_, HashMap<&'static str, Thing>> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes which tests will share what.
    pub(crate) fn expect(&self, keys: impl Iterator<Item = &'static str>) {
        let mut things = self.things();
        keys.for_each(|key| things.entry(key).or_default().users += 1);
    }

    /// Takes what a test needs, or nothing when it cannot start now: while a limit is not free, or while another test
    /// makes what it shares. A test that finds it not begun makes it, and takes what it takes.
    pub(crate) fn claim(
        &self,
        limits: &Limits,
        elsewhere: &Elsewhere,
        (test, own, shares): (&'static str, &[Limit], &[&'static str]),
    ) -> Result<Claim, Busy> {
        let mut things = self.things();
        let mut begun = Vec::new();
        for key in shares {
            let thing = things.entry(key).or_default();
            match (thing.maker, thing.cell.initialized()) {
                (_, true) => {}
                (Some(_), false) => return Err(Busy::Here),
                (None, false) => begun.push(*key),
            }
        }
        let taken_itself = limits.try_take(own).ok_or(Busy::Here)?;
        let taken: Option<Vec<_>> = begun.iter().map(|key| limits.try_take(holds(key))).collect();
        let taken = taken.ok_or(Busy::Here)?;
        // Other runs come last: what is taken of them is taken for good.
        let take = |limits: &[Limit]| elsewhere.try_take(limits.iter().copied()).map_err(Busy::Elsewhere);
        let held = take(own)?;
        let others: Vec<_> = begun.iter().map(|key| take(holds(key))).collect::<Result<_, _>>()?;
        for (key, (own, held)) in begun.into_iter().zip(taken.into_iter().zip(others)) {
            let thing = things.entry(key).or_default();
            (thing.maker, thing.permits) = (Some(test), Permits { own, _held: held });
        }
        Ok(Claim { _permits: taken_itself, _held: held })
    }

    /// Waits until something was made since the last time.
    pub(crate) async fn news(&self) {
        self.news.notified().await;
    }

    /// Notes that a test has ended; gives what nobody shares any more.
    pub(crate) fn release(&self, test: &str, shares: &[&'static str]) -> Vec<Unshared> {
        let mut things = self.things();
        let mut makers = self.makers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut done = Vec::new();
        for key in shares {
            let Some(thing) = things.get_mut(key) else { continue };
            thing.users = thing.users.saturating_sub(1);
            let begun = makers.iter().any(|maker| maker.key == *key);
            if thing.maker == Some(test) && !thing.cell.initialized() {
                if begun {
                    // It was broken off in the middle. The others would wait for ever for what nobody makes.
                    let reason = format!("`{key}` was not made within the time of {test}");
                    let _ = thing.cell.set(Err(Stop::Error(reason)));
                } else {
                    // It ended before it came to that: another one will.
                    (thing.maker, thing.permits) = (None, Permits::default());
                }
            }
            if thing.users == 0 {
                let mut permits = std::mem::take(&mut thing.permits);
                done.extend(
                    makers
                        .extract_if(.., |maker| maker.key == *key)
                        .map(|maker| maker.end(std::mem::take(&mut permits))),
                );
            }
        }
        done
    }

    /// Makes nothing any more; gives what is still to be undone, the latest first.
    pub(crate) fn end(&self) -> Vec<Unshared> {
        let makers = std::mem::take(&mut *self.makers.lock().unwrap_or_else(PoisonError::into_inner));
        makers.into_iter().rev().map(|maker| maker.end(Permits::default())).collect()
    }
}
