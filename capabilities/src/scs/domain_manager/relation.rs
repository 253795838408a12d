//! A relation of two things: a user in a group, or a role that somebody has somewhere.

use assay_kit::Request;
use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::{Made, Manager, must_refuse};

/// Where somebody can have a role.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    Project(&'a Made),
    /// A domain, by its id.
    Domain(&'a str),
}

impl<'a> Place<'a> {
    fn path(self) -> String {
        match self {
            Self::Project(project) => project.path.clone(),
            Self::Domain(id) => format!("domains/{}", encode(id)),
        }
    }

    /// What a list of assignments is filtered by, and its value.
    pub(super) fn scope(self) -> (&'static str, &'a str) {
        match self {
            Self::Project(project) => ("scope.project.id", &project.id),
            Self::Domain(id) => ("scope.domain.id", id),
        }
    }
}

/// The path of a role that somebody has somewhere.
pub(super) fn grant(place: Place<'_>, who: &Made, role: &str) -> String {
    format!("{}/{}/roles/{}", place.path(), who.path, encode(role))
}

/// The path of a user in a group.
pub(super) fn membership(group: &Made, user: &Made) -> String {
    format!("{}/{}", group.path, user.path)
}

impl Manager {
    /// Whether there is a relation, as this manager is told, who must be told.
    pub(super) async fn has(&self, path: &str) -> Outcome<bool> {
        Ok(self.identity.get(path).require([204, 404]).await?.status() == 204)
    }

    /// The roles of somebody somewhere, by their ids, as the list of assignments has them for this manager.
    pub(super) async fn assigned(&self, place: Place<'_>, who: &Made) -> Outcome<Vec<String>> {
        let (scope, at) = place.scope();
        let by = format!("{}.id", who.thing.one);
        let pages = Pages::new(&self.identity, "role_assignments").query(scope, at).query(&by, &who.id);
        let mut roles = Vec::new();
        for entry in pages.absent_if(403).absent_if(404).all().await? {
            let entry = entry.value();
            if entry[who.thing.one]["id"] == who.id {
                roles.extend(entry["role"]["id"].as_str().map(str::to_owned));
            }
        }
        Ok(roles)
    }
}

/// Sends what must be refused, and asks who must be able to tell whether the relation is as it was.
pub(super) async fn refused(request: Request, what: &str, owner: &Manager, path: &str, was: bool) -> Outcome {
    let answer = request.send().await?;
    must_refuse(&answer, what)?;
    require_eq!(
        answer,
        owner.has(path).await?,
        was,
        "what a manager must not be able to do must not have been done: {what}"
    );
    Ok(())
}
