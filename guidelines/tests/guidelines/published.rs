//! The published guidelines: that they are complete, and that the schema beside them is the one of the model.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::PathBuf;

use assay_guidelines::model::{Interface, Origin, Rule, State, Status};
use assay_guidelines::{Catalogue, Guideline, schema};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};

const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day of the calendar");

fn guideline(id: &str) -> Guideline {
    match Catalogue::embedded().get(id, DAY) {
        Ok(loaded) => loaded.guideline,
        Err(error) => panic!("{error}"),
    }
}

fn tests(guideline: &Guideline) -> usize {
    let all = guideline.capabilities.values().flat_map(|capability| &capability.tests);
    all.map(|test| &test.name).collect::<HashSet<_>>().len()
}

fn flagged(guideline: &Guideline) -> usize {
    let all = guideline.capabilities.values().flat_map(|capability| &capability.tests);
    all.filter(|test| test.flag.is_some()).map(|test| &test.name).collect::<HashSet<_>>().len()
}

/// Holds off a capability, test or flag that was lost on the way from the published file.
#[test]
fn the_guideline_2020_06_is_complete() {
    let guideline = guideline("openstack-powered/2020.06");
    assert_eq!(guideline.capabilities.len(), 79);
    assert_eq!(tests(&guideline), 287);
    let entries: usize = guideline.capabilities.values().map(|capability| capability.tests.len()).sum();
    assert_eq!(entries, 289, "two tests prove two capabilities each");
    assert_eq!(flagged(&guideline), 11);
    let scoring = guideline.scoring.as_ref().unwrap();
    assert_eq!((scoring.cutoff, scoring.criteria.len()), (Some(74), 12));
    assert_eq!(scoring.criteria.values().map(|criterion| criterion.weight).sum::<u32>(), 100);
    assert_eq!(guideline.releases, ["stein", "train", "ussuri", "victoria"]);
    let designated: usize = guideline.designated_sections.values().map(|project| project.sections.len()).sum();
    assert_eq!((guideline.designated_sections.len(), designated), (8, 67));
    let codes: Vec<_> = guideline
        .capabilities
        .values()
        .flat_map(|capability| &capability.tests)
        .filter_map(|test| test.flag.as_ref())
        .map(|flag| flag.code.as_deref().unwrap_or("none"))
        .collect();
    assert_eq!(codes, ["D401", "D401", "none", "none", "none", "none", "D400", "D401", "D401", "D400", "D406"]);
}

#[test]
fn the_targets_of_2020_06_ask_for_what_their_components_list() {
    let guideline = guideline("openstack-powered/2020.06");
    let counts = |name: &str| {
        let target = guideline.target(name).unwrap();
        let tests = guideline.tests_of(target).unwrap();
        assert!(tests.iter().all(|test| test.state == State::Required));
        (guideline.capabilities_of(target).unwrap().len(), tests.len())
    };
    // `images-v2-import` and its three tests are in no component, and two identity capabilities are in both.
    assert_eq!(counts("platform"), (78, 284));
    assert_eq!(counts("compute"), (60, 228));
    assert_eq!(counts("storage"), (20, 58));
    let unlisted: Vec<_> = guideline
        .capabilities
        .iter()
        .filter(|(_, capability)| capability.unlisted.is_some())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(unlisted, ["images-v2-import"]);
}

#[test]
fn a_test_of_two_capabilities_counts_once() {
    let guideline = guideline("openstack-powered/2020.06");
    let tests = guideline.tests_of(guideline.target("storage").unwrap()).unwrap();
    let shared: Vec<_> =
        tests.iter().filter(|test| test.capabilities.len() > 1).map(|test| test.capabilities.as_slice()).collect();
    assert_eq!(
        shared,
        [
            ["objectstore-account-list", "objectstore-info-request"],
            ["objectstore-dlo-support", "objectstore-object-create"],
        ]
    );
}

#[test]
fn scores_are_those_of_the_published_achievements() {
    let guideline = guideline("openstack-powered/2020.06");
    let score = |name: &str| guideline.score(&guideline.capabilities[name]);
    assert_eq!(score("compute-servers-create"), 100);
    assert_eq!(score("compute-list-api-versions"), 67);
    assert_eq!(score("identity-v3-tokens-delete"), 0, "its only published achievement has no name");
}

