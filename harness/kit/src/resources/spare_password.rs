//! The password of the spare account, which tests change and which is put back:
//! <https://docs.openstack.org/api-ref/identity/v3/#change-password-for-user>.
//!
//! Nothing secret is written down. The passwords that a run sets are derived from the account's own, the run's name and
//! a step: 1, 2, 3 and so on; step 0 is the account's own password. The step is journalled as the id of the resource
//! before the request that sets its password, so the password in force is that of the last step, of the one before it
//! (the request never arrived), or the account's own. Only where the journal is lost are all steps tried.

use std::time::Duration;

use serde_json::json;

use super::{Kind, Resource, Standing};
use crate::http::address::encode;
use crate::http::client::Client;
use crate::http::response::Response;
use crate::journal::State;
use crate::outcome::{Outcome, Stop};

/// How many steps are tried without a journal, and how many new passwords are set until the history has forgotten the
/// account's own. The longest history that a common standard asks for is 24 passwords.
const STEPS: u32 = 40;
/// How long is waited before each further look for the password in force: a wrong one may have locked the account.
const PAUSES: [u64; 4] = [1, 6, 15, 30];

/// The name under which a run changes the password.
pub(crate) fn name(run: &str) -> String {
    format!("{run}-spare-password")
}

/// The account's password, when its own no longer logs in.
pub(super) async fn find(client: &Client) -> Outcome<Vec<Resource>> {
    let client = client.without_token();
    let Some(own) = client.caller.session.password() else { return Ok(Vec::new()) };
    let changed = log_in(&client, own).await?.is_none();
    Ok(changed
        .then(|| Resource::new(Kind::SparePassword, &name(client.guard.run())).of(client.role()))
        .into_iter()
        .collect())
}

/// Whether the password has to be put back: the account's own is tried first, and no other where that one logs in. A wrong
/// one may lock the account.
pub(super) async fn standing(client: &Client, resource: &Resource) -> Outcome<Standing> {
    if resource.name != name(client.guard.run()) {
        return Ok(Standing::Doubtful(format!("`{}` is no name of this run", resource.name)));
    }
    let client = client.without_token();
    let Some(own) = client.caller.session.password() else {
        return Ok(Standing::Doubtful("the spare account has no password that could be put back".into()));
    };
    let changed = log_in(&client, own).await?.is_none();
    Ok(if changed { Standing::Ours } else { Standing::Gone })
}

/// Puts the account's own password back.
pub(super) async fn put_back(client: &Client, resource: &Resource) -> Outcome {
    if resource.name != name(client.guard.run()) {
        return Err(Stop::Error(format!("`{}` is no name of this run", resource.name)));
    }
    let client = client.without_token();
    let last = resource.id.as_deref().and_then(|step| step.parse().ok());
    let mut force = in_force(&client, resource, last).await?;
    if last.is_some_and(|last| force.step < last) {
        // The request that sets the last one may still be on its way.
        tokio::time::sleep(Duration::from_millis(500)).await;
        force = in_force(&client, resource, last).await?;
    }
    if force.step == 0 {
        return Ok(());
    }
    let own = secret(&client, &resource.name, 0)?;
    let mut password = secret(&client, &resource.name, force.step)?;
    let mut taken = force.step.max(last.unwrap_or(0));
    for _ in 0..STEPS {
        let answer = change(&client, &force.user, &password, &own).await?;
        if answer.status() == 204 {
            return settled(&client, &own).await;
        }
        // A history of passwords refuses the account's own until it has been forgotten.
        answer.require_status([400, 403, 409])?;
        taken = client.caller.session.next_step(taken);
        let step = Resource { id: Some(taken.to_string()), ..resource.clone() };
        let journal = client.caller.log.recorder().journal();
        journal.write(client.caller.log.id(), &step, State::Created, None).map_err(Stop::Error)?;
        let next = secret(&client, &resource.name, taken)?;
        change(&client, &force.user, &password, &next).await?.require_status(204)?;
        password = next;
    }
    Err(Stop::Error(format!("the account's own password is refused after {STEPS} others")))
}

/// The password in force.
struct InForce {
    step: u32,
    user: String,
}

async fn in_force(client: &Client, resource: &Resource, last: Option<u32>) -> Outcome<InForce> {
    let steps: Vec<u32> = match last {
        Some(last) => {
            let mut steps = vec![last, last.saturating_sub(1), 0];
            steps.dedup();
            steps
        }
        None => (0..=STEPS).collect(),
    };
    for round in 0..=PAUSES.len() {
        // Each round begins with another one: the account may be locked before the last is tried.
        for at in 0..steps.len() {
            let step = steps[(at + round) % steps.len()];
            if let Some(user) = log_in(client, &secret(client, &resource.name, step)?).await? {
                return Ok(InForce { step, user });
            }
        }
        if let Some(pause) = PAUSES.get(round) {
            tokio::time::sleep(Duration::from_secs(*pause)).await;
        }
    }
    Err(Stop::Error(
        "neither the account's own password nor one that the run set logs in; if the account is locked, sweep again once \
         it is not"
            .into(),
    ))
}

/// The password of a step.
pub(crate) fn secret(client: &Client, name: &str, step: u32) -> Outcome<String> {
    let secret = if step == 0 {
        let own = client.caller.session.password().map(str::to_owned);
        own.ok_or_else(|| Stop::Error("the spare account has no password that could be put back".into()))?
    } else {
        client.caller.session.derived_secret(&format!("{name}/{step}"))?
    };
    client.caller.log.redactor().learn(&secret);
    Ok(secret)
}

/// The user's id, when the password logs in.
async fn log_in(client: &Client, password: &str) -> Outcome<Option<String>> {
    let proof = client.caller.session.proof_with(password);
    let answer = client.post("auth/tokens").json(&json!({"auth": {"identity": proof}})).require([201, 401]).await?;
    if answer.status() == 401 {
        return Ok(None);
    }
    let user = answer.json()?.at(["token", "user", "id"])?.text()?.to_owned();
    client.guard.is_user(client.role(), &user);
    Ok(Some(user))
}

async fn change(client: &Client, user: &str, from: &str, to: &str) -> Outcome<Response> {
    let body = json!({"user": {"original_password": from, "password": to}});
    client.post(&format!("users/{}/password", encode(user))).json(&body).send().await
}

/// Waits until a new token is valid: where revocations count in whole seconds, one issued in the second of the change is
/// revoked with the older ones.
async fn settled(client: &Client, password: &str) -> Outcome {
    let proof = client.caller.session.proof_with(password);
    for _ in 0..20 {
        let answer = client.post("auth/tokens").json(&json!({"auth": {"identity": proof}})).require(201).await?;
        let token = answer.require_header("x-subject-token")?;
        let check = client.with_token(token).head("auth/tokens").header("X-Subject-Token", token).send().await?;
        if check.status() < 300 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    Err(Stop::Error("no token is valid after the password was put back".into()))
}
