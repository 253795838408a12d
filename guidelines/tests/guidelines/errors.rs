//! What the loader says of files that are wrong.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use assay_guidelines::catalogue::Error;
use assay_guidelines::model::Rule;
use assay_guidelines::{Catalogue, Errors, parse, read};
use chrono::NaiveDate;

const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day of the calendar");

/// A small guideline without an error.
const GOOD: &str = include_str!("../good.yaml");

/// Each case: its title, and what is replaced in [`GOOD`] by what.
const CASES: &[(&str, &[(&str, &str)])] = &[
    ("a line that is not YAML", &[("status: approved", "status approved")]),
    ("a quotation mark that is not closed", &[("title: A small one", "title: \"A small one")]),
    ("a key written twice", &[("status: approved\n", "status: approved\nstatus: draft\n")]),
    ("a test key written twice", &[("        flag:\n", "        name: b.c\n        flag:\n")]),
    ("a typo in a key", &[("    project: nova\n", "    projcet: nova\n")]),
    ("a key that is nowhere near", &[("    project: nova\n", "    project: nova\n    colour: red\n")]),
    ("a missing key", &[("    project: nova\n", "")]),
    ("text where a number belongs", &[("weight: 6", "weight: six")]),
    ("a number where text belongs", &[("required_since: \"2017.09\"", "required_since: 2017.09")]),
    ("nothing where text belongs", &[("summary: List the flavors.", "summary:")]),
    ("text where a list belongs", &[("components: [compute]", "components: compute")]),
    (
        "a list where keys belong",
        &[
            ("        flag:\n", "        flag: []\n        aliases:\n"),
            (
                "aliases:\n          code: D401\n          date: 2016-06-13\n          reason: A bug.\n          action: Mend it.\n",
                "aliases: [x]\n",
            ),
        ],
    ),
    ("a yes where a truth value belongs", &[("    admin: true\n", "    admin: yes\n")]),
    ("a state that does not exist", &[("status: approved", "status: aproved")]),
    ("a rule that does not exist", &[("approved: 2020-06-01\n", "approved: 2020-06-01\nrule: no-failure\n")]),
    ("a rule that is nowhere near", &[("approved: 2020-06-01\n", "approved: 2020-06-01\nrule: majority\n")]),
    ("a list where a rule belongs", &[("approved: 2020-06-01\n", "approved: 2020-06-01\nrule: [no-failures]\n")]),
    ("a day that does not exist", &[("approved: 2020-06-01", "approved: 2020-06-31")]),
    ("approved without a day", &[("approved: 2020-06-01\n", "")]),
    ("a test listed twice by name", &[("      - name: a.flavors.two\n", "      - name: a.flavors.one\n")]),
    (
        "a test listed twice by UUID",
        &[("6e85fde4-b3cd-4137-ab72-ed5f418e8c24", "e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59")],
    ),
    ("a test listed twice by alias", &[("- a.flavors.old", "- a.flavors.one")]),
    (
        "an alias written twice",
        &[("          - a.flavors.old\n", "          - a.flavors.old\n          - a.flavors.old\n")],
    ),
    ("a test with two UUIDs", &[("      - name: b.images.one\n", "      - name: a.flavors.one\n")]),
    (
        "a test that is flagged in one place only",
        &[(
            "      - name: b.images.one\n        uuid: 3731d080-d4c5-4872-b41a-64d0d0021314\n",
            "      - name: a.flavors.two\n        uuid: 6e85fde4-b3cd-4137-ab72-ed5f418e8c24\n",
        )],
    ),
    ("a capability that no component lists", &[("        - images-list\n", "")]),
    (
        "a capability that is listed and unlisted",
        &[("    project: glance\n", "    project: glance\n    unlisted: For no reason.\n")],
    ),
    ("a capability whose only mention is misspelt", &[("        - images-list\n", "        - images-lst\n")]),
    (
        "a component with an unknown capability",
        &[("        - images-list\n", "        - images-list\n        - images-lst\n")],
    ),
    ("a capability in two states", &[("      required:\n", "      advisory: [images-list]\n      required:\n")]),
    ("a target with an unknown component", &[("components: [compute]", "components: [compute, compte]")]),
    ("an achievement that is no criterion", &[("achievements: [atomic]", "achievements: [atomik]")]),
    (
        "designated sections of an unknown project",
        &[("designated_sections: {required: [nova]}", "designated_sections: {required: [nova, glance]}")],
    ),
    ("a UUID with id- before it", &[("uuid: e36c", "uuid: id-e36c")]),
    ("a UUID in capitals", &[("e36c0eaa-dff5", "E36C0EAA-DFF5")]),
    ("a UUID that is none", &[("e36c0eaa-dff5", "e36c0eaadff5")]),
    (
        "a flag without a reason, a date and an action",
        &[("          date: 2016-06-13\n          reason: A bug.\n          action: Mend it.\n", "")],
    ),
    ("a flag with an empty reason", &[("reason: A bug.", "reason: \"\"")]),
    ("a code that does not exist", &[("code: D401", "code: D410")]),
    ("a code that is none", &[("code: D401", "code: \"[D401]\"")]),
    ("an id without a family", &[("id: openstack-small/2020.06", "id: \"2020.06\"")]),
    ("an id that stands for another", &[("id: openstack-small/2020.06", "id: openstack-small/latest")]),
    ("an unknown version of the format", &[("assay.guideline/1", "assay.guideline/7")]),
    (
        "an empty capability",
        &[(
            "    tests:\n      - name: b.images.one\n        uuid: 3731d080-d4c5-4872-b41a-64d0d0021314\n",
            "    tests: []\n",
        )],
    ),
    (
        "a capability without the key of its tests",
        &[("    tests:\n      - name: b.images.one\n        uuid: 3731d080-d4c5-4872-b41a-64d0d0021314\n", "")],
    ),
    (
        "a capability that has tests and says why it has none",
        &[("    project: glance\n", "    project: glance\n    untested: For no reason.\n")],
    ),
    ("a test without a UUID", &[("        uuid: 3731d080-d4c5-4872-b41a-64d0d0021314\n", "")]),
    ("a flag without a date", &[("          date: 2016-06-13\n", "")]),
    (
        "a removed capability that is not defined",
        &[("      required:\n", "      removed: [images-v1]\n      required:\n")],
    ),
    (
        "a test listed twice where what was published is stated",
        &[
            ("targets:\n", "published: {schema: \"1.5\"}\ntargets:\n"),
            ("      - name: a.flavors.two\n", "      - name: a.flavors.one\n"),
        ],
    ),
    (
        "a component of a guideline whose id is none",
        &[(
            "components: [compute]",
            "components: [compute]\n    requires: [{guideline: \"2020.06\", component: compute}]",
        )],
    ),
    (
        "an interface that does not exist",
        &[("    designated_sections: {", "    interfaces: [redfsh]\n    designated_sections: {")],
    ),
    (
        "a component that asks where no test goes",
        &[
            ("    designated_sections: {", "    interfaces: [redfish, redfish]\n    designated_sections: {"),
            (
                "        uuid: 3731d080-d4c5-4872-b41a-64d0d0021314\n",
                "        uuid: 3731d080-d4c5-4872-b41a-64d0d0021314\n        interface: redfish\n",
            ),
        ],
    ),
    (
        "a test that goes through two interfaces",
        &[
            ("      - name: a.flavors.two\n", "        interface: ironic\n      - name: a.flavors.two\n"),
            (
                "      - name: b.images.one\n        uuid: 3731d080-d4c5-4872-b41a-64d0d0021314\n",
                "      - name: a.flavors.one\n        uuid: e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59\n        interface: redfish\n",
            ),
        ],
    ),
    (
        "operations of what is no interface",
        &[("    project: glance\n", "    project: glance\n    operations: {ipmi: [chassis power status]}\n")],
    ),
    (
        "an anchor and an alias",
        &[
            ("summary: List the flavors.", "summary: &s List the flavors."),
            ("summary: List the images.", "summary: *s"),
        ],
    ),
    ("a tag", &[("weight: 6", "weight: !!int 6")]),
    ("a character that cannot be seen", &[("title: A small one", "title: A small\u{2028}one")]),
    ("an escape for a character that cannot be seen", &[("title: A small one", "title: \"A small \\e[2J one\"")]),
    ("a second document", &[("targets:\n", "---\ntargets:\n")]),
    (
        "several at once, in the order of the file",
        &[("status: approved", "status: aproved"), ("code: D401", "code: D410"), ("weight: 6", "wieght: 6")],
    ),
    (
        "letters beyond ASCII before the place",
        &[("{title: Atomic, weight: 6, summary: One.}", "{title: Ätömîc 原子, weight: six, summary: One.}")],
    ),
];

