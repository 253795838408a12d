//! Volumes: create, show, update, delete.

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::fixture::{Made, beyond, require_holds};

/// A blank volume becomes available, is shown with its name and metadata and as not bootable, gets a new name and
/// description and keeps its metadata; another one, made without a name in the same availability zone, takes the first
/// one's name; both are deleted.
///
/// What was sent should be read back. What was deleted should not be listed.
#[conformance(
    id = "block-storage.volumes.create-show-update-delete",
    spec = "block-storage-v3#create-a-volume",
    covers = "27fb0e9f-fb64-41dd-8bdb-1ffa762f0d51",
    needs = [BlockStorage],
    holds = [Volumes, Volumes],
    seconds = 6,
)]
async fn create_show_update_delete(cx: &Cx) -> Outcome {
    let life = Life::begin(cx, &json!({}), "false").await?;
    let other = Made::nameless_volume(cx, life.made.json.get("availability_zone")?.value()).await?;
    life.go_on(cx).await?;
    life.lend_name(cx, &other).await?;
    end(cx, &[&other, &life.made]).await
}

/// An image tells its `min_disk`. A volume of it becomes available, is shown with its name and metadata and as bootable,
/// gets a new name and description and keeps its metadata; another one, blank and made without a name in the same
/// availability zone, takes the first one's name; both are deleted.
///
/// It should tell the image that it was made of.
#[conformance(
    id = "block-storage.volumes.create-from-image",
    spec = "block-storage-v3#create-a-volume",
    covers = "54a01030-c7fc-447c-86ee-c1182beae638",
    needs = [BlockStorage, Image],
    holds = [Volumes, Volumes],
    seconds = 7,
)]
async fn create_from_image(cx: &Cx) -> Outcome {
    let choices = cx.choices().await?;
    let image = &choices.image()?.id;
    let shown = cx.image()?.get(&format!("images/{}", encode(image))).require(200).await?.json()?;
    shown.get("min_disk")?.integer()?;
    let life = Life::begin(cx, &json!({"imageRef": image, "size": gibibytes(&shown)}), "true").await?;
    let other = Made::nameless_volume(cx, life.made.json.get("availability_zone")?.value()).await?;
    let shown = life.go_on(cx).await?;
    let of = &shown.value()["volume_image_metadata"]["image_id"];
    expect_eq!(shown, *of, json!(image), "a volume of an image should tell the image it was made of");
    life.lend_name(cx, &other).await?;
    end(cx, &[&other, &life.made]).await
}

/// The least size of a volume that an image fits in.
fn gibibytes(image: &Json) -> u64 {
    const GIBIBYTE: u64 = 1 << 30;
    let number = |key: &str| image.value()[key].as_u64().unwrap_or(0);
    let bytes = number("size").max(number("virtual_size"));
    bytes.div_ceil(GIBIBYTE).max(number("min_disk")).max(1)
}

/// A clone of a volume becomes available, is shown with its name and metadata and as not bootable, gets a new name and
/// description and keeps its metadata; another volume, blank and made without a name in the same availability zone,
/// takes the clone's name; all are deleted.
///
/// The clone should tell the volume that it was made of. The other volume should tell none.
#[conformance(
    id = "block-storage.volumes.clone",
    spec = "block-storage-v3#create-a-volume",
    covers = "3f591b4a-7dc6-444c-bd51-77469506b3a1",
    needs = [BlockStorage],
    holds = [Volumes, Volumes],
    seconds = 9,
)]
async fn clone(cx: &Cx) -> Outcome {
    let origin = Made::volume(cx, &json!({})).await?;
    origin.available(cx).await?;
    let life = Life::begin(cx, &json!({"source_volid": origin.id}), "false").await?;
    let shown = life.go_on(cx).await?;
    expect_eq!(shown, shown.value()["source_volid"], json!(origin.id), "a clone should tell what it was made of");
    // Two volumes at a time are enough for this test: the clone makes room for the other one.
    end(cx, &[&life.made]).await?;
    let other = Made::nameless_volume(cx, life.made.json.get("availability_zone")?.value()).await?;
    let shown = life.lend_name(cx, &other).await?;
    expect_eq!(shown, shown.value()["source_volid"], Value::Null, "a blank volume should tell no origin");
    end(cx, &[&other, &origin]).await
}

