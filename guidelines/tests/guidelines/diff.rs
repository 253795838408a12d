//! Each kind of change between two guidelines is told, and nothing else is.

use assay_guidelines::census::Census;
use assay_guidelines::diff::{Area, Change, Diff, Kind};
use assay_guidelines::model::{Flag, State};
use assay_guidelines::{Catalogue, Guideline, parse};

const OLD: &str = r"
schema: assay.guideline/1
id: small/1
title: Small
status: approved
approved: 2020-01-01
scoring:
  cutoff: 10
  criteria:
    tools: {title: Tools, weight: 6, summary: Tools use it.}
    stable: {title: Stable, weight: 4, summary: It stays.}
targets:
  compute: {title: Compute, summary: Servers., components: [compute]}
components:
  compute:
    capabilities: {required: [servers-list], advisory: [servers-lock]}
    designated_sections: {required: [nova]}
designated_sections:
  nova: {guidance: All but drivers.}
capabilities:
  servers-list:
    project: nova
    summary: List servers.
    achievements: [tools, stable]
    tests:
      - {name: t.list, uuid: 00000000-0000-0000-0000-000000000001}
      - {name: t.detail, uuid: 00000000-0000-0000-0000-000000000002}
  servers-lock:
    project: nova
    summary: Lock servers.
    tests:
      - {name: t.lock, uuid: 00000000-0000-0000-0000-000000000003}
";

fn guideline() -> Guideline {
    parse("old.yaml", OLD).unwrap()
}

fn changed(change: impl FnOnce(&mut Guideline)) -> Vec<Change> {
    let (old, mut new) = (guideline(), guideline());
    change(&mut new);
    Diff::between(&old, &new).changes
}

/// Area, kind, subject, fact, before and after of each change.
fn told(changes: &[Change]) -> Vec<(Area, Kind, &str, &str, &str, &str)> {
    let text = |value: &'_ Option<String>| value.as_deref().unwrap_or("-").to_owned().leak() as &str;
    let row = |c: &'_ Change| {
        let subject: &str = c.subject.clone().leak();
        (c.area, c.kind, subject, text(&c.fact), text(&c.before), text(&c.after))
    };
    changes.iter().map(row).collect()
}

fn flag() -> Flag {
    let (reason, action) = ("A bug.".to_owned(), "Lift it.".to_owned());
    Flag { code: Some("D403".into()), date: None, reason, action, link: None, expires: None, published_as: None }
}

#[test]
fn nothing_is_told_of_what_stays() {
    assert!(changed(|_| {}).is_empty());
}

#[test]
fn a_state_changes_for_the_capability_and_its_tests() {
    let changes = changed(|new| {
        let states = &mut new.components["compute"].capabilities;
        states.required.append(&mut states.advisory);
    });
    assert_eq!(
        told(&changes),
        [
            (Area::Capability, Kind::Changed, "servers-lock", "state", "advisory", "required"),
            (Area::Test, Kind::Changed, "t.lock", "state", "advisory", "required"),
        ]
    );
    assert_eq!(changes[0].within.as_deref(), Some("compute"));
}

#[test]
fn a_capability_goes_with_its_tests() {
    let changes = changed(|new| {
        new.components["compute"].capabilities.advisory.clear();
        new.capabilities.shift_remove("servers-lock");
    });
    assert_eq!(
        told(&changes),
        [
            (Area::Capability, Kind::Removed, "servers-lock", "state", "advisory", "-"),
            (Area::Test, Kind::Removed, "t.lock", "state", "advisory", "-"),
        ]
    );
}

#[test]
fn a_capability_comes_without_a_component_too() {
    let changes = changed(|new| {
        let capability = new.capabilities["servers-lock"].clone();
        new.capabilities
            .insert("servers-new".into(), assay_guidelines::model::Capability { tests: vec![], ..capability });
    });
    assert_eq!(told(&changes), [(Area::Capability, Kind::Added, "servers-new", "state", "-", "-")]);
}

#[test]
fn a_test_with_the_same_uuid_is_renamed() {
    let changes = changed(|new| new.capabilities["servers-list"].tests[0].name = "t.list_servers".into());
    assert_eq!(told(&changes), [(Area::Test, Kind::Renamed, "t.list_servers", "-", "t.list", "t.list_servers")]);
}

#[test]
fn a_uuid_of_two_tests_renames_neither() {
    let (mut old, mut new) = (guideline(), guideline());
    let shared = old.capabilities["servers-list"].tests[0].uuid.clone();
    for (guideline, suffix) in [(&mut old, ""), (&mut new, ".new")] {
        for test in &mut guideline.capabilities["servers-list"].tests {
            test.uuid.clone_from(&shared);
            test.name.push_str(suffix);
        }
    }
    let kinds: Vec<_> = Diff::between(&old, &new).changes.iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [Kind::Added, Kind::Added, Kind::Removed, Kind::Removed]);
}

