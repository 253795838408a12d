//! `assay diff`: what changed from one run to a later one.

use std::path::{Path, PathBuf};

use assay_reports::changes::Changes;
use assay_reports::{GuidelineFormat, InputFormat, Intake, RunFolder, intake, render_changes};
use clap::Args;

use crate::exit::{Code, Failure, chain};
use crate::inputs::vouched;
use crate::output::{data, json_text, say, style};

/// `assay diff`.
#[derive(Debug, Args)]
pub struct DiffArguments {
    /// The earlier run: its folder, or a file of another tool's results.
    #[arg(value_name = "BEFORE")]
    pub before: PathBuf,
    /// The later run.
    #[arg(value_name = "AFTER")]
    pub after: PathBuf,
    /// The form of both, where it is not to be found from their content.
    #[arg(long, value_enum, value_name = "FORM")]
    pub input_format: Option<InputFormat>,
    /// Print in this format.
    #[arg(long, value_enum, default_value_t = GuidelineFormat::Text)]
    pub format: GuidelineFormat,
}

/// Compares two runs; the exit status is 1 where a test that passed does not pass any more.
pub fn run(arguments: &DiffArguments) -> Result<Code, Failure> {
    let read = |path: &Path| read(path, arguments.input_format);
    let (before, after) = (read(&arguments.before)?, read(&arguments.after)?);
    let changes = Changes::between((&before.run, &before.records), (&after.run, &after.records));
    let text = render_changes(arguments.format, &changes, style()).map_err(Failure::defect)?;
    if arguments.format == GuidelineFormat::Json {
        json_text(&text)?;
    } else {
        data(&text)?;
    }
    Ok(if changes.is_worse() { Code::NotConformant } else { Code::Done })
}

fn read(path: &Path, format: Option<InputFormat>) -> Result<Intake, Failure> {
    let read = intake::read(path, format).map_err(|error| Failure::usage(chain(&error)))?;
    if read.format == InputFormat::Assay {
        vouched(&RunFolder::at(path), &read)?;
    }
    for warning in &read.warnings {
        say(&format!("warning: {}: {warning}", path.display()));
    }
    Ok(read)
}