/// Holds off a test that was lost on the way from the published list, and a reconstructed part that is not marked.
#[test]
fn the_guideline_2022_11_is_complete() {
    let guideline = guideline("openstack-powered/2022.11");
    assert_eq!(tests(&guideline), 337);
    assert_eq!(flagged(&guideline), 9);
    let required = guideline.tests_of(guideline.target("platform").unwrap()).unwrap();
    assert_eq!(required.len(), 337);
    assert_eq!(required.iter().filter(|test| test.flag.is_none()).count(), 328);
    let storage = guideline.tests_of(guideline.target("storage").unwrap()).unwrap();
    assert_eq!(storage.len(), 63, "61 of object storage and 2 of identity");
    let reconstructed: usize = guideline
        .capabilities
        .values()
        .filter(|capability| capability.origin == Origin::Reconstructed)
        .map(|capability| capability.tests.len())
        .sum();
    assert_eq!(reconstructed, 58);
    assert!(guideline.provenance.is_some());
}

#[test]
fn a_published_capability_of_2022_11_gained_no_test() {
    let before = guideline("openstack-powered/2020.06");
    for (name, capability) in &guideline("openstack-powered/2022.11").capabilities {
        if capability.origin == Origin::Published {
            let tests = &before.capabilities[name].tests;
            assert!(capability.tests.iter().all(|test| tests.iter().any(|old| old.uuid == test.uuid)), "{name}");
        } else {
            assert!(!before.capabilities.contains_key(name), "{name}");
        }
    }
}

