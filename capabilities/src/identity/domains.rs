//! Domains.

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::login::{told, wants_project};

/// The default domain is shown to a plain member, and it is enabled.
///
/// No API tells which domain is the default one: it is taken to be that of the member's project, or the member's own
/// where the project's is not known. The answer should be about that domain and link to it.
#[conformance(
    id = "identity.domains.show-default",
    spec = "identity-v3#show-domain-details",
    covers = "17a5de24-e6a0-4e4a-a9ee-d85b6e5612b5",
    needs = [Identity],
)]
async fn show_default(cx: &Cx) -> Outcome {
    let (member, identity) = (cx.login(Role::Member).await?, cx.identity()?);
    // Members may see the domain of the project that they work in; the users of a company may be kept in another one.
    let token = identity.get("auth/tokens").header("X-Subject-Token", &member.token).send().await?;
    let own = told(&token)["token"]["project"]["domain"]["id"].clone();
    let id = own.as_str().unwrap_or(&member.user_domain_id);
    let answer = identity.get(&format!("domains/{}", encode(id))).send().await?;
    if answer.status() == 403 && member.project_id.is_none() {
        return Err(wants_project(cx, "a token for none may see no domain"));
    }
    answer.require_status(200)?;
    let domain = answer.json()?.get("domain")?;
    require_eq!(domain, domain.get("enabled")?.value(), &json!(true), "the default domain must be enabled");
    expect_eq!(domain, domain.value()["id"], id, "the domain shown is the one that was asked for");
    expect!(domain, domain.value()["name"].as_str().is_some_and(|name| !name.is_empty()), "a domain has a name");
    let link = domain.value()["links"]["self"].as_str().unwrap_or_default();
    expect!(domain, link.ends_with(&format!("/domains/{id}")), "a domain links to itself, not to {link:?}");
    Ok(())
}
