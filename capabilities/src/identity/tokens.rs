//! Tokens: authentication, validation and revocation.

use assay_kit::prelude::*;

use super::login;
use crate::refusal::Refusal as _;

/// A user's id and password give a token in `X-Subject-Token`; its body names the user, says that the password was the
/// first method, and that the token was issued before it expires, which is still to come.
///
/// Both times should be written as Identity documents them. The body should not repeat the token, should name the
/// user's domain and no method but the password, and should have an audit id.
#[conformance(
    id = "identity.tokens.create",
    spec = "identity-v3#password-authentication-with-unscoped-authorization",
    covers = "6f8e4436-fc96-4282-8122-e41df57197a9",
    needs = [Identity],
)]
async fn create(cx: &Cx) -> Outcome {
    let member = cx.login(Role::Member).await?;
    let proof = login::password(&member.user_id, &cx.password(Role::Member)?);
    let response = login::log_in(&cx.identity()?, &proof).require(201).await?;
    let secret = response.require_header("x-subject-token")?;
    require!(response, !secret.is_empty(), "the header X-Subject-Token has a token");
    let token = response.json()?.get("token")?;

    let (issued, expires) = (token.get("issued_at")?, token.get("expires_at")?);
    require!(
        expires,
        expires.text()? > issued.text()?,
        "`expires_at` ({}) must sort behind `issued_at` ({})",
        expires.text()?,
        issued.text()?
    );
    require!(expires, expires.time()? > cx.now(), "a new token must not have expired");
    let early = issued.time().is_ok_and(|issued| Some(issued) < expires.time().ok());
    expect!(issued, early, "a token is issued before it expires");
    for time in [&issued, &expires] {
        let text = time.text()?;
        expect!(time, login::is_documented(text), "a time is written like 2013-02-27T18:30:59.999999Z, not {text}");
    }
    require_user(&token, &member.user_id, &member.user_name)?;
    let methods = token.get("methods")?;
    require_eq!(methods, methods.value()[0], "password", "the first method is the password");

    expect_eq!(methods, methods.value(), &json!(["password"]), "the password is the only method");
    expect!(response, !response.text().contains(secret), "the body does not repeat the token");
    let domain = &token.value()["user"]["domain"]["id"];
    expect_eq!(token, domain, &member.user_domain_id, "the token names the user's domain");
    let audited = token.value()["audit_ids"].as_array().is_some_and(|ids| !ids.is_empty());
    expect!(token, audited, "a token has an audit id");
    Ok(())
}

/// A token is shown as it was issued and for the user who asked; once revoked it is not found. The token that the
/// account works with must say when it expires, in the form that Identity documents.
///
/// The roles should be the same too, in whatever order, and the answer should repeat `X-Subject-Token`. A token for a
/// project should name the project. A revoked token should give access to nothing. Skipped where the account's login
/// cannot be made again: with a passcode, or at an identity provider.
#[conformance(
    id = "identity.tokens.validate",
    spec = "identity-v3#validate-and-show-information-for-token",
    covers = "a9512ac3-3909-48a4-b395-11f438e16260",
    needs = [Identity],
)]
async fn validate(cx: &Cx) -> Outcome {
    let (member, identity) = (cx.login(Role::Member).await?, cx.identity()?);
    login::require_own_token(cx).await?;
    let issued = login::log_in_again(cx)?.require(201).await?;
    let secret = issued.require_header("x-subject-token")?;
    let response = identity.get("auth/tokens").header("X-Subject-Token", secret).require(200).await?;
    let shown = response.json()?.get("token")?;

    let (mut before, mut after) = (issued.json()?.get("token")?.value().clone(), shown.value().clone());
    let (roles_before, roles_after) = (take_roles(&mut before), take_roles(&mut after));
    require_eq!(shown, after, before, "a token must be shown as it was issued; here null stands for its roles");
    expect_eq!(shown, roles_after, roles_before, "a token is shown with the roles it was issued with");
    require_user(&shown, &member.user_id, &member.user_name)?;
    expect_eq!(response, response.header("x-subject-token"), Some(secret), "the answer names the token it is about");

    identity.delete("auth/tokens").header("X-Subject-Token", secret).require(204).await?;
    identity.get("auth/tokens").header("X-Subject-Token", secret).require_refusal(404).await?;
    let used = identity.with_token(secret).get("auth/tokens").header("X-Subject-Token", secret).send().await?;
    expect_eq!(used, used.status(), 401, "a revoked token gives access to nothing");
    Ok(())
}

/// A new token is there (`HEAD` answers 200), is shown for its user, and is not found any more once it is revoked. The
/// token that the account works with must say when it expires, in the form that Identity documents.
///
/// `HEAD` should have no body. A token for a project should name the project. A revoked token should not be shown, and
/// should be refused where it is used. Skipped where the account's login cannot be made again: with a passcode, or at an
/// identity provider.
#[conformance(
    id = "identity.tokens.revoke",
    spec = "identity-v3#revoke-token",
    covers = "0f9f5a5f-d5cd-4a86-8a5b-c5ded151f212",
    needs = [Identity],
)]
async fn revoke(cx: &Cx) -> Outcome {
    let (member, identity) = (cx.login(Role::Member).await?, cx.identity()?);
    login::require_own_token(cx).await?;
    let issued = login::log_in_again(cx)?.require(201).await?;
    let secret = issued.require_header("x-subject-token")?;
    let about = |method: &str| identity.request(method, "auth/tokens").header("X-Subject-Token", secret);

    let there = about("HEAD").require(200).await?;
    expect!(there, there.bytes().is_empty(), "an answer to HEAD has no body");
    let shown = about("GET").require(200).await?.json()?.get("token")?;
    require_user(&shown, &member.user_id, &member.user_name)?;

    about("DELETE").require(204).await?;
    about("HEAD").require_refusal(404).await?;
    let shown = about("GET").send().await?;
    expect_eq!(shown, shown.status(), 404, "a revoked token is not shown");
    let used = identity.with_token(secret).head("auth/tokens").header("X-Subject-Token", secret).send().await?;
    expect_eq!(used, used.status(), 401, "a revoked token gives access to nothing");
    Ok(())
}

/// Ends the test as failed unless a token is this user's. Some back ends keep names without their case.
fn require_user(token: &Json, id: &str, name: &str) -> Outcome {
    let user = token.get("user")?;
    require_eq!(user, user.get("id")?.value(), id, "the token must be for the user who asked");
    require_eq!(
        user,
        user.get("name")?.text()?.to_lowercase(),
        name.to_lowercase(),
        "the token must name the user who asked"
    );
    Ok(())
}

/// Takes the roles out of a token, sorted by id, and leaves null in their place. A token without any stays as it is.
fn take_roles(token: &mut Value) -> Vec<Value> {
    let Some(place) = token.get_mut("roles") else { return Vec::new() };
    let Some(mut roles) = place.as_array().filter(|roles| !roles.is_empty()).cloned() else { return Vec::new() };
    *place = Value::Null;
    roles.sort_by_key(|role| role["id"].to_string());
    roles
}
