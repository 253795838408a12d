//! Scope files: what is imported is exported as the same document, and what one of the two cannot hold is said with its place.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use assay_guidelines::catalogue::Error;
use assay_guidelines::family::Validity;
use assay_guidelines::lint::{Options, lint};
use assay_guidelines::model::{State, Status};
use assay_guidelines::scope::{ImportedScope, Names, import};
use assay_guidelines::{Catalogue, Errors, Guideline};
use chrono::NaiveDate;
use proptest::prelude::*;

/// A scope file with everything that one can have.
const SCOPE: &str = include_str!("../scope.yaml");

/// With the value `required`, a machine without the published scope file fails the test that needs it.
const REQUIRED: &str = "ASSAY_SCS_DATA";

const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 6, 1).expect("a day of the calendar");

fn imported(text: &str) -> ImportedScope {
    import("harbour.yaml", Names::of("test/harbour"), text).unwrap_or_else(|errors| panic!("{errors}"))
}

/// A folder with the files of an import.
fn folder(imported: &ImportedScope) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in imported.files() {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn catalogue(folder: &Path) -> Catalogue {
    let mut catalogue = Catalogue::default();
    catalogue.add_dir(folder).unwrap();
    catalogue
}

/// What is exported after the import was written to a folder and read from there.
fn exported(imported: &ImportedScope) -> String {
    let folder = folder(imported);
    let spec = format!("{}/{}", imported.names.family, imported.names.scope);
    let exported = catalogue(folder.path()).scope_file(&spec).unwrap_or_else(|error| panic!("{error}"));
    assert!(exported.left_out.is_empty(), "{:?}", exported.left_out);
    exported.text
}

fn data(text: &str) -> serde_yaml::Value {
    serde_yaml::from_str(text).unwrap()
}

/// The text without comments, and without the lines that hold nothing else.
fn without_comments(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let lines = lines.map(|line| line.split("  # ").next().unwrap_or_default());
    lines.map(|line| format!("{}\n", line.trim_end())).collect()
}

fn guideline<'a>(imported: &'a ImportedScope, id: &str) -> &'a Guideline {
    imported.guidelines.iter().find(|guideline| guideline.id == id).unwrap()
}

#[test]
fn what_was_imported_is_exported_as_the_same_document() {
    let first = imported(SCOPE);
    let text = exported(&first);
    assert_eq!(data(&text), data(SCOPE));
    // And once more, to the byte.
    let again = imported(&text);
    assert!(again.repairs.is_empty(), "{:?}", again.repairs);
    assert_eq!((&again.family, &again.guidelines), (&first.family, &first.guidelines));
    assert_eq!(exported(&again), text);
}

/// The file that is published, where a copy of it is at hand: the same data, and but for comments the same bytes.
#[test]
fn the_published_file_is_exported_as_the_same_document() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/scs/scs-compatible-iaas.yaml");
    let Ok(published) = fs::read_to_string(&path) else {
        let missing = "scopes were not held against the published file: there is no ../shared/data/scs";
        assert!(std::env::var(REQUIRED).as_deref() != Ok("required"), "{missing}");
        // Past the test runner, which keeps to itself what a passing test prints.
        std::io::stderr().write_all(format!("warning: {missing}\n").as_bytes()).unwrap();
        return;
    };
    let first = import("scs-compatible-iaas.yaml", None, &published).unwrap_or_else(|errors| panic!("{errors}"));
    let text = exported(&first);
    assert_eq!(data(&text), data(&published));
    assert_eq!(text, without_comments(&published));
    // What the program has is made of the same facts: ids, targets, parameters, dates, addresses.
    let ours = Catalogue::embedded().scope_file("scs/iaas").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(facts(&ours.text), facts(&published));
    for id in ["scs/iaas-v4", "scs/iaas-v5.1", "scs/iaas-next"] {
        let (ours, theirs) = (embedded(id), guideline(&first, id));
        assert_eq!(
            (ours.status, ours.approved, &ours.components),
            (theirs.status, theirs.approved, &theirs.components)
        );
        for (name, capability) in &ours.capabilities {
            assert_eq!(capability.tests, theirs.capabilities[name].tests, "{id}: {name}");
        }
        assert_eq!(ours.capabilities.len(), theirs.capabilities.len(), "{id}");
    }
}

