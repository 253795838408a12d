//! The metadata of a container.

use assay_kit::prelude::*;

use super::headers::{self, Target};
use super::steps::{self, SETTLING};

const COLOUR: &str = "X-Container-Meta-Colour";
const REMOVE_COLOUR: &str = "X-Remove-Container-Meta-Colour";
const SHAPE: &str = "X-Container-Meta-Shape";

/// Changes the container's metadata.
async fn change(cx: &Cx, container: &str, headers: &[(&str, &str)]) -> Outcome {
    let post = cx.object_storage()?.post(container);
    let post = headers.iter().fold(post, |post, (name, value)| post.header(name, value));
    let response = post.require(204).await?;
    headers::check(cx, &response, Target::Container)
}

/// The container's headers, once it shows these values of the items, or none, or the time is up.
async fn look(cx: &Cx, container: &str, items: &[(&str, Option<&str>)]) -> Outcome<Response> {
    let head = cx.object_storage()?.head(container);
    let response = steps::settled(cx, &head, SETTLING, |response| {
        items.iter().all(|(name, value)| response.header(name) == *value)
    });
    response.await
}

/// Requires that the container shows these values of the items, or none.
async fn require_shown(cx: &Cx, container: &str, items: &[(&str, Option<&str>)]) -> Outcome<Response> {
    let response = look(cx, container, items).await?;
    response.require_status(204)?;
    for (name, value) in items {
        require_eq!(
            response,
            response.header(name),
            *value,
            "the container must show the metadata that it has: {name}"
        );
    }
    Ok(response)
}

/// Expects that the container shows the colour that it was made with: what follows takes it away.
async fn expect_blue(cx: &Cx, container: &str) -> Outcome {
    let response = look(cx, container, &[(COLOUR, Some("blue"))]).await?;
    expect_eq!(
        response,
        response.header(COLOUR),
        Some("blue"),
        "a container should show the metadata it was made with"
    );
    Ok(())
}

/// What the container shows of its metadata, by name.
fn shown(response: &Response) -> Vec<&str> {
    let names = response.headers().iter().map(|(name, _)| name.as_str());
    let mut names: Vec<_> = names.filter(|name| name.starts_with("x-container-meta-")).collect();
    names.sort_unstable();
    names
}

/// Metadata that was set on a container is shown, with its value; nothing beside it should be.
#[conformance(
    id = "object-storage.container-metadata.show",
    spec = "object-storage-v1#show-container-metadata",
    covers = "96e68f0e-19ec-4aa2-86f3-adc6a45e14dd",
    needs = [ObjectStorage],
)]
async fn show(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    cx.object_storage()?.post(&container).header(COLOUR, "Blue, and a little Green").require(204).await?;
    let response = require_shown(cx, &container, &[(COLOUR, Some("Blue, and a little Green"))]).await?;
    headers::check(cx, &response, Target::Container)?;
    expect_eq!(response, shown(&response), ["x-container-meta-colour"], "a container should show only what was set");
    Ok(())
}

/// A container whose metadata nobody set shows none.
#[conformance(
    id = "object-storage.container-metadata.show-none",
    spec = "object-storage-v1#show-container-metadata",
    covers = "a2faf936-6b13-4f8d-92a2-c2278355821e",
    needs = [ObjectStorage],
)]
async fn show_none(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    let response = cx.object_storage()?.head(&container).require(204).await?;
    headers::check(cx, &response, Target::Container)?;
    require_eq!(response, shown(&response), [""; 0], "a container without metadata must show none");
    Ok(())
}

