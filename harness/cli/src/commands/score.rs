//! `assay score`: score a run's folder, again or under another guideline.

use std::path::{Path, PathBuf};

use assay_guidelines::Loaded;
use assay_reports::product::{self, Product};
use assay_reports::record::{Run, TestRecord};
use assay_reports::report::TargetVerdict;
use assay_reports::{Context, Evidence, Format, Report, RunFolder, Transcript, Warning, waiver};

use super::run::native;
use super::target;
use crate::args::{GuidelineArguments, JudgingArguments, ReportFormat, ScoreArguments};
use crate::exit::{Code, Failure, chain};
use crate::output::{data, say, style};

/// A score, and the exit status that it means.
pub struct Judged {
    pub report: Report,
    pub code: Code,
}

pub fn run(arguments: &ScoreArguments) -> Result<Code, Failure> {
    let runs = Runs::open(&arguments.runs)?;
    let run = &runs.run;
    let mut ids = arguments.guideline.clone();
    if ids.is_empty() {
        let Some(used) = &run.guideline else {
            return Err(Failure::usage("the run names no guideline; name one with --guideline"));
        };
        ids.push(used.id.clone());
    }
    let product = arguments.product.as_deref().map(product::read).transpose().map_err(Failure::usage)?;
    let mut code = Code::Done;
    for id in &ids {
        let loaded = arguments.guidelines.get(id)?;
        if let Some(used) = run.guideline.as_ref().filter(|used| used.id == loaded.guideline.id)
            && used.sha256 != loaded.sha256
        {
            say(&format!("warning: {} is not the file that the run used; it has changed since", used.id));
        }
        let name = arguments.target.as_deref().or(run.target.as_deref());
        let target = target(&loaded, name)?;
        let judged = judge(&runs, &loaded, &target, product.clone(), &arguments.judging, &arguments.guidelines)?;
        code = code.max(judged.code);
        if let Some(out) = &arguments.out {
            write(&runs, out.join(loaded.guideline.id.replace('/', "-")), &judged.report)?;
        }
        data(&render(&runs, &judged.report, arguments.format)?)?;
    }
    Ok(code)
}

/// The folders of one run, or of its parts, taken together.
pub struct Runs {
    folders: Vec<RunFolder>,
    run: Run,
    records: Vec<TestRecord>,
    warnings: Vec<Warning>,
}

impl Runs {
    /// Reads the folders; the first describes the run.
    pub fn open(paths: &[impl AsRef<Path>]) -> Result<Self, Failure> {
        let mut runs: Option<Self> = None;
        for path in paths {
            let folder = RunFolder::open(path.as_ref()).map_err(|error| Failure::usage(chain(&error)))?;
            let (run, records, warnings) = folder.load().map_err(|error| Failure::usage(chain(&error)))?;
            let Some(all) = &mut runs else {
                runs = Some(Self { folders: vec![folder], run, records, warnings });
                continue;
            };
            // Each run starts a reference deployment of its own.
            let reference = all.run.deployment.reference && run.deployment.reference;
            if !reference && all.run.deployment.auth_url != run.deployment.auth_url {
                return Err(Failure::usage(format!(
                    "{} is of another deployment ({}) than the first run ({}); only parts of one run can be taken together",
                    path.as_ref().display(),
                    run.deployment.auth_url,
                    all.run.deployment.auth_url
                )));
            }
            if let Some(twice) = records.iter().find(|record| all.records.iter().any(|known| known.id == record.id)) {
                return Err(Failure::usage(format!(
                    "{} has a result of {}, and so has a run named before; only parts of one run can be taken together",
                    path.as_ref().display(),
                    twice.id
                )));
            }
            all.folders.push(folder);
            all.records.extend(records);
            all.warnings.extend(warnings);
            all.run.finished = all.run.finished.max(run.finished);
        }
        runs.ok_or_else(|| Failure::usage("name the folder of a run"))
    }
}

impl Evidence for Runs {
    fn transcript(&self, test_id: &str) -> Transcript {
        let transcripts = self.folders.iter().map(|folder| folder.transcript(test_id)).zip(&self.folders);
        let there = transcripts.into_iter().find(|(path, _)| path.is_file()).map(|(_, folder)| folder);
        there.map(|folder| Evidence::transcript(folder, test_id)).unwrap_or_default()
    }
}

/// Scores a run's folder under a target of a guideline.
pub fn judge(
    runs: &Runs,
    loaded: &Loaded,
    target: &str,
    product: Option<Product>,
    judging: &JudgingArguments,
    guidelines: &GuidelineArguments,
) -> Result<Judged, Failure> {
    let mut run = runs.run.clone();
    if product.is_some() {
        run.product = product;
    }
    let waivers = judging.waivers.as_deref().map(waiver::read).transpose().map_err(Failure::usage)?;
    let native = native()?;
    let context = Context {
        run: &run,
        today: guidelines.day(),
        waivers: waivers.as_deref().unwrap_or_default(),
        strict: judging.strict,
        native: Some(&native),
        warnings: &runs.warnings,
    };
    let report = assay_reports::score(&loaded.guideline, target, &runs.records, &context).map_err(Failure::usage)?;
    let code = match report.verdict {
        TargetVerdict::Conformant => Code::Done,
        TargetVerdict::NotConformant | TargetVerdict::Unknown => Code::NotConformant,
    };
    Ok(Judged { report, code })
}

fn render(runs: &Runs, report: &Report, format: ReportFormat) -> Result<String, Failure> {
    let format = match format {
        ReportFormat::Text => return assay_reports::render_text(report, style()).map_err(Failure::defect),
        ReportFormat::Json => Format::Json,
        ReportFormat::Markdown => Format::Markdown,
        ReportFormat::Html => Format::Html,
        ReportFormat::Junit => Format::Junit,
    };
    assay_reports::render(format, report, runs).map_err(|error| Failure::usage(chain(&error)))
}

/// Writes a report in every format, with the evidence of the run, into another folder.
fn write(runs: &Runs, out: PathBuf, report: &Report) -> Result<(), Failure> {
    let cannot = |path: &std::path::Path, error: std::io::Error| {
        Failure::usage(format!("cannot write {}: {error}", path.display()))
    };
    std::fs::create_dir_all(&out).map_err(|error| cannot(&out, error))?;
    for format in Format::ALL {
        let text = assay_reports::render(format, report, runs).map_err(|error| Failure::usage(chain(&error)))?;
        let path = out.join(format.file_name());
        std::fs::write(&path, text).map_err(|error| cannot(&path, error))?;
    }
    say(&format!("report: {}", out.join(Format::Html.file_name()).display()));
    Ok(())
}
