//! What a manager must not do with what another domain has.

use assay_kit::prelude::*;

use super::{GROUP, Made, Manager, PROJECT, REFUSED, Thing, USER, must_refuse};

/// What a forbidden update would write.
const CHANGED: &str = "changed by the manager of another domain";

/// The managers of two domains, and something that the second one has made.
async fn begin(cx: &Cx, thing: &'static Thing) -> Outcome<(Manager, Manager, Made)> {
    let (manager, other) = (Manager::first(cx).await?, Manager::other(cx).await?);
    let made = other.make(cx, thing).await?;
    Ok((manager, other, made))
}

/// A domain manager must not be shown the {all} of another domain: neither one by its id, nor in a list of all, by its name or by
/// its domain.
#[conformance(
    cases = [
        ("scs-0302-users-foreign-see", "f51c0bba-476d-577f-8123-fbfadc40f19a", "users", &USER),
        ("scs-0302-projects-foreign-see", "fe85eaa8-2c59-5e54-a1c3-a1f865eb43fa", "projects", &PROJECT),
        ("scs-0302-groups-foreign-see", "4d816a37-2abc-5330-99e1-3a20e8b9deaf", "groups", &GROUP),
    ],
    spec = "scs-0302-v1#design-considerations",
    needs = [Identity, DomainManagerAccount, AltDomainManagerAccount],
)]
async fn see(cx: &Cx, all: &str, thing: &'static Thing) -> Outcome {
    let (manager, other, made) = begin(cx, thing).await?;
    let shown = manager.identity.get(&made.path).send().await?;
    must_refuse(&shown, &format!("see one of the {all} of another domain"))?;
    for query in [&[][..], &[("name", made.name.as_str())], &[("domain_id", other.domain.as_str())]] {
        let by = query.first().map_or_else(|| "all".to_owned(), |(name, _)| format!("all by `{name}`"));
        let is_listed = manager.lists(&made, query).await?;
        require!(
            cx,
            !is_listed,
            "a domain manager must not see one of the {all} of another domain in the list of {by}"
        );
    }
    // What would lead to projects, and from groups to users.
    let below = match thing.kind {
        Kind::User => ["projects", "groups"].as_slice(),
        Kind::Group => ["users"].as_slice(),
        _ => [].as_slice(),
    };
    for below in below {
        let listed = manager.identity.get(&format!("{}/{below}", made.path)).send().await?;
        must_refuse(&listed, &format!("list the {below} of one of the {all} of another domain"))?;
    }
    Ok(())
}

/// A domain manager must not be able to make {all} in another domain. Without a domain, it makes one in its own or none.
#[conformance(
    cases = [
        ("scs-0302-users-foreign-create", "18b01d16-dc08-586c-9375-1bd37c2a7cb0", "users", &USER),
        ("scs-0302-projects-foreign-create", "b2e7fc8d-3f50-5943-8c66-1eca45fb12c7", "projects", &PROJECT),
        ("scs-0302-groups-foreign-create", "dbcc84fe-13d3-5e51-8f3e-c8fc9c0de080", "groups", &GROUP),
    ],
    spec = "scs-0302-v1#design-considerations",
    needs = [Identity, DomainManagerAccount, AltDomainManagerAccount],
)]
async fn create(cx: &Cx, all: &str, thing: &'static Thing) -> Outcome {
    let (manager, other) = (Manager::first(cx).await?, Manager::other(cx).await?);
    let answer = manager.tries_to_make(cx, &other, thing, Some(&other.domain)).await?;
    must_refuse(&answer, &format!("make {all} in another domain"))?;
    let answer = manager.tries_to_make(cx, &other, thing, None).await?;
    if answer.status() == 201 {
        let made = answer.json()?.get(thing.one)?;
        let own = json!(manager.domain);
        require_eq!(
            made,
            made.value()["domain_id"],
            own,
            "a {} that names no domain must be of the manager's own",
            thing.one
        );
        return Ok(());
    }
    // 400: the domain is missing.
    require!(
        answer,
        REFUSED.contains(&answer.status()) || answer.status() == 400,
        "without a domain, it is made or refused"
    );
    Ok(())
}

/// A domain manager must not be able to change the {all} of another domain, and they must be as they were.
#[conformance(
    cases = [
        ("scs-0302-users-foreign-change", "f131a087-5c94-5cd1-9bf4-90941c3d81f3", "users", &USER),
        ("scs-0302-projects-foreign-change", "b00e9c1d-ca6d-57fc-975e-4ae763cc4d55", "projects", &PROJECT),
        ("scs-0302-groups-foreign-change", "d4fd6a59-1380-5ec1-8636-36f53b1bdf1b", "groups", &GROUP),
    ],
    spec = "scs-0302-v1#design-considerations",
    needs = [Identity, DomainManagerAccount, AltDomainManagerAccount],
)]
async fn change(cx: &Cx, all: &str, thing: &'static Thing) -> Outcome {
    let (manager, other, made) = begin(cx, thing).await?;
    let before = other.show(&made).await?;
    let request = manager.identity.patch(&made.path).json(&json!({thing.one: {"description": CHANGED}}));
    must_refuse(&request.send().await?, &format!("change the {all} of another domain"))?;
    let after = other.show(&made).await?;
    let (before, now) = (&before.value()["description"], &after.value()["description"]);
    require_eq!(after, now, before, "a {} of another domain must be as it was", thing.one);
    Ok(())
}

/// A domain manager must not be able to delete the {all} of another domain, and they must still be there.
#[conformance(
    cases = [
        ("scs-0302-users-foreign-delete", "f5f8abff-40fd-51eb-8eea-10c2b026e6e6", "users", &USER),
        ("scs-0302-projects-foreign-delete", "6909047f-278f-5354-a4a8-bd09a7b61859", "projects", &PROJECT),
        ("scs-0302-groups-foreign-delete", "f6cf1893-ee00-5c97-97c8-3eb1f8d7c32e", "groups", &GROUP),
    ],
    spec = "scs-0302-v1#design-considerations",
    needs = [Identity, DomainManagerAccount, AltDomainManagerAccount],
)]
async fn delete(cx: &Cx, all: &str, thing: &'static Thing) -> Outcome {
    let (manager, other, made) = begin(cx, thing).await?;
    let answer = manager.identity.delete(&made.path).send().await?;
    must_refuse(&answer, &format!("delete the {all} of another domain"))?;
    other.show(&made).await.map(drop)
}
