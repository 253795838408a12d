//! Named limits: what only so many tests may use at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::outcome::Stop;

/// Something that only so many tests may use at the same time. A test that needs two of a kind names it twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Limit {
    /// The spare account: its password and its lock are one state.
    SpareAccount,
    /// The metadata of the member's object-storage account: its items, its key of temporary URLs, its quota. A
    /// service may refuse the second of two changes that come at the same time.
    AccountMetadata,
    /// The server that tests change in turn.
    ChangedServer,
    /// The task state of the server that tests share: one task at a time.
    ServerTask,
    /// The router that tests share, when they change it: its interfaces and its gateway.
    ChangedRouter,
    /// The floating IP that tests put on ports in turn.
    LooseFloatingIp,
    /// The machines of Redfish services that tests may change: a test changes each of them, one test at a time.
    RedfishMachines,
    /// Nodes of the bare-metal service that tests may change: as many as the deployment file lists.
    Machines,
    /// Servers, by the project's quota.
    Servers,
    /// Volumes, by the project's quota.
    Volumes,
    /// Volume snapshots, by the project's quota.
    Snapshots,
    /// Volume backups, by the project's quota.
    Backups,
    /// Networks, by the project's quota.
    Networks,
    /// Subnets, by the project's quota.
    Subnets,
    /// Ports, by the project's quota.
    Ports,
    /// Routers, by the project's quota.
    Routers,
    /// Floating IPs, by the project's quota.
    FloatingIps,
    /// Security groups, by the project's quota.
    SecurityGroups,
}

impl Limit {
    /// Those of which there is one, whatever the quotas say.
    const SINGLE: [Self; 7] = [
        Self::SpareAccount,
        Self::AccountMetadata,
        Self::ChangedServer,
        Self::ServerTask,
        Self::ChangedRouter,
        Self::LooseFloatingIp,
        Self::RedfishMachines,
    ];
    /// Those that a project's quotas bound, or what the user lists.
    pub(crate) const BY_QUOTA: [Self; 11] = [
        Self::Machines,
        Self::Servers,
        Self::Volumes,
        Self::Snapshots,
        Self::Backups,
        Self::Networks,
        Self::Subnets,
        Self::Ports,
        Self::Routers,
        Self::FloatingIps,
        Self::SecurityGroups,
    ];

    /// What it bounds.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SpareAccount => "spare account",
            Self::AccountMetadata => "object-storage metadata",
            Self::ChangedServer => "changed server",
            Self::ServerTask => "task of the shared server",
            Self::ChangedRouter => "changed router",
            Self::LooseFloatingIp => "loose floating IP",
            Self::RedfishMachines => "machines of Redfish services",
            Self::Machines => "machines",
            Self::Servers => "servers",
            Self::Volumes => "volumes",
            Self::Snapshots => "volume snapshots",
            Self::Backups => "volume backups",
            Self::Networks => "networks",
            Self::Subnets => "subnets",
            Self::Ports => "ports",
            Self::Routers => "routers",
            Self::FloatingIps => "floating IPs",
            Self::SecurityGroups => "security groups",
        }
    }
}

/// How much of something a project may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The most it may have; none when there is no bound, or none is known.
    pub limit: Option<usize>,
    /// What it had at the start of the run.
    pub used: usize,
}

/// The limits of a run, with what is free of each.
#[derive(Debug, Default)]
pub struct Limits(HashMap<Limit, Bound>);

#[derive(Debug)]
struct Bound {
    limit: Option<usize>,
    /// How many this run may have of it at the same time, as far as it is known.
    room: Mutex<usize>,
    free: Arc<Semaphore>,
}

impl Bound {
    fn new(quota: Quota) -> Self {
        let room = room(quota);
        Self { limit: quota.limit, room: Mutex::new(room), free: Arc::new(Semaphore::new(room)) }
    }

    fn room(&self) -> MutexGuard<'_, usize> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many of something this run may have at the same time.
fn room(quota: Quota) -> usize {
    /// More than any run uses at the same time.
    const UNBOUNDED: usize = 1 << 16;
    quota.limit.map_or(UNBOUNDED, |limit| limit.saturating_sub(quota.used).min(UNBOUNDED))
}

impl Limits {
    /// What the project's quotas leave free; one of what there is only one of.
    #[must_use]
    pub fn new(quotas: &HashMap<Limit, Quota>) -> Self {
        let single = Limit::SINGLE.map(|limit| (limit, Quota { limit: Some(1), used: 0 }));
        let unknown = Quota { limit: None, used: 0 };
        let by_quota = Limit::BY_QUOTA.map(|limit| (limit, quotas.get(&limit).copied().unwrap_or(unknown)));
        Self(single.into_iter().chain(by_quota).map(|(limit, quota)| (limit, Bound::new(quota))).collect())
    }

