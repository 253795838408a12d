//! Removing what a run left: what its journal names, and what has a name of the run's. Nothing is removed that is not
//! proved to be the run's.

use std::collections::HashMap;
use std::sync::Arc;

use assay_kit::deployment::Found;
use assay_kit::resources::{self, Removal, Standing};
use assay_kit::{Cx, Deployment, Kind, Outcome, Recorder, Resource, Role, Stop};

/// What a sweep found of a run.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is still there, and proved to be the run's.
    pub resources: Vec<Resource>,
    /// What may be the run's and cannot be proved to be, each with the reason: it stays.
    pub doubtful: Vec<(Resource, String)>,
    /// What could not be looked for, and why.
    pub unknown: Vec<String>,
}

impl Findings {
    /// Whether nothing was found, and everything was looked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.doubtful.is_empty() && self.unknown.is_empty()
    }
}

/// Looks for what a run left behind; nothing is removed.
///
/// The journal tells what had been announced; names tell what it may not, in every account that was given. Both are hints:
/// what they lead to is read and has to prove whose it is.
pub async fn look(cx: &Cx, announced: &[Resource]) -> Findings {
    let mut findings = Findings::default();
    let given: Vec<Role> = cx.deployment().roles().collect();
    lend_systems(cx, announced, &mut findings).await;
    let mut hints: Vec<Resource> = Vec::new();
    for role in &given {
        for kind in Kind::ALL.into_iter().filter(|kind| kind.is_of(*role)) {
            if let Found::Absent(_) = cx.deployment().found(*role, kind.service()) {
                continue;
            }
            // The journal tells whether the password was changed; trying it could lock the account.
            if kind == Kind::SparePassword && !announced.is_empty() {
                continue;
            }
            let looked = cx.deployment().cleanup().run(in_account(cx, *role, kind)).await;
            match looked.unwrap_or_else(|exhausted| Err(Stop::Error(exhausted.to_string()))) {
                Ok(found) => hints.extend(found),
                Err(stop) => findings.unknown.push(format!("{}s of the {role} account: {stop}", kind.name())),
            }
        }
    }
    let announced = announced.iter().filter(|resource| resource.kind != Kind::Object);
    let (reached, others): (Vec<_>, Vec<_>) = announced.partition(|resource| given.contains(&resource.role));
    let unreached = |resource: &Resource| format!("{resource}: name its cloud with {}", resource.role.option());
    findings.unknown.extend(others.into_iter().map(unreached));
    for hint in with_announced(hints, reached) {
        let looked = cx.deployment().cleanup().run(standing(cx, &hint)).await;
        match looked.unwrap_or_else(|exhausted| Err(Stop::Error(exhausted.to_string()))) {
            Ok(Standing::Ours) => findings.resources.push(hint),
            Ok(Standing::Gone) => {}
            Ok(Standing::Doubtful(why)) => findings.doubtful.push((hint, why)),
            Err(stop) => findings.unknown.push(format!("{hint}: {stop}")),
        }
    }
    findings
}

/// What was found, joined by what was announced and is not among it; in the order in which it is removed.
///
/// A journal may be long, and a stranger's: the time is linear in it.
#[must_use]
pub fn with_announced<'a>(
    mut hints: Vec<Resource>,
    announced: impl IntoIterator<Item = &'a Resource>,
) -> Vec<Resource> {
    let mut places = Places::default();
    for (at, hint) in hints.iter().enumerate() {
        places.add(hint, at);
    }
    for resource in announced {
        if let Some(hint) = places.of(resource).and_then(|at| hints.get_mut(at)) {
            // A changed setting is put back to what the journal says that it was.
            hint.previous = resource.previous.clone().or(hint.previous.take());
        } else {
            places.add(resource, hints.len());
            hints.push(resource.clone());
        }
    }
    hints.sort_by_cached_key(|hint| Kind::ALL.iter().position(|kind| *kind == hint.kind));
    hints
}

/// Where the first hint stands that has a name, or an id.
#[derive(Default)]
struct Places {
    named: HashMap<(Kind, Role, String), usize>,
    identified: HashMap<(Kind, Role, String), usize>,
}