/// A volume whose name, description and metadata are looked at from its creation on.
struct Life {
    made: Made,
    bootable: &'static str,
}

impl Life {
    async fn begin(cx: &Cx, members: &Value, bootable: &'static str) -> Outcome<Self> {
        let mut members = members.clone();
        members["metadata"] = metadata();
        let made = Made::volume(cx, &members).await?;
        let size = members.get("size").cloned().unwrap_or(json!(1));
        expect_eq!(made.json, made.json.value()["size"], size, "a volume should have the size that was asked for");
        Ok(Self { made, bootable })
    }

    /// Waits until it is available, and updates it; gives what is shown then.
    async fn go_on(&self, cx: &Cx) -> Outcome<Json> {
        let Self { made, bootable } = self;
        let shown = made.available(cx).await?;
        require_eq!(
            made.json,
            made.json.get("name")?.value(),
            &made.name,
            "the answer to the creation of a volume must have its name"
        );
        require_eq!(shown, shown.get("name")?.value(), &made.name, "a volume must be shown with its name");
        require_eq!(shown, shown.get("id")?.value(), &made.id, "a volume must be shown with its id");
        require_holds(&shown.get("metadata")?, &metadata(), "the metadata of a new volume")?;
        require_eq!(shown, shown.get("bootable")?.value(), bootable, "`bootable` of a new volume must be {bootable}");

        made.update(cx, &json!({"name": made.name})).await?;
        let (name, description) = (cx.name("volume-renamed"), "a new description");
        let answer = made.update(cx, &json!({"name": name, "description": description})).await?;
        let updated = made.show(cx).await?;
        for seen in [&answer, &updated] {
            require_eq!(seen, seen.get("name")?.value(), &name, "an updated volume must have the new name");
            let seen = seen.get("description")?;
            require_eq!(seen, seen.value(), description, "an updated volume must have the new description");
        }
        require_eq!(updated, updated.get("id")?.value(), &made.id, "an updated volume must keep its id");
        require_holds(&updated.get("metadata")?, &metadata(), "the metadata of an updated volume")?;
        require_eq!(updated, updated.get("bootable")?.value(), bootable, "an update must not change `bootable`");
        for key in ["size", "availability_zone", "created_at", "volume_type"] {
            expect_eq!(
                updated,
                updated.value()[key],
                shown.value()[key],
                "an update of the name should not change `{key}`"
            );
        }
        Ok(updated)
    }

    /// Waits until another volume is available, and gives it the name and the description that this one had at first;
    /// gives what is shown of it then.
    async fn lend_name(&self, cx: &Cx, other: &Made) -> Outcome<Json> {
        let first = &self.made.json;
        let shown = other.available(cx).await?;
        for key in ["description", "availability_zone"] {
            expect_eq!(shown, shown.value()[key], other.json.value()[key], "`{key}` should be shown as it was given");
        }
        let description = shown.value()["description"].as_str().unwrap_or_default();
        expect_eq!(shown, description, format!("@#$%^* {}", other.name), "a description should keep special signs");
        let (name, description) = (first.get("name")?.value().clone(), first.get("description")?.value().clone());
        other.update(cx, &json!({"name": name, "description": description})).await?;
        if let Some(shown) = beyond(cx, other.show(cx).await)? {
            expect_eq!(shown, shown.value()["name"], name, "a volume should take a name that another one had");
            expect_eq!(shown, shown.value()["description"], description, "a description set to null should be gone");
        }
        Ok(shown)
    }
}

fn metadata() -> Value {
    json!({"Type": "Test"})
}

/// Deletes volumes, and waits until they are gone.
async fn end(cx: &Cx, volumes: &[&Made]) -> Outcome {
    for made in volumes {
        made.delete(cx).await?;
    }
    for made in volumes {
        made.gone(cx).await?;
        made.expect_unlisted(cx).await?;
    }
    Ok(())
}
