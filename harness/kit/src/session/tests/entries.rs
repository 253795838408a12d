//! Entries: merge keys, profiles, certificates, which of two keys counts, scopes, and what is said of single services.

use std::path::Path;

use assay_hostile::Certificate;

use super::{read, refused, with};
use crate::need::Service;
use crate::session::clouds::Clouds;
use crate::session::{Domain, Principal, Scope, ServiceSettings};

fn of_file(text: &str, name: &str) -> crate::session::Cloud {
    Clouds::from_text("clouds.yaml", text).unwrap().get(name).unwrap()
}

#[test]
fn merge_keys_share_what_entries_have_in_common() {
    let text = "common: &common
  region_name: one
  auth: &who {auth_url: 'http://h/v3', username: u, password: p, project_name: of-all}
more: &more {interface: internal, region_name: two}
clouds:
  single: {<<: *common, auth: {<<: *who, project_name: own}}
  both: {<<: [*common, *more]}
";
    let single = of_file(text, "single");
    let own = Principal::Name { name: "own".into(), domain: Domain::Id("default".into()) };
    assert_eq!((single.region.as_deref(), single.scope), (Some("one"), Scope::Project(own)));
    assert_eq!(single.credentials.secrets(), ["p"]);
    let both = of_file(text, "both");
    assert_eq!((both.region.as_deref(), both.interface.as_str()), (Some("one"), "internal"), "the first one counts");
}

#[test]
fn a_profile_is_what_an_entry_lies_upon() {
    const WHO: &str = "auth: {username: u, password: p}";
    for (entry, url, region) in [
        ("profile: ovh, region_name: GRA7", "https://auth.cloud.ovh.net/", Some("GRA7")),
        ("cloud: auro", "https://api.van2.auro.io:5000/v3", Some("RegionOne")),
        ("profile: citycloud", "https://Buf1.citycloud.com:5000/v3/", Some("Buf1")),
        ("profile: citycloud, region_name: Fra1", "https://Fra1.citycloud.com:5000/v3/", Some("Fra1")),
        ("profile: citycloud, regions: [Sto2, Kna1]", "https://Sto2.citycloud.com:5000/v3/", Some("Sto2")),
    ] {
        let cloud = read(&format!("{entry}, {WHO}")).unwrap();
        assert_eq!((cloud.auth_url.as_str(), cloud.region.as_deref(), cloud.notes.len()), (url, region, 0), "{entry}");
    }
    let cloud = read(&format!("profile: rackspace, region_name: ORD, {WHO}")).unwrap();
    assert_eq!(cloud.overrides["block-storage"], "https://ORD.blockstorage.api.rackspacecloud.com/v2/");

    // What the entry says counts, and what nobody knows is passed over.
    for (profile, note) in [("of-nobody", "is not known"), ("vexxhost", "an address"), ("https://h", "an address")] {
        let cloud = with(&format!("profile: '{profile}'"));
        assert_eq!(cloud.auth_url, "http://h/v3", "{profile}");
        assert!(cloud.notes[0].contains(profile) && cloud.notes[0].contains(note), "{:?}", cloud.notes);
        let error = refused(&format!("profile: '{profile}', {WHO}"));
        assert!(error.contains("`clouds.a.auth.auth_url` is missing"), "{error}");
    }
    let error = refused(&format!("profile: internap, {WHO}"));
    assert!(error.contains("`clouds.a.profile`") && error.contains("is no more"), "{error}");
    assert!(with("profile: internap").notes[0].contains("no more"));
}

