//! Announces what a test creates, and undoes it.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::{Entry, Planned, UndoList, Undone};
use crate::context::Cx;
use crate::journal::State;
use crate::outcome::{Evidence as _, Outcome, Stop};
use crate::resources::{Kind, Removal, Resource};

impl UndoList {
    pub(crate) fn plan(&self, cx: &Cx, resource: Resource) -> Outcome<Planned> {
        let log = cx.log();
        let journal = log.recorder().journal();
        journal.write(log.id(), &resource, State::Planned, None).map_err(Stop::Error)?;
        cx.deployment().guard().announce(resource.kind, &resource.name);
        let mut entries = self.entries();
        entries.push(Entry { resource, gone: false });
        let guard = cx.deployment().guard().clone();
        Ok(Planned { list: self.clone(), at: entries.len() - 1, log: cx.log_handle(), guard })
    }

    /// Undoes everything; gives what could not be undone.
    ///
    /// After an `abrupt` end a creating request may still be on its way: what has no id yet is looked for again. No wait
    /// within goes on for longer than the run's budget for clean-up has time.
    pub async fn undo(&self, cx: &Cx, abrupt: bool) -> Undone {
        /// How long a request that was under way at an abrupt end may take to come to its own.
        const LANDING: Duration = Duration::from_secs(10);
        let budget = cx.deployment().cleanup();
        let mut undone = Undone::default();
        let pending: Vec<_> = self.entries().iter().cloned().enumerate().filter(|(_, entry)| !entry.gone).collect();
        if abrupt {
            // When it does not land, what it creates is looked for all the same.
            let _ = budget.run(cx.log().landed(LANDING)).await;
        }
        for (at, entry) in pending.into_iter().rev() {
            let journal = cx.log().recorder().journal();
            let resource = &entry.resource;
            let begun = Instant::now();
            let settled = match budget.run(settle(cx, resource, abrupt)).await {
                Ok(settled) => settled.inspect_err(|_| budget.charge(begun.elapsed())),
                Err(exhausted) => Err(exhausted.to_string()),
            };
            let settled = settled.and_then(|removal| match removal {
                Removal::Done => Ok(()),
                Removal::LeftAlone(why) => Err(format!("left alone: {why}")),
                Removal::Lasts(finding) => {
                    let stop = Stop::Fail(finding);
                    let reason = stop.to_string();
                    undone.lasts.get_or_insert(stop);
                    Err(reason)
                }
            });
            match settled {
                Ok(()) => {
                    if let (Kind::Machine, Some(id)) = (resource.kind, &resource.id) {
                        cx.deployment().guard().gives_back(id);
                    }
                    self.entries()[at].gone = true;
                    // It is gone: a journal that cannot say so does no harm.
                    let _ = journal.write(cx.log().id(), resource, State::Removed, None);
                }
                Err(reason) => {
                    let reason = cx.log().redactor().text(&reason);
                    let _ = journal.write(cx.log().id(), resource, State::Left, Some(&reason));
                    undone.left.push(format!("{resource}: {reason}"));
                }
            }
        }
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
        undone
    }
}

/// Removes a resource, trying again for a while: a service may refuse as long as it is busy with it.
async fn settle(cx: &Cx, resource: &Resource, abrupt: bool) -> Result<Removal, String> {
    const PAUSES: [u64; 7] = [200, 500, 1000, 1500, 2000, 3000, 4000];
    let client = cx.client(resource.role, resource.kind.service()).map_err(|stop| stop.to_string())?;
    let mut outcome = resource.remove(&client).await;
    if abrupt && resource.id.is_none() {
        for pause in [300, 1000] {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            outcome = resource.remove(&client).await;
        }
    }
    for pause in PAUSES {
        if outcome.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(pause)).await;
        outcome = resource.remove(&client).await;
    }
    outcome.map_err(|stop| stop.to_string())
}
