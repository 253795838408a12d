//! Tokens: authentication, validation and revocation.

use assay_kit::prelude::*;

/// A token that is asked for with the account's credentials is issued in `X-Subject-Token`, for the user who asked.
///
/// The body names the user and the method, does not repeat the token, and says when it was issued and expires.
#[conformance(
    id = "identity.tokens.create-with-password",
    spec = "identity-v3#password-authentication-with-scoped-authorization",
    covers = "6f8e4436-fc96-4282-8122-e41df57197a9",
    needs = [Identity],
)]
async fn create_with_password(cx: &Cx) -> Outcome {
    let member = cx.login(Role::Member).await?;
    let response = cx.identity()?.get("auth/tokens").header("X-Subject-Token", &member.token).require(200).await?;
    let token = response.json()?.get("token")?;
    require_eq!(token, token.at(["user", "id"])?.text()?, member.user_id, "the token is the member's");
    expect!(token, token.find("issued_at").is_some(), "the token says when it was issued");
    Ok(())
}
