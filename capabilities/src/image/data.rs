//! Image data: upload and download.

use std::fmt::Write as _;

use assay_kit::prelude::*;
use md5::Md5;
use sha2::{Digest, Sha256, Sha512};

use super::fixture::{Formats, Made};

/// How many bytes are uploaded.
const SIZE: usize = 1024;

/// An image is registered without data, its data is uploaded and downloaded, and the image is deleted. The new image
/// must have the name and visibility that were sent, be queued, and have empty data (204). After the upload it must be
/// shown with its id, its name, the property that was sent, and the size of the data. The data downloaded must be the
/// data uploaded. The deleted image must not be found.
///
/// The answer to the registration should lead to the image and describe it in full. After the upload the image should
/// be active, and its checksums should be those of the data.
#[conformance(
    id = "image.data.upload-and-download",
    spec = "image-v2#upload-binary-image-data",
    covers = "139b765e-7f3d-4b3d-8b37-3ca3876ee318",
    needs = [Image],
    seconds = 3,
)]
async fn upload_and_download(cx: &Cx) -> Outcome {
    let image = cx.image()?;
    let ramdisk = cx.unused_uuid();
    let made = Made::new(cx, &json!({"ramdisk_id": ramdisk})).await?;
    require_eq!(made.json, made.json.get("name")?.value(), &made.name, "a new image has the name that was sent");
    require_eq!(
        made.json,
        made.json.get("visibility")?.value(),
        "private",
        "a new image has the visibility that was sent"
    );
    require_eq!(made.json, made.json.get("status")?.value(), "queued", "an image without data is queued");
    expect_registered(cx, &made, &ramdisk).await?;

    let file = format!("{}/file", made.path);
    let empty = image.get(&file).require(204).await?;
    require!(empty, empty.bytes().is_empty(), "the data of an image without data is empty");

    let data = Formats::find(cx).await?.content(content(&ramdisk));
    made.upload(&image, &data).await?;
    let shown = made.show(&image).await?;
    require_eq!(shown, shown.get("id")?.value(), &made.id, "the image shown is the one that was asked for");
    require_eq!(shown, shown.get("name")?.value(), &made.name, "an image with data keeps its name");
    require_eq!(shown, shown.get("ramdisk_id")?.value(), &ramdisk, "the property that was sent is shown");
    require_eq!(shown, shown.get("size")?.value(), &json!(SIZE), "the size is the number of bytes that were uploaded");
    expect_stored(&shown, &data);

    let download = image.get(&file).require(200).await?;
    require!(
        download,
        *download.bytes() == data,
        "the data downloaded is the data uploaded ({SIZE} bytes), not {} bytes of something else",
        download.bytes().len()
    );
    let media_type = download.header("content-type").unwrap_or_default();
    expect_eq!(
        download,
        media_type,
        "application/octet-stream",
        "the data of an image is sent as `application/octet-stream`"
    );
    if let Some(checksum) = download.header("content-md5") {
        expect_eq!(download, checksum, hex::<Md5>(&data), "`Content-MD5` is the checksum of the data");
    }
    made.delete(cx).await
}

/// Bytes that are no image of any kind, and differ from run to run.
fn content(seed: &str) -> Vec<u8> {
    (0_u32..).flat_map(|block| Sha256::digest(format!("{seed}/{block}"))).take(SIZE).collect()
}

async fn expect_registered(cx: &Cx, made: &Made, ramdisk: &str) -> Outcome {
    let (image, value) = (&made.json, made.json.value());
    let leads = made.response.header("location").unwrap_or_default();
    let wanted = format!("/v2/images/{}", made.id);
    expect!(made.response, leads.ends_with(&wanted), "`Location` leads to the new image, not to {leads:?}");
    expect_eq!(image, value["ramdisk_id"], ramdisk, "a new image has the property that was sent");
    for (key, wanted) in [
        ("protected", json!(false)),
        ("min_disk", json!(0)),
        ("min_ram", json!(0)),
        ("tags", json!([])),
        ("size", Value::Null),
        ("checksum", Value::Null),
        ("owner", json!(cx.login(Role::Member).await?.project_id)),
        ("self", json!(wanted)),
        ("file", json!(format!("{wanted}/file"))),
        ("schema", json!("/v2/schemas/image")),
    ] {
        expect_eq!(image, value[key], wanted, "`{key}` of a new image is what was sent, or what the API promises");
    }
    for key in ["created_at", "updated_at"] {
        expect!(image, image.get(key).and_then(|time| time.time()).is_ok(), "`{key}` is a time as ISO 8601 writes it");
    }
    Ok(())
}

fn expect_stored(shown: &Json, data: &[u8]) {
    let value = shown.value();
    expect_eq!(shown, value["status"], "active", "an image with data is active");
    expect_eq!(shown, value["checksum"], hex::<Md5>(data), "`checksum` is the MD5 sum of the data");
    let sum = match value["os_hash_algo"].as_str() {
        Some("sha512") => hex::<Sha512>(data),
        Some("sha256") => hex::<Sha256>(data),
        // Another algorithm may be set, or none before version 2.7 of the API.
        _ => return,
    };
    expect_eq!(shown, value["os_hash_value"], sum, "`os_hash_value` is the sum of the data by `os_hash_algo`");
}

fn hex<D: Digest>(data: &[u8]) -> String {
    D::digest(data).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
