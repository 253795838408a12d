//! The test cases of the Sovereign Cloud Stack on the reference deployment: which pass there, which cannot, and how each that
//! only reads is seen to pass and to fail, by changes of single answers.

#![expect(clippy::unwrap_used, reason = "all of this is a test")]

use std::collections::BTreeMap;
use std::sync::Arc;

use assay_decoys::{Access, Decoys};
use assay_hostile::Front;
use assay_kit::http::redact::Redactor;
use assay_kit::session::clouds::Clouds;
use assay_kit::{ConformanceTest, Cx, Deployment, Metal, Outcome, Recorder, Role, Stop};
use assay_reference::Options;
use serde_json::{Value, json};

/// What fails on the reference deployment because it does not offer what is asked for: what the ids begin with.
const NOT_THERE: [&str; 5] = [
    "scs-0104-image-",
    "scs-0114-encrypted-type",
    "scs-0114-replicated-type",
    "scs-0123-service-load-balancer",
    "scs-0123-service-placement",
];
/// What looks inside a server, and those there run nothing.
const INSIDE: &str = "scs.entropy";

/// The test cases that need no system inside of a server.
fn cases() -> Vec<&'static ConformanceTest> {
    assay_capabilities::link();
    let mut tests = assay_kit::registered().unwrap();
    // domain_managers.rs has those of scs-0302, with their accounts.
    let is_here = |test: &ConformanceTest| !test.id.starts_with("scs-0302-") && !test.shares.contains(&INSIDE);
    tests.retain(|test| test.programme() == Some("scs") && is_here(test));
    tests
}

/// The name of each run.
const RUN: &str = "assay-0a1b2c3d";

/// Fills the accounts with somebody's things; with many names that nearly are the run's, where it is given.
async fn decoys(clouds: &str, run: Option<&str>) -> Decoys {
    Decoys::fill(&Access::cloud(clouds), run).await.unwrap()
}

/// What a test comes to, and what it saw that was promised and did not hold.
type Seen = (Outcome, Vec<String>);

