//! `assay guideline timeline`: what a product can certify against on a day, and until when it may carry the mark.

use clap::Args;

use crate::arguments::formats::TextOrJson;
use crate::arguments::guideline::GuidelineArguments;
use crate::exit::{Code, Failure};
use crate::output::{data, json};

/// `assay guideline timeline`.
#[derive(Debug, Args)]
pub struct TimelineArguments {
    /// The family, such as `openstack-powered`.
    #[arg(value_name = "FAMILY")]
    pub family: String,
    /// Print in this format.
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub format: TextOrJson,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
}

pub fn run(arguments: &TimelineArguments) -> Result<Code, Failure> {
    let catalogue = arguments.guidelines.catalogue()?;
    let timeline = catalogue.timeline(&arguments.family, arguments.guidelines.day()).map_err(Failure::usage)?;
    if arguments.format == TextOrJson::Json {
        json(&timeline)?;
    } else {
        data(&timeline.chart())?;
    }
    Ok(Code::Done)
}