fn broken(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(GOOD.to_owned(), |text, (right, wrong)| {
        assert!(text.contains(right), "nothing to replace: {right}");
        text.replacen(right, wrong, 1)
    })
}

fn errors(text: &str) -> Errors {
    match parse("small.yaml", text) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(errors) => errors,
    }
}

#[test]
fn the_small_guideline_is_good() {
    if let Err(errors) = parse("small.yaml", GOOD) {
        panic!("{errors}");
    }
}

/// Holds off an error that is lost, misplaced or no longer says what to do; `UPDATE_GOLDEN=1` writes the file anew.
#[test]
fn each_error_is_drawn_as_agreed() {
    let mut drawn = String::new();
    for (title, changes) in CASES {
        writeln!(drawn, "## {title}\n\n{}\n", errors(&broken(changes))).unwrap();
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/errors.golden.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &drawn).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap();
    for (golden, drawn) in golden.split("## ").zip(drawn.split("## ")) {
        assert_eq!(drawn, golden);
    }
    assert_eq!(drawn.len(), golden.len());
}

/// Holds off a kind of error that no case shows.
#[test]
fn every_kind_that_a_text_can_have_has_a_case() {
    let seen: BTreeSet<_> = CASES
        .iter()
        .flat_map(|(_, changes)| errors(&broken(changes)).problems().to_vec())
        .map(|problem| problem.code.name())
        .collect();
    let expected = [
        "anchor-or-tag",
        "bad-value",
        "contradiction",
        "duplicate",
        "duplicate-key",
        "missing-key",
        "syntax",
        "two-states",
        "unknown-key",
        "unknown-name",
        "unknown-schema",
        "unlisted",
        "wrong-type",
    ];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected);
}

