//! clouds.yaml and `OS_*`, read by Assay and by openstacksdk: both must find the same, and log in with the same requests.
//!
//! openstacksdk comes with the practice cloud (Debian's `python3-openstackclient`). With `ASSAY_OPENSTACKSDK=required`, a machine
//! without it fails this test.

#![expect(clippy::unwrap_used, reason = "all of this is a test")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use assay_hostile::{Answer, Front, Request, Turn};
use assay_kit::http::redact::Redactor;
use assay_kit::session::clouds::Clouds;
use assay_kit::session::{Cloud, Session};
use assay_kit::{Recorder, Role, Service};
use serde_json::{Value, json};

/// With the value `required`, a machine without openstacksdk fails the test.
const REQUIRED: &str = "ASSAY_OPENSTACKSDK";
/// The system's own comes with the packages; another one may stand before it.
const PYTHONS: [&str; 2] = ["python3", "/usr/bin/python3"];

/// Prints what openstacksdk reads of each cloud that it is given, and logs in to each.
const SCRIPT: &str = r#"
import json, sys, warnings
warnings.simplefilter("ignore")
from openstack.config import OpenStackConfig
config = OpenStackConfig()
found = {}
for name, region in json.loads(sys.argv[1]):
    cloud = config.get_one(name, **({"region_name": region} if region else {}))
    verify, cert = cloud.get_requests_verify_args()
    services = {}
    for service in json.loads(sys.argv[2]):
        services[service] = {
            "region": cloud.get_region_name(service) or None,
            "interface": (cloud.get_interface(service) or "").replace("URL", ""),
            "endpoint": cloud.get_endpoint(service),
        }
    session = cloud.get_session()
    session.verify, session.cert = True, None  # their files are not there
    try:
        session.auth.get_access(session)
    except AttributeError:
        pass  # a service without an identity service
    found[name] = {
        "region": cloud.get_region_name() or None, "interface": cloud.get_interface().replace("URL", ""),
        "verify": verify, "cert": cert, "timeout": float(cloud.config.get("api_timeout") or 0),
        "version": cloud.get_api_version("compute"), "services": services,
    }
print(json.dumps(found))
"#;

/// The services that are asked for.
const SERVICES: [Service; 6] = [
    Service::Compute,
    Service::Network,
    Service::Image,
    Service::BlockStorage,
    Service::ObjectStorage,
    Service::BareMetal,
];

/// Entries by their names, which stand in their addresses: `URL` is that of the server.
const CLOUDS: &str = "
common: &common
  region_name: one
  interface: internal
  auth: &who {username: u, password: p, user_domain_name: Users, project_domain_id: projects}
