//! Finds the image, flavors and networks that tests use.

use crate::choices::{Choices, Overrides};
use crate::context::Cx;
use crate::guest;
use crate::json::Json;
use crate::outcome::{Outcome, Stop};

impl Cx {
    /// The image, flavors and networks that tests use: the user's choice, or what the deployment offers.
    pub async fn choices(&self) -> Outcome<&Choices> {
        let (own, deployment) = (self.apart("start"), self.deployment());
        let choices = deployment.choices().get_or_init(|| async { discover(&own, deployment.overrides()).await }).await;
        choices.as_ref().map_err(Clone::clone)
    }
}

async fn discover(cx: &Cx, overrides: &Overrides) -> Outcome<Choices> {
    let images = images(cx, overrides).await?;
    let (image, other_image) = (&images[0], images.get(1).unwrap_or(&images[0]));
    // Tests of other services use images and networks only.
    let flavors = if cx.compute().is_ok() { flavors(cx, overrides, image).await? } else { Vec::new() };
    let (network, external_network) = networks(cx, overrides).await?;
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
async fn images(cx: &Cx, overrides: &Overrides) -> Outcome<Vec<Image>> {
    let list = cx.image()?.get("images").query("status", "active").query("limit", 200).require(200).await?.json()?;
    let mut found = Vec::new();
    let mut named = None;
    for image in list.get("images")?.elements()? {
        let name = text(&image, "name");
        let id = image.get("id")?.text()?.to_owned();
        // What this or another run makes comes and goes.
        if name.starts_with("assay-") || image.find("image_type").is_some_and(|kind| kind.value() == "snapshot") {
            continue;
        }
        let number = |key: &str| image.find(key).and_then(|number| number.value().as_i64()).unwrap_or(0);
        let is_named = is(overrides.image.as_ref(), &id, &name);
        let size = u64::try_from(number("size")).unwrap_or(0);
        if is_named {
            named = Some(found.len());
        }
        let told = |key: &str| image.find(key).and_then(|told| told.value().as_str().map(str::to_owned));
        let (property, system) = (told("os_admin_user"), told("os_distro"));
        let users = match &overrides.guest_user {
            Some(user) => vec![user.clone()],
            None => guest::users(property.as_deref(), system.as_deref(), &name),
        };
        found.push(Image { id, size, users, ram: number("min_ram"), disk: number("min_disk") });
    }
    first(found, named, overrides.image.as_ref(), "image", |image| image.size)
}

/// The flavors that the image fits in, the one to use first.
async fn flavors(cx: &Cx, overrides: &Overrides, image: &Image) -> Outcome<Vec<String>> {
    let list = cx.compute()?.get("flavors/detail").require(200).await?.json()?;
    let mut found = Vec::new();
    let mut named = None;
    for flavor in list.get("flavors")?.elements()? {
        let number = |key: &str| flavor.find(key).and_then(|number| number.value().as_i64()).unwrap_or(0);
        let id = flavor.get("id")?.text()?.to_owned();
        if is(overrides.flavor.as_ref(), &id, &text(&flavor, "name")) {
            named = Some(found.len());
        } else if number("ram") < image.ram || number("disk") < image.disk {
            continue;
        }
        found.push((id, (number("ram"), number("disk"), number("vcpus"))));
    }
    let sorted = first(found, named, overrides.flavor.as_ref(), "flavor", |(_, size)| *size)?;
    Ok(sorted.into_iter().map(|(id, _)| id).collect())
}

/// The network of servers, and the one that floating IPs come from.
async fn networks(cx: &Cx, overrides: &Overrides) -> Outcome<(Option<String>, Option<String>)> {
    let Ok(network) = cx.network() else { return Ok((None, None)) };
    let list = network.get("networks").require(200).await?.json()?;
    let (mut own, mut shared, mut external, mut named) = (None, None, None, None);
    for network in list.get("networks")?.elements()? {
        let (id, name) = (network.get("id")?.text()?.to_owned(), text(&network, "name"));
        let truth = |key: &str| network.find(key).is_some_and(|truth| truth.value() == true);
        let subnets = network.find("subnets").and_then(|subnets| Some(subnets.value().as_array()?.len())).unwrap_or(0);
        if is(overrides.network.as_ref(), &id, &name) {
            named = Some(id);
        } else if truth("router:external") {
            external = external.or(Some(id));
        } else if subnets > 0 && !name.starts_with("assay-") {
            let place = if truth("shared") { &mut shared } else { &mut own };
            place.get_or_insert(id);
        }
    }
    if let (Some(name), None) = (&overrides.network, &named) {
        return Err(Stop::Error(format!("no network is called `{name}`")));
    }
    Ok((named.or(own).or(shared), external))
}

fn text(json: &Json, key: &str) -> String {
    json.find(key).and_then(|text| text.value().as_str().map(str::to_owned)).unwrap_or_default()
}

fn is(wanted: Option<&String>, id: &str, name: &str) -> bool {
    wanted.is_some_and(|wanted| wanted == id || wanted == name)
}

/// Sorts by size, and puts what was named first.
fn first<T, K: Ord>(
    mut found: Vec<T>,
    named: Option<usize>,
    wanted: Option<&String>,
    kind: &str,
    size: impl Fn(&T) -> K,
) -> Outcome<Vec<T>> {
    let chosen = named.map(|at| found.remove(at));
    found.sort_by_key(size);
    if let Some(chosen) = chosen {
        found.insert(0, chosen);
    } else if let Some(wanted) = wanted {
        return Err(Stop::Error(format!("no {kind} is called `{wanted}`")));
    }
    if found.is_empty() {
        return Err(Stop::Error(format!("the deployment offers the member no {kind} that can be used")));
    }
    Ok(found)
}
