//! Import and export: what was published is read as it is, and what was exported is read back the same.

use assay_guidelines::export::export;
use assay_guidelines::import::{Imported, Kind, import};
use assay_guidelines::model::{State, Status, TargetKind};
use assay_guidelines::{Catalogue, Errors, parse};
use chrono::NaiveDate;
use proptest::prelude::*;

const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day of the calendar");

/// A small file of schema 1.2, with everything that is odd about that time.
const OLD: &str = include_str!("../published-1.2.json");
/// The same of schema 2.0: an add-on with misspelt keys and names.
const NEW: &str = include_str!("../published-2.0.json");

fn imported(stem: &str, text: &str) -> Imported {
    import(&format!("{stem}.json"), stem, text).unwrap_or_else(|errors| panic!("{errors}"))
}

fn refused(text: &str) -> Errors {
    import("wrong.json", "wrong", text).expect_err("it should be refused")
}

/// The kinds and paths of the repairs.
fn repairs(imported: &Imported) -> Vec<(Kind, &str)> {
    imported.repairs.iter().map(|repair| (repair.kind, repair.path.as_str())).collect()
}

/// Holds off a fact that the format of an export has no place for, and that is lost in it.
#[test]
fn every_shipped_guideline_survives_export_and_import() {
    let catalogue = Catalogue::embedded();
    for id in catalogue.ids() {
        let guideline = catalogue.get(id, DAY).unwrap().guideline;
        let text = export(&guideline).unwrap();
        // The name contradicts the id: what an export says of itself holds.
        let back = imported("2015.03", &text);
        assert_eq!(back.guideline, guideline, "{id}");
        assert_eq!(export(&back.guideline).unwrap(), text, "{id}");
        assert_eq!(parse(id, &back.yaml()).unwrap(), guideline, "{id}");
        // What the published file lacked or called by another name is said again, and nothing else.
        let lost = |kind| !matches!(kind, Kind::NoUuid | Kind::BareFlag | Kind::Undefined | Kind::OtherName);
        let lost: Vec<_> = back.repairs.iter().filter(|repair| lost(repair.kind)).collect();
        assert!(lost.is_empty(), "{id}: {lost:#?}");
    }
}

/// Holds off an export that RefStack's client cannot read: it asks for these keys, in this shape.
#[test]
fn an_export_has_the_shape_that_was_published() {
    let guideline = Catalogue::embedded().get("openstack-powered/2020.06", DAY).unwrap().guideline;
    let file: serde_json::Value = serde_json::from_str(&export(&guideline).unwrap()).unwrap();
    let keys: Vec<_> = file.as_object().unwrap().keys().collect();
    let published = ["metadata", "platforms", "components", "capabilities", "designated_sections", "test_repositories"];
    assert_eq!(keys, published);
    assert_eq!(file["metadata"]["id"], "2020.06");
    assert_eq!(file["metadata"]["schema"], "2.0");
    assert_eq!(file["metadata"]["scoring"]["criteria"]["atomic"]["weight"], 6);
    assert_eq!(file["metadata"]["os_trademark_approval"]["replaces"], "2019.11");
    assert_eq!(
        file["platforms"]["OpenStack Powered Storage"]["components"],
        serde_json::json!([{"name": "os_powered_storage"}])
    );
    let component = &file["components"]["os_powered_compute"];
    assert_eq!(component["capabilities"]["required"].as_array().unwrap().len(), 60);
    assert_eq!(component["capabilities"]["removed"], serde_json::json!([]));
    assert_eq!(component["designated_sections"]["required"][0], "cinder");
    let tests = &file["capabilities"]["compute-servers-list"]["tests"];
    let flagged = &tests["tempest.api.compute.servers.test_list_server_filters.ListServerFiltersTestJSON.test_list_servers_filtered_by_ip"];
    assert_eq!(flagged["idempotent_id"], "id-43a1242e-7b31-48d1-88f2-3f72aa9f2077");
    assert!(flagged["flagged"]["reason"].as_str().unwrap().starts_with("[D401] "));
    assert_eq!(flagged["flagged"]["date"], "2016-06-13");
    assert_eq!(file["designated_sections"]["nova"]["required"]["sections"]["compute driver"]["designated"], false);
}

