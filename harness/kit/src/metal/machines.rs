//! The nodes of the bare-metal service that tests may change, each lent to one test at a time.

use std::sync::{Arc, Mutex, PoisonError};

use assay_record::Lack;

use crate::need::Service;
use crate::outcome::Stop;

/// The nodes that the user lists.
#[derive(Debug, Default)]
pub struct Machines {
    listed: Vec<Listed>,
    /// The places in `listed` of those that no test has.
    free: Arc<Mutex<Vec<usize>>>,
}

/// A node that the user lists, and its UUID or why it has none.
#[derive(Debug)]
pub(crate) struct Listed {
    pub name: String,
    pub id: Result<String, String>,
}

/// A node that a test has for itself, until this is dropped.
#[derive(Debug)]
pub struct Borrowed {
    name: String,
    id: String,
    at: usize,
    free: Arc<Mutex<Vec<usize>>>,
}

impl Borrowed {
    /// The name that it is listed under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its UUID.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(self.at);
    }
}

impl Machines {
    pub(crate) fn new(listed: Vec<Listed>) -> Self {
        let free = (0..listed.len()).rev().collect();
        Self { listed, free: Arc::new(Mutex::new(free)) }
    }

    /// Each with its UUID, or why it has none.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, Result<&str, &str>)> {
        self.listed.iter().map(|one| (one.name.as_str(), one.id.as_deref().map_err(String::as_str)))
    }

    /// Why a test that changes one cannot run.
    pub(crate) fn lack(&self) -> Option<Stop> {
        if self.listed.is_empty() {
            let reason = "needs a machine that tests may change: list a node under `ironic: machines` in the deployment file \
                          (--deployment)";
            return Some(Stop::skip(Lack::machine(Service::BareMetal), reason));
        }
        self.listed.iter().find_map(|one| one.id.as_ref().err()).map(|reason| Stop::Error(reason.clone()))
    }

    /// The UUIDs of those that have one.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.listed.iter().filter_map(|one| one.id.as_deref().ok())
    }

    /// One of these, by UUID, that no other test has.
    pub(crate) fn borrow_one_of(&self, ids: &[String]) -> Option<Borrowed> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = |at: &usize| self.listed[*at].id.as_ref().is_ok_and(|id| ids.contains(id));
        // The one that is listed first stands last.
        let place = free.iter().rposition(wanted)?;
        let at = free.remove(place);
        let Listed { name, id } = &self.listed[at];
        let id = id.clone().unwrap_or_default();
        Some(Borrowed { name: name.clone(), id, at, free: self.free.clone() })
    }
}
