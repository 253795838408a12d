//! Checks a guideline against the rules of the process by which guidelines are made: see [`RULES`].
//!
//! The loader refuses what is no guideline. What is one, and still breaks a rule that a committee has set itself, is
//! found here, and so is where a worksheet and its guideline contradict each other. A guideline that states what was published is checked like any other: that is how the rules are tried.

mod against;
mod capabilities;
mod flags;
mod identity;
mod interfaces;
mod rule;
pub mod tempest;
mod worksheet;

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{Level, Renderer};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;

use crate::catalogue::{Loaded, Source};
use crate::model::Guideline;
use crate::node::{self, Node};
use crate::problem::{Collector, Drawing, Errors, on_boundaries, position, printable};

pub use rule::{RULES, Rule, Severity};
use tempest::TestList;
pub use worksheet::lint_worksheet;

/// The most findings that are kept of one file; the others are counted.
pub const MOST: usize = 1_000;

/// What a guideline is checked with.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The day on which flags are judged.
    pub day: NaiveDate,
    /// The guideline that it replaces; or, with the same id, an earlier state of itself.
    pub against: Option<&'a Guideline>,
    /// The tests that Tempest has.
    pub tests: Option<&'a TestList>,
}

/// A rule that is broken, and where.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What breaks the rule.
    pub message: String,
    /// What to do.
    pub help: String,
    span: Range<usize>,
    other: Option<(Range<usize>, &'static str)>,
}

/// What was found in one guideline, in the order of its file.
#[derive(Debug, Clone)]
pub struct Report {
    /// The name of the file.
    pub file: String,
    /// The id of the guideline; the title of a worksheet.
    pub id: String,
    /// The id of the guideline it was compared with.
    pub against: Option<String>,
    /// The findings: the first [`MOST`].
    pub findings: Vec<Finding>,
    /// How many errors there are, those that are not kept among them.
    pub errors: usize,
    /// How many warnings there are, those that are not kept among them.
    pub warnings: usize,
    text: String,
}

/// Checks a guideline. It can fail only if the text is none.
pub fn lint(loaded: &Loaded, options: &Options<'_>) -> Result<Report, Errors> {
    let file = match &loaded.source {
        Source::Embedded => format!("{}.yaml", loaded.guideline.id),
        Source::Path(path) => path.display().to_string(),
    };
    let text = loaded.text.strip_prefix('\u{feff}').unwrap_or(&loaded.text);
    let mut broken = Collector::new(&file, text);
    let Some(root) = node::tree(text, &mut broken) else {
        return Err(broken.into_errors());
    };
    let mut found = Found::default();
    let guideline = &loaded.guideline;
    against::check(&root, guideline, options.against, &mut found);
    capabilities::check(&root, guideline, &mut found);
    flags::check(&root, guideline, options.day, &mut found);
    identity::check(&root, &mut found);
    interfaces::check(&root, guideline, &mut found);
    if let Some(tests) = options.tests {
        tempest::check(&root, guideline, tests, &mut found);
    }
    Ok(Report::new(&file, &guideline.id, options.against, found, text))
}

impl Report {
    fn new(file: &str, id: &str, against: Option<&Guideline>, found: Found, text: &str) -> Self {
        let findings = found.findings.into_iter().map(|raw| raw.placed(text));
        let mut findings: Vec<Finding> = findings.collect();
        findings.sort_by_key(|finding| (finding.line, finding.column, finding.rule.code));
        Self {
            file: printable(file),
            id: id.to_owned(),
            against: against.map(|other| other.id.clone()),
            findings,
            errors: found.errors,
            warnings: found.warnings,
            text: text.to_owned(),
        }
    }

    /// How many findings are not kept.
    #[must_use]
    pub fn left_off(&self) -> usize {
        self.errors + self.warnings - self.findings.len()
    }

    /// How many of the findings that are kept break the rule with this code.
    #[must_use]
    pub fn count(&self, code: &str) -> usize {
        self.findings.iter().filter(|finding| finding.rule.code == code).count()
    }

