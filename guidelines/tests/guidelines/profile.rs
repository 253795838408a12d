//! Reading Redfish interoperability profiles, and what is said of those that are wrong.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use assay_guidelines::profile::{Applies, Comparison, Level, Read, Version, Write, clauses, guideline, load, parse};
use assay_guidelines::{Errors, import};

/// A profile of our own with every construct once.
const GOOD: &str = include_str!("../profile.json");
/// The one that it requires.
const BASE: &str = r#"{"ProfileName": "SmallBase", "ProfileVersion": "1.1.0", "Resources": {"ServiceRoot": {}}}"#;

fn errors(changes: &[(&str, &str)]) -> Errors {
    let text = changes.iter().fold(GOOD.to_owned(), |text, (right, wrong)| {
        assert!(text.contains(right), "nothing to replace: {right}");
        text.replacen(right, wrong, 1)
    });
    match parse("small.json", &text) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(errors) => errors,
    }
}

/// What is replaced in [`GOOD`] by what; the line, the column and a part of what is said of it.
type Case = (&'static [(&'static str, &'static str)], usize, usize, &'static str);

/// The one problem of a text: its place, and what is said of it.
fn only(changes: &[(&str, &str)]) -> (usize, usize, String) {
    let errors = errors(changes);
    let [problem] = errors.problems() else { panic!("{errors}") };
    let help = problem.help.clone().unwrap_or_default();
    (problem.line, problem.column, format!("{} | {help}", problem.message))
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

fn names(path: &Path) -> Vec<String> {
    let set = load(path).unwrap_or_else(|errors| panic!("{errors}"));
    set.profiles.iter().map(|profile| format!("{} {}", profile.name, profile.version)).collect()
}

#[test]
fn every_construct_is_read() {
    let profile = parse("small.json", GOOD).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(profile.unknown.is_empty(), "{:?}", profile.unknown);
    assert_eq!(
        profile.protocol.min_version.map(|(version, line)| (version.to_string(), line)),
        Some(("1.6.0".into(), 7))
    );
    assert_eq!(profile.protocol.features.keys().collect::<Vec<_>>(), ["ExpandQuery", "ErrorResponse/ExtendedInfo"]);
    let [rack, absent, sled] = profile.resources["Chassis"].as_slice() else { panic!("three use cases") };
    assert!(
        matches!(&rack.applies, Applies::Key { property, check } if property == "ChassisType" && check.comparison == Comparison::Equal)
    );
    assert_eq!((rack.read, &absent.applies), (Read::IfImplemented, &Applies::Absent));
    assert!(matches!(&sled.applies, Applies::Below { resource: "Chassis", property: "ChassisType", .. }));
    let [system] = profile.resources["ComputerSystem"].as_slice() else { panic!("one") };
    assert_eq!(system.min_version, Version::parse("1.5.0"));
    let target = &system.properties["Boot"].properties["BootSourceOverrideTarget"];
    assert_eq!(
        (target.write, target.min_support_values.as_slice()),
        (Write::Mandatory, &["Pxe".to_owned(), "Cd".to_owned()][..])
    );
    let led = &system.properties["IndicatorLED"];
    assert_eq!(led.replaced_by.as_deref(), Some("LocationIndicatorActive"));
    assert_eq!((led.conditions[0].read, led.conditions[0].write), (Read::Mandatory, Some(Write::Supported)));
    assert_eq!(led.conditions[0].subordinate_to, ["ComputerSystemCollection"]);
    assert_eq!(system.actions["Reset"].parameters["ResetType"].recommended, ["Nmi"]);
    assert_eq!(profile.resources["ComputerSystemCollection"][0].properties["Members"].min_count, Some(1));
    assert_eq!(profile.registries["Base"].messages["Odd"].0, Read::Recommended);
}

#[test]
fn each_error_says_what_is_wrong_and_where_and_what_to_do() {
    let cases: &[Case] = &[
        (
            &[("\"IfImplemented\"", "\"IfImplementd\"")],
            16,
            40,
            "`ReadRequirement` is `IfImplementd` | did you mean `IfImplemented`?",
        ),
        (
            &[("\"RackMount\"]", "{\"a\": 1}]")],
            15,
            43,
            "a value of `Resources/Chassis/UseCases/0/UseCaseKeyValues` is an object",
        ),
        (
            &[("\"MinVersion\": \"1.5.0\"", "\"MinVersion\": \"1\"")],
            28,
            27,
            "`MinVersion` is `1`, which is no version | write it as",
        ),
        (
            &[("\"MinCount\": 1", "\"MinCount\": \"1\"")],
            67,
            62,
            "is `1`, and a whole number belongs here | write it without",
        ),
        (&[("\"CreateResource\": true", "\"CreateResource\": \"yes\"")], 66, 31, "is `yes` | write `true` or `false`"),
        (&[("\"ProfileVersion\": \"1.2.0\",", "")], 2, 5, "the profile lacks `ProfileVersion` | a profile has"),
        (&[("                            \"CompareType\": \"Equal\",\n", "")], 46, 29, "lacks `CompareType` | say how"),
        (&[("\"Values\": [\"Lit\", \"Off\"],", "")], 40, 21, "lacks `Values` | list the values"),
        (&[("{\"Model\": {}}", "[1]")], 17, 46, "is a list, and an object belongs here | write it as"),
        (&[("\"Model\": {}", "\"Model\": {}, \"Model\": {}")], 17, 59, "the key `Model` is written twice"),
        (
            &[("\"UseCaseType\": \"AbsentResource\"", "\"UseCaseType\": \"Absent\"")],
            19,
            33,
            "`UseCaseType` is `Absent` | it is one of",
        ),
        (
            &[("\"Purpose\": \"To boot.\"", "\"Purpose\": 7")],
            31,
            32,
            "is `7`, and text belongs here | write it in quotation marks",
        ),
        (&[("\"Resources\": {", "\"Resources\": {,")], 8, 19, "this is not JSON"),
    ];
    let mut misplaced = Vec::new();
    for (changes, line, column, said) in cases {
        let (at, of, text) = only(changes);
        assert!(text.contains(said), "{text}\nshould contain\n{said}");
        if (at, of) != (*line, *column) {
            misplaced.push(format!("{at}:{of}, not {line}:{column}: {text}"));
        }
    }
    assert!(misplaced.is_empty(), "{misplaced:#?}");
}

/// Holds off a profile from whose file something is dropped in silence.
#[test]
fn what_is_not_known_is_listed_with_its_place() {
    let text = GOOD.replacen("\"Purpose\": \"To boot.\"", "\"Purpos\": \"To boot.\"", 1).replacen(
        "\"CreateResource\"",
        "\"RequiredResourceProfile\": {\"Name\": \"X\"}, \"CreateResource\"",
        1,
    );
    let profile = parse("small.json", &text).unwrap_or_else(|errors| panic!("{errors}"));
    let listed: Vec<_> =
        profile.unknown.iter().map(|unknown| (unknown.line, unknown.column, unknown.path.as_str())).collect();
    assert_eq!(
        listed,
        [
            (31, 21, "Resources/ComputerSystem/PropertyRequirements/Boot/Purpos"),
            (66, 41, "Resources/ComputerSystemCollection/RequiredResourceProfile")
        ]
    );
    assert!(profile.unknown[0].message.ends_with("did you mean `Purpose`?"), "{:?}", profile.unknown[0]);
}

#[test]
fn files_that_are_no_profile_are_refused_and_nothing_panics() {
    for text in ["", "[]", "7", "{}", "{\"ProfileName\": {}}", &"[".repeat(100_000), "{\"a\": \"\\ud800\"}"] {
        assert!(parse("x.json", text).is_err(), "{text}");
    }
    let deep = format!("{}{}", "{\"Resources\": ".repeat(100), "}".repeat(100));
    assert!(parse("x.json", &deep).is_err());
    assert!(load("/nowhere/profile.json").unwrap_err().to_string().contains("cannot read the profile"));
}

#[test]
fn required_profiles_are_found_beside_the_file() {
    let files = folder(&[("small.json", GOOD)]);
    let main = files.path().join("small.json");
    let said = load(&main).unwrap_err().to_string();
    assert!(said.contains("small.json:6:") && said.contains("put SmallBase.v1_1_0.json, or a newer one"), "{said}");

    let write = |name: &str, version: &str| {
        fs::write(files.path().join(name), BASE.replace("1.1.0", version)).unwrap();
    };
    // Too old, of another major version, and of another profile with a longer name.
    write("SmallBase.v1_0_9.json", "1.0.9");
    write("SmallBase.v2_0_0.json", "2.0.0");
    write("SmallBaseline.v1_5_0.json", "1.5.0");
    assert!(load(&main).is_err());
    write("SmallBase.v1_1_0.json", "1.1.0");
    assert_eq!(names(&main), ["Small Profile 1.2.0", "SmallBase 1.1.0"]);
    // The newest of what fits is taken, and 1.10 is newer than 1.9.
    write("SmallBase.v1_9_0.json", "1.9.0");
    write("SmallBase.v1_10_0.json", "1.10.0");
    assert_eq!(names(&main), ["Small Profile 1.2.0", "SmallBase 1.10.0"]);
}

#[test]
fn a_circle_of_profiles_ends_and_an_error_names_the_file_it_is_in() {
    let circle = |name: &str, other: &str| {
        format!(
            r#"{{"ProfileName": "{name}", "ProfileVersion": "1.0.0", "RequiredProfiles": {{"{other}": {{"MinVersion": "1.0.0"}}}}}}"#
        )
    };
    let files = folder(&[("A.v1_0_0.json", &circle("A", "B")), ("B.v1_0_0.json", &circle("B", "A"))]);
    assert_eq!(names(&files.path().join("A.v1_0_0.json")), ["A 1.0.0", "B 1.0.0"]);
    fs::write(files.path().join("B.v1_0_0.json"), "{").unwrap();
    let said = load(files.path().join("A.v1_0_0.json")).unwrap_err().to_string();
    assert!(said.contains("B.v1_0_0.json"), "{said}");
}

#[test]
fn each_requirement_has_a_name_of_its_own_that_stays() {
    let files = folder(&[("small.json", GOOD), ("SmallBase.v1_1_0.json", BASE)]);
    let set = load(files.path().join("small.json")).unwrap();
    let clauses = clauses(&set);
    let ids: HashSet<_> = clauses.iter().map(|clause| &clause.id).collect();
    let uuids: HashSet<_> = clauses.iter().map(|clause| &clause.uuid).collect();
    assert_eq!((ids.len(), uuids.len()), (clauses.len(), clauses.len()));
    let level =
        |id: &str| clauses.iter().find(|clause| clause.id == id).unwrap_or_else(|| panic!("{id}: {ids:?}")).level;
    assert_eq!(level("profile.Small-Profile.Chassis(A-rack-mount).Model.read"), Level::Mandatory);
    assert_eq!(
        level("profile.Small-Profile.ComputerSystem.Boot.BootSourceOverrideTarget.supported-values"),
        Level::Mandatory
    );
    // It is only recommended, but mandatory under a condition.
    assert_eq!(level("profile.Small-Profile.ComputerSystem.IndicatorLED.read"), Level::Mandatory);
    assert_eq!(
        level("profile.Small-Profile.ComputerSystem.Actions.#ComputerSystem.Reset.ResetType.recommended-values"),
        Level::Recommended
    );
    assert_eq!(level("profile.Small-Profile.Base.Odd.message"), Level::Recommended);
    assert_eq!(level("profile.SmallBase.ServiceRoot.resource"), Level::Mandatory);
    assert!(clauses.iter().all(|clause| clause.line > 0 && !clause.required.is_empty()));
}

#[test]
fn the_guideline_made_of_a_profile_is_one_that_the_loader_takes() {
    let files = folder(&[("small.json", GOOD), ("SmallBase.v1_1_0.json", BASE)]);
    let set = load(files.path().join("small.json")).unwrap();
    let made = guideline(&set);
    assert_eq!(made.id, "small-profile/1.2.0");
    let read = assay_guidelines::parse("made.yaml", &import::yaml(&made)).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(read, made);
    let asked = clauses(&set).into_iter().filter(|clause| clause.level != Level::None).count();
    assert_eq!(made.capabilities.values().map(|capability| capability.tests.len()).sum::<usize>(), asked);
    let component = &made.components["redfish"].capabilities;
    assert!(component.required.contains(&"redfish-computer-system".to_owned()), "{component:?}");
    assert!(component.advisory.contains(&"redfish-computer-system-recommended".to_owned()), "{component:?}");
}
