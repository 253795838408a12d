//! The quotas of a container: how many bytes and how many objects it may hold.

use assay_kit::prelude::*;

use super::features;
use super::headers::{self, Target};
use super::steps::{self, MOMENT, SETTLING};

const BYTES: usize = 10;
const OBJECTS: usize = 3;
const BYTES_USED: &str = "x-container-bytes-used";
const OBJECT_COUNT: &str = "x-container-object-count";

/// A container that may hold 10 bytes and 3 objects.
async fn limited(cx: &Cx) -> Outcome<String> {
    features::container_quotas(cx).await?;
    let container = steps::container(cx).await?;
    let quotas = [("X-Container-Meta-Quota-Bytes", BYTES), ("X-Container-Meta-Quota-Count", OBJECTS)];
    let post = cx.object_storage()?.post(&container);
    quotas.iter().fold(post, |post, (name, value)| post.header(name, value)).require(204).await?;
    let head = cx.object_storage()?.head(&container);
    let response = steps::settled(cx, &head, MOMENT, |response| response.header(quotas[1].0).is_some()).await?;
    for (name, value) in quotas {
        let value = value.to_string();
        expect_eq!(response, response.header(name), Some(value.as_str()), "a quota that was set should be shown");
    }
    Ok(container)
}

/// How many bytes a new container holds: none, where it counts right.
async fn bytes_of_new(cx: &Cx, container: &str) -> Outcome<usize> {
    let head = cx.object_storage()?.head(container);
    let response = steps::settled(cx, &head, SETTLING, |response| response.header(BYTES_USED) == Some("0")).await?;
    response.require_status(204)?;
    let shown = response.require_header(BYTES_USED)?;
    expect_eq!(response, shown, "0", "a new container should hold no bytes");
    let Ok(bytes) = shown.parse::<usize>() else {
        let shown = Some(shown.to_owned());
        return Err(response.fail(format!("{BYTES_USED} must be a number"), Some("a number".to_owned()), shown));
    };
    Ok(bytes)
}

/// Requires that a counter of the container comes to this value before the time is up.
async fn require_counter(cx: &Cx, container: &str, counter: &str, value: usize, requirement: &str) -> Outcome {
    let value = value.to_string();
    let head = cx.object_storage()?.head(container);
    let response = steps::settled(cx, &head, SETTLING, |response| response.header(counter) == Some(&value)).await?;
    response.require_status(204)?;
    require_eq!(response, response.header(counter), Some(value.as_str()), "{requirement}");
    Ok(())
}

/// An object that fits into the container's quota of bytes, to the last of them, is uploaded, and its bytes are counted.
///
/// The quotas of the container should be shown, and the object should hold what was sent.
#[conformance(
    id = "object-storage.container-quotas.upload-within",
    spec = "swift-middleware#container-quotas",
    covers = "9a0fb034-86af-4df0-86fa-f8bd7db21ae0",
    needs = [ObjectStorage],
)]
async fn upload_within(cx: &Cx) -> Outcome {
    let container = limited(cx).await?;
    let before = bytes_of_new(cx, &container).await?;
    let response = steps::upload(cx, &container, "within", &[b'x'; BYTES]).await?;
    headers::check(cx, &response, Target::Object)?;
    let requirement = "the container must count the bytes of an object that was uploaded";
    require_counter(cx, &container, BYTES_USED, before + BYTES, requirement).await?;
    let object = steps::asked_for(cx, &container, "within").await?;
    expect_eq!(object, object.text(), "x".repeat(BYTES), "an uploaded object should hold what was sent");
    Ok(())
}

/// An object larger by one byte than the container's quota must be refused with 413, and should not be there.
#[conformance(
    id = "object-storage.container-quotas.upload-too-large",
    spec = "swift-middleware#container-quotas",
    covers = "22eeeb2b-3668-4160-baef-44790f65a5a0",
    needs = [ObjectStorage],
)]
async fn upload_too_large(cx: &Cx) -> Outcome {
    let container = limited(cx).await?;
    let before = bytes_of_new(cx, &container).await?;
    let put = cx.object_storage()?.put(&steps::path(&container, "beyond"));
    put.bytes(vec![b'x'; BYTES + 1]).require(413).await?;
    let requirement = "the container must not count the bytes of an object that was refused";
    require_counter(cx, &container, BYTES_USED, before, requirement).await?;
    steps::expect_gone(cx, &container, "beyond").await
}

/// A container that has as many objects as its quota says takes three, and refuses the fourth with 413.
///
/// The count must stay at three, and the fourth should not be there.
#[conformance(
    id = "object-storage.container-quotas.upload-too-many",
    spec = "swift-middleware#container-quotas",
    covers = "3a387039-697a-44fc-a9c0-935de31f426b",
    needs = [ObjectStorage],
)]
async fn upload_too_many(cx: &Cx) -> Outcome {
    let container = limited(cx).await?;
    for number in 1..=OBJECTS {
        let object = format!("object-{number}");
        steps::upload(cx, &container, &object, b"").await?;
        steps::download(cx, &container, &object).await?;
    }
    require_counter(cx, &container, OBJECT_COUNT, OBJECTS, "the container must count its objects").await?;
    cx.object_storage()?.put(&steps::path(&container, "beyond")).require(413).await?;
    let requirement = "the container must not count an object that was refused";
    require_counter(cx, &container, OBJECT_COUNT, OBJECTS, requirement).await?;
    steps::expect_gone(cx, &container, "beyond").await
}
