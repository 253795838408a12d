//! The key manager: [scs-0116](https://docs.scs.community/standards/scs-0116-v1-key-manager-standard).

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::services::Catalog;

/// The type under which the catalog lists it.
const KIND: &str = "key-manager";
/// How many secrets a page has at most.
const PAGE: usize = 100;

/// The catalog must have a service of the type `key-manager`.
///
/// It should have a public endpoint with an address.
#[conformance(
    id = "scs-0116-presence",
    spec = "scs-0116-v1#key-manager-standard",
    covers = "4fb9b487-c690-51a5-8395-5a1967993dff",
    needs = [Identity],
    shares = ["scs.catalog"],
)]
async fn presence(cx: &Cx) -> Outcome {
    Catalog::shared(cx).await?.require(cx, &[KIND])
}

/// Why an account with these roles is not the plain member that the test case is for.
fn unfit(roles: &[String]) -> Option<String> {
    let has = |name: &str| roles.iter().any(|role| role == name);
    let more: Vec<&str> = ["admin", "manager"].into_iter().filter(|name| has(name)).collect();
    let why = match more.as_slice() {
        [] if has("member") => return None,
        [] => "it has not the role `member`".to_owned(),
        more => format!("it has the role `{}`", more.join("` and the role `")),
    };
    Some(format!("this shows what the role `member` may do, and the account is not fit for it: {why}"))
}

/// What is behind the last slash of the address that a description has.
fn id_of(secret: &Json) -> Outcome<String> {
    let address = secret.get("secret_ref")?;
    let id = address.text()?.rsplit('/').next().unwrap_or_default().to_owned();
    require!(address, !id.is_empty(), "the address of a secret must end with its id");
    Ok(id)
}

/// Who has the role `member`, and neither `admin` nor `manager`, must be able to make a secret, to find it in the list under its
/// name, and to delete it. Where the catalog has no key manager, nothing is required of one, and the test passes.
///
/// The list by a name should have what is called so and nothing else, a secret should be shown as active, its payload should be
/// what was given, and a deleted one should be gone.
#[conformance(
    id = "scs-0116-permissions",
    spec = "scs-0116-v1#key-manager-policies",
    covers = "8d736605-14a0-5fbc-9398-8b934443df68",
    needs = [Identity],
    shares = ["scs.catalog"],
)]
async fn permissions(cx: &Cx) -> Outcome {
    if let Some(why) = unfit(&cx.login(Role::Member).await?.roles) {
        return Err(Stop::Error(why));
    }
    if Catalog::shared(cx).await?.of(&[KIND]).next().is_none() {
        return Ok(());
    }
    let manager = cx.key_manager()?;
    let name = cx.name("secret");
    let payload = cx.deployment().derived_secret(Role::Member, &name)?;
    cx.log_handle().redactor().learn(&payload);
    let planned = cx.will_create(Resource::new(Kind::Secret, &name))?;
    let body = json!({"name": name, "secret_type": "opaque", "payload": payload, "payload_content_type": "text/plain"});
    let answer = manager.post("secrets").json(&body).require(201).await?.json()?;
    planned.created(&id_of(&answer)?);

    let mut pages = Pages::new(&manager, "secrets").query("limit", PAGE);
    let (mut listed, mut first) = (None, None);
    while let Some(page) = pages.next().await? {
        let secrets = page.get("secrets")?.elements()?;
        listed = listed.or_else(|| secrets.into_iter().find(|secret| secret.value()["name"] == *name));
        first.get_or_insert(page);
    }
    let Some(listed) = listed else {
        let requirement = "a new secret must be in the list under its name";
        return Err(first.unwrap_or(answer).fail(requirement.to_owned(), Some(name), None));
    };
    let id = id_of(&listed)?;
    planned.created(&id);
    let path = format!("secrets/{}", encode(&id));

    let named = Pages::new(&manager, "secrets").query("name", &name).all().await?;
    let alone = named.len() == 1 && named[0].value()["name"] == *name;
    expect!(cx, alone, "the list of secrets by a name should have the one that is called so, and nothing else");
    let shown = manager.get(&path).send().await?;
    expect_eq!(shown, shown.status(), 200, "a secret should be shown");
    if shown.status() == 200 {
        let shown = shown.json()?;
        expect_eq!(shown, shown.value()["status"], "ACTIVE", "a secret with a payload should be active");
    }
    let read = manager.get(&format!("{path}/payload")).header("Accept", "text/plain").send().await?;
    expect!(read, read.status() == 200 && read.text() == payload, "the payload of a secret should be what was given");

    manager.delete(&path).require(204).await?;
    let gone = manager.get(&path).send().await?;
    expect_eq!(gone, gone.status(), 404, "a deleted secret should be gone");
    if gone.status() == 404 {
        planned.removed();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_member_shows_what_a_member_may_do() {
        let why = |roles: &[&str]| unfit(&roles.iter().map(|role| (*role).to_owned()).collect::<Vec<_>>());
        assert_eq!(why(&["member", "reader", "load-balancer_member"]), None);
        assert!(why(&["reader"]).unwrap().ends_with("it has not the role `member`"));
        assert!(why(&["member", "manager"]).unwrap().ends_with("it has the role `manager`"));
        assert!(why(&["admin", "manager"]).unwrap().ends_with("it has the role `admin` and the role `manager`"));
    }
}
