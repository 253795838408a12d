//! Where files are looked for, and what `OS_*` say.

use std::path::PathBuf;

use crate::session::Scope;
use crate::session::clouds::Clouds;
use crate::session::yaml::folders;

/// An environment with these variables and nothing else; nobody's home is looked into.
fn environment<'a>(variables: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
    |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

fn described(variables: &[(&str, &str)]) -> Clouds {
    Clouds::from_environment(&environment(variables)).unwrap()
}

#[test]
fn both_folders_of_a_user_are_searched_and_then_those_of_all() {
    for (variables, expected) in [
        (&[("HOME", "/h")] as &[_], &[".", "/h/.config/openstack", "/etc/xdg/openstack", "/etc/openstack"] as &[&str]),
        (
            &[("HOME", "/h"), ("XDG_CONFIG_HOME", "/x")],
            &[".", "/x/openstack", "/h/.config/openstack", "/etc/xdg/openstack", "/etc/openstack"],
        ),
        (
            &[("HOME", "/h"), ("XDG_CONFIG_HOME", "/h/.config"), ("XDG_CONFIG_DIRS", "/a:/b")],
            &[".", "/h/.config/openstack", "/a/openstack", "/b/openstack", "/etc/openstack"],
        ),
        (
            &[("HOME", "/h/snap/1"), ("SNAP_REAL_HOME", "/h")],
            &[".", "/h/.config/openstack", "/etc/xdg/openstack", "/etc/openstack"],
        ),
    ] {
        let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
        assert_eq!(folders(&environment(variables)), expected, "{variables:?}");
    }
}

#[test]
fn a_file_is_found_in_either_folder_of_a_user() {
    let folder = tempfile::tempdir().unwrap();
    let (home, own) = (folder.path().join("home"), folder.path().join("own"));
    let (home, own) = (home.to_str().unwrap(), own.to_str().unwrap());
    let write = |folder: &str, file: &str, text: &str| {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(format!("{folder}/{file}"), text).unwrap();
    };
    let entry = |name: &str| format!("clouds: {{{name}: {{profile: mine, auth: {{username: u}}}}}}");
    write(&format!("{home}/.config/openstack"), "clouds.yaml", &entry("of-home"));
    write(&format!("{home}/.config/openstack"), "secure.yml", "clouds: {of-home: {auth: {password: hush}}}");
    write(
        &format!("{home}/.config/openstack"),
        "clouds-public.json",
        r#"{"public-clouds": {"mine": {"auth": {"auth-url": "http://mine/{region_name}/v3"}, "regions": ["one"]}}}"#,
    );
    let variables = [("HOME", home), ("XDG_CONFIG_HOME", own)];
    let clouds = described(&variables);
    assert_eq!(clouds.names(), ["of-home"]);
    let cloud = clouds.get("of-home").unwrap();
    assert_eq!((cloud.auth_url.as_str(), cloud.credentials.secrets()), ("http://mine/one/v3", vec!["hush"]));
    assert_eq!((cloud.sources.len(), cloud.notes.len()), (3, 0));
    write(&format!("{own}/openstack"), "clouds.yml", &entry("of-own"));
    assert_eq!(described(&variables).names(), ["of-own", "of-home"], "secure.yaml is another file's");
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.yaml").display().to_string();
    for variable in ["OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE", "OS_CLIENT_VENDOR_FILE"] {
        let error = Clouds::from_environment(&environment(&[(variable, &missing)])).unwrap_err().to_string();
        assert!(error.contains("missing.yaml") && error.contains(variable), "{error}");
    }
}

