//! Volumes and snapshots that several tests share.

use std::sync::Arc;
use std::time::{Duration, Instant};

use assay_kit::prelude::*;
use tokio::sync::Mutex;

use super::fixture::{Made, PATIENCE};

/// The keys of what is shared, as `shares` names them.
const VOLUMES: &str = "block-storage.volumes";
const SNAPSHOTS: &str = "block-storage.snapshots";
const VOLUME_IN_TURN: &str = "block-storage.volume-in-turn";
const SNAPSHOT_IN_TURN: &str = "block-storage.snapshot-in-turn";
assay_kit::share!(VOLUMES, [Volumes, Volumes]);
assay_kit::share!(SNAPSHOTS, [Snapshots, Snapshots, Snapshots]);
assay_kit::share!(VOLUME_IN_TURN, [Volumes]);
assay_kit::share!(SNAPSHOT_IN_TURN, [Snapshots]);

/// The key of the item of metadata that the shared volumes have.
pub(super) const KEY: &str = "Type";

/// Two volumes that tests only read. The second may have snapshots made of it.
#[derive(Debug)]
pub(super) struct Volumes {
    /// The value of their item of metadata, which no other volume has.
    pub label: String,
    pub made: [Made; 2],
    /// As they were shown when they were available.
    pub shown: [Json; 2],
}

impl Volumes {
    pub(super) async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared(VOLUMES, |cx| async move {
            let label = cx.name("work");
            let metadata = json!({"metadata": {KEY: label}});
            let made = [Made::volume(&cx, &metadata).await?, Made::volume(&cx, &metadata).await?];
            let shown = [made[0].available(&cx).await?, made[1].available(&cx).await?];
            Ok(Self { label, made, shown })
        })
        .await
    }

    /// Their ids, in ascending order.
    pub(super) fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<_> = self.made.iter().map(|made| made.id.as_str()).collect();
        ids.sort_unstable();
        ids
    }

    /// The filter by their metadata.
    pub(super) fn filter(&self) -> String {
        metadata_filter(&self.label)
    }
}

/// A filter by metadata, in the form in which the published tests write it.
pub(super) fn metadata_filter(value: &str) -> String {
    format!("{{'{KEY}': '{value}'}}")
}

/// Snapshots of the first of the shared volumes that tests only read, in the order of their creation.
#[derive(Debug)]
pub(super) struct Snapshots {
    pub made: [Made; 3],
}

impl Snapshots {
    pub(super) async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        // Before the snapshots: what is made first is removed last.
        let volume = Volumes::shared(cx).await?.made[0].id.clone();
        cx.shared(SNAPSHOTS, |cx| async move {
            // Their order by name is another one than that by age.
            let name = cx.name("snapshot");
            let names = ["b", "c", "a"].map(|letter| format!("{name}-{letter}"));
            let nothing = json!({});
            let first = Made::snapshot_named(&cx, &volume, &names[0], &nothing).await?;
            // Times of creation are told in seconds: without a pause, no order by them could be wrong.
            let (made, pause) = (Instant::now(), Duration::from_secs(1));
            cx.wait_until("a second has passed", PATIENCE, || async { Ok((made.elapsed() >= pause).then_some(())) })
                .await?;
            let second = Made::snapshot_named(&cx, &volume, &names[1], &nothing).await?;
            let third = Made::snapshot_named(&cx, &volume, &names[2], &nothing).await?;
            Ok(Self { made: [first, second, third] })
        })
        .await
    }

    /// Their ids, in the order of their creation.
    pub(super) fn ids(&self) -> Vec<&str> {
        self.made.iter().map(|made| made.id.as_str()).collect()
    }

    /// Those of these ids that are theirs, in the same order.
    pub(super) fn own(&self, ids: &[String]) -> Vec<String> {
        ids.iter().filter(|id| self.made.iter().any(|made| made.id == **id)).cloned().collect()
    }
}

/// A volume or a snapshot that tests change, one at a time.
#[derive(Debug)]
pub(super) struct InTurn {
    pub made: Made,
    /// Held by the test whose turn it is.
    pub turn: Mutex<()>,
}

impl InTurn {
    /// A volume.
    pub(super) async fn volume(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared(VOLUME_IN_TURN, |cx| async move {
            let made = Made::volume(&cx, &json!({})).await?;
            made.available(&cx).await?;
            Ok(Self { made, turn: Mutex::default() })
        })
        .await
    }

    /// A snapshot of the second of the shared volumes.
    pub(super) async fn snapshot(cx: &Cx) -> Outcome<Arc<Self>> {
        // Before the snapshot: what is made first is removed last.
        let volume = Volumes::shared(cx).await?.made[1].id.clone();
        cx.shared(SNAPSHOT_IN_TURN, |cx| async move {
            let made = Made::snapshot(&cx, &volume, &json!({})).await?;
            Ok(Self { made, turn: Mutex::default() })
        })
        .await
    }
}
