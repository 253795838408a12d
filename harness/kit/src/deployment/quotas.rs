//! Reads the member's quotas, and what of them is in use.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::Deployment;
use crate::limit::{Limit, Quota};
use crate::need::Service;
use crate::recorder::TestLog;
use crate::session::Role;

impl Deployment {
    /// What the services tell; what they do not tell is not bounded here, and a refusal will name it.
    pub(super) async fn quotas(&self, log: &Arc<TestLog>) -> HashMap<Limit, Quota> {
        let (compute, volume, network) = futures::join!(
            ask(self, log, Service::Compute, "limits".into()),
            ask(self, log, Service::BlockStorage, "limits".into()),
            networking(self, log),
        );
        let absolute = |limits: &Value, most: &str, used: &str| {
            let limits = &limits["limits"]["absolute"];
            Quota { limit: bound(&limits[most]), used: count(&limits[used]) }
        };
        let by_network = |key: &str| {
            let quota = &network["quota"][key];
            // A service that tells details gives an object, another one the number alone.
            let limit = if quota.is_object() { &quota["limit"] } else { quota };
            Quota { limit: bound(limit), used: count(&quota["used"]) + count(&quota["reserved"]) }
        };
        // Without any, the tests that need one are skipped, with a better reason than a limit gives.
        let machines = Quota { limit: Some(self.machines().count().max(1)), used: 0 };
        HashMap::from([
            (Limit::Machines, machines),
            (Limit::Servers, absolute(&compute, "maxTotalInstances", "totalInstancesUsed")),
            (Limit::Volumes, absolute(&volume, "maxTotalVolumes", "totalVolumesUsed")),
            (Limit::Snapshots, absolute(&volume, "maxTotalSnapshots", "totalSnapshotsUsed")),
            (Limit::Backups, absolute(&volume, "maxTotalBackups", "totalBackupsUsed")),
            (Limit::Networks, by_network("network")),
            (Limit::Subnets, by_network("subnet")),
            (Limit::Ports, by_network("port")),
            (Limit::Routers, by_network("router")),
            (Limit::FloatingIps, by_network("floatingip")),
            (Limit::SecurityGroups, by_network("security_group")),
        ])
    }
}

async fn networking(deployment: &Deployment, log: &Arc<TestLog>) -> Value {
    let Some(project) = deployment.project(Role::Member) else { return Value::Null };
    let details = ask(deployment, log, Service::Network, format!("quotas/{project}/details")).await;
    if details["quota"].is_object() {
        return details;
    }
    ask(deployment, log, Service::Network, format!("quotas/{project}")).await
}

async fn ask(deployment: &Deployment, log: &Arc<TestLog>, service: Service, path: String) -> Value {
    let Ok(client) = deployment.client(Role::Member, service, log) else { return Value::Null };
    let Ok(response) = client.get(&path).send().await else { return Value::Null };
    serde_json::from_slice(response.bytes()).unwrap_or_default()
}

/// How many a quota allows: `None` where it is unlimited (a negative number) or unknown.
fn bound(value: &Value) -> Option<usize> {
    usize::try_from(value.as_i64()?).ok()
}

fn count(value: &Value) -> usize {
    value.as_i64().and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
}