/// Runs tests on the cloud that a `clouds.yaml` calls `reference`, one after the other.
async fn run(clouds: &str, tests: &[&'static ConformanceTest]) -> BTreeMap<&'static str, Seen> {
    let clouds = Clouds::from_text("clouds.yaml", clouds).unwrap();
    let accounts = vec![(Role::Member, clouds.get("reference").unwrap())];
    let recorder = Recorder::new(None, Redactor::default()).unwrap();
    let connected = Deployment::connect(RUN, accounts, Metal::default(), &recorder, None).await;
    let deployment = Arc::new(connected.unwrap());
    let mut seen = BTreeMap::new();
    for test in tests {
        let cx = Cx::new(deployment.clone(), recorder.log(test.id));
        let outcome = (test.run)(cx.clone()).await;
        assert_eq!(cx.undo().undo(&cx, false).await.left, Vec::<String>::new(), "{}", test.id);
        let deviations = cx.log_handle().deviations().into_iter().map(|deviation| deviation.requirement);
        seen.insert(test.id, (outcome, deviations.collect()));
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn each_test_case_passes_where_the_reference_deployment_offers_what_it_asks_for() {
    let reference = assay_reference::start(Options::default()).await.unwrap();
    let decoys = decoys(&reference.clouds_yaml(), Some(RUN)).await;
    let seen = run(&reference.clouds_yaml(), &cases()).await;
    decoys.verify().await;
    reference.stop().await;
    assert!(seen.len() > 75, "{}", seen.len());
    let mut deviating = Vec::new();
    for (id, (outcome, deviations)) in &seen {
        match outcome {
            // It says what it saw.
            Err(Stop::Fail(finding)) if NOT_THERE.iter().any(|beginning| id.starts_with(beginning)) => {
                assert!(
                    finding.actual.is_some() && finding.expected.is_some() && finding.curl.is_some(),
                    "{finding:?}"
                );
            }
            Ok(()) if !NOT_THERE.iter().any(|beginning| id.starts_with(beginning)) => {}
            other => panic!("{id}: {other:?}"),
        }
        deviating.extend(deviations.iter().map(|deviation| format!("{id}: {deviation}")));
    }
    assert_eq!(
        deviating,
        [
            "scs-0123-storage-apis: a service of the type `block-storage` or `volumev3` or `volume` should be in the catalog as \
             `block-storage`"
        ]
    );
}

/// A change of the answers from addresses that end so, or, where a slash is at the end, from those below it; and what comes of it.
struct Change {
    id: &'static str,
    of: &'static str,
    make: fn(&mut Value),
    /// What is said when it fails; empty when it passes.
    says: &'static str,
}

const FLAVORS: &str = "/flavors/detail";
const IMAGES: &str = "/v2/images";
const TYPES: &str = "/types";
const CATALOG: &str = "/auth/catalog";
const RULES: &str = "/default-security-group-rules";
const SECRETS: &str = "/v1/secrets";
const BACKUPS: &str = "/backups";
const BACKUP: &str = "/backups/";
const VOLUME: &str = "/volumes/";
/// Nothing but the slash.
const ROOT: &str = "/";
const GROUPS: &str = "/security-groups";

/// The flavor of this name.
fn flavor<'a>(body: &'a mut Value, name: &str) -> &'a mut Value {
    let flavors = body["flavors"].as_array_mut().unwrap();
    flavors.iter_mut().find(|flavor| flavor["name"] == name).unwrap()
}

/// The images of the deployment itself.
fn images(body: &mut Value) -> impl Iterator<Item = &mut Value> {
    let images = body["images"].as_array_mut().unwrap();
    images.iter_mut().filter(|image| matches!(image["name"].as_str(), Some("reference" | "second")))
}

/// The first of them.
fn image(body: &mut Value) -> &mut Value {
    images(body).next().unwrap()
}

fn take(from: &mut Value, key: &str) {
    from.as_object_mut().unwrap().remove(key).unwrap();
}

/// Removes the services of this type.
fn without(body: &mut Value, kind: &str) {
    body["catalog"].as_array_mut().unwrap().retain(|service| service["type"] != kind);
}

/// Adds a service of this type.
fn with(body: &mut Value, kind: &str) {
    let endpoints = json!([{"id": "e", "interface": "public", "region": "r", "region_id": "r", "url": "http://h/v1"}]);
    body["catalog"]
        .as_array_mut()
        .unwrap()
        .push(json!({"id": "s", "name": kind, "type": kind, "endpoints": endpoints}));
}

/// Rules as a cloud has them from the start.
fn rules() -> Value {
    let rule = |direction: &str, family: &str, group: Value, others: bool| {
        json!({
            "id": "r", "direction": direction, "ethertype": family, "remote_group_id": group, "remote_ip_prefix": null,
            "protocol": null, "used_in_default_sg": true, "used_in_non_default_sg": others,
        })
    };
    let of =
        |family: &str| [rule("egress", family, Value::Null, true), rule("ingress", family, json!("PARENT"), false)];
    let rules = [of("IPv4"), of("IPv6")].concat();
    json!({"default_security_group_rules": rules})
}

#[rustfmt::skip]
const CHANGES: &[Change] = &[
    Change { id: "scs-0100-syntax-check", of: FLAVORS, make: |it| flavor(it, "SCS-1V-4")["name"] = json!("SCS-1-4"), says: "`SCS-1` reads well" },
    Change { id: "scs-0100-syntax-check", of: FLAVORS, make: |it| flavor(it, "SCS-1V-4")["name"] = json!("scs-1-4"), says: "" },
    Change { id: "scs-0100-semantics-check", of: FLAVORS, make: |it| flavor(it, "SCS-8V-32")["vcpus"] = json!(4), says: "flavor `SCS-8V-32`: it has 4 CPUs and promises 8" },
    Change { id: "scs-0100-semantics-check", of: FLAVORS, make: |it| flavor(it, "SCS-8V-32")["ram"] = json!(32000), says: "it has 32000 MiB of memory and promises 32768" },
    Change { id: "scs-0100-semantics-check", of: FLAVORS, make: |it| flavor(it, "SCS-2V-4-20s")["disk"] = json!(10), says: "it has a disk of 10 GB and promises 20" },
    Change { id: "scs-0100-semantics-check", of: FLAVORS, make: |it| flavor(it, "SCS-2V-4-20s")["disk"] = json!(40), says: "" },
    Change { id: "scs-0101-flavor-property", of: FLAVORS, make: |it| take(&mut flavor(it, "SCS-1V-4")["extra_specs"], "hw_rng:allowed"), says: "flavor `SCS-1V-4` has no `hw_rng:allowed`" },
    Change { id: "scs-0103-flavor-1v-4", of: FLAVORS, make: |it| flavor(it, "SCS-1V-4")["ram"] = json!(4095), says: "`ram` is 4095 and must be 4096" },
    Change { id: "scs-0103-flavor-1v-4", of: FLAVORS, make: |it| flavor(it, "SCS-1V-4")["name"] = json!("small"), says: "" },
    Change { id: "scs-0103-flavor-2v-4-20s", of: FLAVORS, make: |it| flavor(it, "SCS-2V-4-20s")["extra_specs"]["scs:disk0-type"] = json!("hdd"), says: "`scs:disk0-type` is `hdd` and must be `ssd`" },
    Change { id: "scs-0103-flavor-1l-1", of: FLAVORS, make: |it| flavor(it, "SCS-1L-1")["extra_specs"]["scs:cpu-type"] = json!("shared-core"), says: "`scs:cpu-type` is `shared-core`" },
    Change { id: "scs-0103-flavor-4v-16", of: FLAVORS, make: |it| take(&mut flavor(it, "SCS-4V-16")["extra_specs"], "scs:name-v1"), says: "`scs:name-v1` is missing and must be `SCS-4V:16`" },
    Change { id: "scs-0103-flavor-16v-128", of: FLAVORS, make: |it| it["flavors"].as_array_mut().unwrap().retain(|one| one["name"] != "SCS-16V-128"), says: "`SCS-16V-128` must be there" },
    Change { id: "scs-0101-image-property", of: IMAGES, make: |it| take(image(it), "hw_rng_model"), says: "it is missing" },
    Change { id: "scs-0102-prop-architecture", of: IMAGES, make: |it| image(it)["architecture"] = json!("i686"), says: "it is \"i686\"" },
    Change { id: "scs-0102-prop-hash_algo", of: IMAGES, make: |it| image(it)["os_hash_algo"] = json!("md5"), says: "it is \"md5\"" },
    Change { id: "scs-0102-prop-min_disk", of: IMAGES, make: |it| image(it)["min_disk"] = json!(0), says: "is 0 or missing" },
    Change { id: "scs-0102-prop-min_disk", of: IMAGES, make: |it| image(it)["size"] = json!(3_u64 << 30), says: "3 would do" },
    Change { id: "scs-0102-prop-min_ram", of: IMAGES, make: |it| image(it)["min_ram"] = json!(0), says: "is 0 or missing" },
    Change { id: "scs-0102-prop-os_version", of: IMAGES, make: |it| take(image(it), "os_version"), says: "it is missing" },
    Change { id: "scs-0102-prop-os_distro", of: IMAGES, make: |it| image(it)["os_distro"] = json!(""), says: "it is \"\"" },
    Change { id: "scs-0102-prop-os_purpose", of: IMAGES, make: |it| image(it)["os_purpose"] = json!("desktop"), says: "it is \"desktop\"" },
    Change { id: "scs-0102-prop-hw_disk_bus", of: IMAGES, make: |it| image(it)["hw_disk_bus"] = json!("ide"), says: "it is \"ide\"" },
    Change { id: "scs-0102-prop-hypervisor_type", of: IMAGES, make: |it| image(it)["hypervisor_type"] = json!("vmware"), says: "it is \"vmware\"" },
    Change { id: "scs-0102-prop-hw_rng_model", of: IMAGES, make: |it| image(it)["hw_rng_model"] = json!("usb"), says: "it is \"usb\"" },
    Change { id: "scs-0102-prop-image_build_date", of: IMAGES, make: |it| image(it)["image_build_date"] = json!("2999-01-01"), says: "after the upload" },
    Change { id: "scs-0102-prop-image_original_user", of: IMAGES, make: |it| take(image(it), "image_original_user"), says: "it is missing" },
    Change { id: "scs-0102-prop-image_source", of: IMAGES, make: |it| image(it)["image_source"] = json!("file:///image"), says: "it is `file:///image`" },
    Change { id: "scs-0102-prop-image_description", of: IMAGES, make: |it| take(image(it), "image_description"), says: "it is missing" },
    Change { id: "scs-0102-prop-replace_frequency", of: IMAGES, make: |it| image(it)["replace_frequency"] = json!("hourly"), says: "it is \"hourly\"" },
    Change { id: "scs-0102-prop-provided_until", of: IMAGES, make: |it| take(image(it), "provided_until"), says: "it is missing" },
    Change { id: "scs-0102-prop-uuid_validity", of: IMAGES, make: |it| image(it)["uuid_validity"] = json!("soon"), says: "it is \"soon\"" },
    Change { id: "scs-0102-prop-hotfix_hours", of: IMAGES, make: |it| image(it)["hotfix_hours"] = json!("two"), says: "it is `two`" },
    Change { id: "scs-0102-image-recency", of: IMAGES, make: |it| {
        image(it)["replace_frequency"] = json!("daily");
        image(it)["provided_until"] = json!("2999-01-01");
    }, says: "built 2024-01-01, to be replaced daily" },
    Change { id: "scs-0102-os_purpose-uniqueness", of: IMAGES, make: |it| for image in images(it) {
        image["os_purpose"] = json!("generic");
        image["os_distro"] = json!("debian");
    }, says: "debian 1 for x86_64" },
    Change { id: "scs-0104-source-debian-12", of: IMAGES, make: |it| image(it)["name"] = json!("Debian 12"), says: "its `image_source` is `private`" },
    Change { id: "scs-0104-source-debian-12", of: IMAGES, make: |it| {
        image(it)["image_source"] = json!("https://cloud.debian.org/images/cloud/bookworm/latest/debian-12.qcow2");
        image(it)["name"] = json!("Debian 12");
    }, says: "" },
    Change { id: "scs-0104-source-capi-2", of: IMAGES, make: |it| image(it)["name"] = json!("ubuntu-capi-image-v1.33"), says: "`ubuntu-capi-image-v1.33`" },
    Change { id: "scs-0104-image-capi-1", of: IMAGES, make: |it| image(it)["name"] = json!("ubuntu-capi-image v1.33.1"), says: "" },
    Change { id: "scs-0104-image-capi-2", of: IMAGES, make: |it| image(it)["name"] = json!("ubuntu-capi-image-v1.33"), says: "" },
    Change { id: "scs-0104-image-ubuntu-2404", of: IMAGES, make: |it| image(it)["name"] = json!("Ubuntu 24.04"), says: "" },
    Change { id: "scs-0104-image-ubuntu-2204", of: IMAGES, make: |it| image(it)["name"] = json!("Ubuntu 22.04 "), says: "`Ubuntu 22.04` must be there" },
    Change { id: "scs-0114-syntax-check", of: TYPES, make: |it| it["volume_types"][0]["description"] = json!("[scs:replicated, encrypted] fast"), says: "`encrypted, replicated` would be" },
    Change { id: "scs-0114-syntax-check", of: TYPES, make: |it| it["volume_types"][0]["description"] = json!("[scs:fast]"), says: "`fast` is unknown" },
    Change { id: "scs-0114-encrypted-type", of: TYPES, make: |it| it["volume_types"][0]["description"] = json!("[scs:encrypted] LUKS"), says: "" },
    Change { id: "scs-0114-replicated-type", of: TYPES, make: |it| it["volume_types"][0]["description"] = json!("[scs:encrypted, replicated]"), says: "" },
    Change { id: "scs-0115-default-rules", of: GROUPS, make: |it| {
        let rule = json!({"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp"});
        if let Some(rules) = it["security_group"]["security_group_rules"].as_array_mut() {
            rules.push(rule);
        }
    }, says: "this lets in: ingress IPv4 tcp" },
    Change { id: "scs-0115-default-rules", of: RULES, make: |it| *it = rules(), says: "" },
    Change { id: "scs-0115-default-rules", of: RULES, make: |it| {
        *it = rules();
        it["default_security_group_rules"][3]["used_in_non_default_sg"] = json!(true);
    }, says: "this lets in: ingress IPv6 any" },
    Change { id: "scs-0115-default-rules", of: RULES, make: |it| *it = json!({"default_security_group_rules": []}), says: "no rule lets IPv4 out of the group `default`" },
    Change { id: "scs-0116-presence", of: CATALOG, make: |it| without(it, "key-manager"), says: "of the type `key-manager`" },
    // Without a key manager, nothing is asked of one.
    Change { id: "scs-0116-permissions", of: CATALOG, make: |it| without(it, "key-manager"), says: "" },
    Change { id: "scs-0116-permissions", of: SECRETS, make: |it| if let Some(secrets) = it["secrets"].as_array_mut() {
        secrets.clear();
    }, says: "a new secret must be in the list under its name" },
    Change { id: "scs-0116-permissions", of: SECRETS, make: |it| if it["total"].is_number() {
        take(it, "secrets");
    }, says: "the body has `secrets`" },
    Change { id: "scs-0117-test-backup", of: BACKUPS, make: |it| take(it, "backup"), says: "the body has `backup`" },
    Change { id: "scs-0117-test-backup", of: BACKUP, make: |it| if it["backup"].is_object() {
        it["backup"]["status"] = json!("error");
        it["backup"]["fail_reason"] = json!("no driver");
    }, says: "error: no driver" },
    Change { id: "scs-0117-test-backup", of: VOLUME, make: |it| if it["volume"]["status"] == "restoring-backup" {
        it["volume"]["status"] = json!("error_restoring");
    }, says: "error_restoring" },
    Change { id: "scs-0123-service-compute", of: CATALOG, make: |it| without(it, "compute"), says: "of the type `compute`" },
    Change { id: "scs-0123-service-identity", of: CATALOG, make: |it| without(it, "identity"), says: "of the type `identity`" },
    Change { id: "scs-0123-service-image", of: CATALOG, make: |it| without(it, "image"), says: "of the type `image`" },
    Change { id: "scs-0123-service-network", of: CATALOG, make: |it| without(it, "network"), says: "of the type `network`" },
    Change { id: "scs-0123-service-load-balancer", of: CATALOG, make: |it| with(it, "load-balancer"), says: "" },
    Change { id: "scs-0123-service-placement", of: CATALOG, make: |it| with(it, "placement"), says: "" },
    Change { id: "scs-0123-service-s3", of: CATALOG, make: |it| without(it, "object-store-s3"), says: "of the type `object-store-s3`" },
    // Without Object Storage, nothing is asked of S3.
    Change { id: "scs-0123-swift-s3", of: CATALOG, make: |it| without(it, "object-store"), says: "" },
    Change { id: "scs-0123-swift-s3", of: ROOT, make: |it| *it = json!({"detail": "nothing here"}), says: "without an error of S3" },
    Change { id: "scs-0123-swift-s3", of: ROOT, make: |it| *it = json!("<Error><Code>AccessDenied</Code></Error>"), says: "AccessDenied" },
    Change { id: "scs-0123-storage-apis", of: CATALOG, make: |it| without(it, "volumev3"), says: "`block-storage` or `volumev3` or `volume`" },
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_in_an_answer_is_seen_and_said() {
    let reference = assay_reference::start(Options::default()).await.unwrap();
    let front = Front::start(reference.url()).await.unwrap();
    let clouds = front.before_it(&reference.clouds_yaml());
    let (decoys, cases) = (decoys(&reference.clouds_yaml(), None).await, cases());
    for Change { id, of, make, says } in CHANGES {
        let (of, make) = (*of, *make);
        front.after(move |request, answer| {
            let is_meant = match of {
                ROOT => request.path == ROOT,
                _ => request.path.ends_with(of) || of.ends_with('/') && request.path.contains(of),
            };
            if is_meant {
                let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                // A page of the list may have somebody's images alone.
                if of != IMAGES || images(&mut body).next().is_some() {
                    make(&mut body);
                }
                answer.body = body.to_string().into();
                answer.status = if of == RULES { 200 } else { answer.status };
            }
        });
        let tests: Vec<_> = cases.iter().copied().filter(|test| test.id == *id).collect();
        match &run(&clouds, &tests).await[*id].0 {
            Ok(()) => assert!(says.is_empty(), "{id} passes, and should say `{says}`"),
            Err(stop @ Stop::Fail(_)) if !says.is_empty() && stop.to_string().contains(says) => {}
            Err(other) => panic!("{id}, which should say `{says}`: {other}"),
        }
    }
    decoys.verify().await;
    reference.stop().await;
}

/// What S3 lists otherwise than Object Storage is told, and the test passes.
#[tokio::test(flavor = "multi_thread")]
async fn buckets_that_object_storage_does_not_list_are_told() {
    const ID: &str = "scs-0123-swift-s3";
    let reference = assay_reference::start(Options::default()).await.unwrap();
    let front = Front::start(reference.url()).await.unwrap();
    front.after(|request, answer| {
        // The key is known; the front has another host than the one that was signed for.
        if request.path == ROOT && answer.text().contains("SignatureDoesNotMatch") {
            answer.status = 200;
            let bucket = "<Bucket><Name>other</Name></Bucket>";
            answer.body =
                format!("<ListAllMyBucketsResult><Buckets>{bucket}</Buckets></ListAllMyBucketsResult>").into();
        }
    });
    let decoys = decoys(&reference.clouds_yaml(), Some(RUN)).await;
    let tests: Vec<_> = cases().into_iter().filter(|test| test.id == ID).collect();
    let seen = run(&front.before_it(&reference.clouds_yaml()), &tests).await;
    let (outcome, deviations) = &seen[ID];
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(*deviations, ["the buckets that S3 lists should be the containers of the account"]);
    decoys.verify().await;
    reference.stop().await;
}