/// A scope file without its sentences.
fn facts(text: &str) -> serde_yaml::Value {
    let mut value = data(text);
    let name = value["name"].clone();
    strip(&mut value);
    value["name"] = name;
    value
}

/// Takes the sentences out: names, descriptions, and what a module says of its parameters.
fn strip(value: &mut serde_yaml::Value) {
    match value {
        serde_yaml::Value::Sequence(items) => items.iter_mut().for_each(strip),
        serde_yaml::Value::Mapping(pairs) => {
            pairs.remove("name");
            pairs.remove("description");
            if pairs.contains_key("targets")
                && let Some(serde_yaml::Value::Mapping(parameters)) = pairs.get_mut("parameters")
            {
                parameters.iter_mut().for_each(|(_, meaning)| *meaning = "a sentence".into());
            }
            pairs.iter_mut().for_each(|(_, value)| strip(value));
        }
        _ => {}
    }
}

fn embedded(id: &str) -> Guideline {
    Catalogue::embedded().get(id, DAY).unwrap_or_else(|error| panic!("{error}")).guideline
}

/// Holds off a target that decides what it should not, and a test case without what it is.
#[test]
fn main_decides_recommended_is_advice_and_a_person_states_previews() {
    let read = imported(SCOPE);
    let ids: Vec<&str> = read.guidelines.iter().map(|guideline| guideline.id.as_str()).collect();
    assert_eq!(ids, ["test/harbour-v3", "test/harbour-v2", "test/harbour-v1"], "the others ask for nothing");
    let statuses: Vec<Status> = read.guidelines.iter().map(|guideline| guideline.status).collect();
    assert_eq!(statuses, [Status::Draft, Status::Approved, Status::Approved]);
    let v3 = guideline(&read, "test/harbour-v3");
    let components: Vec<&str> = v3.components.keys().map(String::as_str).collect();
    assert_eq!(components, ["harbour-rules", "crane-v1", "quay-v1", "quay-v1-rec", "anchor-v1"]);
    // A module of another standard does not add to this one, whatever its id.
    assert!(!v3.components.contains_key("crane-v1-manual"));
    assert_eq!(v3.components["quay-v1-rec"].beside.as_deref(), Some("quay-v1"));
    assert_eq!(v3.components["quay-v1-rec"].parameters, v3.components["quay-v1"].parameters);
    assert_eq!(v3.components["quay-v1"].parameters["scale"], "2");
    let target = v3.target("harbour").unwrap();
    let asked = v3.capabilities_of(target).unwrap();
    let asked: Vec<_> =
        asked.iter().map(|of| (of.name, of.state, of.capability.published_as.as_deref(), of.tests.len())).collect();
    assert_eq!(
        asked,
        [
            ("crane-v1", State::Required, None, 1),
            ("crane-v1-recommended", State::Advisory, None, 1),
            ("crane-v1-later", State::Advisory, Some("later"), 2),
            ("quay-v1", State::Required, None, 2),
            ("quay-v1-rec-recommended", State::Advisory, None, 1),
            ("quay-v1-rec-preview", State::Advisory, Some("preview"), 1),
        ]
    );
    let manual: Vec<_> = v3.every_test().filter(|test| test.manual).map(|test| test.name.as_str()).collect();
    assert_eq!(manual, ["crane-licence", "crane-licence"]);
    let scope = read.family.scope.as_ref().unwrap();
    assert_eq!(scope.cases().count(), 6);
    assert_eq!(scope.versions["v0.9"].include.as_ref().unwrap().len(), 2);
    assert_eq!(scope.versions["v2"].guideline.as_deref(), Some("test/harbour-v2"));
    // What a guideline says is not said twice.
    assert!(scope.modules["quay-v1"].targets.is_none() && scope.modules["crane-v1-manual"].targets.is_some());
}

