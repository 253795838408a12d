//! Users in groups.

use assay_kit::prelude::*;

use super::relation::membership;
use super::{GROUP, Manager, USER, must_refuse};

/// A domain manager must be able to put a user of its domain in a group of its domain, to see that it is there, from both sides, and
/// to take it out again.
#[conformance(
    id = "scs-0302-group-members",
    spec = "scs-0302-v1#design-considerations",
    covers = "e43ae054-fde9-5e8b-8514-e387a783d8c6",
    needs = [Identity, DomainManagerAccount],
)]
async fn own(cx: &Cx) -> Outcome {
    let manager = Manager::first(cx).await?;
    let (group, user) = (manager.make(cx, &GROUP).await?, manager.make(cx, &USER).await?);
    let path = membership(&group, &user);
    require!(cx, !manager.has(&path).await?, "a new group must have no user");
    manager.identity.put(&path).require(204).await?;
    require!(cx, manager.has(&path).await?, "a user that was put in a group must be there");
    for (list, all, one) in
        [(format!("{}/users", group.path), "users", &user), (format!("{}/groups", user.path), "groups", &group)]
    {
        let listed = Pages::new(&manager.identity, &list).all().await?;
        let is_listed = listed.iter().any(|entry| entry.value()["id"] == one.id);
        require!(cx, is_listed, "the {all} of a {} must be listed", if all == "users" { "group" } else { "user" });
    }
    manager.identity.delete(&path).require(204).await?;
    require!(cx, !manager.has(&path).await?, "a user that was taken out of a group must not be there");
    Ok(())
}

/// A domain manager must not be able to put a user in a group, to look for it there or to take it out, where one of the two is of
/// another domain.
#[conformance(
    id = "scs-0302-group-members-foreign",
    spec = "scs-0302-v1#design-considerations",
    covers = "a9659895-8365-5d1f-b21d-a554dfdc5361",
    needs = [Identity, DomainManagerAccount, AltDomainManagerAccount],
)]
async fn foreign(cx: &Cx) -> Outcome {
    let (manager, other) = (Manager::first(cx).await?, Manager::other(cx).await?);
    let (group, user) = (manager.make(cx, &GROUP).await?, manager.make(cx, &USER).await?);
    let (other_group, other_user) = (other.make(cx, &GROUP).await?, other.make(cx, &USER).await?);
    for (group, user, what) in [
        (&other_group, &other_user, "a user of another domain in a group there"),
        (&other_group, &user, "a user of its own in a group of another domain"),
        (&group, &other_user, "a user of another domain in a group of its own"),
    ] {
        let path = membership(group, user);
        must_refuse(&manager.identity.put(&path).send().await?, &format!("put {what}"))?;
        must_refuse(&manager.identity.get(&path).send().await?, &format!("look for {what}"))?;
    }
    for (of, list) in [(&manager, &group), (&other, &other_group)] {
        let listed = Pages::new(&of.identity, &format!("{}/users", list.path)).all().await?;
        require!(cx, listed.is_empty(), "a user that must not be put in a group must not be there");
    }
    let path = membership(&other_group, &other_user);
    other.identity.put(&path).require(204).await?;
    must_refuse(&manager.identity.get(&path).send().await?, "look for a user in a group of another domain")?;
    let listed = manager.identity.get(&format!("{}/users", other_group.path)).send().await?;
    must_refuse(&listed, "list the users of a group of another domain")?;
    must_refuse(&manager.identity.delete(&path).send().await?, "take a user out of a group of another domain")?;
    require!(cx, other.has(&path).await?, "a user of another domain must still be in its group");
    Ok(())
}
