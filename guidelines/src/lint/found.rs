//! What the checks find.

use std::ops::Range;

use crate::node::Node;
use crate::problem::{on_boundaries, position};

use super::rule::{Rule, Severity};

/// The most findings that are kept of one file; the others are counted.
pub const MOST: usize = 1_000;

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
    pub(super) span: Range<usize>,
    pub(super) other: Option<(Range<usize>, &'static str)>,
}

/// Collects what the checks find.
#[derive(Default)]
pub(super) struct Found {
    pub findings: Vec<Raw>,
    pub errors: usize,
    pub warnings: usize,
}

pub(super) struct Raw {
    rule: &'static Rule,
    span: Range<usize>,
    message: String,
    help: String,
    other: Option<(Range<usize>, &'static str)>,
}

impl Found {
    pub fn add(&mut self, rule: &'static Rule, at: &Node, message: String, help: impl Into<String>) {
        self.add_with(rule, at, message, help, None);
    }

    /// Adds a finding that also points at another place.
    pub fn add_with(
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
    /// The finding with its place in this text.
    pub fn placed(self, text: &str) -> Finding {
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
