//! Images made of servers.

use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::fixture::{PATIENCE, Reading};
use super::shapes::{self, checked};

/// An image made of a server becomes active, has the name and metadata that were sent, needs as much memory as the server's
/// image, and as much disk as that or the flavor; and can be deleted.
#[conformance(
    id = "compute.server-images.create-and-delete",
    spec = "compute-v2.1#create-image-createimage-action",
    covers = "3731d080-d4c5-4872-b41a-64d0d0021314",
    needs = [Compute, Image],
    holds = [ServerTask],
    shares = ["compute.server"],
    seconds = 6,
)]
async fn create_and_delete(cx: &Cx) -> Outcome {
    let (compute, name) = (cx.compute()?, cx.name("snapshot"));
    let (path, image) = create(cx, &name, Some(json!({"image_type": "test"}))).await?;
    require_eq!(image, image.value()["name"], name, "the image must have the name that was sent");
    require_eq!(
        image,
        image.value()["metadata"]["image_type"],
        "test",
        "the image must have the metadata that was sent"
    );

    let reading = Reading::shared(cx).await?;
    let original = compute.get(&format!("images/{}", encode(&reading.server.image))).require(200).await?;
    let original = checked(&original, &shapes::image())?.get("image")?;
    let flavor = compute.get(&format!("flavors/{}", encode(&reading.server.flavor))).require(200).await?;
    let flavor = checked(&flavor, &shapes::flavor())?.get("flavor")?;
    let (ram, disk) = (&image.value()["minRam"], &image.value()["minDisk"]);
    require_eq!(
        image,
        *ram,
        original.value()["minRam"],
        "the image must need as much memory (minRam) as the image that the server was made from"
    );
    require!(
        image,
        *disk == original.value()["minDisk"] || *disk == flavor.value()["disk"],
        "the image must need as much disk (minDisk) as the image that the server was made from ({}), or as its flavor \
         has ({}), not {disk}",
        original.value()["minDisk"],
        flavor.value()["disk"]
    );

    compute.delete(&path).require(204).await?;
    cx.wait_until("a deleted image must not be found any more, or have the status DELETED", PATIENCE, || async {
        let shown = compute.get(&path).require([200, 404]).await?;
        if shown.status() == 404 {
            return Ok(Some(()));
        }
        let image = checked(&shown, &shapes::image())?.get("image")?;
        // Who may see everything may be shown it for a while yet.
        Ok((image.value()["status"] == "DELETED").then_some(()))
    })
    .await
}

/// An image made of a server can have a name with a character of more than one byte, and can be deleted.
///
/// It should be shown with that name.
#[conformance(
    id = "compute.server-images.create-with-multibyte-name",
    spec = "compute-v2.1#create-image-createimage-action",
    covers = "3b7c6fe4-dfe7-477c-9243-b06359db51e6",
    needs = [Compute, Image],
    holds = [ServerTask],
    shares = ["compute.server"],
    seconds = 6,
)]
async fn create_with_multibyte_name(cx: &Cx) -> Outcome {
    // COLON SIGN, of three bytes in UTF-8.
    let name = format!("{}-\u{20a1}", cx.name("snapshot"));
    let (path, image) = create(cx, &name, None).await?;
    expect_eq!(image, image.value()["name"], name, "the image should have the name that was sent");
    // By another name nobody could tell that it is the run's.
    if image.value()["name"] == *name {
        cx.compute()?.delete(&path).require([204, 404]).await?;
    }
    Ok(())
}

/// Makes an image of the server that tests share, and waits until it is active and the server has nothing more to do.
async fn create(cx: &Cx, name: &str, metadata: Option<Value>) -> Outcome<(String, Json)> {
    let (compute, reading) = (cx.compute()?, Reading::shared(cx).await?);
    let planned = cx.will_create(Resource::new(Kind::Image, name))?;
    let mut action = json!({"createImage": {"name": name}});
    if let Some(metadata) = metadata {
        action["createImage"]["metadata"] = metadata;
    }
    let answer = reading.server.act(cx, action).await?;
    let location = answer.require_header("Location")?;
    let id = location.rsplit('/').next().unwrap_or_default().to_owned();
    planned.created(&id);
    let path = format!("images/{}", encode(&id));
    let image = cx
        .wait_until("the image must become active", PATIENCE, || async {
            let image = checked(&compute.get(&path).require(200).await?, &shapes::image())?.get("image")?;
            let status = &image.value()["status"];
            require!(image, status != "ERROR" && status != "DELETED", "the image must become active");
            Ok((status == "ACTIVE").then_some(image))
        })
        .await?;
    reading.server.wait_for(cx, "ACTIVE").await?;
    Ok((path, image))
}
