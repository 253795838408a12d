//! The audit: each test was held against what it covers, and `audit/` says what came of it, one line a test. What a test
//! refers to is known, and no two tests cover the same.

#![expect(clippy::unwrap_used, reason = "all of this is a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What the audit says of a test.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// The function, below `src`.
    ours: String,
    /// The published tests that it covers, as Tempest or the Sovereign Cloud Stack calls them; none of what this project
    /// drafted itself.
    #[serde(default)]
    published: Vec<String>,
    /// What the published test asserts; of a draft, what ours requires, with the clause for each.
    asserts: String,
    /// What ours looks at beyond that, as deviations.
    #[serde(default)]
    beyond: Option<String>,
    /// Where ours requires something in another way, and why that is right.
    #[serde(default)]
    differs: Option<String>,
    /// What a newer release of the published test asserts instead.
    #[serde(default)]
    newer: Option<String>,
    /// What was changed in ours for the audit.
    #[serde(default)]
    changed: Option<String>,
}

/// The APIs, and the standard, whose tests are drafts of this project.
const DRAFTS: [&str; 3] = ["baremetal.", "redfish.", "scs-0302-"];
/// What the ids of the Sovereign Cloud Stack's test cases begin with.
const SCS: &str = "scs-";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|other| other == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The lines of all files, by the id of the test.
fn lines() -> BTreeMap<String, Line> {
    let mut all = BTreeMap::new();
    for file in files(&root().join("audit"), "yaml") {
        let text = fs::read_to_string(&file).unwrap();
        let lines: BTreeMap<String, Line> =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let written = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        assert_eq!(written, lines.len(), "{}: each test must have one line of its own", file.display());
        for (id, line) in lines {
            assert!(all.insert(id.clone(), line).is_none(), "{id} has two lines");
        }
    }
    all
}

/// The function of each test, by its id: `compute::servers::create`.
fn functions() -> BTreeMap<String, String> {
    let source = root().join("src");
    let mut functions = BTreeMap::new();
    for file in files(&source, "rs") {
        let module = file.strip_prefix(&source).unwrap().with_extension("");
        let module = module.to_string_lossy().replace('/', "::");
        let text = fs::read_to_string(&file).unwrap();
        for part in text.split("#[conformance(").skip(1) {
            let between = |before: &str, after: &[char]| {
                let (_, rest) = part.split_once(before)?;
                rest.split(after).next().map(str::to_owned)
            };
            let ids = ids(part);
            if ids.is_empty() {
                continue;
            }
            let name = between("async fn ", &['(', '<']).unwrap();
            functions.extend(ids.into_iter().map(|id| (id, format!("{module}::{name}"))));
        }
    }
    functions
}

/// The ids of the tests that a function is, as its attribute has them: one, or that of each case.
fn ids(part: &str) -> Vec<String> {
    let attribute = part.split("async fn ").next().unwrap();
    let quoted = |text: &str| text.split('"').nth(1).map(str::to_owned);
    if let Some((_, id)) = attribute.split_once("id = ") {
        return quoted(id).into_iter().collect();
    }
    let Some((_, cases)) = attribute.split_once("cases = [") else { return Vec::new() };
    cases.split('(').filter(|case| case.trim_start().starts_with('"')).filter_map(quoted).collect()
}

#[test]
fn every_test_has_its_line_and_every_line_its_test() {
    assay_capabilities::link();
    let tests: BTreeSet<String> = assay_kit::registered().unwrap().iter().map(|test| test.id.to_owned()).collect();
    let lines = lines();
    let audited: BTreeSet<String> = lines.keys().cloned().collect();
    let missing: Vec<_> = tests.difference(&audited).collect();
    assert!(missing.is_empty(), "add a line to the file of their API in `capabilities/audit/` for {missing:?}");
    let unknown: Vec<_> = audited.difference(&tests).collect();
    assert!(unknown.is_empty(), "`capabilities/audit/` has lines for what is no test: {unknown:?}");
    let functions = functions();
    for (id, line) in &lines {
        assert_eq!(functions.get(id), Some(&line.ours), "right is what `ours` says of {id}, left its function");
    }
}

#[test]
fn each_line_says_what_was_looked_at() {
    for (id, line) in lines() {
        let draft = DRAFTS.iter().any(|draft| id.starts_with(draft));
        assert_eq!(line.published.is_empty(), draft, "{id}: `published` must name what it covers; a draft has none");
        for name in &line.published {
            if id.starts_with(SCS) {
                assert_eq!(*name, id, "a test case of SCS is called the same here");
                continue;
            }
            let method = name.rsplit('.').next().unwrap_or_default();
            assert!(
                name.starts_with("tempest.api.") && method.starts_with("test_"),
                "{id}: {name} is no test of Tempest"
            );
        }
        let texts = [Some(&line.asserts), line.beyond.as_ref(), line.differs.as_ref(), line.newer.as_ref()];
        for text in texts.into_iter().chain([line.changed.as_ref()]).flatten() {
            assert!(text.trim().len() > 3, "{id}: `{text}` says nothing");
        }
        if draft {
            assert!(line.asserts.contains('['), "{id}: `asserts` must name in brackets the clause that says so");
        }
    }
}

#[test]
fn every_test_refers_to_a_known_document_and_covers_a_published_test_of_its_own() {
    assay_capabilities::link();
    let mut covered = BTreeMap::new();
    for test in assay_kit::registered().unwrap() {
        let (id, spec) = (test.id, test.spec);
        let known = assay_capabilities::spec::address(spec).is_some();
        assert!(
            known,
            "{id}: `spec` must begin with a document of `capabilities/src/spec.rs` and `#`, and is `{spec}`"
        );
        if let Some(other) = covered.insert(test.covers, id) {
            panic!("{other} and {id} have the same `covers`: {}", test.covers);
        }
    }
}