#[test]
fn os_variables_describe_what_they_say() {
    const URL: (&str, &str) = ("OS_AUTH_URL", "http://h/v3");
    const USER: (&str, &str) = ("OS_USERNAME", "u");
    const HUSH: (&str, &str) = ("OS_PASSWORD", "hush");
    for (variables, method, secrets) in [
        (&[URL, USER, HUSH] as &[_], "password", &["hush"] as &[&str]),
        (&[URL, ("OS_TOKEN", "tok")], "token", &["tok"]),
        (&[URL, ("OS_AUTH_TOKEN", "tok"), ("OS_AUTH_TYPE", "v3token")], "token", &["tok"]),
        (&[URL, USER, ("OS_PASSCODE", "123456"), ("OS_AUTH_TYPE", "v3totp")], "TOTP", &["123456"]),
        (
            &[
                URL,
                USER,
                HUSH,
                ("OS_PASSCODE", "123456"),
                ("OS_AUTH_TYPE", "v3multifactor"),
                ("OS_AUTH_METHODS", "v3password, v3totp"),
            ],
            "password and TOTP",
            &["hush", "123456"],
        ),
        (
            &[
                URL,
                ("OS_APPLICATION_CREDENTIAL_ID", "i"),
                ("OS_APPLICATION_CREDENTIAL_SECRET", "hush"),
                ("OS_AUTH_TYPE", "v3applicationcredential"),
            ],
            "application credential",
            &["hush"],
        ),
        (
            &[
                URL,
                ("OS_AUTH_PLUGIN", "v3oidcclientcredentials"),
                ("OS_IDENTITY_PROVIDER", "i"),
                ("OS_PROTOCOL", "openid"),
                ("OS_CLIENT_ID", "c"),
                ("OS_CLIENT_SECRET", "hush"),
                ("OS_DISCOVERY_ENDPOINT", "http://h/d"),
            ],
            "OpenID Connect",
            &["hush"],
        ),
        (&[("OS_ENDPOINT", "http://h:6385"), ("OS_AUTH_TYPE", "none")], "none", &[]),
        (&[("OS_ENDPOINT", "http://h:6385"), ("OS_AUTH_TYPE", "http_basic"), USER, HUSH], "HTTP Basic", &["hush"]),
    ] {
        let clouds = described(variables);
        assert_eq!(clouds.chosen().as_deref(), Some("envvars"), "{variables:?}");
        let cloud = clouds.get("envvars").unwrap();
        assert_eq!((cloud.credentials.method(), cloud.credentials.secrets()), (method, secrets.to_vec()));
    }
    let cloud = described(&[URL, USER, HUSH, ("OS_REGION_NAME", "two"), ("OS_IMAGE_ENDPOINT_TYPE", "internal")]);
    let cloud = cloud.get("envvars").unwrap();
    assert_eq!((cloud.region.as_deref(), cloud.scope), (Some("two"), Scope::Unscoped));
    assert_eq!(cloud.services["image"].interface.as_deref(), Some("internal"));
}

#[test]
fn the_environment_s_cloud_has_a_name_of_its_own() {
    let mut variables =
        vec![("OS_AUTH_URL", "http://h/v3"), ("OS_USERNAME", "u"), ("OS_PASSWORD", "p"), ("OS_CLOUD_NAME", "mine")];
    let clouds = described(&variables);
    assert_eq!((clouds.names(), clouds.chosen().as_deref()), (vec!["mine".to_owned()], Some("mine")));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clouds.yaml").display().to_string();
    std::fs::write(&file, "clouds: {mine: {}, other: {}}").unwrap();
    variables.push(("OS_CLIENT_CONFIG_FILE", &file));
    let error = Clouds::from_environment(&environment(&variables)).unwrap_err().to_string();
    assert!(error.contains("`clouds.mine`") && error.contains("OS_CLOUD_NAME"), "{error}");
    // What is chosen goes before what is described, and without an address nothing is described.
    variables[3] = ("OS_CLOUD", "other");
    let clouds = described(&variables);
    assert_eq!((clouds.names().len(), clouds.chosen().as_deref()), (3, Some("other")));
    assert_eq!(described(&[("OS_CLOUD_NAME", "mine"), ("OS_USERNAME", "u")]).chosen(), None);
}