clouds:
  merged:
    <<: *common
    auth: {<<: *who, auth_url: URL/merged/v3, project_name: x}
  versionless: {auth: {<<: *who, auth_url: URL/versionless, project_id: x}}
  dashes: {region-name: one, auth: {<<: *who, auth-url: URL/dashes/v3, project-name: x}}
  profiled: {profile: mine, auth: {<<: *who, project_name: x}}
  profiled-otherwise: {profile: mine, region_name: two, auth: {<<: *who, auth_url: URL/profiled-otherwise/v3, project_name: x}}
  of-nobody: {profile: of-nobody, auth: {<<: *who, auth_url: URL/of-nobody/v3, project_name: x}}
  regions: {regions: [one, two], auth: {<<: *who, auth_url: URL/regions/v3, project_name: x}}
  regions-chosen: {regions: [one, two], auth: {<<: *who, auth_url: URL/regions-chosen/v3, project_name: x}}
  regions-listed: {region_name: 'one,two', auth: {<<: *who, auth_url: URL/regions-listed/v3, project_name: x}}
  values:
    regions: [{name: one, values: {interface: admin, image_endpoint_override: 'http://h/1', auth: {project_name: y}}}]
    auth: {<<: *who, auth_url: URL/values/v3, project_name: x}
  values-not-chosen:
    regions: [{name: one, values: {interface: admin}}, two]
    auth: {<<: *who, auth_url: URL/values-not-chosen/v3, project_name: x}
  domains: {auth: {auth_url: URL/domains/v3, username: u, password: p, project_name: x, domain_id: d}}
  domains-default: {auth: {auth_url: URL/domains-default/v3, username: u, password: p, project_name: x, default_domain_id: d}}
  domain-scope: {auth: {auth_url: URL/domain-scope/v3, username: u, password: p, user_domain_id: e, domain_id: d}}
  domain-scope-by-name: {auth: {auth_url: URL/domain-scope-by-name/v3, user_id: u, password: p, domain_name: d}}
  both-names: {auth: {<<: *who, auth_url: URL/both-names/v3, project_name: x, project_id: y, tenant_name: z}}
  outer: {project_name: x, username: outer, auth: {<<: *who, auth_url: URL/outer/v3}}
  tenant: {auth: {<<: *who, auth_url: URL/tenant/v3, tenant_name: x, user-domain-name: Others}}
  trust: {auth: {<<: *who, auth_url: URL/trust/v3, trust_id: t}}
  system: {auth: {<<: *who, auth_url: URL/system/v3, system_scope: all}}
  unscoped: {auth: {<<: *who, auth_url: URL/unscoped/v3}}
  v3password: {auth_type: v3password, auth: {<<: *who, auth_url: URL/v3password/v3, project_name: x}}
  token: {auth_type: token, auth: {auth_url: URL/token/v3, token: tok, project_id: x}}
  v3token: {auth_type: v3token, auth: {auth_url: URL/v3token/v3, auth_token: tok, project_id: x}}
  application:
    auth_type: v3applicationcredential
    auth: {auth_url: URL/application/v3, application_credential_id: i, application_credential_secret: s}
  application-by-name:
    auth_type: v3applicationcredential
    auth:
      auth_url: URL/application-by-name/v3
      application_credential_name: n
      application_credential_secret: s
      username: u
      user_domain_name: Users
  totp: {auth_type: v3totp, auth: {auth_url: URL/totp/v3, username: u, user_domain_id: d, passcode: 123456, project_id: x}}
  factors:
    auth_type: v3multifactor
    auth_methods: [v3password, v3totp]
    auth: {auth_url: URL/factors/v3, username: u, user_domain_id: d, password: p, passcode: 123456, project_id: x}
  provider:
    auth_type: v3oidcpassword
    auth: &provider
      auth_url: URL/provider/v3
      identity_provider: idp
      protocol: openid
      client_id: c
      client_secret: 's+&'
      username: u
      password: 'p &'
      access_token_endpoint: URL/provider/token
      project_id: x
  provider-discovered:
    auth_type: v3oidcclientcredentials
    auth:
      auth_url: URL/provider-discovered/v3
      identity_provider: idp
      protocol: openid
      client_id: c
      client_secret: s
      discovery_endpoint: URL/provider-discovered/discovery
      access_token_type: id_token
      openid_scope: openid
      project_name: x
      project_domain_name: Default
  provider-access:
    auth_type: v3oidcaccesstoken
    auth: {auth_url: URL/provider-access/v3, identity_provider: idp, protocol: openid, access_token: at, project_id: x}
  nobody: {auth_type: none, auth: {endpoint: 'http://h:6385'}}
  nobody-either: {auth_type: '', auth: {endpoint: 'http://h:6385'}}
  tls: {cacert: /etc/ca.pem, cert: ~/own.pem, key: /etc/own.key, auth: {<<: *who, auth_url: URL/tls/v3, project_name: x}}
  tls-empty: {cacert: '', auth: {<<: *who, auth_url: URL/tls-empty/v3, project_name: x}}
  tls-cert: {cert: /etc/own.pem, auth: {<<: *who, auth_url: URL/tls-cert/v3, project_name: x}}
  tls-off: {verify: false, cacert: /etc/ca.pem, auth: {<<: *who, auth_url: URL/tls-off/v3, project_name: x}}
  tls-insecure: {insecure: true, auth: {<<: *who, auth_url: URL/tls-insecure/v3, project_name: x}}
  tls-of-verify: {verify: /etc/ca.pem, auth: {<<: *who, auth_url: URL/tls-of-verify/v3, project_name: x}}
  services:
    region_name: one
    compute_region_name: two
    compute_interface: internalURL
    compute_api_version: '2.1'
    network_endpoint_type: adminURL
    volume_endpoint_override: http://h/volume
    image_endpoint: http://h/image
    object_store_endpoint: http://h/other
    object_store_endpoint_override: http://h/objects
    api_timeout: 7
    baremetal_timeout: 3
    auth: {<<: *who, auth_url: URL/services/v3, project_name: x}
  both-interfaces: {interface: internal, endpoint_type: admin, auth: {<<: *who, auth_url: URL/both-interfaces/v3, project_name: x}}
