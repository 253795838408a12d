//! The results that are scored: of one run, of its parts, or of another tool.

use std::collections::HashMap;
use std::path::Path;

use assay_reports::record::state::State;
use assay_reports::record::{GuidelineUsed, Run, TestRecord, Verdict};
use assay_reports::{
    Doubt, Evidence, InputFormat, Intake, KnownTest, KnownTests, Maker, RunFolder, Transcript, Warning, Weight, intake,
};
use assay_text::{excerpt, visible_line};

use crate::exit::{Failure, chain};
use crate::output::say;
use crate::registry::registered;

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
    /// What nobody can vouch for in the folders.
    pub doubts: Vec<Doubt>,
    /// The guidelines that selected the tests, by the folders.
    pub guidelines: Vec<GuidelineUsed>,
}

impl Runs {
    /// Reads the inputs. The first folder of a run describes it; where there is none, the first input does.
    pub fn open(paths: &[impl AsRef<Path>], format: Option<InputFormat>) -> Result<Self, Failure> {
        Self::read(paths, format, vouched)
    }

    /// Reads the folder of the run that this process has just made.
    pub fn just_made(folder: &RunFolder) -> Result<Self, Failure> {
        let mine = |folder: &RunFolder, read: &Intake| doubts(folder, read, Maker::Myself);
        Self::read(&[folder.path()], Some(InputFormat::Assay), mine)
    }

    fn read(
        paths: &[impl AsRef<Path>],
        format: Option<InputFormat>,
        vouched: impl Fn(&RunFolder, &Intake) -> Result<Vec<Doubt>, Failure>,
    ) -> Result<Self, Failure> {
        let mut folders = Vec::new();
        let (mut native, mut published) = (Vec::new(), Vec::new());
        let mut warnings = Vec::new();
        let mut seen: HashMap<String, Verdict> = HashMap::new();
        let mut overlap = Overlap::default();
        let mut described: Option<Run> = None;
        let (mut doubts, mut guidelines) = (Vec::new(), Vec::new());
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
                let folder = RunFolder::at(path);
                doubts.extend(vouched(&folder, &read)?);
                guidelines.extend(read.run.guideline.clone());
                folders.push(folder);
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
        Ok(Self { folders, run, records: native, native: counted, warnings, doubts, guidelines })
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

/// What nobody can vouch for in the folder of a run that was read; it is said at once.
pub fn vouched(folder: &RunFolder, read: &Intake) -> Result<Vec<Doubt>, Failure> {
    let key = State::find().and_then(|state| state.run(&read.run.id).ok().flatten());
    doubts(folder, read, key.as_ref().map_or(Maker::Unknown, Maker::Mine))
}

fn doubts(folder: &RunFolder, read: &Intake, maker: Maker<'_>) -> Result<Vec<Doubt>, Failure> {
    let doubts = assay_reports::vouch(folder, &read.run, &read.records, Some(&known()?), maker);
    for doubt in &doubts {
        say(&doubted(&folder.path().display().to_string(), doubt));
    }
    Ok(doubts)
}

/// A doubt as it is said.
fn doubted(about: &str, doubt: &Doubt) -> String {
    /// How many tests or files are named.
    const SHOWN: usize = 3;
    let label = if doubt.weight == Weight::Note { "note" } else { "not vouched for" };
    let named: Vec<String> = doubt.subjects.iter().take(SHOWN).map(|subject| excerpt(subject)).collect();
    let more = doubt.subjects.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let named = if named.is_empty() { String::new() } else { format!(" ({}{more})", named.join(", ")) };
    format!("{label}: {}: {}{named}", visible_line(about), doubt.what)
}

/// The tests that try connections themselves: what is refused there is no exchange.
const SILENT: [&str; 4] = [
    "baremetal.tls.certificate",
    "baremetal.tls.plain-refused",
    "redfish.tls.certificate",
    "redfish.tls.plain-refused",
];

/// Assay's own tests, as results are held against them.
fn known() -> Result<KnownTests, Failure> {
    let known = registered()?.into_iter().map(|test| {
        let shares = test.shares.iter().map(|key| (*key).to_owned()).collect();
        (test.id.to_owned(), KnownTest { uuid: test.covers.to_owned(), shares, silent: SILENT.contains(&test.id) })
    });
    Ok(known.collect())
}

impl Evidence for Runs {
    fn transcript(&self, test_id: &str) -> Transcript {
        let transcripts = self.folders.iter().map(|folder| folder.transcript(test_id)).zip(&self.folders);
        let there = transcripts.into_iter().find(|(path, _)| path.is_file()).map(|(_, folder)| folder);
        there.map(|folder| Evidence::transcript(folder, test_id)).unwrap_or_default()
    }
}
