//! Output that cannot be written: a closed pipe is success, a full disk is not.

use crate::support::{Place, reference};

/// `head` goes away after the first line; what was asked for was printed.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_pipe_is_success() {
    let place = Place::new();
    // With its output closed before it begins, each of these writes into a broken pipe for sure.
    for command in [
        "list",
        "list --guideline openstack-powered/2020.06 --format json",
        "guideline show openstack-powered/2020.06",
        "schema report",
        "--help",
        "run --help",
        "--version",
    ] {
        let script = format!("( sleep 0.3; \"$assay\" {command}; echo $? >code ) | true");
        place.shell(&script).await.says(0, &[]);
        assert_eq!(place.read("code"), "0\n", "assay {command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_reader_has_gone_still_ends_as_it_would() {
    let place = Place::new();
    for format in ["pretty", "terse", "json"] {
        let script = format!(
            "( sleep 0.3; \"$assay\" run --cloud reference --format {format} --out {format} identity.versions; \
             echo $? >code ) | true"
        );
        let ended = place.shell(&script).await;
        ended.says(0, &["4 passed"]);
        assert_eq!(place.read("code"), "0\n", "{ended:#?}");
        assert_eq!(place.records(format).len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn standard_output_that_is_full_is_said() {
    let place = Place::new();
    place.shell("exec \"$assay\" list >/dev/full").await.says(2, &["standard output"]);
}

/// A limit on the size of files stops writing as a full disk does, for root as well; its signal must not end the process.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_the_run_and_what_was_begun_is_cleaned_up() {
    let reference = reference().await;
    let place = Place::of(&reference);
    place.run(&["run", "--cloud", "member", "--out", "first", "identity.versions.list"]).await.says(0, &[]);
    // What is written before the first test fits, and little more.
    let limit = std::fs::metadata(place.path("first/transcripts/start.jsonl")).unwrap().len() / 1024 + 2;
    let script = format!("ulimit -f {limit}; exec \"$assay\" run --cloud member --out run object-storage image");
    let ended = place.shell(&script).await;
    ended.says(2, &["cannot write", "--out", "too large"]);
    left_nothing(&place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn results_that_cannot_be_written_stop_the_run() {
    let reference = reference().await;
    let place = Place::of(&reference);
    // Each test's transcript is short, all records together are not.
    let script =
        "ulimit -f 4; exec \"$assay\" run --cloud member --out run identity.versions object-storage.info image.schemas";
    place.shell(script).await.says(2, &["cannot write", "--out"]);
    // A folder that takes nothing at all is refused before the deployment is touched.
    place.shell("ulimit -f 0; exec \"$assay\" run --cloud member --out nothing").await.says(2, &["nothing"]);
}

/// Nothing of any run is left in the accounts of the deployment.
async fn left_nothing(place: &Place) {
    let run = place.path("run/resources.jsonl");
    let journal = std::fs::read_to_string(&run).unwrap();
    let name = journal.split("\"name\":\"").nth(1).and_then(|rest| rest.get(..14)).expect("something was created");
    let ended = place.run(&["sweep", name, "--cloud", "member", "--dry-run"]).await;
    ended.says(0, &["nothing of the run is left"]);
}
