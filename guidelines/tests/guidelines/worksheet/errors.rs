//! What the reader says of worksheets that are wrong.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use assay_guidelines::worksheet::{self, Answer, embedded, is_worksheet};
use assay_guidelines::{Catalogue, Errors, schema};

use super::{DAY, GOOD, changed, good, read};

const SCORING: &str = "scoring:\n  cutoff: 10\n  criteria:\n    deployed: {title: Widely Deployed, weight: 8, summary: Many have it.}\n    doc: {title: Documented, weight: 5, summary: It is written down.}\n    atomic: {title: Atomic, weight: 2, summary: It is one thing.}\n";

/// Each case: its title, and what is replaced in [`GOOD`] by what.
const CASES: &[(&str, &[(&str, &str)])] = &[
    ("a bare sign for undecided", &[("doc: \"?\"", "doc: ?")]),
    ("another sign", &[("doc: \"?\"", "doc: maybe")]),
    ("a number that is no score", &[("doc: \"?\"", "doc: 2")]),
    ("a score in quotation marks", &[("doc: \"?\"", "doc: \"1\"")]),
    ("a score that is a list", &[("doc: \"?\"", "doc: [1]")]),
    ("a score that is nothing", &[("doc: \"?\"", "doc:")]),
    ("a misspelt criterion", &[("doc: \"?\"", "dok: \"?\"")]),
    ("a criterion that is nowhere near", &[("doc: \"?\"", "doc: \"?\", colour: 1")]),
    ("a criterion without a score", &[("doc: \"?\", ", "")]),
    ("a criterion scored twice", &[("doc: \"?\"", "doc: \"?\", doc: 1")]),
    ("a word where the administrator belongs", &[("non_admin: 0", "non_admin: false")]),
    ("a misspelt key", &[("non_admin: 0", "nonadmin: 0")]),
    ("a missing key", &[("        non_admin: 0\n", "")]),
    ("an empty note", &[("note: Nobody knows yet.", "note: \"\"")]),
    ("a capability in two sections", &[("images-list:", "servers-list:")]),
    ("a group called as a capability", &[("servers: [", "images-list: [")]),
    ("a group with an unknown part", &[("servers-list]", "servers-lst]")]),
    ("a group with a part of another section", &[("servers-list]", "images-list]")]),
    ("a group with a part twice", &[("servers-list]", "servers-create]")]),
    ("a part of two groups", &[("servers: [", "others: [servers-list]\n      servers: [")]),
    ("a group without parts", &[("[servers-create, servers-list]", "[]")]),
    ("no sections", &[("sections:\n", "sections: {}\nothers:\n")]),
    ("neither criteria nor a guideline", &[(SCORING, "")]),
    ("no criteria", &[(SCORING, "scoring: {cutoff: 10, criteria: {}}\n")]),
    ("a guideline that there is not", &[(SCORING, "guideline: openstack-powered/2018.12\n")]),
    ("a guideline with other criteria", &[(SCORING, "guideline: openstack-powered/2018.11\n")]),
    ("a guideline without criteria", &[(SCORING, "guideline: scs/0128-v1\n")]),
    ("a guideline that was not approved", &[(SCORING, "guideline: openstack-nfv/latest\n")]),
    ("a guideline that is no id", &[(SCORING, "guideline: \"2018.11\"\n")]),
    ("an unknown version of the format", &[("assay.worksheet/1", "assay.worksheet/7")]),
    ("a guideline in place of a worksheet", &[("assay.worksheet/1", "assay.guideline/1")]),
    ("an anchor", &[("title: A small one", "title: &a A small one")]),
    ("a second document", &[("sections:\n", "---\nsections:\n")]),
    ("a line that is not YAML", &[("title: A small one", "title A small one")]),
    (
        "several at once, in the order of the file",
        &[("weight: 8", "wieght: 8"), ("non_admin: 0", "non_admin: 7"), ("images-list:", "servers-list:")],
    ),
];

fn broken(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(GOOD.to_owned(), |text, (right, wrong)| changed(&text, right, wrong))
}

fn errors(text: &str) -> Errors {
    match read(text) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(errors) => errors,
    }
}

/// Holds off an error that is lost, misplaced or no longer says what to do; `UPDATE_GOLDEN=1` writes the file anew.
#[test]
fn each_error_is_drawn_as_agreed() {
    let mut drawn = String::new();
    for (title, changes) in CASES {
        writeln!(drawn, "## {title}\n\n{}\n", errors(&broken(changes))).unwrap();
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/worksheet/errors.golden.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &drawn).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap();
    for (golden, drawn) in golden.split("## ").zip(drawn.split("## ")) {
        assert_eq!(drawn, golden);
    }
    assert_eq!(drawn.len(), golden.len());
}

/// Holds off an error that nothing can be done about.
#[test]
fn every_error_says_what_to_do() {
    let all: Vec<_> = CASES.iter().flat_map(|(_, changes)| errors(&broken(changes)).problems().to_vec()).collect();
    assert!(all.iter().all(|problem| problem.help.is_some() && problem.line > 0));
    let kinds: BTreeSet<_> = all.iter().map(|problem| problem.code.name()).collect();
    for kind in ["missing-key", "unknown-name", "duplicate", "duplicate-key", "wrong-type", "unknown-schema", "syntax"]
    {
        assert!(kinds.contains(kind), "{kind}");
    }
}