/// Holds off a guideline, or a capability, test or flag of one, that is lost: what was counted in the published files.
#[test]
fn every_published_guideline_is_complete() {
    // The id; its capabilities, tests by name and flagged tests; and what its first target requires and has flagged of
    // that.
    let counted = [
        ("openstack-powered/2015.03", (15, 127, 9), (127, 9)),
        ("openstack-powered/2015.04", (15, 127, 51), (127, 51)),
        ("openstack-powered/2015.05", (16, 128, 33), (128, 33)),
        ("openstack-powered/2015.07", (46, 129, 31), (129, 31)),
        ("openstack-powered/2016.01", (74, 306, 51), (124, 28)),
        ("openstack-powered/2016.08", (78, 306, 49), (228, 17)),
        ("openstack-powered/2017.01", (98, 319, 46), (261, 32)),
        ("openstack-powered/2017.09", (88, 288, 37), (259, 29)),
        ("openstack-powered/2018.02", (91, 293, 16), (282, 16)),
        ("openstack-powered/2018.11", (93, 291, 15), (281, 11)),
        ("openstack-powered/2019.06", (93, 291, 15), (284, 11)),
        ("openstack-powered/2019.11", (79, 287, 11), (284, 11)),
        ("openstack-powered/2020.06", (79, 287, 11), (284, 11)),
        ("openstack-powered/next", (79, 287, 11), (281, 11)),
        ("openstack-dns/2018.02", (2, 10, 0), (241, 16)),
        ("openstack-dns/2018.11", (2, 10, 0), (235, 11)),
        ("openstack-dns/2019.06", (2, 10, 0), (238, 11)),
        ("openstack-dns/2019.11", (2, 10, 0), (238, 11)),
        ("openstack-dns/2020.06", (2, 10, 0), (238, 11)),
        ("openstack-dns/next", (2, 10, 0), (225, 11)),
        ("openstack-orchestration/2018.02", (23, 60, 0), (270, 16)),
        ("openstack-orchestration/2018.11", (23, 60, 0), (285, 11)),
        ("openstack-orchestration/2019.06", (23, 60, 0), (288, 11)),
        ("openstack-orchestration/2019.11", (23, 60, 0), (288, 11)),
        ("openstack-orchestration/2020.06", (23, 60, 0), (288, 11)),
        ("openstack-orchestration/next", (18, 24, 0), (225, 11)),
        ("openstack-nfv/next", (6, 34, 0), (208, 13)),
    ];
    let published = |id: &&str| id.starts_with("openstack-") && *id != "openstack-powered/2022.11";
    let catalogue = Catalogue::embedded();
    assert_eq!(catalogue.ids().filter(published).count(), counted.len());
    let mut wrong = Vec::new();
    for (id, whole, first) in counted {
        let guideline = guideline(id);
        let target = guideline.targets.values().next().unwrap();
        let required = guideline.tests_of(target).unwrap();
        let required: Vec<_> = required.iter().filter(|test| test.state == State::Required).collect();
        let excused = required.iter().filter(|test| test.flag.is_some()).count();
        let found =
            (id, (guideline.capabilities.len(), tests(&guideline), flagged(&guideline)), (required.len(), excused));
        if found != (id, whole, first) {
            wrong.push(found);
        }
        assert!(guideline.published.is_some(), "{id}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Holds off an add-on that is met without the platform it adds to.
#[test]
fn an_add_on_asks_for_the_component_of_its_platform() {
    let guideline = guideline("openstack-dns/2020.06");
    let target = guideline.target("dns").unwrap();
    let capabilities = guideline.capabilities_of(target).unwrap();
    let of = |id: &str| capabilities.iter().filter(|listed| listed.guideline.id == id).count();
    assert_eq!((of("openstack-dns/2020.06"), of("openstack-powered/2020.06")), (2, 60));
    let platform = Catalogue::embedded().get("openstack-powered/2020.06", DAY).unwrap().guideline;
    let names = |guideline: &Guideline, target: &str| -> BTreeSet<String> {
        let tests = guideline.tests_of(guideline.target(target).unwrap()).unwrap();
        tests.iter().map(|test| test.test.name.clone()).collect()
    };
    assert!(names(&guideline, "dns").is_superset(&names(&platform, "compute")));
    assert_eq!(guideline.every_test().count(), 10 + 289);
}

/// Holds off a component of another guideline that is passed over where it cannot be had.
#[test]
fn what_an_add_on_refers_to_and_cannot_be_had_is_said() {
    let why = |guideline: &Guideline| {
        let target = guideline.target("dns").unwrap();
        let (one, other) = (guideline.capabilities_of(target).unwrap_err(), guideline.tests_of(target).unwrap_err());
        assert_eq!(one, other);
        one.to_string()
    };
    let alone = assay_guidelines::read(room().join("openstack-dns/2020.06.yaml")).unwrap().guideline;
    let said = why(&alone);
    let begin = "openstack-dns/2020.06 requires the component `os_powered_compute` of openstack-powered/2020.06, and ";
    assert!(said.starts_with(&format!("{begin}nothing looked for it")), "{said}");

    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("openstack-dns")).unwrap();
    let text = fs::read_to_string(room().join("openstack-dns/2020.06.yaml")).unwrap();
    let from = |text: &str| {
        fs::write(folder.path().join("openstack-dns/2020.06.yaml"), text).unwrap();
        let mut catalogue = Catalogue::default();
        catalogue.add_dir(folder.path()).unwrap();
        why(&catalogue.get("openstack-dns/2020.06", DAY).unwrap().guideline)
    };
    let said = from(&text);
    assert!(said.starts_with(&format!("{begin}that guideline cannot be had: no guideline has this id")), "{said}");

    let mut other = text.replace("component: os_powered_compute", "component: os_powered_network");
    fs::write(folder.path().join("openstack-dns/2020.06.yaml"), &other).unwrap();
    let mut catalogue = Catalogue::embedded();
    catalogue.add_dir(folder.path()).unwrap();
    let said = why(&catalogue.get("openstack-dns/2020.06", DAY).unwrap().guideline);
    assert!(said.ends_with("no such component; it has `os_powered_compute`, `os_powered_storage`"), "{said}");

    // A capability of the add-on must not stand in for one of the platform.
    other = text.replace("dns-zone-crud", "compute-flavors-list");
    fs::write(folder.path().join("openstack-dns/2020.06.yaml"), &other).unwrap();
    let said = why(&catalogue.get("openstack-dns/2020.06", DAY).unwrap().guideline);
    assert!(said.contains("both have a capability `compute-flavors-list`"), "{said}");
}

/// Holds off a test that is excused in one capability and so need not pass for another.
#[test]
fn a_test_that_is_flagged_in_one_capability_only_is_not_excused() {
    let flag = "        flag: {date: 2017-01-01, reason: None., action: None.}\n";
    let one = "      - name: b.images.one\n        uuid: 3731d080-d4c5-4872-b41a-64d0d0021314\n";
    let good = include_str!("../good.yaml").replace("targets:\n", "published: {schema: \"1.6\"}\ntargets:\n");
    let excused = |first: bool, second: bool, state: &str| {
        let flagged = |is: bool| format!("{one}{}", if is { flag } else { "" });
        let text = good.replace(one, &flagged(second));
        let text = text
            .replace("    tests:\n      - name: a.fl", &format!("    tests:\n{}      - name: a.fl", flagged(first)));
        let lists = format!("      required:\n        - flavors-list\n      {state}:\n        - images-list\n");
        let text = text.replace("      required:\n        - flavors-list\n        - images-list\n", &lists);
        let guideline = assay_guidelines::parse("small.yaml", &text).unwrap();
        let tests = guideline.tests_of(guideline.target("compute").unwrap()).unwrap();
        let test = tests.into_iter().find(|test| test.test.name == "b.images.one").unwrap();
        assert_eq!((test.capabilities.len(), test.state), (2, State::Required));
        test.flag.is_some()
    };
    assert!(excused(true, true, "advisory"));
    assert!(excused(true, false, "advisory"), "what is only advised asks for nothing");
    assert!(!excused(false, true, "advisory"));
    let both = good.replace("    tests:\n      - name: a.fl", &format!("    tests:\n{one}      - name: a.fl"));
    for text in [both.replacen(one, &format!("{one}{flag}"), 1), {
        let at = both.rfind(one).unwrap();
        format!("{}{one}{flag}{}", &both[..at], &both[at + one.len()..])
    }] {
        let guideline = assay_guidelines::parse("small.yaml", &text).unwrap();
        let tests = guideline.tests_of(guideline.target("compute").unwrap()).unwrap();
        let test = tests.iter().find(|test| test.test.name == "b.images.one").unwrap();
        assert!(test.flag.is_none(), "flagged in one of two that are required");
    }
}

/// Holds off a test of SCS-0128-v1 that was lost, added or given another UUID on the way from the published list.
#[test]
fn the_guideline_scs_0128_v1_is_complete() {
    let guideline = guideline("scs/0128-v1");
    let target = guideline.target("iaas").unwrap();
    let required = guideline.tests_of(target).unwrap();
    assert_eq!((guideline.capabilities_of(target).unwrap().len(), required.len()), (64, 258));
    assert_eq!(tests(&guideline), 258);
    assert!(required.iter().all(|test| test.state == State::Required && test.capabilities.len() == 1));
    let line = |name: &str, uuid: Option<&str>| format!("{name} {}\n", uuid.unwrap());
    let lines: BTreeSet<_> = required.iter().map(|test| line(&test.test.name, test.test.uuid.as_deref())).collect();
    let digest = Sha256::digest(lines.into_iter().collect::<String>());
    let digest = base16ct::lower::encode_string(&digest);
    // Of the published list: name, space and bare UUID in each line, the lines sorted.
    assert_eq!(digest, "a419e032e4eb5654371eb4603a4542c03250fca642c372b8512ee68502aeaed5");
    assert_eq!(guideline.rule, Rule::NoFailures);
    assert_eq!((guideline.status, guideline.approved), (Status::Draft, None));
    assert_eq!(flagged(&guideline), 0, "SCS publishes no flags");
    assert!(guideline.scoring.is_none() && guideline.designated_sections.is_empty());
}

/// Holds off a test of SCS-0128-v1 that stands in another capability than OpenStack has it in.
#[test]
fn the_capabilities_of_scs_0128_v1_are_those_of_2022_11() {
    let openstack = guideline("openstack-powered/2022.11");
    let scs = guideline("scs/0128-v1");
    for (name, capability) in &scs.capabilities {
        let theirs = &openstack.capabilities[name];
        assert_eq!((capability.origin, &capability.project), (theirs.origin, &theirs.project), "{name}");
        for test in &capability.tests {
            let same = |other: &&assay_guidelines::model::Test| other.name == test.name && other.uuid == test.uuid;
            let other = theirs.tests.iter().find(same).unwrap_or_else(|| panic!("{} in {name}", test.name));
            assert_eq!(test.aliases, other.aliases, "{}", test.name);
        }
    }
    let reconstructed = scs.capabilities.values().filter(|capability| capability.origin == Origin::Reconstructed);
    assert_eq!(reconstructed.map(|capability| capability.tests.len()).sum::<usize>(), 51);
    let kept: HashSet<_> =
        scs.tests_of(scs.target("iaas").unwrap()).unwrap().into_iter().map(|test| test.test.uuid.clone()).collect();
    let compute = openstack.tests_of(openstack.target("compute").unwrap()).unwrap();
    let left_out: Vec<_> = compute.iter().filter(|test| !kept.contains(&test.test.uuid)).collect();
    assert_eq!((compute.len(), left_out.len()), (276, 18));
    let still_flagged = compute.iter().filter(|test| test.flag.is_some() && kept.contains(&test.test.uuid)).count();
    assert_eq!(still_flagged, 9, "flagged for OpenStack, and not for SCS");
}

#[test]
fn a_draft_is_used_by_its_id_and_is_no_latest() {
    let latest = Catalogue::embedded().get("metal/latest", DAY).unwrap_err().to_string();
    assert_eq!(latest, "no guideline of the family `metal` was approved by 2026-01-01; it has `metal/2026.11`");
    let latest = |family: &str| Catalogue::embedded().get(&format!("{family}/latest"), DAY).unwrap().guideline.id;
    assert_eq!(latest("openstack-powered"), "openstack-powered/2022.11");
    assert_eq!(latest("openstack-dns"), "openstack-dns/2020.06");
    assert_eq!(latest("scs"), "scs/iaas-v5.1", "and neither scs/0128-v1 nor scs/iaas-next");
    assert_eq!(latest("openstack-orchestration"), "openstack-orchestration/2020.06");
    assert_eq!(guideline("openstack-powered/next").status, Status::Draft);
}

/// Holds off a superseded guideline that is the latest for want of the one that superseded it.
#[test]
fn a_superseded_guideline_is_the_latest_only_before_a_later_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("openstack-powered")).unwrap();
    let copy = |version: &str| {
        let name = format!("openstack-powered/{version}.yaml");
        fs::copy(room().join(&name), folder.path().join(&name)).unwrap();
    };
    let latest = |year| {
        let mut catalogue = Catalogue::default();
        catalogue.add_dir(folder.path()).unwrap();
        let day = NaiveDate::from_ymd_opt(year, 6, 1).unwrap();
        catalogue.get("openstack-powered/latest", day).map(|loaded| loaded.guideline.id).ok()
    };
    copy("2017.09");
    assert_eq!((latest(2018), latest(2026)), (None, None));
    copy("2019.06");
    fs::write(folder.path().join("openstack-powered/family.yaml"), "name: no guideline\n").unwrap();
    assert_eq!(latest(2018).as_deref(), Some("openstack-powered/2017.09"));
    assert_eq!(latest(2026).as_deref(), Some("openstack-powered/2019.06"));
}

