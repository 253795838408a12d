//! Features that the service may announce in `/info`. What it says there is a hint and no proof: a feature that it
//! does not announce is tried before a test is skipped, with nothing but containers of the test's own.

use std::time::Duration;

use assay_kit::prelude::*;

use super::{bulk, steps};

/// How long a service may take to heed what it was told a moment ago.
const HEEDED: Duration = Duration::from_secs(10);
/// A segment of a large object that is large enough for every release, in bytes.
const SEGMENT: usize = 1024 * 1024;

/// Whether the service announces a feature. Where it has no `/info` at all, each test is the try itself.
pub(super) fn is_announced(cx: &Cx, feature: &str) -> bool {
    cx.deployment().object_storage_features().is_none_or(|features| features.get(feature).is_some())
}

/// What came of trying a feature that the service does not announce, as this answer shows: the test goes on, with a
/// deviation, or is skipped.
pub(super) fn tried(cx: &Cx, feature: &str, answer: &Response, works: bool) -> Outcome {
    let status = answer.status();
    if works {
        answer.deviate(format!("/info should announce `{feature}`, which the service has"), None, None);
        return Ok(());
    }
    // A service that fails does not say what it has; 501 says it.
    if status >= 500 && status != 501 {
        let requirement = format!("the service must say whether it has `{feature}`, which /info does not announce");
        return Err(answer.fail(requirement, None, Some(status.to_string())));
    }
    let reason = format!(
        "the object-storage service does not announce `{feature}` in /info, and a try shows that it does not have it: \
         {answer} answered {status}"
    );
    Err(cx.skip(Lack::feature(Service::ObjectStorage, feature), reason))
}

/// Goes on where the service unpacks archives.
pub(super) async fn bulk_upload(cx: &Cx) -> Outcome {
    const FEATURE: &str = "bulk_upload";
    if is_announced(cx, FEATURE) {
        return Ok(());
    }
    let (container, _) = steps::plan(cx, "bulk")?;
    let answer = bulk::send_archive(cx, &container, b"unpacked").await?;
    if answer.status() != 200 {
        return tried(cx, FEATURE, &answer, false);
    }
    let head = cx.object_storage()?.head(&steps::path(&container, "file"));
    let file = steps::settled(cx, &head, HEEDED, |file| file.status() == 200).await?;
    tried(cx, FEATURE, &file, file.status() == 200)
}

/// Goes on where the service deletes what a request lists.
///
/// It is tried with `POST`: a service that does not know `bulk-delete` might take `DELETE` for that of the account.
pub(super) async fn bulk_delete(cx: &Cx) -> Outcome {
    const FEATURE: &str = "bulk_delete";
    if is_announced(cx, FEATURE) {
        return Ok(());
    }
    let container = steps::container(cx).await?;
    steps::upload(cx, &container, "file", b"goes").await?;
    let post = cx.object_storage()?.post("?bulk-delete").body("text/plain", format!("{container}/file"));
    let answer = post.send().await?;
    if answer.status() != 200 {
        return tried(cx, FEATURE, &answer, false);
    }
    let head = cx.object_storage()?.head(&steps::path(&container, "file"));
    let file = steps::settled(cx, &head, HEEDED, |file| file.status() == 404).await?;
    tried(cx, FEATURE, &file, file.status() == 404)
}

/// Goes on where a container may have a quota: one of one byte refuses two.
pub(super) async fn container_quotas(cx: &Cx) -> Outcome {
    const FEATURE: &str = "container_quotas";
    if is_announced(cx, FEATURE) {
        return Ok(());
    }
    let container = steps::container_with(cx, &[("X-Container-Meta-Quota-Bytes", "1")]).await?;
    let put = cx.object_storage()?.put(&steps::path(&container, "beyond")).bytes("xx");
    let answer = steps::settled(cx, &put, HEEDED, |answer| answer.status() == 413).await?;
    tried(cx, FEATURE, &answer, answer.status() == 413)
}

/// Goes on where an object may stand for the segments that its manifest names.
pub(super) async fn static_large_objects(cx: &Cx) -> Outcome {
    const FEATURE: &str = "slo";
    if is_announced(cx, FEATURE) {
        return Ok(());
    }
    let container = steps::container(cx).await?;
    let segment = vec![b'x'; SEGMENT];
    steps::upload(cx, &container, "segment", &segment).await?;
    let manifest = json!([{
        "path": format!("/{container}/segment"),
        "etag": steps::md5(&segment),
        "size_bytes": segment.len(),
    }]);
    let path = steps::path(&container, "large");
    let put = cx.object_storage()?.put(&path).query("multipart-manifest", "put").json(&manifest);
    let answer = put.send().await?;
    if answer.status() != 201 {
        return tried(cx, FEATURE, &answer, false);
    }
    // A service without the feature keeps the manifest as an object like any other.
    let head = cx.object_storage()?.head(&path);
    let large = steps::settled(cx, &head, HEEDED, |large| large.status() == 200).await?;
    let works = large.header("x-static-large-object").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    tried(cx, FEATURE, &large, works)
}
