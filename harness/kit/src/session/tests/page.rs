//! `docs/clouds.md` against the code: what it says of each key and each method holds.

use indexmap::IndexMap;
use serde_yaml::{Mapping, Value};

use crate::session::clouds::{AUTH, Clouds, OTHER};
use crate::session::login::proof;
use crate::session::{Cloud, CloudError, Credentials, Grant};

const PAGE: &str = include_str!("../../../../../docs/clouds.md");

const USER: &str = "{auth: {auth_url: 'http://h/v3', username: u, password: p, project_name: x}}";
const UNSCOPED: &str = "{auth: {auth_url: 'http://h/v3', username: u, password: p}}";
const TOKEN: &str = "{auth_type: v3token, auth: {auth_url: 'http://h/v3'}}";
const PASSCODE: &str = "{auth_type: v3totp, auth: {auth_url: 'http://h/v3', username: u}}";
const FACTORS: &str =
    "{auth_type: v3multifactor, auth: {auth_url: 'http://h/v3', username: u, password: p, passcode: q}}";
const APPLICATION: &str = "{auth_type: v3applicationcredential, auth: {auth_url: 'http://h/v3', username: u, \
                           application_credential_id: i, application_credential_secret: s}}";
const BY_NAME: &str = "{auth_type: v3applicationcredential, auth: {auth_url: 'http://h/v3', username: u, \
                       application_credential_secret: s}}";
const OPEN_ID: &str = "{auth_type: v3oidcpassword, auth: {auth_url: 'http://h/v3', identity_provider: i, protocol: o, \
                       client_id: c, username: u, password: p, discovery_endpoint: 'http://h/d'}}";
const ACCESS: &str =
    "{auth_type: v3oidcaccesstoken, auth: {auth_url: 'http://h/v3', identity_provider: i, protocol: o}}";
const ALONE: &str = "{auth_type: none, auth: {}}";

/// An entry that a key changes, and a value of that key.
fn exercise(key: &str) -> (&'static str, &'static str) {
    match key {
        "auth_type" | "auth_plugin" => (USER, "v3totp"),
        "auth_methods" => (FACTORS, "[v3password, v3totp]"),
        "profile" | "cloud" => (USER, "ovh"),
        "regions" => (USER, "[one]"),
        "interface" | "endpoint_type" | "SERVICE_interface" | "SERVICE_endpoint_type" => (USER, "internal"),
        "verify" => (USER, "false"),
        "insecure" => (USER, "true"),
        "api_timeout" | "SERVICE_timeout" | "SERVICE_api_version" => (USER, "7"),
        "SERVICE_endpoint_override" | "SERVICE_endpoint" | "auth.auth_url" => (USER, "'http://h/1'"),
        "auth.endpoint" => (ALONE, "'http://h/1'"),
        "auth.token" | "auth.auth_token" => (TOKEN, "one"),
        "auth.passcode" => (PASSCODE, "one"),
        "auth.tenant_id" | "auth.tenant_name" | "auth.trust_id" => (UNSCOPED, "one"),
        "auth.user_name" => ("{auth: {auth_url: 'http://h/v3', password: p}}", "one"),
        "auth.system_scope" => (UNSCOPED, "all"),
        "auth.access_token" => (ACCESS, "one"),
        "auth.access_token_type" => (OPEN_ID, "id_token"),
        "auth.access_token_endpoint" | "auth.discovery_endpoint" => (OPEN_ID, "'http://h/1'"),
        "auth.identity_provider" | "auth.protocol" | "auth.client_id" | "auth.client_secret" | "auth.openid_scope" => {
            (OPEN_ID, "one")
        }
        "auth.application_credential_name" => (BY_NAME, "one"),
        key if key.starts_with("auth.application_credential") => (APPLICATION, "one"),
        _ => (USER, "one"),
    }
}

/// The rows of the table with this head, by their first cell without its quotes.
fn rows(head: &str) -> IndexMap<String, Vec<String>> {
    let lines = PAGE.lines().skip_while(|line| *line != head).skip(2).take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let mut cells = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned());
        (cells.next().unwrap().trim_matches('`').to_owned(), cells.collect())
    };
    lines.map(row).collect()
}

fn set(entry: &str, key: &str, value: Option<&str>) -> Mapping {
    let mut entry: Mapping = serde_yaml::from_str(entry).unwrap();
    let (place, name) = match key.split_once('.') {
        Some((_, name)) => (entry.get_mut("auth").unwrap().as_mapping_mut().unwrap(), name),
        None => (&mut entry, key),
    };
    let name = name.replace("SERVICE", "compute");
    match value {
        Some(value) => place.insert(name.into(), serde_yaml::from_str(value).unwrap()),
        None => place.remove(name.as_str()),
    };
    entry
}

