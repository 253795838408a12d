//! Logging in (`SessionService`, `Session`).

use std::collections::BTreeSet;

use assay_kit::prelude::*;

use super::auth::{no_user, rejected};
use super::fixture::{accepted, reached, same_path};

/// A login must get a token that gives access until the session is ended.
///
/// The login should be answered with 201, and a token that is over with 401. The session should name the user.
#[conformance(
    id = "redfish.sessions.use",
    spec = "redfish#redfish-session-login-authentication",
    covers = "58807037-92ba-4b95-b4fa-b09958e6fa6d",
    needs = [Redfish],
    holds = [RedfishMachines],
)]
async fn log_in(cx: &Cx, redfish: &Redfish) -> Outcome {
    let Some((user, password)) = redfish.credentials() else { return Err(no_user(cx, redfish)) };
    let root = redfish.root().await?;
    let sessions = sessions(cx, redfish, &root).await?;
    let Some(systems) = redfish.path(&root, "Systems")? else {
        return Err(cx.skip(Lack::feature(Service::Redfish, "Systems"), "the service offers no systems"));
    };
    let before = all(redfish, &sessions).await?;
    let planned =
        cx.will_create(Resource::new(Kind::RedfishSession, &cx.name("session")).of(redfish.client().role()))?;
    let nobody = redfish.client().without_token();
    let answer = nobody.post(&sessions).json(&json!({"UserName": user, "Password": password})).send().await?;
    answer.require_status(200..=299)?;
    expect_eq!(answer, answer.status(), 201, "a login should be answered with 201");
    let path = redfish.location(&answer)?;
    let has = |paths: &BTreeSet<String>| paths.iter().any(|other| same_path(other, &path));
    require!(answer, !has(&before), "a new session must have a path of its own, but {path} was there before");
    let listed = has(&all(redfish, &sessions).await?);
    require!(answer, listed, "a new session must be in the list of sessions, but {path} is not");
    planned.created(&path);
    let bearer = redfish.client().with_token(answer.require_header("x-auth-token")?);

    bearer.get(&systems).require(200).await?;
    let session = redfish.read(&bearer.get(&path).require(200).await?)?;
    let named = session.get("UserName")?;
    let is_user = named.value().as_str().is_some_and(|name| name.eq_ignore_ascii_case(user));
    let value = named.value();
    require!(named, is_user || value.is_null(), "the session must be the user's, but its `UserName` is {value}");
    expect_eq!(named, named.value(), user, "`UserName` of a session should be the user's");
    require!(session, session.value()["Password"].is_null(), "a session must not show the password");
    accepted(&bearer.delete(&path).send().await?)?;
    rejected(&bearer.get(&systems).send().await?)?;
    planned.removed();
    Ok(())
}

/// A login with a wrong password must be refused. It must get no token, and create no session.
///
/// It should be refused with 400 or 401.
#[conformance(
    id = "redfish.sessions.refused",
    spec = "redfish#redfish-session-login-authentication",
    covers = "208ea313-c6d5-4eb9-8a9c-a3127305cc2f",
    needs = [Redfish],
    holds = [RedfishMachines],
)]
async fn session_refused(cx: &Cx, redfish: &Redfish) -> Outcome {
    let Some((user, _)) = redfish.credentials() else { return Err(no_user(cx, redfish)) };
    let root = redfish.root().await?;
    let sessions = sessions(cx, redfish, &root).await?;
    let before = all(redfish, &sessions).await?;
    // Once alone: accounts lock.
    let wrong = json!({"UserName": user, "Password": cx.unused_uuid()});
    let answer = redfish.client().without_token().post(&sessions).json(&wrong).send().await?;
    answer.require_status(400..=499)?;
    let status = answer.status();
    expect!(answer, matches!(status, 400 | 401), "a wrong password should be answered with 401 or 400, not {status}");
    require!(answer, answer.header("x-auth-token").is_none(), "who is refused must get no token");
    let new: Vec<String> = all(redfish, &sessions).await?.difference(&before).cloned().collect();
    for path in &new {
        // Somebody else may have logged in meanwhile.
        let session = redfish.get(path).send().await?;
        let ours = session.json().ok().is_some_and(|session| session.value()["UserName"] == user);
        require!(session, !ours, "no session must come of a login that is refused; there is {path}");
    }
    Ok(())
}

/// Where a client logs in.
async fn sessions(cx: &Cx, redfish: &Redfish, root: &Json) -> Outcome<String> {
    let service = reached(redfish, root, "SessionService").await?;
    if let Some(service) = &service {
        let timeout = service.value()["SessionTimeout"].as_i64();
        let sound = timeout.is_some_and(|seconds| (30..=86_400).contains(&seconds));
        let promise = "a session that is not used should end after 30 to 86400 s";
        expect!(service, sound, "{promise}; `SessionTimeout` is {timeout:?}");
        if let Some(path) = redfish.path(service, "Sessions")? {
            return Ok(path);
        }
    }
    let links = root.find("Links").map(|links| redfish.path(&links, "Sessions")).transpose()?.flatten();
    links.ok_or_else(|| {
        cx.skip(Lack::feature(Service::Redfish, "Sessions"), format!("`{}` offers no sessions", redfish.name()))
    })
}

async fn all(redfish: &Redfish, sessions: &str) -> Outcome<BTreeSet<String>> {
    let collection = redfish.show(sessions).await?;
    Ok(redfish.member_paths(&collection).await?.into_iter().collect())
}
