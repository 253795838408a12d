//! Image schemas.

use assay_kit::prelude::*;

/// The properties that every image has.
const BASE: [&str; 14] = [
    "id",
    "name",
    "status",
    "visibility",
    "protected",
    "checksum",
    "owner",
    "size",
    "container_format",
    "disk_format",
    "created_at",
    "updated_at",
    "tags",
    "file",
];

/// The schema of a list of images is called `images`.
///
/// It is promised to describe the list with its first and next page, and the images in it as the schema of an image does.
#[conformance(
    id = "image.schemas.images",
    spec = "image-v2#show-images-schema",
    covers = "25c8d7b2-df21-460f-87ac-93130bcdc684",
    needs = [Image],
)]
async fn images(cx: &Cx) -> Outcome {
    let schema = schema(cx, "images").await?;
    let properties = &schema.value()["properties"];
    for key in ["images", "first", "next", "schema"] {
        expect!(schema, properties[key].is_object(), "the schema of a list of images describes `{key}`");
    }
    expect_image(&schema, &properties["images"]["items"]);
    Ok(())
}

/// The schema of an image is called `image`.
///
/// It is promised to describe each property that every image has.
#[conformance(
    id = "image.schemas.image",
    spec = "image-v2#show-image-schema",
    covers = "622b925c-479f-4736-860d-adeaf13bc371",
    needs = [Image],
)]
async fn image(cx: &Cx) -> Outcome {
    let schema = schema(cx, "image").await?;
    expect_image(&schema, schema.value());
    Ok(())
}

async fn schema(cx: &Cx, name: &str) -> Outcome<Json> {
    let schema = cx.image()?.get(&format!("schemas/{name}")).require(200).await?.json()?;
    require_eq!(schema, schema.get("name")?.value(), name, "the schema is called `{name}`");
    Ok(schema)
}

fn expect_image(schema: &Json, image: &Value) {
    for key in BASE {
        expect!(schema, image["properties"][key].is_object(), "the schema of an image describes `{key}`");
    }
}
