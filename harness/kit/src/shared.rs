//! What several tests only read, made once for all of them.

use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::context::Cx;
use crate::outcome::{Outcome, Stop};
use crate::panics::Caught;

type Made = Result<Arc<dyn Any + Send + Sync>, Stop>;

/// The shared things of a run, and what has to be undone at its end.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    things: Mutex<HashMap<&'static str, Arc<OnceCell<Made>>>>,
    makers: Mutex<Vec<(&'static str, Cx)>>,
    users: Mutex<HashMap<&'static str, usize>>,
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
                self.makers.lock().unwrap_or_else(PoisonError::into_inner).push((key, own.clone()));
                // In a task of its own: the test that asked first may be stopped before it is made.
                let caught = Caught::default();
                let making = async move { Ok(Arc::new(make(own).await?) as Arc<dyn Any + Send + Sync>) };
                let made = tokio::spawn(caught.watch(making)).await;
                // Nobody stops it: it ended by itself, or it panicked.
                made.unwrap_or_else(|_| {
                    Err(Stop::Error(format!("a defect of Assay: making `{key}` panicked: {}", caught.message())))
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
    pub(crate) fn release(&self, keys: &[&'static str]) -> Vec<Cx> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        let mut makers = self.makers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut done = Vec::new();
        for key in keys {
            let Some(left) = users.get_mut(key) else { continue };
            *left = left.saturating_sub(1);
            if *left == 0 {
                done.extend(makers.extract_if(.., |(made, _)| made == key).map(|(_, maker)| maker));
            }
        }
        done
    }

    /// Those whose creations are undone at the end of the run, the latest first.
    pub(crate) fn makers(&self) -> Vec<Cx> {
        let makers = self.makers.lock().unwrap_or_else(PoisonError::into_inner);
        makers.iter().rev().map(|(_, maker)| maker.clone()).collect()
    }
}
