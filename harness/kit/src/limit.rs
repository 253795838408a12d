//! Named limits: what only so many tests may use at the same time.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Something that only so many tests may use at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Limit {
    /// The spare account: its password and its lock are one state.
    SpareAccount,
    /// The key of temporary URLs that the member's object-storage account has.
    TempUrlKey,
    /// The quota of the member's object-storage account.
    AccountQuota,
}

/// The limits of a run, with what is free of each.
#[derive(Debug, Default)]
pub struct Limits(HashMap<Limit, Arc<Semaphore>>);

impl Limits {
    /// One test at a time for every limit.
    #[must_use]
    pub fn new() -> Self {
        let limits = [Limit::SpareAccount, Limit::TempUrlKey, Limit::AccountQuota];
        Self(limits.into_iter().map(|limit| (limit, Arc::new(Semaphore::new(1)))).collect())
    }

    /// Takes one of each, or none while one of them is not free.
    #[must_use]
    pub fn try_take(&self, limits: &[Limit]) -> Option<Vec<OwnedSemaphorePermit>> {
        limits.iter().map(|limit| self.0.get(limit)?.clone().try_acquire_owned().ok()).collect()
    }
}
