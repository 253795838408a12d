//! The results that are scored: of one run, of its parts, or of other tools, taken together.

use std::collections::HashMap;
use std::path::Path;

use assay_text::visible_line;

use crate::intake::{InputFormat, Intake};
use crate::record::{GuidelineUsed, Run, RunFolder, TestRecord, Verdict};
use crate::render::evidence::{Evidence, Transcript};
use crate::vouch::Doubt;
use crate::warning::Warning;

/// The results of one run, or of its parts, taken together.
#[derive(Debug)]
pub struct Runs {
    folders: Vec<RunFolder>,
    /// What describes the run.
    pub run: Run,
    /// Those of Assay's own tests, then those of other tools.
    records: Vec<TestRecord>,
    native: usize,
    /// What was noticed when they were read.
    pub warnings: Vec<Warning>,
    /// What nobody can vouch for in the folders.
    pub doubts: Vec<Doubt>,
    /// The guidelines that selected the tests, by the folders.
    pub guidelines: Vec<GuidelineUsed>,
    seen: HashMap<String, Verdict>,
}

/// Why results cannot be taken together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartsError {
    /// Two runs have a result of one test.
    #[error("{path} has a result of {id}, and so has a run named before; only parts of one run can be taken together")]
    Twice {
        /// The folder of the second one.
        path: String,
        /// The test.
        id: String,
    },
    /// The runs are of two deployments.
    #[error(
        "{path} is of another deployment ({address}) than the first run ({first}); only parts of one run can be taken together"
    )]
    Elsewhere {
        /// The folder of the second one.
        path: String,
        /// Its address.
        address: String,
        /// The address of the first.
        first: String,
    },
}

impl Runs {
    /// The results of one input.
    ///
    /// # Errors
    ///
    /// It has two results of one test.
    pub fn of(path: &Path, read: Intake, doubts: Vec<Doubt>) -> Result<Self, PartsError> {
        let mut runs = Self {
            folders: Vec::new(),
            run: read.run.clone(),
            records: Vec::new(),
            native: 0,
            warnings: Vec::new(),
            doubts: Vec::new(),
            guidelines: Vec::new(),
            seen: HashMap::new(),
        };
        runs.add(path, read, doubts)?;
        Ok(runs)
    }

    /// Adds another part. The first folder of a run describes it; without a folder, the first input does.
    ///
    /// # Errors
    ///
    /// It is no part of the same run.
    pub fn add(&mut self, path: &Path, read: Intake, doubts: Vec<Doubt>) -> Result<(), PartsError> {
        let own = read.format == InputFormat::Assay;
        let mut overlap = Overlap::default();
        for record in &read.records {
            match self.seen.insert(record.id.clone(), record.verdict) {
                Some(_) if own => {
                    return Err(PartsError::Twice { path: path.display().to_string(), id: visible_line(&record.id) });
                }
                Some(known) => overlap.add(&record.id, known == record.verdict),
                None => {}
            }
        }
        // Within one input, its reader has said so already.
        self.warnings.extend(overlap.beyond(&read.warnings));
        self.is_of(path, &read.run)?;
        let finished = self.run.finished.max(read.run.finished);
        self.doubts.extend(doubts);
        if own {
            self.guidelines.extend(read.run.guideline.clone());
            self.folders.push(RunFolder::at(path));
            if self.run.source.is_some() {
                self.run = read.run;
            }
            let added = read.records.len();
            self.records.splice(self.native..self.native, read.records);
            self.native += added;
        } else {
            self.records.extend(read.records);
        }
        self.run.finished = finished;
        self.warnings.extend(read.warnings);
        Ok(())
    }

    /// Refuses a part of another run.
    fn is_of(&self, path: &Path, run: &Run) -> Result<(), PartsError> {
        let first = &self.run;
        if first.source.is_some() || run.source.is_some() {
            return Ok(());
        }
        // Each run starts a reference deployment of its own.
        let reference = first.deployment.reference && run.deployment.reference;
        if reference || first.deployment.auth_url == run.deployment.auth_url {
            return Ok(());
        }
        Err(PartsError::Elsewhere {
            path: path.display().to_string(),
            address: visible_line(&run.deployment.auth_url),
            first: visible_line(&first.deployment.auth_url),
        })
    }

    /// Every record.
    #[must_use]
    pub fn records(&self) -> &[TestRecord] {
        &self.records
    }

    /// Whether Assay's own tests were run.
    #[must_use]
    pub fn has_native(&self) -> bool {
        !self.folders.is_empty()
    }

    /// The records of Assay's own tests, and those of other tools.
    #[must_use]
    pub fn native_and_published(&self) -> (&[TestRecord], &[TestRecord]) {
        self.records.split_at(self.native)
    }
}

/// Tests that several inputs of other tools have results of.
#[derive(Default)]
struct Overlap {
    alike: usize,
    different: Option<(String, usize)>,
}

impl Overlap {
    fn add(&mut self, id: &str, alike: bool) {
        if alike {
            self.alike += 1;
        } else {
            self.different.get_or_insert_with(|| (id.to_owned(), 0)).1 += 1;
        }
    }

    /// What is to be said of them, beside what was said of the last input itself.
    fn beyond(self, said: &[Warning]) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if let Some((id, tests)) = self.different {
            warnings.push(Warning::Contradicted { id, tests });
        }
        if self.alike > 0 {
            warnings.push(Warning::ReportedAgain { tests: self.alike });
        }
        warnings.retain(|warning| !said.contains(warning));
        warnings
    }
}

impl Evidence for Runs {
    fn transcript(&self, test_id: &str) -> Transcript {
        let has = |folder: &&RunFolder| folder.transcript(test_id).is_file();
        self.folders.iter().find(has).map(|folder| Evidence::transcript(folder, test_id)).unwrap_or_default()
    }
}
