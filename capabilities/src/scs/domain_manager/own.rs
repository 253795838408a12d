//! What a manager may do in its own domain.

use assay_kit::prelude::*;

use super::{GROUP, Made, Manager, PROJECT, Thing, USER};

/// What an update writes.
const CHANGED: &str = "changed by Assay";

/// The login of a domain manager must be for its domain, with the role `manager` and without the role `admin`.
#[conformance(
    cases = [
        ("scs-0302-login", "718e80af-9404-5c89-b862-9ef83abc14e4", Role::DomainManager),
        ("scs-0302-login-other", "b8aa0bc1-0dbe-53d8-84d4-3f3d1a0a1efc", Role::AltDomainManager),
    ],
    spec = "scs-0302-v1#decision",
    needs = [Identity, DomainManagerAccount, AltDomainManagerAccount],
)]
async fn login(cx: &Cx, role: Role) -> Outcome {
    let manager = Manager::of(cx, role).await?;
    // It is asked again what the token is: the list of its roles is what counts.
    let token = cx.login(role).await?.token.clone();
    let request = manager.identity.get("auth/tokens").header("X-Subject-Token", token);
    let shown = request.require(200).await?.json()?.get("token")?;
    let domain = shown.at(["domain", "id"])?;
    require_eq!(
        domain,
        domain.value(),
        &json!(manager.domain),
        "the token must be for the domain that it was asked for"
    );
    require!(shown, shown.value()["project"].is_null(), "a token for a domain must be for no project");
    let roles = shown.get("roles")?;
    let names: Vec<_> =
        roles.elements()?.iter().filter_map(|role| role.value()["name"].as_str().map(str::to_owned)).collect();
    let has = |name: &str| names.iter().any(|known| known == name);
    require!(roles, has("manager"), "who manages a domain must have the role `manager` there");
    require!(roles, !has("admin"), "who manages a domain must not be an administrator");
    Ok(())
}

/// A domain manager must be shown its own domain.
///
/// It should be able to list it by its name, and the list should have no other domain.
#[conformance(
    id = "scs-0302-domain-see",
    spec = "scs-0302-v1#decision",
    covers = "8cca0d87-4852-550c-9b5b-8c6df8c17446",
    needs = [Identity, DomainManagerAccount],
)]
async fn domain(cx: &Cx) -> Outcome {
    let manager = Manager::first(cx).await?;
    let path = format!("domains/{}", assay_kit::http::address::encode(&manager.domain));
    let shown = manager.identity.get(&path).require(200).await?.json()?.get("domain")?;
    require_eq!(shown, shown.value()["id"], json!(manager.domain), "the domain must be shown with its id");
    let name = shown.get("name")?.text()?.to_owned();
    let named = Pages::new(&manager.identity, "domains").query("name", &name).absent_if(403).all().await?;
    let is_own = |domain: &Json| domain.value()["id"] == manager.domain;
    expect!(shown, named.iter().any(is_own), "a domain manager should find its domain by its name");
    let all = Pages::new(&manager.identity, "domains").absent_if(403).all().await?;
    expect!(shown, all.iter().all(is_own), "a domain manager should be shown no other domain in the list of all");
    Ok(())
}

/// A domain manager must be able to make, show, list, change and delete the {all} of its domain, and to find one by its name.
///
/// The list of the {all} of its domain should have nothing of another one.
#[conformance(
    cases = [
        ("scs-0302-users-manage", "594985a0-1fa5-5468-b0d1-d724a8f2f7a1", "users", &USER),
        ("scs-0302-projects-manage", "3235fc05-27b7-52ee-8cba-3c717c98d4ae", "projects", &PROJECT),
        ("scs-0302-groups-manage", "986dec6d-58e4-567a-9c4d-6404a23c72e8", "groups", &GROUP),
    ],
    spec = "scs-0302-v1#design-considerations",
    needs = [Identity, DomainManagerAccount],
)]
async fn manage(cx: &Cx, all: &str, thing: &'static Thing) -> Outcome {
    let manager = Manager::first(cx).await?;
    let one = thing.one;
    let made = manager.make(cx, thing).await?;
    for query in [("name", &made.name), ("domain_id", &manager.domain)] {
        let listed = Pages::new(&manager.identity, all).query(query.0, query.1).all().await?;
        let found = listed.iter().find(|entry| entry.value()["id"] == made.id);
        require!(cx, found.is_some(), "the list of {all} by `{}` must have a new {one}", query.0);
        let foreign = listed.iter().find(|entry| entry.value()["domain_id"] != manager.domain);
        require!(cx, foreign.is_none(), "the list of {all} by `{}` must have nothing of another domain", query.0);
    }
    change(&manager, &made).await?;
    manager.delete(&made).await
}

async fn change(manager: &Manager, made: &Made) -> Outcome {
    let one = made.thing.one;
    let request = manager.identity.patch(&made.path).json(&json!({one: {"description": CHANGED}}));
    let changed = request.require(200).await?.json()?.get(one)?;
    require_eq!(changed, changed.value()["description"], CHANGED, "a changed {one} must be shown so in the answer");
    let shown = manager.show(made).await?;
    require_eq!(shown, shown.value()["description"], CHANGED, "a changed {one} must be shown so");
    Ok(())
}

/// A domain manager must find the roles `manager` and `member` by their names, and be shown the latter.
#[conformance(
    id = "scs-0302-roles-see",
    spec = "scs-0302-v1#decision",
    covers = "548890b8-6509-5b4f-a61c-8399cfb926e4",
    needs = [Identity, DomainManagerAccount],
)]
async fn roles(cx: &Cx) -> Outcome {
    let manager = Manager::first(cx).await?;
    require!(cx, manager.role_of("manager").await?.is_some(), "there must be a role `manager`");
    let Some(member) = manager.role_of("member").await? else {
        return Err(cx.fail("a domain manager must find the role `member`".into(), None, None));
    };
    let path = format!("roles/{}", assay_kit::http::address::encode(&member));
    let shown = manager.identity.get(&path).require(200).await?.json()?.get("role")?;
    require_eq!(shown, shown.value()["name"], "member", "the role must be shown with its name");
    Ok(())
}
