//! What nobody can vouch for is said, first and plain, and never passes for conformant without a word.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Ended, Place, end};

const GUIDELINE: &str = "\
schema: assay.guideline/1
id: small/1
title: A small one
status: approved
approved: 2020-06-01
targets:
  one: {title: One, summary: Tokens., components: [one]}
components:
  one: {capabilities: {required: [tokens]}}
capabilities:
  tokens:
    project: keystone
    summary: Tokens.
    tests:
      - {name: a.create, uuid: 6f8e4436-fc96-4282-8122-e41df57197a9}
";
const TEST: &str = "identity.tokens.create";
const SCORE: [&str; 4] = ["score", "run", "--guideline", "small.yaml"];

/// A folder with a run that conforms to a small guideline.
async fn place() -> Place {
    let place = Place::new();
    place.write("small.yaml", GUIDELINE);
    let ended = place.run(&["run", "--cloud", "reference", "--guideline", "small.yaml", "--out", "run"]).await;
    ended.says(0, &[]).prints(&["Conformant to One under A small one: all 1 required capabilities are met."]);
    assert!(!ended.stdout.contains("vouch") && !ended.stderr.contains("vouch"), "{ended:#?}");
    place
}

/// Scores it as somebody who did not make the run.
async fn score(place: &Place, arguments: &[&str]) -> Ended {
    end(place.program(crate::support::assay()).args(arguments).env("ASSAY_STATE", "nowhere").spawn().unwrap()).await
}

fn edit(place: &Place, file: &str, change: impl Fn(&mut Value)) {
    let text = place.read(file);
    let lines = if file != "run/run.json" && file != "run/manifest.json" {
        text.lines().collect()
    } else {
        vec![text.as_str()]
    };
    let mut changed = String::new();
    for line in lines {
        let mut value: Value = serde_json::from_str(line).unwrap();
        change(&mut value);
        changed.push_str(&format!("{value}\n"));
    }
    place.write(file, &changed);
}

fn transcript(place: &Place) -> String {
    let name = std::fs::read_dir(place.path("run/transcripts")).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<String> = name.map(|name| name.into_string().unwrap()).collect();
    format!("run/transcripts/{}", names.iter().find(|name| name.starts_with(TEST)).unwrap())
}

/// What is forged, what is said of it, and how it is done.
type Forgery = (&'static str, &'static str, fn(&Place));

