//! `assay score`: score a run's folder, again or under another guideline, or another tool's results.

use std::path::{Path, PathBuf};

use assay_guidelines::Loaded;
use assay_guidelines::catalogue::Error;
use assay_reports::product;
use assay_reports::record::writing;
use assay_reports::{Format, InputFormat, Report, Runs, Weight, refstack};
use assay_text::excerpt;
use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::arguments::guideline::{GuidelineArguments, target};
use crate::arguments::judging::JudgingArguments;
use crate::exit::{Code, Failure, chain};
use crate::folder::own_folder;
use crate::inputs;
use crate::output::{data, json as print, json_text, say, style};

/// `assay score`.
#[derive(Debug, Args)]
pub struct ScoreArguments {
    /// What a command of its own does now.
    #[arg(long, hide = true, value_name = "FILE")]
    pub profile: Option<PathBuf>,
    /// The run's folder, or a file of another tool's results; several are taken together, as the parts of one run.
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// The form of the inputs, where it is not to be found from their content.
    #[arg(long, value_enum, value_name = "FORM")]
    pub input_format: Option<InputFormat>,
    /// The guidelines; the one of the run unless given.
    #[arg(long, value_name = "ID")]
    pub guideline: Vec<String>,
    /// The target; the one of the run unless given.
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// What the vendor says of the product, in place of what the run says.
    #[arg(long, value_name = "FILE")]
    pub product: Option<PathBuf>,
    /// Whose rules count: Assay's, or those of RefStack's report page, which gives numbers and no reasons (text or JSON).
    #[arg(long, value_enum, default_value_t = Rules::Assay)]
    pub rules: Rules,
    /// Print in this format; several guidelines make an array in JSON.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Write the reports in every format into this folder, one within it for each guideline.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
    /// How the run is judged.
    #[command(flatten)]
    pub judging: JudgingArguments,
}

/// Whose rules count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Rules {
    /// Assay's own.
    Assay,
    /// Those of RefStack's report page.
    Refstack,
}

pub fn run(arguments: &ScoreArguments) -> Result<Code, Failure> {
    if arguments.profile.is_some() {
        return Err(Failure::usage("profiles have a command of their own: `assay profile score FILE RUN`"));
    }
    let runs = inputs::open(&arguments.inputs, arguments.input_format)?;
    let run = &runs.run;
    let guidelines = if arguments.guideline.is_empty() {
        vec![recorded(&runs, &arguments.guidelines)?]
    } else {
        arguments.guideline.iter().map(|id| arguments.guidelines.get(id)).collect::<Result<Vec<_>, _>>()?
    };
    let several = guidelines.len() > 1;
    if several && arguments.format == Format::ScsReport {
        return Err(Failure::usage("the compliance monitor takes one version's report at a time; name one guideline"));
    }
    if several && matches!(arguments.format, Format::Html | Format::Junit) && arguments.out.is_none() {
        return Err(Failure::usage(
            "of several guidelines, pages and JUnit files cannot stand one after the other; write them into a folder with --out",
        ));
    }
    let product = arguments.product.as_deref().map(product::read).transpose().map_err(Failure::usage)?;
    let mut code = Code::Done;
    let mut objects = Vec::new();
    for (at, loaded) in guidelines.iter().enumerate() {
        let name = arguments.target.as_deref().or(run.target.as_deref());
        let (text, object) = match arguments.rules {
            Rules::Refstack => {
                let name = name.map(|name| refstack::target_name(&loaded.guideline, name));
                let target = target(loaded, name)?;
                let (native, published) = runs.native_and_published();
                let score = refstack::score(&loaded.guideline, &target, native, published).map_err(Failure::usage)?;
                // RefStack had no doubts; what contradicts itself is not shown to be so all the same.
                let contradicted = runs.doubts.iter().any(|doubt| doubt.weight == Weight::Contradiction);
                let good = score.compliant && !contradicted;
                code = code.max(if good { Code::Done } else { Code::NotConformant });
                (score.text(), json(&score)?)
            }
            Rules::Assay => {
                let target = target(loaded, name)?;
                let judged = arguments.judging.judge(&runs, loaded, &target, product.clone(), &arguments.guidelines)?;
                code = code.max(judged.code);
                if let Some(out) = &arguments.out {
                    write(&runs, out.join(loaded.guideline.id.replace('/', "-")), &judged.report)?;
                }
                match arguments.format {
                    Format::Json if several => (String::new(), json(&judged.report)?),
                    // They stand in the folder.
                    Format::Html | Format::Junit if several => (String::new(), Value::Null),
                    format => (render(&runs, &judged.report, format)?, Value::Null),
                }
            }
        };
        match (arguments.format, arguments.rules) {
            (Format::Json, _) if several => objects.push(object),
            (Format::Json, Rules::Refstack) => print(&object)?,
            (Format::Text, Rules::Refstack) | (_, Rules::Assay) => {
                // What stands one after the other is told apart.
                let between = if at > 0 && !text.is_empty() { "\n\n" } else { "" };
                let text = format!("{between}{text}");
                if arguments.format == Format::Json { json_text(&text)? } else { data(&text)? }
            }
            (_, Rules::Refstack) => {
                return Err(Failure::usage(
                    "RefStack's numbers are printed as text or as JSON; give --format text or json",
                ));
            }
        }
    }
    if several && arguments.format == Format::Json {
        print(&Value::Array(objects))?;
    }
    Ok(code)
}

