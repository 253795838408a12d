//! Requests for a token, as the tests make them.

use std::time::Duration;

use assay_kit::Request;
use assay_kit::prelude::*;

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
            let response = log_in(&identity, &password(&user, &secret)).require([201, 401]).await?;
            match pauses.next().filter(|_| response.status() == 401) {
                Some(pause) => tokio::time::sleep(Duration::from_secs(pause)).await,
                None => break response,
            }
        };
        if response.status() == 401 {
            let reason = "the spare account cannot log in; it may still be locked, or another run on another machine uses it: \
                          let that end, or give each run an account of its own";
            return Err(Stop::Error(reason.into()));
        }
        let token = response.require_header("x-subject-token")?.to_owned();
        Ok(Self { identity, user, password: secret, token })
    }
}
