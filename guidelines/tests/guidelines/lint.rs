//! Each rule of lint: an input that breaks it, and one that does not.

use std::collections::BTreeSet;

use assay_guidelines::catalogue::{Loaded, Source};
use assay_guidelines::lint::tempest::{Error, TestList};
use assay_guidelines::lint::{MOST, Options, RULES, Report, Rule, Severity, lint};
use assay_guidelines::parse;
use chrono::NaiveDate;

const GOOD: &str = include_str!("../good.yaml");

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The good file, and nothing in it that breaks a rule.
fn clean() -> String {
    GOOD.replace("admin: true", "admin: false")
        .replace("date: 2016-06-13", "date: 2020-05-07")
        .replace("summary: List the images.", "summary: List the images.\n    achievements: [atomic]")
        .replace("openstack-small/", "openstack-powered/")
}

fn load(text: &str) -> Loaded {
    let guideline = parse("small.yaml", text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    let source = Source::Path("small.yaml".into());
    Loaded { guideline, source, sha256: String::new(), text: text.to_owned() }
}

fn report(text: &str, against: Option<&str>, tests: Option<&TestList>) -> Report {
    let against = against.map(load);
    let against = against.as_ref().map(|loaded| &loaded.guideline);
    lint(&load(text), &Options { day: day("2020-06-01"), against, tests }).unwrap()
}

/// The codes of what is found in a file alone.
fn codes(text: &str) -> Vec<&'static str> {
    report(text, None, None).findings.iter().map(|finding| finding.rule.code).collect()
}

/// The codes of what is found in a file that is held against another.
fn step(now: &str, before: &str) -> Vec<&'static str> {
    report(now, Some(before), None).findings.iter().map(|finding| finding.rule.code).collect()
}

fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not there");
    text.replacen(from, to, 1)
}

/// The guideline before the good one.
fn before() -> String {
    changed(&clean(), "/2020.06", "/2019.11")
}

const LISTS: &str = "      required:\n        - flavors-list\n        - images-list\n";

fn lists(text: &str, lists: &str) -> String {
    changed(text, LISTS, &lists.split('|').map(|list| format!("      {list}\n")).collect::<String>())
}

#[test]
fn nothing_is_found_in_a_clean_file() {
    assert!(codes(&clean()).is_empty());
    assert!(step(&clean(), &before()).is_empty());
    assert!(step(&clean(), &clean()).is_empty());
}

#[test]
fn what_cannot_be_compared_is_said() {
    let replacing = changed(&clean(), "scoring:", "replaces: openstack-powered/2019.11\nscoring:");
    assert_eq!(codes(&replacing), ["AG100"]);
    assert!(step(&replacing, &before()).is_empty());
}

#[test]
fn a_capability_is_advisory_before_it_is_required() {
    let advisory = lists(&before(), "required: [flavors-list]|advisory: [images-list]");
    assert!(step(&clean(), &advisory).is_empty());
    let absent = lists(&before(), "required: [flavors-list]");
    let absent = changed(&absent, "project: glance", "project: glance\n    unlisted: It is new.");
    let found = report(&clean(), Some(&absent), None);
    assert_eq!(found.count("AG101"), 1);
    let finding = &found.findings[0];
    assert_eq!(clean().lines().nth(finding.line - 1).unwrap(), "        - images-list");
    assert_eq!(finding.column, 11);
    // What was deprecated had been required, and may be again.
    let deprecated = lists(&before(), "required: [flavors-list]|deprecated: [images-list]");
    assert!(step(&clean(), &deprecated).is_empty());
}

#[test]
fn a_capability_is_deprecated_before_it_is_removed() {
    let removed = lists(&clean(), "required: [flavors-list]|removed: [images-list]");
    assert_eq!(step(&removed, &before()), ["AG102"]);
    let gone = lists(&clean(), "required: [flavors-list]");
    let gone = changed(&gone, "project: glance", "project: glance\n    unlisted: It is gone.");
    assert_eq!(step(&gone, &before()), ["AG102"]);
    let deprecated = lists(&before(), "required: [flavors-list]|deprecated: [images-list]");
    assert!(step(&removed, &deprecated).is_empty());
    // What was advisory only may go without notice.
    let advisory = lists(&before(), "required: [flavors-list]|advisory: [images-list]");
    assert!(step(&removed, &advisory).is_empty());
}

