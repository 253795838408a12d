//! What several tests only read, made once for all of them.

use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;
use tokio::task::AbortHandle;

use crate::context::Cx;
use crate::outcome::{Outcome, Stop};
use crate::panics::Caught;

type Made = Result<Arc<dyn Any + Send + Sync>, Stop>;

/// The shared things of a run, and what has to be undone at its end.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    things: Mutex<HashMap<&'static str, Arc<OnceCell<Made>>>>,
    makers: Mutex<Vec<Maker>>,
    users: Mutex<HashMap<&'static str, usize>>,
}

/// Who makes a shared thing, or has made it.
#[derive(Debug)]
struct Maker {
    key: &'static str,
    cx: Cx,
    task: AbortHandle,
}

impl Maker {
    /// Makes nothing any more; gives the context to be undone, and whether the making was broken off.
    fn end(self) -> (Cx, bool) {
        let abrupt = !self.task.is_finished();
        self.task.abort();
        (self.cx, abrupt)
    }
}

impl Shared {
    /// The thing of that key; made, by the first that asks, under a log of its own.
    pub(crate) async fn get<T, F, M>(&self, cx: &Cx, key: &'static str, make: M) -> Outcome<Arc<T>>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Outcome<T>> + Send + 'static,
        M: FnOnce(Cx) -> F + Send + 'static,
    {
        let cell = self.things.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone();
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
        let thing = outcome.as_ref().map_err(|stop| match stop {
            Stop::Error(reason) => Stop::Error(format!("what this test shares with others: {reason}")),
            other => other.clone(),
        })?;
        let thing = thing.clone().downcast::<T>();
        thing.map_err(|_| Stop::Error(format!("shared `{key}` is asked for as two different types")))
    }

    /// Notes which tests will share what.
    pub(crate) fn expect(&self, keys: impl Iterator<Item = &'static str>) {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        keys.for_each(|key| *users.entry(key).or_default() += 1);
    }

    /// Notes that a test which shared these has ended; gives the makers of what nobody shares any more.
    pub(crate) fn release(&self, keys: &[&'static str]) -> Vec<(Cx, bool)> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        let mut makers = self.makers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut done = Vec::new();
        for key in keys {
            let Some(left) = users.get_mut(key) else { continue };
            *left = left.saturating_sub(1);
            if *left == 0 {
                done.extend(makers.extract_if(.., |maker| maker.key == *key).map(Maker::end));
            }
        }
        done
    }

    /// Makes nothing any more; gives the makers of what is still to be undone, the latest first.
    pub(crate) fn end(&self) -> Vec<(Cx, bool)> {
        let makers = std::mem::take(&mut *self.makers.lock().unwrap_or_else(PoisonError::into_inner));
        makers.into_iter().rev().map(Maker::end).collect()
    }
}
