//! Which network servers are attached to, and which one floating IPs come from.

use super::members::{PAGES, is, text, truth};
use crate::choices::{Network, Networks, Overrides};
use crate::context::Cx;
use crate::http::client::Client;
use crate::json::Json;
use crate::outcome::{Evidence as _, Outcome, Stop};
use crate::pages::Pages;
use crate::session::Role;

/// The networks that tests use; none of either kind where there is no networking service.
pub(super) async fn networks(cx: &Cx, overrides: &Overrides) -> Outcome<Networks> {
    let Ok(network) = cx.network() else { return Ok(Networks::default()) };
    let mut list = all(&network).await?;
    if list.is_empty() {
        // Every project of a public cloud sees the external network at least: it is read again.
        list = all(&network).await?;
        if let Some(first) = list.first() {
            first.deviate(
                "a list of networks should be the same when it is read again".to_owned(),
                Some("what was there a moment ago: no network".to_owned()),
                Some(format!("{} networks", list.len())),
            );
        }
    }
    choose(&list, overrides, cx.deployment().project(Role::Member))
}

async fn all(network: &Client) -> Outcome<Vec<Json>> {
    Pages::new(network, "networks").at_most(PAGES).all().await
}

fn choose(list: &[Json], overrides: &Overrides, project: Option<&str>) -> Outcome<Networks> {
    let (mut own, mut shared, mut external) = (Vec::new(), Vec::new(), Vec::new());
    let (mut named, mut named_external) = (Vec::new(), Vec::new());
    for network in list {
        let (id, name) = (network.get("id")?.text()?.to_owned(), text(network, "name"));
        let found = Network { id, name };
        let subnets = network.find("subnets").and_then(|subnets| Some(subnets.value().as_array()?.len())).unwrap_or(0);
        let up = truth(network, "admin_state_up") != Some(false)
            && !matches!(text(network, "status").as_str(), "DOWN" | "ERROR");
        let owner =
            Some(text(network, "project_id")).filter(|id| !id.is_empty()).unwrap_or_else(|| text(network, "tenant_id"));
        if is(overrides.external_network.as_ref(), &found.id, &found.name) {
            named_external.push(found);
        } else if is(overrides.network.as_ref(), &found.id, &found.name) {
            named.push(found);
        } else if truth(network, "router:external") == Some(true) {
            // Members need not see the subnets of an external network: those that show any come first.
            let rank = (truth(network, "is_default") == Some(true), subnets > 0);
            external.extend(up.then_some((rank, found)));
        } else if up && subnets > 0 && !found.name.starts_with("assay-") {
            match () {
                () if project.is_none_or(|project| owner.is_empty() || owner == project) => own.push(found),
                () if truth(network, "shared") == Some(true) => shared.push(found),
                // An administrator sees those of others.
                () => {}
            }
        }
    }
    for (wanted, found) in [(&overrides.network, &named), (&overrides.external_network, &named_external)] {
        if let (Some(name), true) = (wanted, found.is_empty()) {
            return Err(Stop::Error(format!("no network is called `{name}`")));
        }
    }
    external.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    let either = |named: Vec<Network>, found: Vec<Network>| if named.is_empty() { found } else { named };
    Ok(Networks {
        own: either(named, [own, shared].concat()),
        external: either(named_external, external.into_iter().map(|(_, found)| found).collect()),
    })
}