/// Holds off that a component which was renamed makes all of its capabilities new.
#[test]
fn a_renamed_component_keeps_its_capabilities() {
    let renamed = clean().replace("components: [compute]", "components: [os_compute]");
    let renamed = changed(&renamed, "components:\n  compute:", "components:\n  os_compute:");
    assert!(step(&renamed, &before()).is_empty());
}

#[test]
fn criteria_and_weights_are_frozen_after_draft() {
    let draft = changed(&clean(), "status: approved", "status: draft");
    let in_review = changed(&clean(), "status: approved", "status: review");
    for (from, to) in [("weight: 6", "weight: 7"), ("cutoff: 6", "cutoff: 5")] {
        let now = changed(&clean(), from, to);
        assert_eq!(step(&now, &in_review), ["AG103"], "{to}");
        assert!(step(&now, &draft).is_empty(), "{to}");
    }
}

#[test]
fn other_weights_than_those_of_the_guideline_before_are_pointed_out() {
    assert_eq!(step(&changed(&clean(), "weight: 6", "weight: 7"), &before()), ["AG106"]);
}

#[test]
fn tests_are_immutable_after_approval() {
    let fewer =
        changed(&clean(), "      - name: a.flavors.one\n        uuid: e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59\n", "");
    let draft = changed(&clean(), "status: approved", "status: draft");
    assert_eq!(step(&fewer, &clean()), ["AG104"], "taken out");
    assert_eq!(step(&clean(), &fewer), ["AG104"], "added");
    assert_eq!(step(&changed(&clean(), "e36c0eaa", "e36c0eab"), &clean()), ["AG104"], "another UUID");
    assert!(step(&fewer, &draft).is_empty(), "a draft may change");
    assert!(step(&fewer, &before()).is_empty(), "the next guideline may differ");
}

const FLAG: &str = "        flag:\n          code: D401\n          date: 2020-05-07\n          reason: A bug.\n          action: Mend it.\n";

#[test]
fn a_flag_stays_for_the_life_of_its_guideline() {
    let lifted = changed(&clean(), FLAG, "");
    assert_eq!(step(&lifted, &clean()), ["AG105"]);
    assert!(step(&clean(), &lifted).is_empty(), "a flag may be set after the approval");
    assert!(step(&lifted, &before()).is_empty(), "the next guideline may leave it out");
}

#[test]
fn required_capabilities_reach_the_cutoff() {
    let low = changed(&clean(), "cutoff: 6", "cutoff: 7");
    assert_eq!(codes(&low), ["AG201", "AG201"]);
    let advisory = lists(&low, "advisory: [flavors-list, images-list]");
    assert!(codes(&advisory).is_empty());
    // A misspelt criterion is none.
    let misspelt =
        changed(&clean(), "achievements: [atomic]", "achievements: [atomic]\n    misspelt: {atomic: atomical}");
    assert_eq!(codes(&misspelt), ["AG201"]);
}

const IMAGES: &str = "    tests:\n      - name: b.images.one\n        uuid: 3731d080-d4c5-4872-b41a-64d0d0021314\n";

#[test]
fn capabilities_have_tests() {
    let untested = changed(&clean(), IMAGES, "    untested: There is none.\n");
    assert_eq!(codes(&untested), ["AG202"]);
    assert_eq!(codes(&lists(&untested, "required: [flavors-list]|advisory: [images-list]")), ["AG203"]);
}

#[test]
fn required_capabilities_need_no_administrator() {
    let admin = changed(&clean(), "admin: false", "admin: true");
    assert_eq!(codes(&admin), ["AG204"]);
    assert!(codes(&lists(&admin, "required: [images-list]|advisory: [flavors-list]")).is_empty());
}

#[test]
fn tests_say_their_interface_where_components_ask_by_it() {
    let of = |interfaces: &str| {
        changed(&clean(), "    designated_sections", &format!("{interfaces}    designated_sections"))
    };
    let first = "uuid: e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59\n";
    let said = |text: &str| changed(text, first, &format!("{first}        interface: redfish\n"));
    let images = "uuid: 3731d080-d4c5-4872-b41a-64d0d0021314\n";
    let both =
        changed(&said(&of("    interfaces: [redfish]\n")), images, &format!("{images}        interface: redfish\n"));
    assert_eq!(codes(&both), ["AG205"], "one of the tests of the flavors says nothing");
    let all = changed(&both, "        aliases:\n", "        interface: ironic\n        aliases:\n");
    assert!(codes(&all).is_empty());
    assert!(codes(&said(&clean())).is_empty(), "nothing asks by interface");
}

