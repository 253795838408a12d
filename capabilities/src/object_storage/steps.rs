//! Steps that several tests take.

use std::time::Duration;

use assay_kit::http::address::encode;
use assay_kit::prelude::*;
use assay_kit::{Planned, Request};
use md5::{Digest as _, Md5};

/// How long a listing, a counter or a new object may take to show what was done: the service promises only that it
/// will.
pub(super) const SETTLING: Duration = Duration::from_secs(60);

/// The same for what only should be so, and no counter: a deviation is not worth a minute.
pub(super) const MOMENT: Duration = Duration::from_secs(10);

/// What may answer the creation of a container: it is made, is there already, or, of some services, has no more to say.
pub(super) const MADE: [u16; 3] = [201, 202, 204];

/// The value that an `ETag` promises: the MD5 checksum of the content, in hexadecimal.
pub(super) fn md5(content: &[u8]) -> String {
    use std::fmt::Write as _;
    Md5::digest(content).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Something to upload that no other object holds. Every byte value is in it: a service that takes it for text breaks it.
pub(super) fn content(cx: &Cx) -> Vec<u8> {
    cx.unused_uuid().into_bytes().into_iter().chain(0..=255).collect()
}

/// The path of an object.
pub(super) fn path(container: &str, object: &str) -> String {
    let object = object.split('/').map(encode).collect::<Vec<_>>().join("/");
    format!("{}/{object}", encode(container))
}

/// Announces a container of a generated name.
pub(super) fn plan(cx: &Cx, kind: &str) -> Outcome<(String, Planned)> {
    let name = cx.name(kind);
    let planned = cx.will_create(Resource::new(Kind::Container, &name))?;
    Ok((name, planned))
}

/// A new container.
pub(super) async fn container(cx: &Cx) -> Outcome<String> {
    container_with(cx, &[]).await
}

/// A new container with these headers.
pub(super) async fn container_with(cx: &Cx, headers: &[(&str, &str)]) -> Outcome<String> {
    let (name, _) = plan(cx, "container")?;
    let put = cx.object_storage()?.put(&name);
    headers.iter().fold(put, |put, (header, value)| put.header(header, value)).require(MADE).await?;
    Ok(name)
}

/// Uploads an object.
pub(super) async fn upload(cx: &Cx, container: &str, object: &str, content: &[u8]) -> Outcome<Response> {
    let response = offer(cx, container, object, content).await?;
    response.require_status(201)?;
    Ok(response)
}

/// The same, whatever comes back: of an object that is not what the test is about.
pub(super) async fn offer(cx: &Cx, container: &str, object: &str, content: &[u8]) -> Outcome<Response> {
    let put = cx.object_storage()?.put(&path(container, object));
    let put = put.body("application/octet-stream", content.to_vec());
    let response = settled(cx, &put, SETTLING, |response| {
        // A container that was made a moment ago may not be everywhere yet.
        !matches!(response.status(), 404 | 409)
    });
    response.await
}

/// Sends a request until its answer is as it should be, or the time is up; gives the last answer.
pub(super) async fn settled(
    cx: &Cx,
    request: &Request,
    within: Duration,
    holds: impl Fn(&Response) -> bool,
) -> Outcome<Response> {
    cx.settled(within, || request.clone().send(), holds).await
}

/// Downloads an object; one that is new may take a moment to be found.
pub(super) async fn download(cx: &Cx, container: &str, object: &str) -> Outcome<Response> {
    let response = asked_for(cx, container, object).await?;
    response.require_status([200, 206])?;
    Ok(response)
}

/// The same, whatever comes back: of an object that is not what the test is about.
pub(super) async fn asked_for(cx: &Cx, container: &str, object: &str) -> Outcome<Response> {
    let get = cx.object_storage()?.get(&path(container, object));
    settled(cx, &get, SETTLING, |response| response.status() != 404).await
}

/// Requires that a container goes, and first what is in it: some published tests delete theirs before they end.
pub(super) async fn require_deleted(cx: &Cx, container: &str) -> Outcome {
    let store = cx.object_storage()?;
    let delete = || async {
        let listing = store.get(container).require([200, 204, 404]).await?;
        let objects = if listing.status() == 200 { names(&listing) } else { Vec::new() };
        for object in objects {
            let path = path(container, &object);
            store.delete(&path).require([200, 204, 404]).await?;
            let gone = settled(cx, &store.head(&path), SETTLING, |response| response.status() == 404).await?;
            require_eq!(gone, gone.status(), 404, "an object that was deleted must be gone");
        }
        store.delete(container).send().await
    };
    // It may not have learnt yet what is in it, or that it is empty.
    let response = cx.settled(SETTLING, delete, |response: &Response| response.status() != 409).await?;
    response.require_status([204, 404])?;
    let gone = settled(cx, &store.head(container), SETTLING, |response| response.status() == 404).await?;
    require_eq!(gone, gone.status(), 404, "a container that was deleted must be gone");
    Ok(())
}

/// The names that a plain listing has, once they are as they should be or the time is up; the status must be that of a
/// listing. They are given sorted, and expected to come so.
pub(super) async fn listed<T: AsRef<str>>(
    cx: &Cx,
    request: Request,
    expected: &[T],
) -> Outcome<(Response, Vec<String>)> {
    let response = settled(cx, &request, SETTLING, |response| {
        sorted_names(response).iter().map(String::as_str).eq(expected.iter().map(T::as_ref))
    });
    let response = response.await?;
    response.require_status([200, 204])?;
    expect!(response, names(&response).is_sorted(), "a listing should be sorted by name");
    let names = sorted_names(&response);
    Ok((response, names))
}

/// The names of a plain listing.
pub(super) fn names(response: &Response) -> Vec<String> {
    response.lines().into_iter().filter(|name| !name.is_empty()).collect()
}

fn sorted_names(response: &Response) -> Vec<String> {
    let mut names = names(response);
    names.sort_unstable();
    names
}

/// Expects that an object is not there.
pub(super) async fn expect_gone(cx: &Cx, container: &str, object: &str) -> Outcome {
    let head = cx.object_storage()?.head(&path(container, object));
    let response = settled(cx, &head, MOMENT, |response| response.status() == 404).await?;
    expect_eq!(response, response.status(), 404, "the container {container} should have no object `{object}`");
    Ok(())
}

/// Expects that the `ETag` and the length of an object are those of what it holds.
pub(super) fn expect_described(response: &Response, content: &[u8]) {
    let quoted = md5(content);
    expect_eq!(
        response,
        response.header("etag"),
        Some(quoted.as_str()),
        "the ETag should be the MD5 checksum of the content"
    );
    if response.method() != "PUT" {
        let length = content.len().to_string();
        expect_eq!(
            response,
            response.header("content-length"),
            Some(length.as_str()),
            "Content-Length should be the length of the content"
        );
    }
}
