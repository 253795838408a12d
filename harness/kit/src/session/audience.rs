//! Whom an account's secrets are for: the identity service that the user names, the services in the catalog of the login at
//! hand, and those that the user names beside it. Nothing is sent to anybody else, whatever an answer says.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use url::{Host, Origin, Url};

use super::address::{endpoint, shown};
use super::catalog::Catalog;
use super::cloud::Cloud;
use crate::http::TransportError;
use crate::need::Service;

/// The origins that may get the secrets of an account.
#[derive(Debug)]
pub(crate) struct Audience {
    /// The identity service's, or that of the service itself where it stands alone.
    own: RwLock<Option<Origin>>,
    /// Whether what is `https` may go on in clear text.
    cleartext: bool,
    heard: RwLock<Heard>,
}

#[derive(Debug, Default)]
struct Heard {
    /// Named by the user.
    named: Vec<Origin>,
    /// In the catalog of the last login.
    catalog: Vec<Origin>,
}

impl Audience {
    /// What the user's own entry says.
    pub(super) fn of(cloud: &Cloud) -> Self {
        let origin = |address: &String| endpoint(address).ok().map(|url| url.origin());
        let heard = Heard { named: cloud.overrides.values().filter_map(origin).collect(), catalog: Vec::new() };
        Self { own: RwLock::new(origin(&cloud.auth_url)), cleartext: cloud.tls.cleartext, heard: RwLock::new(heard) }
    }

    /// Adds the services that the user names in another account's entry.
    pub(super) fn extend(&self, cloud: &Cloud) {
        let named = cloud.overrides.values().chain([&cloud.auth_url]);
        let origins = named.filter_map(|address| Some(endpoint(address).ok()?.origin()));
        self.heard.write().unwrap_or_else(PoisonError::into_inner).named.extend(origins);
    }

    /// Notes where a new login came from and its catalog, which stand for those before.
    pub(super) fn hear(&self, identity: &str, catalog: &Catalog, cloud: &Cloud) {
        if let Ok(url) = endpoint(identity) {
            *self.own.write().unwrap_or_else(PoisonError::into_inner) = Some(url.origin());
        }
        let found = Service::ALL.into_iter().filter_map(|service| {
            let found = cloud.endpoint(catalog, service).ok()?;
            Some(endpoint(&found.url).ok()?.origin())
        });
        self.heard.write().unwrap_or_else(PoisonError::into_inner).catalog = found.collect();
    }

    /// Whether an endpoint of a service can be used; why not, in words that show no secret.
    pub(crate) fn admits(&self, address: &str) -> Result<(), String> {
        self.knows_to_be_safe(&endpoint(address)?, address)
    }

    fn knows_to_be_safe(&self, url: &Url, address: &str) -> Result<(), String> {
        if self.descends(url) && !self.cleartext {
            return Err(format!(
                "{} is in clear text, and the identity service is not: no token is sent there; give the service an https endpoint, or \
                 send tokens in clear text with --allow-cleartext",
                shown(address)
            ));
        }
        if self.knows(&url.origin()) {
            return Ok(());
        }
        Err(format!(
            "{} is neither the identity service's host nor one of this account's catalog or of your own configuration: nothing is \
             sent there",
            shown(address)
        ))
    }

    /// Whether a request to this address may be sent with what proves who asks.
    pub(super) fn permits(&self, address: &str) -> Result<(), TransportError> {
        // What comes after the host is the request's own; the transport refuses an invalid address.
        let judged = match Url::parse(address) {
            Ok(url) if url.username().is_empty() && url.password().is_none() => self.knows_to_be_safe(&url, address),
            Ok(_) => Err(format!("{} holds a user", shown(address))),
            Err(error) => Err(format!("{} is no address: {error}", shown(address))),
        };
        judged.map_err(|reason| TransportError::Foreign { reason })
    }

    /// Whether what is sent there can be read on the way: in clear text to another machine, or although the identity service
    /// has TLS.
    pub(crate) fn in_clear(&self, url: &Url) -> bool {
        let stays = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        url.scheme() == "http" && (!stays || self.descends(url))
    }

    /// Whether an address is in clear text while the identity service's is not.
    fn descends(&self, url: &Url) -> bool {
        url.scheme() == "http" && matches!(self.own(), Some(Origin::Tuple(scheme, ..)) if scheme == "https")
    }

