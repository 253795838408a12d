//! Who may ask what (DSP0266, "Authentication requirements").

use assay_kit::prelude::*;

/// Without credentials, only the service root must be shown: the rest must answer 401 or 403.
///
/// It should answer 401, and say how to log in.
#[conformance(
    id = "redfish.auth.nothing-refused",
    spec = "redfish#authentication-requirements",
    covers = "7e507ce3-6ac4-46b6-b103-0f46fa3a7456",
    needs = [Redfish],
)]
async fn nothing_refused(cx: &Cx, redfish: &Redfish) -> Outcome {
    if redfish.credentials().is_none() {
        return Err(no_user(cx, redfish));
    }
    let nobody = redfish.client().without_token();
    nobody.get("/redfish/v1/").require(200).await?;
    for path in closed(redfish).await? {
        let answer = nobody.get(&path).send().await?;
        rejected(&answer)?;
        let shown = answer.json().ok().and_then(|json| json.find("Members").or_else(|| json.find("PowerState")));
        require!(answer, shown.is_none(), "an answer that refuses must show nothing of what was asked for");
        expect!(
            answer,
            answer.header("www-authenticate").is_some(),
            "an answer that refuses should say in `WWW-Authenticate` how to log in"
        );
    }
    Ok(())
}

/// A wrong password and an invalid token must be refused with 401 or 403. The right password must still be accepted.
///
/// They should be refused with 401.
#[conformance(
    id = "redfish.auth.wrong-refused",
    spec = "redfish#authentication-requirements",
    covers = "2c41676b-0601-4752-a050-e7344d31fd28",
    needs = [Redfish],
)]
async fn wrong_refused(cx: &Cx, redfish: &Redfish) -> Outcome {
    let Some((user, _)) = redfish.credentials() else { return Err(no_user(cx, redfish)) };
    let root = redfish.root().await?;
    let Some(systems) = redfish.path(&root, "Systems")? else {
        return Err(cx.skip(Lack::feature(Service::Redfish, "Systems"), "the service offers no systems"));
    };
    // Once alone: accounts lock.
    rejected(&redfish.client().with_basic(user, &cx.unused_uuid()).get(&systems).send().await?)?;
    rejected(&redfish.client().with_token(&cx.unused_uuid()).get(&systems).send().await?)?;
    redfish.get(&systems).require(200).await.map(drop)
}

/// Requires that somebody without valid credentials was refused.
pub(super) fn rejected(answer: &Response) -> Outcome {
    answer.require_status([401, 403])?;
    expect_eq!(answer, answer.status(), 401, "who has no valid credentials should be answered with 401");
    Ok(())
}

/// What is not for everybody.
async fn closed(redfish: &Redfish) -> Outcome<Vec<String>> {
    let root = redfish.root().await?;
    let mut paths = Vec::new();
    for link in ["Systems", "Managers"] {
        paths.extend(redfish.path(&root, link)?);
    }
    for system in redfish.systems_to_read().await?.iter().take(1) {
        paths.push(system.get("@odata.id")?.text()?.to_owned());
    }
    Ok(paths)
}

pub(super) fn no_user(cx: &Cx, redfish: &Redfish) -> Stop {
    cx.skip(Lack::setting("username"), format!("needs a user: the deployment file names none for `{}`", redfish.name()))
}
