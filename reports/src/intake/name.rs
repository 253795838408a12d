//! The names that other tools give to tests.

/// The published name of a test and its UUID, taken from the name that a tool reports.
///
/// Tempest appends attributes in brackets, and a scenario in parentheses may follow them:
/// `tempest.api.x.Test.test_y[id-…,smoke](scenario)`. The name is what is left without the attributes, as RefStack's
/// client leaves it; the UUID is the attribute that begins with `id-`.
pub fn published(reported: &str) -> (String, Option<String>) {
    let reported = reported.trim();
    let Some((before, rest)) = reported.split_once('[') else {
        return (reported.to_owned(), None);
    };
    let Some((attributes, after)) = rest.rsplit_once(']') else {
        return (reported.to_owned(), None);
    };
    if before.is_empty() || !(after.is_empty() || after.starts_with('(')) {
        return (reported.to_owned(), None);
    }
    (format!("{before}{after}"), attributes.split(',').find_map(uuid))
}

/// The UUID in an attribute such as `id-…`, in lower case.
fn uuid(attribute: &str) -> Option<String> {
    bare_uuid(attribute.trim().strip_prefix("id-")?)
}

/// A UUID in lower case, without the `id-` that guidelines of old write before it; nothing if the text is not a UUID.
pub fn bare_uuid(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let bare = lower.strip_prefix("id-").unwrap_or(&lower);
    let dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let fits = bare.len() == 36
        && bare.bytes().enumerate().all(|(at, byte)| if dash(at) { byte == b'-' } else { byte.is_ascii_hexdigit() });
    fits.then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59";

    fn both(name: &str, uuid: Option<&str>) -> (String, Option<String>) {
        (name.to_owned(), uuid.map(str::to_owned))
    }

    #[test]
    fn attributes_go_and_leave_their_uuid() {
        assert_eq!(published(&format!("a.B.test_c[id-{UUID},smoke]")), both("a.B.test_c", Some(UUID)));
        assert_eq!(published(&format!("a.B.test_c[smoke,id-{UUID}]")), both("a.B.test_c", Some(UUID)));
        assert_eq!(published("a.B.test_c[gate]"), both("a.B.test_c", None));
    }

    #[test]
    fn a_scenario_stays_because_it_tells_tests_apart() {
        let reported = format!("a.B.test_c[gate,id-{UUID}](ipv6)");
        assert_eq!(published(&reported), both("a.B.test_c(ipv6)", Some(UUID)));
    }

    #[test]
    fn what_is_no_attribute_stays() {
        for name in ["setUpClass (a.B)", "a.B.test_c", "[x]", "a[b", "a]b[", "a[b]c"] {
            assert_eq!(published(name), both(name, None));
        }
    }

    #[test]
    fn an_id_that_is_no_uuid_is_none() {
        assert_eq!(published("a.B.test_c[id-5]"), both("a.B.test_c", None));
        assert_eq!(bare_uuid(&UUID.to_uppercase()), Some(UUID.to_owned()));
        assert_eq!(bare_uuid("e36c0eaa-dff5-4082-ad1f-3f9a80aa3f5é"), None);
    }
}
