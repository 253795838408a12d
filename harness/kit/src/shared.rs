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
}

/// Who makes a shared thing, or has made it.
#[derive(Debug)]
struct Maker {
    cx: Cx,
    task: AbortHandle,
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
                let maker = Maker { cx, task: task.abort_handle() };
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

    /// Makes nothing any more; gives those whose creations are to be undone, and whether they were broken off.
    pub(crate) fn end(&self) -> Vec<(Cx, bool)> {
        let makers = std::mem::take(&mut *self.makers.lock().unwrap_or_else(PoisonError::into_inner));
        let ended = makers.into_iter().map(|Maker { cx, task }| {
            let abrupt = !task.is_finished();
            task.abort();
            (cx, abrupt)
        });
        ended.collect()
    }
}