/// Holds off a rule that changes what the guidelines of OpenStack ask for.
#[test]
fn the_guidelines_of_openstack_ask_that_all_pass() {
    for id in Catalogue::embedded().ids().filter(|id| id.starts_with("openstack-")) {
        assert_eq!(guideline(id).rule, Rule::AllRequiredPass, "{id}");
    }
}

#[test]
fn latest_goes_by_the_day() {
    let catalogue = Catalogue::embedded();
    let on = |year, month, day| {
        let day = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        catalogue
            .get("openstack-powered/latest", day)
            .map(|loaded| loaded.guideline.id)
            .map_err(|error| error.to_string())
    };
    assert_eq!(on(2022, 10, 31).as_deref(), Ok("openstack-powered/2020.06"));
    assert_eq!(on(2022, 11, 1).as_deref(), Ok("openstack-powered/2022.11"));
    // Superseded since, and in force on that day.
    assert_eq!(on(2017, 9, 9).as_deref(), Ok("openstack-powered/2017.01"));
    assert_eq!(on(2017, 9, 10).as_deref(), Ok("openstack-powered/2017.09"));
    let none = on(2015, 2, 28).unwrap_err();
    assert!(
        none.starts_with("no guideline of the family `openstack-powered` was approved by 2015-02-28; it has `"),
        "{none}"
    );
    assert!(none.contains("`openstack-powered/2020.06`"), "{none}");
}

