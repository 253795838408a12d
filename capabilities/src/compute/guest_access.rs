//! How servers are logged in to: what they are created with for it, and from where they answer.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use assay_kit::Limit;
use assay_kit::guest::{Endpoint, GuestError, Key, Probe, Session, Way};
use assay_kit::prelude::*;

use super::changed::Slot;
use super::fixture::{Reading, Server};
use crate::network::fixture::{FLOATING_IP, Made, SECURITY_GROUP};

/// How long a system may take from its server's start until it lets in.
const BOOT: Duration = Duration::from_secs(300);
/// How long whether it lets in is tried, where nobody said that it does.
const TRIAL: Duration = Duration::from_secs(90);
/// How long it may take until its console shows that one starts.
const SIGN: Duration = Duration::from_secs(10);
/// How much a console shows of a system that starts, in bytes; a sham one shows a line or two.
const SIGN_BYTES: usize = 1000;
/// How long other tests may keep what the quotas have of what it takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Where SSH answers.
const PORT: u16 = 22;

/// The key of what is known of guests, as `shares` names it. Who shares it also shares `compute.server`.
const SHARED: &str = "compute.guest";

/// What a server has so that it can be logged in to.
#[derive(Debug, Clone)]
pub(super) struct Access {
    key: Key,
    keypair: String,
    /// None where the network knows no security groups.
    group: Option<String>,
}

impl Access {
    /// Asks for it in a request for a server.
    pub(super) fn add_to(&self, members: &mut Value) {
        members["key_name"] = json!(self.keypair);
        if let Some(group) = &self.group {
            members["security_groups"] = json!([{"name": "default"}, {"name": group}]);
        }
    }

    fn endpoint(&self, way: Way, address: IpAddr, users: &[String]) -> Endpoint {
        Endpoint { way, address: SocketAddr::new(address, PORT), users: users.to_vec(), key: self.key.clone() }
    }
}

/// A keypair, and a security group that lets SSH in; nothing where no guest is worth a try.
///
/// The context should be the one that the server is made under: what is made later is undone earlier.
pub(super) async fn access(cx: &Cx) -> Outcome<Option<Access>> {
    if matches!(cx.probe().await?, Probe::None(_)) {
        return Ok(None);
    }
    let (key, keypair) = (Key::generate()?, cx.name("keypair"));
    let group = if has_groups(cx).await? { Some(group(cx).await?) } else { None };
    let body = json!({"keypair": {"name": keypair, "public_key": key.public()?}});
    cx.will_create(Resource::new(Kind::Keypair, &keypair))?;
    cx.compute()?.post("os-keypairs").json(&body).require(200).await?;
    Ok(Some(Access { key, keypair, group }))
}

/// Whether servers on the network can have security groups: a port without port security cannot.
async fn has_groups(cx: &Cx) -> Outcome<bool> {
    let choices = cx.choices().await?;
    let Some(network) = choices.network()? else { return Ok(false) };
    let path = format!("networks/{}", assay_kit::http::address::encode(&network.id));
    let shown = cx.network()?.get(&path).require(200).await?.json()?;
    Ok(shown.value()["network"]["port_security_enabled"] != false)
}

async fn group(cx: &Cx) -> Outcome<String> {
    cx.hold(Limit::SecurityGroups, PATIENCE).await?;
    let group = Made::new(cx, &SECURITY_GROUP, &json!({"description": "lets SSH in"})).await?;
    for family in ["IPv4", "IPv6"] {
        let rule = json!({
            "security_group_id": group.id, "direction": "ingress", "ethertype": family, "protocol": "tcp",
            "port_range_min": PORT, "port_range_max": PORT,
        });
        let request = cx.network()?.post("security-group-rules").json(&json!({"security_group_rule": rule}));
        request.require(201).await?;
    }
    Ok(group.name)
}

/// What is known of guests, once the server that tests only read has been tried.
#[derive(Debug)]
pub(super) enum Guests {
    /// They answer: this is the endpoint of the server that tests only read.
    Answer(Endpoint),
    /// Nobody logs in to any, for this reason.
    Absent(String),
}

