//! Reading a run's folder back: what a killed run leaves, and what nobody's run leaves.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use assay_reports::record::Verdict;
use assay_reports::record::folder::Warning;
use assay_reports::{Evidence, Format, Report, RunFolder, RunFolderError, report_file, write_all};

use crate::runs::{all_pass, exchange, mixed_report, record, run};

/// A folder that is removed with its last use.
struct Temporary(RunFolder);

impl Temporary {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("assay-reports-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(RunFolder::at(path))
    }

    fn with_run() -> Self {
        let folder = Self::new();
        fs::write(folder.0.run_json(), serde_json::to_string_pretty(&run()).unwrap()).unwrap();
        folder
    }

    fn results(&self, text: impl AsRef<[u8]>) {
        fs::write(self.0.results(), text).unwrap();
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.0.path());
    }
}

fn line(number: u32, verdict: Verdict) -> String {
    serde_json::to_string(&record(number, verdict)).unwrap() + "\n"
}

#[test]
fn what_was_written_is_read_back() {
    let folder = Temporary::with_run();
    let lines: Vec<_> = (1..=9).map(|number| line(number, Verdict::Pass)).collect();
    folder.results(lines.concat());
    let opened = RunFolder::open(folder.0.path()).unwrap();
    let (read, records, warnings) = opened.load().unwrap();
    assert_eq!(read, run());
    assert_eq!(records, all_pass());
    assert!(warnings.is_empty());
}

#[test]
fn the_cut_last_line_of_a_killed_run_is_left_out_with_a_warning() {
    let folder = Temporary::with_run();
    let second = line(2, Verdict::Pass).replace("Test 2", "Täst 2");
    let whole = [line(1, Verdict::Pass).into_bytes(), second.into_bytes()].concat();
    let first_end = line(1, Verdict::Pass).len();
    // Wherever it is cut, in the middle of a character too.
    for end in first_end + 1..whole.len() - 1 {
        folder.results(&whole[..end]);
        let (_, records, warnings) = folder.0.load().unwrap();
        if end < whole.len() - 1 {
            assert_eq!(records.len(), 1, "cut at {end}");
            assert!(matches!(warnings[..], [Warning::CutShort { line: 2, .. }]));
        }
    }
    folder.results(&whole[..whole.len() - 1]);
    let (_, records, warnings) = folder.0.load().unwrap();
    assert_eq!((records.len(), warnings.len()), (2, 0), "only the line end is gone");
}

#[test]
fn a_bad_line_elsewhere_is_an_error_that_says_where() {
    let folder = Temporary::with_run();
    folder.results(format!("{}{{\"id\": \"x\"}}\n{}", line(1, Verdict::Pass), line(2, Verdict::Pass)));
    let error = folder.0.load().unwrap_err().to_string();
    assert!(error.contains("results.jsonl:2: column "), "{error}");
    assert!(error.contains("missing field `verdict`"), "{error}");
}

#[test]
fn a_member_of_a_newer_version_is_passed_over_and_one_that_is_missing_is_not() {
    let folder = Temporary::with_run();
    let newer = |text: String| text.replacen('{', "{\"later\": {\"a\": [1]}, ", 1);
    fs::write(folder.0.run_json(), newer(serde_json::to_string(&run()).unwrap())).unwrap();
    folder.results(newer(line(1, Verdict::Pass)));
    let (read, records, warnings) = folder.0.load().unwrap();
    assert_eq!((read, records, warnings.len()), (run(), vec![record(1, Verdict::Pass)], 0));

    folder.results(line(1, Verdict::Pass).replace("\"verdict\"", "\"verdct\""));
    let error = folder.0.load().unwrap_err().to_string();
    assert!(error.contains("missing field `verdict`"), "{error}");
}

#[test]
fn a_line_without_end_is_refused_before_it_fills_the_memory() {
    let folder = Temporary::with_run();
    folder.results(vec![b' '; 5 * 1024 * 1024]);
    let error = folder.0.load().unwrap_err();
    assert!(error.to_string().contains("longer than"), "{error}");
}

#[test]
fn a_file_of_ten_gigabytes_is_refused() {
    let folder = Temporary::with_run();
    for path in [folder.0.results(), folder.0.run_json()] {
        let file = fs::File::create(&path).unwrap();
        file.set_len(10 * 1024 * 1024 * 1024).unwrap();
        let error = folder.0.load().unwrap_err();
        assert!(matches!(error, RunFolderError::TooLarge { .. }), "{error}");
        assert!(error.to_string().contains(&*path.to_string_lossy()), "{error}");
    }
}

