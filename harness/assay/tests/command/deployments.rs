//! Deployment files: what is wrong with one is said, with its place and what to do.

use assay_reports::record::Verdict;

use crate::support::{Place, reference};

/// An address of this machine at which nobody listens.
const NOBODY: &str = "http://127.0.0.1:1";

async fn refused(text: &str, words: &[&str]) {
    let place = Place::new();
    place.write("metal.yaml", text);
    place.write("empty", "");
    place.write("hosts", "[metal]\nrack-1 baseuri=192.0.2.1\n");
    place.run(&["doctor", "--deployment", "metal.yaml"]).await.says(2, words);
}

#[tokio::test]
async fn what_is_wrong_in_a_deployment_file_is_said_with_its_place() {
    let head = "schema: assay.deployment/1\nname: rack\n";
    let with = |rest: &str| format!("{head}{rest}");
    refused("schema: assay.deployment/2\nname: rack\n", &["`schema` is `assay.deployment/2`", "assay.deployment/1"])
        .await;
    refused(head, &["`ironic` is missing, and `redfish` too"]).await;
    refused(
        &with("irnoic: {}\n"),
        &["metal.yaml:3:1", "`irnoic` is not a key of a deployment file", "did you mean `ironic`?"],
    )
    .await;
    refused(&with("ironic: {machines: 3}\n"), &["metal.yaml:3:20", "`machines` takes a list"]).await;
    refused(&with("ironic: {}\n"), &["`ironic` has neither `endpoint`", "nor `cloud`"]).await;
    refused(&with("ironic: {endpoint: 'http://h', cloud: c}\n"), &["both `endpoint` and `cloud`"]).await;
    refused(&with("ironic: {endpoint: 'ftp://h'}\n"), &["`ironic.endpoint` is `ftp://h`", "http or https"]).await;
    refused(&with("ironic: {endpoint: 'http://me:hush@h'}\n"), &["`ironic.endpoint` holds a user", "`auth`"]).await;
    let basic = |rest: &str| with(&format!("redfish: [{{name: b, endpoint: '{NOBODY}', auth: {{{rest}}}}}]\n"));
    refused(&basic("method: http_basic, password: p"), &["`redfish.0.auth` has no `username`"]).await;
    refused(&basic("method: http_basic, username: u"), &["`password_file`", "`password_env`"]).await;
    refused(&basic("method: http_basic, username: u, password: p, password_env: P"), &["no two of them"]).await;
    refused(&basic("method: http_basic, username: u, password_env: NOT_SET_1"), &["`NOT_SET_1`, which is not set"])
        .await;
    refused(&basic("method: http_basic, username: u, password_file: none"), &["`redfish.0.auth.password_file`"]).await;
    refused(&basic("method: http_basic, username: u, password_file: empty"), &["an empty password"]).await;
    refused(&basic("username: u"), &["`method: http_basic`"]).await;
    let session = "auth: {method: session, username: u, password: p}";
    refused(&with(&format!("ironic: {{endpoint: '{NOBODY}', {session}}}\n")), &["`ironic.auth`", "Redfish services"])
        .await;
    let two = format!("redfish: [{{name: b, endpoint: '{NOBODY}'}}, {{name: b, endpoint: '{NOBODY}'}}]\n");
    refused(&with(&two), &["`redfish.1.name` is `b`, as in redfish.0"]).await;
    let other = format!("redfish: [{{name: b, endpoint: '{NOBODY}', systems: [s1], machines: [s2]}}]\n");
    refused(&with(&other), &["`redfish.0.machines` has `s2`"]).await;
    let medium = format!("redfish: [{{name: b, endpoint: '{NOBODY}', medium: 'ftp://h/disc.iso'}}]\n");
    refused(&with(&medium), &["`redfish.0.medium` is `ftp://h/disc.iso`", "http or https"]).await;
    let inventory = |rest: &str| with(&format!("inventory: {{{rest}}}\n"));
    refused(&inventory("source: hosts"), &["`inventory` names no group"]).await;
    refused(&inventory("source: none, redfish: metal"), &["none: cannot be read"]).await;
    refused(&inventory("source: hosts, ironic: metal"), &["no bare-metal service that they belong to"]).await;
    refused(&inventory("source: hosts, redfish: rack"), &["hosts: has no group `rack`; it has metal"]).await;
    refused(&inventory("source: hosts, redfish: metal, endpoint: bmc"), &["host `rack-1` has no such variable"]).await;

    let place = Place::new();
    place
        .run(&["doctor", "--deployment", "none.yaml"])
        .await
        .says(2, &["cannot read the deployment file", "none.yaml"]);
    let both = ["run", "--deployment", "none.yaml", "--cloud", "reference"];
    place.run(&both).await.says(2, &["--deployment", "--cloud"]);
    let alt = ["run", "--deployment", "none.yaml", "--alt-cloud", "other"];
    place.run(&alt).await.says(2, &["--alt-cloud has no use with --deployment"]);
}

