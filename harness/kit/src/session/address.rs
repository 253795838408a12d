//! Addresses of services: what one may be, and how it is shown.

use assay_text::{cut, visible_line};
use url::Url;

use crate::http::redact::Redactor;

/// The longest address of a service, in bytes: no service has such a one.
const LONGEST: usize = 2048;
/// How much is shown of a longer one, in characters.
const SHOWN: usize = 80;

/// An address that paths can be added to and that is all that it seems; what is wrong with it otherwise, in words that show no
/// secret.
pub fn endpoint(address: &str) -> Result<Url, String> {
    let wrong = |what: &str| Err(format!("{} {what}", shown(address)));
    if address.len() > LONGEST {
        return wrong(&format!("has {} bytes, more than the {LONGEST} that an address may have", address.len()));
    }
    let url = match Url::parse(address) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => url,
        _ => return wrong("is no http or https address"),
    };
    if address.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return wrong("holds a space, a control character or a backslash");
    }
    // An empty user is one as well: where the host begins is then a matter of taste.
    let host = address.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or(rest));
    if !url.username().is_empty() || url.password().is_some() || host.contains('@') {
        return wrong("holds a user: an address is written into reports; leave the user out");
    }
    if address.contains(['?', '#']) {
        return wrong("holds `?` or `#`: a path added to it would not be one");
    }
    if leaves(address) {
        return wrong("has `.` or `..` in its path");
    }
    Ok(url)
}

/// Whether a path goes up or stays, plainly or encoded: where it leads is not what it says.
pub(crate) fn leaves(address: &str) -> bool {
    let path = address.split_once("://").map_or(address, |(_, rest)| rest);
    let path = path.split(['?', '#']).next().unwrap_or(path);
    path.split(['/', '\\']).skip(1).any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        matches!(plain.as_str(), "." | "..")
    })
}

/// An address without what is secret in it; of one that is too long, the host.
#[must_use]
pub fn shown(address: &str) -> String {
    if address.len() <= LONGEST {
        return visible_line(&Redactor::default().url(address));
    }
    // What is cut in two is not known to be a secret: the path is left out, and who stands before the host.
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or(rest);
    let host = host.rsplit('@').next().unwrap_or(host);
    cut(&visible_line(&format!("{scheme}://{host}/…")), SHOWN)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, endpoint};

    #[test]
    fn an_endless_address_is_refused_and_hardly_shown() {
        let long = "n".repeat(LONGEST);
        for address in [format!("https://me:hush-hush@h/{long}"), format!("https://{long}/"), format!("{long}n")] {
            let reason = endpoint(&address).unwrap_err();
            assert!(reason.contains("bytes, more than") && reason.len() < 250 && !reason.contains("hush"), "{reason}");
        }
        assert!(endpoint(&format!("https://h/{}", &long[..LONGEST - 10])).is_ok());
    }

    #[test]
    fn an_endpoint_is_what_it_seems() {
        for (address, word) in [
            ("https://me:hush-hush@h/v2", "user"),
            ("https://@h/v2", "user"),
            ("https://h/v2?x=", "`?`"),
            ("https://h/v2#", "`#`"),
            ("https:///v2", "h"),
            ("ftp://h/v2", "http or https"),
            ("https://h/a/../b", "`..`"),
            ("https://h/a/%2E%2e/b", "`..`"),
            ("https://h/a\\b", "backslash"),
            ("https://h/a\n", "control"),
            ("h/v2", "http or https"),
        ] {
            match endpoint(address) {
                Err(reason) => assert!(reason.contains(word) && !reason.contains("hush"), "{address}: {reason}"),
                // A browser takes the first word of the path for the host.
                Ok(url) => assert_eq!(url.host_str(), Some("v2"), "{address}"),
            }
        }
        for address in ["http://h:9292", "https://[::1]:5000/v3", "https://h/v1/AUTH_x.y/", "https://h/identity"] {
            assert!(endpoint(address).is_ok(), "{address}");
        }
    }
}
