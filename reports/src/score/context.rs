//! What a score depends on beside the guideline and the records.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::record::Run;
use crate::report::ScopeShown;
use crate::statement::Statement;
use crate::vouch::Doubt;
use crate::waiver::Waiver;
use crate::warning::Warning;

/// What a score depends on beside the guideline and the records.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The run that made the records.
    pub run: &'a Run,
    /// The day on which flags and waivers are judged.
    pub today: NaiveDate,
    /// The vendor's waivers.
    pub waivers: &'a [Waiver],
    /// What people state of tests that no program decides.
    pub statements: &'a [Statement],
    /// The scope of the Sovereign Cloud Stack that the guideline is a version of.
    pub scope: Option<&'a ScopeShown>,
    /// Whether a deviation in a required test counts as a fail.
    pub strict: bool,
    /// The UUIDs or published names of the tests that Assay implements, when its own tests were run.
    pub native: Option<&'a BTreeSet<String>>,
    /// What was noticed while the run's folder was read.
    pub warnings: &'a [Warning],
    /// What nobody can vouch for in the run's folder.
    pub doubts: &'a [Doubt],
}

impl<'a> Context<'a> {
    /// No waivers, no statements, not strict, nothing known of native tests, and no doubts.
    #[must_use]
    pub fn new(run: &'a Run, today: NaiveDate) -> Self {
        Self {
            run,
            today,
            waivers: &[],
            statements: &[],
            scope: None,
            strict: false,
            native: None,
            warnings: &[],
            doubts: &[],
        }
    }
}
