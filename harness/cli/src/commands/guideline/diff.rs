//! `assay guideline diff`: what changes from one guideline to another.

use assay_guidelines::diff::Diff;
use assay_reports::{GuidelineFormat, render_diff};
use clap::Args;

use crate::arguments::guideline::GuidelineArguments;
use crate::exit::{Code, Failure};
use crate::output::{data, style};

/// `assay guideline diff`.
#[derive(Debug, Args)]
pub struct DiffArguments {
    /// The guideline as it was: `family/version`, `family/latest`, or a file.
    #[arg(value_name = "OLD")]
    pub old: String,
    /// The guideline as it shall be.
    #[arg(value_name = "NEW")]
    pub new: String,
    /// Print in this format.
    #[arg(long, value_enum, default_value_t = GuidelineFormat::Text)]
    pub format: GuidelineFormat,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
}

/// Compares two guidelines.
pub fn run(arguments: &DiffArguments) -> Result<Code, Failure> {
    let old = arguments.guidelines.get(&arguments.old)?.guideline;
    let new = arguments.guidelines.get(&arguments.new)?.guideline;
    let diff = Diff::between(&old, &new);
    data(&render_diff(arguments.format, &diff, style()).map_err(Failure::defect)?)?;
    Ok(Code::Done)
}
