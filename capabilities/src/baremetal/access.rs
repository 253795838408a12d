//! Who is let in.

use assay_kit::prelude::*;
use assay_kit::session::Credentials;

use super::fixture::{at, drivers, require_no_node, require_refused};

/// The user that the service itself asks for; none where tokens are asked for.
fn user(cx: &Cx) -> Outcome<Option<String>> {
    match &cx.deployment().session(Role::Member)?.cloud().credentials {
        Credentials::Nobody => {
            Err(cx.skip(Lack::setting("username"), "the deployment file names no user: the service asks for none"))
        }
        Credentials::HttpBasic { username, .. } => Ok(Some(username.clone())),
        _ => Ok(None),
    }
}

/// Without credentials, listing and creating must be refused with 401.
#[conformance(
    id = "baremetal.auth.nothing-refused",
    spec = "baremetal-v1#nodes-nodes",
    covers = "650c5783-b29f-4d20-af4e-31f123ca8a81",
    needs = [BareMetal, BareMetalMicroversion("1.11")],
)]
async fn nothing_refused(cx: &Cx) -> Outcome {
    user(cx)?;
    let ironic = at(cx, "1.11")?;
    let nobody = ironic.without_token();
    let name = cx.name("node");
    let driver = drivers(&ironic).await?.into_iter().next().unwrap_or_default();
    cx.will_create(Resource::new(Kind::Node, &name))?;
    let create = nobody.post("nodes").json(&json!({"name": name, "driver": driver}));
    for request in [nobody.get("nodes"), nobody.get("drivers"), create] {
        let answer = request.send().await?;
        require_refused(&answer, 401)?;
        expect!(answer, answer.header("WWW-Authenticate").is_some(), "`WWW-Authenticate` should say how to log in");
    }
    require_no_node(&ironic, &name).await
}

/// A wrong password or an invalid token must be refused with 401.
#[conformance(
    id = "baremetal.auth.wrong-refused",
    spec = "baremetal-v1#list-nodes",
    covers = "8ea0eaf7-3d46-48ed-afaf-6ddd4577e929",
    needs = [BareMetal],
)]
async fn wrong_refused(cx: &Cx) -> Outcome {
    let ironic = cx.bare_metal()?;
    let wrong = match user(cx)? {
        Some(user) => ironic.with_basic(&user, &cx.unused_uuid()),
        None => ironic.with_token(&cx.unused_uuid()),
    };
    let answer = wrong.get("nodes").send().await?;
    require_refused(&answer, 401)?;
    let body: Value = serde_json::from_slice(answer.bytes()).unwrap_or_default();
    require!(answer, body.get("nodes").is_none(), "a refused request must show no nodes");
    Ok(())
}