/// One request sets an item of metadata and takes another one away.
///
/// What it takes away should be shown before that.
#[conformance(
    id = "object-storage.container-metadata.create-and-delete",
    spec = "object-storage-v1#create-update-or-delete-container-metadata",
    covers = "cf19bc0b-7e16-4a5a-aaed-cb0c2fe8deef",
    needs = [ObjectStorage],
)]
async fn create_and_delete(cx: &Cx) -> Outcome {
    let container = steps::container_with(cx, &[(COLOUR, "blue")]).await?;
    expect_blue(cx, &container).await?;
    change(cx, &container, &[(SHAPE, "round"), (REMOVE_COLOUR, "blue")]).await?;
    require_shown(cx, &container, &[(COLOUR, None), (SHAPE, Some("round"))]).await?;
    Ok(())
}

/// Metadata is set on a container; what it had before should stay.
#[conformance(
    id = "object-storage.container-metadata.create",
    spec = "object-storage-v1#create-update-or-delete-container-metadata",
    covers = "2ae5f295-4bf1-4e04-bfad-21e54b62cec5",
    needs = [ObjectStorage],
)]
async fn create(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    change(cx, &container, &[(COLOUR, "blue")]).await?;
    require_shown(cx, &container, &[(COLOUR, Some("blue"))]).await?;
    cx.object_storage()?.post(&container).header(SHAPE, "round").send().await?;
    let head = cx.object_storage()?.head(&container);
    let both = steps::settled(cx, &head, SETTLING, |response| response.header(SHAPE).is_some()).await?;
    expect_eq!(
        both,
        shown(&both),
        ["x-container-meta-colour", "x-container-meta-shape"],
        "metadata that a request does not name should stay"
    );
    Ok(())
}

/// Metadata with an empty value is not kept; it should take away what was there.
#[conformance(
    id = "object-storage.container-metadata.create-empty",
    spec = "object-storage-v1#create-update-or-delete-container-metadata",
    covers = "31f40a5f-6a52-4314-8794-cd89baed3040",
    needs = [ObjectStorage],
)]
async fn create_empty(cx: &Cx) -> Outcome {
    let container = steps::container_with(cx, &[(SHAPE, "round")]).await?;
    change(cx, &container, &[(COLOUR, "")]).await?;
    require_shown(cx, &container, &[(COLOUR, None)]).await?;
    cx.object_storage()?.post(&container).header(SHAPE, "").send().await?;
    let head = cx.object_storage()?.head(&container);
    let gone = steps::settled(cx, &head, SETTLING, |response| response.header(SHAPE).is_none()).await?;
    expect_eq!(gone, shown(&gone), [""; 0], "an empty value should take metadata away");
    Ok(())
}

/// Metadata that was set is taken away by naming it with its value.
///
/// It should be shown before that, and metadata that was not named should stay.
#[conformance(
    id = "object-storage.container-metadata.delete",
    spec = "object-storage-v1#create-update-or-delete-container-metadata",
    covers = "3a5ce7d4-6e4b-47d0-9d87-7cd42c325094",
    needs = [ObjectStorage],
)]
async fn delete(cx: &Cx) -> Outcome {
    remove_colour(cx, "blue").await
}

/// Metadata that was set is taken away by naming it, without a value.
///
/// It should be shown before that, and metadata that was not named should stay.
#[conformance(
    id = "object-storage.container-metadata.delete-without-value",
    spec = "object-storage-v1#create-update-or-delete-container-metadata",
    covers = "a2e36378-6f1f-43f4-840a-ffd9cfd61914",
    needs = [ObjectStorage],
)]
async fn delete_without_value(cx: &Cx) -> Outcome {
    remove_colour(cx, "").await
}

/// Takes one of two items away by a header with this value.
async fn remove_colour(cx: &Cx, value: &str) -> Outcome {
    let container = steps::container_with(cx, &[(COLOUR, "blue"), (SHAPE, "round")]).await?;
    expect_blue(cx, &container).await?;
    change(cx, &container, &[(REMOVE_COLOUR, value)]).await?;
    let response = require_shown(cx, &container, &[(COLOUR, None)]).await?;
    expect_eq!(response, response.header(SHAPE), Some("round"), "metadata that was not named should stay");
    Ok(())
}