/// Holds off an add-on whose component of another guideline an export makes its own.
#[test]
fn an_exported_add_on_refers_to_its_platform_as_the_published_one_does() {
    let guideline = Catalogue::embedded().get("openstack-dns/2020.06", DAY).unwrap().guideline;
    let file: serde_json::Value = serde_json::from_str(&export(&guideline).unwrap()).unwrap();
    let required = serde_json::json!([{
        "name": "os_powered_compute",
        "source": "http://opendev.org/openstack/interop/2020.06.json",
    }]);
    assert_eq!(file["add-ons"]["DNS"]["required_platform_components"], required);
    assert_eq!(file["metadata"]["id"], "dns.2020.06");
}

/// Holds off an oddity of the first files that is dropped, or repaired without a word.
#[test]
fn a_file_of_schema_1_2_is_read_as_it_is() {
    let read = imported("2015.04", OLD);
    let guideline = &read.guideline;
    assert_eq!(guideline.id, "openstack-powered/2015.04");
    assert_eq!((guideline.status, guideline.approved), (Status::Superseded, NaiveDate::from_ymd_opt(2015, 4, 1)));
    assert_eq!(guideline.replaces.as_deref(), Some("openstack-powered/2015.03"));
    assert_eq!(guideline.scoring.as_ref().unwrap().cutoff, Some(74), "a number in quotation marks");
    let targets: Vec<_> = guideline.targets.iter().map(|(name, of)| (name.as_str(), of.components.len())).collect();
    assert_eq!(targets, [("platform", 2), ("compute", 1), ("storage", 1)]);
    let images = &guideline.capabilities["images"];
    assert_eq!((images.tests.len(), images.guidelines.len(), images.state), (2, 2, None));
    let flag = images.tests[1].flag.as_ref().unwrap();
    assert_eq!((flag.code.as_deref(), flag.date, images.tests[1].uuid.as_deref()), (None, None, None));
    let gone = &guideline.capabilities["gone"];
    assert_eq!((gone.title.as_deref(), gone.state), (Some("Gone Long Since"), Some(State::Removed)));
    assert!(gone.unlisted.is_some() && gone.untested.is_some() && gone.admin);
    let keystone = &guideline.designated_sections["keystone"];
    assert_eq!(keystone.guidance, "To be named. Soon", "the comment is kept with the guidance");
    let nova = &guideline.designated_sections["nova"].sections;
    assert_eq!((nova["a"].summary.as_deref(), nova["b"].summary.as_deref()), (None, Some("A driver; replaceable")));
    assert_eq!(
        repairs(&read),
        [
            (Kind::ApprovalDay, "$.status"),
            (Kind::OtherType, "$.cutoff_score"),
            (Kind::Targets, "$.platform"),
            (Kind::LeftOut, "$.components.compute.advisory[0]"),
            (Kind::BareFlag, "$.capabilities.images.flagged"),
            (Kind::LeftOut, "$.capabilities.images.flagged[1]"),
            (Kind::NoUuid, "$.capabilities.images.tests"),
            (Kind::Untested, "$.capabilities.gone"),
            (Kind::Unlisted, "$.capabilities.gone"),
            (Kind::NoUuid, "$.capabilities.objects.tests"),
        ]
    );
}