/// Holds off a file without a rule that is judged by a laxer one, and a name that the file and the program spell apart.
#[test]
fn a_guideline_without_a_rule_asks_that_all_pass() {
    assert_eq!(parse("small.yaml", GOOD).unwrap().rule, Rule::AllRequiredPass);
    for rule in [Rule::AllRequiredPass, Rule::NoFailures, Rule::AbortedFails] {
        let line = format!("status: approved\nrule: {}\n", rule.name());
        let guideline = parse("small.yaml", &broken(&[("status: approved\n", &line)])).unwrap();
        assert_eq!(guideline.rule, rule);
        let written = serde_yaml::to_string(&guideline).unwrap();
        assert_eq!(written.contains("\nrule: "), rule != Rule::AllRequiredPass, "the default is left out");
        assert_eq!(parse("written.yaml", &written).unwrap(), guideline);
    }
}

#[test]
fn a_problem_tells_its_place_to_programs_too() {
    let errors = errors(&broken(&[("status: approved", "status: aproved")]));
    let [problem] = errors.problems() else { panic!("{errors}") };
    assert_eq!((problem.code.name(), problem.line, problem.column), ("bad-value", 4, 9));
    assert!(problem.help.as_deref().unwrap().starts_with("did you mean `approved`?"));
    assert!(!errors.render(false).contains('\u{1b}'));
    assert!(errors.render(true).contains("\u{1b}["));
}

#[test]
fn text_of_the_file_cannot_reach_the_terminal_as_a_command() {
    let errors = errors(&broken(&[("status: approved", "status: \"\\e[2Japroved\"\n\"\\e[31m\": 1")]));
    assert!(!errors.render(false).contains('\u{1b}'), "{errors:?}");
    // The short form of the same, which drawing lets through; what is marked stays where it was.
    let errors = self::errors(&broken(&[("status: approved", "status: ap\u{9b}2Jroved")]));
    let shown = errors.render(false);
    assert!(!shown.contains('\u{9b}') && shown.contains("status: ap·2Jroved\n  |           ^"), "{shown}");
}

/// Holds off a stack that overflows, and memory that grows with a small file's aliases.
#[test]
fn bombs_are_refused() {
    let only = |text: &str| {
        let errors = errors(text);
        assert_eq!(errors.problems().len(), 1, "{errors}");
        errors.problems()[0].code.name()
    };
    assert_eq!(only(&format!("a: {}", "[".repeat(1_000_000))), "too-deep");
    assert_eq!(only(&format!("a: {}", "{a: ".repeat(100_000))), "too-deep");
    assert_eq!(only(&"- ".repeat(100_000)), "too-deep");
    assert_eq!(only("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"), "anchor-or-tag");
    assert_eq!(only(&format!("a: [{}]", "x, ".repeat(500_000))), "too-large");
    assert_eq!(only(&" ".repeat(5 * 1024 * 1024)), "too-large");
    assert_eq!(only(""), "syntax");
    assert_eq!(only("# nothing but a comment\n"), "syntax");
}

#[test]
fn endless_problems_are_cut_short() {
    let keys: Vec<_> = (0..90_000).map(|number| format!("key{number}: 1")).collect();
    let errors = errors(&keys.join("\n"));
    assert_eq!(errors.problems().len(), 100);
    assert!(errors.to_string().ends_with("problems beyond the first 100 are not looked for"));
}