";
/// The regions that are chosen.
const CHOSEN: [(&str, &str); 2] = [("regions-chosen", "two"), ("values-not-chosen", "two")];

const SECURE: &str = "clouds: {merged: {auth: {password: of-secure}}}";

const VENDORS: &str =
    "public-clouds: {mine: {auth: {auth_url: 'URL/profiled/v3'}, regions: [one, two, three], interface: admin}}";

/// What `OS_*` say, each for a cloud of its own.
const ENVIRONMENTS: [&[(&str, &str)]; 4] = [
    &[
        ("OS_AUTH_URL", "URL/envvars/v3"),
        ("OS_USERNAME", "u"),
        ("OS_PASSWORD", "p"),
        ("OS_USER_DOMAIN_NAME", "Users"),
        ("OS_PROJECT_NAME", "x"),
        ("OS_PROJECT_DOMAIN_ID", "d"),
        ("OS_REGION_NAME", "one"),
        ("OS_INTERFACE", "internal"),
        ("OS_CACERT", "/etc/ca.pem"),
        ("OS_VOLUME_ENDPOINT_OVERRIDE", "http://h/volume"),
    ],
    &[("OS_AUTH_TYPE", "v3token"), ("OS_AUTH_URL", "URL/envvars/v3"), ("OS_TOKEN", "tok"), ("OS_PROJECT_ID", "x")],
    &[
        ("OS_AUTH_TYPE", "v3totp"),
        ("OS_AUTH_URL", "URL/envvars/v3"),
        ("OS_USER_ID", "u"),
        ("OS_PASSCODE", "123456"),
        ("OS_PROJECT_ID", "x"),
        ("OS_ENDPOINT_TYPE", "internalURL"),
    ],
    &[("OS_AUTH_TYPE", "none"), ("OS_ENDPOINT", "http://h:6385"), ("OS_CLOUD_NAME", "mine")],
];

/// Identity services, each within a path of its own, and providers beside them.
fn answer(request: &Request, url: &str) -> Answer {
    let path = request.path.trim_start_matches('/');
    let (name, path) = path.split_once('/').unwrap_or((path, ""));
    let version =
        json!({"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": format!("{url}/{name}/v3/")}]});
    match path.trim_end_matches('/') {
        "" => Answer::json(300, json!({"versions": {"values": [version]}}).to_string()),
        "v3" => Answer::json(200, json!({"version": version}).to_string()),
        "v3/auth/tokens" => {
            let user = json!({"id": "3d4e5f", "name": "u", "domain": {"id": "default", "name": "Default"}});
            let times = ("2020-01-01T00:00:00.000000Z", "2099-01-01T00:00:00.000000Z");
            let token = json!({"user": user, "catalog": [], "methods": ["password"], "issued_at": times.0, "expires_at": times.1});
            Answer::json(201, json!({"token": token}).to_string())
                .with("x-subject-token", "gAAAAA-of-the-identity-service")
        }
        "discovery" => Answer::json(200, json!({"token_endpoint": format!("{url}/{name}/token")}).to_string()),
        "token" => Answer::json(200, json!({"access_token": "of-the-provider", "id_token": "of-its-user"}).to_string()),
        path if path.starts_with("v3/OS-FEDERATION/") => {
            let token = json!({"methods": ["openid"], "expires_at": "2099-01-01T00:00:00.000000Z"});
            Answer::json(201, json!({"token": token}).to_string()).with("x-subject-token", "gAAAAA-of-no-scope")
        }
        _ => Answer::status(404),
    }
}