#[test]
fn operations_have_a_test_through_their_interface() {
    let operations = "    operations: {redfish: [\"GET /Systems\"]}\n";
    let text = changed(&clean(), "    project: glance\n", &format!("    project: glance\n{operations}"));
    assert_eq!(codes(&text), ["AG206"]);
    let images = "uuid: 3731d080-d4c5-4872-b41a-64d0d0021314\n";
    assert!(codes(&changed(&text, images, &format!("{images}        interface: redfish\n"))).is_empty());
}

#[test]
fn flags_have_a_code_that_is_a_reason() {
    let code = |to: &str| codes(&changed(&clean(), "          code: D401\n", to));
    assert_eq!(code(""), ["AG301"]);
    assert_eq!(code("          code: D302\n"), ["AG302"]);
    assert_eq!(code("          code: D404\n"), ["AG303"]);
    assert!(code("          code: D406\n").is_empty());
    // Other families have reasons of their own.
    let other = changed(&clean(), "          code: D401\n", "");
    assert!(codes(&changed(&other, "id: openstack-powered/", "id: metal/")).is_empty());
}

#[test]
fn flags_have_a_date_of_the_last_year() {
    let published = "published:\n  schema: \"1.3\"\nscoring:";
    let undated = changed(&changed(&clean(), "scoring:", published), "          date: 2020-05-07\n", "");
    assert_eq!(codes(&undated), ["AG304"]);
    assert!(codes(&changed(&clean(), "2020-05-07", "2019-06-01")).is_empty(), "a year to the day");
    assert_eq!(codes(&changed(&clean(), "2020-05-07", "2019-05-31")), ["AG305"]);
}

#[test]
fn flags_expire() {
    let expires = |last: &str| {
        codes(&changed(&clean(), "date: 2020-05-07", &format!("date: 2020-05-07\n          expires: {last}")))
    };
    assert_eq!(expires("2020-05-31"), ["AG306"]);
    assert!(expires("2020-06-01").is_empty(), "the last day counts");
}

#[test]
fn a_proposal_has_no_flags() {
    let proposed = changed(&clean(), "status: approved", "status: review");
    assert_eq!(codes(&proposed), ["AG307"]);
    assert!(codes(&changed(&proposed, FLAG, "")).is_empty());
}

#[test]
fn published_reasons_begin_as_their_schema_asks() {
    let published =
        |schema: &str| changed(&clean(), "scoring:", &format!("published:\n  schema: \"{schema}\"\nscoring:"));
    let brackets = |text: &str| changed(text, "code: D401", "code: D401\n          published_as: \"[D401]\"");
    assert!(codes(&published("2.0")).is_empty());
    assert_eq!(codes(&brackets(&published("2.0"))), ["AG308"]);
    assert!(codes(&brackets(&published("1.3"))).is_empty(), "1.3 has no pattern");
    assert_eq!(codes(&changed(&published("2.0"), "          code: D401\n", "")), ["AG301", "AG308"]);
}

#[test]
fn names_and_uuids_belong_to_each_other() {
    let published = changed(&clean(), "scoring:", "published:\n  schema: \"2.0\"\nscoring:");
    let (one, two) = ("e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59", "3731d080-d4c5-4872-b41a-64d0d0021314");
    let found = report(&changed(&published, two, one), None, None);
    assert_eq!(found.findings.iter().map(|finding| finding.rule.code).collect::<Vec<_>>(), ["AG401"]);
    assert!(found.render(false).contains("first used here"));
    assert_eq!(codes(&changed(&published, "b.images.one", "a.flavors.one")), ["AG402"]);
    // One test in two capabilities is one test.
    let same = changed(&changed(&published, "b.images.one", "a.flavors.one"), two, one);
    assert!(codes(&same).is_empty());
}

