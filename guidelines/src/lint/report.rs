//! What was found in one guideline or worksheet, drawn and as data.

use std::fmt::Write as _;

use annotate_snippets::{Level, Renderer};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::Guideline;
use crate::problem::{Drawing, printable};

use super::found::{Finding, Found};
use super::rule::Severity;

/// What was found in one guideline, in the order of its file.
#[derive(Debug, Clone)]
pub struct Report {
    /// The name of the file.
    pub file: String,
    /// The id of the guideline; the title of a worksheet.
    pub id: String,
    /// The id of the guideline it was compared with.
    pub against: Option<String>,
    /// The findings: the first [`MOST`](super::MOST).
    pub findings: Vec<Finding>,
    /// How many errors there are, those that are not kept among them.
    pub errors: usize,
    /// How many warnings there are, those that are not kept among them.
    pub warnings: usize,
    text: String,
}

impl Report {
    pub(super) fn new(file: &str, id: &str, against: Option<&Guideline>, found: Found, text: &str) -> Self {
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

    /// The findings, each with the lines it is about drawn below it; with ANSI colours, if wanted.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut text = String::new();
        for finding in &self.findings {
            let drawing = Drawing {
                name: &self.file,
                text: &self.text,
                is_secret: false,
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
