//! `assay guideline history`: a family of guidelines, or one thing in it, in order of date.

use assay_guidelines::history::Series;
use assay_reports::{GuidelineFormat, render_family, render_history};
use clap::Args;

use crate::arguments::guideline::GuidelineArguments;
use crate::exit::{Code, Failure};
use crate::output::{data, style};

/// `assay guideline history`.
#[derive(Debug, Args)]
pub struct HistoryArguments {
    /// What is followed: a capability, a test (name, alias or UUID), or a flag's code. Without it, the whole family.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// The family of guidelines.
    #[arg(long, value_name = "FAMILY", default_value = "openstack-powered")]
    pub family: String,
    /// Print in this format.
    #[arg(long, value_enum, default_value_t = GuidelineFormat::Text)]
    pub format: GuidelineFormat,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
}

/// Tells the history.
pub fn run(arguments: &HistoryArguments) -> Result<Code, Failure> {
    let day = arguments.guidelines.day();
    let series = Series::of(&arguments.guidelines.catalogue()?, &arguments.family, day).map_err(Failure::usage)?;
    let format = arguments.format;
    let text = match &arguments.name {
        Some(name) => render_history(format, &series.follow(name, day).map_err(Failure::nothing)?, style()),
        None => render_family(format, &series.census(), style()),
    };
    data(&text.map_err(Failure::defect)?)?;
    Ok(Code::Done)
}