/// Writes the manifest anew, as a forger would.
fn seal(place: &Place) {
    let folder = assay_reports::RunFolder::open(place.path("run")).unwrap();
    let (run, _, _) = folder.load().unwrap();
    assay_reports::record::manifest::write(folder.path(), &run, None).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_as_it_was_left_is_conformant_and_the_note_of_its_origin_stands_in_every_format() {
    let place = place().await;
    let ended = score(&place, &SCORE).await;
    ended
        .says(0, &["note: run: no key of this run is kept here"])
        .prints(&["Conformant to One", "nobody vouches for who wrote it"]);
    assert!(!ended.stdout.contains("but not vouched"), "{ended:#?}");
    for format in ["json", "markdown", "html", "junit"] {
        let ended = score(&place, &[&SCORE[..], &["--format", format]].concat()).await;
        ended.says(0, &[]).prints(&["nobody vouches for who wrote it"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_is_left_out_is_said_in_the_headline_of_every_format() {
    let place = place().await;
    let headline =
        "Conformant to One under A small one, but not vouched for: tests are recorded as passed, and the exchanges";
    let transcript = transcript(&place);
    std::fs::rename(place.path(&transcript), place.path("kept")).unwrap();
    seal(&place);
    let ended = score(&place, &SCORE).await;
    ended.says(0, &["not vouched for: run: tests are recorded as passed", TEST]);
    let text = ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.starts_with(headline), "{text}");
    for (format, word) in [
        ("json", headline),
        ("markdown", "Conformant, but not vouched for"),
        ("html", "Conformant, but not vouched for"),
        ("junit", "Left out: tests are recorded as passed"),
    ] {
        score(&place, &[&SCORE[..], &["--format", format]].concat()).await.says(0, &[]).prints(&[word]);
    }
    let compare = ["compare", "run", "--guideline", "small.yaml"];
    score(&place, &compare)
        .await
        .says(0, &["not vouched for"])
        .prints(&["yes!", "Left out: tests are recorded as passed"]);
    for (format, word) in [
        ("csv", "tests are recorded as passed"),
        ("json", "\"unvouched\": true"),
        ("markdown", "yes\\!"),
        ("html", "yes!"),
    ] {
        score(&place, &[&compare[..], &["--format", format]].concat()).await.says(0, &[]).prints(&[word]);
    }

    // An empty transcript counts as a missing one.
    place.write(&transcript, "");
    seal(&place);
    score(&place, &SCORE).await.says(0, &["not vouched for"]).prints(&["but not vouched for"]);
    // Nor is one of a test that says it asked for nothing.
    edit(&place, "run/results.jsonl", |record| record["requests"] = 0.into());
    seal(&place);
    score(&place, &SCORE).await.says(0, &["without a single request"]).prints(&["but not vouched for"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_without_its_manifest_is_not_vouched_for() {
    let place = place().await;
    std::fs::remove_file(place.path("run/manifest.json")).unwrap();
    score(&place, &SCORE)
        .await
        .says(0, &["not vouched for: run: the folder has no manifest"])
        .prints(&["but not vouched for"]);
    edit(&place, "run/run.json", |run| drop(run.as_object_mut().unwrap().remove("finished")));
    score(&place, &SCORE).await.says(0, &["did not come to its end"]).prints(&["but not vouched for"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_contradicts_itself_is_not_shown_to_be_conformant() {
    let forgeries: [Forgery; 12] = [
        ("requests", "another number of requests", |place| {
            edit(place, "run/results.jsonl", |record| record["requests"] = 7.into());
        }),
        ("a finding", "point at an exchange that is not there", |place| {
            edit(place, "run/results.jsonl", |record| {
                record["deviations"] = json!([{"requirement": "x", "exchange": 99}]);
            });
        }),
        ("a fail made a pass", "together with a requirement that they broke", |place| {
            edit(place, "run/results.jsonl", |record| record["failure"] = json!({"requirement": "x"}));
        }),
        ("selected", "had not selected", |place| edit(place, "run/run.json", |run| run["selected"] = json!([]))),
        ("an invented test", "does not have", |place| {
            edit(place, "run/results.jsonl", |record| record["id"] = "identity.tokens.invented".into());
            edit(place, "run/run.json", |run| run["selected"] = json!(["identity.tokens.invented"]));
        }),
        ("a UUID", "UUID that is not that of their test", |place| {
            let results = place.read("run/results.jsonl");
            let other = results.replace(TEST, "identity.versions.list");
            let transcript = transcript(place);
            std::fs::rename(place.path(&transcript), place.path("run/transcripts/identity.versions.list.jsonl"))
                .unwrap();
            place.write("run/results.jsonl", &other);
            edit(place, "run/run.json", |run| run["selected"] = json!(["identity.versions.list"]));
        }),
        ("numbers", "not numbered from 1", |place| {
            edit(place, &transcript(place), |exchange| exchange["number"] = 5.into());
        }),
        ("times", "before the run began", |place| {
            edit(place, &transcript(place), |exchange| exchange["started"] = "2020-01-01T00:00:00Z".into());
        }),
        ("later times", "after it ended", |place| {
            edit(place, &transcript(place), |exchange| exchange["started"] = "2999-01-01T00:00:00Z".into());
        }),
        ("an account", "account that the run was not given", |place| {
            edit(place, &transcript(place), |exchange| exchange["account"] = "spare".into());
            edit(place, "run/run.json", |run| run["accounts"] = json!({}));
        }),
        ("an address", "none of the run's", |place| {
            edit(place, &transcript(place), |exchange| exchange["url"] = "http://127.0.0.1.example/x".into());
        }),
        ("a transcript", "transcripts cannot be read", |place| drop(place.write(&transcript(place), "no JSON\n"))),
    ];
    for (name, word, forge) in forgeries {
        let place = place().await;
        forge(&place);
        // Without a new manifest, the files are others than they were; with one, they still contradict each other.
        for sealed in [false, true] {
            if sealed {
                seal(&place);
            }
            let ended = score(&place, &SCORE).await;
            ended.says(1, &["not vouched for", word]).prints(&["Not shown to be conformant", "contradicts itself"]);
            assert_eq!(ended.stderr.contains("files were changed"), !sealed, "{name}: {ended:#?}");
            let ended = score(&place, &[&SCORE[..], &["--format", "json"]].concat()).await;
            let report: Value = serde_json::from_str(&ended.stdout).unwrap();
            assert_eq!(report["verdict"], "unknown", "{name}");
            assert_eq!(report["doubts"][0]["weight"], "contradiction", "{name}");
            let ended = score(&place, &[&SCORE[..], &["--format", "junit"]].concat()).await;
            assert!(ended.stdout.contains("Contradiction: ") && ended.stdout.contains("<error"), "{name}: {ended:#?}");
        }
        score(&place, &["compare", "run", "--guideline", "small.yaml"])
            .await
            .says(0, &[word])
            .prints(&["Contradiction", "?"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_changed_missing_or_added_is_named() {
    for (word, subject, change) in [
        (
            "files were changed",
            "run.json",
            (|place| edit(place, "run/run.json", |run| run["argv"] = json!([]))) as fn(&Place),
        ),
        ("files of the run are missing", "transcripts/start.jsonl", |place| {
            std::fs::remove_file(place.path("run/transcripts/start.jsonl")).unwrap();
        }),
        ("files were added", "transcripts/more.jsonl", |place| drop(place.write("run/transcripts/more.jsonl", ""))),
        ("manifest cannot be read", "", |place| drop(place.write("run/manifest.json", "{}"))),
        ("is of another run", "", |place| {
            edit(place, "run/manifest.json", |manifest| manifest["run"] = "assay-00000000".into());
        }),
    ] {
        let place = place().await;
        change(&place);
        score(&place, &SCORE).await.says(1, &[word, subject]).prints(&["Not shown to be conformant", subject]);
    }
    // A report that is made again is no evidence.
    let place = place().await;
    place.write("run/report.txt", "mine");
    score(&place, &SCORE).await.says(0, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_is_held_against_the_key_of_the_user_s_own_run() {
    use assay_reports::record::state::{RunState, State};
    let place = place().await;
    let folder = assay_reports::RunFolder::open(place.path("run")).unwrap();
    let (run, _, _) = folder.load().unwrap();
    let mine = State::at(place.path("mine"));
    let key = RunState::new(&run.id, folder.path(), indexmap::IndexMap::new());
    drop(mine.keep(&key).unwrap());
    let score = async |arguments: &[&str]| {
        let state = place.path("mine");
        end(place.program(crate::support::assay()).args(arguments).env("ASSAY_STATE", state).spawn().unwrap()).await
    };
    // The manifest was written with another key, or with none.
    score(&SCORE).await.says(1, &["not written by this run of yours"]).prints(&["Not shown to be conformant"]);
    assay_reports::record::manifest::write(folder.path(), &run, Some(&key)).unwrap();
    let ended = score(&SCORE).await;
    ended.says(0, &[]).prints(&["all 1 required capabilities are met."]);
    assert!(!ended.stderr.contains("vouch") && !ended.stdout.contains("vouch"), "{ended:#?}");
    seal(&place);
    score(&SCORE).await.says(1, &["not written by this run of yours"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guideline_that_judges_comes_from_the_command_line_or_is_one_of_ours() {
    let place = place().await;
    let by_itself = ["score", "run"];
    // It was a file: only the command line can name it again.
    score(&place, &by_itself).await.says(2, &["`small/1`", "--guideline"]);
    std::fs::create_dir_all(place.path("mine/small")).unwrap();
    place.write("mine/small/1.yaml", GUIDELINE);
    let of_ours = ["score", "run", "--guidelines", "mine"];
    score(&place, &of_ours).await.says(0, &[]).prints(&["Conformant"]);
    // Another file under the same id.
    place.write("mine/small/1.yaml", &GUIDELINE.replace("A small one", "Another one"));
    let ended = score(&place, &of_ours).await;
    ended.says(2, &["another guideline", "small/1", "SHA-256", "mine/small/1.yaml", "--guideline"]);
    score(&place, &["score", "run", "--guideline", "mine/small/1.yaml"])
        .await
        .says(0, &["SHA-256 differ"])
        .prints(&["SHA-256 differ"]);
    // Nothing that a folder names is opened.
    place.write("run/own.yaml", &GUIDELINE.replace("required", "advisory"));
    place.write("secret", "root:x:0:0\n");
    for path in [
        "run/own.yaml",
        "./run/own.yaml",
        "small.yaml",
        "secret",
        "/etc/passwd",
        "../x",
        "small/../1",
        "small/1.yaml",
        "\u{1b}[2J",
        "",
    ] {
        edit(&place, "run/run.json", |run| run["guideline"]["id"] = path.into());
        let ended = score(&place, &by_itself).await;
        ended.says(2, &["--guideline"]);
        assert!(!ended.stderr.contains("root:x") && !ended.stderr.contains('\u{1b}'), "{path}: {ended:#?}");
        assert!(ended.stdout.is_empty(), "{path}: {ended:#?}");
    }
    // A run says of itself that another tool made it.
    edit(&place, "run/run.json", |run| run["source"] = "subunit v2".into());
    score(&place, &SCORE).await.says(2, &["run.json", "`source`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_and_files_of_runs_are_their_owner_s_alone() {
    let place = Place::new();
    place.write("small.yaml", GUIDELINE);
    std::fs::create_dir(place.path("there")).unwrap();
    std::fs::set_permissions(place.path("there"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = ["run", "--cloud", "reference", "--guideline", "small.yaml"];
    for out in ["new/below", "there"] {
        place.run(&[&run[..], &["--out", out]].concat()).await.says(0, &[]);
        private(&place.path(out));
    }
    place.run(&run).await.says(0, &[]);
    private(&place.path("assay-runs"));
    place.run(&["score", "there", "--guideline", "small.yaml", "--out", "scored"]).await.says(0, &[]);
    private(&place.path("scored"));
}

/// Asserts that nobody else can read a folder and what is in it.
fn private(path: &Path) {
    let mode = std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    if path.is_dir() {
        assert_eq!(mode, 0o700, "{}", path.display());
        for entry in std::fs::read_dir(path).unwrap() {
            private(&entry.unwrap().path());
        }
    } else {
        assert_eq!(mode, 0o600, "{}", path.display());
    }
}
