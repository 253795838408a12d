//! Access to a container for a user of another project.

use assay_kit::prelude::*;

use super::headers::{self, Target};
use super::steps::{self, SETTLING};

/// A right is granted to the second member: the element of an access control list that names it.
async fn grant(cx: &Cx, container: &str, header: &str) -> Outcome {
    let alt = cx.login(Role::Alt).await?;
    let project = alt
        .project_id
        .clone()
        .ok_or_else(|| cx.skip(Lack::account(Role::Alt.option()), "needs a second member with a project"))?;
    let post = cx.object_storage()?.post(container).header(header, format!("{project}:{}", alt.user_id));
    let response = post.require(204).await?;
    headers::check(cx, &response, Target::Container)
}

/// A request of the second member about an object of the first.
fn alt(cx: &Cx, method: &str, container: &str, object: &str) -> Outcome<assay_kit::Request> {
    let address = cx.object_storage()?.url(&steps::path(container, object));
    Ok(cx.client(Role::Alt, Service::ObjectStorage)?.request_to(method, address))
}

/// A user of another project reads an object once the container's `X-Container-Read` names project and user.
///
/// Before that, reading should be refused with 403; writing should be refused with it after that as well.
#[conformance(
    id = "object-storage.container-acl.read",
    spec = "swift-acl#keystone-auth-acl-elements",
    covers = "a3270f3f-7640-4944-8448-c7ea783ea5b6",
    needs = [ObjectStorage, AltAccount],
)]
async fn read(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    let content = steps::content(cx);
    let response = steps::upload(cx, &container, "object", &content).await?;
    headers::check(cx, &response, Target::Object)?;
    let refused = alt(cx, "GET", &container, "object")?.send().await?;
    expect_eq!(
        refused,
        refused.status(),
        403,
        "nobody else should be allowed to read an object of a container without `X-Container-Read`"
    );

    grant(cx, &container, "X-Container-Read").await?;
    let get = alt(cx, "GET", &container, "object")?;
    let response = steps::settled(cx, &get, SETTLING, |response| response.status() == 200).await?;
    response.require_status([200, 206])?;
    headers::check(cx, &response, Target::Object)?;
    expect!(response, response.bytes() == &content, "whoever may read an object should get what it holds");
    let refused = alt(cx, "PUT", &container, "object")?.bytes("changed").send().await?;
    expect_eq!(refused, refused.status(), 403, "whoever may only read an object should not be allowed to write it");
    let object = steps::asked_for(cx, &container, "object").await?;
    expect!(object, object.bytes() == &content, "an upload that was refused should change nothing");
    Ok(())
}

/// A user of another project writes an object once the container's `X-Container-Write` names project and user.
///
/// Before that, writing should be refused with 403; reading should be refused with it after that as well.
#[conformance(
    id = "object-storage.container-acl.write",
    spec = "swift-acl#keystone-auth-acl-elements",
    covers = "aa58bfa5-40d9-4bc3-82b4-d07f4a9e392a",
    needs = [ObjectStorage, AltAccount],
)]
async fn write(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    let content = steps::content(cx);
    let put = alt(cx, "PUT", &container, "object")?.bytes(content.clone());
    let refused = put.clone().send().await?;
    expect_eq!(
        refused,
        refused.status(),
        403,
        "nobody else should be allowed to write to a container without `X-Container-Write`"
    );

    grant(cx, &container, "X-Container-Write").await?;
    let response = steps::settled(cx, &put, SETTLING, |response| response.status() == 201).await?;
    response.require_status(201)?;
    headers::check(cx, &response, Target::Object)?;
    let object = steps::asked_for(cx, &container, "object").await?;
    expect!(object, object.bytes() == &content, "the object should hold what the other user sent");
    let refused = alt(cx, "GET", &container, "object")?.send().await?;
    expect_eq!(refused, refused.status(), 403, "whoever may only write an object should not be allowed to read it");
    Ok(())
}
