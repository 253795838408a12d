//! Roles that a manager gives.

use assay_kit::prelude::*;

use super::relation::{Place, grant, refused};
use super::{GROUP, Made, Manager, PROJECT, Thing, USER};

/// The roles that a manager may be able to give, as SCS and Keystone name them: a provider decides which. Of `manager` it may decide
/// either way, and no test gives it.
const GIVEN: [&str; 3] = ["member", "reader", "load-balancer_member"];

/// Where roles are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Project,
    Domain,
}

/// A domain manager must be able to give one at least of the roles `member`, `reader` and `load-balancer_member` to a {one} of its domain
/// on {at}, to see that it is held, by itself and in the list of assignments, and to take it back.
#[conformance(
    cases = [
        ("scs-0302-grants-user-project", "fd65def1-e200-5814-972a-21dbe2d91643", "user", "a project of it", &USER, At::Project),
        ("scs-0302-grants-user-domain", "81c3d344-3409-5389-82f7-c7be7d1b7842", "user", "the domain", &USER, At::Domain),
        ("scs-0302-grants-group-project", "b7419cac-c4ea-5ee0-83d6-8f1377173f59", "group", "a project of it", &GROUP, At::Project),
        ("scs-0302-grants-group-domain", "fbb9dbfe-7c87-51ce-92b0-02711332e53b", "group", "the domain", &GROUP, At::Domain),
    ],
    spec = "scs-0302-v1#design-considerations",
    needs = [Identity, DomainManagerAccount],
)]
async fn own(cx: &Cx, one: &str, at: &str, thing: &'static Thing, place: At) -> Outcome {
    let manager = Manager::first(cx).await?;
    let who = manager.make(cx, thing).await?;
    let project = manager.make(cx, &PROJECT).await?;
    let place = if place == At::Project { Place::Project(&project) } else { Place::Domain(&manager.domain) };
    let mut refused = None;
    let mut given = Vec::new();
    for name in GIVEN {
        let Some(role) = manager.role_of(name).await? else { continue };
        let path = grant(place, &who, &role);
        let answer = manager.identity.put(&path).send().await?;
        match answer.status() {
            204 => given.push((name, role, path)),
            // The provider does not let managers give it.
            403 => refused = Some(answer),
            _ => answer.require_status(204)?,
        }
    }
    if given.is_empty() {
        let what = format!("a domain manager must be able to give a {one} a role on {at}: `{}`", GIVEN.join("`, `"));
        let expected = Some("204 for one of them".to_owned());
        return Err(match refused {
            Some(answer) => answer.fail(what, expected, Some(answer.status().to_string())),
            None => cx.fail(what, expected, Some("these roles are missing".to_owned())),
        });
    }
    let held = manager.assigned(place, &who).await?;
    for (name, role, path) in &given {
        require!(cx, manager.has(path).await?, "the {one} must have the role `{name}` on {at}");
        require!(cx, held.contains(role), "the list of assignments must have the role `{name}` of the {one} on {at}");
    }
    if let (Place::Project(project), Kind::User) = (place, thing.kind) {
        let listed = Pages::new(&manager.identity, &format!("{}/projects", who.path)).all().await?;
        let is_listed = listed.iter().any(|entry| entry.value()["id"] == project.id);
        require!(cx, is_listed, "the list of a user's projects must have the one on which it has a role");
    }
    for (name, role, path) in &given {
        manager.identity.delete(path).require(204).await?;
        require!(cx, !manager.has(path).await?, "the role `{name}` must be gone once it was taken back");
        let held = manager.assigned(place, &who).await?;
        require!(cx, !held.contains(role), "the list of assignments must not have a role that was taken back");
    }
    Ok(())
}

/// The first role of those that a manager may give.
async fn first_role(cx: &Cx, manager: &Manager) -> Outcome<String> {
    for name in GIVEN {
        if let Some(role) = manager.role_of(name).await? {
            return Ok(role);
        }
    }
    Err(cx.fail(format!("a domain manager must find one of the roles `{}`", GIVEN.join("`, `")), None, None))
}