/// Holds off a published file that the loader refuses.
#[test]
fn every_embedded_guideline_can_be_read() {
    let catalogue = Catalogue::embedded();
    for id in catalogue.ids() {
        assert_eq!(guideline(id).id, id);
    }
}

#[test]
fn a_loaded_guideline_carries_the_digest_of_its_bytes() {
    let loaded = Catalogue::embedded().get("openstack-powered/2020.06", DAY).unwrap();
    let from_disk = assay_guidelines::read(room().join("openstack-powered/2020.06.yaml")).unwrap();
    assert_eq!(loaded.sha256, from_disk.sha256);
    assert_eq!(loaded.sha256.len(), 64);
    assert_eq!(loaded.source.to_string(), "embedded");
}

fn room() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Holds off a checked-in schema that no longer is that of the model; `UPDATE_SCHEMA=1` writes it anew.
#[test]
fn the_checked_in_schema_is_current() {
    for (file, text) in [("guideline.schema.json", schema::schema()), ("family.schema.json", schema::family())] {
        let path = room().join(file);
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let checked_in = fs::read_to_string(&path).unwrap();
        assert!(checked_in == text, "{file} is not current: run the tests with UPDATE_SCHEMA=1");
    }
}

#[test]
fn the_schema_accepts_the_files_and_refuses_a_misspelt_key() {
    let schema: serde_json::Value = serde_json::from_str(&schema::schema()).unwrap();
    let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    let mut files = 0;
    for id in Catalogue::embedded().ids() {
        files += 1;
        let path = room().join(format!("{id}.yaml"));
        let text = fs::read_to_string(&path).unwrap();
        let value: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        if let Err(error) = validator.validate(&value) {
            panic!("{}: {error} at {}", path.display(), error.instance_path());
        }
        assert!(
            text.starts_with("# yaml-language-server: $schema=../guideline.schema.json\n"),
            "an editor finds the schema by the first line of {}",
            path.display()
        );
    }
    assert!(files >= 2);
    let text = fs::read_to_string(room().join("openstack-powered/2020.06.yaml")).unwrap();
    for (right, wrong) in [
        ("\ntitle:", "\ntitel:"),
        ("    summary:", "    sumary:"),
        ("        uuid:", "        uid:"),
        ("uuid: ", "uuid: id-"),
        ("          reason:", "          reasons:"),
        ("status: approved", "status: aproved"),
        ("status: approved", "rule: no-failure\nstatus: approved"),
        ("code: D401", "code: \"[D401]\""),
    ] {
        assert!(text.contains(right), "{right}");
        let value: serde_json::Value = serde_yaml::from_str(&text.replacen(right, wrong, 1)).unwrap();
        assert!(!validator.is_valid(&value), "{wrong} is accepted");
    }
}