/// What was asked for in order to log in, by name: the path, who asks, and the body with its members in one order.
fn logins(front: &Front) -> BTreeMap<String, Vec<(String, Option<String>, String)>> {
    let mut logins: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for request in front.seen().into_iter().map(|seen| seen.request).filter(|request| request.method == "POST") {
        let name = request.path.split('/').nth(1).unwrap().to_owned();
        let body = serde_json::from_slice::<Value>(&request.body).map_or_else(
            |_| {
                let mut form: Vec<&str> = request.text().split('&').collect();
                form.sort_unstable();
                form.join("&")
            },
            |body| sorted(&body).to_string(),
        );
        let authorization = request.header("authorization").map(str::to_owned);
        logins.entry(name).or_default().push((request.path.clone(), authorization, body));
    }
    front.forget();
    logins
}

/// The same with the members of each object in one order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// What Assay reads of a cloud, in the words of the script.
fn read(cloud: &Cloud) -> Value {
    let text = |path: &Path| path.display().to_string();
    let services = SERVICES.map(|service| {
        let settings = cloud.settings(service).cloned().unwrap_or_default();
        let of_it = json!({
            "region": settings.region.as_ref().or(cloud.region.as_ref()),
            "interface": settings.interface.as_ref().unwrap_or(&cloud.interface),
            "endpoint": cloud.named(service),
        });
        (service.types()[0].to_owned(), of_it)
    });
    let certificate = cloud.tls.certificate.as_deref().map(text);
    json!({
        "region": cloud.region,
        "interface": cloud.interface,
        "verify": match &cloud.tls.ca {
            _ if cloud.tls.insecure => json!(false),
            Some(file) => json!(text(file)),
            None => json!(true),
        },
        "cert": match (certificate, cloud.tls.key.as_deref().map(text)) {
            (Some(certificate), Some(key)) => json!([certificate, key]),
            (certificate, _) => json!(certificate),
        },
        "timeout": cloud.silence.map_or(0.0, |silence| silence.as_secs_f64()),
        "version": cloud.settings(Service::Compute).and_then(|settings| settings.version.clone()),
        "services": services.into_iter().collect::<serde_json::Map<_, _>>(),
    })
}