/// A domain manager must not be able to give a role to a {one} where that one, or the project or domain, is another domain's, nor to take
/// back one that the other manager has given.
#[conformance(
    cases = [
        ("scs-0302-grants-user-foreign", "57c7ad6e-4f71-54b8-b22c-c651e19aef03", "user", &USER),
        ("scs-0302-grants-group-foreign", "2fa745e6-fb43-5f5f-b39a-00150df31b94", "group", &GROUP),
    ],
    spec = "scs-0302-v1#design-considerations",
    needs = [Identity, DomainManagerAccount, AltDomainManagerAccount],
)]
async fn foreign(cx: &Cx, one: &str, thing: &'static Thing) -> Outcome {
    let (manager, other) = (Manager::first(cx).await?, Manager::other(cx).await?);
    let (who, project) = (manager.make(cx, thing).await?, manager.make(cx, &PROJECT).await?);
    let (other_who, other_project) = (other.make(cx, thing).await?, other.make(cx, &PROJECT).await?);
    let role = first_role(cx, &manager).await?;
    let (here, there) = (Place::Project(&project), Place::Project(&other_project));
    for (place, who, where_to) in [
        (there, &other_who, format!("a {one} of another domain on a project there")),
        (there, &who, format!("a {one} of its own on a project of another domain")),
        (here, &other_who, format!("a {one} of another domain on a project of its own")),
        (Place::Domain(&other.domain), &other_who, format!("a {one} of another domain on that domain")),
        (Place::Domain(&other.domain), &who, format!("a {one} of its own on another domain")),
        (Place::Domain(&manager.domain), &other_who, format!("a {one} of another domain on its own")),
    ] {
        let answer = manager.identity.put(&grant(place, who, &role)).send().await?;
        super::must_refuse(&answer, &format!("give a role to {where_to}"))?;
        for teller in [&manager, &other] {
            let held = teller.assigned(place, who).await?;
            require!(answer, held.is_empty(), "a role that must not be given to {where_to} must not be assigned");
        }
    }
    for place in [there, Place::Domain(&other.domain)] {
        let path = grant(place, &other_who, &role);
        other.identity.put(&path).require(204).await?;
        let what = format!("take a role from a {one} of another domain");
        refused(manager.identity.delete(&path), &what, &other, &path, true).await?;
    }
    Ok(())
}

/// The assignments of roles of another domain must be in no list that a domain manager is shown.
#[conformance(
    id = "scs-0302-assignments-foreign",
    spec = "scs-0302-v1#design-considerations",
    covers = "b3b3aca6-901b-5afc-a2bd-78111a3c45cc",
    needs = [Identity, DomainManagerAccount, AltDomainManagerAccount],
)]
async fn assignments(cx: &Cx) -> Outcome {
    let (manager, other) = (Manager::first(cx).await?, Manager::other(cx).await?);
    let (user, project) = (other.make(cx, &USER).await?, other.make(cx, &PROJECT).await?);
    let role = first_role(cx, &other).await?;
    for place in [Place::Project(&project), Place::Domain(&other.domain)] {
        other.identity.put(&grant(place, &user, &role)).require(204).await?;
        require!(cx, other.assigned(place, &user).await?.contains(&role), "who gave a role must find it in the list");
    }
    let (in_project, in_domain) = (Place::Project(&project).scope(), Place::Domain(&other.domain).scope());
    for query in [None, Some(in_project), Some(in_domain), Some(("user.id", user.id.as_str()))] {
        let pages = query
            .iter()
            .fold(Pages::new(&manager.identity, "role_assignments"), |pages, (name, value)| pages.query(name, value));
        let listed = pages.absent_if(403).absent_if(404).all().await?;
        let by = query.map_or_else(String::new, |(name, _)| format!(" by `{name}`"));
        let of_other = listed.iter().find(|entry| is_of(entry, &user, &project, &other.domain));
        if let Some(entry) = of_other {
            let what = format!("the list of assignments{by} must not show those of another domain");
            return Err(entry.fail(what, Some("no assignment of it".to_owned()), Some(entry.value().to_string())));
        }
    }
    Ok(())
}

/// Whether an assignment is about one of these.
fn is_of(entry: &Json, user: &Made, project: &Made, domain: &str) -> bool {
    let entry = entry.value();
    entry["user"]["id"] == user.id
        || entry["scope"]["project"]["id"] == project.id
        || entry["scope"]["domain"]["id"] == domain
}
