//! The results that are scored: of one run, of its parts, or of another tool.

use std::collections::HashMap;
use std::path::Path;

use assay_reports::record::{Run, TestRecord, Verdict};
use assay_reports::{Evidence, InputFormat, RunFolder, Transcript, Warning, intake};

use crate::args::InputForm;
use crate::exit::{Failure, chain};

/// The results of one run, or of its parts, taken together.
pub struct Runs {
    folders: Vec<RunFolder>,
    /// What describes the run.
    pub run: Run,
    /// Those of Assay's own tests, then those of other tools.
    records: Vec<TestRecord>,
    native: usize,
    /// What was noticed when they were read.
    pub warnings: Vec<Warning>,
}

impl Runs {
    /// Reads the inputs. The first folder of a run describes it; where there is none, the first input does.
    pub fn open(paths: &[impl AsRef<Path>], format: Option<InputFormat>) -> Result<Self, Failure> {
        let mut folders = Vec::new();
        let (mut native, mut published) = (Vec::new(), Vec::new());
        let mut warnings = Vec::new();
        let mut seen: HashMap<String, Verdict> = HashMap::new();
        let mut overlap = Overlap::default();
        let mut described: Option<Run> = None;
        for path in paths {
            let path = path.as_ref();
            let read = intake::read(path, format).map_err(|error| Failure::usage(chain(&error)))?;
            let own = read.format == InputFormat::Assay;
            for record in &read.records {
                match seen.insert(record.id.clone(), record.verdict) {
                    Some(_) if own => return Err(twice(path, &record.id)),
                    Some(known) => overlap.add(&record.id, known == record.verdict),
                    None => {}
                }
            }
            // Within one input, its reader has said so already.
            if !own {
                warnings.extend(std::mem::take(&mut overlap).beyond(&read.warnings));
            }
            if own {
                folders.push(RunFolder::at(path));
            }
            if let Some(all) = &mut described {
                check_parts(path, all, &read.run)?;
                all.finished = all.finished.max(read.run.finished);
                if own && all.source.is_some() {
                    let finished = all.finished;
                    *all = Run { finished, ..read.run };
                }
            } else {
                described = Some(read.run);
            }
            if own { &mut native } else { &mut published }.extend(read.records);
            warnings.extend(read.warnings);
        }
        let run = described.ok_or_else(|| Failure::usage("name the folder of a run"))?;
        let counted = native.len();
        native.extend(published);
        Ok(Self { folders, run, records: native, native: counted, warnings })
    }

    /// Every record.
    pub fn records(&self) -> &[TestRecord] {
        &self.records
    }

    /// Whether Assay's own tests were run.
    pub fn has_native(&self) -> bool {
        !self.folders.is_empty()
    }

    /// The records of Assay's own tests, and those of other tools.
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

/// Refuses a part of another run.
fn check_parts(path: &Path, first: &Run, run: &Run) -> Result<(), Failure> {
    if first.source.is_some() || run.source.is_some() {
        return Ok(());
    }
    // Each run starts a reference deployment of its own.
    let reference = first.deployment.reference && run.deployment.reference;
    if reference || first.deployment.auth_url == run.deployment.auth_url {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{} is of another deployment ({}) than the first run ({}); only parts of one run can be taken together",
        path.display(),
        run.deployment.auth_url,
        first.deployment.auth_url
    )))
}

fn twice(path: &Path, id: &str) -> Failure {
    Failure::usage(format!(
        "{} has a result of {id}, and so has a run named before; only parts of one run can be taken together",
        path.display()
    ))
}

impl Evidence for Runs {
    fn transcript(&self, test_id: &str) -> Transcript {
        let transcripts = self.folders.iter().map(|folder| folder.transcript(test_id)).zip(&self.folders);
        let there = transcripts.into_iter().find(|(path, _)| path.is_file()).map(|(_, folder)| folder);
        there.map(|folder| Evidence::transcript(folder, test_id)).unwrap_or_default()
    }
}

impl From<InputForm> for InputFormat {
    fn from(form: InputForm) -> Self {
        match form {
            InputForm::Assay => Self::Assay,
            InputForm::SubunitV1 => Self::SubunitV1,
            InputForm::SubunitV2 => Self::SubunitV2,
            InputForm::Junit => Self::Junit,
            InputForm::Refstack => Self::Refstack,
        }
    }
}
