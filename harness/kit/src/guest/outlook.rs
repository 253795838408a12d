//! What can be known of guests before there is a server.

use super::{Way, Wish};
use crate::context::Cx;
use crate::outcome::{Outcome, Stop};

/// The least size of an image that a system with an SSH server may be in, in bytes; the smallest in use have some 12 MiB.
const SMALLEST: u64 = 2 << 20;

/// Whether guests are worth a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outlook {
    /// They may answer.
    Open {
        /// At which addresses, the one to use first.
        ways: Vec<Way>,
        /// The network of floating IPs.
        external: Option<String>,
        /// Whether the user says so: then a guest that does not answer fails its tests.
        demanded: bool,
    },
    /// Nobody logs in to any, for this reason.
    None(String),
}

impl std::fmt::Display for Outlook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open { ways, demanded, .. } => {
                let ways: Vec<_> = ways.iter().map(Way::to_string).collect();
                let how = if *demanded { "as --guest says" } else { "tried as soon as a run has a server" };
                write!(f, "{}, {how}", ways.join(" or "))
            }
            Self::None(reason) => write!(f, "none: {reason}"),
        }
    }
}

/// Asks for little: the image's size is known by then, and whether a router leads outside takes two requests.
pub(crate) async fn outlook(cx: &Cx, wish: Option<Wish>) -> Outcome<Outlook> {
    if wish == Some(Wish::None) {
        return Ok(Outlook::None("--guest none".to_owned()));
    }
    match cx.compute() {
        Err(Stop::Skip(reason)) => return Ok(Outlook::None(reason)),
        other => other?,
    };
    let choices = cx.choices().await?;
    if let Some(Wish::Way(way)) = wish {
        let external = match (way, &choices.network) {
            (Way::Floating, Some(network)) => outside(cx, network).await?.or_else(|| choices.external_network.clone()),
            (Way::Floating, None) => choices.external_network.clone(),
            (Way::Fixed, _) => None,
        };
        return Ok(Outlook::Open { ways: vec![way], external, demanded: true });
    }
    // An image of unknown size has none.
    if (1..SMALLEST).contains(&choices.image_size) {
        return Ok(Outlook::None(format!(
            "the image has {} bytes, in which no system with an SSH server fits; choose another with --image",
            choices.image_size
        )));
    }
    let external = match &choices.network {
        Some(network) if choices.external_network.is_some() => outside(cx, network).await?,
        _ => None,
    };
    let mut ways = vec![Way::Fixed];
    ways.extend(external.is_some().then_some(Way::Floating));
    Ok(Outlook::Open { ways, external, demanded: false })
}

/// The external network to which a router connects this one.
async fn outside(cx: &Cx, network: &str) -> Outcome<Option<String>> {
    let client = cx.network()?;
    let ports = client.get("ports").query("network_id", network).require(200).await?.json()?;
    for port in ports.get("ports")?.elements()? {
        if !crate::resources::is_interface(&port) {
            continue;
        }
        let path = format!("routers/{}", crate::http::client::encode(port.get("device_id")?.text()?));
        let router = client.get(&path).require([200, 404]).await?;
        if router.status() == 404 {
            // It belongs to another project.
            continue;
        }
        let router = router.json()?;
        if let Some(external) = router.value()["router"]["external_gateway_info"]["network_id"].as_str() {
            return Ok(Some(external.to_owned()));
        }
    }
    Ok(None)
}
