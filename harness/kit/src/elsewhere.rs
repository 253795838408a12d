//! What runs share that know nothing of each other: an account's password, the metadata of its object storage.
//!
//! Runs of one user on one machine take turns by locks in the user's state folder. They are locks of files: the system
//! lets go of them when a process ends, however it ends.

use std::collections::HashMap;
use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use assay_record::state::State;
use tokio::time::Instant;

use crate::limit::Limit;
use crate::outcome::Stop;
use crate::session::{Cloud, Credentials};

/// How long another run is waited for.
pub const PATIENCE: Duration = Duration::from_secs(600);
/// How often it is looked for whether another run still has something.
pub const LOOK: Duration = Duration::from_millis(250);

/// What this run shares with others on this machine.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    state: Option<State>,
    /// What each limit is about: the names of its locks.
    names: HashMap<Limit, Vec<String>>,
    /// What this run has: several of its tests may have it at the same time, where the limit allows that.
    own: Mutex<HashMap<String, Weak<File>>>,
}

/// Something that is this run's alone, on this machine, until this is dropped.
#[derive(Debug, Default)]
pub struct Held {
    _files: Vec<Arc<File>>,
}

impl Elsewhere {
    /// Locks in this folder; none without one.
    pub(crate) fn new(state: Option<State>) -> Self {
        Self { state, ..Self::default() }
    }

    /// Notes one more thing that a limit is about.
    pub(crate) fn is_about(&mut self, limit: Limit, what: String) {
        self.names.entry(limit).or_default().push(format!("{}\n{what}", limit.name()));
    }

    /// Takes what these limits are about, or says which one another run has.
    pub(crate) fn try_take(&self, limits: impl IntoIterator<Item = Limit>) -> Result<Held, Limit> {
        let mut files = Vec::new();
        let Some(state) = &self.state else { return Ok(Held::default()) };
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        for limit in limits {
            for name in self.names.get(&limit).into_iter().flatten() {
                if let Some(file) = own.get(name).and_then(Weak::upgrade) {
                    files.push(file);
                    continue;
                }
                match state.lock(name) {
                    Ok(Some(file)) => {
                        let file = Arc::new(file);
                        own.insert(name.clone(), Arc::downgrade(&file));
                        files.push(file);
                    }
                    Ok(None) => return Err(limit),
                    // Where no lock can be had, runs look out for each other by what they see alone.
                    Err(_) => {}
                }
            }
        }
        Ok(Held { _files: files })
    }

    /// The same, waiting for other runs a while.
    pub(crate) async fn take(&self, limits: &[Limit], patience: Duration) -> Result<Held, Stop> {
        let begun = Instant::now();
        loop {
            match self.try_take(limits.iter().copied()) {
                Ok(held) => return Ok(held),
                Err(limit) if begun.elapsed() >= patience => return Err(Stop::Error(taken(limit))),
                Err(_) => tokio::time::sleep(LOOK).await,
            }
        }
    }
}

/// Why something cannot be had.
#[must_use]
pub fn taken(limit: Limit) -> String {
    format!(
        "another run on this machine uses the {} of the same account, and went on for too long: let it end, or give each run \
         an account of its own",
        limit.name()
    )
}

/// What the password of an account is about, before it is known who that is.
pub(crate) fn principal(cloud: &Cloud) -> Option<String> {
    let Credentials::Password { user, .. } = &cloud.credentials else { return None };
    let url = cloud.auth_url.trim_end_matches('/').trim_end_matches("/v3").trim_end_matches('/');
    Some(format!("{url}\n{}", user.json()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(folder: &std::path::Path, account: &str) -> Elsewhere {
        let mut run = Elsewhere::new(Some(State::at(folder)));
        run.is_about(Limit::SpareAccount, account.to_owned());
        run.is_about(Limit::SpareAccount, format!("{account}, by its id"));
        run
    }

    #[tokio::test]
    async fn runs_with_one_account_take_turns() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (run(folder.path(), "a"), run(folder.path(), "a"));
        let held = one.try_take([Limit::SpareAccount]).unwrap();
        assert_eq!(other.try_take([Limit::SpareAccount]).err(), Some(Limit::SpareAccount));
        // What the other limits are about is free, and so is another account.
        other.try_take([Limit::AccountMetadata, Limit::Servers]).unwrap();
        run(folder.path(), "b").try_take([Limit::SpareAccount]).unwrap();
        let waits = other.take(&[Limit::SpareAccount], Duration::from_millis(10)).await;
        assert!(
            waits.is_err_and(|stop| stop.to_string().contains("another run on this machine uses the spare account"))
        );
        let waiting = tokio::spawn(async move { other.take(&[Limit::SpareAccount], PATIENCE).await.map(drop) });
        drop(held);
        waiting.await.unwrap().unwrap();
    }

    #[test]
    fn without_a_folder_nothing_is_locked() {
        let mut run = Elsewhere::new(None);
        run.is_about(Limit::AccountMetadata, "a".to_owned());
        let _held = run.try_take([Limit::AccountMetadata]).unwrap();
        run.try_take([Limit::AccountMetadata]).unwrap();
    }
}
