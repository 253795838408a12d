//! The report that the compliance monitor of the Sovereign Cloud Stack takes, as JSON.
//!
//! Its form is that of `create_report` in `Tests/scs-compliance-check.py`, read by `post_report` in
//! `compliance-monitor/monitor.py`, of <https://github.com/SovereignCloudStack/standards>. A result is 1 for a test case that passed, 0
//! for one that was aborted and -1 for one that failed; one that is missing is left out. What people state stands in an
//! invocation of its own. The UUIDs follow from the run, the scope and the results: the monitor takes the report of a run once, and once
//! more where something is stated of it, or where it comes to another verdict.

use assay_guidelines::scope::uuid;
use chrono::NaiveDate;
use indexmap::IndexMap;
use serde::Serialize;

use super::RenderError;
use super::escape::{cut, visible};
use crate::report::{Outcome, Report, TestReport};
use crate::statement::Statement;

/// The most characters of a line.
const LONGEST: usize = 1_000;

#[derive(Serialize)]
struct Monitored<'a> {
    spec: Spec<'a>,
    /// When the results were had, in UTC.
    checked_at: String,
    reference_date: NaiveDate,
    subject: &'a str,
    run: Run<'a>,
}

#[derive(Serialize)]
struct Spec<'a> {
    uuid: &'a str,
    name: &'a str,
    url: &'a str,
}

#[derive(Serialize)]
struct Run<'a> {
    uuid: String,
    argv: Vec<String>,
    assignment: IndexMap<&'a str, String>,
    sections: Option<Vec<String>>,
    forced_version: Option<&'a str>,
    forced_tests: Option<String>,
    invocations: IndexMap<String, Invocation<'a>>,
}

/// What one command did, and the lines that it would have written.
#[derive(Serialize)]
struct Invocation<'a> {
    id: String,
    cmd: String,
    results: IndexMap<&'a str, i8>,
    rc: u8,
    stdout: Vec<String>,
    stderr: Vec<String>,
    info: usize,
    warning: usize,
    error: usize,
    critical: usize,
}

pub fn render(report: &Report) -> Result<String, RenderError> {
    let scope = report.scope.as_ref().ok_or(RenderError::NoScope)?;
    let day = || report.summary.date.and_time(chrono::NaiveTime::MIN).and_utc();
    let checked = report.run.finished.or(report.run.started).unwrap_or_else(day);
    let tests = || report.capabilities.iter().flat_map(|capability| &capability.tests);
    let mut run = format!("{} {} {} {}", report.run.id, report.guideline, scope.subject, checked.to_rfc3339());
    for test in tests() {
        if let Some((_, word)) = counted(test.verdict) {
            run.push_str(&format!("\n{}: {word}", test.name));
        }
        if let Some(stated) = &test.stated {
            run.push_str(&format!(", {}", said(stated)));
        }
    }
    let named = |what: &str| uuid(&scope.uuid, &format!("{run} {what}")).ok_or(RenderError::NoScope);
    let mut invocations = IndexMap::new();
    for (what, cmd, of_people) in
        [("tests", report.summary.again.as_str(), false), ("statements", "assay score --attest", true)]
    {
        let invocation = invocation(named(what)?, cmd, tests().filter(|test| test.stated.is_some() == of_people));
        if !invocation.results.is_empty() {
            invocations.insert(invocation.id.clone(), invocation);
        }
    }
    let version = report.guideline.rsplit_once(['/', '-']).map_or("", |(_, version)| version);
    super::json(&Monitored {
        spec: Spec { uuid: &scope.uuid, name: &scope.name, url: &scope.link },
        checked_at: checked.format("%Y-%m-%dT%H:%M:%S%.6f").to_string(),
        reference_date: report.summary.date,
        subject: &scope.subject,
        run: Run {
            uuid: named("run")?,
            argv: report.run.argv.iter().map(|argument| line(argument)).collect(),
            assignment: [("os_cloud", line(&report.deployment))].into(),
            sections: None,
            forced_version: Some(version),
            forced_tests: None,
            invocations,
        },
    })
}

fn invocation<'a>(id: String, cmd: &str, tests: impl Iterator<Item = &'a TestReport>) -> Invocation<'a> {
    let mut it = Invocation {
        id,
        cmd: line(cmd),
        results: IndexMap::new(),
        rc: 0,
        stdout: Vec::new(),
        stderr: Vec::new(),
        info: 0,
        warning: 0,
        error: 0,
        critical: 0,
    };
    for test in tests {
        let Some((result, word)) = counted(test.verdict) else { continue };
        // A test of several capabilities is told once.
        if it.results.insert(&test.name, result).is_some() {
            continue;
        }
        for deviation in &test.deviations {
            it.warning += 1;
            it.stderr.push(line(&format!("WARNING: {}: {}", test.name, deviation.requirement)));
        }
        if let Some(stated) = &test.stated {
            it.info += 1;
            it.stderr.push(line(&format!("INFO: {}: {}", test.name, said(stated))));
        }
        if result < 1 {
            it.rc = 1;
            let (count, level) = if result < 0 { (&mut it.error, "ERROR") } else { (&mut it.critical, "CRITICAL") };
            *count += 1;
            it.stderr.push(line(&format!("{level}: {}: {}", test.name, why(test))));
        }
        it.stdout.push(format!("{}: {word}", line(&test.name)));
    }
    it
}

/// What the monitor counts for a verdict, and its word for it; none for a test without a result.
fn counted(verdict: Outcome) -> Option<(i8, &'static str)> {
    match verdict {
        Outcome::Pass => Some((1, "PASS")),
        Outcome::Fail => Some((-1, "FAIL")),
        Outcome::Skip | Outcome::Error | Outcome::Timeout => Some((0, "ABORT")),
        Outcome::Interrupted | Outcome::NotRun | Outcome::Missing | Outcome::Manual => None,
    }
}

/// Whose word it is.
fn said(stated: &Statement) -> String {
    format!("stated by {} on {}: {}", stated.author, stated.date, stated.link)
}

/// What was required and what was seen, or the reason.
fn why(test: &TestReport) -> String {
    let seen = |actual: &Option<String>| actual.as_ref().map_or_else(String::new, |actual| format!("; seen: {actual}"));
    match &test.failure {
        Some(failure) => format!("{}{}", failure.requirement, seen(&failure.actual)),
        None => test.reason.clone().unwrap_or_default(),
    }
}

/// One line of what may be any text. The monitor puts lines into its pages as they are (`templates/report.md.j2`): no element may begin
/// in one.
fn line(text: &str) -> String {
    cut(&visible(text).replace('\n', " ").replace('<', "‹").replace('>', "›"), LONGEST)
}
