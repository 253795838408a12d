//! Users: accounts that are locked after too many wrong passwords.

use std::time::Duration;

use assay_kit::prelude::*;

use super::login::{Spare, log_in, password, require_refused};

/// How many wrong passwords are tried in a row before the right one is. A login resets the count that the service keeps, so
/// the rows grow, instead of the last going on.
const ROWS: [usize; 3] = [3, 6, 12];
/// How long is waited for a locked account to open again.
const PATIENCE: Duration = Duration::from_secs(120);

/// After several wrong passwords in a row the right one is refused too, and logs in again after a while.
///
/// Which number that is, and how long, no API tells. Skipped where 12 wrong passwords in a row lock nothing, and where
/// the account is still locked after two minutes, which tells nothing about a lock that lasts longer; the account opens
/// by itself then, at the time that the deployment has set.
#[conformance(
    id = "identity.users.lockout",
    spec = "identity-v3#password-authentication-with-unscoped-authorization",
    covers = "a7ad8bbf-2cff-4520-8c1d-96332e151658",
    needs = [Identity, SpareAccount],
    holds = [SpareAccount],
    // Less than the other tests of this account, so that it comes after them: it may leave the account locked for a while.
    seconds = 5,
)]
async fn lockout(cx: &Cx) -> Outcome {
    let spare = Spare::log_in(cx).await?;
    let right = password(&spare.user, &spare.password);
    let wrong = password(&spare.user, &cx.deployment().derived_secret(Role::Spare, "wrong-password")?);
    if !locked(&spare.identity, &right, &wrong).await? {
        return Err(
            cx.skip(Lack::feature(Service::Identity, "lockout"), "no lockout after 12 wrong passwords in a row")
        );
    }
    let opened = cx.wait_until("the account opens again", PATIENCE, || async {
        let login = log_in(&spare.identity, &right).require([201, 401, 403]).await?;
        Ok((login.status() == 201).then_some(()))
    });
    match opened.await {
        Err(Stop::Fail(_)) => Err(cx.skip(
            Lack::feature(Service::Identity, "lockout"),
            format!(
                "the account was locked, and still is after {} s: the deployment locks for longer than this test waits",
                PATIENCE.as_secs()
            ),
        )),
        other => other,
    }
}

/// Tries wrong passwords until the right one is refused.
async fn locked(identity: &Client, right: &Value, wrong: &Value) -> Outcome<bool> {
    for row in ROWS {
        for _ in 0..row {
            require_refused(log_in(identity, wrong)).await?;
        }
        let login = log_in(identity, right).require([201, 401, 403]).await?;
        if login.status() != 201 {
            login.json()?.at(["error", "message"])?;
            return Ok(true);
        }
    }
    Ok(false)
}