impl Places {
    fn add(&mut self, hint: &Resource, at: usize) {
        let key = |text: &String| (hint.kind, hint.role, text.clone());
        self.named.entry(key(&hint.name)).or_insert(at);
        if let Some(id) = &hint.id {
            self.identified.entry(key(id)).or_insert(at);
        }
    }

    /// The place of the hint that is about this: of the same id, or of the same name where no id is known.
    fn of(&self, resource: &Resource) -> Option<usize> {
        let key = |text: &String| (resource.kind, resource.role, text.clone());
        match &resource.id {
            Some(id) => self.identified.get(&key(id)).copied(),
            None => self.named.get(&key(&resource.name)).copied(),
        }
    }
}

/// Finds the systems of Redfish services that the deployment file of this command lists: no other is changed.
async fn lend_systems(cx: &Cx, announced: &[Resource], findings: &mut Findings) {
    if !announced.iter().any(|resource| matches!(resource.role, Role::Redfish(_))) {
        return;
    }
    for redfish in cx.redfish() {
        match redfish {
            Ok(redfish) => match redfish.machines().await {
                Ok(_) | Err(Stop::Skip(_)) => {}
                Err(stop) => findings.unknown.push(format!("the machines of `{}`: {stop}", redfish.name())),
            },
            Err(stop) => findings.unknown.push(format!("a Redfish service: {stop}")),
        }
    }
}

async fn in_account(cx: &Cx, role: Role, kind: Kind) -> Outcome<Vec<Resource>> {
    resources::find(&cx.client(role, kind.service())?, kind).await
}

async fn standing(cx: &Cx, resource: &Resource) -> Outcome<Standing> {
    resource.standing(&cx.client(resource.role, resource.kind.service())?).await
}

/// Removes a resource that a sweep found, within the time that is left for clean-up.
pub async fn remove(cx: &Cx, resource: &Resource) -> Result<(), String> {
    let client = cx.client(resource.role, resource.kind.service()).map_err(|stop| stop.to_string())?;
    let removed = cx.deployment().cleanup().run(resource.remove(&client)).await;
    match removed.map_err(|exhausted| exhausted.to_string())?.map_err(|stop| stop.to_string())? {
        Removal::Done => Ok(()),
        Removal::LeftAlone(why) => Err(format!("left alone: {why}")),
        Removal::Lasts(finding) => Err(Stop::Fail(finding).to_string()),
    }
}

/// The context of a sweep of a run that announced this, as it is sure or not.
#[must_use]
pub fn context(deployment: Arc<Deployment>, recorder: &Arc<Recorder>, announced: &[Resource], sure: bool) -> Cx {
    deployment.announced(announced, sure);
    Cx::new(deployment, recorder.log("sweep"))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn resource(name: &str, id: Option<&str>, previous: Option<&str>) -> Resource {
        let (id, previous) = (id.map(str::to_owned), previous.map(str::to_owned));
        Resource { id, previous, ..Resource::new(Kind::Keypair, name) }
    }

    #[test]
    fn what_was_announced_joins_what_was_found() {
        let found = vec![resource("a", Some("1"), Some("found")), resource("b", Some("2"), None)];
        let announced = [
            // Found under its name, whose id the journal does not know.
            resource("a", None, None),
            // Found under its id, with another name now.
            resource("b-before", Some("2"), Some("told")),
            // Two of one name.
            resource("a", Some("3"), None),
            resource("c", None, None),
            resource("c", None, Some("later")),
            resource("c", Some("4"), None),
            resource("a", Some("1"), None).of(Role::Alt),
        ];
        assert_eq!(
            with_announced(found, &announced),
            [
                resource("a", Some("1"), Some("found")),
                resource("b", Some("2"), Some("told")),
                resource("a", Some("3"), None),
                resource("c", None, Some("later")),
                resource("c", Some("4"), None),
                resource("a", Some("1"), None).of(Role::Alt),
            ]
        );
    }

    /// Each is looked up, and not all of them for each.
    #[test]
    fn a_long_journal_takes_no_longer_than_it_is() {
        for id in [None, Some("")] {
            let announced: Vec<Resource> = (0..200_000)
                .map(|at| resource(&format!("n{at}"), id.map(|id| format!("{id}{at}")).as_deref(), None))
                .collect();
            let begun = Instant::now();
            assert_eq!(with_announced(Vec::new(), &announced).len(), announced.len());
            assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
        }
    }
}
