//! The image, flavors and networks that tests use: chosen by the user, or discovered.

use crate::context::Cx;
use crate::guest::{self, Wish};
use crate::json::Json;
use crate::outcome::{Outcome, Stop};

/// What the user wants to be used; what is not named is discovered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// An image, by name or id.
    pub image: Option<String>,
    /// A flavor, by name or id.
    pub flavor: Option<String>,
    /// A network, by name or id.
    pub network: Option<String>,
    /// Whether to log in to servers, and at which address.
    pub guest: Option<Wish>,
    /// Who logs in to servers.
    pub guest_user: Option<String>,
}

/// What tests use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// The image that servers are made of: the smallest active one, or the one that was wished for.
    pub image: String,
    /// The size of that image's file, in bytes.
    pub image_size: u64,
    /// Who may log in to its servers, the likeliest first.
    pub image_users: Vec<String>,
    /// Another image, when there is one; else the same.
    pub other_image: String,
    /// The flavor of servers: the one with the least memory that the image fits in, or the one that was wished for. Empty
    /// where there is no compute service, whose tests alone use it.
    pub flavor: String,
    /// Another flavor, for resizing: the next larger one, when there is one.
    pub other_flavor: Option<String>,
    /// The network of servers: one of the project's own, or a shared one, with a subnet.
    pub network: Option<String>,
    /// The external network that floating IPs come from, when there is one.
    pub external_network: Option<String>,
}

pub(crate) async fn discover(cx: &Cx, wishes: &Wishes) -> Outcome<Choices> {
    let images = images(cx, wishes).await?;
    let (image, other_image) = (&images[0], images.get(1).unwrap_or(&images[0]));
    // Tests of other services use images and networks only.
    let flavors = if cx.compute().is_ok() { flavors(cx, wishes, image).await? } else { Vec::new() };
    let (network, external_network) = networks(cx, wishes).await?;
    Ok(Choices {
        image: image.id.clone(),
        image_size: image.size,
        image_users: image.users.clone(),
        other_image: other_image.id.clone(),
        flavor: flavors.first().cloned().unwrap_or_default(),
        other_flavor: flavors.get(1).cloned(),
        network,
        external_network,
    })
}

struct Image {
    id: String,
    size: u64,
    users: Vec<String>,
    ram: i64,
    disk: i64,
}

/// The images, the one to use first.
async fn images(cx: &Cx, wishes: &Wishes) -> Outcome<Vec<Image>> {
    let list = cx.image()?.get("images").query("status", "active").query("limit", 200).require(200).await?.json()?;
    let mut found = Vec::new();
    let mut wished = None;
    for image in list.get("images")?.elements()? {
        let name = text(&image, "name");
        let id = image.get("id")?.text()?.to_owned();
        // What this or another run makes comes and goes.
        if name.starts_with("assay-") || image.find("image_type").is_some_and(|kind| kind.value() == "snapshot") {
            continue;
        }
        let number = |key: &str| image.find(key).and_then(|number| number.value().as_i64()).unwrap_or(0);
        let is_wished = is(wishes.image.as_ref(), &id, &name);
        let size = u64::try_from(number("size")).unwrap_or(0);
        if is_wished {
            wished = Some(found.len());
        }
        let told = |key: &str| image.find(key).and_then(|told| told.value().as_str().map(str::to_owned));
        let (property, system) = (told("os_admin_user"), told("os_distro"));
        let users = match &wishes.guest_user {
            Some(user) => vec![user.clone()],
            None => guest::users(property.as_deref(), system.as_deref(), &name),
        };
        found.push(Image { id, size, users, ram: number("min_ram"), disk: number("min_disk") });
    }
    first(found, wished, wishes.image.as_ref(), "image", |image| image.size)
}

/// The flavors that the image fits in, the one to use first.
async fn flavors(cx: &Cx, wishes: &Wishes, image: &Image) -> Outcome<Vec<String>> {
    let list = cx.compute()?.get("flavors/detail").require(200).await?.json()?;
    let mut found = Vec::new();
    let mut wished = None;
    for flavor in list.get("flavors")?.elements()? {
        let number = |key: &str| flavor.find(key).and_then(|number| number.value().as_i64()).unwrap_or(0);
        let id = flavor.get("id")?.text()?.to_owned();
        if is(wishes.flavor.as_ref(), &id, &text(&flavor, "name")) {
            wished = Some(found.len());
        } else if number("ram") < image.ram || number("disk") < image.disk {
            continue;
        }
        found.push((id, (number("ram"), number("disk"), number("vcpus"))));
    }
    let sorted = first(found, wished, wishes.flavor.as_ref(), "flavor", |(_, size)| *size)?;
    Ok(sorted.into_iter().map(|(id, _)| id).collect())
}

/// The network of servers, and the one that floating IPs come from.
async fn networks(cx: &Cx, wishes: &Wishes) -> Outcome<(Option<String>, Option<String>)> {
    let Ok(network) = cx.network() else { return Ok((None, None)) };
    let list = network.get("networks").require(200).await?.json()?;
    let (mut own, mut shared, mut external, mut wished) = (None, None, None, None);
    for network in list.get("networks")?.elements()? {
        let (id, name) = (network.get("id")?.text()?.to_owned(), text(&network, "name"));
        let truth = |key: &str| network.find(key).is_some_and(|truth| truth.value() == true);
        let subnets = network.find("subnets").and_then(|subnets| Some(subnets.value().as_array()?.len())).unwrap_or(0);
        if is(wishes.network.as_ref(), &id, &name) {
            wished = Some(id);
        } else if truth("router:external") {
            external = external.or(Some(id));
        } else if subnets > 0 && !name.starts_with("assay-") {
            let place = if truth("shared") { &mut shared } else { &mut own };
            place.get_or_insert(id);
        }
    }
    if let (Some(name), None) = (&wishes.network, &wished) {
        return Err(Stop::Error(format!("no network is called `{name}`")));
    }
    Ok((wished.or(own).or(shared), external))
}

fn text(json: &Json, key: &str) -> String {
    json.find(key).and_then(|text| text.value().as_str().map(str::to_owned)).unwrap_or_default()
}

fn is(wish: Option<&String>, id: &str, name: &str) -> bool {
    wish.is_some_and(|wish| wish == id || wish == name)
}

/// Sorts by size, and puts what was wished for first.
fn first<T, K: Ord>(
    mut found: Vec<T>,
    wished: Option<usize>,
    wish: Option<&String>,
    kind: &str,
    size: impl Fn(&T) -> K,
) -> Outcome<Vec<T>> {
    let chosen = wished.map(|at| found.remove(at));
    found.sort_by_key(size);
    if let Some(chosen) = chosen {
        found.insert(0, chosen);
    } else if let Some(wish) = wish {
        return Err(Stop::Error(format!("no {kind} is called `{wish}`")));
    }
    if found.is_empty() {
        return Err(Stop::Error(format!("the deployment offers the member no {kind} that can be used")));
    }
    Ok(found)
}
