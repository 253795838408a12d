//! Objects: upload, download and deletion.

use assay_kit::prelude::*;

use super::headers::{self, Target};
use super::steps::{self, SETTLING};

/// Objects are uploaded, and each holds what was sent.
///
/// The `ETag` should be the MD5 checksum of the content, and the length and type should be those that were sent.
#[conformance(
    id = "object-storage.objects.create",
    spec = "object-storage-v1#create-or-replace-object",
    covers = "5b4ce26f-3545-46c9-a2ba-5754358a4c62",
    needs = [ObjectStorage],
)]
async fn create(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    let contents = [steps::content(cx), steps::content(cx)];
    for (name, content) in ["first", "second"].into_iter().zip(&contents) {
        let response = steps::upload(cx, &container, name, content).await?;
        headers::check(cx, &response, Target::Object)?;
        steps::expect_described(&response, content);
    }
    for (name, content) in ["first", "second"].into_iter().zip(&contents) {
        let object = steps::download(cx, &container, name).await?;
        require!(object, object.bytes() == content, "an object must hold what was uploaded");
        steps::expect_described(&object, content);
        let kind = object.header("content-type");
        expect_eq!(object, kind, Some("application/octet-stream"), "an object should keep its type");
    }
    Ok(())
}

/// An object is deleted: it should be gone, and no longer listed.
#[conformance(
    id = "object-storage.objects.delete",
    spec = "object-storage-v1#delete-object",
    covers = "17738d45-03bd-4d45-9e0b-7b2f58f98687",
    needs = [ObjectStorage],
)]
async fn delete(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    steps::upload(cx, &container, "goes", b"goes").await?;
    steps::offer(cx, &container, "stays", b"stays").await?;
    let response = cx.object_storage()?.delete(&steps::path(&container, "goes")).require([200, 204]).await?;
    headers::check(cx, &response, Target::Object)?;
    steps::expect_gone(cx, &container, "goes").await?;
    let listing = cx.object_storage()?.get(&container);
    let listing = steps::settled(cx, &listing, SETTLING, |listing| steps::names(listing) == ["stays"]).await?;
    let names = steps::names(&listing);
    expect_eq!(listing, names, ["stays"], "the other object should stay, and be the only one that is listed");
    Ok(())
}

/// An object is downloaded with what was uploaded, to the byte.
///
/// A part of it should be given for `Range`.
#[conformance(
    id = "object-storage.objects.get",
    spec = "object-storage-v1#get-object-content-and-metadata",
    covers = "02610ba7-86b7-4272-9ed8-aa8d417cb3cd",
    needs = [ObjectStorage],
)]
async fn get(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    let content = steps::content(cx);
    steps::upload(cx, &container, "object", &content).await?;
    let object = steps::download(cx, &container, "object").await?;
    headers::check(cx, &object, Target::Object)?;
    require!(object, object.bytes() == &content, "an object must hold what was uploaded");
    steps::expect_described(&object, &content);
    let get = cx.object_storage()?.get(&steps::path(&container, "object"));
    let part = get.header("Range", "bytes=3-9").send().await?;
    expect_eq!(part, part.status(), 206, "a part of an object should come as partial content");
    expect_eq!(part, part.bytes().as_ref(), &content[3..=9], "a part of an object should be what `Range` says");
    Ok(())
}

/// `If-None-Match` with the object's checksum gives 304 and no content; with another checksum it gives the object.
///
/// The answer 304 should have no content; the other one should be 200 with what was uploaded.
#[conformance(
    id = "object-storage.objects.get-if-different",
    spec = "object-storage-v1#get-object-content-and-metadata",
    covers = "50d01f12-526f-4360-9ac2-75dd508d7b68",
    needs = [ObjectStorage],
)]
async fn get_if_different(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    let content = steps::content(cx);
    steps::upload(cx, &container, "object", &content).await?;
    let get = |checksum: String| {
        let get = cx.object_storage()?.get(&steps::path(&container, "object"));
        Ok::<_, Stop>(get.header("If-None-Match", checksum))
    };
    let same = get(steps::md5(&content))?;
    let same = steps::settled(cx, &same, SETTLING, |response| response.status() != 404).await?;
    same.require_status(304)?;
    same.require_header("date")?;
    headers::well_formed(&same, false)?;
    expect!(same, same.bytes().is_empty(), "an answer that nothing has changed should have no content");

    let other = get(steps::md5(b"something else"))?.require(200..=399).await?;
    headers::check(cx, &other, Target::Object)?;
    expect_eq!(other, other.status(), 200, "an object that differs should be given");
    expect!(other, other.bytes() == &content, "an object that differs should be given with its content");
    Ok(())
}
