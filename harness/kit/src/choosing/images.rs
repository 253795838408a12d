//! Which image servers are made of.

use assay_record::Lack;

use super::members::{PAGES, is, number, text, truth, unusable};
use crate::choices::{Image, Overrides};
use crate::context::Cx;
use crate::guest;
use crate::json::Json;
use crate::need::Service;
use crate::outcome::{Outcome, Stop};
use crate::pages::Pages;

/// The images that servers can be made of, the one to use first: the one that was named, or the smallest.
pub(super) async fn images(cx: &Cx, overrides: &Overrides) -> Outcome<Vec<Image>> {
    let list = Pages::new(&cx.image()?, "images").query("status", "active").query("limit", 200).at_most(PAGES);
    let project = cx.deployment().project(crate::session::Role::Member);
    let (mut found, mut named) = (Vec::new(), Vec::new());
    let mut refused = Vec::new();
    for image in list.all().await? {
        let (id, name) = (image.get("id")?.text()?.to_owned(), text(&image, "name"));
        let wanted = is(overrides.image.as_ref(), &id, &name);
        // What this or another run makes comes and goes.
        if name.starts_with("assay-") {
            continue;
        }
        match unfit(&image) {
            Some(reason) if wanted => return Err(unusable("image", &name, reason)),
            Some(reason) => refused.push(format!("{name}: {reason}")),
            None => {
                let place = if wanted { &mut named } else { &mut found };
                place.push((rank(&image, project), read(&image, id, name, overrides)));
            }
        }
    }
    if let (Some(wanted), true) = (&overrides.image, named.is_empty()) {
        return Err(Stop::Error(format!("no image is called `{wanted}`")));
    }
    found.sort_by(|(rank, image), (other_rank, other)| (rank, image.size).cmp(&(other_rank, other.size)));
    let found: Vec<Image> = named.into_iter().chain(found).map(|(_, image)| image).collect();
    if found.is_empty() {
        let seen = if refused.is_empty() { String::new() } else { format!(" ({})", refused.join("; ")) };
        let reason =
            format!("no image is there that a server can be made of{seen}: upload one, or name one with --image");
        return Err(Stop::skip(Lack::resource(Service::Image, "image"), reason));
    }
    Ok(found)
}

/// Why a server cannot be made of an image; none where it can.
fn unfit(image: &Json) -> Option<&'static str> {
    let is = |key: &str, values: &[&str]| values.contains(&text(image, key).as_str());
    match () {
        () if !text(image, "status").is_empty() && !is("status", &["active"]) => Some("it is not active"),
        () if is("image_type", &["snapshot"]) => Some("it is a snapshot of a server"),
        // Of a server that runs from a volume, which is what it stands for.
        () if number(image, "size") == 0 => Some("it holds no data"),
        () if is("disk_format", &["aki", "ari"]) || is("container_format", &["aki", "ari"]) => {
            Some("it is a part of another image: a kernel or a ramdisk")
        }
        () if truth(image, "os_hidden") == Some(true) => Some("it is hidden"),
        () => None,
    }
}

/// What comes before size: an image of others may be taken back, and a disc of an installer starts no system.
fn rank(image: &Json, project: Option<&str>) -> u8 {
    let own = project.is_some_and(|project| text(image, "owner") == project);
    let lent = !own && matches!(text(image, "visibility").as_str(), "shared" | "community");
    u8::from(lent) + 2 * u8::from(text(image, "disk_format") == "iso")
}

fn read(image: &Json, id: String, name: String, overrides: &Overrides) -> Image {
    const GIBIBYTE: u64 = 1 << 30;
    let told = |key: &str| Some(text(image, key)).filter(|text| !text.is_empty());
    let users = match &overrides.guest_user {
        Some(user) => vec![user.clone()],
        None => guest::users(told("os_admin_user").as_deref(), told("os_distro").as_deref(), &name),
    };
    // One that is packed is larger once it runs.
    let bytes = number(image, "size").max(number(image, "virtual_size"));
    Image {
        size: number(image, "size"),
        users,
        ram: number(image, "min_ram"),
        disk: number(image, "min_disk").max(bytes.div_ceil(GIBIBYTE)),
        id,
        name,
    }
}