#[test]
fn comments_are_listed_with_their_places() {
    let said: Vec<String> = imported(SCOPE).repairs.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 4, "{said:#?}");
    assert!(said[0].starts_with("1:1: left-out: the comment `A scope of a test: everything"), "{}", said[0]);
    assert!(said[1].starts_with("8:18: left-out: the comment `or slow` is left out"), "{}", said[1]);
    assert!(
        said[2].starts_with("29:3: ") && said[3].starts_with("107:18: ") && said[3].contains("`as v1, with the crane`"),
        "{said:#?}"
    );
}

/// Every kind of thing that cannot be held: what is replaced by what, the kind, the place, and words of message and help.
type Refused = (&'static str, &'static str, &'static str, (usize, usize), &'static str, &'static str);

const REFUSED: &[Refused] = &[
    (
        "variables:\n",
        "prerequisite: none\nvariables:\n",
        "unknown-key",
        (6, 1),
        "`prerequisite` is not a key",
        "the keys are",
    ),
    (
        "  - version: v1\n",
        "  - version: v1\n    targets: {}\n",
        "unknown-key",
        (115, 5),
        "not a key of a version",
        "keys are",
    ),
    ("url: https://example.org/scopes/harbour.yaml\n", "", "missing-key", (3, 1), "lacks the key `url`", "add `url:`"),
    ("uuid: 0b7d", "uuid: 0b7", "bad-value", (4, 7), "is not a bare UUID", "write 8, 4"),
    (
        "  - port\n",
        "  - port\n  - a: \"1\"\n    b: \"2\"\n",
        "bad-value",
        (9, 5),
        "about two variables",
        "item of its own",
    ),
    ("  - port\n", "  - 7\n", "wrong-type", (7, 5), "a variable takes text", "quotation marks"),
    ("pace: brisk", "pace: on", "wrong-type", (8, 11), "some readers take `on`", "\"on\""),
    ("depth: \"5.7\"", "depth: 5.7", "wrong-type", (9, 12), "takes text, and `5.7` is read as a number", "\"5.7\""),
    ("Ropes lie ready.", "2026-01-01", "wrong-type", (32, 18), "take `2026-01-01`", "quotation marks"),
    (
        "  - id: quay-bell\n",
        "  - id: quay-bell\n  - id: quay-bell\n",
        "duplicate",
        (31, 9),
        "the test case `quay-bell`",
        "keep one",
    ),
    ("lifetime: month", "lifetime: decade", "bad-value", (36, 15), "`decade` is not a value", "write one of"),
    ("- executable: ./idle.py", "- testcases: []", "bad-value", (41, 3), "is empty", "add at least one"),
    (
        "      - quay-rope\n",
        "      - quay-rop\n",
        "unknown-name",
        (64, 9),
        "no test case `quay-rop`",
        "did you mean `quay-rope`?",
    ),
    ("      - quay-rope\n", "      - quay-rope\n      - quay-rope\n", "duplicate", (65, 9), "listed twice", "keep one"),
    (
        "      recommended:\n      - quay-rope\n",
        "      recommended: []\n",
        "bad-value",
        (63, 7),
        "has no test case",
        "remove",
    ),
    (
        "id: crane-v1-manual",
        "id: crane-v1-later",
        "duplicate",
        (79, 7),
        "one capability, `crane-v1-later`",
        "another id",
    ),
    ("date: 2026-01-01", "date: \"2026-01-01\"", "wrong-type", (90, 11), "a text, and no day", "without quotation"),
    ("date: 2026-01-01", "date: 2026-05-01", "duplicate", (90, 11), "the entry of the day", "keep one"),
    ("v1: warn", "v1: wran", "bad-value", (89, 11), "`wran` is not a value", "did you mean `warn`?"),
    ("      v1: warn", "      1: warn", "wrong-type", (89, 7), "some readers take `1`", "\"1\""),
    ("version: v0.8", "version: v0/8", "bad-value", (125, 14), "is not the name of a version", "letters"),
    ("version: v0.8", "version: v1", "duplicate", (125, 14), "the version `v1`", "keep one"),
    ("      - quay-v1\n", "      - ref: quay-v1\n", "missing-key", (117, 9), "lacks the key `parameters`", "add"),
    (
        "      - quay-v1\n",
        "      - ref: quay-v1\n        parameters: {}\n",
        "bad-value",
        (118, 9),
        "is empty",
        "remove",
    ),
    (
        "      - quay-v1\n",
        "      - quay-v2\n",
        "unknown-name",
        (117, 9),
        "no module `quay-v2`",
        "did you mean `quay-v1`?",
    ),
    ("      - quay-v1\n", "      - quay-v1\n      - quay-v1\n", "duplicate", (118, 9), "listed twice", "keep one"),
    ("      - quay-v1\n", "      - [quay-v1]\n", "wrong-type", (117, 10), "takes text, not a list", "write the text"),
    (
        "    targets: {}\n",
        "    targets: &a {}\n",
        "anchor-or-tag",
        (83, 14),
        "no place in a scope file",
        "write the value out",
    ),
];

#[test]
fn what_cannot_be_held_is_refused_with_its_place() {
    let mut wrong = Vec::new();
    for &(from, to, kind, place, message, help) in REFUSED {
        assert!(SCOPE.contains(from), "{from:?} is not in the file");
        let errors = refused(&SCOPE.replacen(from, to, 1));
        let shown = errors.render(false);
        let problem = &errors.problems()[0];
        let said = (problem.code.name(), (problem.line, problem.column));
        let fits = said == (kind, place)
            && errors.problems().len() == 1
            && problem.message.contains(message)
            && problem.help.as_ref().is_some_and(|said| said.contains(help));
        if !fits {
            wrong.push(format!("{kind} {place:?} {message:?} {help:?}:\n{shown}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn refused(text: &str) -> Errors {
    match import("harbour.yaml", Names::of("test/harbour"), text) {
        Ok(_) => panic!("it should be refused:\n{text}"),
        Err(errors) => errors,
    }
}

#[test]
fn a_name_tells_what_guidelines_are_called_or_somebody_says_it() {
    let told = import("x.yaml", None, SCOPE).unwrap();
    assert_eq!(told.guidelines[0].id, "test/harbour-v3");
    let other = SCOPE.replacen("Test-compatible Harbour", "Harbours of the world", 1);
    let errors = import("x.yaml", None, &other).unwrap_err();
    let problem = &errors.problems()[0];
    assert_eq!((problem.line, problem.column), (3, 1), "{errors}");
    assert!(problem.help.as_deref().unwrap().contains("--id FAMILY/NAME"), "{errors}");
    let said = import("x.yaml", Names::of("sea/port-1"), &other).unwrap();
    assert_eq!(said.guidelines[0].id, "sea/port-1-v3");
    for wrong in ["sea", "sea/", "Sea/port", "sea/latest", "sea/a/b", "sea/a b"] {
        assert_eq!(Names::of(wrong), None, "{wrong}");
    }
}

/// Holds off a fact of a guideline that a scope file silently goes without.
#[test]
fn what_a_scope_file_has_no_place_for_is_said_with_its_place() {
    let read = imported(SCOPE);
    let folder = folder(&read);
    let path = |name: &str| folder.path().join("test").join(name);
    let v2 = fs::read_to_string(path("harbour-v2.yaml")).unwrap();
    let family = fs::read_to_string(path("family.yaml")).unwrap();
    let said = || catalogue(folder.path()).scope_file("test/harbour").unwrap_err().to_string();
    // The values of a module hold for what stands beside it.
    let values = "test/harbour-v2: component `quay-v1-rec`: parameters is `chart is https://example.org/chart-2`";
    let test = "    - name: quay-length\n";
    for (from, to, part) in [
        (
            test,
            "    - name: quay-length\n      aliases: [quay-size]\n",
            "test/harbour-v2: test `quay-length`: aliases is `quay-size`, and would be nothing",
        ),
        (test, "    - name: quay-length\n      manual: true\n", "test `quay-length`: manual"),
        (
            test,
            "    - name: quay-length\n      flag: {date: 2026-01-01, reason: A fog., action: Wait.}\n",
            "test/harbour-v2: flag of `quay-length`",
        ),
        (
            "rule: aborted-fails",
            "rule: no-failures",
            "test/harbour-v2: guideline `test/harbour-v2`: rule is `no-failures`, and would be `aborted-fails`",
        ),
        ("status: approved", "status: superseded", "status is `superseded`, and would be `approved`"),
        ("      chart: https://example.org/chart-2", "      chart: https://example.org/chart-9", values),
        ("    beside: quay-v1\n", "", "test/harbour-v2: component `quay-v1-rec`: it is asked for here, and beside"),
    ] {
        assert!(v2.contains(from), "{from:?} is not in:\n{v2}");
        fs::write(path("harbour-v2.yaml"), v2.replacen(from, to, 1)).unwrap();
        let said = said();
        assert!(said.contains(part), "{part}: {said}");
    }
    fs::write(path("harbour-v2.yaml"), &v2).unwrap();
    // A state that no target is.
    let v1 = fs::read_to_string(path("harbour-v1.yaml")).unwrap();
    assert!(v1.contains("required:"), "{v1}");
    fs::write(path("harbour-v1.yaml"), v1.replacen("required:", "deprecated:", 1)).unwrap();
    assert!(said().contains("component `quay-v1`: capability `quay-v1`: it is deprecated there"), "{}", said());
    // Two guidelines that say otherwise of one module.
    fs::write(path("harbour-v1.yaml"), v1.replacen("    - name: quay-lamps\n", "    - name: quay-bell\n", 1)).unwrap();
    assert!(
        said().contains("test/harbour-v1: component `quay-v1`: its tests are not those in test/harbour-v3"),
        "{}",
        said()
    );
    // One that is there, and that no version names.
    fs::write(path("harbour-v4.yaml"), v1.replacen("test/harbour-v1", "test/harbour-v4", 1)).unwrap();
    assert!(said().contains("test/harbour-v4: no version of the family has it"), "{}", said());
    fs::remove_file(path("harbour-v4.yaml")).unwrap();
    fs::remove_file(path("harbour-v1.yaml")).unwrap();
    assert!(said().contains("the family: version `v1`: guideline `test/harbour-v1` is missing"), "{}", said());
    fs::write(path("harbour-v1.yaml"), &v1).unwrap();
    let twice = family.replacen("    quay-v1:\n", "    quay-v1:\n      targets: {main: [quay-bell]}\n", 1);
    fs::write(path("family.yaml"), twice).unwrap();
    assert!(said().contains("the family: module `quay-v1`: its targets stand in test/harbour-v3 too"), "{}", said());
    fs::write(path("family.yaml"), family.replacen("    anchor-v1:\n", "    anker-v1:\n", 1)).unwrap();
    let shown = said();
    assert!(shown.contains("no module `anchor-v1`") && shown.contains("family.yaml:"), "{shown}");
    // Sentences describe, and nothing asks for them: they are told, and no error.
    fs::write(path("family.yaml"), &family).unwrap();
    fs::write(path("harbour-v2.yaml"), v2.replacen("    project: scs\n", "    project: quay\n", 1)).unwrap();
    let exported = catalogue(folder.path()).scope_file("test/harbour").unwrap();
    assert_eq!(exported.left_out, ["test/harbour-v2: project"]);
    let unknown = catalogue(folder.path()).scope_file("test/harbour-v2").unwrap_err().to_string();
    assert_eq!(
        unknown,
        "no scope is called `test/harbour-v2` (did you mean `test/harbour`?); there are `test/harbour`"
    );
}

/// Every error in a family's scope has its place.
#[test]
fn a_wrong_scope_in_a_family_is_refused_with_its_place() {
    let (_, good) = imported(SCOPE).files().swap_remove(0);
    for (from, to, kind, message) in [
        ("  name: harbour\n", "  name: Harbour\n", "bad-value", "`Harbour` is not a word"),
        ("      quay-bell: {}\n", "      quay-bell: {}\n      quay-bell: {}\n", "duplicate-key", "written twice"),
        ("      crane-licence:\n", "      quay-bell: {}\n      crane-licence:\n", "duplicate", "stands in two scripts"),
        (
            "guideline: test/harbour-v2\n",
            "guideline: test/harbour-v2\n      approved: 2026-01-01\n",
            "contradiction",
            "has a guideline",
        ),
        ("      - module: anchor-v1\n", "      - module: anker-v1\n", "unknown-name", "no module `anker-v1`"),
        ("    anchor-v1:\n", "    anchor-v1:\n      targtes: {}\n", "unknown-key", "`targtes`"),
        ("  uuid: 0b7d6c1e", "  uuid: 0B7D6C1E", "bad-value", "bare UUID"),
    ] {
        assert!(good.contains(from), "{from:?} is not in:\n{good}");
        let errors = assay_guidelines::Family::parse("test/family.yaml", &good.replacen(from, to, 1)).unwrap_err();
        let problem = &errors.problems()[0];
        assert!(problem.code.name() == kind && problem.message.contains(message), "{kind} {message}: {errors}");
        assert!(problem.line > 0 && problem.help.is_some(), "{errors}");
    }
}

/// Holds off a version that is chosen for its number, or for its guideline's day, where the states of the day decide.
#[test]
fn a_scope_means_the_version_that_is_effective_on_the_day() {
    let embedded = Catalogue::embedded();
    let on = |catalogue: &Catalogue, spec: &str, day: &str| {
        catalogue.get(spec, day.parse().unwrap()).map(|loaded| loaded.guideline.id).map_err(|error| error.to_string())
    };
    let scs = |day: &str| on(&embedded, "scs/iaas", day);
    // Both v4 and v5.1 are effective at first: the later one counts.
    for day in ["2024-12-19", "2025-02-01", "2026-06-11", "2030-01-01"] {
        assert_eq!(scs(day).as_deref(), Ok("scs/iaas-v5.1"), "{day}");
    }
    assert_eq!(scs("2024-12-18").unwrap_err(), "no version of `scs/iaas` is effective on 2024-12-18; name a version");
    assert_eq!(on(&embedded, "scs/iaas-v4", "2030-01-01").as_deref(), Ok("scs/iaas-v4"));
    assert_eq!(on(&embedded, "scs/latest", "2026-01-01").as_deref(), Ok("scs/iaas-v5.1"));
    let near = on(&embedded, "scs/iaass", "2026-01-01").unwrap_err();
    assert!(near.contains("(did you mean `scs/iaas`?)"), "{near}");

    let read = imported(SCOPE);
    let folder = folder(&read);
    let path = folder.path().join("test/family.yaml");
    let family = fs::read_to_string(&path).unwrap();
    let harbour = |day: &str| on(&catalogue(folder.path()), "test/harbour", day);
    assert_eq!(harbour("2026-04-30").as_deref(), Ok("test/harbour-v2"));
    assert_eq!(harbour("2026-05-01").as_deref(), Ok("test/harbour-v2"));
    assert!(
        harbour("2025-12-31").unwrap_err().contains("no version of `test/harbour` is effective on 2025-12-31; name")
    );
    fs::write(&path, family.replace("v2: effective", "v2: warn").replace("v1: effective", "v1: warn")).unwrap();
    let none = harbour("2026-06-01").unwrap_err();
    let states = "is effective on 2026-06-01, `v3` is draft, `v2` is warn, `v1` is warn; name a version";
    assert!(none.contains(states), "{none}");
    fs::write(&path, family.replace("v3: draft", "v0.9: effective").replace("v2: effective", "v2: warn")).unwrap();
    let unheld = harbour("2026-06-01").unwrap_err();
    assert!(
        unheld.starts_with("`test/harbour` means `v0.9` on 2026-06-01, and the guideline of this version is missing"),
        "{unheld}"
    );
    fs::write(&path, "schema: assay.family/1\n").unwrap();
    assert!(matches!(catalogue(folder.path()).get("test/harbour", DAY), Err(Error::File(_))));
}

#[test]
fn the_states_of_the_day_are_those_of_the_family() {
    let family = Catalogue::embedded().family("scs").unwrap();
    let state = |day: &str, version: &str| family.period(day.parse().unwrap())?.versions.get(version).copied();
    assert_eq!(state("2025-01-31", "v4"), Some(Validity::Effective));
    assert_eq!(state("2025-02-01", "v4"), Some(Validity::Warn));
    assert_eq!(state("2025-07-01", "v4"), Some(Validity::Deprecated));
    assert_eq!((state("2026-06-10", "next"), state("2026-06-11", "v4")), (Some(Validity::Draft), None));
    assert_eq!(state("2024-12-18", "v4"), None);
}

/// Holds off a test case that was lost, or put into another target: these numbers are the published file's.
#[test]
fn the_guidelines_of_scs_are_complete() {
    for (id, status, required, advisory, manual) in [
        ("scs/iaas-v4", Status::Superseded, 39, 23, 0),
        ("scs/iaas-v5.1", Status::Approved, 54, 30, 3),
        ("scs/iaas-next", Status::Draft, 55, 28, 3),
    ] {
        let guideline = embedded(id);
        let tests = guideline.tests_of(guideline.target("iaas").unwrap()).unwrap();
        let count = |state| tests.iter().filter(|test| test.state == state).count();
        let by_hand = tests.iter().filter(|test| test.test.manual).count();
        assert_eq!((count(State::Required), count(State::Advisory), by_hand), (required, advisory, manual), "{id}");
        assert_eq!(guideline.status, status, "{id}");
        for test in &tests {
            let previewed = |name: &&str| guideline.capabilities[*name].published_as.as_deref() == Some("preview");
            assert_eq!(test.test.manual, test.capabilities.iter().any(previewed), "{}", test.test.name);
            assert!(!test.test.manual || test.state == State::Advisory, "{}", test.test.name);
        }
    }
    let lists = |id: &str, module: &str| embedded(id).components[module].parameters["image_spec"].clone();
    assert!(lists("scs/iaas-v5.1", "scs-0104-v1-2").ends_with("/scs-0104-v1-images-v5.yaml"));
    assert!(lists("scs/iaas-v4", "scs-0104-v1-1").ends_with("/scs-0104-v1-images.yaml"));
    let scope = Catalogue::embedded().family("scs").unwrap().scope.unwrap();
    let by_hand: Vec<_> =
        scope.cases().filter(|(_, script, _)| script.executable.is_none()).map(|(id, ..)| id).collect();
    assert_eq!(by_hand, ["key-manager-docs-check", "availability-zones-check", "domain-manager-check"]);
    assert!(scope.cases().all(|(_, _, case)| case.summary.is_some() && case.link.is_some()));
}

/// What is shipped can be exported: nothing that asks for something has no place, and what is read back is exported the same.
#[test]
fn the_shipped_scope_is_exported_and_read_back() {
    let exported = Catalogue::embedded().scope_file("scs/iaas").unwrap_or_else(|error| panic!("{error}"));
    let what = "project, provenance, summary, test repositories";
    assert_eq!(exported.left_out.len(), 3);
    assert!(exported.left_out.iter().all(|left_out| left_out.ends_with(what)), "{:?}", exported.left_out);
    let read = import("scope.yaml", None, &exported.text).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(read.repairs.is_empty());
    let folder = folder(&read);
    assert_eq!(catalogue(folder.path()).scope_file("scs/iaas").unwrap().text, exported.text);
}

#[test]
fn lint_passes_on_the_guidelines_of_scs_and_on_imported_ones() {
    let embedded = Catalogue::embedded();
    let folder = folder(&imported(SCOPE));
    let ours = catalogue(folder.path());
    let ids = |catalogue: &Catalogue| catalogue.ids().map(str::to_owned).collect::<Vec<_>>();
    let mut checked = 0;
    for (catalogue, id) in
        ids(&embedded).iter().map(|id| (&embedded, id)).chain(ids(&ours).iter().map(|id| (&ours, id)))
    {
        if id.starts_with("scs/iaas-") || id.starts_with("test/") {
            let loaded = catalogue.get(id, DAY).unwrap();
            let report = lint(&loaded, &Options { day: DAY, against: None, tests: None }).unwrap();
            assert_eq!((report.errors, report.warnings), (0, 0), "{id}: {}", report.render(false));
            checked += 1;
        }
    }
    assert_eq!(checked, 6);
}

/// Holds off rules of the format for what scopes brought: a component that adds to another one, and a test that is manual.
#[test]
fn what_stands_beside_a_component_requires_nothing_and_a_test_is_manual_everywhere() {
    let good = include_str!("../good.yaml");
    let component =
        "  more:\n    capabilities: {advisory: [images-list]}\n    beside: compute\n    parameters: {list: here}\n";
    let good = good.replacen("capabilities:\n  flavors-list", &format!("{component}capabilities:\n  flavors-list"), 1);
    assay_guidelines::parse("small.yaml", &good).unwrap_or_else(|errors| panic!("{errors}"));
    for (from, to, kind, message) in [
        ("beside: compute", "beside: more", "contradiction", "`more` stands beside itself"),
        ("beside: compute", "beside: compte", "unknown-name", "no component `compte`"),
        ("{advisory: [images-list]}", "{required: [images-list]}", "contradiction", "`more` requires something"),
        ("{list: here}", "{list: [here]}", "wrong-type", "`list` takes text, not a list"),
        (
            "      - name: b.images.one\n",
            "      - name: b.images.one\n        manual: perhaps\n",
            "wrong-type",
            "`manual` takes",
        ),
        (
            "      - name: b.images.one\n",
            "      - name: a.flavors.one\n        uuid: e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59\n        manual: true\n      - name: b.images.one\n",
            "contradiction",
            "`a.flavors.one` is manual in one place",
        ),
    ] {
        assert!(good.contains(from), "{from:?}");
        let errors = assay_guidelines::parse("small.yaml", &good.replacen(from, to, 1)).unwrap_err();
        let [problem] = errors.problems() else { panic!("{errors}") };
        assert!(problem.code.name() == kind && problem.message.contains(message), "{kind} {message}: {errors}");
    }
}

/// The other form of the Sovereign Cloud Stack's, which was before this one, and a guideline in YAML.
#[test]
fn what_is_no_scope_file_is_refused() {
    let room = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let guideline = fs::read_to_string(room.join("scs/iaas-v4.yaml")).unwrap();
    let said = refused(&guideline).to_string();
    assert!(said.contains("`schema` is not a key of a scope file"), "{said}");
    let old = "name: Old\nurl: https://example.org\nversions:\n  - version: v1\n    standards:\n      - name: Quay\n";
    let said = refused(old).to_string();
    assert!(said.contains("lacks the keys `uuid`, `modules`, `timeline`"), "{said}");
    assert!(said.contains("`standards` is not a key of a version") && said.contains("harbour.yaml:5:5"), "{said}");
    assert!(refused("").to_string().contains("the file is empty"));
    assert!(refused("- a\n").to_string().contains("a scope file takes keys and values, not a list"));
    assert!(refused(&format!("a: {}", "[".repeat(100_000))).to_string().contains("levels are nested"));
    assert!(refused(&" ".repeat(5 * 1024 * 1024)).to_string().contains("larger than 4 MiB"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// Holds off a panic on damaged text, and an export that is not the document that was read.
    #[test]
    fn damaged_text_is_refused_or_comes_back_the_same(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..20usize, "[\\[\\]{}\":,#&*|>'a-c0-9 \n-]{0,6}"), 1..3),
    ) {
        let mut letters: Vec<char> = SCOPE.chars().collect();
        for (at, length, new) in cuts {
            let at = at.index(letters.len());
            let end = (at + length).min(letters.len());
            letters.splice(at..end, new.chars());
        }
        let text: String = letters.into_iter().collect();
        if let Ok(read) = import("odd.yaml", Names::of("test/harbour"), &text) {
            prop_assert_eq!(data(&exported(&read)), data(&text));
        }
    }
}
