//! Users: the projects they may work in.

use assay_kit::prelude::*;

use super::login::{log_in_to, require_refused};

/// A user must be able to log in to every enabled project that the list of the user's projects has, by its name. The
/// token must name that project and the user. The user must not be able to log in to the project of another account.
///
/// The list should have the project that the account works in, and not the other account's.
#[conformance(
    id = "identity.users.list-projects",
    spec = "identity-v3#list-projects-for-user",
    covers = "86128d46-e170-4644-866a-cc487f699e1d",
    needs = [Identity, AltAccount],
)]
async fn list_projects(cx: &Cx) -> Outcome {
    let (identity, member, alt) = (cx.identity()?, cx.login(Role::Member).await?, cx.login(Role::Alt).await?);
    let secret = cx.password(Role::Member)?;
    let user = json!({"name": member.user_name, "domain": {"id": member.user_domain_id}, "password": secret});
    let proof = json!({"methods": ["password"], "password": {"user": user}});

    let list =
        identity.get(&format!("users/{}/projects", member.user_id)).require(200).await?.json()?.get("projects")?;
    let projects = list.elements()?;
    let mut domain = None;
    for project in &projects {
        let (id, name) = (project.get("id")?, project.get("name")?);
        if project.value()["enabled"] == false {
            continue;
        }
        let within = project.get("domain_id")?.value().clone();
        let scope = json!({"name": name.value(), "domain": {"id": within}});
        let response = log_in_to(&identity, &proof, &scope).require(201).await?;
        require!(response, !response.require_header("x-subject-token")?.is_empty(), "a login must give a token");
        let token = response.json()?.get("token")?;
        require_eq!(token, token.at(["project", "id"])?.value(), id.value(), "the token is for the listed project");
        require_eq!(token, token.at(["project", "name"])?.value(), name.value(), "the token names the listed project");
        require_eq!(token, token.at(["user", "id"])?.value(), &member.user_id, "the token is for the user who asked");
        domain = Some(within);
    }
    let Some(domain) = domain else {
        let actual = Some("no enabled project".into());
        return Err(list.fail("the list must have the projects of the user".into(), None, actual));
    };
    let ids: Vec<_> = projects.iter().filter_map(|project| project.value()["id"].as_str()).collect();
    if let Some(own) = &member.project_id {
        expect!(list, ids.contains(&own.as_str()), "the list has the project that the account works in");
    }

    let (Some(other), Some(other_name)) = (&alt.project_id, &alt.project_name) else {
        return Err(cx.skip(
            Lack::account(Role::Alt.option()),
            "needs a second member with a project: the login of --alt-cloud is for none",
        ));
    };
    if member.project_id.as_ref() == Some(other) {
        return Err(cx.skip(
            Lack::account(Role::Alt.option()),
            "needs a second member of another project: --cloud and --alt-cloud work in the same one",
        ));
    }
    // Where a project of the user's own has that name too, the name does not mean the other account's.
    let is_own = |project: &Json| project.value()["name"] == *other_name && project.value()["domain_id"] == domain;
    let scope = if projects.iter().any(is_own) {
        json!({"id": other})
    } else {
        json!({"name": other_name, "domain": {"id": domain}})
    };
    require_refused(log_in_to(&identity, &proof, &scope)).await?;
    // By its name it may be refused for being unknown in that domain; by its id it is the other account's for certain.
    let by_id = log_in_to(&identity, &proof, &json!({"id": other})).send().await?;
    expect!(
        by_id,
        matches!(by_id.status(), 401 | 403),
        "a user cannot log in to the project of another account by its id"
    );
    expect!(list, !ids.contains(&other.as_str()), "the list does not have the project of another account");
    Ok(())
}
