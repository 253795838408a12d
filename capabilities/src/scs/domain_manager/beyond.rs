//! What a manager must not do anywhere: give the role of an administrator, and make roles and domains.
//!
//! Deleting them is not tested. The run has no role or domain of its own, and Keystone answers 404 for one that is missing,
//! whoever asks.

use assay_kit::prelude::*;

use super::relation::{Place, grant};
use super::{GROUP, Manager, PROJECT, Thing, USER, must_refuse};

/// A domain manager must not be able to give the role `admin` to a {one} of its domain, nor to take it away, on a project or on the
/// domain. The {one} is of the run, cannot log in, and is deleted afterwards.
#[conformance(
    cases = [
        ("scs-0302-grants-user-admin", "beb4bec0-4e47-5b4a-8a9a-2824fd4de612", "user", &USER),
        ("scs-0302-grants-group-admin", "9449523f-90a2-5bf5-9f00-2fe2a1e17721", "group", &GROUP),
    ],
    spec = "scs-0302-v1#for-openstack-keystone-20242-or-later",
    needs = [Identity, DomainManagerAccount],
)]
async fn administrator(cx: &Cx, one: &str, thing: &'static Thing) -> Outcome {
    let manager = Manager::first(cx).await?;
    let Some(admin) = manager.role_of("admin").await? else {
        let why = "a domain manager is not shown the role `admin`, so nobody can ask for it by its id";
        return Err(cx.skip(Lack::account(Role::DomainManager.option()), why));
    };
    let (who, project) = (manager.make(cx, thing).await?, manager.make(cx, &PROJECT).await?);
    for (place, at) in [(Place::Project(&project), "a project"), (Place::Domain(&manager.domain), "its domain")] {
        let path = grant(place, &who, &admin);
        let answer = manager.identity.put(&path).send().await?;
        must_refuse(&answer, &format!("give a {one} the role `admin` on {at}"))?;
        let held = manager.assigned(place, &who).await?;
        require!(answer, !held.contains(&admin), "a {one} must not have the role `admin` on {at}");
        // It does not have the role. Keystone must look at the rights of the manager first.
        let answer = manager.identity.delete(&path).send().await?;
        must_refuse(&answer, &format!("take the role `admin` from a {one} on {at}"))?;
        let expected = "taking away a role that a manager must not give should be refused, also where nobody has it";
        expect_eq!(answer, answer.status(), 403, "{expected}");
    }
    Ok(())
}

/// A domain manager must not be able to make a {one}.
#[conformance(
    cases = [
        ("scs-0302-roles-no-create", "3e59765c-dd4c-56be-8b67-894c4b20c63c", "role", "roles", Kind::IdentityRole),
        ("scs-0302-domains-no-create", "21f717e9-562b-5417-a18c-7a4edba11cd1", "domain", "domains", Kind::Domain),
    ],
    spec = "scs-0302-v1#design-considerations",
    needs = [Identity, DomainManagerAccount],
)]
async fn create(cx: &Cx, one: &str, all: &str, kind: Kind) -> Outcome {
    let manager = Manager::first(cx).await?;
    let name = cx.name(one);
    let planned = cx.will_create(Resource::new(kind, &name).of(manager.role))?;
    let answer = manager.identity.post(all).json(&json!({one: {"name": name}})).send().await?;
    let made: Value = serde_json::from_slice(answer.bytes()).unwrap_or_default();
    if let Some(id) = made[one]["id"].as_str() {
        planned.created(id);
    }
    must_refuse(&answer, &format!("make a {one}"))
}
