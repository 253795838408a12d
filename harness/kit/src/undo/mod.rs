//! What a test has announced, and how it is undone.

mod undoing;

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use crate::guard::Guard;
use crate::journal::State;
use crate::outcome::{Outcome, Stop};
use crate::resources::{Kind, Resource};

/// What a test has announced, and is undone after it, the latest first.
#[derive(Debug, Clone, Default)]
pub struct UndoList {
    entries: Arc<Mutex<Vec<Entry>>>,
    /// What the test has for itself until all is undone: machines, room within the project's quotas.
    kept: Arc<Mutex<Vec<Box<dyn Any + Send>>>>,
}

/// What could not be undone.
#[derive(Debug, Default)]
pub struct Undone {
    /// Each, with the reason.
    pub left: Vec<String>,
    /// The first whose deletion its service accepted and that is still there: the deployment broke a requirement.
    pub lasts: Option<Stop>,
}

#[derive(Debug, Clone)]
struct Entry {
    resource: Resource,
    gone: bool,
}

impl UndoList {
    /// Whether nothing is left to undo.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries().iter().all(|entry| entry.gone)
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, Vec<Entry>> {
        // What a panicking test created is removed like any other's.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps something until all is undone.
    pub(crate) fn keep(&self, something: impl Any + Send) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(something));
    }
}

/// A resource that was announced and will be undone.
#[derive(Debug, Clone)]
pub struct Planned {
    list: UndoList,
    at: usize,
    log: Arc<crate::recorder::TestLog>,
    guard: Arc<Guard>,
}

impl Planned {
    /// Notes the id under which it was created, by which it is removed. It is a hint: what is found under it has to prove
    /// that it is the run's.
    pub fn created(&self, id: &str) {
        let resource = {
            let mut entries = self.list.entries();
            let resource = &mut entries[self.at].resource;
            let told = Resource { id: Some(id.to_owned()), ..resource.clone() };
            if resource.kind == Kind::RedfishSession {
                // It has no name: its path is all that tells it from others.
                self.guard.announce(resource.kind, id);
            }
            // An invalid id would lead elsewhere, and one with a secret in it must not be written; the name finds it as well.
            if told.check().is_ok() && !self.log.redactor().knows(id) {
                *resource = told;
            }
            resource.clone()
        };
        // Without this line, a sweep finds it by its name.
        let _ = self.log.recorder().journal().write(self.log.id(), &resource, State::Created, None);
    }

    /// Notes more of what is to be put back, before it is changed.
    pub(crate) fn found(&self, previous: &str) -> Outcome {
        if self.log.redactor().knows(previous) {
            return Err(Stop::Error(
                "what is to be put back holds a secret, which no journal may hold: it is not changed".into(),
            ));
        }
        let resource = {
            let mut entries = self.list.entries();
            entries[self.at].resource.previous = Some(previous.to_owned());
            entries[self.at].resource.clone()
        };
        self.log.recorder().journal().write(self.log.id(), &resource, State::Created, None).map_err(Stop::Error)
    }

    /// Notes that the test removed it itself and saw it gone.
    pub fn removed(&self) {
        let resource = {
            let mut entries = self.list.entries();
            entries[self.at].gone = true;
            entries[self.at].resource.clone()
        };
        // Without this line, a sweep finds it gone.
        let _ = self.log.recorder().journal().write(self.log.id(), &resource, State::Removed, None);
    }
}