#[test]
fn tests_that_tempest_lacks_are_found() {
    let all = "a.flavors.one[id-e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59,smoke]\na.flavors.old[id-6e85fde4-b3cd-4137-ab72-ed5f418e8c24]\n";
    let lint = |text: &str, list: &str| {
        let list = TestList::read(list.as_bytes()).unwrap();
        let report = report(text, None, Some(&list));
        report.findings.iter().map(|finding| finding.rule.code).collect::<Vec<_>>()
    };
    assert!(lint(&clean(), &format!("{all}b.images.one\n")).is_empty(), "an alias and a name without a UUID count");
    assert_eq!(lint(&clean(), all), ["AG501"]);
    assert_eq!(
        lint(&clean(), &format!("{all}b.images.new[network,id-3731d080-d4c5-4872-b41a-64d0d0021314]")),
        ["AG503"]
    );
    let advisory = lists(&clean(), "required: [flavors-list]|advisory: [images-list]");
    assert_eq!(lint(&advisory, all), ["AG502"]);
    let others = "a.flavors.one\nb.images.one\n";
    assert_eq!(lint(&clean(), others), ["AG502"], "it is flagged for something else");
    assert!(lint(&changed(&clean(), "D401", "D406"), others).is_empty(), "its flag says that it is gone");
}

/// Holds off a list of something else that finds every test gone.
#[test]
fn a_list_without_tests_is_refused() {
    assert!(matches!(TestList::read(&b""[..]), Err(Error::Empty)));
    assert!(matches!(TestList::read(&b"no such command\n\xff\n"[..]), Err(Error::Empty)));
    assert_eq!(TestList::read(&b"2026-01-01 warning: a.b\na.b.C.test_d\n"[..]).unwrap().ignored, 1);
    assert!(matches!(TestList::read(std::io::repeat(b'a')), Err(Error::TooLarge)));
}

/// Holds off a code that is given twice, or explained without a word.
#[test]
fn every_code_is_explained() {
    let codes: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), RULES.len());
    assert!(RULES.is_sorted_by_key(|rule| rule.code));
    for rule in RULES {
        assert!(rule.code.starts_with("AG") && rule.code.len() == 5);
        assert!([rule.title, rule.why, rule.example, rule.fix].iter().all(|text| text.len() > 10), "{}", rule.code);
        assert_eq!(Rule::of(&rule.code.to_lowercase()).unwrap(), *rule);
    }
    assert!(Rule::of("AG999").is_none());
}

/// Codes are a promise: one that scripts know must not come to mean something else.
#[test]
fn codes_are_stable() {
    let codes: Vec<String> = RULES
        .iter()
        .map(|rule| format!("{} {}", rule.code, if rule.severity == Severity::Error { "E" } else { "W" }))
        .collect();
    assert_eq!(
        codes.join(", "),
        "AG100 W, AG101 E, AG102 E, AG103 E, AG104 E, AG105 E, AG106 W, AG201 E, AG202 E, AG203 W, AG204 E, AG205 W, \
         AG206 W, AG301 E, AG302 E, AG303 W, AG304 E, AG305 W, AG306 W, AG307 W, AG308 W, AG401 E, AG402 E, AG501 E, AG502 W, \
         AG503 W, AG600 W, AG601 E, AG602 E, AG603 E, AG604 E, AG605 E, AG606 W, AG607 W, AG608 W"
    );
}

#[test]
fn findings_are_drawn_as_errors_are() {
    let drawn = report(&changed(&clean(), "admin: false", "admin: true"), None, None).render(false);
    let line = clean().lines().position(|line| line.contains("admin: false")).unwrap() + 1;
    for part in ["error[AG204]", &format!("--> small.yaml:{line}:12"), "^^^^", "= help: "] {
        assert!(drawn.contains(part), "{part} is not in:\n{drawn}");
    }
}

/// Holds off a report that grows with every line of a hostile file.
#[test]
fn findings_beyond_a_thousand_are_counted_and_not_kept() {
    let mut text = changed(&clean(), "scoring:", "published:\n  schema: \"2.0\"\nscoring:");
    let names: Vec<String> = (0..MOST + 5)
        .map(|at| format!("      - name: c.test_{at}\n        uuid: 3731d080-d4c5-4872-b41a-64d0d0021314\n"))
        .collect();
    text = changed(&text, IMAGES, &format!("{IMAGES}{}", names.concat()));
    let report = report(&text, None, None);
    assert_eq!((report.findings.len(), report.errors, report.left_off()), (MOST, MOST + 5, 5));
    assert!(report.render(false).contains("5 more findings"));
}