#[test]
fn of_several_records_of_a_test_the_last_counts() {
    let folder = Temporary::with_run();
    let lines = [line(1, Verdict::Fail), line(2, Verdict::Pass), line(1, Verdict::Pass)];
    folder.results(lines.concat());
    let (_, records, warnings) = folder.0.load().unwrap();
    assert_eq!(records, [record(1, Verdict::Pass), record(2, Verdict::Pass)]);
    assert!(matches!(warnings[..], [Warning::Repeated { records: 2, .. }]));
}

#[test]
fn a_name_in_a_warning_steers_no_terminal() {
    let repeated = Warning::Repeated { id: "a\u{0}\u{1b}[2Jb".to_owned(), records: 2 };
    assert!(repeated.to_string().starts_with("a\\u{0}\\u{1b}[2Jb was recorded"), "{repeated}");
}

#[test]
fn a_run_without_results_is_empty_with_a_warning() {
    let folder = Temporary::with_run();
    let (_, records, warnings) = folder.0.load().unwrap();
    assert!(records.is_empty());
    assert!(matches!(warnings[..], [Warning::NoResults { .. }]));
}

#[test]
fn a_folder_that_is_no_run_says_so() {
    let folder = Temporary::new();
    let error = RunFolder::open(folder.0.path()).unwrap_err();
    assert!(matches!(error, RunFolderError::NoRun(_)), "{error}");
    let error = RunFolder::open(folder.0.path().join("not-there")).unwrap_err();
    assert!(matches!(error, RunFolderError::NoFolder(_)), "{error}");
}

#[test]
fn a_run_of_a_later_version_is_called_that() {
    let folder = Temporary::new();
    fs::write(folder.0.run_json(), r#"{"schema": "assay.run/2", "cloud": "demo"}"#).unwrap();
    let error = folder.0.load().unwrap_err().to_string();
    assert!(error.contains("assay.run/2"), "{error}");
}

#[test]
fn a_broken_run_says_where_it_is_broken() {
    let folder = Temporary::new();
    fs::write(folder.0.run_json(), "{\n  \"schema\": \"assay.run/1\",\n  \"id\": 7\n}").unwrap();
    let error = folder.0.load().unwrap_err().to_string();
    assert!(error.contains("run.json:3: column "), "{error}");
}

/// The ids in a folder from someone else must not lead to another file.
#[test]
fn the_id_of_a_test_cannot_lead_out_of_the_folder() {
    let folder = RunFolder::at("run");
    for id in ["../../secret", "/etc/passwd", "..", "a/../../b", "a\0b", ".hidden"] {
        let path = folder.transcript(id);
        assert_eq!(path.parent(), Some(Path::new("run/transcripts")), "{id}");
        assert!(!path.file_name().unwrap().to_string_lossy().starts_with('.'), "{id}");
    }
    assert_ne!(folder.transcript("a/b"), folder.transcript("a_b"));
    assert_eq!(
        folder.transcript("identity.tokens.create-with-password"),
        Path::new("run/transcripts/identity.tokens.create-with-password.jsonl")
    );
}

#[test]
fn a_transcript_is_read_as_far_as_it_is_whole() {
    let folder = Temporary::with_run();
    fs::create_dir(folder.0.transcripts()).unwrap();
    let text = serde_json::to_string(&exchange(1)).unwrap() + "\n{\"number\": 2, \"st";
    fs::write(folder.0.transcript("native.test-1"), text).unwrap();
    let transcript = Evidence::transcript(&folder.0, "native.test-1");
    assert_eq!(transcript.exchanges, [exchange(1)]);
    assert!(transcript.note.is_some());
}

#[test]
fn every_report_is_written_and_the_json_reads_back() {
    let folder = Temporary::with_run();
    let report = mixed_report();
    write_all(&folder.0, &report).unwrap();
    let mut names: Vec<_> =
        fs::read_dir(folder.0.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let mut expected: Vec<_> = Format::ALL.map(|format| format.file_name().to_owned()).into();
    expected.push("run.json".into());
    expected.sort();
    assert_eq!(names, expected);
    let text = fs::read_to_string(report_file(&folder.0, Format::Json)).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
}

#[test]
fn a_report_that_cannot_be_written_names_its_file_and_leaves_no_part() {
    let folder = Temporary::with_run();
    // A folder stands where the file should come.
    fs::create_dir(report_file(&folder.0, Format::Markdown)).unwrap();
    let error = write_all(&folder.0, &mixed_report()).unwrap_err();
    assert!(error.to_string().contains("report.md"), "{error}");
    assert!(!folder.0.path().join("report.part").exists());
}
