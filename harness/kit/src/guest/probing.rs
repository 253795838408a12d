//! Looks at whether guests are worth a try, before there is a server.

use super::probe::Probe;
use super::{Override, Way};
use crate::context::Cx;
use crate::outcome::{Outcome, Stop};

/// The least size of an image that a system with an SSH server may be in, in bytes; the smallest in use have some 12 MiB.
const SMALLEST: u64 = 2 << 20;

impl Cx {
    /// Whether guests are worth a try, as far as it is known without a server.
    pub async fn probe(&self) -> Outcome<&Probe> {
        let (own, deployment) = (self.apart("start"), self.deployment());
        let probe = deployment.probe().get_or_init(|| async { probe(&own, deployment.overrides().guest).await }).await;
        probe.as_ref().map_err(Clone::clone)
    }
}

/// Asks for little: the image's size is known by then, and whether a router leads outside takes two requests.
async fn probe(cx: &Cx, wanted: Option<Override>) -> Outcome<Probe> {
    if wanted == Some(Override::None) {
        return Ok(Probe::None("--guest none".to_owned()));
    }
    match cx.compute() {
        Err(Stop::Skip(skip)) => return Ok(Probe::None(skip.reason)),
        other => other?,
    };
    let choices = cx.choices().await?;
    let (network, known) = (choices.network()?, choices.external_network()?.map(|external| external.id.clone()));
    if let Some(Override::Way(way)) = wanted {
        let external = match (way, network) {
            (Way::Floating, Some(network)) => outside(cx, &network.id).await?.or(known),
            (Way::Floating, None) => known,
            (Way::Fixed, _) => None,
        };
        return Ok(Probe::Open { ways: vec![way], external, demanded: true });
    }
    // An image of unknown size has none.
    let size = choices.image()?.size;
    if (1..SMALLEST).contains(&size) {
        return Ok(Probe::None(format!(
            "the image has {size} bytes, in which no system with an SSH server fits; choose another with --image"
        )));
    }
    let external = match network {
        // Nobody asks for a way by a floating IP: where it cannot be seen, there is none.
        Some(network) if known.is_some() => outside(cx, &network.id).await.unwrap_or_default(),
        _ => None,
    };
    let mut ways = vec![Way::Fixed];
    ways.extend(external.is_some().then_some(Way::Floating));
    Ok(Probe::Open { ways, external, demanded: false })
}

/// The external network to which a router connects this one.
async fn outside(cx: &Cx, network: &str) -> Outcome<Option<String>> {
    let client = cx.network()?;
    let ports = client.get("ports").query("network_id", network).require(200).await?.json()?;
    for port in ports.get("ports")?.elements()? {
        if !crate::resources::is_interface(&port) {
            continue;
        }
        let path = format!("routers/{}", crate::http::address::encode(port.get("device_id")?.text()?));
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
