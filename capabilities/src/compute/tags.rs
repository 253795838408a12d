//! Server tags, since microversion 2.26.

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::changed::Turn;
use super::fixture::{require_microversion, require_no_body};
use super::shapes::{self, checked};

/// The microversion that brought tags.
const VERSION: &str = "2.26";

/// A tag that is added to a server is its only one, and is gone once it is deleted.
#[conformance(
    id = "compute.server-tags.add-and-delete",
    spec = "compute-v2.1#add-a-single-tag",
    covers = "8d95abe2-c658-4c42-9a44-c0258500306b",
    needs = [ComputeMicroversion("2.26")],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 2,
)]
async fn add_and_delete(cx: &Cx) -> Outcome {
    let tags = Tags::begin(cx).await?;
    tags.require_exactly(&[]).await?;
    let tag = cx.name("tag");
    tags.add(&tag).await?;
    tags.require_exactly(&[&tag]).await?;
    tags.delete(&tag).await?;
    tags.require_exactly(&[]).await?;
    tags.end().await
}

/// Tags that are set replace those that a server had: the answer and the list have the new ones, and no other.
#[conformance(
    id = "compute.server-tags.replace",
    spec = "compute-v2.1#replace-tags",
    covers = "a2c1af8c-127d-417d-974b-8115f7e3d831",
    needs = [ComputeMicroversion("2.26")],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 2,
)]
async fn replace(cx: &Cx) -> Outcome {
    let tags = Tags::begin(cx).await?;
    for _ in 0..2 {
        tags.add(&cx.name("tag")).await?;
    }
    let (one, other) = (cx.name("tag"), cx.name("tag"));
    let answer = tags.compute.put(&tags.path).json(&json!({"tags": [one, other]})).require(200).await?;
    require_microversion(&answer, VERSION)?;
    require_tags(&checked(&answer, &shapes::tags())?, &[&one, &other])?;
    tags.require_exactly(&[&one, &other]).await?;
    tags.end().await
}

/// All tags of a server can be deleted at once.
#[conformance(
    id = "compute.server-tags.delete-all",
    spec = "compute-v2.1#delete-all-tags",
    covers = "a63b2a74-e918-4b7c-bcab-10c855f3a57e",
    needs = [ComputeMicroversion("2.26")],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 2,
)]
async fn delete_all(cx: &Cx) -> Outcome {
    let tags = Tags::begin(cx).await?;
    for _ in 0..2 {
        tags.add(&cx.name("tag")).await?;
    }
    tags.delete_all().await?;
    tags.require_exactly(&[]).await?;
    tags.end().await
}

/// A tag that a server has is found.
///
/// Another one should not be.
#[conformance(
    id = "compute.server-tags.check",
    spec = "compute-v2.1#check-tag-existence",
    covers = "81279a66-61c3-4759-b830-a2dbe64cbe08",
    needs = [ComputeMicroversion("2.26")],
    holds = [ChangedServer],
    shares = ["compute.changed-server"],
    seconds = 2,
)]
async fn check(cx: &Cx) -> Outcome {
    let tags = Tags::begin(cx).await?;
    let tag = cx.name("tag");
    tags.add(&tag).await?;
    let found = tags.compute.get(&tags.one(&tag)).require(204).await?;
    require_microversion(&found, VERSION)?;
    let other = tags.compute.get(&tags.one(&cx.name("tag"))).send().await?;
    expect_eq!(other, other.status(), 404, "a tag that the server does not have should not be found");
    tags.end().await
}

/// The tags of the server that tests change in turn.
struct Tags {
    turn: Turn,
    compute: Client,
    path: String,
}

impl Tags {
    async fn begin(cx: &Cx) -> Outcome<Self> {
        let turn = Turn::take(cx).await?;
        let compute = cx.compute()?.microversion(Service::Compute, VERSION);
        let shown = compute.get(&turn.path).require(200).await?;
        require_microversion(&shown, VERSION)?;
        checked(&shown, &shapes::server_with_tags())?;
        Ok(Self { path: format!("{}/tags", turn.path), turn, compute })
    }

    fn one(&self, tag: &str) -> String {
        format!("{}/{}", self.path, encode(tag))
    }

    async fn add(&self, tag: &str) -> Outcome {
        let added = self.compute.put(&self.one(tag)).require([201, 204]).await?;
        require_microversion(&added, VERSION)?;
        require_no_body(&added)?;
        let location = added.require_header("Location")?;
        expect!(added, location.ends_with(&self.one(tag)), "`Location` should lead to the tag, not to {location:?}");
        Ok(())
    }

    async fn delete(&self, tag: &str) -> Outcome {
        require_microversion(&self.compute.delete(&self.one(tag)).require(204).await?, VERSION)
    }

    async fn delete_all(&self) -> Outcome {
        require_microversion(&self.compute.delete(&self.path).require(204).await?, VERSION)
    }

    async fn require_exactly(&self, wanted: &[&str]) -> Outcome {
        let listed = self.compute.get(&self.path).require(200).await?;
        require_microversion(&listed, VERSION)?;
        require_tags(&checked(&listed, &shapes::tags())?, wanted)
    }

    /// Leaves the server without tags.
    async fn end(self) -> Outcome {
        self.delete_all().await?;
        self.turn.done();
        Ok(())
    }
}

/// Ends the test as failed unless these are the tags, in whatever order.
fn require_tags(body: &Json, wanted: &[&str]) -> Outcome {
    let tags = body.get("tags")?;
    let mut found = tags.elements()?.iter().map(|tag| Ok(tag.text()?.to_owned())).collect::<Outcome<Vec<_>>>()?;
    let mut wanted = wanted.to_vec();
    found.sort();
    wanted.sort_unstable();
    require_eq!(tags, found, wanted, "the server must have these tags and no other");
    Ok(())
}
