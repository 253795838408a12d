//! The links in a resource, and the addresses that they lead to.

use serde_json::Value;

use super::collected::ROOT;

/// The longest address that is followed.
const LONGEST: usize = 1_024;

/// Keys whose text is the address of a resource, beside those of pages.
const ADDRESSES: [&str; 5] = ["@odata.id", "Uri", "@Redfish.ActionInfo", "DataSourceUri", "TargetComponentURI"];
/// Keys whose object links to resources that take settings or describe what may be created.
const SETTINGS: [&str; 2] = ["SettingsObject", "CapabilitiesObject"];
/// What a log entry is about may be gone by the time that it is read.
const PASSED_OVER: [&str; 1] = ["OriginOfCondition"];

/// A link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link<'a> {
    pub text: &'a str,
    pub kind: Kind,
}

/// What a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Resource,
    Settings,
    Page,
}

/// What an address comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// A resource of the service.
    Here(String),
    /// Something outside.
    OffService,
    /// Nothing that can be read, and why.
    Bad(&'static str),
}

/// Every link in a body, in its order. `@odata.id` at its root is its own address.
pub(super) fn links(body: &Value) -> Vec<Link<'_>> {
    let mut found = Vec::new();
    if let Value::Object(object) = body {
        for (key, value) in object {
            if key != "@odata.id" {
                within(key, value, Kind::Resource, &mut found);
            }
        }
    }
    found
}

fn within<'a>(key: &str, value: &'a Value, kind: Kind, found: &mut Vec<Link<'a>>) {
    match value {
        _ if PASSED_OVER.contains(&key) => {}
        Value::String(text) if key.ends_with("@odata.nextLink") => found.push(Link { text, kind: Kind::Page }),
        Value::String(text) if ADDRESSES.contains(&key) => found.push(Link { text, kind }),
        // Schema files are many, large, and about the schema, not about the service.
        Value::Object(object) if object.get("@odata.type").and_then(Value::as_str).is_some_and(is_schema_file) => {}
        Value::Object(object) => {
            let kind = if SETTINGS.contains(&key) { Kind::Settings } else { kind };
            object.iter().for_each(|(key, value)| within(key, value, kind, found));
        }
        Value::Array(items) => items.iter().for_each(|item| within("", item, kind, found)),
        _ => {}
    }
}

/// Whether a resource is a schema file, whose links lead out of the model.
pub(super) fn is_schema_file(odata_type: &str) -> bool {
    odata_type.starts_with("#JsonSchemaFile.")
}

/// The address that a link means; a fragment points into a resource, and is taken off.
pub(super) fn address(text: &str) -> Address {
    if text.contains("://") || text.starts_with("//") {
        return Address::OffService;
    }
    let path = text.split('#').next().unwrap_or_default();
    if path.is_empty() {
        return Address::Bad("it is empty");
    }
    if path.len() > LONGEST {
        return Address::Bad("it is longer than any address of a resource");
    }
    if path.chars().any(|letter| letter.is_whitespace() || letter.is_control() || letter == '\\') {
        return Address::Bad("it holds white space, a backslash or a control character");
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed == ROOT.trim_end_matches('/') {
        return Address::Here(ROOT.to_owned());
    }
    let lower = trimmed.to_ascii_lowercase();
    let plain = lower.split('?').next().unwrap_or_default();
    if plain.split('/').any(|part| matches!(part, "." | "..") || part.contains("%2e%2e") || part.contains("%2f")) {
        return Address::Bad("it climbs out of its folder");
    }
    if !plain.starts_with("/redfish/") {
        return Address::Bad("it does not begin with `/redfish/`");
    }
    Address::Here(trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Address, Kind, Link, address, links};

    #[test]
    fn links_are_found_wherever_they_stand_and_know_what_they_lead_to() {
        let body = json!({
            "@odata.id": "/redfish/v1/Systems/1",
            "Bios": {"@odata.id": "/redfish/v1/Systems/1/Bios"},
            "Members": [{"@odata.id": "/redfish/v1/a"}],
            "Members@odata.nextLink": "/redfish/v1/b?$skip=1",
            "@Redfish.Settings": {"SettingsObject": {"@odata.id": "/redfish/v1/c"}},
            "Actions": {"#X.Reset": {"@Redfish.ActionInfo": "/redfish/v1/d", "target": "/redfish/v1/e"}},
            "OriginOfCondition": {"@odata.id": "/redfish/v1/f"},
            "Schema": {"@odata.type": "#JsonSchemaFile.v1_0_0.JsonSchemaFile", "Uri": "/redfish/v1/g"},
        });
        let link = |text, kind| Link { text, kind };
        assert_eq!(
            links(&body),
            [
                link("/redfish/v1/Systems/1/Bios", Kind::Resource),
                link("/redfish/v1/a", Kind::Resource),
                link("/redfish/v1/b?$skip=1", Kind::Page),
                link("/redfish/v1/c", Kind::Settings),
                link("/redfish/v1/d", Kind::Resource),
            ]
        );
    }

    #[test]
    fn one_resource_has_one_address_and_nothing_leads_out() {
        let here = |text: &str| Address::Here(text.to_owned());
        assert_eq!(address("/redfish/v1"), here("/redfish/v1/"));
        assert_eq!(address("/redfish/v1/Chassis/1/"), here("/redfish/v1/Chassis/1"));
        assert_eq!(address("/redfish/v1/Chassis/1#/Fans/0"), here("/redfish/v1/Chassis/1"));
        for text in ["http://other/redfish/v1/x", "//other/redfish/v1", "https://127.0.0.1/redfish/v1/"] {
            assert_eq!(address(text), Address::OffService, "{text}");
        }
        for text in [
            "",
            "#/Fans",
            "Chassis",
            "/etc/passwd",
            "/redfish/../etc",
            "/redfish/v1/%2E%2E/x",
            "/redfish/a b",
            "/redfish\\x",
        ] {
            assert!(matches!(address(text), Address::Bad(_)), "{text}");
        }
    }
}
