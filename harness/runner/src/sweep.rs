//! Removing what a run left: what its journal names, and what has a name that begins with the run's.

use std::path::Path;
use std::sync::Arc;

use assay_kit::deployment::Found;
use assay_kit::journal::Journal;
use assay_kit::{Cx, Deployment, Kind, Outcome, Recorder, Resource, Role, resources};

/// What a sweep found of a run.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is still there.
    pub resources: Vec<Resource>,
    /// What could not be looked for, and why.
    pub unknown: Vec<String>,
}

/// Looks for what a run left behind; nothing is removed.
///
/// The journal tells what had been announced; the prefix finds what it may not tell, in every account that was given.
pub async fn look(cx: &Cx, journal: Option<&Path>, prefix: &str) -> Result<Findings, String> {
    let mut findings = Findings::default();
    let given: Vec<Role> = cx.deployment().roles().collect();
    for role in &given {
        for kind in Kind::ALL.into_iter().filter(|kind| kind.is_of(*role)) {
            if let Found::Absent(_) = cx.deployment().found(*role, kind.service()) {
                continue;
            }
            // The journal tells whether the password was changed; trying it could lock the account.
            if kind == Kind::SparePassword && journal.is_some() {
                continue;
            }
            match in_account(cx, *role, kind, prefix).await {
                Ok(found) => findings.resources.extend(found),
                Err(stop) => findings.unknown.push(format!("{}s of the {role} account: {}", kind.name(), stop)),
            }
        }
    }
    let announced = journal.map(Journal::remaining).transpose()?.unwrap_or_default();
    for resource in announced.into_iter().map(|entry| entry.resource) {
        if !given.contains(&resource.role) {
            findings.unknown.push(format!("{resource}: name its cloud with {}", resource.role.option()));
            continue;
        }
        match findings.resources.iter_mut().find(|found| found.same(&resource)) {
            // What was found says that it is there, the journal what was done with it.
            Some(found) => found.id = resource.id.or(found.id.take()),
            None => findings.resources.push(resource),
        }
    }
    Ok(findings)
}

async fn in_account(cx: &Cx, role: Role, kind: Kind, prefix: &str) -> Outcome<Vec<Resource>> {
    resources::find(&cx.client(role, kind.service())?, kind, prefix).await
}

/// Removes a resource that a sweep found.
pub async fn remove(cx: &Cx, resource: &Resource) -> Result<(), String> {
    let client = cx.client(resource.role, resource.kind.service()).map_err(|stop| stop.to_string())?;
    resource.remove(&client).await.map_err(|stop| stop.to_string())
}

/// The context of a sweep.
#[must_use]
pub fn context(deployment: Arc<Deployment>, recorder: &Arc<Recorder>) -> Cx {
    Cx::new(deployment, recorder.log("sweep"))
}
