//! Application credentials.

use assay_kit::prelude::*;
use chrono::TimeDelta;

use super::login::{log_in, told, wants_project};

/// A new application credential comes with a secret that is shown once and never again, and a login with it is for the
/// project in which it was made.
///
/// It should have the name that was sent, the project, roles of the user's own, no expiry and no right to manage other
/// application credentials. A wrong secret should be refused. A deleted application credential should not be found.
#[conformance(
    id = "identity.application-credentials.create",
    spec = "identity-v3#create-application-credential",
    covers = "8080c75c-eddc-4786-941a-c2da7039ae61",
    needs = [Identity],
)]
async fn create(cx: &Cx) -> Outcome {
    let (identity, member) = (cx.identity()?, cx.login(Role::Member).await?);
    let made = make(cx, json!({})).await?;
    let secret = made.json.get("secret")?.text()?.to_owned();
    expect!(made.json, !secret.is_empty(), "the secret is not empty");
    expect_described(&made.json, &made.name, member.project_id.as_deref(), &member.roles);

    let shown = identity.get(&made.path).require(200).await?.json()?.get("application_credential")?;
    require!(shown, shown.find("secret").is_none(), "the secret must not be shown again");
    expect_described(&shown, &made.name, member.project_id.as_deref(), &member.roles);

    let proof = |secret: &str| json!({"methods": ["application_credential"], "application_credential": {"id": made.id, "secret": secret}});
    let token = log_in(&identity, &proof(&secret)).require(201).await?.json()?.get("token")?;
    let project = token.at(["project", "id"])?;
    require_eq!(
        project,
        Some(project.text()?),
        member.project_id.as_deref(),
        "the token must be for the project in which the application credential was made"
    );
    expect_eq!(token, token.value()["user"]["id"], member.user_id, "the token is for the user who made the credential");
    expect_eq!(token, token.value()["methods"], json!(["application_credential"]), "the token tells how it was had");
    // Not a longer one: services may hash no more than the first 72 bytes.
    let other = if secret.starts_with('x') { 'y' } else { 'x' };
    let wrong = format!("{other}{}", secret.get(1..).unwrap_or_default());
    let refused = log_in(&identity, &proof(&wrong)).send().await?;
    expect_eq!(refused, refused.status(), 401, "a wrong secret does not log in");

    let path = made.path.clone();
    made.delete(&identity).await?;
    let gone = identity.get(&path).send().await?;
    expect_eq!(gone, gone.status(), 404, "a deleted application credential is not found");
    Ok(())
}

/// An application credential that is to expire in an hour says so, in the very form in which the time was sent.
///
/// It should say the same when it is shown.
#[conformance(
    id = "identity.application-credentials.create-with-expiry",
    spec = "identity-v3#create-application-credential",
    covers = "852daf0c-42b5-4239-8466-d193d0543ed3",
    needs = [Identity],
)]
async fn create_with_expiry(cx: &Cx) -> Outcome {
    let identity = cx.identity()?;
    let expires = (cx.now() + TimeDelta::hours(1)).format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
    let made = make(cx, json!({"expires_at": expires})).await?;
    let answered = made.json.get("expires_at")?;
    require_eq!(answered, answered.value().as_str(), Some(expires.as_str()), "the expiry must be as it was sent");
    let shown = identity.get(&made.path).send().await?;
    let again = told(&shown)["application_credential"]["expires_at"].clone();
    expect_eq!(shown, again, expires, "the expiry is shown as it was sent");
    made.delete(&identity).await
}

/// Of two new application credentials the list has each, once.
///
/// What the user has besides is let be. No secret should be listed. A deleted application credential should not be
/// listed, and the other one still should.
#[conformance(
    id = "identity.application-credentials.list",
    spec = "identity-v3#list-application-credentials",
    covers = "ff0cd457-6224-46e7-b79e-0ada4964a8a6",
    needs = [Identity],
)]
async fn list(cx: &Cx) -> Outcome {
    let identity = cx.identity()?;
    let path = path(cx).await?;
    let (first, second) = (make(cx, json!({})).await?, make(cx, json!({})).await?);
    let listed = identity.get(&path).require(200).await?.json()?.get("application_credentials")?;
    for made in [&first, &second] {
        let found = listed.elements()?.iter().filter(|entry| entry.value()["id"] == made.id).count();
        require_eq!(listed, found, 1, "the list must have the new application credential `{}` once", made.name);
    }
    let secret = listed.elements()?.iter().any(|entry| entry.find("secret").is_some());
    expect!(listed, !secret, "no secret is listed");

    let gone = first.id.clone();
    first.delete(&identity).await?;
    let listed = identity.get(&path).send().await?;
    let entries = told(&listed)["application_credentials"].clone();
    let ids: Vec<_> = entries.as_array().into_iter().flatten().map(|entry| entry["id"].clone()).collect();
    expect!(listed, !ids.contains(&json!(gone)), "a deleted application credential is not listed");
    expect!(listed, ids.contains(&json!(second.id)), "the list keeps the one that was not deleted");
    second.delete(&identity).await
}