    /// Whether an address is on another host than the identity service.
    pub(crate) fn is_elsewhere(&self, url: &Url) -> bool {
        !matches!(self.own(), Some(Origin::Tuple(_, host, _)) if url.host().is_some_and(|other| host == other.to_owned()))
    }

    fn own(&self) -> Option<Origin> {
        self.own.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn knows(&self, origin: &Origin) -> bool {
        let heard = self.heard.read().unwrap_or_else(PoisonError::into_inner);
        self.own().as_ref() == Some(origin) || heard.named.contains(origin) || heard.catalog.contains(origin)
    }
}

/// The origins among these addresses that are on other hosts than the identity service.
pub(crate) fn elsewhere<'a>(audience: &Audience, addresses: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let urls = addresses.filter_map(|address| Url::parse(address).ok());
    urls.filter(|url| audience.is_elsewhere(url)).map(|url| url.origin().ascii_serialization()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::session::clouds::Clouds;

    fn audience(auth_url: &str, more: &str) -> (Audience, Cloud) {
        let entry = format!("clouds: {{a: {{auth: {{auth_url: '{auth_url}', username: u, password: p}}, {more}}}}}");
        let cloud = Clouds::from_text("clouds.yaml", &entry).unwrap().get("a").unwrap();
        (Audience::of(&cloud), cloud)
    }

    fn catalog(kind: &str, endpoints: &[(&str, &str, &str)]) -> Catalog {
        let endpoints = endpoints
            .iter()
            .map(|(interface, region, url)| json!({"interface": interface, "region_id": region, "url": url}));
        Catalog::new(&json!([{"type": kind, "name": "x", "endpoints": endpoints.collect::<Vec<_>>()}]))
    }

    #[test]
    fn only_who_is_named_is_spoken_to() {
        let (audience, cloud) =
            audience("https://keys.example:5000/v3", "image_endpoint_override: 'https://images.example'");
        let permits = |address: &str| audience.permits(address).is_ok();
        assert!(
            permits("https://keys.example:5000/v3/auth/tokens") && permits("https://images.example/v2/images?limit=1")
        );
        for other in [
            "https://keys.example/v3",
            "http://keys.example:5000/v3",
            "https://other.example/",
            "https://keys.example:5000@evil/",
        ] {
            assert!(!permits(other), "{other}");
        }
        assert!(!permits("https://nova.example/v2.1"));
        let listed = [("public", "r", "https://nova.example/v2.1"), ("internal", "r", "https://inside.example")];
        audience.hear("https://keys.example:5000/v3", &catalog("compute", &listed), &cloud);
        assert!(permits("https://nova.example/v2.1/servers") && !permits("https://inside.example/x"));
        audience.hear("https://keys.example:5000/v3", &catalog("compute", &listed[1..]), &cloud);
        assert!(!permits("https://nova.example/v2.1/servers"), "that of another login");
    }

    #[test]
    fn what_is_encrypted_stays_so() {
        let listed = catalog("image", &[("public", "r", "http://keys.example:9292")]);
        let (strict, cloud) = audience("https://keys.example/v3", "");
        strict.hear("https://keys.example/v3", &listed, &cloud);
        let reason = strict.admits("http://keys.example:9292").unwrap_err();
        assert!(reason.contains("http://keys.example:9292") && reason.contains("--allow-cleartext"), "{reason}");
        let mut cloud = cloud;
        cloud.tls.cleartext = true;
        let open = Audience::of(&cloud);
        open.hear("https://keys.example/v3", &listed, &cloud);
        assert_eq!(open.admits("http://keys.example:9292"), Ok(()));
        let (plain, cloud) = audience("http://keys.example/v3", "");
        plain.hear("http://keys.example/v3", &listed, &cloud);
        assert_eq!(plain.admits("http://keys.example:9292"), Ok(()));
    }

    #[test]
    fn what_can_be_read_on_the_way_is_in_clear() {
        let (with, _) = audience("https://keys.example/v3", "");
        let (without, _) = audience("http://127.0.0.1:5000/v3", "");
        let clear = |audience: &Audience, address: &str| audience.in_clear(&Url::parse(address).unwrap());
        assert!(clear(&with, "http://127.0.0.1/") && clear(&with, "http://h/") && !clear(&with, "https://h/"));
        assert!(clear(&without, "http://192.0.2.1/") && !clear(&without, "http://127.0.0.2/"));
        assert!(!clear(&without, "http://[::1]/") && !clear(&without, "http://localhost:80/"));
    }
}