/// What openstacksdk reads of these clouds, in this environment.
fn of_openstacksdk(
    python: &str,
    home: &Path,
    variables: &[(String, String)],
    clouds: &[(String, Option<&str>)],
) -> Value {
    let services = SERVICES.map(|service| service.types()[0]);
    let mut command = Command::new(python);
    command.args(["-c", SCRIPT, &json!(clouds).to_string(), &json!(services).to_string()]);
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path))).env("HOME", home).current_dir(home);
    let output = command.envs(variables.iter().cloned()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What Assay reads of a cloud, after a login.
async fn of_assay(clouds: &Clouds, name: &str) -> Value {
    let cloud = clouds.get(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    let found = read(&cloud);
    let log = Recorder::new(None, Redactor::default()).unwrap().log("openstacksdk");
    let session = Session::new(Role::Member, without_files(cloud)).unwrap();
    session.login(&log).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    found
}

/// The same without certificates, whose files are not there.
fn without_files(mut cloud: Cloud) -> Cloud {
    (cloud.tls.ca, cloud.tls.certificate, cloud.tls.key) = (None, None, None);
    cloud
}

/// Compares what both found, and the requests of their logins.
fn compare(name: &str, ours: &Value, theirs: &Value) {
    let mut theirs = theirs.clone();
    if ours["services"]["compute"]["endpoint"].is_null() && theirs["services"]["compute"]["endpoint"].is_string() {
        // With `none`, openstacksdk takes the one address for that of each service; such a service is Ironic.
        for service in SERVICES.into_iter().filter(|service| *service != Service::BareMetal) {
            theirs["services"][service.types()[0]]["endpoint"] = Value::Null;
        }
    }
    assert_eq!(sorted(ours), sorted(&theirs), "{name}: Assay on the left, openstacksdk on the right");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_read_the_same_and_log_in_alike() {
    let has_it = |python: &&str| {
        let output = Command::new(python).args(["-c", "import openstack, keystoneauth1"]).output();
        output.is_ok_and(|output| output.status.success())
    };
    let Some(python) = PYTHONS.into_iter().find(|python| has_it(python)) else {
        let missing =
            "clouds.yaml was not compared with openstacksdk: it is not here; apt-get install python3-openstacksdk";
        assert!(std::env::var(REQUIRED).as_deref() != Ok("required"), "{missing}");
        std::io::stderr().write_all(format!("warning: {missing}\n").as_bytes()).unwrap();
        return;
    };
    let front = Front::start("http://127.0.0.1:9").await.unwrap();
    let url = front.url().to_owned();
    front.before({
        let url = url.clone();
        move |request| Turn::Answer(answer(request, &url))
    });
    // `~` is the home of the process.
    let own_home = std::env::var("HOME").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join(".config/openstack");
    std::fs::create_dir_all(&files).unwrap();
    for (file, text) in [("clouds.yaml", CLOUDS), ("secure.yaml", SECURE), ("clouds-public.yaml", VENDORS)] {
        std::fs::write(files.join(file), text.replace("URL/", &format!("{url}/"))).unwrap();
    }
    let home = folder.path().display().to_string();
    let with = |name: &str, variables: &[(String, String)]| match name {
        "HOME" => Some(home.clone()),
        name => variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()),
    };
    let region = |name: &str| CHOSEN.iter().find(|(known, _)| *known == name).map(|(_, region)| *region);

    let clouds = Clouds::from_environment(&|name| with(name, &[])).unwrap();
    let names: Vec<(String, Option<&str>)> =
        clouds.names().into_iter().map(|name| (name.clone(), region(&name))).collect();
    assert!(names.len() > 40, "{names:?}");
    let theirs = of_openstacksdk(python, folder.path(), &[], &names);
    let their_logins = logins(&front);
    let mut ours = BTreeMap::new();
    for (name, region) in &names {
        let chosen = region.map(|region| ("OS_REGION_NAME".to_owned(), region.to_owned()));
        let clouds = Clouds::from_environment(&|name| with(name, chosen.as_slice())).unwrap();
        ours.insert(name.clone(), of_assay(&clouds, name).await);
    }
    let our_logins = logins(&front);
    for (name, _) in &names {
        let theirs = theirs[name].to_string().replace(&home, &own_home);
        compare(name, &ours[name], &serde_json::from_str(&theirs).unwrap());
        assert_eq!(
            our_logins.get(name),
            their_logins.get(name),
            "{name}: Assay on the left, openstacksdk on the right"
        );
        assert_eq!(our_logins.contains_key(name), !name.starts_with("nobody"), "{name} logs in");
    }

    for variables in ENVIRONMENTS {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.replace("URL/", &format!("{url}/"))))
            .collect();
        let clouds = Clouds::from_environment(&|name| with(name, &variables)).unwrap();
        let name = clouds.chosen().unwrap();
        let theirs = of_openstacksdk(python, folder.path(), &variables, &[(name.clone(), None)]);
        let their_logins = logins(&front);
        compare(&name, &of_assay(&clouds, &name).await, &theirs[&name]);
        assert_eq!(logins(&front), their_logins, "{variables:?}: Assay on the left, openstacksdk on the right");
    }
}
