//! `assay score`: score a run's folder, again or under another guideline.

use std::path::PathBuf;

use assay_guidelines::Loaded;
use assay_reports::product::Product;
use assay_reports::report::TargetVerdict;
use assay_reports::{Context, Format, Report, RunFolder, waiver};

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
    let folder = RunFolder::open(&arguments.run).map_err(|error| Failure::usage(chain(&error)))?;
    let (run, _, _) = folder.load().map_err(|error| Failure::usage(chain(&error)))?;
    let mut ids = arguments.guideline.clone();
    if ids.is_empty() {
        let Some(used) = &run.guideline else {
            return Err(Failure::usage("the run names no guideline; name one with --guideline"));
        };
        ids.push(used.id.clone());
    }
    let product = arguments.product.as_deref().map(Product::read).transpose().map_err(Failure::usage)?;
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
        let judged = judge(&folder, &loaded, &target, product.clone(), &arguments.judging, &arguments.guidelines)?;
        code = code.max(judged.code);
        if let Some(out) = &arguments.out {
            write(&folder, out.join(loaded.guideline.id.replace('/', "-")), &judged.report)?;
        }
        data(&render(&folder, &judged.report, arguments.format)?)?;
    }
    Ok(code)
}

/// Scores a run's folder under a target of a guideline.
pub fn judge(
    folder: &RunFolder,
    loaded: &Loaded,
    target: &str,
    product: Option<Product>,
    judging: &JudgingArguments,
    guidelines: &GuidelineArguments,
) -> Result<Judged, Failure> {
    let (mut run, records, warnings) = folder.load().map_err(|error| Failure::usage(chain(&error)))?;
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
        warnings: &warnings,
    };
    let report = assay_reports::score(&loaded.guideline, target, &records, &context).map_err(Failure::usage)?;
    let code = match report.verdict {
        TargetVerdict::Conformant => Code::Done,
        TargetVerdict::NotConformant | TargetVerdict::Unknown => Code::NotConformant,
    };
    Ok(Judged { report, code })
}

fn render(folder: &RunFolder, report: &Report, format: ReportFormat) -> Result<String, Failure> {
    let format = match format {
        ReportFormat::Text => return assay_reports::render_text(report, style()).map_err(Failure::defect),
        ReportFormat::Json => Format::Json,
        ReportFormat::Markdown => Format::Markdown,
        ReportFormat::Html => Format::Html,
        ReportFormat::Junit => Format::Junit,
    };
    assay_reports::render(format, report, folder).map_err(|error| Failure::usage(chain(&error)))
}

/// Writes a report in every format, with the evidence of the run, into another folder.
fn write(folder: &RunFolder, out: PathBuf, report: &Report) -> Result<(), Failure> {
    let cannot = |path: &std::path::Path, error: std::io::Error| {
        Failure::usage(format!("cannot write {}: {error}", path.display()))
    };
    std::fs::create_dir_all(&out).map_err(|error| cannot(&out, error))?;
    for format in Format::ALL {
        let text = assay_reports::render(format, report, folder).map_err(|error| Failure::usage(chain(&error)))?;
        let path = out.join(format.file_name());
        std::fs::write(&path, text).map_err(|error| cannot(&path, error))?;
    }
    say(&format!("report: {}", out.join(Format::Html.file_name()).display()));
    Ok(())
}
