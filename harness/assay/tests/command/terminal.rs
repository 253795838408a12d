//! Nothing from outside steers a terminal: whatever is said by arguments, files, folders and deployments.

use std::path::{Path, PathBuf};

use assay_hostile::{Behaviour, Server};
use serde_json::{Value, json};

use crate::support::{Ended, Place, clouds, reference, with_lines};

/// What clears a screen, sets its title, fills the clipboard, turns the reading direction, hides letters, or ends a line
/// where nobody sees it.
const HOSTILE: &str = "MARK\u{1b}]52;c;cm0gLXJmIC8=\u{7}\u{1b}[2J\u{1b}[31mred\u{1b}[0m\u{9b}1m\u{9d}0;t\u{9c}\u{90}\u{8}\u{b}\u{c}\
                       \r\u{7f}\u{85}\u{ad}\u{61c}\u{180e}\u{200b}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\
                       \u{2066}\u{2067}\u{2068}\u{2069}\u{206f}\u{3164}\u{fe0f}\u{feff}\u{fffb}\u{e0001}\u{e0041}";

/// Asserts that all of it can be seen.
#[track_caller]
fn clean(what: &str, ended: &Ended) {
    for text in [&ended.stdout, &ended.stderr] {
        let found = text.chars().find(|letter| assay_text::is_unseen(*letter) && !matches!(letter, '\n' | '\t'));
        assert_eq!(found, None, "{what}: {ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_are_repeated_so_that_they_can_be_seen() {
    let place = Place::new();
    let option = format!("--{HOSTILE}");
    let guideline = ["--guideline", HOSTILE, "--target", HOSTILE];
    let commands: [&[&str]; 22] = [
        &[HOSTILE],
        &["run", &option],
        &["run", "--cloud", HOSTILE],
        &["run", "--cloud", "reference", HOSTILE],
        &["run", "--cloud", "reference", "--test-threads", HOSTILE],
        &["run", "--cloud", "reference", "--format", HOSTILE],
        &["run", "--cloud", "reference", "--product", HOSTILE],
        &["run", "--cloud", "reference", "--waivers", HOSTILE],
        &["run", "--deployment", HOSTILE],
        &[&["run", "--cloud", "reference"], &guideline[..]].concat(),
        &["doctor", "--cloud", HOSTILE],
        &["doctor", "--cloud", "reference", "--guideline", HOSTILE],
        &["score", HOSTILE],
        &["compare", HOSTILE, "--guideline", "openstack-powered/2020.06", "--target", "storage"],
        &["compare", "x", "--guideline", "openstack-powered/2020.06", "--what-if", HOSTILE],
        &["list", HOSTILE],
        &["guideline", "show", HOSTILE],
        &["guideline", "lint", HOSTILE],
        &["guideline", "timeline", HOSTILE],
        &["explain", HOSTILE],
        &["schema", HOSTILE],
        &["sweep", HOSTILE, "--cloud", HOSTILE],
    ];
    for command in commands {
        let ended = place.run(command).await;
        assert!(matches!(ended.code, Some(2 | 4)), "{command:?}: {ended:#?}");
        clean(&format!("{command:?}"), &ended);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_may_have_any_name_and_hold_anything() {
    let place = Place::new();
    let escaped = serde_json::to_string(HOSTILE).unwrap();
    for (at, text) in [
        format!("vendor: {escaped}\n{escaped}: 1\n"),
        format!("- {escaped}\n"),
        format!("schema: {escaped}\nname: x\n"),
        format!("schema: assay.guideline/1\n{escaped}: 1\nid: {escaped}\n"),
        format!("{HOSTILE}: [\n"),
        format!("clouds: {{{escaped}: {{auth: {escaped}}}}}\n"),
        "x: \u{202e}\u{2066}y: [\n".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        let name = format!("{at}{HOSTILE}.yaml");
        place.write(&name, text);
        place.write("clouds.yaml", text);
        for command in [
            &["run", "--cloud", "reference", "--product", &name] as &[&str],
            &["run", "--cloud", "reference", "--waivers", &name],
            &["run", "--deployment", &name],
            &["run", "--cloud", "reference", "--guideline", &name],
            &["guideline", "lint", &name],
            &["guideline", "show", &name],
            &["score", &name],
            &["run", "--cloud", "x"],
            &["run"],
        ] {
            let ended = place.run(command).await;
            assert_eq!(ended.code, Some(2), "{command:?}: {ended:#?}");
            clean(&format!("{command:?} {text:?}"), &ended);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clouds_may_have_any_name() {
    let reference = reference().await;
    let place = Place::new();
    let escaped = assay_text::json(&serde_json::to_string(&HOSTILE.replace(is_beyond, "")).unwrap());
    let name = HOSTILE.replace(is_beyond, "");
    place.write("clouds.yaml", &clouds(&reference).replace("  member:\n", &format!("  {escaped}:\n")));
    clean("no cloud", place.run(&["run"]).await.says(2, &["MARK"]));
    clean("doctor", place.run(&["doctor", "--cloud", &name]).await.says(0, &[]).prints(&["MARK"]));
    let ended = place.run(&["run", "--cloud", &name, "--out", "run", "identity.versions.list"]).await;
    clean("run", ended.says(0, &[]));
    let ended = place.run(&["run", "--cloud", &name, "identity.versions.list"]).await;
    clean("run into a folder that is named after it", ended.says(0, &["assay-runs"]));
}

/// Whether YAML has no escape of four digits for a character.
fn is_beyond(letter: char) -> bool {
    u32::from(letter) > 0xffff
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_deployment_says_is_shown_and_does_nothing() {
    let body = json!({"error": {"code": 401, "message": HOSTILE, "title": HOSTILE}}).to_string();
    let headers = vec![("Content-Type", "application/json".to_owned())];
    let server = Server::start(Behaviour::Answer(401, headers, body)).await.unwrap();
    let place = Place::new();
    place.write(
        "clouds.yaml",
        &format!(
            "clouds:\n  bad: {{auth: {{auth_url: '{}/v3', username: u, password: p, project_name: one}}}}\n",
            server.url()
        ),
    );
    for command in [&["doctor", "--cloud", "bad"] as &[&str], &["run", "--cloud", "bad", "--out", "bad"]] {
        clean("login", place.run(command).await.says(3, &[]));
    }

    for (status, kind, body) in [
        (500, "text/plain", HOSTILE.to_owned()),
        (
            200,
            "application/json",
            json!({"versions": [{"id": format!("v2.{HOSTILE}"), "status": HOSTILE}]}).to_string(),
        ),
        (300, "application/json", json!({"versions": [{"id": "v2.9", "status": "CURRENT"}], HOSTILE: {}}).to_string()),
    ] {
        let headers = vec![("Content-Type", kind.to_owned())];
        let server = Server::start(Behaviour::Answer(status, headers, body)).await.unwrap();
        let reference = reference().await;
        let place = Place::new();
        let url = server.url();
        let lines =
            format!("    image_endpoint_override: {url}\n    object_store_endpoint_override: {url}/v1/AUTH_x\n");
        place.write("clouds.yaml", &with_lines(&clouds(&reference), &lines));
        let tests = ["image.images.list", "object-storage.info", "object-storage.containers.create"];
        for (name, format) in
            [("plain", None), ("pretty", Some("pretty")), ("terse", Some("terse")), ("json", Some("json"))]
        {
            if status != 500 && format.is_some() {
                continue;
            }
            let mut command = vec!["run", "--cloud", "member", "--request-timeout", "1", "--out", name];
            command.extend(format.iter().flat_map(|format| ["--format", format]));
            command.extend(tests);
            let ended = place.run(&command).await;
            clean(name, &ended);
            if format == Some("json") {
                for line in ended.stdout.lines() {
                    assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
                }
            }
            // What is kept in the folder is looked at with `cat` and `less`, too.
            let score = ["score", name, "--guideline", "openstack-powered/2020.06", "--target", "storage"];
            clean("score", &place.run(&score).await);
        }
        clean("doctor", &place.run(&["doctor", "--cloud", "member"]).await);
        let ended = place.run(&["doctor", "--cloud", "member", "--json"]).await;
        clean("doctor --json", &ended);
        assert!(serde_json::from_str::<Value>(&ended.stdout).is_ok(), "{ended:#?}");
        clean("dry run", &place.run(&[&["run", "--cloud", "member", "--dry-run"], &tests[..]].concat()).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_a_stranger_is_shown_and_does_nothing() {
    let place = Place::new();
    let run = ["run", "--cloud", "reference", "--out", "run", "identity.versions.list"];
    place.run(&run).await.says(0, &[]);
    let mut description: Value = serde_json::from_str(&place.read("run/run.json")).unwrap();
    for key in ["id", "assay"] {
        description[key] = HOSTILE.into();
    }
    description["deployment"]["name"] = HOSTILE.into();
    description["product"] = json!({"vendor": HOSTILE, "name": HOSTILE, "version": HOSTILE, "type": "appliance"});
    place.write("run/run.json", &description.to_string());
    let record = json!({"id": HOSTILE, "verdict": "fail", "title": HOSTILE, "reason": HOSTILE, "left_behind": [HOSTILE],
        "failure": {"requirement": HOSTILE, "actual": HOSTILE, "curl": HOSTILE}});
    place.write("run/results.jsonl", &format!("{record}\n"));
    place.write(&format!("run/transcripts/{}", HOSTILE.replace('\0', "")), "x");
    for format in ["text", "json", "markdown", "html", "junit"] {
        let score =
            ["score", "run", "--guideline", "openstack-powered/2020.06", "--target", "storage", "--format", format];
        let ended = place.run(&score).await;
        clean(format, ended.says(1, &["MARK"]));
        if format == "json" {
            let report: Value = serde_json::from_str(&ended.stdout).unwrap();
            assert_eq!(report["deployment"], HOSTILE);
        }
    }
    for format in ["text", "json", "csv", "markdown", "html"] {
        let compare = ["compare", "run", "--guideline", "openstack-powered/2020.06", "--format", format];
        clean(format, place.run(&compare).await.says(0, &["MARK"]));
    }
}

/// Every other place that prints would have to make text visible by itself, and one day would not.
#[test]
fn one_place_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for room in ["capabilities", "guidelines", "harness", "reports"] {
        sources(&root.join(room), &mut files);
    }
    assert!(files.len() > 300, "only {} files were found", files.len());
    let printing =
        ["print!(", "println!(", "eprint!(", "eprintln!(", "dbg!(", "stdout()", "stderr()", "Stdio::inherit()"];
    let mut found = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        // One prints; the other speaks to cargo while the program is built.
        if name == "harness/cli/src/output.rs" || name == "guidelines/build.rs" {
            continue;
        }
        for (line, text) in text.lines().enumerate() {
            let code = text.split("//").next().unwrap_or_default();
            if printing.iter().any(|word| code.contains(word)) {
                found.push(format!("{name}:{}: {}", line + 1, text.trim()));
            }
        }
    }
    assert!(found.is_empty(), "let output.rs print:\n{}", found.join("\n"));
}

/// The source files below a folder; what tests and benchmarks print is of the project's own.
fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !["tests", "benches", "target"].contains(&name.as_str()) {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "tests.rs" {
            files.push(path);
        }
    }
}
