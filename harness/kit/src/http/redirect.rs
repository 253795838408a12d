//! Redirections of a service: followed within its origin, as clients of OpenStack do and those of Redfish should (DSP0266, "HTTP
//! redirect").

use url::Url;

/// How many redirections of a request are followed.
pub(crate) const HOPS: usize = 5;

/// Where an answer leads a request to; none when it is no redirection, leads to another origin, or may not be followed:
/// what changes something is sent again as it is, or not at all (RFC 9110, section 15.4). With 301 and 302 it is sent to the
/// same path alone, with or without a slash at its end.
pub(crate) fn leads_to(method: &str, status: u16, headers: &[(String, String)], from: &str) -> Option<String> {
    let (_, location) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location"))?;
    let from = Url::parse(from).ok()?;
    let to = from.join(location).ok()?;
    let reads = matches!(method, "GET" | "HEAD");
    let is_followed = match status {
        301 | 302 => reads || is_same(&from, &to),
        307 | 308 => true,
        _ => false,
    };
    let stays = to.origin() == from.origin() && to.username().is_empty() && to.password().is_none();
    (is_followed && stays && to != from).then(|| to.into())
}

/// The same, where it leads to the same path with or without a slash at its end: what is read there is what was asked for.
pub(crate) fn leads_to_the_same(method: &str, status: u16, headers: &[(String, String)], from: &str) -> Option<String> {
    let to = leads_to(method, status, headers, from)?;
    is_same(&Url::parse(from).ok()?, &Url::parse(&to).ok()?).then_some(to)
}

/// Whether two addresses of one origin are the same but for a slash at the end of their paths.
fn is_same(one: &Url, other: &Url) -> bool {
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    path(one) == path(other) && one.query() == other.query()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirection_is_followed_within_its_origin_and_as_it_is() {
        let leads = |method: &str, status: u16, location: &str| {
            leads_to(method, status, &[("location".to_owned(), location.to_owned())], "https://h/redfish/v1/Systems")
        };
        let there = Some("https://h/redfish/v1/Systems/".to_owned());
        for location in ["/redfish/v1/Systems/", "https://h/redfish/v1/Systems/", "//h:443/redfish/v1/Systems/"] {
            for status in [301, 302, 307, 308] {
                assert_eq!(leads("GET", status, location), there, "{status} {location}");
            }
            assert_eq!(leads("PATCH", 308, location), there);
            assert_eq!(leads("POST", 307, location), there);
            for status in [301, 302] {
                assert_eq!(leads("POST", status, location), there, "it is the same but for the slash");
            }
            for status in [200, 201, 303, 304] {
                assert_eq!(leads("POST", status, location), None, "{status}");
            }
        }
        for (location, same) in
            [("/redfish/v1/Systems/", true), ("/redfish/v1/Systems/2", false), ("/redfish/v1/Chassis", false)]
        {
            let headers = [("location".to_owned(), location.to_owned())];
            let to = leads_to_the_same("GET", 308, &headers, "https://h/redfish/v1/Systems");
            assert_eq!(to.is_some(), same, "{location}");
        }
        for location in ["/redfish/v1/Chassis", "/redfish/v1/Systems/?x=1", "/redfish/v1/systems/"] {
            assert_eq!(leads("PATCH", 301, location), None, "{location}");
        }
        for location in
            ["http://h/x", "https://other/x", "https://h:444/x", "https://u:p@h/x", "/redfish/v1/Systems", ""]
        {
            assert_eq!(leads("GET", 301, location), None, "{location}");
        }
    }
}