#[test]
fn an_alias_tells_a_renamed_test_whose_uuid_changed() {
    let changes = changed(|new| {
        let test = &mut new.capabilities["servers-list"].tests[0];
        test.name = "t.new".into();
        test.uuid = Some("00000000-0000-0000-0000-000000000009".into());
        test.aliases.push("t.list".into());
    });
    let facts: Vec<_> = changes.iter().map(|change| (change.kind, change.fact.as_deref())).collect();
    assert_eq!(facts, [(Kind::Renamed, None), (Kind::Changed, Some("uuid")), (Kind::Changed, Some("aliases"))]);
}

#[test]
fn a_flag_is_set_lifted_and_changed() {
    let (plain, mut flagged) = (guideline(), guideline());
    flagged.capabilities["servers-list"].tests[1].flag = Some(flag());
    let set = Diff::between(&plain, &flagged).changes;
    assert_eq!(told(&set), [(Area::Flag, Kind::Added, "t.detail", "-", "-", "D403")]);
    assert_eq!(set[0].note.as_deref(), Some("A bug."));
    let lifted = Diff::between(&flagged, &plain).changes;
    assert_eq!(told(&lifted), [(Area::Flag, Kind::Removed, "t.detail", "-", "D403", "-")]);
    let mut other = flagged.clone();
    other.capabilities["servers-list"].tests[1].flag = Some(Flag { code: Some("D404".into()), ..flag() });
    let changed = Diff::between(&flagged, &other).changes;
    assert_eq!(told(&changed), [(Area::Flag, Kind::Changed, "t.detail", "code", "D403", "D404")]);
}

#[test]
fn a_flag_goes_with_its_test() {
    let (mut old, mut new) = (guideline(), guideline());
    old.capabilities["servers-list"].tests[1].flag = Some(flag());
    new.capabilities["servers-list"].tests.pop();
    let areas: Vec<_> = Diff::between(&old, &new).changes.iter().map(|change| (change.area, change.kind)).collect();
    assert_eq!(areas, [(Area::Test, Kind::Removed), (Area::Flag, Kind::Removed)]);
}

#[test]
fn a_weight_changes_scores_and_what_reaches_the_cutoff() {
    let changes = changed(|new| new.scoring.as_mut().unwrap().criteria["tools"].weight = 5);
    assert_eq!(
        told(&changes),
        [
            (Area::Score, Kind::Changed, "servers-list", "score", "10", "9"),
            (Area::Score, Kind::Changed, "servers-list", "reaches the cutoff", "yes", "no"),
            (Area::Criterion, Kind::Changed, "tools", "weight", "6", "5"),
        ]
    );
}

#[test]
fn a_cutoff_tells_who_reaches_it_though_no_score_changes() {
    let changes = changed(|new| new.scoring.as_mut().unwrap().cutoff = Some(11));
    assert_eq!(
        told(&changes),
        [
            (Area::Score, Kind::Changed, "servers-list", "reaches the cutoff", "yes", "no"),
            (Area::Criterion, Kind::Changed, "scoring", "cutoff", "10", "11"),
        ]
    );
}

#[test]
fn designated_sections_change_state_and_words() {
    let changes = changed(|new| {
        let states = &mut new.components["compute"].designated_sections;
        states.advisory.append(&mut states.required);
        new.designated_sections["nova"].guidance = "All of it.".into();
    });
    assert_eq!(
        told(&changes),
        [
            (Area::DesignatedSection, Kind::Changed, "nova", "guidance", "All but drivers.", "All of it."),
            (Area::DesignatedSection, Kind::Changed, "nova", "state", "required", "advisory"),
        ]
    );
}

#[test]
fn a_renamed_component_does_not_change_its_capabilities() {
    let changes = changed(|new| {
        let component = new.components.shift_remove("compute").unwrap();
        new.components.insert("os_compute".into(), component);
        new.targets["compute"].components = vec!["os_compute".into()];
    });
    let areas: Vec<_> = changes.iter().map(|change| (change.area, change.kind)).collect();
    assert_eq!(
        areas,
        [(Area::Target, Kind::Changed), (Area::Component, Kind::Added), (Area::Component, Kind::Removed)]
    );
}

#[test]
fn the_census_counts_a_test_of_two_capabilities_once_and_a_flag_in_one_of_them_not() {
    let mut guideline = guideline();
    guideline.components["compute"].capabilities.required.push("servers-lock".into());
    let mut shared = guideline.capabilities["servers-list"].tests[0].clone();
    shared.flag = Some(flag());
    guideline.capabilities["servers-lock"].tests.push(shared);
    assert_eq!(guideline.state_of("servers-lock"), Some(State::Required));
    let census = Census::of(&guideline);
    assert_eq!((census.capabilities, census.tests, census.flagged), (2, 3, 0));
}

#[test]
fn the_published_series_is_counted_as_published() {
    let catalogue = Catalogue::embedded();
    let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    for (id, flagged, tests) in [("openstack-powered/2015.04", 51, 127), ("openstack-powered/2020.06", 11, 284)] {
        let census = Census::of(&catalogue.get(id, day).unwrap().guideline);
        assert_eq!((census.flagged, census.tests), (flagged, tests), "{id}");
    }
}