/// The guideline that the run says it used. What stands in its folder may be a stranger's: it names a guideline of this
/// Assay, or of the folders that the command line names, and no file; and it must be the very one.
fn recorded(runs: &Runs, guidelines: &GuidelineArguments) -> Result<Loaded, Failure> {
    let Some(used) = &runs.run.guideline else {
        return Err(Failure::usage("the run names no guideline; name one with --guideline"));
    };
    let shown = excerpt(&used.id);
    if !is_id(&used.id) {
        return Err(Failure::usage(format!(
            "the run's folder says that `{shown}` is its guideline, which is no id (`family/version`), and files that a \
             folder names are not opened; name the guideline with --guideline"
        )));
    }
    let loaded = guidelines.catalogue()?.listed(&used.id).map_err(|error| match error {
        Error::Unknown { .. } => Failure::usage(format!(
            "the run used the guideline `{shown}`, which is unknown to this Assay; name its file with --guideline, or a \
             folder that has it with --guidelines"
        )),
        error => Failure::usage(error),
    })?;
    if let Some(other) = runs.guidelines.iter().find(|other| other.id != used.id || other.sha256 != loaded.sha256) {
        return Err(Failure::usage(format!(
            "the run used another guideline than the one that would judge it: {} (SHA-256 {}), and {} from {} has SHA-256 \
             {}; name the one that is to judge with --guideline, or a folder that has the run's with --guidelines",
            excerpt(&other.id),
            excerpt(&other.sha256),
            loaded.guideline.id,
            loaded.source,
            loaded.sha256
        )));
    }
    Ok(loaded)
}

/// Whether this is an id, `family/version`, and nothing that could be a path.
fn is_id(text: &str) -> bool {
    let plain = |part: &str| {
        part.starts_with(|letter: char| letter.is_ascii_alphanumeric())
            && part.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_'))
    };
    text.split_once('/').is_some_and(|(family, version)| plain(family) && plain(version))
}

fn json(value: &impl serde::Serialize) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(Failure::defect)
}

fn render(runs: &Runs, report: &Report, format: Format) -> Result<String, Failure> {
    if format == Format::Text {
        return assay_reports::render_text(report, style()).map_err(Failure::defect);
    }
    assay_reports::render(format, report, runs).map_err(|error| Failure::usage(chain(&error)))
}

/// Writes a report in every format, with the evidence of the run, into another folder.
fn write(runs: &Runs, out: PathBuf, report: &Report) -> Result<(), Failure> {
    let cannot = |path: &std::path::Path, error: std::io::Error| {
        Failure::usage(format!("cannot write {}: {error}", path.display()))
    };
    own_folder(&out).map_err(|error| cannot(&out, error))?;
    for format in Format::ALL {
        let text = assay_reports::render(format, report, runs).map_err(|error| Failure::usage(chain(&error)))?;
        let path = out.join(format.file_name());
        writing::replace(&out, Path::new(format.file_name()), text.as_bytes()).map_err(|error| cannot(&path, error))?;
    }
    say(&format!("report: {}", out.join(Format::Html.file_name()).display()));
    Ok(())
}
