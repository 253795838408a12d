//! Requests for a token, as the tests make them.

use std::time::Duration;

use assay_kit::Request;
use assay_kit::prelude::*;
use assay_kit::session::{Credentials, Domain, Principal, Scope};
use chrono::NaiveDateTime;

/// A request for a token that is bound to no scope of its own.
pub(super) fn log_in(identity: &Client, proof: &Value) -> Request {
    ask(identity, &json!({"auth": {"identity": proof}}))
}

/// A request for a token that is valid for a project.
pub(super) fn log_in_to(identity: &Client, proof: &Value, project: &Value) -> Request {
    ask(identity, &json!({"auth": {"identity": proof, "scope": {"project": project}}}))
}

fn ask(identity: &Client, body: &Value) -> Request {
    identity.without_token().post("auth/tokens").json(body)
}

/// A request for one more token, by what the member's entry of clouds.yaml proves, that is bound to no scope of its own. Skips
/// the test where nothing can be proved again.
pub(super) fn log_in_again(cx: &Cx) -> Outcome<Request> {
    let cloud = cx.deployment().session(Role::Member)?.cloud();
    if logs_in_once(&cloud.credentials) {
        let method = cloud.credentials.method();
        return Err(cx.skip(
            Lack::account(Role::Member.option()),
            format!("needs a login that can be made again: cloud `{}` logs in with {method}", cloud.name),
        ));
    }
    Ok(log_in(&cx.identity()?, &cx.proof(Role::Member)?))
}

/// Whether credentials are good for the account's own login alone: a passcode is used up by it, and an identity provider is
/// asked by it alone.
fn logs_in_once(credentials: &Credentials) -> bool {
    matches!(credentials, Credentials::Factors(_) | Credentials::OpenId(_))
}

/// Ends the test as skipped: it needs a login for a project, for this reason.
pub(super) fn wants_project(cx: &Cx, why: &str) -> Stop {
    cx.skip(Lack::account(Role::Member.option()), format!("needs a login for a project: {why}"))
}

/// Logs in as the member's entry of clouds.yaml says, for its project where it names one. Ends the test as failed
/// unless the token says when it expires, as Identity documents it: the clients of the published tests read that before
/// each request, and no other form.
pub(super) async fn require_own_token(cx: &Cx) -> Outcome {
    let (identity, proof) = (cx.identity()?, cx.proof(Role::Member)?);
    let cloud = cx.deployment().session(Role::Member)?.cloud();
    let wrong = |text: &str| format!("`expires_at` must be written like 2013-02-27T18:30:59.999999Z, not {text}");
    // What the account's own login gave is looked at.
    if logs_in_once(&cloud.credentials) {
        let login = cx.login(Role::Member).await?;
        require!(cx, is_documented(&login.expires_at), "{}", wrong(&login.expires_at));
        return Ok(());
    }
    let (request, scoped) = match (&cloud.credentials, &cloud.scope) {
        // An application credential brings its project along, and may name none.
        (Credentials::ApplicationCredential { .. }, _) => (log_in(&identity, &proof), true),
        (_, Scope::Project(project)) => (log_in_to(&identity, &proof, &named(project)), true),
        _ => (log_in(&identity, &proof), false),
    };
    let token = request.require(201).await?.json()?.get("token")?;
    let expires = token.get("expires_at")?;
    let text = expires.text()?;
    require!(expires, is_documented(text), "{}", wrong(text));
    if scoped {
        let project = &token.value()["project"]["id"];
        expect!(token, project.is_string(), "a token for a project names the project in its body");
    }
    Ok(())
}

/// A project as a request names it.
fn named(project: &Principal) -> Value {
    match project {
        Principal::Id(id) => json!({"id": id}),
        Principal::Name { name, domain: Domain::Id(id) } => json!({"name": name, "domain": {"id": id}}),
        Principal::Name { name, domain: Domain::Name(domain) } => json!({"name": name, "domain": {"name": domain}}),
    }
}

/// Whether a time is written as Identity documents it: in UTC with a `Z`, its seconds whole or with up to six digits
/// more.
pub(super) fn is_documented(time: &str) -> bool {
    let Some(time) = time.strip_suffix('Z') else { return false };
    let digits = time.split_once('.').map(|(_, fraction)| fraction.len());
    digits.is_none_or(|digits| (1..=6).contains(&digits))
        && NaiveDateTime::parse_from_str(time, "%Y-%m-%dT%H:%M:%S%.f").is_ok()
}

/// What an answer says of which nothing is required; null when it is no JSON.
pub(super) fn told(answer: &Response) -> Value {
    serde_json::from_slice(answer.bytes()).unwrap_or_default()
}

/// What proves who a user is: the user's id and a password.
pub(super) fn password(user: &str, password: &str) -> Value {
    json!({"methods": ["password"], "password": {"user": {"id": user, "password": password}}})
}

/// Ends the test as failed unless a login is refused: with 401 or 403, and an error that has a message.
pub(super) async fn require_refused(login: Request) -> Outcome<Response> {
    let response = login.require([401, 403]).await?;
    response.json()?.at(["error", "message"])?;
    expect!(response, response.header("x-subject-token").is_none(), "a refused login gives no token");
    Ok(response)
}

/// The spare account's user and password, once they have been seen to log in.
pub(super) struct Spare {
    pub identity: Client,
    pub user: String,
    pub password: String,
    /// A token of the test's own.
    pub token: String,
}

impl Spare {
    /// Logs the spare account in. That it cannot is no finding: an earlier test may have locked it.
    pub(super) async fn log_in(cx: &Cx) -> Outcome<Self> {
        let secret = cx.password(Role::Spare)?;
        let identity = cx.client(Role::Spare, Service::Identity)?;
        let user = cx.login(Role::Spare).await?.user_id.clone();
        // A lock, and a run on another machine with this account, come to an end.
        let mut pauses = [5, 20].into_iter();
        let response = loop {
            let response = log_in(&identity, &password(&user, &secret)).require([201, 401, 403]).await?;
            match pauses.next().filter(|_| response.status() != 201) {
                Some(pause) => tokio::time::sleep(Duration::from_secs(pause)).await,
                None => break response,
            }
        };
        if response.status() != 201 {
            let reason = "the spare account cannot log in; it may still be locked, or another run on another machine uses it: \
                          let that end, or give each run an account of its own";
            return Err(Stop::Error(reason.into()));
        }
        let token = response.require_header("x-subject-token")?.to_owned();
        Ok(Self { identity, user, password: secret, token })
    }
}
