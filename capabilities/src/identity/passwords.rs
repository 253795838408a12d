//! Users: passwords that they change themselves.
//!
//! These tests use the spare account only. Its password is put back however they end.

use std::time::Duration;

use assay_kit::Request;
use assay_kit::prelude::*;

use super::login::{Spare, log_in, password, require_refused};

/// A user changes the password: the new one logs in, the old one does not, and a token issued before is worth nothing.
///
/// That token should be refused as one that is not found. A wrong present password should change nothing. Skipped
/// where users cannot change their passwords, or not so soon again, which no API tells before.
#[conformance(
    id = "identity.users.change-password",
    spec = "identity-v3#change-password-for-user",
    covers = "ad71bd23-12ad-426b-bb8b-195d2b635f27",
    needs = [Identity, SpareAccount],
    holds = [SpareAccount],
    seconds = 6,
)]
async fn change_password(cx: &Cx) -> Outcome {
    let spare = Spare::log_in(cx).await?;
    let passwords = cx.spare_passwords()?;
    let new = passwords.next()?;

    let wrong = change(&spare.identity.with_token(&spare.token), &spare.user, &new, &new).send().await?;
    expect!(
        wrong,
        matches!(wrong.status(), 400..=499),
        "a password is not changed by who does not know the present one"
    );

    changed(cx, change(&spare.identity.with_token(&spare.token), &spare.user, &spare.password, &new)).await?;
    log_in(&spare.identity, &password(&spare.user, &new)).require(201).await?;

    let proof = json!({"methods": ["token"], "token": {"id": spare.token}});
    let old_token = log_in(&spare.identity, &proof).send().await?;
    require!(
        old_token,
        !matches!(old_token.status(), 200 | 201 | 204 | 401 | 403),
        "a token from before the change must give no other: it must be refused as one that does not exist, not with {}",
        old_token.status()
    );
    expect_eq!(old_token, old_token.status(), 404, "a token from before the change is not found");
    require_refused(log_in(&spare.identity, &password(&spare.user, &spare.password))).await?;
    Ok(())
}

/// A user cannot take a recent password again, neither the present one nor the one before it, and can take another.
///
/// A refused change should leave the present password in force. Skipped where no history of two passwords is kept,
/// which no API tells: there a password can be used again. Skipped too where users cannot change their passwords, or
/// not so soon again.
#[conformance(
    id = "identity.users.password-history",
    spec = "identity-v3#change-password-for-user",
    covers = "941784ee-5342-4571-959b-b80dd2cea516",
    needs = [Identity, SpareAccount],
    holds = [SpareAccount],
    seconds = 6,
)]
async fn password_history(cx: &Cx) -> Outcome {
    let spare = Spare::log_in(cx).await?;
    let passwords = cx.spare_passwords()?;
    let first = passwords.next()?;
    changed(cx, change(&spare.identity.with_token(&spare.token), &spare.user, &spare.password, &first)).await?;
    let changing = changing(cx, &spare, &first).await?;

    for (again, which) in [(&first, "the present one"), (&spare.password, "the one before")] {
        let answer = change(&changing, &spare.user, &first, again).send().await?;
        if answer.status() == 204 {
            let reason = format!("a password can be used again ({which}): no history of two passwords is kept");
            return Err(cx.skip(Lack::feature(Service::Identity, "password history"), reason));
        }
        crate::refusal::require_refused(&answer, 400)?;
        expect!(answer, !answer.text().contains(again.as_str()), "a refusal does not repeat the password");
    }
    let present = log_in(&spare.identity, &password(&spare.user, &first)).send().await?;
    expect_eq!(present, present.status(), 201, "after a refused change the present password still logs in");

    let second = passwords.next()?;
    changed(cx, change(&changing, &spare.user, &first, &second)).await?;
    log_in(&spare.identity, &password(&spare.user, &second)).require(201).await?;
    let replaced = log_in(&spare.identity, &password(&spare.user, &first)).send().await?;
    expect_eq!(replaced, replaced.status(), 401, "the password that was replaced does not log in");
    Ok(())
}

/// A request that changes a user's password.
fn change(identity: &Client, user: &str, from: &str, to: &str) -> Request {
    let body = json!({"user": {"original_password": from, "password": to}});
    identity.post(&format!("users/{user}/password")).json(&body)
}

/// Requires that a password is changed, and waits as long as the published tests do for that to take effect.
///
/// Ends the test as skipped where users cannot change their passwords, or not so soon again.
async fn changed(cx: &Cx, change: Request) -> Outcome {
    let answer = change.send().await?;
    let not_now = || answer.text().to_lowercase().contains("cannot change your password at this time");
    if answer.status() == 403 || (answer.status() == 400 && not_now()) {
        let reason = format!("users may not change their passwords, or not so soon again: {}", answer.status());
        return Err(cx.skip(Lack::feature(Service::Identity, "password change"), reason));
    }
    answer.require_status(204)?;
    // Revocations may count in whole seconds.
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(())
}

/// The identity service with a token that is valid after a change. Revocations may count in whole seconds: a token
/// issued in the second of the change is revoked with the older ones.
async fn changing(cx: &Cx, spare: &Spare, secret: &str) -> Outcome<Client> {
    let proof = password(&spare.user, secret);
    cx.wait_until("a new token is valid after its user's password was changed", Duration::from_secs(5), || async {
        let login = log_in(&spare.identity, &proof).require(201).await?;
        let token = login.require_header("x-subject-token")?;
        let client = spare.identity.with_token(token);
        let check = client.head("auth/tokens").header("X-Subject-Token", token).send().await?;
        Ok((check.status() == 200).then_some(client))
    })
    .await
}
