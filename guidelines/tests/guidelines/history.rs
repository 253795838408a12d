//! A capability, a test or a flag is followed through all guidelines of a family.

use assay_guidelines::history::{Series, Subject};
use assay_guidelines::model::{Flag, State};
use assay_guidelines::{Catalogue, Guideline, parse};
use chrono::NaiveDate;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn guideline(version: &str, approved: &str, test: &str, uuid: u8, state: &str) -> Guideline {
    let text = format!(
        r"
schema: assay.guideline/1
id: small/{version}
title: Small
status: approved
approved: {approved}
targets:
  compute: {{title: Compute, summary: Servers., components: [compute]}}
components:
  compute:
    capabilities: {{{state}: [servers-list]}}
capabilities:
  servers-list:
    project: nova
    summary: List servers.
    tests:
      - {{name: {test}, uuid: 00000000-0000-0000-0000-00000000000{uuid}}}
"
    );
    parse("a.yaml", &text).unwrap()
}

/// Renamed by its UUID and then by an alias; flagged in the second and third.
fn series() -> Series {
    let first = guideline("1", "2020-01-01", "t.one", 1, "advisory");
    let mut second = guideline("2", "2020-07-01", "t.two", 1, "required");
    let mut third = guideline("3", "2021-01-01", "t.three", 2, "required");
    let fourth = guideline("4", "2021-07-01", "t.three", 2, "required");
    third.capabilities["servers-list"].tests[0].aliases.push("t.two".into());
    for guideline in [&mut second, &mut third] {
        let (reason, action) = ("A bug.".to_owned(), "Lift it.".to_owned());
        let (code, date) = (Some("D403".into()), Some(day("2020-06-01")));
        let flag = Flag { code, date, reason, action, link: None, expires: None, published_as: None };
        guideline.capabilities["servers-list"].tests[0].flag = Some(flag);
    }
    // The order of date decides, not the one given.
    Series::new("small", vec![fourth, second, first, third])
}

#[test]
fn a_test_is_followed_through_its_names_from_any_of_them() {
    for name in ["t.one", "t.two", "t.three", "id-00000000-0000-0000-0000-000000000002"] {
        let history = series().follow(name, day("2022-01-01")).unwrap();
        assert_eq!(history.kind, Subject::Test);
        let names: Vec<_> = history.guidelines.iter().flat_map(|entry| &entry.tests).collect();
        assert_eq!(names, ["t.one", "t.two", "t.three", "t.three"], "{name}");
    }
}

#[test]
fn states_and_flags_say_since_when_and_how_long() {
    for (name, kind) in [("servers-list", Subject::Capability), ("t.one", Subject::Test)] {
        let history = series().follow(name, day("2022-01-01")).unwrap();
        assert_eq!(history.kind, kind);
        let states: Vec<_> =
            history.states.iter().map(|s| (s.state, s.since.as_str(), s.last.as_str(), s.until.as_deref())).collect();
        assert_eq!(
            states,
            [
                (Some(State::Advisory), "small/1", "small/1", Some("small/2")),
                (Some(State::Required), "small/2", "small/4", None),
            ]
        );
        let [span] = history.flagged.as_slice() else { panic!("{:?}", history.flagged) };
        assert_eq!(
            (span.since.as_str(), span.last.as_str(), span.until.as_deref()),
            ("small/2", "small/3", Some("small/4"))
        );
        // From 1 June 2020 to 1 July 2021.
        assert_eq!(span.days, 395);
    }
}

#[test]
fn a_flag_that_holds_is_counted_to_the_day_asked() {
    let mut only = guideline("1", "2020-07-01", "t.one", 1, "required");
    let (reason, action) = ("A bug.".to_owned(), "Lift it.".to_owned());
    let flag =
        Flag { code: Some("D403".into()), date: None, reason, action, link: None, expires: None, published_as: None };
    only.capabilities["servers-list"].tests[0].flag = Some(flag);
    let history = Series::new("small", vec![only]).follow("D403", day("2020-07-31")).unwrap();
    assert_eq!(history.kind, Subject::Flag);
    let [span] = history.flagged.as_slice() else { panic!("{:?}", history.flagged) };
    assert_eq!((span.until.as_deref(), span.days), (None, 30));
}

#[test]
fn what_is_not_there_is_said_with_what_may_be_meant() {
    let error = series().follow("server-list", day("2022-01-01")).unwrap_err();
    assert_eq!(error.near.as_deref(), Some("servers-list"));
    let error = Series::of(&Catalogue::embedded(), "openstack-powerd", day("2026-01-01")).unwrap_err();
    assert!(error.to_string().contains("did you mean `openstack-powered`?"), "{error}");
}
