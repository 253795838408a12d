//! Which region is meant, by the entry and by `OS_REGION_NAME`.

use crate::session::clouds::Clouds;
use crate::session::{Cloud, CloudError};

fn read(entry: &str, wanted: Option<&str>) -> Result<Cloud, CloudError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clouds.yaml");
    let auth = "auth: {auth_url: 'http://h/v3', username: u, password: p, project_name: of-all}";
    std::fs::write(&file, format!("clouds: {{a: {{{auth}, {entry}}}}}")).unwrap();
    let environment = |name: &str| match name {
        "OS_CLIENT_CONFIG_FILE" => Some(file.display().to_string()),
        "OS_REGION_NAME" => wanted.map(str::to_owned),
        _ => None,
    };
    Clouds::from_environment(&environment)?.get("a")
}

#[test]
fn the_first_region_is_meant_or_the_one_of_the_environment() {
    let values = "regions: [{name: one, values: {interface: internal}}, {name: two, values: {image_endpoint_override: 'http://h/2'}}]";
    for (entry, wanted, region) in [
        ("interface: public", None, None),
        ("interface: public", Some("two"), Some("two")),
        ("region_name: one", None, Some("one")),
        ("region-name: one", None, Some("one")),
        ("region_name: one", Some("one"), Some("one")),
        ("region_name: 'one,two'", None, Some("one")),
        ("region_name: 'one, two'", Some("two"), Some("two")),
        ("region_name: [one, two]", Some("two"), Some("two")),
        ("regions: [one, two]", None, Some("one")),
        ("regions: [one, two]", Some("two"), Some("two")),
        ("regions: [one, two], region_name: two", None, Some("one")),
        ("regions: []", None, None),
        ("profile: rackspace", None, Some("DFW")),
        ("profile: rackspace", Some("IAD"), Some("IAD")),
        ("profile: rackspace, region_name: mine", None, Some("mine")),
        (values, None, Some("one")),
        (values, Some("two"), Some("two")),
    ] {
        let cloud = read(entry, wanted).unwrap();
        assert_eq!(cloud.region.as_deref(), region, "{entry} with {wanted:?}");
    }
    let error = read("regions: [one, two]", Some("three")).unwrap_err().to_string();
    assert!(error.contains("`three` by OS_REGION_NAME") && error.contains("one, two"), "{error}");
    for (entry, said) in [
        ("regions: one", "`clouds.a.regions` must be a list"),
        ("regions: [{values: {}}]", "`clouds.a.regions.0.name` is missing"),
        ("regions: [one, 2]", "`clouds.a.regions.1` must be"),
        ("regions: [{name: one, values: two}]", "`clouds.a.regions.0.values` must be a mapping"),
    ] {
        let error = read(entry, None).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn what_is_said_of_a_region_counts_there_alone() {
    let regions =
        "regions: [{name: one, values: {interface: internal, auth: {project-name: of-one}, region_name: other}}, two]";
    let (one, two) = (read(regions, None).unwrap(), read(regions, Some("two")).unwrap());
    assert_eq!((one.interface.as_str(), one.region.as_deref()), ("internal", Some("one")));
    assert!(format!("{:?}", one.scope).contains("of-one"), "{:?}", one.scope);
    assert_eq!(one.credentials.secrets(), ["p"], "what is not said stays");
    assert_eq!((two.interface.as_str(), two.region.as_deref()), ("public", Some("two")));
    assert!(format!("{:?}", two.scope).contains("of-all"), "{:?}", two.scope);
}