#[test]
fn certificates_are_files_or_stand_in_the_entry() {
    let certificate = Certificate::for_hosts(&["127.0.0.1"]).unwrap();
    let pem = certificate.pem().replace('\n', "\\n");
    let tls = with(&format!("cacert: \"{pem}\"")).tls;
    assert_eq!((tls.ca, tls.authority.as_deref()), (None, Some(certificate.pem())));
    let home = std::env::var("HOME").unwrap();
    for (lines, ca, insecure) in [
        ("cacert: ''", None, false),
        ("cacert: null", None, false),
        ("cacert: /etc/ca.pem", Some("/etc/ca.pem".to_owned()), false),
        ("cacert: ~/ca.pem", Some(format!("{home}/ca.pem")), false),
        ("verify: /etc/ca.pem", Some("/etc/ca.pem".to_owned()), false),
        ("verify: /etc/other.pem, cacert: /etc/ca.pem", Some("/etc/ca.pem".to_owned()), false),
        ("verify: true", None, false),
        ("verify: false", None, true),
        ("verify: 'off'", None, true),
        ("insecure: true", None, true),
        ("insecure: 'False'", None, false),
        ("verify: true, insecure: true", None, true),
    ] {
        let tls = with(lines).tls;
        assert_eq!((tls.ca.as_deref(), tls.insecure), (ca.as_ref().map(Path::new), insecure), "{lines}");
        assert_eq!(tls.authority, None, "{lines}");
    }
    let tls = with("cert: /etc/own.pem, key: ''").tls;
    assert_eq!((tls.certificate.as_deref(), tls.key), (Some(Path::new("/etc/own.pem")), None));
    let who = "auth: {auth_url: 'http://h/v3', username: u, password: p}";
    let bad = "-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\\n";
    for (lines, place) in
        [(format!("cacert: \"{bad}\""), "`clouds.a.cacert`"), ("verify: flase".to_owned(), "`clouds.a.verify`")]
    {
        let error = refused(&format!("{lines}, {who}"));
        assert!(error.contains(place) && error.starts_with("clouds.yaml"), "{error}");
    }
}

#[test]
fn of_two_keys_the_client_s_one_counts() {
    let user = |name: &str, domain: Domain| Principal::Name { name: name.into(), domain };
    let id = |id: &str| Domain::Id(id.into());
    let project = |name: &str, domain: Domain| Scope::Project(user(name, domain));
    for (entry, scope) in [
        // In the entry or under `auth`.
        ("project_name: outer, auth: {project_name: inner}", project("outer", id("default"))),
        ("auth: {project_name: inner}", project("inner", id("default"))),
        ("project_id: outer, auth: {project_id: inner}", Scope::Project(Principal::Id("outer".into()))),
        ("project_name: '', auth: {project_name: inner}", project("inner", id("default"))),
        // By id or by name, by the newer or the older name.
        ("auth: {project_id: one, project_name: two}", Scope::Project(Principal::Id("one".into()))),
        ("auth: {tenant_name: old, project_name: new}", project("new", id("default"))),
        ("auth: {tenant_id: old}", Scope::Project(Principal::Id("old".into()))),
        // Domains.
        ("auth: {project_name: x, project_domain_name: y}", project("x", Domain::Name("y".into()))),
        ("auth: {project_name: x, project_domain_name: y, project_domain_id: z}", project("x", id("z"))),
        ("auth: {project_name: x, domain_id: y}", project("x", id("y"))),
        ("domain_name: y, auth: {project_name: x}", project("x", Domain::Name("y".into()))),
        ("auth: {project_name: x, default_domain_id: y}", project("x", id("y"))),
        ("auth: {project_name: x, default_domain: y}", project("x", id("y"))),
        ("auth: {project_name: x, default_domain_name: y}", project("x", Domain::Name("y".into()))),
        ("auth: {project-name: x, project-domain-id: y}", project("x", id("y"))),
        // Other scopes.
        ("auth: {domain_id: d, user_domain_id: e}", Scope::Domain(id("d"))),
        ("auth: {domain_name: d}", Scope::Domain(Domain::Name("d".into()))),
        ("auth: {trust_id: t}", Scope::Trust("t".into())),
        ("auth: {system_scope: all}", Scope::System),
        ("auth: {}", Scope::Unscoped),
    ] {
        let (outer, inner) = entry.rsplit_once("auth: {").unwrap();
        let inner = inner.trim_end_matches('}');
        let comma = if inner.is_empty() { "" } else { ", " };
        let entry = format!("{outer}auth: {{auth_url: 'http://h/v3', username: u, password: p{comma}{inner}}}");
        assert_eq!(read(&entry).unwrap().scope, scope, "{entry}");
    }
    let secrets = |entry: &str| read(entry).unwrap().credentials.secrets().join(" ");
    let url = "auth_url: 'http://h/v3'";
    assert_eq!(secrets(&format!("password: outer, username: u, auth: {{{url}, password: inner}}")), "inner");
    assert_eq!(secrets(&format!("auth_type: token, token: outer, auth: {{{url}, token: inner}}")), "outer");
    assert_eq!(secrets(&format!("auth_type: token, auth: {{{url}, auth_token: old, token: new}}")), "new");
    assert_eq!(with("interface: internal, endpoint_type: adminURL").interface, "admin");
}