#[test]
fn files_that_are_no_text_say_where_or_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.yaml");
    fs::write(&path, b"schema: assay.guideline/1\ntitle: caf\xe9\n").unwrap();
    let errors = read(&path).unwrap_err();
    let problem = &errors.problems()[0];
    assert_eq!((problem.code.name(), problem.line, problem.column), ("not-utf8", 2, 11));
    fs::write(&path, vec![b' '; 5 * 1024 * 1024]).unwrap();
    assert_eq!(read(&path).unwrap_err().problems()[0].code.name(), "too-large");
    let errors = read(folder.path().join("none.yaml")).unwrap_err();
    assert_eq!(errors.problems()[0].code.name(), "unreadable");
    assert!(std::error::Error::source(&errors).is_some());
    assert_eq!(read(folder.path()).unwrap_err().problems()[0].code.name(), "unreadable");
}

#[test]
fn a_byte_order_mark_moves_no_place() {
    parse("small.yaml", &format!("\u{feff}{GOOD}")).unwrap();
    let errors = errors(&format!("\u{feff}{}", broken(&[("schema: assay", "shema: assay")])));
    assert_eq!((errors.problems()[0].line, errors.problems()[0].column), (1, 1));
}

#[test]
fn an_unknown_guideline_names_those_that_exist() {
    let catalogue = Catalogue::embedded();
    let say = |spec: &str| catalogue.get(spec, DAY).unwrap_err().to_string();
    let ids: Vec<_> = catalogue.ids().map(|id| format!("`{id}`")).collect();
    let all = ids.join(", ");
    assert_eq!(
        say("openstack-powered/2020.6"),
        format!(
            "no guideline is called `openstack-powered/2020.6` (did you mean `openstack-powered/2020.06`?); there are {all}"
        )
    );
    assert_eq!(
        say("openstack-powerd/latest"),
        format!(
            "no guideline is called `openstack-powerd/latest` (did you mean `openstack-powered/latest`?); there are {all}"
        )
    );
    assert!(say("openstack-powered").contains("(did you mean `openstack-powered/latest`?)"));
    assert_eq!(say("nobody/0001"), format!("no guideline is called `nobody/0001`; there are {all}"));
    assert!(say("./none.yaml").contains("cannot read the guideline"));
}

#[test]
fn an_unknown_target_names_those_that_exist() {
    let loaded = Catalogue::embedded().get("openstack-powered/2020.06", DAY).unwrap();
    let error = loaded.guideline.target("storag").unwrap_err();
    assert_eq!(
        error.to_string(),
        "openstack-powered/2020.06 has no target `storag` (did you mean `storage`?); its targets are `platform`, `compute`, `storage`"
    );
}

#[test]
fn a_folder_adds_its_guidelines_and_its_files_stand_where_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let family = folder.path().join("openstack-small");
    fs::create_dir(&family).unwrap();
    let mut catalogue = Catalogue::embedded();
    assert!(matches!(catalogue.add_dir(folder.path()), Err(Error::NoGuidelines { .. })));
    assert!(matches!(catalogue.add_dir(folder.path().join("none")), Err(Error::Folder { .. })));
    fs::write(family.join("2020.06.yaml"), GOOD).unwrap();
    catalogue.add_dir(folder.path()).unwrap();
    assert_eq!(catalogue.ids().count(), Catalogue::embedded().ids().count() + 1);
    let loaded = catalogue.get("openstack-small/latest", DAY).unwrap();
    assert_eq!(loaded.source.to_string(), family.join("2020.06.yaml").display().to_string());
    // By its path a file may stand anywhere.
    let elsewhere = folder.path().join("mine.yaml");
    fs::write(&elsewhere, GOOD).unwrap();
    assert!(catalogue.get(elsewhere.to_str().unwrap(), DAY).is_ok());
    fs::write(family.join("2021.06.yaml"), GOOD).unwrap();
    catalogue.add_dir(folder.path()).unwrap();
    let Err(Error::File(errors)) = catalogue.get("openstack-small/2021.06", DAY) else { panic!("accepted") };
    assert_eq!(errors.problems()[0].code.name(), "wrong-place");
    fs::write(family.join("2022.06.yml"), GOOD).unwrap();
    assert!(matches!(catalogue.add_dir(folder.path()), Err(Error::Extension { .. })));
}

/// Holds off a description of the format that the loader does not follow.
#[test]
fn the_example_in_the_readme_is_a_guideline() {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("```yaml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    if let Err(errors) = parse("README.md", example) {
        panic!("{errors}");
    }
}
