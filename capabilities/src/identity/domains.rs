//! Domains.

use assay_kit::prelude::*;

/// The default domain is shown to a plain member, and it is enabled.
///
/// No API tells which domain is the default one: it is taken to be the member's own, as it is wherever accounts are
/// created without naming a domain. The answer is promised to be about that domain and to link to it.
#[conformance(
    id = "identity.domains.show-default",
    spec = "identity-v3#show-domain-details",
    covers = "17a5de24-e6a0-4e4a-a9ee-d85b6e5612b5",
    needs = [Identity],
)]
async fn show_default(cx: &Cx) -> Outcome {
    let id = cx.login(Role::Member).await?.user_domain_id.clone();
    let domain = cx.identity()?.get(&format!("domains/{id}")).require(200).await?.json()?.get("domain")?;
    require_eq!(domain, domain.get("enabled")?.value(), &json!(true), "the default domain is enabled");
    expect_eq!(domain, domain.value()["id"], id, "the domain shown is the one that was asked for");
    expect!(domain, domain.value()["name"].as_str().is_some_and(|name| !name.is_empty()), "a domain has a name");
    let link = domain.value()["links"]["self"].as_str().unwrap_or_default();
    expect!(domain, link.ends_with(&format!("/domains/{id}")), "a domain links to itself, not to {link:?}");
    Ok(())
}
