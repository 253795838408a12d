//! Links as services write them: paths of their own, as they should be (DSP0266, "Redfish-defined URIs and relative reference
//! rules"), or whole addresses, or relative to what holds them. Tests see paths.
//!
//! A link may name its host, but for its scheme (`//host/redfish/v1`, the same clause); the target of an action may be a whole
//! address (the same, "Actions"), and so may the next page of a collection ("Next link").

use serde_json::Value;
use url::{Position, Url};

/// What holds a link.
const KEYS: [&str; 4] = ["@odata.id", "target", "@Redfish.ActionInfo", "Members@odata.nextLink"];

/// What may hold a whole address.
const WHOLE: [&str; 2] = ["target", "Members@odata.nextLink"];

/// Makes paths of all links in what an address answered that are written otherwise and stay within its origin; gives the first
/// of these that should not be written so, as it was written.
pub(super) fn make_paths(value: &mut Value, from: &Url) -> Option<String> {
    let mut first = None;
    match value {
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                let path = member.as_str().filter(|_| KEYS.contains(&key.as_str())).and_then(|link| path(link, from));
                let other = match path {
                    Some(path) => {
                        let written = member.as_str().filter(|link| !is_allowed(key, link)).map(str::to_owned);
                        *member = path.into();
                        written
                    }
                    None => make_paths(member, from),
                };
                first = first.or(other);
            }
        }
        Value::Array(elements) => {
            for element in elements {
                let other = make_paths(element, from);
                first = first.or(other);
            }
        }
        _ => {}
    }
    first
}

/// Whether a link may be a whole address where it stands.
fn is_allowed(key: &str, link: &str) -> bool {
    link.starts_with("//") || (WHOLE.contains(&key) && Url::parse(link).is_ok())
}

/// The path of a link that is written otherwise; none of one that is a path, is none at all, or leads elsewhere.
pub(super) fn path(link: &str, from: &Url) -> Option<String> {
    let is_path = link.starts_with('/') && !link.starts_with("//");
    if link.is_empty() || is_path || link.starts_with(['#', '?']) || link.contains(char::is_whitespace) {
        return None;
    }
    // Some leave out the first slash alone.
    let url = if link.starts_with("redfish/") { from.join(&format!("/{link}")) } else { from.join(link) }.ok()?;
    let stays = url.origin() == from.origin() && url.username().is_empty() && url.password().is_none();
    stays.then(|| url[Position::BeforePath..].to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn links_become_paths_within_the_origin() {
        let from = Url::parse("https://h/redfish/v1/Systems/").unwrap();
        let is = |link: &str| path(link, &from);
        for link in
            ["https://h/redfish/v1/Systems/1", "https://h:443/redfish/v1/Systems/1", "redfish/v1/Systems/1", "1", "./1"]
        {
            assert_eq!(is(link).as_deref(), Some("/redfish/v1/Systems/1"), "{link}");
        }
        assert_eq!(is("https://h/redfish/v1/Systems?$skip=1").as_deref(), Some("/redfish/v1/Systems?$skip=1"));
        assert_eq!(is("//h:443/redfish/v1/Systems").as_deref(), Some("/redfish/v1/Systems"));
        for link in [
            "/redfish/v1/Systems/1",
            "//other/x",
            "//u@h/x",
            "",
            "#/x",
            "http://h/x",
            "https://other/x",
            "https://u@h/x",
            "a b",
        ] {
            assert_eq!(is(link), None, "{link}");
        }
    }

    #[test]
    fn only_links_are_changed() {
        let from = Url::parse("http://h/redfish/v1/").unwrap();
        let mut found =
            json!({"Name": "http://h/x", "A": {"@odata.id": "http://h/redfish/v1/A"}, "B": [{"@odata.id": "/b"}]});
        assert_eq!(make_paths(&mut found, &from).as_deref(), Some("http://h/redfish/v1/A"));
        let paths = json!({"Name": "http://h/x", "A": {"@odata.id": "/redfish/v1/A"}, "B": [{"@odata.id": "/b"}]});
        assert_eq!(found, paths);
        assert_eq!(make_paths(&mut found, &from), None);
    }

    #[test]
    fn what_may_be_written_so_is_read_and_not_told() {
        let from = Url::parse("http://h/redfish/v1/").unwrap();
        let mut found = json!({
            "A": {"@odata.id": "//h/redfish/v1/A"},
            "#X.Y": {"target": "http://h/redfish/v1/A/Actions/X.Y"},
            "Members@odata.nextLink": "http://h/redfish/v1/A?$skip=1",
        });
        assert_eq!(make_paths(&mut found, &from), None);
        let paths = json!({
            "A": {"@odata.id": "/redfish/v1/A"},
            "#X.Y": {"target": "/redfish/v1/A/Actions/X.Y"},
            "Members@odata.nextLink": "/redfish/v1/A?$skip=1",
        });
        assert_eq!(found, paths);
        // A target without its first slash is invalid. It is read all the same.
        let mut relative = json!({"target": "redfish/v1/A/Actions/X.Y"});
        assert_eq!(make_paths(&mut relative, &from).as_deref(), Some("redfish/v1/A/Actions/X.Y"));
        assert_eq!(relative, json!({"target": "/redfish/v1/A/Actions/X.Y"}));
    }
}