    /// The findings, each with the lines it is about drawn below it; with ANSI colours, if wished.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut text = String::new();
        for finding in &self.findings {
            let drawing = Drawing {
                name: &self.file,
                text: &self.text,
                level: match finding.rule.severity {
                    Severity::Error => Level::ERROR,
                    Severity::Warning => Level::WARNING,
                },
                id: finding.rule.code,
                message: &finding.message,
                help: Some(&finding.help),
                span: Some(&finding.span),
                other: finding.other.as_ref(),
            };
            let _ = writeln!(text, "{}\n", drawing.draw(&renderer));
        }
        if self.left_off() > 0 {
            let _ = writeln!(text, "{} more findings are not shown\n", self.left_off());
        }
        text
    }

    /// The findings as data.
    #[must_use]
    pub fn data(&self) -> LintedFile {
        let findings = self.findings.iter().map(|finding| LintFinding {
            code: finding.rule.code.to_owned(),
            severity: finding.rule.severity,
            line: finding.line,
            column: finding.column,
            message: finding.message.clone(),
            help: finding.help.clone(),
        });
        LintedFile {
            file: self.file.clone(),
            id: self.id.clone(),
            against: self.against.clone(),
            errors: self.errors,
            warnings: self.warnings,
            findings: findings.collect(),
        }
    }
}

/// The value of `schema` in the JSON that `assay guideline lint` prints.
pub const SCHEMA: &str = "assay.lint/1";

/// What `assay guideline lint --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LintOutput {
    /// The version of the format: `assay.lint/1`.
    pub schema: String,
    /// The day on which flags were judged.
    pub date: NaiveDate,
    /// The guidelines and worksheets, in the order in which they were named.
    pub guidelines: Vec<LintedFile>,
}

/// What was found in one guideline or worksheet.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LintedFile {
    /// The name of the file.
    pub file: String,
    /// The id of the guideline; the title of a worksheet.
    pub id: String,
    /// The id of the guideline it was compared with, if any.
    pub against: Option<String>,
    /// How many errors there are.
    pub errors: usize,
    /// How many warnings there are.
    pub warnings: usize,
    /// The findings in the order of the file; at most a thousand.
    pub findings: Vec<LintFinding>,
}

/// A rule that is broken, and where.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LintFinding {
    /// The stable code of the rule, which `assay explain` takes.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What breaks the rule.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Collects what the checks find.
#[derive(Default)]
struct Found {
    findings: Vec<Raw>,
    errors: usize,
    warnings: usize,
}

struct Raw {
    rule: &'static Rule,
    span: Range<usize>,
    message: String,
    help: String,
    other: Option<(Range<usize>, &'static str)>,
}

impl Found {
    fn add(&mut self, rule: &'static Rule, at: &Node, message: String, help: impl Into<String>) {
        self.add_with(rule, at, message, help, None);
    }

    /// Adds a finding that also points at another place.
    fn add_with(
        &mut self,
        rule: &'static Rule,
        at: &Node,
        message: String,
        help: impl Into<String>,
        other: Option<(&Node, &'static str)>,
    ) {
        match rule.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
        }
        if self.findings.len() < MOST {
            let other = other.map(|(node, label)| (node.span.clone(), label));
            self.findings.push(Raw { rule, span: at.span.clone(), message, help: help.into(), other });
        }
    }
}

impl Raw {
    fn placed(self, text: &str) -> Finding {
        let span = on_boundaries(text, &self.span);
        let (line, column) = position(text, span.start);
        Finding {
            rule: self.rule,
            line,
            column,
            message: self.message,
            help: self.help,
            span,
            other: self.other.map(|(range, label)| (on_boundaries(text, &range), label)),
        }
    }
}

/// The tests of every capability: its name, the test, its name, and the place of that name.
fn tests(root: &Node) -> impl Iterator<Item = (&str, &Node, &str, &Node)> {
    crate::rules::entries(root.get("capabilities")).flat_map(|(capability, _, value)| {
        let tests = value.get("tests").map_or(&[][..], Node::items);
        tests.iter().filter_map(move |test| {
            let name = test.get("name")?;
            Some((capability, test, name.text()?, name))
        })
    })
}

/// The capabilities that components require.
fn required(guideline: &Guideline) -> std::collections::HashSet<&str> {
    let lists = guideline.components.values().flat_map(|component| &component.capabilities.required);
    lists.map(String::as_str).collect()
}
