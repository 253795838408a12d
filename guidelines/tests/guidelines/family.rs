//! The file of a family: what it settles, in the program and in a folder, and what is said of one that is wrong.

use std::fs;
use std::path::Path;

use assay_guidelines::catalogue::Error;
use assay_guidelines::{Catalogue, Errors, Family, schema};
use chrono::NaiveDate;

const GOOD: &str = "# A family of a test.
schema: assay.family/1
title: A small family
usable: 3
licence_months: 6
timeline:
  - date: 2026-01-01
    versions: {v2: draft, v1: effective}
  - date: 2026-07-01
    versions: {v2: effective, v1: warn}
";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn errors(from: &str, to: &str) -> Errors {
    assert!(GOOD.contains(from), "{from:?} is not in the good file");
    Family::parse("small/family.yaml", &GOOD.replacen(from, to, 1)).unwrap_err()
}

#[test]
fn every_error_has_its_place_and_says_what_to_do() {
    // What is replaced by what; the kind, the line and the column; words of the message and of the help.
    let cases = [
        ("title:", "titel:", "unknown-key", (3, 1), "`titel` is not a key of a family", "did you mean `title`?"),
        ("title: A small family\n", "", "missing-key", (2, 1), "a family lacks the key `title`", "add `title:`"),
        ("A small family", "2026", "wrong-type", (3, 8), "is read as a number", "quotation marks"),
        ("A small family", "\"\"", "bad-value", (3, 8), "the text is empty", "write it"),
        ("usable: 3", "usable: two", "wrong-type", (4, 9), "takes a whole number, not `two`", "in digits"),
        ("usable: 3", "usable: 0", "bad-value", (4, 9), "takes a number from 1 to 1000, not 0", "write a number"),
        ("usable: 3", "usable: 3\nusable: 2", "duplicate-key", (5, 1), "written twice", "keep one"),
        (
            "licence_months",
            "license_months",
            "unknown-key",
            (5, 1),
            "`license_months`",
            "did you mean `licence_months`?",
        ),
        ("licence_months: 6", "licence_months: 4000000000", "bad-value", (5, 17), "from 1 to 1200", "write a number"),
        ("date: 2026-01-01", "date: 2026-02-30", "bad-value", (7, 11), "is not a date", "year, month and day"),
        (
            "date: 2026-07-01",
            "date: 2026-01-01",
            "duplicate",
            (9, 11),
            "two entries begin on `2026-01-01`",
            "one of them",
        ),
        ("v1: warn", "v1: wran", "bad-value", (10, 35), "`wran` is not a value", "did you mean `warn`?"),
        ("versions: {v2: draft", "version: {v2: draft", "unknown-key", (8, 5), "`version`", "did you mean `versions`?"),
        ("timeline:\n", "timeline: &a\n", "anchor-or-tag", (6, 11), "no place in a family", "write the value out"),
        ("assay.family/1", "assay.family/2", "unknown-schema", (2, 9), "not a version", "`assay.family/1`"),
        ("assay.family/1", "assay.guideline/1", "unknown-schema", (2, 9), "not a version", "after its version"),
        ("usable: 3", "usable 3", "syntax", (5, 1), "this is not YAML", "a missing `:`"),
    ];
    for (from, to, kind, place, message, help) in cases {
        let errors = errors(from, to);
        let shown = errors.render(false);
        let [problem] = errors.problems() else { panic!("not one problem: {shown}") };
        assert_eq!((problem.code.name(), (problem.line, problem.column)), (kind, place), "{shown}");
        assert!(problem.message.contains(message), "{message}: {shown}");
        assert!(problem.help.as_ref().unwrap().contains(help), "{help}: {shown}");
        assert!(shown.contains(&format!("small/family.yaml:{}:{}", place.0, place.1)), "{shown}");
    }
    let empty = Family::parse("family.yaml", "# nothing\n").unwrap_err().to_string();
    assert!(empty.contains("begin with `schema: assay.family/1`"), "{empty}");
    let shown = Family::parse("family.yaml", "- a\n").unwrap_err().to_string();
    assert!(shown.contains("a family takes keys and values, not a list"), "{shown}");
}

#[test]
fn what_a_file_leaves_out_is_as_most_families_have_it() {
    let family = Family::parse("family.yaml", "schema: assay.family/1\ntitle: Small\n").unwrap();
    assert_eq!((family.usable, family.licence_months, family.timeline.len()), (2, 12, 0));
}

/// What editors accept is what the loader accepts.
#[test]
fn the_schema_accepts_the_files_and_refuses_what_the_loader_refuses() {
    let schema: serde_json::Value = serde_json::from_str(&schema::family()).unwrap();
    let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    let value = |text: &str| serde_yaml::from_str::<serde_json::Value>(text).unwrap();
    assert!(validator.is_valid(&value(GOOD)));
    let room = Path::new(env!("CARGO_MANIFEST_DIR"));
    for family in ["openstack-powered", "scs"] {
        let text = fs::read_to_string(room.join(family).join("family.yaml")).unwrap();
        assert!(validator.is_valid(&value(&text)), "{family}");
        assert!(text.starts_with("# yaml-language-server: $schema=../family.schema.json\n"), "{family}");
    }
    for (from, to) in [
        ("title", "titel"),
        ("usable: 3", "usable: 0"),
        ("licence_months: 6", "licence_months: six"),
        ("2026-01-01", "2026-02-30"),
        ("warn", "wran"),
    ] {
        assert!(!validator.is_valid(&value(&GOOD.replacen(from, to, 1))), "{to}");
        errors(from, to);
    }
}

fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn catalogue(folder: &Path) -> Catalogue {
    let mut catalogue = Catalogue::embedded();
    catalogue.add_dir(folder).unwrap();
    catalogue
}

/// Holds off a folder whose `family.yaml` is read over: its title, its number of usable guidelines, its term.
#[test]
fn the_file_in_a_folder_counts_and_takes_the_place_of_the_embedded_one() {
    let folder = tempfile::tempdir().unwrap();
    let guideline = include_str!("../good.yaml");
    for (version, approved) in [("2020.06", "2020-06-01"), ("2020.12", "2020-12-01"), ("2021.06", "2021-06-01")] {
        let text =
            guideline.replace("2020.06", version).replace("approved: 2020-06-01", &format!("approved: {approved}"));
        write(folder.path(), &format!("openstack-small/{version}.yaml"), &text);
    }
    let superseded = |title: &str| {
        let timeline = catalogue(folder.path()).timeline("openstack-small", day("2021-07-01")).unwrap();
        assert_eq!(timeline.title, title);
        let first = &timeline.guidelines[0];
        (first.superseded, first.marks_until, timeline.mark_taken_now_until)
    };
    // Without a file, two are usable and a mark lasts for a year.
    let two = (Some(day("2021-06-01")), Some(day("2022-06-01")), Some(day("2022-07-01")));
    assert_eq!(superseded("openstack-small"), two);
    let text = "schema: assay.family/1\ntitle: Small ones\nusable: 1\nlicence_months: 3\n";
    write(folder.path(), "openstack-small/family.yaml", text);
    let one = (Some(day("2020-12-01")), Some(day("2021-03-01")), Some(day("2021-10-01")));
    assert_eq!(superseded("Small ones"), one);
    // Its own states count before the days of approval.
    let states =
        "timeline: [{date: 2021-01-01, versions: {v1: effective}}, {date: 2021-05-01, versions: {v1: warn}}]\n";
    write(folder.path(), "openstack-small/family.yaml", &format!("{text}{states}"));
    let timeline = catalogue(folder.path()).timeline("openstack-small", day("2021-07-01")).unwrap();
    assert_eq!(timeline.guidelines.iter().map(|span| span.id.as_str()).collect::<Vec<_>>(), ["v1"]);

    // A folder may hold no more than other terms for a family that is there.
    let terms = tempfile::tempdir().unwrap();
    write(terms.path(), "openstack-powered/family.yaml", "schema: assay.family/1\ntitle: Ours\nlicence_months: 24\n");
    let catalogue = catalogue(terms.path());
    assert_eq!(catalogue.timeline("openstack-powered", day("2017-01-01")).unwrap().title, "Ours");
    assert_eq!(Catalogue::embedded().family("openstack-powered").unwrap().title, "OpenStack Powered");
    assert_eq!(catalogue.ids().count(), Catalogue::embedded().ids().count(), "it is no guideline");
}

#[test]
fn a_wrong_file_in_a_folder_is_shown_where_it_is_asked_for_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "openstack-powered/family.yaml", "schema: assay.family/1\ntitel: Ours\n");
    let catalogue = catalogue(folder.path());
    let Err(Error::File(errors)) = catalogue.timeline("openstack-powered", day("2017-01-01")) else { panic!("read") };
    let shown = errors.to_string();
    assert!(shown.contains("openstack-powered/family.yaml:2:1") && shown.contains("did you mean `title`?"), "{shown}");
    assert!(catalogue.get("openstack-powered/2020.06", day("2021-01-01")).is_ok());
    // Beside the folder of its family, it would count for nothing.
    write(folder.path(), "family.yaml", GOOD);
    assert!(matches!(Catalogue::embedded().add_dir(folder.path()), Err(Error::Astray { .. })));
    // Nor is it a guideline under another name.
    write(folder.path(), "openstack-powered/famly.yaml", GOOD);
    fs::remove_file(folder.path().join("family.yaml")).unwrap();
    let mut catalogue = Catalogue::embedded();
    catalogue.add_dir(folder.path()).unwrap();
    let Err(Error::File(errors)) = catalogue.get("openstack-powered/famly", day("2021-01-01")) else { panic!("read") };
    assert!(errors.to_string().contains("is named `family.yaml`"), "{errors}");
}

#[test]
fn an_unknown_family_names_those_there_are() {
    let say = Catalogue::embedded().timeline("openstack-powerd", day("2017-01-01")).unwrap_err().to_string();
    assert!(
        say.starts_with("no guideline is of the family `openstack-powerd` (did you mean `openstack-powered`?)"),
        "{say}"
    );
    assert!(say.contains("`openstack-dns`, `openstack-nfv`, `openstack-orchestration`, `openstack-powered`"), "{say}");
}