/// Tries the server that tests only read, once for all tests.
pub(super) async fn guests(cx: &Cx) -> Outcome<Arc<Guests>> {
    let (ways, external, demanded) = match cx.probe().await? {
        Probe::None(reason) => return Ok(Arc::new(nobody(cx, reason.clone()))),
        Probe::Open { ways, external, demanded } => (ways.clone(), external.clone(), *demanded),
    };
    let reading = Reading::shared(cx).await?;
    cx.shared(SHARED, move |cx| async move {
        let access = match reading.access.clone() {
            // Where nobody says that servers let in, what cannot be made for it fails the tests that are about it, and no other.
            Err(stop @ Stop::Fail(_)) if !demanded => {
                return Ok(nobody(&cx, format!("what it takes cannot be made: {stop}")));
            }
            other => other?,
        };
        let Some(access) = access else {
            return Err(Stop::Error("the server that tests read was made without a key".to_owned()));
        };
        let (mut endpoints, mut missing) = (Vec::new(), Vec::new());
        for way in ways {
            match endpoint(&cx, &reading.server, &access, way, external.as_deref()).await {
                Err(stop @ Stop::Fail(_)) if !demanded => missing.push(format!("no {way} address: {stop}")),
                found => endpoints.extend(found?),
            }
        }
        let log = cx.log_handle();
        let tried = match endpoints.first() {
            None if missing.is_empty() => Err("the server has no address".to_owned()),
            None => Err(missing.join("; ")),
            Some(endpoint) if demanded => endpoint.log_in(&log, BOOT).await.map_err(|error| error.to_string()),
            Some(_) => discover(&cx, &reading.server, &endpoints).await?,
        };
        let way = endpoints.first().map_or(Way::Fixed, |endpoint| endpoint.way);
        match tried {
            Ok(session) => {
                let chosen = endpoints.into_iter().find(|endpoint| endpoint.address == session.address());
                let mut chosen =
                    chosen.ok_or_else(|| Stop::Error("logged in at an address that nobody named".to_owned()))?;
                // Whoever was let in once is let in again.
                chosen.users = vec![session.user().to_owned()];
                let (user, host) = (session.user(), session.host_key());
                cx.deployment().note_guests(&format!("{}: user {user}, host key {host}", chosen.way));
                session.close().await;
                Ok(Guests::Answer(chosen))
            }
            Err(reason) if demanded => {
                cx.deployment().note_guests(&format!("{way}: {reason}"));
                let expected = Some(format!("a login within {} s", BOOT.as_secs()));
                Err(cx.fail(
                    format!("a server answers SSH at its {way} address, as --guest says"),
                    expected,
                    Some(reason),
                ))
            }
            Err(reason) => Ok(nobody(&cx, reason)),
        }
    })
    .await
}

/// Nobody logs in to servers, for this reason.
fn nobody(cx: &Cx, reason: String) -> Guests {
    cx.deployment().note_guests(&format!("none: {reason}"));
    Guests::Absent(reason)
}

