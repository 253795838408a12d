//! Paths below an endpoint, and the ids in them.

use url::Url;

use crate::need::Service;
use crate::resources::Kind;
use crate::resources::facts::Proof;

/// What of an address stands below an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub segments: Vec<String>,
    pub query: String,
}

impl Path {
    /// Whether it is the path of a service that describes a kind, and not what belongs to it.
    pub fn is_of(&self, kind: Kind, service: Service) -> bool {
        let facts = kind.facts();
        let Proof::Read(telling) = facts.proof else { return false };
        facts.service == service
            && match self.segments.as_slice() {
                [collection, _] => collection == telling.collection,
                // Of a user.
                [_, _, collection @ .., _] => {
                    service == Service::Identity && collection.join("/") == telling.collection
                }
                _ => false,
            }
    }
}

/// The path of an address below an endpoint, when it is there: of the same origin, and not by way of `..`.
pub(super) fn below(api: &str, url: &Url) -> Option<Path> {
    let api = Url::parse(api).ok()?;
    if api.origin() != url.origin() {
        return None;
    }
    let base = api.path().trim_end_matches('/');
    let rest = url.path().strip_prefix(base)?;
    if !rest.is_empty() && !rest.starts_with('/') {
        return None;
    }
    let segments: Vec<String> = rest.split('/').skip(1).map(str::to_owned).collect();
    // One slash at the end names a collection as well; two name nothing.
    let empty = segments.iter().filter(|segment| segment.is_empty()).count();
    let trailing = segments.last().is_some_and(String::is_empty);
    if empty > usize::from(trailing) {
        return None;
    }
    let segments = segments.into_iter().filter(|segment| !segment.is_empty()).collect();
    Some(Path { segments, query: url.query().unwrap_or_default().to_owned() })
}

/// Whether this can be an id or a name that stands in a path: nothing that leads elsewhere.
pub(crate) fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b':');
    !text.is_empty() && text.len() <= 255 && !text.starts_with('.') && text.bytes().all(plain)
}

/// A path in one form: without a slash at its end, dots that lead elsewhere, or anything encoded.
pub(super) fn plain(path: &str) -> Option<String> {
    let path = path.trim_end_matches('/');
    let sound = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['%', '?', '#', '\\']);
    path.strip_prefix('/')?.split('/').all(sound).then(|| path.to_owned())
}

/// Whether a path is an owner's or below it; the case of letters makes no difference.
pub(super) fn is_within(path: &str, owner: &str) -> bool {
    path.to_ascii_lowercase()
        .strip_prefix(&owner.to_ascii_lowercase())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(api: &str, url: &str) -> Option<Vec<String>> {
        below(api, &Url::parse(url).unwrap()).map(|path| path.segments)
    }

    #[test]
    fn what_is_below_an_endpoint_has_its_origin_and_its_path() {
        let api = "http://h:1/compute/v2.1/";
        assert_eq!(segments(api, "http://h:1/compute/v2.1/servers/1?x=1").unwrap(), ["servers", "1"]);
        assert_eq!(segments(api, "http://h:1/compute/v2.1").unwrap(), Vec::<String>::new());
        for other in [
            "http://h:2/compute/v2.1/servers",
            "https://h:1/compute/v2.1/servers",
            "http://h:1/compute/v2.10/servers",
            "http://h:1/compute/v2.1/../servers",
            "http://h:1/compute/v2.1/%2e%2e/servers",
            "http://h:1/compute/v2.1//servers",
            "http://h:1/compute/v2.1/servers//1",
        ] {
            assert_eq!(segments(api, other), None, "{other}");
        }
    }

    #[test]
    fn ids_lead_nowhere() {
        for id in ["9c3b1f2a-0000-4000-8000-000000000000", "-1", "assay-0a1b2c3d-keypair-1-aabbcc", "42"] {
            assert!(is_id(id), "{id}");
        }
        for id in ["", ".", "..", ".hidden", "a/b", "a?b", "a#b", "a b", "http://h/x", "a%2fb", "é", "\u{1b}"] {
            assert!(!is_id(id), "{id}");
        }
        assert!(!is_id(&"a".repeat(256)));
    }
}