#[test]
fn the_small_worksheet_is_read_with_its_open_scores() {
    let read = good(GOOD);
    assert_eq!(read.scoring.cutoff, Some(10));
    let row = &read.worksheet.sections["Servers"].capabilities["servers-list"];
    assert_eq!(row.scores.values().map(|answer| answer.sign()).collect::<String>(), "1?0");
    assert_eq!(read.worksheet.sections["Images"].capabilities["images-list"].scores["atomic"], Answer::Open);
    assert_eq!(read.worksheet.sections["Servers"].links["1"], "https://example.org/servers");
}

/// Holds off a file that is written so that it cannot be read, or says something else then.
#[test]
fn what_is_written_is_read_as_the_same() {
    let mut sheet = good(GOOD).worksheet;
    assert_eq!(good(&sheet.yaml()).worksheet, sheet);
    let mut section = sheet.sections.swap_remove("Images").unwrap();
    let row = section.capabilities.swap_remove("images-list").unwrap();
    for name in ["yes", "1.5", "a: b", "# no comment", "\"", "null", "-", "~", "{", "Größe", "on"] {
        let mut row = row.clone();
        row.note = Some(format!("{name}: \"quoted\" and 'so' \\ on\nin two lines"));
        section.capabilities.insert(name.to_owned(), row);
        section.links.insert(name.to_owned(), name.to_owned());
        section.notes.push(format!("{name}\n\n  indented: {name}\n"));
    }
    sheet.title = "- no: list".to_owned();
    sheet.sections.insert("false".to_owned(), section);
    sheet.sections.insert("7".to_owned(), worksheet::Section::default());
    assert_eq!(good(&sheet.yaml()).worksheet, sheet);
}

/// Holds off criteria that must be written twice: those of the guideline hold.
#[test]
fn criteria_weights_and_cutoff_are_carried_over_from_the_guideline() {
    let text = embedded("openstack-powered/worksheet").unwrap();
    let read = good(text);
    assert_eq!(read.worksheet.scoring, None);
    assert_eq!((read.scoring.cutoff, read.scoring.criteria["future"].weight), (Some(74), 11));
    assert_eq!(read.guideline.unwrap().id, "openstack-powered/2018.11");
    assert_eq!(read.worksheet.rows().count(), 140);
    assert_eq!(good(&read.worksheet.yaml()).worksheet, read.worksheet);
    assert_eq!(read.worksheet.yaml(), text, "the file is written as the program would write it");
}

#[test]
fn a_worksheet_is_known_by_what_it_says_of_itself() {
    assert!(
        is_worksheet(GOOD) && is_worksheet("schema: assay.worksheet/9\n") && is_worksheet(&format!("\u{feff}{GOOD}"))
    );
    assert!(is_worksheet("schema: assay.worksheet/1\nbroken"), "and broken");
    assert!(!is_worksheet("schema: assay.guideline/1\n") && !is_worksheet("") && !is_worksheet("# assay.worksheet/1"));
    assert!(!is_worksheet("title: none\nnote: |\n  schema: assay.worksheet/1\n"));
}

/// Holds off a checked-in schema that no longer is that of the model; `UPDATE_SCHEMA=1` writes it anew.
#[test]
fn the_checked_in_schema_is_current() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("worksheet.schema.json");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(&path, schema::worksheet()).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == schema::worksheet(), "run the tests with UPDATE_SCHEMA=1");
    let schema: serde_json::Value = serde_json::from_str(&schema::worksheet()).unwrap();
    let value = serde_json::to_value(good(GOOD).worksheet).unwrap();
    assert!(jsonschema::draft202012::is_valid(&schema, &value));
    let mut wrong = value.clone();
    wrong["sections"]["Servers"]["capabilities"]["servers-list"]["scores"]["doc"] = "1".into();
    assert!(!jsonschema::draft202012::is_valid(&schema, &wrong));
}

/// Holds off a stack that overflows, and time that grows with the square of a hostile file.
#[test]
fn bombs_are_refused() {
    for text in [format!("a: {}", "[".repeat(1_000_000)), format!("a: [{}]", "x, ".repeat(500_000)), String::new()] {
        assert_eq!(errors(&text).problems().len(), 1);
    }
    let rows: String = (0..10_000)
        .map(|number| format!("      r{number}:\n        scores: {{a{number}: 1}}\n        non_admin: 1\n"))
        .collect();
    let text = changed(GOOD, "      servers-create:\n", &format!("{rows}      servers-create:\n"));
    assert_eq!(errors(&text).problems().len(), 100);
    let large = " ".repeat(5 * 1024 * 1024);
    assert!(errors(&large).to_string().contains("a worksheet is far smaller"));
    assert!(worksheet::read("none.yaml", &Catalogue::embedded(), DAY).unwrap_err().to_string().contains("cannot read"));
}

/// Holds off a description of the format that the reader does not follow.
#[test]
fn the_example_in_the_readme_is_a_worksheet() {
    let readme = include_str!("../../../README.md");
    let (_, rest) = readme.split_once("```yaml\nschema: assay.worksheet/1").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    good(&format!("schema: assay.worksheet/1{example}"));
}