/// Tries every endpoint until one lets in; gives up early where nothing shows that a system starts.
///
/// Another machine may have a fixed address of this network: only a login with the server's own key counts.
async fn discover(cx: &Cx, server: &Server, endpoints: &[Endpoint]) -> Outcome<Result<Session, String>> {
    let (log, begun) = (cx.log_handle(), Instant::now());
    let mut starting = false;
    loop {
        let mut errors = Vec::new();
        for endpoint in endpoints {
            match endpoint.try_once(&log).await {
                Ok(session) => return Ok(Ok(session)),
                Err(error) => errors.push(error),
            }
        }
        starting = starting || shows_a_start(cx, server).await?;
        let patience = if starting { TRIAL } else { SIGN };
        if errors.iter().all(has_no_route) || begun.elapsed() >= patience {
            let sign = if starting { "its console shows a start" } else { "its console shows no start" };
            let errors: Vec<_> = errors.iter().map(GuestError::to_string).collect();
            let help = "if servers can be reached from here, say so with --guest fixed or --guest floating";
            return Ok(Err(format!("{}; {sign}; {help}", errors.join("; "))));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Whether there is no way to an address at all, which no waiting changes.
fn has_no_route(error: &GuestError) -> bool {
    matches!(error, GuestError::Connect { source, .. } if source.kind() == std::io::ErrorKind::NetworkUnreachable)
}

/// Whether a server's console shows that a system starts. Not every cloud has consoles: then nothing shows it.
async fn shows_a_start(cx: &Cx, server: &Server) -> Outcome<bool> {
    let action = json!({"os-getConsoleOutput": {"length": 100}});
    let answer = cx.compute()?.post(&format!("{}/action", server.path)).json(&action).send().await?;
    if answer.status() != 200 {
        return Ok(false);
    }
    let shown = answer.json();
    Ok(shown.is_ok_and(|shown| shown.value()["output"].as_str().is_some_and(|it| it.trim().len() >= SIGN_BYTES)))
}

/// The endpoint of a server at one of its addresses; `None` if it has no such address.
/// A floating IP is made for it under this context.
async fn endpoint(
    cx: &Cx,
    server: &Server,
    access: &Access,
    way: Way,
    external: Option<&str>,
) -> Outcome<Option<Endpoint>> {
    let choices = cx.choices().await?;
    let users = &choices.image()?.users;
    let Some(fixed) = fixed_address(&server.show(cx).await?)? else { return Ok(None) };
    if way == Way::Fixed {
        return Ok(Some(access.endpoint(way, fixed, users)));
    }
    let Some(external) = external else {
        return Err(cx.fail("there is an external network for floating IPs, as --guest says".into(), None, None));
    };
    let ports = cx.network()?.get("ports").query("device_id", &server.id).require(200).await?.json()?;
    let has_address = |port: &Value| {
        let addresses = port["fixed_ips"].as_array().into_iter().flatten();
        addresses.filter_map(|one| one["ip_address"].as_str()).any(|one| one.parse() == Ok(fixed))
    };
    let found = ports.get("ports")?.elements()?.into_iter().find(|port| has_address(port.value()));
    let Some(port) = found else {
        return Err(ports.fail("a server's address is that of one of its ports".into(), None, Some(fixed.to_string())));
    };
    cx.hold(Limit::FloatingIps, PATIENCE).await?;
    let request = json!({"floating_network_id": external, "port_id": port.get("id")?.value()});
    let floating = Made::new(cx, &FLOATING_IP, &request).await?;
    let address = floating.json.get("floating_ip_address")?;
    let Ok(address) = address.text()?.parse() else {
        return Err(address.fail("a floating IP has an IP address".into(), None, Some(address.value().to_string())));
    };
    Ok(Some(access.endpoint(way, address, users)))
}

/// The first fixed address of a server, one of version 4 if it has any.
fn fixed_address(server: &Json) -> Outcome<Option<IpAddr>> {
    let networks = server.get("addresses")?;
    let mut found: Vec<IpAddr> = Vec::new();
    for network in networks.value().as_object().into_iter().flatten() {
        for one in network.1.as_array().into_iter().flatten() {
            if one["OS-EXT-IPS:type"] == "floating" {
                continue;
            }
            found.extend(one["addr"].as_str().and_then(|address| address.parse::<IpAddr>().ok()));
        }
    }
    found.sort_by_key(IpAddr::is_ipv6);
    Ok(found.first().copied())
}

/// Logs in to a server that was started just now.
pub(super) async fn enter(cx: &Cx, endpoint: &Endpoint) -> Outcome<Session> {
    endpoint.log_in(&cx.log_handle(), BOOT).await.map_err(|error| {
        let expected = Some(format!("a login within {} s", BOOT.as_secs()));
        cx.fail("a server that has started lets in who has its key".into(), expected, Some(error.to_string()))
    })
}

/// Makes a server of a test's own that can be logged in to, in the place of the one that tests change in turn: who asks for
/// it holds `ChangedServer`.
pub(super) async fn open_server(cx: &Cx, way: Way) -> Outcome<(Server, Endpoint)> {
    Slot::shared(cx).await?.clear().await?;
    let Some(access) = access(cx).await? else {
        return Err(Stop::Error("there is no guest to be had any more".to_owned()));
    };
    let mut members = json!({});
    access.add_to(&mut members);
    let server = Server::make(cx, members).await?;
    let external = match cx.probe().await? {
        Probe::Open { external, .. } => external.as_deref(),
        Probe::None(_) => None,
    };
    match endpoint(cx, &server, &access, way, external).await? {
        Some(endpoint) => Ok((server, endpoint)),
        None => Err(cx.fail("a server on a network has an address".into(), None, None)),
    }
}
