//! `assay score`: score a run's folder, again or under another guideline, or another tool's results.

use std::path::PathBuf;

use assay_guidelines::Loaded;
use assay_reports::product::{self, Product};
use assay_reports::report::TargetVerdict;
use assay_reports::{Context, Format, Report, refstack, waiver};
use serde_json::Value;

use super::run::native;
use super::target;
use crate::args::{GuidelineArguments, JudgingArguments, ReportFormat, Rules, ScoreArguments};
use crate::exit::{Code, Failure, chain};
use crate::inputs::Runs;
use crate::output::{data, say, style};

/// A score, and the exit status that it means.
pub struct Judged {
    pub report: Report,
    pub code: Code,
}

pub fn run(arguments: &ScoreArguments) -> Result<Code, Failure> {
    if let Some(profile) = &arguments.profile {
        return super::profile::score(arguments, profile);
    }
    let runs = Runs::open(&arguments.inputs, arguments.input_format.map(Into::into))?;
    let run = &runs.run;
    let mut ids = arguments.guideline.clone();
    if ids.is_empty() {
        let Some(used) = &run.guideline else {
            return Err(Failure::usage("the run names no guideline; name one with --guideline"));
        };
        ids.push(used.id.clone());
    }
    let several = ids.len() > 1;
    if several && matches!(arguments.format, ReportFormat::Html | ReportFormat::Junit) && arguments.out.is_none() {
        return Err(Failure::usage(
            "of several guidelines, pages and JUnit files cannot stand one after the other; write them into a folder with --out",
        ));
    }
    let product = arguments.product.as_deref().map(product::read).transpose().map_err(Failure::usage)?;
    let mut code = Code::Done;
    let mut objects = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let loaded = arguments.guidelines.get(id)?;
        if let Some(used) = run.guideline.as_ref().filter(|used| used.id == loaded.guideline.id)
            && used.sha256 != loaded.sha256
        {
            say(&format!("warning: {} is not the file that the run used; it has changed since", used.id));
        }
        let name = arguments.target.as_deref().or(run.target.as_deref());
        let (text, object) = match arguments.rules {
            Rules::Refstack => {
                let name = name.map(|name| refstack::target_name(&loaded.guideline, name));
                let target = target(&loaded, name)?;
                let (native, published) = runs.native_and_published();
                let score = refstack::score(&loaded.guideline, &target, native, published).map_err(Failure::usage)?;
                code = code.max(if score.compliant { Code::Done } else { Code::NotConformant });
                (score.text(), json(&score)?)
            }
            Rules::Assay => {
                let target = target(&loaded, name)?;
                let judged =
                    judge(&runs, &loaded, &target, product.clone(), &arguments.judging, &arguments.guidelines)?;
                code = code.max(judged.code);
                if let Some(out) = &arguments.out {
                    write(&runs, out.join(loaded.guideline.id.replace('/', "-")), &judged.report)?;
                }
                match arguments.format {
                    ReportFormat::Json if several => (String::new(), json(&judged.report)?),
                    // They stand in the folder.
                    ReportFormat::Html | ReportFormat::Junit if several => (String::new(), Value::Null),
                    format => (render(&runs, &judged.report, format)?, Value::Null),
                }
            }
        };
        match (arguments.format, arguments.rules) {
            (ReportFormat::Json, _) if several => objects.push(object),
            (ReportFormat::Json, Rules::Refstack) => data(&pretty(&object))?,
            (ReportFormat::Text, Rules::Refstack) | (_, Rules::Assay) => {
                // What stands one after the other is told apart.
                let between = if at > 0 && !text.is_empty() { "\n\n" } else { "" };
                data(&format!("{between}{text}"))?;
            }
            (_, Rules::Refstack) => {
                return Err(Failure::usage(
                    "RefStack's numbers are printed as text or as JSON; give --format text or json",
                ));
            }
        }
    }
    if several && arguments.format == ReportFormat::Json {
        data(&pretty(&Value::Array(objects)))?;
    }
    Ok(code)
}

fn json(value: &impl serde::Serialize) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(Failure::defect)
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
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
    // What Assay implements matters only where its own tests were run.
    let native = runs.has_native().then(native).transpose()?;
    let context = Context {
        run: &run,
        today: guidelines.day(),
        waivers: waivers.as_deref().unwrap_or_default(),
        strict: judging.strict,
        native: native.as_ref(),
        warnings: &runs.warnings,
    };
    let report = assay_reports::score(&loaded.guideline, target, runs.records(), &context).map_err(Failure::usage)?;
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
