//! Checks a guideline against the rules of the process by which guidelines are made: see [`RULES`].
//!
//! The loader refuses what is no guideline. What is one, and still breaks a rule that a committee has set itself, is
//! found here, and so is where a worksheet and its guideline contradict each other. A guideline that states what was published is checked like any other: that is how the rules are tried.

mod against;
mod capabilities;
mod flags;
mod found;
mod identity;
mod interfaces;
mod listed;
mod report;
mod rule;
pub mod tempest;
mod worksheet;

use chrono::NaiveDate;

use crate::load::{Loaded, Source};
use crate::model::Guideline;
use crate::node;
use crate::problem::{Collector, Errors};

use found::Found;
pub use found::{Finding, MOST};
pub use report::{LintFinding, LintOutput, LintedFile, Report, SCHEMA};
pub use rule::{RULES, Rule, Severity};
use tempest::TestList;
pub use worksheet::lint_worksheet;

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

/// Checks a guideline. It can fail only if the text is not a guideline.
pub fn lint(loaded: &Loaded, options: &Options<'_>) -> Result<Report, Errors> {
    let file = match &loaded.source {
        Source::Embedded => format!("{}.yaml", loaded.guideline.id),
        Source::Path(path) => path.display().to_string(),
    };
    let text = loaded.text.strip_prefix('\u{feff}').unwrap_or(&loaded.text);
    let mut broken = Collector::of(&crate::kind::GUIDELINE, &file, text);
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