/// As YAML has it: a value written once may stand for several, and a key with nothing behind it is left out.
#[tokio::test]
async fn anchors_merge_keys_and_empty_keys_are_read() {
    let place = Place::new();
    let first = format!("&one {{name: one, endpoint: '{NOBODY}', systems: }}");
    let text =
        format!("schema: assay.deployment/1\nname: rack\nironic:\nredfish: [{first}, {{<<: *one, name: two}}]\n");
    place.write("metal.yaml", &text);
    place.run(&["doctor", "--deployment", "metal.yaml"]).await.says(3, &[]).prints(&["redfish one", "redfish two"]);
}

#[tokio::test]
async fn an_operator_reaches_the_service_through_a_catalog() {
    let reference = reference().await;
    let place = Place::new();
    place.write("clouds.yaml", &(reference.clouds_yaml() + &reference.system_cloud_yaml()));
    let service = "ironic: {cloud: reference-system, machines: [reference-1]}\n";
    place.write("metal.yaml", &format!("schema: assay.deployment/1\nname: rack\n{service}"));
    let doctor = ["doctor", "--deployment", "metal.yaml", "--guideline", "metal/2026.11", "--target", "ironic"];
    let ended = place.run(&doctor).await;
    ended.says(0, &[]).prints(&["baremetal", "v1.115", "reference-1", "user admin"]);
    assert!(!ended.stdout.contains("warning"), "{ended:#?}");
    let tests = ["baremetal.power.on-off", "baremetal.nodes.create", "baremetal.drivers"];
    let run = [&["run", "--deployment", "metal.yaml", "--out", "run"], &tests[..]].concat();
    place.run(&run).await.says(0, &[]);
    let passed = place.records("run").iter().filter(|record| record.verdict == Verdict::Pass).count();
    assert!(passed >= 3, "{passed} tests passed");

    // Nothing of the cloud itself is tested with an administrator.
    place.run(&["doctor", "--cloud", "reference-system"]).await.says(2, &["`system_scope`", "--deployment"]);
}

#[tokio::test]
async fn a_service_that_nobody_serves_is_said_to_be_unreachable() {
    let place = Place::new();
    let services = format!("ironic: {{endpoint: '{NOBODY}'}}\nredfish: [{{name: bmc, endpoint: '{NOBODY}'}}]\n");
    place.write("metal.yaml", &format!("schema: assay.deployment/1\nname: rack\n{services}"));
    let ended = place.run(&["doctor", "--deployment", "metal.yaml"]).await;
    ended.says(3, &[]).prints(&["baremetal", "unreachable", "redfish bmc", "Connection refused"]);

    // The same, said by an inventory.
    place.write("hosts", &format!("[metal]\nbmc baseuri={NOBODY} username=root password=hush\n"));
    place.write("metal.yaml", "schema: assay.deployment/1\nname: rack\ninventory: {source: hosts, redfish: metal}\n");
    let ended = place.run(&["doctor", "--deployment", "metal.yaml"]).await;
    ended.says(3, &[]).prints(&["redfish bmc", "unreachable", "user root"]);
    assert!(!ended.stdout.contains("hush") && !ended.stderr.contains("hush"), "{ended:#?}");
}