/// Holds off a misspelt key, name or id that is passed over, and a flag or attribute that is lost.
#[test]
fn an_add_on_of_schema_2_0_is_read_as_it_is() {
    let read = imported("dns.2018.02", NEW);
    let guideline = &read.guideline;
    assert_eq!(guideline.id, "openstack-dns/2018.02", "by its name, not by the id in it");
    let published = guideline.published.as_ref().unwrap();
    assert_eq!((published.id.as_deref(), published.schema.as_str()), (Some("dns.next"), "2.0"));
    let target = &guideline.targets["dns"];
    assert_eq!((target.kind, target.components.as_slice()), (TargetKind::AddOn, &["os_powered_dns".to_owned()][..]));
    let required = &target.requires[0];
    assert_eq!((required.guideline.as_str(), required.component.as_str()), ("openstack-powered/2017.09", "compute"));
    let zones = &guideline.capabilities["zones"];
    assert_eq!(zones.achievements, ["discover", "doc"]);
    let test = &zones.tests[0];
    assert_eq!(test.uuid.as_deref(), Some("0b6ddd39-b948-471f-8038-4787978747c4"));
    assert_eq!(test.attributes, ["smoke", "network"]);
    let flag = test.flag.as_ref().unwrap();
    assert_eq!((flag.code.as_deref(), flag.reason.as_str()), (Some("D406"), "Gone, see https://example.org/x."));
    assert_eq!(flag.link.as_deref(), Some("https://example.org/x"));
    let second = zones.tests[1].flag.as_ref().unwrap();
    assert_eq!((second.code.as_deref(), second.reason.as_str()), (None, "[D999] No such code."));
    assert_eq!(zones.tests[2].name, "a.zones.twice");
    assert_eq!(zones.tests[2].uuid.as_deref(), Some("22222222-2222-4222-8222-222222222222"), "the last counts");
    let found = repairs(&read);
    let zones = |rest: &str| format!("$.capabilities.zones{rest}");
    let expected = [
        (Kind::IdContradictsFile, "$.metadata.id".to_owned()),
        (Kind::MisspeltKey, "$.metadata.scoring.criteria.discover.wieght".to_owned()),
        (Kind::ApprovalDay, "$.metadata.os_trademark_approval.target_approval".to_owned()),
        (Kind::OtherName, "$[\"add-ons\"].DNS.required_platform_components[0]".to_owned()),
        (Kind::MisspeltKey, zones(".acheivements")),
        (Kind::MisspeltName, zones(".acheivements[0]")),
        (Kind::LeftOut, zones(".acheivements[2]")),
        (Kind::LeftOut, zones(".colour")),
        (Kind::Uuid, zones(".tests[\"a.zones.list\"].idempotent_id")),
        (Kind::Uuid, zones(".tests[\"a.zones.show\"].idempotent_id")),
        (Kind::DuplicateKey, zones(".tests[\"a.zones.twice\"]")),
    ];
    let expected: Vec<_> = expected.iter().map(|(kind, path)| (*kind, path.as_str())).collect();
    assert_eq!(found, expected);
    let twice = read.repairs.iter().find(|repair| repair.kind == Kind::DuplicateKey).unwrap();
    let line = NEW.lines().nth(twice.line - 1).unwrap();
    assert_eq!(line.chars().nth(twice.column - 1), Some('"'));
    assert!(line.trim_start().starts_with("\"a.zones.twice\"") && line.contains("22222222"), "{line}");
}