/// Of two application credentials, the list filtered by the name of one has that one and nothing else.
///
/// A name that nothing has should list nothing.
#[conformance(
    id = "identity.application-credentials.list-by-name",
    spec = "identity-v3#list-application-credentials",
    covers = "9bb5e5cc-5250-493a-8869-8b665f6aa5f6",
    needs = [Identity],
)]
async fn list_by_name(cx: &Cx) -> Outcome {
    let identity = cx.identity()?;
    let path = path(cx).await?;
    let (first, second) = (make(cx, json!({})).await?, make(cx, json!({})).await?);
    let by_name = |name: &str| identity.get(&path).query("name", name);
    let listed = by_name(&second.name).require(200).await?.json()?.get("application_credentials")?;
    let found = listed.elements()?;
    require_eq!(listed, found.len(), 1, "the list by name must have one application credential");
    require_eq!(found[0], found[0].get("name")?.value(), &second.name, "the list must have the one of that name");
    expect_eq!(found[0], found[0].value()["id"], second.id, "what is listed by its name has the id that it was given");
    let none = by_name(&cx.name("no-credential")).send().await?;
    let listed = told(&none)["application_credentials"].as_array().map(Vec::len);
    expect_eq!(none, listed, Some(0), "a name that nothing has lists nothing");
    first.delete(&identity).await?;
    second.delete(&identity).await
}

/// An application credential that a test made.
struct Made {
    name: String,
    id: String,
    path: String,
    json: Json,
    planned: assay_kit::Planned,
}

impl Made {
    /// Deletes it, which the published tests require of each that they make.
    async fn delete(self, identity: &Client) -> Outcome {
        identity.delete(&self.path).require(204).await?;
        // Otherwise the clean-up says that it lasts.
        if identity.get(&self.path).send().await?.status() == 404 {
            self.planned.removed();
        }
        Ok(())
    }
}

/// Makes an application credential of a new name, with these members besides.
async fn make(cx: &Cx, members: Value) -> Outcome<Made> {
    if cx.login(Role::Member).await?.project_id.is_none() {
        return Err(wants_project(cx, "an application credential is for the project in which it is made"));
    }
    let name = cx.name("credential");
    let mut body = members;
    body["name"] = json!(name);
    let path = path(cx).await?;
    let planned = cx.will_create(Resource::new(Kind::ApplicationCredential, &name))?;
    let response = cx.identity()?.post(&path).json(&json!({"application_credential": body})).send().await?;
    if response.status() == 403 && cx.password(Role::Member).is_err() {
        return Err(cx.skip(
            Lack::account(Role::Member.option()),
            "needs a login that may make application credentials; one with an application credential may not",
        ));
    }
    response.require_status(201)?;
    let json = response.json()?.get("application_credential")?;
    let id = json.get("id")?.text()?.to_owned();
    planned.created(&id);
    Ok(Made { path: format!("{path}/{id}"), name, id, json, planned })
}

async fn path(cx: &Cx) -> Outcome<String> {
    Ok(format!("users/{}/application_credentials", cx.login(Role::Member).await?.user_id))
}

fn expect_described(credential: &Json, name: &str, project: Option<&str>, roles: &[String]) {
    let value = credential.value();
    expect_eq!(credential, value["name"], name, "the name is the one that was sent");
    expect_eq!(credential, value["project_id"].as_str(), project, "the project is the one that its maker works in");
    expect!(credential, value["unrestricted"] != true, "it may not manage other application credentials");
    expect_eq!(credential, value["expires_at"], Value::Null, "it does not expire");
    let given: Vec<_> =
        value["roles"].as_array().into_iter().flatten().filter_map(|role| role["name"].as_str()).collect();
    let own = !given.is_empty() && given.iter().all(|given| roles.iter().any(|role| role == given));
    expect!(credential, own, "it has roles of its maker's, who has {}, not {}", roles.join(", "), given.join(", "));
}