/// Everything that is read of an entry, or why it cannot be used.
fn whole(cloud: Result<Cloud, CloudError>) -> String {
    let cloud = match cloud {
        Ok(cloud) => cloud,
        Err(error) => return error.to_string(),
    };
    let provided = match &cloud.credentials {
        Credentials::OpenId(user) => match &user.grant {
            Grant::Token(token) => format!("{} {} {token}", user.provider, user.protocol),
            Grant::Ask { endpoint, discovery, client, client_secret, user: who, scope, kind } => {
                let of = (&user.provider, &user.protocol, endpoint, discovery, client);
                format!("{of:?} {client_secret:?} {who:?} {scope} {kind}")
            }
        },
        credentials => proof(credentials).to_string(),
    };
    format!("{cloud:?} {provided} {:?}", cloud.credentials.secrets())
}

fn of_file(entry: Mapping, beside: &str) -> String {
    let entry = serde_yaml::to_string(&Mapping::from_iter([("a".into(), Value::Mapping(entry))])).unwrap();
    let lines: String = entry.lines().map(|line| format!("  {line}\n")).collect();
    whole(Clouds::from_text("clouds.yaml", &format!("clouds:\n{lines}{beside}")).and_then(|clouds| clouds.get("a")))
}

fn of_environment(entry: &Mapping) -> String {
    let mut variables = Vec::new();
    let within = entry.get("auth").and_then(Value::as_mapping).into_iter().flatten();
    for (key, value) in entry.iter().chain(within) {
        let text = match value {
            Value::Mapping(_) => continue,
            Value::Sequence(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
            Value::String(text) => text.clone(),
            other => serde_yaml::to_string(other).unwrap().trim().to_owned(),
        };
        variables.push((format!("OS_{}", key.as_str().unwrap().to_ascii_uppercase()), text));
    }
    let environment = |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    whole(Clouds::from_environment(&environment).and_then(|clouds| clouds.get("envvars")))
}

#[test]
fn what_the_page_says_of_each_key_holds() {
    let rows = rows("| key | variable | what Assay does |");
    assert!(rows.len() > 70, "{}", rows.len());
    for (key, cells) in &rows {
        let (base, value) = exercise(key);
        let (with, without) = (set(base, key, Some(value)), set(base, key, None));
        let name = key.rsplit('.').next().unwrap();
        let is_read = of_file(with.clone(), "") != of_file(without.clone(), "");
        match cells[1].split([':', ',']).next().unwrap() {
            "used" => assert!(is_read, "`{key}` is passed over"),
            "passed over" => {
                assert!(!is_read, "`{key}` is used: {}", of_file(with, ""));
                let beside = format!("{name}: {{auth: true}}\n");
                assert_eq!(of_file(without.clone(), &beside), of_file(without.clone(), ""), "`{key}`");
            }
            "refused" => {
                let (said, name) = (of_file(with, ""), name.replace("SERVICE", "compute"));
                assert!(said.contains(&format!("`clouds.a.{name}` is set")), "`{key}`: {said}");
                continue;
            }
            other => panic!("`{key}`: {other}"),
        }
        if cells[0] != "—" {
            assert_eq!(cells[0], format!("`OS_{}`", name.to_ascii_uppercase()));
            let (with, without) = (set(base, key, Some(value)), set(base, key, None));
            assert_ne!(of_environment(&with), of_environment(&without), "{} is passed over", cells[0]);
        }
    }
    for key in AUTH.map(|key| format!("auth.{key}")).into_iter().chain(OTHER.map(str::to_owned)) {
        assert!(rows.get(&key).is_some_and(|cells| cells[0] != "—"), "the page has no variable for `{key}`");
    }
}

#[test]
fn what_the_page_says_of_each_method_holds() {
    let rows = rows("| `auth_type` | what Assay does |");
    assert!(rows.len() > 20, "{}", rows.len());
    for (method, cells) in &rows {
        let said = of_file(set(USER, "auth_type", Some(method)), "");
        let is_refused = said.contains(&format!("`clouds.a.auth_type` is `{method}`; "));
        assert_eq!(is_refused, cells[0] == "refused", "`{method}`: {said}");
        assert!(is_refused || cells[0].starts_with("used"), "`{method}`: {}", cells[0]);
    }
}
