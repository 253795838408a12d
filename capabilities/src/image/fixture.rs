//! Images as the tests make them, and the formats that they may have.

use std::sync::Arc;
use std::time::Duration;

use assay_kit::Planned;
use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use crate::refusal::require_refused;

/// How long an image may take to be gone.
const PATIENCE: Duration = Duration::from_secs(300);

/// The formats that the deployment takes, those that need no content of their own first.
#[derive(Debug)]
pub(super) struct Formats {
    pub containers: Vec<String>,
    pub disks: Vec<String>,
}

impl Formats {
    /// What the schema of images allows; no API tells it otherwise.
    pub(super) async fn find(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared("image.formats", |cx| async move {
            // Whether there is a schema is for the tests of schemas to say.
            let schema = cx.image()?.get("schemas/image").send().await?;
            let schema = told(&schema);
            let allowed = |property: &str, first: &[&str]| {
                let listed = schema["properties"][property]["enum"].as_array();
                let mut formats: Vec<String> =
                    listed.into_iter().flatten().filter_map(|format| Some(format.as_str()?.to_owned())).collect();
                // Without a list, what every deployment is known to take.
                if formats.is_empty() {
                    formats.push(first[0].to_owned());
                }
                formats.sort_by_key(|format| first.iter().position(|known| known == format).unwrap_or(first.len()));
                formats
            };
            Ok(Self {
                containers: allowed("container_format", &["bare", "ovf", "ova"]),
                disks: allowed("disk_format", &["raw", "qcow2", "vmdk"]),
            })
        })
        .await
    }

    /// The members of a request for a private image without properties of its own.
    pub(super) fn request(&self, name: &str) -> Value {
        json!({
            "name": name,
            "container_format": self.containers[0],
            "disk_format": self.disks[0],
            "visibility": "private",
        })
    }

    /// Data for an image of the first of the disk formats, made of these bytes, of which there are 1024 or more. A
    /// service may refuse data that is not of the format that the image says.
    pub(super) fn content(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        if self.disks[0] == "qcow2" {
            // A header of version 2: clusters of 512 bytes, a disk of no size, and in the second cluster an empty table
            // of references.
            let mut header = [0_u8; 80];
            header[..8].copy_from_slice(b"QFI\xfb\0\0\0\x02");
            header[23] = 9;
            header[54] = 2;
            header[59] = 1;
            bytes[..80].copy_from_slice(&header);
            bytes[512..1024].fill(0);
        }
        // Here a boot record has its sign.
        bytes[510] = 0;
        bytes
    }
}

/// An image that a test made.
pub(super) struct Made {
    pub name: String,
    pub id: String,
    pub path: String,
    /// The answer to the request that made it, and its body.
    pub response: Response,
    pub json: Json,
    planned: Planned,
}

impl Made {
    /// Makes an image without data, of a new name, with these members besides.
    pub(super) async fn new(cx: &Cx, members: &Value) -> Outcome<Self> {
        let name = cx.name("image");
        let mut body = Formats::find(cx).await?.request(&name);
        for (key, value) in members.as_object().into_iter().flatten() {
            if value.is_null() {
                body.as_object_mut().map(|body| body.shift_remove(key));
            } else {
                body[key] = value.clone();
            }
        }
        let planned = cx.will_create(Resource::new(Kind::Image, &name))?;
        let response = cx.image()?.post("images").json(&body).require(201).await?;
        let json = response.json()?;
        let id = json.get("id")?.text()?.to_owned();
        planned.created(&id);
        Ok(Self { path: format!("images/{}", encode(&id)), name, id, response, json, planned })
    }

    /// Uploads its data.
    pub(super) async fn upload(&self, image: &Client, data: &[u8]) -> Outcome {
        let path = format!("{}/file", self.path);
        image.put(&path).body("application/octet-stream", data.to_vec()).require(204).await.map(drop)
    }

    /// What the service says of it now.
    pub(super) async fn show(&self, image: &Client) -> Outcome<Json> {
        image.get(&self.path).require(200).await?.json()
    }

    /// Deletes it and waits until it is gone.
    pub(super) async fn delete(&self, cx: &Cx) -> Outcome {
        let image = cx.image()?;
        image.delete(&self.path).require(204).await?;
        cx.wait_until("a deleted image is not found any more", PATIENCE, || async {
            let shown = image.get(&self.path).send().await?;
            if shown.status() == 404 {
                require_refused(&shown, 404)?;
                return Ok(Some(()));
            }
            shown.require_status(200)?;
            shown.json()?;
            Ok(None)
        })
        .await?;
        self.planned.removed();
        Ok(())
    }
}

/// What an answer says of which nothing is required; null when it is no JSON.
pub(super) fn told(answer: &Response) -> Value {
    serde_json::from_slice(answer.bytes()).unwrap_or_default()
}

/// How many images of this name are listed, where nothing is required of the list; none when it is no list.
pub(super) async fn count(image: &Client, name: &str) -> Outcome<Option<usize>> {
    let listed = image.get("images").query("name", name).send().await?;
    Ok(told(&listed)["images"].as_array().map(Vec::len))
}