#[test]
fn a_token_is_for_one_thing() {
    let url = "auth_url: 'http://h/v3', username: u, password: p";
    for (more, said) in [
        ("project_name: x, system_scope: all", "for a project and for system_scope"),
        ("project_id: x, trust_id: t", "for a project and for a trust"),
        ("domain_id: x, trust_id: t", "for a domain and for a trust"),
        ("trust_id: t, system_scope: all", "for a trust and for system_scope"),
        ("system_scope: some", "the only one is `all`"),
    ] {
        let error = refused(&format!("auth: {{{url}, {more}}}"));
        assert!(error.contains("clouds.a.auth") && error.contains(said), "{error}");
    }
}

#[test]
fn single_services_have_settings_of_their_own() {
    let cloud = with(
        "region_name: one, compute_region_name: two, compute_interface: internalURL, network_endpoint_type: admin, \
         volume_api_version: 3, volumev3_endpoint: 'http://h/old', block_storage_endpoint_override: 'http://h/{region_name}', \
         image_endpoint: 'http://h/image', dns_endpoint_override: '', discovery_endpoint: 'http://other/', \
         block_storage_service_type: volumev3, compute_default_microversion: '2.1'",
    );
    let settings = |region: Option<&str>, interface: Option<&str>, version: Option<&str>| {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        ServiceSettings { interface: owned(interface), region: owned(region), version: owned(version) }
    };
    assert_eq!(cloud.settings(Service::Compute), Some(&settings(Some("two"), Some("internal"), None)));
    assert_eq!(cloud.settings(Service::Network), Some(&settings(None, Some("admin"), None)));
    assert_eq!(cloud.settings(Service::BlockStorage), Some(&settings(None, None, Some("3"))));
    assert_eq!(cloud.settings(Service::Image), None);
    assert_eq!(cloud.named(Service::BlockStorage).map(String::as_str), Some("http://h/one"));
    assert_eq!(cloud.named(Service::Image).map(String::as_str), Some("http://h/image"));
    assert!(
        !cloud.overrides.contains_key("discovery") && !cloud.overrides.contains_key("dns"),
        "{:?}",
        cloud.overrides
    );
    let both = with("image_endpoint: 'http://h/a', image_endpoint_override: 'http://h/b'");
    assert_eq!(both.overrides["image"], "http://h/b");
    let who = "auth: {auth_url: 'http://h/v3', username: u, password: p}";
    for (lines, said) in [
        ("compute_service_type: special", "`clouds.a.compute_service_type`"),
        ("image_service_name: glance", "`clouds.a.image_service_name`"),
        ("compute_interface: outer", "`clouds.a.compute_interface` is `outer`"),
        ("interface: outer", "`clouds.a.interface` is `outer`"),
        ("image_endpoint: nowhere", "`clouds.a.image_endpoint`"),
    ] {
        let error = refused(&format!("{lines}, {who}"));
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_timeout_of_one_service_is_that_of_all() {
    for (lines, seconds) in [
        ("region_name: one", None),
        ("api_timeout: 0", None),
        ("api_timeout: 2.5", Some(2.5)),
        ("api_timeout: '7'", Some(7.0)),
        ("api_timeout: 7, compute_timeout: 3", Some(3.0)),
        ("http-timeout: 4", Some(4.0)),
        ("timeout: 4", None),
    ] {
        assert_eq!(with(lines).silence.map(|silence| silence.as_secs_f64()), seconds, "{lines}");
    }
    let who = "auth: {auth_url: 'http://h/v3', username: u, password: p}";
    for value in ["soon", "-1"] {
        let error = refused(&format!("image_timeout: {value}, {who}"));
        assert!(error.contains(&format!("`clouds.a.image_timeout` is `{value}`")), "{error}");
    }
}

#[test]
fn methods_that_are_not_spoken_are_refused_by_name() {
    for method in ["v2password", "v3oauth1", "v3kerberos", "v3samlpassword", "v3oidcauthcode", "admin_token"] {
        let error =
            refused(&format!("auth_type: {method}, auth: {{auth_url: 'http://h/v3', username: u, password: p}}"));
        assert!(error.contains(&format!("`clouds.a.auth_type` is `{method}`")) && error.contains("v3totp"), "{error}");
    }
    for (entry, place) in [
        ("auth_type: v3totp, auth: {auth_url: 'http://h', username: u}", "`clouds.a.auth.passcode` is missing"),
        ("auth_type: v3totp, auth: {auth_url: 'http://h', passcode: 1}", "`clouds.a.auth.username` is missing"),
        ("auth_type: v3token, auth: {auth_url: 'http://h'}", "`clouds.a.auth.token` is missing"),
        ("auth_type: v3multifactor, auth: {auth_url: 'http://h', username: u}", "`clouds.a.auth_methods` is not there"),
        (
            "auth_type: v3multifactor, auth_methods: [v3kerberos], auth: {auth_url: 'http://h', username: u}",
            "`v3kerberos`",
        ),
        ("auth_type: v3applicationcredential, auth: {auth_url: 'http://h', application_credential_id: i}", "_secret`"),
        (
            "auth_type: v3oidcpassword, auth: {auth_url: 'http://h', identity_provider: i, protocol: o, client_id: c}",
            "`clouds.a.auth.discovery_endpoint` is missing (or `access_token_endpoint`)",
        ),
        (
            "auth_type: v3oidcaccesstoken, auth: {auth_url: 'http://h', access_token: t}",
            "`clouds.a.auth.identity_provider`",
        ),
        ("auth_type: none", "`clouds.a.endpoint` is missing"),
        ("auth_type: ''", "`clouds.a.endpoint` is missing"),
    ] {
        let error = refused(entry);
        assert!(error.contains(place), "{entry}: {error}");
    }
    assert_eq!(read("auth_type: None, auth: {endpoint: 'http://h'}").unwrap().credentials.method(), "none");
}

#[test]
fn a_number_is_what_was_written_or_is_refused() {
    let url = "auth_url: 'http://h/v3', username: u";
    for (written, secret) in [("1234", "1234"), ("0123", "0123"), ("1_000", "1_000"), ("'1e5'", "1e5")] {
        let cloud = read(&format!("auth: {{{url}, password: {written}}}")).unwrap();
        assert_eq!(cloud.credentials.secrets(), [secret]);
    }
    for (written, said) in [
        ("1e5", "`clouds.a.auth.password` must be a string in quotes"),
        ("1.50", "`clouds.a.auth.password` must be a string in quotes"),
        ("12345678901234567890123456789012", "clouds.a.auth.password: the number is too large: write it in quotes"),
    ] {
        let error = refused(&format!("auth: {{{url}, password: {written}}}"));
        assert!(error.contains(said) && !error.contains(written), "{error}");
    }
}