/// Holds off JSON that only a YAML parser would take, and input that is made to exhaust a reader.
#[test]
fn what_is_no_published_guideline_is_refused_with_its_place() {
    for (text, place, part) in [
        ("", (1, 1), "this is not JSON"),
        ("{\"a\": 1,}", (1, 9), "key must be a string"),
        ("{'a': 1}", (1, 2), "this is not JSON"),
        ("a: 1\n", (1, 1), "this is not JSON"),
        ("[1, 2]", (1, 2), "the file holds a list of 2"),
        ("{\"id\": \"2020.06\"}", (1, 2), "lacks the object `capabilities`"),
        ("{\"id\": \"2020.06\",\n \"schema\": \"3.0\", \"capabilities\": {}, \"components\": {}}", (2, 12), "`3.0`"),
        ("{\"id\": \"a b\", \"schema\": \"2.0\", \"capabilities\": {}, \"components\": {}}", (1, 8), "not an id"),
        ("{\"schema\": \"2.0\", \"capabilities\": {}, \"components\": {}}", (1, 2), "which guideline it is"),
    ] {
        let errors = refused(text);
        let problem = &errors.problems()[0];
        assert_eq!((problem.line, problem.column), place, "{text}: {errors}");
        assert!(problem.message.contains(part), "{text}: {errors}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(refused(&deep).to_string().contains("levels are nested"), "{}", refused(&deep));
    let wide = format!("{{\"a\": [{}1]}}", "1,".repeat(300_000));
    assert!(refused(&wide).to_string().contains("values"));
    let large = format!("\"{}\"", "a".repeat(5 * 1024 * 1024));
    assert!(refused(&large).to_string().contains("larger than 4 MiB"));
}

/// Holds off a file of many faults whose reading takes the square of its size.
#[test]
fn many_faults_are_read_without_guessing_at_each() {
    let names: String = (0..20_000).map(|number| format!("\"no-such-criterion-{number}\",")).collect();
    let text = OLD.replacen("\"achievements\": [", &format!("\"achievements\": [{names}"), 1);
    assert_eq!(imported("2015.04", &text).repairs.len(), 10 + 20_000);
}

#[test]
fn letters_beyond_the_basic_plane_are_read_and_odd_ones_repaired() {
    let text = OLD.replacen("\"Images.\"", "\"Images \\ud83d\\ude00 \\\\ud83d\\u0007.\\n\"", 1);
    let read = imported("2015.04", &text);
    assert_eq!(read.guideline.capabilities["images"].summary, "Images 😀 \\ud83d .");
    assert!(repairs(&read).contains(&(Kind::Text, "$.capabilities.images.description")));
}

/// A value of a type that its key does not take.
fn odd() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "null",
        "true",
        "0",
        "-1",
        "1e400",
        "\"\"",
        "\" \"",
        "\"x\"",
        "[]",
        "[[]]",
        "[null]",
        "[\"x\", \"x\"]",
        "{}",
        "{\"\": {}}",
        "{\"a\": {\"a\": []}}",
        "\"id-,\"",
        "\"\\u0000\"",
        "99999999999",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Holds off a panic on, or a guideline that cannot be loaded from, values of wrong types.
    #[test]
    fn values_of_wrong_types_are_repaired_or_refused(
        old in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), odd()), 1..6),
    ) {
        let mut text = if old { OLD } else { NEW }.to_owned();
        for (at, value) in changes {
            // The value of some key: what stands between a colon and the end of its line.
            let places: Vec<usize> = text.match_indices("\": ").map(|(at, _)| at + 3).collect();
            let start = *at.get(&places);
            let mut stream = serde_json::Deserializer::from_str(&text[start..]).into_iter::<serde_json::Value>();
            if let Some(Ok(_)) = stream.next() {
                let end = start + stream.byte_offset();
                text.replace_range(start..end, value);
            }
        }
        if let Ok(read) = import("odd.json", "odd", &text) {
            let again = import("odd.json", "odd", &export(&read.guideline).unwrap()).unwrap();
            prop_assert_eq!(again.guideline, read.guideline);
        }
    }

    /// Holds off a panic on damaged text.
    #[test]
    fn damaged_text_is_repaired_or_refused(
        old in any::<bool>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..30usize, "[\\[\\]{}\":,\\\\u0-9a \n]{0,6}"), 1..4),
    ) {
        let mut letters: Vec<char> = if old { OLD } else { NEW }.chars().collect();
        for (at, length, new) in cuts {
            let at = at.index(letters.len());
            let end = (at + length).min(letters.len());
            letters.splice(at..end, new.chars());
        }
        let text: String = letters.into_iter().collect();
        if let Err(errors) = import("odd.json", "odd", &text) {
            prop_assert!(!errors.problems().is_empty());
        }
    }
}