/// Holds off a required capability of a machine that no profile asks for, and a test that two interfaces share by mistake.
#[test]
fn the_guideline_of_bare_metal_stands_on_published_profiles() {
    let guideline = guideline("metal/2026.11");
    let profiles = [
        "OpenStackIronicProfile 1.2.0: ",
        "OCPBaselineHardwareManagement 1.1.0: ",
        "OCPServerHardwareManagement 1.1.0: ",
        "OCPServiceBaseline 1.0.0: ",
    ];
    let published = |source: &String| profiles.iter().any(|profile| source.starts_with(profile));
    for (name, capability) in &guideline.capabilities {
        assert!(!capability.sources.is_empty(), "{name}");
        assert!(capability.sources.iter().all(|source| published(source) || source.starts_with("Assay: ")), "{name}");
        for test in &capability.tests {
            let room = test.name.split('.').next().unwrap();
            let interface = match test.interface {
                Some(Interface::Redfish) => "redfish",
                Some(Interface::Ironic) | None => "baremetal",
            };
            assert_eq!(room, interface, "{}", test.name);
        }
        for (interface, operations) in capability.operations.lists() {
            let tested = capability.tests.iter().any(|test| test.interface == Some(interface));
            assert_eq!(operations.is_empty(), !tested, "{name} through {}", interface.name());
        }
    }
    for component in ["redfish-for-ironic", "redfish-for-operators"] {
        for name in &guideline.components[component].capabilities.required {
            assert!(guideline.capabilities[name].sources.iter().any(published), "{component} requires {name}");
        }
    }
    let asked = |target: &str| {
        let tests = guideline.tests_of(guideline.target(target).unwrap()).unwrap();
        (tests.len(), tests.iter().filter(|test| test.state == State::Required).count())
    };
    assert_eq!(asked("ironic"), (72, 42));
    assert_eq!(asked("redfish-server"), (58, 41));
    assert_eq!(asked("managed-metal"), (122, 69));
}