    /// Looks at the quotas again: what others gave back in the meantime is free for this run. Gives whether there was any.
    pub(crate) fn refresh(&self, quotas: &HashMap<Limit, Quota>) -> bool {
        let mut more = false;
        for (limit, quota) in quotas {
            let Some(bound) = self.0.get(limit).filter(|bound| bound.limit == quota.limit) else { continue };
            let mut had = bound.room();
            // What this run has now is part of what is used.
            let own = had.saturating_sub(bound.free.available_permits());
            let has = room(Quota { used: quota.used.saturating_sub(own), ..*quota });
            if has > *had {
                bound.free.add_permits(has - *had);
                (*had, more) = (has, true);
            }
        }
        more
    }

    /// Takes these, or none while one of them is not free.
    pub(crate) fn try_take(&self, limits: &[Limit]) -> Option<Vec<OwnedSemaphorePermit>> {
        limits.iter().map(|limit| self.0.get(limit)?.free.clone().try_acquire_owned().ok()).collect()
    }

    /// Takes one, waiting for it a while.
    pub(crate) async fn take(&self, limit: Limit, patience: Duration) -> Result<OwnedSemaphorePermit, Stop> {
        let free = self.0.get(&limit).map(|bound| bound.free.clone().acquire_owned());
        let taken = tokio::time::timeout(patience, async { Some(free?.await) }).await;
        // It is never closed.
        taken.ok().flatten().and_then(Result::ok).ok_or_else(|| {
            let within = patience.as_secs();
            let name = limit.name();
            Stop::Error(format!("the project's quota of {name} had no room for one more within {within} s: raise it"))
        })
    }

    /// The names of those of which none is free.
    pub(crate) fn taken(&self, limits: &[Limit]) -> Vec<&'static str> {
        let taken = |limit: &&Limit| self.0.get(limit).is_some_and(|bound| bound.free.available_permits() == 0);
        let mut names: Vec<_> = limits.iter().filter(taken).map(|limit| limit.name()).collect();
        names.dedup();
        names
    }

    /// Why a test that needs these can never run, when it cannot: the quota that forbids it.
    pub(crate) fn never(&self, limits: &[Limit]) -> Option<String> {
        self.lacking(limits, |bound| bound.limit)
    }

    /// Why a test that needs these cannot run as long as others have what they have: the quota that they use up.
    pub(crate) fn short(&self, limits: &[Limit]) -> Option<String> {
        self.lacking(limits, |bound| Some(*bound.room()))
    }

    fn lacking(&self, limits: &[Limit], most: impl Fn(&Bound) -> Option<usize>) -> Option<String> {
        limits.iter().find_map(|limit| {
            let needed = limits.iter().filter(|other| *other == limit).count();
            let bound = self.0.get(limit)?;
            let quota = bound.limit?;
            (most(bound)? < needed).then(|| {
                let (name, used) = (limit.name(), quota.saturating_sub(*bound.room()));
                format!("needs {needed} {name}, but the project's quota is {quota} and {used} are in use: raise it or free some")
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(used: usize) -> HashMap<Limit, Quota> {
        HashMap::from([(Limit::Servers, Quota { limit: Some(10), used })])
    }

    #[test]
    fn what_others_give_back_is_free() {
        // Another run has nine of ten.
        let limits = Limits::new(&servers(9));
        let two = [Limit::Servers, Limit::Servers];
        assert_eq!(limits.never(&two), None);
        assert!(limits.short(&two).unwrap().contains("the project's quota is 10 and 9 are in use"));
        assert!(limits.try_take(&two).is_none());
        let one = limits.try_take(&two[..1]).unwrap();
        // Ten are used: nine, and the one of this run.
        assert!(!limits.refresh(&servers(10)));
        // The other run has gone.
        assert!(limits.refresh(&servers(1)));
        let rest = limits.try_take(&[Limit::Servers; 9]).unwrap();
        assert!(limits.try_take(&two[..1]).is_none() && limits.short(&two).is_none());
        drop((one, rest));
        assert!(!limits.refresh(&servers(0)));
        assert!(limits.never(&[Limit::Servers; 11]).is_some());
    }
}
