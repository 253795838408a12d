//! What the manager of a domain is about to change in the identity service.

use std::borrow::Cow;

use assay_text::excerpt;
use serde_json::Value;

use super::aim::Aim;
use super::path::Path;
use super::{Guard, Wanted, refuse};
use crate::http::Caller;
use crate::outcome::Outcome;
use crate::resources::Kind;

/// The kinds that a manager makes, or must not make: the collection of each, and what wraps one in a body.
const KINDS: [(&str, &str, Kind); 5] = [
    ("users", "user", Kind::User),
    ("groups", "group", Kind::Group),
    ("projects", "project", Kind::Project),
    ("roles", "role", Kind::IdentityRole),
    ("domains", "domain", Kind::Domain),
];

fn kind(collection: &str) -> Option<(&'static str, Kind)> {
    KINDS.into_iter().find(|(known, ..)| *known == collection).map(|(_, wrapped, kind)| (wrapped, kind))
}

/// What a request below the identity API is about to change.
pub(super) fn aim(method: &str, segments: &[Cow<'_, str>]) -> Aim {
    let names: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    let owned = |kind: Kind, id: &str| (kind, id.to_owned());
    match names.as_slice() {
        ["auth", "tokens"] if method == "POST" => Aim::Login,
        [collection] if method == "POST" && kind(collection).is_some() => Aim::Creation,
        [collection, id] => kind(collection).map_or(Aim::Unknown, |(_, kind)| Aim::Thing(kind, (*id).to_owned())),
        ["groups", group, "users", user] => Aim::Relation(vec![owned(Kind::Group, group), owned(Kind::User, user)]),
        // A role that is given to somebody goes with them; where it is given on a project, that one gets a member.
        [place @ ("projects" | "domains"), at, who @ ("users" | "groups"), id, "roles", _] => {
            let who = if *who == "users" { Kind::User } else { Kind::Group };
            let at = (*place == "projects").then(|| owned(Kind::Project, at));
            Aim::Relation(at.into_iter().chain([owned(who, id)]).collect())
        }
        _ => Aim::Unknown,
    }
}

impl Guard {
    /// Ends the test unless what a manager makes has a name of the run: nothing else proves whose it is.
    pub(super) fn weigh_making(&self, caller: &Caller, path: &Path, wanted: &Wanted<'_>) -> Outcome {
        let [collection] = path.segments.as_slice() else { return Ok(()) };
        let Some((wrapped, kind)) = kind(collection).filter(|_| wanted.method == "POST") else { return Ok(()) };
        let body: Value = serde_json::from_slice(wanted.body).unwrap_or_default();
        let name = body[wrapped]["name"].as_str().unwrap_or_default();
        if self.is_ours(kind, name) {
            return Ok(());
        }
        Err(refuse(caller, wanted, &format!("`{}` is no name of this run", excerpt(name))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: &str, path: &str) -> Aim {
        aim(method, &path.split('/').map(Cow::Borrowed).collect::<Vec<_>>())
    }

    #[test]
    fn a_relation_is_about_all_that_it_joins() {
        let both = |one: Kind| Aim::Relation(vec![(one, "1".into()), (Kind::User, "2".into())]);
        assert_eq!(of("PUT", "groups/1/users/2"), both(Kind::Group));
        assert_eq!(of("PUT", "projects/1/users/2/roles/3"), both(Kind::Project));
        assert_eq!(of("DELETE", "domains/1/groups/2/roles/3"), Aim::Relation(vec![(Kind::Group, "2".into())]));
    }

    #[test]
    fn a_manager_changes_what_a_domain_has_and_nothing_else() {
        assert_eq!(of("POST", "users"), Aim::Creation);
        assert_eq!(of("PATCH", "projects/1"), Aim::Thing(Kind::Project, "1".into()));
        assert_eq!(of("DELETE", "roles/1"), Aim::Thing(Kind::IdentityRole, "1".into()));
        for (method, path) in [
            ("POST", "users/1/password"),
            ("POST", "services"),
            ("DELETE", "users"),
            ("PUT", "users/1/application_credentials/2"),
            ("PUT", "system/users/1/roles/2"),
            ("PUT", "OS-INHERIT/domains/1/users/2/roles/3/inherited_to_projects"),
            ("PUT", "roles/1/implies/2"),
            ("PUT", "domains/1/config"),
        ] {
            assert_eq!(of(method, path), Aim::Unknown, "{method} {path}");
        }
    }
}
