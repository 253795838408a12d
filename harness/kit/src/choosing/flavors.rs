//! Which flavor servers have.

use assay_record::Lack;

use super::members::{PAGES, is, number, text, truth};
use crate::choices::{Flavor, Overrides};
use crate::http::client::Client;
use crate::need::Service;
use crate::outcome::{Outcome, Stop};
use crate::pages::Pages;

/// The flavors that members may use, the one to use first: the one that was named, or the smallest.
pub(super) async fn flavors(compute: &Client, overrides: &Overrides) -> Outcome<Vec<Flavor>> {
    let list = Pages::new(compute, "flavors/detail").key("flavors").at_most(PAGES).all().await?;
    let (mut found, mut named) = (Vec::new(), None);
    for flavor in list {
        let (id, name) = (flavor.get("id")?.text()?.to_owned(), text(&flavor, "name"));
        let wanted = is(overrides.flavor.as_ref(), &id, &name);
        let (ram, disk, cpus) = (number(&flavor, "ram"), number(&flavor, "disk"), number(&flavor, "vcpus"));
        let read = Flavor { id, name, ram, disk, cpus };
        match () {
            () if wanted => named = Some(read),
            () if truth(&flavor, "OS-FLV-DISABLED:disabled") == Some(true) => {}
            () => found.push(read),
        }
    }
    if let (Some(wanted), None) = (&overrides.flavor, &named) {
        return Err(Stop::Error(format!("no flavor is called `{wanted}`")));
    }
    found.sort_by_key(|flavor| (flavor.ram, flavor.disk, flavor.cpus));
    let found: Vec<Flavor> = named.into_iter().chain(found).collect();
    if found.is_empty() {
        let reason = "the member sees no flavor that can be used: offer one";
        return Err(Stop::skip(Lack::resource(Service::Compute, "flavor"), reason));
    }
    Ok(found)
}
