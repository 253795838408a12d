//! `assay guideline`: what was published in JSON, imported and exported; and what is there.

use crate::support::Place;

/// A small file of schema 2.0 with a misspelt key, an id that contradicts its name, and a UUID with an attribute.
const PUBLISHED: &str = include_str!("../../../../guidelines/tests/published-2.0.json");

#[tokio::test(flavor = "multi_thread")]
async fn an_import_lists_what_it_repaired_with_its_place_and_succeeds() {
    let place = Place::new();
    place.write("dns.2018.02.json", PUBLISHED);
    let line = PUBLISHED.lines().position(|line| line.contains("acheivements")).unwrap() + 1;
    let repaired = format!("dns.2018.02.json:{line}:7: misspelt-key: ");
    let ended = place.run(&["guideline", "import", "dns.2018.02.json", "--out", "imported.yaml"]).await;
    ended.says(0, &[&repaired, "id-contradicts-file", "uuid: the attributes `smoke,network`", "11 repairs"]);
    assert_eq!(ended.stdout, "", "the guideline is in the file");
    // It is a guideline, and breaks rules as the published one did: a low score, and a flag without a code.
    let ended = place.run(&["guideline", "lint", "imported.yaml"]).await;
    ended.says(1, &["2 errors"]).prints(&["error[AG201]", "error[AG301]", "warning[AG308]"]);

    // A file that is there is not written over by mistake.
    let again = ["guideline", "import", "dns.2018.02.json", "--out", "imported.yaml"];
    place.run(&again).await.says(2, &["imported.yaml", "--force"]);
    place.run(&[&again[..], &["--force"]].concat()).await.says(0, &["11 repairs"]);

    let ended = place.run(&["guideline", "import", "dns.2018.02.json", "--format", "json"]).await;
    ended.says(0, &["11 repairs"]);
    let value: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(value["guideline"]["id"], "openstack-dns/2018.02");
    let repairs = value["repairs"].as_array().unwrap();
    assert_eq!(repairs.len(), 11);
    assert_eq!(repairs[0]["kind"], "id-contradicts-file");
    assert_eq!((&repairs[0]["line"], &repairs[0]["path"]), (&3.into(), &"$.metadata.id".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_imported_is_shown_with_its_place() {
    let place = Place::new();
    place.write("wrong.json", "{\n  \"id\": \"2020.06\",\n}\n");
    place.run(&["guideline", "import", "wrong.json"]).await.says(2, &["wrong.json:3:1", "not JSON"]);
    place.run(&["guideline", "import", "missing.json"]).await.says(2, &["missing.json", "cannot read"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_guideline_is_imported_as_the_same() {
    let place = Place::new();
    place.run(&["guideline", "export", "openstack-powered/2020.06", "--out", "2020.06.json"]).await.says(0, &[]);
    let ended = place.run(&["guideline", "import", "2020.06.json", "--format", "json"]).await;
    ended.says(0, &["nothing had to be repaired"]);
    let imported: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let shown = place.run(&["guideline", "show", "openstack-powered/2020.06", "--format", "json"]).await;
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(imported["guideline"], shown);
    place.run(&["guideline", "export", "openstack-powered/2020.06", "--schema", "3.0"]).await.says(2, &["3.0", "2.0"]);
}

/// Holds off a list or a page that leaves the rule or the status to guesses.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_is_listed_with_its_status_and_rule() {
    let place = Place::new();
    let ended = place.run(&["guideline", "list"]).await;
    ended.says(0, &[]).prints(&[
        "scs/0128-v1",
        "no-failures",
        "openstack-dns/2018.02",
        "openstack-nfv/next",
        "superseded",
    ]);
    let ended = place.run(&["guideline", "show", "metal/2026.11"]).await;
    ended.says(0, &[]).prints(&[
        "managed-metal: Managed Bare Metal",
        "  ironic   PUT /v1/nodes/{node}/states/power",
        "  redfish  POST #ComputerSystem.Reset (On, ForceOff, ForceRestart)",
        "  source   OpenStackIronicProfile 1.2.0: ",
    ]);
    let ended = place.run(&["guideline", "show", "openstack-nfv/next"]).await;
    ended.says(0, &[]).prints(&[
        "status draft",
        "rule all-required-pass",
        "volumes-v2-get",
        "networking-bgpvpn-bgpvpn-crud",
    ]);
    // From a folder without its platform, an add-on cannot say what it needs.
    let dns = include_str!("../../../../guidelines/openstack-dns/2020.06.yaml");
    place.write(
        "alone.yaml",
        &dns.replace("guideline: openstack-powered/2020.06", "guideline: openstack-powered/2020.07"),
    );
    let ended = place.run(&["guideline", "show", "alone.yaml"]).await;
    ended.says(0, &[]).prints(&["dns: DNS, which cannot be said", "openstack-powered/2020.07"]);
    let run = ["run", "--guideline", "alone.yaml", "--cloud", "reference"];
    place.run(&run).await.says(2, &["os_powered_compute", "openstack-powered/2020.07"]);
    assert!(!place.path("assay-runs").exists(), "nothing is written");
}
